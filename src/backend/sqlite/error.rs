//! SQLite's failures in our words.

use crate::error::{Error, Kind, Operation};
use rusqlite::ErrorCode;
use std::path::Path;

const STORE: &str = "sqlite";

/// A DSN that does not say which file.
pub(super) fn misplaced(what: &str) -> Error {
    Error::new(Kind::Config, STORE, Operation::Configure, format!("the DSN {what}"))
}

/// The working folder of a relative path is gone.
pub(super) fn no_folder(cause: std::io::Error) -> Error {
    Error::new(Kind::Config, STORE, Operation::Configure, "the path is relative and there is no working folder")
        .caused_by(cause)
}

/// PHP does not let this script use the file.
pub(super) fn forbidden(path: &Path) -> Error {
    Error::new(Kind::Denied, STORE, Operation::Open, "open_basedir does not allow this file")
        .at(path.display().to_string())
}

/// The place of the file cannot be used.
pub(super) fn place(path: &Path, cause: std::io::Error) -> Error {
    let (kind, reason) = match cause.kind() {
        std::io::ErrorKind::NotFound => {
            (Kind::Unavailable, "the database's folder does not exist; create it for the user that PHP runs as")
        }
        std::io::ErrorKind::PermissionDenied => {
            (Kind::Denied, "the database cannot be created: its folder is not writable for the user that PHP runs as")
        }
        std::io::ErrorKind::ReadOnlyFilesystem => (Kind::Denied, "the database is on a read-only file system"),
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            (Kind::Full, "there is no space to create the database")
        }
        std::io::ErrorKind::NotADirectory => (Kind::Config, "the database's folder is not a folder"),
        _ => (Kind::Storage, "the database cannot be created"),
    };
    Error::new(kind, STORE, Operation::Open, reason).at(path.display().to_string()).caused_by(cause)
}

/// What lies under the database's name is not to be opened.
pub(super) fn planted(path: &Path, what: &str) -> Error {
    Error::new(Kind::Denied, STORE, Operation::Open, format!("the database {what}")).at(path.display().to_string())
}

/// The table is not there, or not ours.
pub(super) fn schema(endpoint: &str, problem: &str) -> Error {
    Error::new(Kind::Config, STORE, Operation::Open, problem).at(endpoint)
}

/// A record that is no session's.
pub(super) fn record(endpoint: &str, operation: Operation) -> Error {
    Error::new(Kind::Corrupt, STORE, operation, "the session's row does not hold what a session's row holds")
        .at(endpoint)
}

/// Whether the connection, not the statement, is what failed: the file was exchanged, or the table was
/// dropped or made anew, and a new connection may do better.
pub(super) fn is_stale(failure: &rusqlite::Error) -> bool {
    let is_gone = |text: &str| text.starts_with("no such table") || text.contains("no such column");
    match failure {
        rusqlite::Error::SqliteFailure(code, _) if code.extended_code == rusqlite::ffi::SQLITE_READONLY_DBMOVED => true,
        rusqlite::Error::SqliteFailure(code, Some(text)) if code.code == ErrorCode::Unknown => is_gone(text),
        rusqlite::Error::SqlInputError { msg, .. } => is_gone(msg) || msg.contains("has no column named"),
        _ => false,
    }
}

/// Anything that SQLite reports.
pub(super) fn sqlite(endpoint: &str, operation: Operation, failure: rusqlite::Error) -> Error {
    let (kind, reason) = match &failure {
        rusqlite::Error::SqliteFailure(code, text) => sentence(code, text.as_deref()),
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => return record(endpoint, operation),
        other => (Kind::Storage, other.to_string()),
    };
    Error::new(kind, STORE, operation, reason).at(endpoint)
}

fn sentence(code: &rusqlite::ffi::Error, text: Option<&str>) -> (Kind, String) {
    let (kind, reason) = match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            (Kind::Timeout, "another process kept the database locked for longer than busy_timeout")
        }
        ErrorCode::NotADatabase => (Kind::Corrupt, "the file is not an SQLite database"),
        ErrorCode::DatabaseCorrupt => (Kind::Corrupt, "the database is damaged; restore it from a backup or remove it"),
        ErrorCode::ReadOnly => {
            (Kind::Denied, "the database, or its folder, is read-only for the user that PHP runs as")
        }
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            (Kind::Denied, "the user that PHP runs as may not use the database")
        }
        ErrorCode::DiskFull => (Kind::Full, "the disk is full"),
        ErrorCode::TooBig => (Kind::TooLarge, "the session is larger than SQLite stores in one row"),
        ErrorCode::CannotOpen => (
            Kind::Denied,
            "the database, or its -wal and -shm files beside it, cannot be opened; the user that PHP runs as must be \
             able to write the file and its folder",
        ),
        ErrorCode::FileLockingProtocolFailed => {
            (Kind::Unavailable, "the file system does not lock as SQLite needs it; keep the database on a local disk")
        }
        ErrorCode::SystemIoFailure if code.extended_code == rusqlite::ffi::SQLITE_IOERR_SHORT_READ => (
            Kind::Corrupt,
            "the database or its -wal file ends too early; if one of them was removed or replaced while PHP was \
             running, stop PHP and restore both from a backup, or remove both",
        ),
        ErrorCode::SystemIoFailure => {
            return (Kind::Storage, format!("the system could not read or write (SQLite code {})", code.extended_code));
        }
        _ => {
            let text = text.map_or_else(|| code.to_string(), str::to_owned);
            return (Kind::Storage, format!("{text} (SQLite code {})", code.extended_code));
        }
    };
    (kind, reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_was_removed_is_told_as_damage() {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_SHORT_READ);
        let error = sqlite("/s.db", Operation::Read, rusqlite::Error::SqliteFailure(code, None));
        assert_eq!(error.kind(), Kind::Corrupt);
        assert!(error.to_string().contains("-wal file ends too early"), "{error}");
    }
}
