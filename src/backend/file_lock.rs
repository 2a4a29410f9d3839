//! Locks of sessions on a local file system: each session is one byte of one lock file.
//!
//! The byte is locked as an open file description's lock (`F_OFD_SETLK`), so that
//!
//! - a lock dies with its process, however that dies;
//! - waiters sleep in the kernel and are woken in order of arrival;
//! - no file per session is needed: asking for the lock of an unknown id leaves no trace;
//! - replacing a session's file by a rename does not swap the locked file away.
//!
//! A free lock costs three system calls: one takes it, one looks whether somebody stands in line
//! for it, one whether the lock file is still there. Giving it back costs one. `docs/adr/0002-file-locks.md` has the alternatives.

use super::fork;
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::Lease;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc::{dev_t, ino_t};
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, lstat};
use nix::unistd::geteuid;
use parking_lot::Mutex;
use std::ffi::{CStr, CString};
use std::fmt;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Whether this system has locks of this kind.
pub(crate) const AVAILABLE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// How often a lock file that vanished under our hands is opened anew before we give up.
const ATTEMPTS: usize = 5;

/// How long the name of the lock file is trusted to mean the file that is open. That the file was
/// deleted is seen at once; this is for one that was moved away.
const TRUST: Duration = Duration::from_secs(1);

/// Threads of this process that may sleep for a lock, abandoned ones included. One more polls.
const MAX_WAITERS: usize = 64;

/// The pause of one that polls.
const POLL: Duration = Duration::from_millis(5);

/// How often one that may not wait asks again where a thread that gave up is still in the queue:
/// that one gets the lock for an instant when it is released, and then it is free.
const PASSING: u32 = 10;
const PASSING_PAUSE: Duration = Duration::from_millis(1);

static WAITERS: AtomicUsize = AtomicUsize::new(0);

/// Those of them that nobody waits for any more.
static ABANDONED: AtomicIsize = AtomicIsize::new(0);

/// The process that these numbers are about; a child has none of its parent's threads.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// The byte of the lock file that stands for a session, or for a chore that one process does at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Byte(i64);

impl Byte {
    /// Collecting garbage. Beyond all bytes that ids and their lines have.
    #[cfg(feature = "sqlite")]
    pub(crate) const GC: Self = Self(1 << 62);

    /// FNV-1a in 64 bits, folded to 61. Fixed for ever: processes of different versions share the
    /// lock file. Two ids with one byte exclude each other needlessly and do no other harm.
    pub(crate) fn of(id: SessionId<'_>) -> Self {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in id.as_bytes() {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let folded = (hash >> 61) ^ (hash & ((1 << 61) - 1));
        Self(i64::try_from(folded).unwrap_or(0))
    }

    /// Another byte of the same session, for work on what is kept beside it. Beyond all others.
    #[cfg(feature = "files")]
    pub(crate) fn beside(id: SessionId<'_>) -> Self {
        Self((1 << 62) + 1 + (Self::of(id).0 & ((1 << 60) - 1)))
    }

    /// The byte that the first in line holds while it waits for this one. The others wait for that.
    ///
    /// Whoever lets go is running and could have the lock again before the one that the kernel
    /// wakes; nobody may take a lock that somebody stands in line for.
    fn line(self) -> Self {
        Self(self.0 + (1 << 61))
    }
}

/// The lock file of a folder or a database, opened at first use.
pub(crate) struct LockFile {
    store: &'static str,
    /// As the system takes it: it is asked about at each write.
    path: CString,
    shared: Option<Arc<Description>>,
    checked: Instant,
}

/// An open file description. The kernel's locks belong to it: they exclude every other
/// description, in this process too, but not each other. Hence `held`.
struct Description {
    file: OwnedFd,
    /// Its device and number.
    identity: (dev_t, ino_t),
    held: Mutex<Vec<Byte>>,
    generation: u64,
}

/// A lock that is held. Dropping it releases it, unless this process is a child that inherited it:
/// then it is still the parent's.
pub(crate) struct Guard {
    byte: Byte,
    description: Arc<Description>,
}

impl LockFile {
    /// The lock file at `path`, for the store of that name. Touches nothing yet.
    pub(crate) fn new(store: &'static str, path: PathBuf) -> Self {
        // None has a NUL: the system took the folder's path before.
        let path = CString::new(path.into_os_string().into_vec()).unwrap_or_default();
        Self { store, path, shared: None, checked: Instant::now() }
    }

    /// Takes the lock, waiting at most `wait`. `None`: somebody else had it all that time.
    ///
    /// # Errors
    /// The lock file cannot be opened, is not ours, or the file system knows no such locks.
    pub(crate) fn lock(&mut self, byte: Byte, wait: Duration) -> Result<Option<Guard>> {
        let now = Instant::now();
        for _ in 0..ATTEMPTS {
            let description = self.description(now)?;
            if let Some(guard) = description.try_take(byte).map_err(|errno| self.error(errno))? {
                if guard.holds() {
                    return Ok(Some(guard));
                }
            } else if fstat(&description.file).is_ok_and(|file| file.st_nlink > 0) {
                return if wait.is_zero() {
                    self.ask_again(&description, byte)
                } else {
                    self.wait(byte, now.checked_add(wait))
                };
            }
            self.shared = None;
        }
        Err(replaced(self.store, &self.path))
    }

    /// Whether a lease still means that nobody else has the session: the path still names the file
    /// that is locked. If it does not, the next lock opens what is there now.
    pub(crate) fn holds(&mut self, lease: &Lease) -> bool {
        let holds = Guard::of(lease).is_some_and(|guard| {
            guard.description.generation == fork::generation() && guard.description.is_named(&self.path)
        });
        if !holds {
            self.shared = None;
        }
        holds
    }

    fn description(&mut self, now: Instant) -> Result<Arc<Description>> {
        if let Some(shared) = &self.shared
            && shared.generation == fork::generation()
        {
            if now.saturating_duration_since(self.checked) < TRUST {
                return Ok(Arc::clone(shared));
            }
            self.checked = now;
            if shared.is_named(&self.path) {
                return Ok(Arc::clone(shared));
            }
        }
        let shared = Arc::new(Description::open(self.store, &self.path)?);
        self.shared = Some(Arc::clone(&shared));
        self.checked = now;
        Ok(shared)
    }

    fn ask_again(&self, description: &Arc<Description>, byte: Byte) -> Result<Option<Guard>> {
        for _ in 0..PASSING {
            if ABANDONED.load(Ordering::Relaxed) <= 0 || GENERATION.load(Ordering::Relaxed) != fork::generation() {
                break;
            }
            std::thread::sleep(PASSING_PAUSE);
            if let Some(guard) = description.try_take(byte).map_err(|errno| self.error(errno))? {
                return Ok(guard.holds().then_some(guard));
            }
        }
        Ok(None)
    }

    /// Sleeps for the lock in a thread of its own, with a description of its own: a blocking call
    /// cannot be given up otherwise. A thread that was given up lets go as soon as it gets the
    /// lock, because then nobody receives what it sends.
    fn wait(&self, byte: Byte, deadline: Option<Instant>) -> Result<Option<Guard>> {
        let generation = fork::generation();
        if GENERATION.swap(generation, Ordering::Relaxed) != generation {
            WAITERS.store(0, Ordering::Relaxed);
            ABANDONED.store(0, Ordering::Relaxed);
        }
        let admitted =
            WAITERS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < MAX_WAITERS).then_some(n + 1)).is_ok();
        let (sender, receiver) = mpsc::sync_channel(1);
        // Who comes second here knows that the other one is through.
        let ended = Arc::new(AtomicBool::new(false));
        let spawned = admitted && {
            let (store, path, ended) = (self.store, self.path.clone(), Arc::clone(&ended));
            let body = move || {
                // What nobody receives any more is dropped here, and with it the lock.
                let _ = sender.send(Description::take(store, &path, byte));
                if ended.swap(true, Ordering::AcqRel) {
                    ABANDONED.fetch_sub(1, Ordering::Relaxed);
                }
                WAITERS.fetch_sub(1, Ordering::Relaxed);
            };
            // A signal handler of PHP must run in PHP's thread: the new one starts with all blocked.
            let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK);
            let thread = std::thread::Builder::new().name("seshat-lock".into()).stack_size(128 * 1024).spawn(body);
            if let Ok(mask) = mask {
                let _ = mask.thread_set_mask();
            }
            if thread.is_err() {
                WAITERS.fetch_sub(1, Ordering::Relaxed);
            }
            thread.is_ok()
        };
        if !spawned {
            return self.poll(byte, deadline);
        }
        let outcome = match deadline {
            Some(deadline) => receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok(),
            None => receiver.recv().ok(),
        };
        if outcome.is_none() {
            if ended.swap(true, Ordering::AcqRel) {
                return receiver.try_recv().ok().transpose();
            }
            ABANDONED.fetch_add(1, Ordering::Relaxed);
        }
        outcome.transpose()
    }

    fn poll(&self, byte: Byte, deadline: Option<Instant>) -> Result<Option<Guard>> {
        let description = Arc::new(Description::open(self.store, &self.path)?);
        loop {
            if let Some(guard) = description.try_take(byte).map_err(|errno| self.error(errno))? {
                return Ok(guard.holds().then_some(guard));
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(None);
            }
            std::thread::sleep(POLL);
        }
    }

    fn error(&self, errno: Errno) -> Error {
        failure(self.store, &self.path, errno)
    }
}

impl Description {
    /// Opens or creates the lock file and makes sure that it can be nobody else's.
    fn open(store: &'static str, path: &CStr) -> Result<Self> {
        let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let file = open(path, flags, Mode::S_IRUSR | Mode::S_IWUSR).map_err(|errno| failure(store, path, errno))?;
        let status = fstat(&file).map_err(|errno| failure(store, path, errno))?;
        let refuse = |what: &str| {
            let reason = format!("the lock file {what}; remove it");
            Err(Error::new(Kind::Denied, store, Operation::Lock, reason).at(path.to_string_lossy()))
        };
        if !is_regular(&status) {
            return refuse("is not a regular file");
        }
        if status.st_uid != geteuid().as_raw() {
            return refuse("belongs to another user");
        }
        if status.st_nlink > 1 {
            return refuse("has a second name");
        }
        let identity = (status.st_dev, status.st_ino);
        Ok(Self { file, identity, held: Mutex::default(), generation: fork::generation() })
    }

    /// Opens the lock file and waits for the lock, however long that takes.
    fn take(store: &'static str, path: &CStr, byte: Byte) -> Result<Guard> {
        for _ in 0..ATTEMPTS {
            let description = Arc::new(Self::open(store, path)?);
            let failed = |errno| failure(store, path, errno);
            fcntl_lock(&description.file, byte.line(), Action::Wait).map_err(failed)?;
            fcntl_lock(&description.file, byte, Action::Wait).map_err(failed)?;
            description.held.lock().push(byte);
            let guard = Guard { byte, description };
            fcntl_lock(&guard.description.file, byte.line(), Action::Release).map_err(failed)?;
            if guard.description.is_named(path) {
                return Ok(guard);
            }
        }
        Err(replaced(store, path))
    }

    fn try_take(self: &Arc<Self>, byte: Byte) -> Result<Option<Guard>, Errno> {
        let mut held = self.held.lock();
        if held.contains(&byte) {
            return Ok(None);
        }
        match fcntl_lock(&self.file, byte, Action::Try) {
            Ok(()) => {}
            Err(Errno::EAGAIN | Errno::EACCES) => return Ok(None),
            Err(errno) => return Err(errno),
        }
        if is_locked(&self.file, byte.line())? {
            fcntl_lock(&self.file, byte, Action::Release)?;
            return Ok(None);
        }
        held.push(byte);
        Ok(Some(Guard { byte, description: Arc::clone(self) }))
    }

    /// Whether `path` still names this file. Its number is not given to another one while it is open.
    fn is_named(&self, path: &CStr) -> bool {
        lstat(path).is_ok_and(|named| (named.st_dev, named.st_ino) == self.identity)
    }
}

impl Guard {
    /// The guard in a lease that [`LockFile::lock`] stands behind.
    fn of(lease: &Lease) -> Option<&Self> {
        lease.guard.as_ref()?.downcast_ref()
    }

    /// Whether the lock still means anything: it does not if the lock file was deleted, because
    /// whoever came later locks another file.
    fn holds(&self) -> bool {
        self.description.generation == fork::generation()
            && fstat(&self.description.file).is_ok_and(|file| file.st_nlink > 0)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.description.generation != fork::generation() {
            return;
        }
        // Said aloud even where the file is closed right after: a child that this process forked
        // in the meantime may still have it open.
        let mut held = self.description.held.lock();
        let _ = fcntl_lock(&self.description.file, self.byte, Action::Release);
        held.retain(|byte| *byte != self.byte);
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard(..)")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Try,
    Wait,
    Release,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn fcntl_lock(file: &OwnedFd, byte: Byte, action: Action) -> Result<(), Errno> {
    use nix::fcntl::{FcntlArg, fcntl};

    let range = range(byte, if action == Action::Release { nix::libc::F_UNLCK } else { nix::libc::F_WRLCK });
    let command =
        || if action == Action::Wait { FcntlArg::F_OFD_SETLKW(&range) } else { FcntlArg::F_OFD_SETLK(&range) };
    loop {
        match fcntl(file, command()) {
            Err(Errno::EINTR) if action == Action::Wait => {}
            outcome => return outcome.map(drop),
        }
    }
}

/// Whether another description has that byte.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_locked(file: &OwnedFd, byte: Byte) -> Result<bool, Errno> {
    use nix::fcntl::{FcntlArg, fcntl};

    let mut range = range(byte, nix::libc::F_WRLCK);
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut range))?;
    Ok(range.l_type != nix::libc::F_UNLCK as nix::libc::c_short)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn range(byte: Byte, kind: nix::libc::c_int) -> nix::libc::flock {
    nix::libc::flock {
        l_type: kind as nix::libc::c_short,
        l_whence: nix::libc::SEEK_SET as nix::libc::c_short,
        l_start: byte.0,
        l_len: 1,
        l_pid: 0,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn fcntl_lock(_file: &OwnedFd, _byte: Byte, _action: Action) -> Result<(), Errno> {
    Err(Errno::EOPNOTSUPP)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_locked(_file: &OwnedFd, _byte: Byte) -> Result<bool, Errno> {
    Err(Errno::EOPNOTSUPP)
}

fn is_regular(status: &FileStat) -> bool {
    SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT == SFlag::S_IFREG
}

fn failure(store: &'static str, path: &CStr, errno: Errno) -> Error {
    let (kind, reason) = match errno {
        Errno::ENOENT => (Kind::Unavailable, "the folder for the lock file does not exist".to_owned()),
        Errno::ELOOP => (Kind::Denied, "the lock file is a symbolic link; remove it".to_owned()),
        Errno::EACCES | Errno::EPERM => (Kind::Denied, "the lock file cannot be opened for writing".to_owned()),
        Errno::EROFS => (Kind::Denied, "the file system is read-only".to_owned()),
        Errno::ENOSPC | Errno::EDQUOT => (Kind::Full, "no space for the lock file".to_owned()),
        Errno::EINVAL | Errno::EOPNOTSUPP => {
            (Kind::Unsupported, "this file system cannot lock; use locking=0 or another folder".to_owned())
        }
        Errno::ENOLCK => (Kind::Unavailable, "the system's table of locks is full".to_owned()),
        other => (Kind::Storage, format!("the lock file cannot be used: {}", other.desc())),
    };
    Error::new(kind, store, Operation::Lock, reason).at(path.to_string_lossy()).caused_by(errno)
}

fn replaced(store: &'static str, path: &CStr) -> Error {
    Error::new(Kind::Unavailable, store, Operation::Lock, "the lock file is replaced again and again")
        .at(path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    fn byte(id: &str) -> Byte {
        Byte::of(SessionId::parse(id.as_bytes(), Operation::Lock).unwrap())
    }

    fn take(file: &mut LockFile, byte: Byte) -> Option<Guard> {
        file.lock(byte, Duration::ZERO).unwrap()
    }

    #[test]
    fn the_byte_of_an_id_never_changes() {
        assert_eq!(byte("a"), Byte(1108972154487172233));
        assert_eq!(byte("29lrv4qlakn9m5othr5gaovo8v"), Byte(470026416748292978));
        assert!((0..2000).all(|n| (0..1 << 61).contains(&byte(&format!("id{n}")).0)));
    }

    #[test]
    fn one_session_excludes_itself_and_no_other_in_one_store_and_in_two() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let (mut one, mut two) = (LockFile::new("test", path.clone()), LockFile::new("test", path));
        let guard = take(&mut one, byte("a")).unwrap();
        assert!(take(&mut one, byte("a")).is_none(), "the same description would let it through");
        assert!(take(&mut two, byte("a")).is_none());
        assert!(take(&mut two, byte("b")).is_some());
        assert!(one.lock(byte("a"), Duration::from_millis(30)).unwrap().is_none());
        drop(guard);
        let guard = take(&mut two, byte("a")).expect("one that gave up must not be in the way");
        assert!(take(&mut one, byte("a")).is_none());
        drop(guard);
        assert!(take(&mut one, byte("a")).is_some());
    }

    #[test]
    fn one_that_gave_up_waiting_does_not_get_the_lock_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let (mut one, mut two) = (LockFile::new("test", path.clone()), LockFile::new("test", path));
        let guard = take(&mut one, byte("a")).unwrap();
        let began = Instant::now();
        assert!(two.lock(byte("a"), Duration::from_millis(50)).unwrap().is_none());
        assert!((50..1000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
        drop(guard);
        assert!(one.lock(byte("a"), Duration::from_secs(5)).unwrap().is_some());
        assert!(take(&mut two, byte("a")).is_some());
    }

    #[test]
    fn a_deleted_or_exchanged_lock_file_does_not_make_two_holders_of_new_locks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let (mut one, mut two) = (LockFile::new("test", path.clone()), LockFile::new("test", path.clone()));
        let old = take(&mut one, byte("a")).unwrap();
        assert!(old.holds());
        std::fs::remove_file(&path).unwrap();
        assert!(!old.holds(), "whoever writes under this lock must notice");
        let guard = take(&mut two, byte("a")).unwrap();
        assert!(guard.holds());
        assert!(take(&mut one, byte("a")).is_none(), "the first one looks at the new file now");
        drop(old);
        assert!(take(&mut one, byte("a")).is_none());
        drop(guard);

        std::fs::rename(&path, folder.path().join("moved")).unwrap();
        one.checked = Instant::now().checked_sub(TRUST).unwrap();
        let guard = take(&mut one, byte("a")).unwrap();
        assert!(take(&mut LockFile::new("test", path), byte("a")).is_none());
        drop(guard);
    }

    #[test]
    fn a_child_neither_uses_nor_releases_its_parents_locks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        // What a child has after a fork: the parent's description under its own number, and the
        // parent has it open as well.
        let inherited = Description::open("test", &CString::new(path.as_os_str().as_bytes()).unwrap()).unwrap();
        let parents = inherited.file.try_clone().unwrap();
        let inherited = Arc::new(Description { generation: fork::generation() ^ 1, ..inherited });
        let guard = inherited.try_take(byte("a")).unwrap().unwrap();
        let mut child = LockFile { shared: Some(inherited), ..LockFile::new("test", path.clone()) };
        assert!(!guard.holds());
        drop(guard);
        assert!(take(&mut child, byte("a")).is_none(), "the parent still holds it");
        assert!(take(&mut LockFile::new("test", path), byte("a")).is_none());
        drop(parents);
        assert!(take(&mut child, byte("a")).is_some());
    }

    #[test]
    fn a_planted_lock_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let refusal = || LockFile::new("test", path.clone()).lock(byte("a"), Duration::ZERO).unwrap_err();
        std::fs::write(folder.path().join("victim"), "").unwrap();
        std::os::unix::fs::symlink(folder.path().join("victim"), &path).unwrap();
        assert!(refusal().to_string().contains("symbolic link"), "{}", refusal());
        std::fs::remove_file(&path).unwrap();
        std::fs::hard_link(folder.path().join("victim"), &path).unwrap();
        assert!(refusal().to_string().contains("second name"), "{}", refusal());
        std::fs::remove_file(&path).unwrap();
        nix::sys::stat::mknod(&path, SFlag::S_IFIFO, Mode::S_IRWXU, 0).unwrap();
        assert!(refusal().to_string().contains("regular"), "{}", refusal());
        assert_eq!(refusal().kind(), Kind::Denied);
    }
}
