//! Telling other processes that a forked child has the database open.
//!
//! As long as a process has a database in WAL mode open it keeps two read locks: on the database,
//! against the removal of the log, and on the log's index, against its being made anew. SQLite
//! takes them once per process and remembers that it has. A child inherits that memory, and not
//! the locks: the locks of `fcntl` stay with the parent. Without them the last of the other
//! processes to close the database would remove the log while the child still writes to it.

use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::libc;
use nix::sys::stat::Mode;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// The range that stands for "somebody reads" in the file format: 510 bytes after the pending and
/// the reserved byte at 1 GiB.
const SHARED: (i64, i64) = (0x4000_0002, 510);

/// The byte of the `-shm` file that stands for "somebody uses it".
const IN_USE: (i64, i64) = (128, 1);

static FIRST_GENERATION: AtomicU64 = AtomicU64::new(0);

/// To be called after opening the database in the process of this fork generation. Does nothing
/// but in a child whose parent had a database open.
///
/// The descriptors stay open until the child ends: closing one would give up SQLite's own locks on
/// the same file, because locks of this kind belong to the process and not to the descriptor.
pub(super) fn announce(database: &Path, generation: u64) -> nix::Result<()> {
    let first = FIRST_GENERATION.compare_exchange(0, generation, Ordering::Relaxed, Ordering::Relaxed);
    if first.is_ok() || first == Err(generation) {
        return Ok(());
    }
    keep(database, SHARED)?;
    let mut index = database.as_os_str().to_owned();
    index.push("-shm");
    keep(Path::new(&index), IN_USE)
}

fn keep(path: &Path, (start, length): (i64, i64)) -> nix::Result<()> {
    let file = open(path, OFlag::O_RDWR | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, Mode::empty())?;
    let range = libc::flock {
        l_type: libc::F_RDLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: start,
        l_len: length,
        l_pid: 0,
    };
    let locked = fcntl(&file, FcntlArg::F_SETLKW(&range)).map(drop);
    std::mem::forget(file);
    locked
}
