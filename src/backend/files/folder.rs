//! The folder, kept open so that a session's file is one step away.

use super::config::{self, Settings};
use super::error;
use super::names::Names;
use crate::error::{Operation, Result};
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open};
use nix::libc;
use nix::sys::stat::{FchmodatFlags, FileStat, Mode, SFlag, fchmodat, fstat, fstatat, mkdirat, stat};
use nix::unistd::{AccessFlags, Uid, faccessat, geteuid};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long the path is trusted to mean the folder that is open.
const TRUST: Duration = Duration::from_secs(1);

/// A file's device and number.
type Identity = (libc::dev_t, libc::ino_t);

/// The folder of a store.
pub(super) struct Folder {
    allow: fn(&Path) -> bool,
    open: Option<Open>,
}

struct Open {
    descriptor: OwnedFd,
    identity: Identity,
    /// Until when the path is not looked at again.
    trusted: Instant,
    /// Others may create files and folders in it.
    shared: bool,
    user: Uid,
}

impl Folder {
    pub(super) fn new(allow: fn(&Path) -> bool) -> Self {
        Self { allow, open: None }
    }

    /// The open folder. It is opened anew when the path came to mean another one: a release that
    /// switches a symbolic link must not leave old workers behind in the old folder.
    pub(super) fn descriptor(&mut self, settings: &Settings) -> Result<&OwnedFd> {
        self.look(settings);
        self.opened(settings).map(|open| &open.descriptor)
    }

    /// The open folder, for work on the name that was spelled last. Where strangers may create folders, the
    /// hashed ones on the way must be ours or the administrator's: whoever owns a folder can exchange the
    /// sessions in it.
    pub(super) fn descriptor_for(
        &mut self,
        settings: &Settings,
        names: &Names,
        operation: Operation,
    ) -> Result<&OwnedFd> {
        self.look(settings);
        let open = self.opened(settings)?;
        if open.shared {
            open.check_way(settings, names.branch(), operation)?;
        }
        Ok(&open.descriptor)
    }

    /// The open folder as it was found a moment ago, for the next step of the same work.
    pub(super) fn same_descriptor(&mut self, settings: &Settings) -> Result<&OwnedFd> {
        self.opened(settings).map(|open| &open.descriptor)
    }

    /// Looks now and then whether the path still means the open folder.
    #[inline]
    fn look(&mut self, settings: &Settings) {
        if let Some(open) = &mut self.open {
            let now = Instant::now();
            if now >= open.trusted {
                open.trusted = now + TRUST;
                self.moved(settings);
            }
        }
    }

    #[inline]
    fn opened(&mut self, settings: &Settings) -> Result<&Open> {
        match &mut self.open {
            Some(open) => Ok(open),
            none => Ok(none.insert(Open::new(settings, self.allow)?)),
        }
    }

    /// Whether `status` is what a session's file may be; if not, what is wrong with it.
    pub(super) fn accept(&self, status: &FileStat) -> Result<(), &'static str> {
        let user = self.open.as_ref().map_or_else(geteuid, |open| open.user);
        if is(status, SFlag::S_IFLNK) {
            Err("is a symbolic link")
        } else if !is(status, SFlag::S_IFREG) {
            Err("is not a regular file")
        } else if status.st_nlink > 1 {
            // Whoever may write the folder can give any file of root's a name in it.
            Err("has a second name")
        } else if !owner_is_trusted(status, user) {
            Err("belongs to another user")
        } else {
            Ok(())
        }
    }

    /// Closes the folder if the path means another one by now, or none.
    pub(super) fn moved(&mut self, settings: &Settings) -> bool {
        let moved = self.open.as_ref().is_none_or(|open| identity(&settings.path) != Some(open.identity));
        if moved {
            self.open = None;
        }
        moved
    }

    /// Makes the hashed folders on the way to `name`.
    pub(super) fn branch_out(&mut self, settings: &Settings, name: &[u8]) -> Result<()> {
        let failed = |errno| error::file(&settings.path, Operation::Write, "cannot create a hashed sub-folder", errno);
        // Who may read the files must be able to reach them.
        let mode = Mode::from_bits_truncate((settings.mode | (settings.mode & 0o444) >> 2) & 0o777);
        let folder = self.same_descriptor(settings)?;
        for branch in settings.style.branches(name) {
            match mkdirat(folder, branch, mode) {
                Ok(()) => fchmodat(folder, branch, mode, FchmodatFlags::FollowSymlink).map_err(failed)?,
                Err(Errno::EEXIST) => {}
                Err(errno) => return Err(failed(errno)),
            }
        }
        Ok(())
    }
}

impl Open {
    #[cold]
    fn new(settings: &Settings, allow: fn(&Path) -> bool) -> Result<Self> {
        config::allowed(&settings.path, allow)?;
        let failed = |errno| error::folder(&settings.path, errno);
        // Debian's folder for sessions may be entered and written but not listed.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let access = OFlag::O_PATH;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let access = OFlag::O_RDONLY;
        let flags = access | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let descriptor = open(&settings.path, flags, Mode::empty()).map_err(failed)?;
        let status = fstat(&descriptor).map_err(failed)?;
        let wanted = AccessFlags::W_OK | AccessFlags::X_OK;
        faccessat(&descriptor, ".", wanted, AtFlags::AT_EACCESS).map_err(failed)?;
        let user = geteuid();
        Ok(Self {
            descriptor,
            identity: (status.st_dev, status.st_ino),
            trusted: Instant::now() + TRUST,
            shared: status.st_mode & 0o022 != 0 || !owner_is_trusted(&status, user),
            user,
        })
    }

    fn check_way(&self, settings: &Settings, name: &[u8], operation: Operation) -> Result<()> {
        for branch in settings.style.branches(name) {
            match fstatat(&self.descriptor, branch, AtFlags::AT_SYMLINK_NOFOLLOW) {
                Ok(status) if !is(&status, SFlag::S_IFDIR) || !owner_is_trusted(&status, self.user) => {
                    let reason = "a hashed sub-folder is a symbolic link or belongs to another user";
                    return Err(error::branch(&settings.path, operation, reason));
                }
                Ok(_) | Err(Errno::ENOENT) => {}
                Err(errno) => return Err(error::file(&settings.path, operation, "cannot check a sub-folder", errno)),
            }
        }
        Ok(())
    }
}

fn identity(path: &Path) -> Option<Identity> {
    stat(path).ok().map(|status| (status.st_dev, status.st_ino))
}

/// Whether it is of that type.
fn is(status: &FileStat, kind: SFlag) -> bool {
    SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT == kind
}

/// PHP's own rule: ours or the administrator's; the administrator may use everybody's.
fn owner_is_trusted(status: &FileStat, user: Uid) -> bool {
    status.st_uid == 0 || user.is_root() || status.st_uid == user.as_raw()
}
