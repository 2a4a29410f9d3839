//! One bounded pass over the folder that removes what has expired.

use super::names::Names;
use super::store::is_expired;
use crate::backend::file_lock::{Byte, LockFile};
use crate::backend::pace::Extent;
use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat};
use nix::unistd::{UnlinkatFlags, unlinkat};
use std::ffi::CString;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// The most that one brief pass removes, and the longest that it takes.
const BRIEF: (u64, Duration) = (10_000, Duration::from_secs(1));

/// A temporary file that is older belongs to nobody any more.
const FORGOTTEN: Duration = Duration::from_secs(3600);

pub(super) struct Sweep<'a> {
    names: &'a Names,
    locks: &'a mut LockFile,
    lifetime: Duration,
    now_ms: u64,
    until: Instant,
    most: u64,
    removed: u64,
}

impl<'a> Sweep<'a> {
    pub(super) fn new(
        names: &'a Names,
        locks: &'a mut LockFile,
        lifetime: Duration,
        now_ms: u64,
        extent: Extent,
    ) -> Self {
        let (most, limit) = match extent {
            Extent::Brief => BRIEF,
            Extent::Whole => (u64::MAX, extent.limit()),
        };
        Self { names, locks, lifetime, now_ms, until: Instant::now() + limit, most, removed: 0 }
    }

    /// Sweeps the folder and what is below it, and says how many sessions went.
    pub(super) fn run(&mut self, folder: impl AsFd) -> nix::Result<u64> {
        let folder = Dir::openat(folder, ".", flags(), Mode::empty())?;
        self.level(folder, 0)?;
        Ok(self.removed)
    }

    fn level(&mut self, folder: Dir, depth: usize) -> nix::Result<()> {
        // Dir wants to be changed by its iterator while its entries are looked at.
        let listed = folder.as_fd().try_clone_to_owned().map_err(|_| Errno::EMFILE)?;
        let mut branches: Vec<CString> = Vec::new();
        for entry in folder {
            if self.is_over() {
                return Ok(());
            }
            let entry = entry?;
            let name = entry.file_name();
            let bytes = name.to_bytes();
            if depth < self.names.depth() {
                let may_be_folder = entry.file_type().is_none_or(|kind| kind == Type::Directory);
                if may_be_folder && self.names.is_branch(bytes) {
                    branches.push(name.to_owned());
                }
            } else if let Some(id) = self.names.id_of(bytes) {
                self.session(&listed, name, Byte::of(id));
            } else if Names::is_temporary(bytes)
                && let Some(status) = regular(&listed, name)
                && is_expired(&status, FORGOTTEN, self.now_ms)
            {
                let _ = unlinkat(&listed, name, UnlinkatFlags::NoRemoveDir);
            }
        }
        // A pass that runs out of time must not always leave the same folders to the next one.
        let start = usize::try_from(self.now_ms % 64).unwrap_or(0) * branches.len() / 64;
        branches.rotate_left(start);
        for branch in branches {
            if self.is_over() {
                break;
            }
            // One that vanished, is a link or is not ours is not worth giving up the others.
            if let Ok(branch) = Dir::openat(&listed, branch.as_c_str(), flags(), Mode::empty()) {
                self.level(branch, depth + 1)?;
            }
        }
        Ok(())
    }

    /// Removes a session's file if it has expired and no request holds the session: one that does
    /// may be about to extend it.
    fn session(&mut self, folder: impl AsFd, name: &std::ffi::CStr, byte: Byte) {
        let expired = |status: &FileStat| is_expired(status, self.lifetime, self.now_ms);
        if !regular(&folder, name).is_some_and(|status| expired(&status)) {
            return;
        }
        let guard = match self.locks.lock(byte, Duration::ZERO) {
            Ok(Some(guard)) => Some(guard),
            Ok(None) => return,
            // Without locks, as without locking.
            Err(_) => None,
        };
        let still = regular(&folder, name).is_some_and(|status| expired(&status));
        if still && unlinkat(&folder, name, UnlinkatFlags::NoRemoveDir).is_ok() {
            self.removed += 1;
        }
        drop(guard);
    }

    fn is_over(&self) -> bool {
        self.removed >= self.most || Instant::now() >= self.until
    }
}

fn flags() -> OFlag {
    OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC
}

/// What lies there, if it is a regular file.
fn regular(folder: impl AsFd, name: &std::ffi::CStr) -> Option<FileStat> {
    let status = fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW).ok()?;
    (SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT == SFlag::S_IFREG).then_some(status)
}
