//! Files under a folder, written whole and read whole.
//!
//! Every step below the folder is taken by a descriptor and follows no symbolic link: others may be able
//! to write there. A file is replaced by a rename, so that nobody sees half of it; Phalcon writes in
//! place under an exclusive lock, which is why a reader asks for a shared one.

use super::layout::Place;
use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{AtFlags, Flock, FlockArg, OFlag, open, openat, renameat};
use nix::sys::stat::{Mode, SFlag, fstat, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, unlinkat};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What the names of unfinished files begin with.
pub(super) const TEMPORARY: &[u8] = b".seshat-tmp-";

/// How long a reader waits for somebody who writes in place.
const PATIENCE: Duration = Duration::from_secs(5);

const FOLDER: OFlag = OFlag::O_RDONLY.union(OFlag::O_DIRECTORY).union(OFlag::O_CLOEXEC);

/// A folder and a prefix in it.
pub(super) struct Tree {
    root: PathBuf,
    prefix: Vec<Vec<u8>>,
}

/// What is done with each file: its folder and its name.
type Visit<'a> = dyn FnMut(&OwnedFd, &[u8]) -> Result<(), Failure> + 'a;

/// Why something could not be done, as a clause.
#[derive(Debug)]
pub(super) struct Failure(pub(super) String);

impl Failure {
    fn of(doing: &str, cause: impl std::fmt::Display) -> Self {
        Self(format!("{doing} ({cause})"))
    }
}

impl Tree {
    /// The folder, and in it the one of the prefix, which may be several.
    pub(super) fn new(root: &Path, prefix: &[u8]) -> Result<Self, Failure> {
        let parts = prefix.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
        let prefix: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
        if prefix.iter().any(|part| part == b".." || part.contains(&0)) {
            return Err(Failure("the prefix leads out of the folder".to_owned()));
        }
        Ok(Self { root: root.to_owned(), prefix })
    }

    /// What the file holds. None if there is no file.
    pub(super) fn read(&self, place: &Place) -> Result<Option<Vec<u8>>, Failure> {
        let Some(folder) = self.folder(&place.folders, false)? else { return Ok(None) };
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let file = match openat(&folder, place.name.as_slice(), flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::ENOENT | Errno::ENAMETOOLONG) => return Ok(None),
            Err(Errno::ELOOP) => return Err(Failure("the value's file is a symbolic link".to_owned())),
            Err(errno) => return Err(Failure::of("cannot open the value's file", errno.desc())),
        };
        let status = fstat(&file).map_err(|errno| Failure::of("cannot look at the value's file", errno.desc()))?;
        if SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT != SFlag::S_IFREG {
            return Err(Failure("what stands in the value's place is no file".to_owned()));
        }
        let mut file = lock(File::from(file))?;
        let mut content = Vec::with_capacity(usize::try_from(status.st_size).unwrap_or(0).min(1 << 26));
        file.read_to_end(&mut content).map_err(|error| Failure::of("cannot read the value's file", error))?;
        Ok(Some(content))
    }

    /// Puts a file with that content in its place, with the permissions that the umask leaves.
    pub(super) fn write(&self, place: &Place, content: &[u8]) -> Result<(), Failure> {
        let failed = |doing: &'static str| move |errno: Errno| Failure::of(doing, errno.desc());
        let Some(folder) = self.folder(&place.folders, true)? else {
            return Err(Failure("the folder vanished while a value was written".to_owned()));
        };
        let temporary = temporary()?;
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let file = openat(&folder, temporary.as_slice(), flags, Mode::from_bits_truncate(0o666))
            .map_err(failed("cannot create a file"))?;
        let written = File::from(file).write_all(content).map_err(|error| Failure::of("cannot write the value", error));
        let outcome = written.and_then(|()| {
            renameat(&folder, temporary.as_slice(), &folder, place.name.as_slice())
                .map_err(failed("cannot put the value in its place"))
        });
        if outcome.is_err() {
            let _ = unlinkat(&folder, temporary.as_slice(), UnlinkatFlags::NoRemoveDir);
        }
        outcome
    }

    /// Removes a file. False if there was none.
    pub(super) fn remove(&self, place: &Place) -> Result<bool, Failure> {
        let Some(folder) = self.folder(&place.folders, false)? else { return Ok(false) };
        match unlinkat(&folder, place.name.as_slice(), UnlinkatFlags::NoRemoveDir) {
            Ok(()) => Ok(true),
            Err(Errno::ENOENT | Errno::ENAMETOOLONG | Errno::EISDIR) => Ok(false),
            Err(errno) => Err(Failure::of("cannot remove the value's file", errno.desc())),
        }
    }

    /// The names of all files.
    pub(super) fn names(&self) -> Result<Vec<Vec<u8>>, Failure> {
        let mut names = Vec::new();
        self.walk(&mut |_, name| {
            if !name.starts_with(TEMPORARY) {
                names.push(name.to_vec());
            }
            Ok(())
        })?;
        Ok(names)
    }

    /// Removes all files, unfinished ones too. Folders stay.
    pub(super) fn clear(&self) -> Result<(), Failure> {
        self.walk(&mut |folder, name| match unlinkat(folder, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(Failure::of("cannot remove a file", errno.desc())),
        })
    }

    fn walk(&self, work: &mut Visit<'_>) -> Result<(), Failure> {
        let Some(folder) = self.folder(&[], false)? else { return Ok(()) };
        // Keys are no longer than names of files, which bounds the folders' depth.
        walk(folder, 130, work)
    }

    /// The open folder below the prefix. None if there is none and it is not to be made.
    fn folder(&self, folders: &[Vec<u8>], make: bool) -> Result<Option<OwnedFd>, Failure> {
        let mut current = match open(&self.root, FOLDER, Mode::empty()) {
            Err(Errno::ENOENT) if make => {
                std::fs::create_dir_all(&self.root).map_err(|error| Failure::of("cannot create the folder", error))?;
                open(&self.root, FOLDER, Mode::empty())
            }
            Err(Errno::ENOENT) => return Ok(None),
            outcome => outcome,
        }
        .map_err(|errno| Failure::of("cannot open the folder", errno.desc()))?;
        for part in self.prefix.iter().chain(folders) {
            let step = |current: &OwnedFd| openat(current, part.as_slice(), FOLDER | OFlag::O_NOFOLLOW, Mode::empty());
            let next = match step(&current) {
                Err(Errno::ENOENT) if make => {
                    match mkdirat(&current, part.as_slice(), Mode::from_bits_truncate(0o777)) {
                        Ok(()) | Err(Errno::EEXIST) => step(&current),
                        Err(errno) => return Err(Failure::of("cannot create a sub-folder", errno.desc())),
                    }
                }
                outcome => outcome,
            };
            current = match next {
                Ok(next) => next,
                Err(Errno::ENOENT | Errno::ENAMETOOLONG) if !make => return Ok(None),
                Err(Errno::ELOOP | Errno::ENOTDIR) => {
                    return Err(Failure("a sub-folder is a symbolic link, or no folder".to_owned()));
                }
                Err(errno) => return Err(Failure::of("cannot open a sub-folder", errno.desc())),
            };
        }
        Ok(Some(current))
    }
}

/// Visits the regular files below a folder.
fn walk(folder: OwnedFd, depth: usize, work: &mut Visit<'_>) -> Result<(), Failure> {
    let failed = |errno: Errno| Failure::of("cannot list a folder", errno.desc());
    let listed = folder.try_clone().map_err(|error| Failure::of("cannot list a folder", error))?;
    let mut listing = Dir::from_fd(listed).map_err(failed)?;
    for entry in listing.iter() {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        // Some file systems leave the type out of their listings.
        let kind = match entry.file_type() {
            Some(Type::Directory) => SFlag::S_IFDIR,
            Some(Type::File) => SFlag::S_IFREG,
            Some(_) => continue,
            None => match fstatat(&folder, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
                Ok(status) => SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT,
                Err(_) => continue,
            },
        };
        if kind == SFlag::S_IFREG {
            work(&folder, name)?;
        } else if kind == SFlag::S_IFDIR && depth > 0 {
            match openat(&folder, name, FOLDER | OFlag::O_NOFOLLOW, Mode::empty()) {
                Ok(inner) => walk(inner, depth - 1, work)?,
                // Removed, or exchanged for a link, since it was listed.
                Err(Errno::ENOENT | Errno::ELOOP | Errno::ENOTDIR) => {}
                Err(errno) => return Err(failed(errno)),
            }
        }
    }
    Ok(())
}

/// Waits until nobody writes the file in place.
fn lock(mut file: File) -> Result<Flock<File>, Failure> {
    let began = Instant::now();
    loop {
        file = match Flock::lock(file, FlockArg::LockSharedNonblock) {
            Ok(locked) => return Ok(locked),
            Err((file, Errno::EWOULDBLOCK | Errno::EINTR)) if began.elapsed() < PATIENCE => file,
            Err((_, Errno::EWOULDBLOCK)) => {
                return Err(Failure(format!("somebody kept the value's file locked for {} s", PATIENCE.as_secs())));
            }
            Err((_, errno)) => return Err(Failure::of("cannot lock the value's file", errno.desc())),
        };
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn temporary() -> Result<Vec<u8>, Failure> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| Failure::of("no random numbers", error))?;
    let mut name = TEMPORARY.to_vec();
    name.extend_from_slice(format!("{:016x}", u64::from_ne_bytes(random)).as_bytes());
    Ok(name)
}

/// The folder that an option names.
pub(super) fn root(path: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(path))
}
