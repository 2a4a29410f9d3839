//! The system's failures in our words.

use crate::error::{Error, Kind, Operation};
use nix::errno::Errno;
use std::path::Path;

const STORE: &str = "files";

/// A DSN with a part that a folder does not have.
pub(super) fn misplaced(part: &str, instead: &str) -> Error {
    Error::new(Kind::Config, STORE, Operation::Configure, format!("the DSN has {part}; {instead}"))
}

/// The working folder of a relative path is gone.
pub(super) fn no_folder(cause: std::io::Error) -> Error {
    Error::new(Kind::Config, STORE, Operation::Configure, "the path is relative and there is no working folder")
        .caused_by(cause)
}

/// PHP does not let this script use the folder.
pub(super) fn forbidden(path: &Path) -> Error {
    Error::new(Kind::Denied, STORE, Operation::Open, "open_basedir does not allow this folder")
        .at(path.display().to_string())
}

/// The folder cannot be used at all.
pub(super) fn folder(path: &Path, errno: Errno) -> Error {
    let (kind, reason) = match errno {
        Errno::ENOENT => (
            Kind::Unavailable,
            "the folder does not exist; create it for the user that PHP runs as, with mode 0700".to_owned(),
        ),
        Errno::ENOTDIR => (Kind::Config, "this is not a folder".to_owned()),
        Errno::EACCES | Errno::EPERM => (
            Kind::Denied,
            format!("the folder is not writable for the user that PHP runs as (uid {})", nix::unistd::geteuid()),
        ),
        Errno::EROFS => (Kind::Denied, "the folder is on a read-only file system".to_owned()),
        other => (Kind::Storage, format!("the folder cannot be opened: {}", other.desc())),
    };
    Error::new(kind, STORE, Operation::Open, reason).at(path.display().to_string()).caused_by(errno)
}

/// An operation on a session's file failed. `doing` is a clause: "cannot read the session's file".
pub(super) fn file(path: &Path, operation: Operation, doing: &str, errno: Errno) -> Error {
    let kind = match errno {
        Errno::ENOSPC | Errno::EDQUOT => Kind::Full,
        Errno::EFBIG => Kind::TooLarge,
        Errno::EACCES | Errno::EPERM | Errno::EROFS | Errno::ELOOP => Kind::Denied,
        Errno::EMFILE | Errno::ENFILE => Kind::Unavailable,
        _ => Kind::Storage,
    };
    let why = match errno {
        Errno::ELOOP => "it is a symbolic link".to_owned(),
        Errno::ENOSPC => "the disk is full".to_owned(),
        Errno::EDQUOT => "the disk quota is used up".to_owned(),
        other => other.desc().to_lowercase(),
    };
    Error::new(kind, STORE, operation, format!("{doing}: {why}")).at(path.display().to_string()).caused_by(errno)
}

/// What lies under the session's name is nothing that we would have put there.
pub(super) fn planted(path: &Path, operation: Operation, what: &str) -> Error {
    Error::new(Kind::Denied, STORE, operation, format!("the session's file {what}")).at(path.display().to_string())
}

/// The id, with prefix and depth, makes no file name.
pub(super) fn unnameable(path: &Path) -> Error {
    let reason = "the session id is too short for \"depth\" or too long for a file name with \"prefix\"";
    Error::new(Kind::InvalidId, STORE, Operation::Write, reason).at(path.display().to_string())
}

/// A hashed folder could not be trusted or made.
pub(super) fn branch(path: &Path, operation: Operation, reason: &str) -> Error {
    Error::new(Kind::Denied, STORE, operation, reason).at(path.display().to_string())
}

/// There is nothing to write into and we may not make it.
pub(super) fn no_branch(path: &Path) -> Error {
    let reason = "the hashed sub-folder does not exist; create it, or let create_dirs=1 do it";
    Error::new(Kind::Unavailable, STORE, Operation::Write, reason).at(path.display().to_string())
}
