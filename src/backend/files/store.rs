//! The store contract over a folder.

use super::CAPABILITIES;
use super::config::Settings;
use super::error;
use super::folder::Folder;
use super::names::Names;
use super::sweep::Sweep;
use crate::backend::file_lock::{Byte, LockFile};
use crate::backend::pace::Extent;
use crate::backend::{Environment, fork};
use crate::error::{Kind, Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal, Token};
use crate::session::reference::{Assignment, Cursor, References, Terms, Told};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, renameat};
use nix::libc::{gid_t, uid_t};
use nix::sys::stat::{FileStat, Mode, UtimensatFlags, fchmod, fstat, fstatat, futimens, utimensat};
use nix::sys::time::TimeSpec;
use nix::unistd::{Gid, Uid, UnlinkatFlags, close, fchown, fsync, ftruncate, read, unlinkat, write};
use std::ffi::CStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// What PHP's `session.gc_maxlifetime` is when nobody sets it.
const PHP_LIFETIME: Duration = Duration::from_secs(1440);

/// Lifetimes beyond this are cut: not every file system can date a file later.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Up to this size the buffer is cleared and filled by one call; beyond, clearing costs more than calls.
const ONE_READ: usize = 64 * 1024;

/// Tries to find a temporary name that nobody has.
const ATTEMPTS: usize = 8;

/// Sessions as files of one folder.
///
/// A file's age says when its session was last used, and a session is expired when that is
/// further back than the lifetime in force (`set_lifetime`). A record that is given another
/// lifetime is dated back or forward by the difference, so that PHP's own handler and cron jobs
/// agree on when it ends.
pub struct Files {
    pub(super) settings: Settings,
    clock: Clock,
    pub(super) folder: Folder,
    names: Names,
    pub(super) locks: LockFile,
    pub(super) lifetime: Duration,
    /// The session that the present request found alive: it may outlive its lifetime in its hands.
    pub(super) alive: Alive,
    /// Sessions have references.
    kept: bool,
    told: Told,
    /// Where the next look at the index goes on.
    pub(super) swept: Option<Cursor>,
}

/// What is known of a session that was found alive; of none, if the id is empty.
#[derive(Default)]
pub(super) struct Alive {
    id: Vec<u8>,
    /// Whose its file is.
    owner: Owner,
}

/// User and group.
type Owner = (uid_t, gid_t);

impl Alive {
    pub(super) fn is(&self, id: SessionId<'_>) -> bool {
        self.id == id.as_bytes()
    }
}

impl Files {
    pub(super) fn new(settings: Settings, environment: &Environment) -> Self {
        Self {
            clock: environment.clock.clone(),
            folder: Folder::new(environment.allow_path),
            names: Names::new(settings.style.clone()),
            locks: LockFile::new("files", settings.path.join(Names::lock_file())),
            lifetime: PHP_LIFETIME,
            alive: Alive::default(),
            kept: false,
            told: Told::default(),
            swept: None,
            settings,
        }
    }

    /// Does `action` with the folder and the file's name. `None`: there is no such file.
    fn find<T>(
        &mut self,
        id: SessionId<'_>,
        operation: Operation,
        doing: &str,
        action: impl Fn(&OwnedFd, &CStr) -> nix::Result<T>,
    ) -> Result<Option<T>> {
        if !self.names.spell(id) {
            return Ok(None);
        }
        let mut again = true;
        loop {
            let folder = self.folder.descriptor_for(&self.settings, &self.names, operation)?;
            match action(folder, self.names.spelled()) {
                Ok(found) => return Ok(Some(found)),
                // Nothing here: perhaps because the folder is no longer the one of that path.
                Err(Errno::ENOENT) if again && self.folder.moved(&self.settings) => again = false,
                Err(Errno::ENOENT) => return Ok(None),
                Err(errno) => return Err(error::file(&self.settings.path, operation, doing, errno)),
            }
        }
    }

    /// Whether a file found under a session's name is a session's, and not expired.
    pub(super) fn is_live(&self, status: &FileStat, operation: Operation) -> Result<bool> {
        self.folder.accept(status).map_err(|what| error::planted(&self.settings.path, operation, what))?;
        Ok(!is_expired(status, self.lifetime, self.clock.now_ms()))
    }

    pub(super) fn status(&mut self, id: SessionId<'_>, operation: Operation) -> Result<Option<FileStat>> {
        self.find(id, operation, "cannot look at the session's file", |folder, name| {
            fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW)
        })
    }

    /// What a file that is to live for `ttl` is dated. `None`: the system's own present time.
    fn date(&self, ttl: Duration) -> Option<TimeSpec> {
        let (ttl, lifetime) = (ttl.min(LONGEST), self.lifetime);
        if matches!(self.clock, Clock::System) && ttl == lifetime {
            return None;
        }
        let date = millis(ttl) + i64::try_from(self.clock.now_ms()).unwrap_or(i64::MAX / 4) - millis(lifetime);
        Some(
            TimeSpec::from_duration(Duration::ZERO)
                + TimeSpec::new(date.div_euclid(1000), date.rem_euclid(1000) * 1_000_000),
        )
    }

    /// Dates a file that is there. False if it is not.
    pub(super) fn redate(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        // With both of them "now" the system asks for write permission only, not for ownership.
        let (atime, mtime) = match self.date(ttl) {
            Some(date) => (TimeSpec::UTIME_OMIT, date),
            None => (TimeSpec::UTIME_NOW, TimeSpec::UTIME_NOW),
        };
        let done = self.find(id, Operation::Touch, "cannot date the session's file", |folder, name| {
            utimensat(folder, name, &atime, &mtime, UtimensatFlags::NoFollowSymlink)
        })?;
        Ok(done.is_some())
    }

    fn sweep(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let folder = self.folder.descriptor(&self.settings)?;
        let (lifetime, now_ms) = (self.lifetime.min(max_lifetime), self.clock.now_ms());
        Sweep::new(&self.names, &mut self.locks, lifetime, now_ms, extent).run(folder).map_err(|errno| {
            let doing =
                "cannot list the folder (where a system service removes old sessions, set session.gc_probability=0)";
            error::file(&self.settings.path, Operation::Gc, doing, errno)
        })
    }

    /// Whether a lease still means that nobody else has the session. Where it does not, perhaps
    /// the whole folder was exchanged.
    fn holds(&mut self, lease: &Lease) -> bool {
        let holds = self.locks.holds(lease);
        if !holds {
            self.folder.moved(&self.settings);
        }
        holds
    }

    /// Opens a temporary file beside the name that was spelled last.
    fn create(&mut self) -> Result<OwnedFd> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mode = Mode::from_bits_truncate(self.settings.mode);
        let mut failure = Errno::EEXIST;
        for attempt in 0..ATTEMPTS {
            self.names.next_temporary(fork::generation(), failure == Errno::EEXIST && attempt > 0)?;
            let folder = self.folder.descriptor_for(&self.settings, &self.names, Operation::Write)?;
            match openat(folder, self.names.temporary(), flags, mode) {
                Ok(file) => return Ok(file),
                Err(Errno::ENOENT) if self.folder.moved(&self.settings) => failure = Errno::ENOENT,
                Err(Errno::ENOENT) if self.settings.style.depth > 0 => {
                    if !self.settings.create_dirs {
                        return Err(error::no_branch(&self.settings.path));
                    }
                    self.folder.branch_out(&self.settings, self.names.branch())?;
                    failure = Errno::ENOENT;
                }
                Err(Errno::EEXIST) => failure = Errno::EEXIST,
                Err(errno) => {
                    failure = errno;
                    break;
                }
            }
        }
        Err(error::file(&self.settings.path, Operation::Write, "cannot create a temporary file", failure))
    }

    /// Whose the file that root is about to replace is: it stays that one's, who could not read the
    /// session otherwise. A program of root's that looks after sessions must not lock their users out.
    fn owner_to_keep(&mut self, id: SessionId<'_>) -> Option<Owner> {
        let owner = if self.alive.is(id) {
            self.alive.owner
        } else {
            let folder = self.folder.same_descriptor(&self.settings).ok()?;
            let old = fstatat(folder, self.names.spelled(), AtFlags::AT_SYMLINK_NOFOLLOW).ok()?;
            self.folder.accept(&old).is_ok().then_some((old.st_uid, old.st_gid))?
        };
        Some(owner).filter(|(user, _)| *user != 0)
    }

    /// Removes the temporary file that was made last; if that fails, gc will do it.
    fn discard(&mut self) {
        if let Ok(folder) = self.folder.same_descriptor(&self.settings) {
            let _ = unlinkat(folder, self.names.temporary(), UnlinkatFlags::NoRemoveDir);
        }
    }

    /// Fills the temporary file and puts it in the session's place.
    fn replace(&mut self, id: SessionId<'_>, file: OwnedFd, data: &[u8], ttl: Duration) -> nix::Result<()> {
        // The umask is the process's and a script may set it: look what came of it.
        let made = fstat(&file)?;
        if made.st_mode & 0o7777 != self.settings.mode {
            fchmod(&file, Mode::from_bits_truncate(self.settings.mode))?;
        }
        if made.st_uid == 0
            && let Some((user, group)) = self.owner_to_keep(id)
        {
            fchown(&file, Some(Uid::from_raw(user)), Some(Gid::from_raw(group)))?;
        }
        write_all(&file, data)?;
        if let Some(date) = self.date(ttl) {
            futimens(&file, &TimeSpec::UTIME_OMIT, &date)?;
        }
        if self.settings.sync {
            fsync(&file)?;
        }
        // A network file system may say only here that it has no room.
        close(file)?;
        let folder = self.folder.same_descriptor(&self.settings).map_err(|_| Errno::ENOENT)?;
        renameat(folder, self.names.temporary(), folder, self.names.spelled())?;
        if self.settings.sync {
            let branch = self.names.branch();
            let branch = if branch.is_empty() { b"." } else { branch };
            // A folder that may not be listed cannot be opened for this, and then it is not done.
            let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
            if let Ok(branch) = openat(folder, branch, flags, Mode::empty()) {
                fsync(&branch)?;
            }
        }
        Ok(())
    }
}

impl Files {
    /// Overwrites the session's file where it is, as PHP's own handler does. False if there is none.
    fn overwrite(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<bool> {
        // Without waiting: a pipe under the session's name would never open.
        let flags = OFlag::O_WRONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = self.find(id, Operation::Write, "cannot open the session's file", |folder, name| {
            openat(folder, name, flags, Mode::empty())
        })?;
        let Some(file) = file else { return Ok(false) };
        let path = &self.settings.path;
        let failed = |errno| {
            let doing = "the session's file was overwritten in part (atomic=1 would have kept the old one)";
            error::file(path, Operation::Write, doing, errno)
        };
        let status = fstat(&file).map_err(failed)?;
        self.folder.accept(&status).map_err(|what| error::planted(path, Operation::Write, what))?;
        write_all(&file, data).map_err(failed)?;
        let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
        if status.st_size > length {
            ftruncate(&file, length).map_err(failed)?;
        }
        match self.date(ttl) {
            Some(date) => futimens(&file, &TimeSpec::UTIME_OMIT, &date).map_err(failed)?,
            // Nothing was written that would have dated the file.
            None if data.is_empty() => {
                futimens(&file, &TimeSpec::UTIME_NOW, &TimeSpec::UTIME_NOW).map_err(failed)?;
            }
            None => {}
        }
        if self.settings.sync {
            fsync(&file).map_err(failed)?;
        }
        close(file).map_err(failed)?;
        Ok(true)
    }
}

impl Files {
    /// [`Store::write`], of the file alone.
    pub(super) fn write_record(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        if !self.names.spell(id) {
            return Err(error::unnameable(&self.settings.path));
        }
        if !self.settings.atomic && self.overwrite(id, data, ttl)? {
            return Ok(());
        }
        for last in [false, true] {
            let file = self.create()?;
            match self.replace(id, file, data, ttl) {
                Ok(()) => return Ok(()),
                // Somebody swept the temporary file away, or exchanged the folder.
                Err(Errno::ENOENT) if !last => {}
                Err(errno) => {
                    self.discard();
                    return Err(error::file(
                        &self.settings.path,
                        Operation::Write,
                        "the session was not stored and its old record stays",
                        errno,
                    ));
                }
            }
        }
        Ok(())
    }

    /// [`Store::read`], with whose the file is.
    fn read_record(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<Option<Owner>> {
        // Nothing that was planted under the name may be followed, or make the call wait.
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let file = self.find(id, Operation::Read, "cannot open the session's file", |folder, name| {
            openat(folder, name, flags, Mode::empty())
        })?;
        let Some(file) = file else {
            return Ok(None);
        };
        let failed = |errno| error::file(&self.settings.path, Operation::Read, "cannot read the session's file", errno);
        let status = fstat(&file).map_err(failed)?;
        if !self.is_live(&status, Operation::Read)? {
            return Ok(None);
        }
        let size = usize::try_from(status.st_size).unwrap_or(0);
        fill(file, size, into).map_err(failed)?;
        Ok(Some((status.st_uid, status.st_gid)))
    }

    /// [`Store::touch`], of the file alone.
    pub(super) fn keep_record(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        // The date of a file that only gc has not yet come to must not bring it back to life.
        Ok(self.exists(id)? && self.redate(id, ttl)?)
    }

    /// [`Store::destroy`], of the file alone.
    pub(super) fn destroy_record(&mut self, id: SessionId<'_>) -> Result<()> {
        if self.alive.is(id) {
            self.alive.id.clear();
        }
        self.find(id, Operation::Destroy, "cannot remove the session's file", |folder, name| {
            unlinkat(folder, name, UnlinkatFlags::NoRemoveDir)
        })
        .map(drop)
    }
}

fn write_all(file: &OwnedFd, mut rest: &[u8]) -> nix::Result<()> {
    while !rest.is_empty() {
        match write(file, rest) {
            Ok(0) => return Err(Errno::ENOSPC),
            Ok(written) => rest = &rest[written..],
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

impl Store for Files {
    fn name(&self) -> &'static str {
        "files"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn endpoint(&self) -> String {
        self.settings.path.display().to_string()
    }

    fn accepts(&self, id: SessionId<'_>) -> bool {
        self.names.can_spell(id)
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime.min(LONGEST);
    }

    fn keep_references(&mut self) {
        self.kept = true;
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        CAPABILITIES.references.then_some(self as &mut dyn References)
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        Ok(self.read_record(id, into)?.is_some())
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        if !self.kept {
            return self.write_record(id, data, ttl);
        }
        let told = self.told.take();
        self.write_referred(id, data, ttl, &told.terms())
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        if !self.kept {
            return self.keep_record(id, ttl);
        }
        let told = self.told.take();
        self.keep_referred(id, ttl, &told.terms())
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        if self.kept { self.destroy_referred(id) } else { self.destroy_record(id) }
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        match self.status(id, Operation::Validate)? {
            Some(status) => self.is_live(&status, Operation::Validate),
            None => Ok(false),
        }
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        if self.kept {
            self.sweep_references()?;
        }
        self.sweep(max_lifetime, Extent::Brief)
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        if self.kept {
            self.swept = None;
            Extent::Whole.repeat(|| self.sweep_references())?;
        }
        self.sweep(max_lifetime, Extent::Whole)
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        // For the errors that name the folder instead of the lock file.
        self.folder.same_descriptor(&self.settings)?;
        Ok(match self.locks.lock(Byte::of(id), request.wait)? {
            Some(guard) => LockState::Held(Lease { token: Token::counted(), guard: Some(Box::new(guard)) }),
            None => LockState::Busy(Refusal::default()),
        })
    }

    fn unlock(&mut self, _id: SessionId<'_>, lease: Lease) -> Result<()> {
        drop(lease);
        Ok(())
    }

    fn renew(&mut self, _id: SessionId<'_>, lease: &Lease, _length: Duration) -> Result<bool> {
        Ok(self.holds(lease))
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        self.alive.id.clear();
        // The lock leaves no trace: it can be taken before it is known whether there is a session.
        let mut lock = LockState::NotTaken;
        if let Some(wanted) = &request.lock {
            lock = self.lock(id, wanted)?;
            if matches!(lock, LockState::Busy(_)) {
                return Ok(Opened { found: false, lock });
            }
        }
        let owner = self.read_record(id, into)?;
        if let Some(owner) = owner {
            self.alive.id.extend_from_slice(id.as_bytes());
            self.alive.owner = owner;
            if let Some(ttl) = request.extend {
                self.redate(id, ttl)?;
            }
        } else if !request.lock_missing {
            lock = LockState::NotTaken;
        }
        Ok(Opened { found: owner.is_some(), lock })
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        let written = if self.holds(&lease) {
            self.write(id, data, ttl).map(|()| Committed::Done)
        } else {
            Ok(Committed::LeaseLost)
        };
        self.alive.id.clear();
        written
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        let told = if self.kept { self.told.take() } else { Told::default() };
        let terms = told.terms();
        let kept = if terms.reference != Assignment::Keep {
            self.keep_referred(id, ttl, &terms)
        } else if extended {
            self.exists(id)
        } else if self.alive.is(id) {
            self.redate(id, ttl)
        } else {
            self.keep_record(id, ttl)
        };
        match kept {
            Ok(true) => {}
            // Another user's file that we may read and not date: it becomes ours.
            Err(error) if error.kind() != Kind::Denied => return Err(error),
            _ if lease.as_ref().is_some_and(|lease| !self.holds(lease)) => {
                return Ok(Committed::LeaseLost);
            }
            _ if self.kept => self.write_referred(id, data, ttl, &terms)?,
            _ => self.write_record(id, data, ttl)?,
        }
        self.alive.id.clear();
        drop(lease);
        Ok(Committed::Done)
    }
}

/// Reads a file of about `size` bytes to its end.
fn fill(file: OwnedFd, size: usize, into: &mut Vec<u8>) -> nix::Result<()> {
    let begin = into.len();
    if size == 0 {
        return Ok(());
    }
    if size > ONE_READ {
        into.reserve_exact(size);
        let all = File::from(file).take(u64::try_from(size).unwrap_or(u64::MAX)).read_to_end(into);
        return all.map(drop).map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(0)));
    }
    into.resize(begin + size, 0);
    let mut filled = begin;
    while filled < begin + size {
        match read(&file, &mut into[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    into.truncate(filled);
    Ok(())
}

/// Whether a file's session has outlived `lifetime` at the time `now_ms`.
pub(super) fn is_expired(status: &FileStat, lifetime: Duration, now_ms: u64) -> bool {
    let used = status.st_mtime.saturating_mul(1000).saturating_add(status.st_mtime_nsec / 1_000_000);
    used.saturating_add(millis(lifetime)) <= i64::try_from(now_ms).unwrap_or(i64::MAX)
}

/// When the session of a file ends, in seconds since 1970.
pub(super) fn expiry(status: &FileStat, lifetime: Duration) -> u64 {
    u64::try_from(status.st_mtime).unwrap_or_default().saturating_add(lifetime.as_secs())
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_secs())
        .map_or(i64::MAX / 4, |seconds| seconds.saturating_mul(1000).saturating_add(i64::from(time.subsec_millis())))
}
