//! The options of the SQLite store.

use super::error;
use super::store::Sqlite;
use crate::backend::Environment;
use crate::backend::sql::Wanted;
use crate::error::Result;
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::session::store::Store;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LONGEST_BUSY_TIMEOUT: Duration = Duration::from_secs(3600);

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In this store's own memory.
    Memory,
    /// In a file with this absolute path.
    File(PathBuf),
}

/// How long a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Synchronous {
    Off,
    Normal,
    Full,
}

/// What the user decided.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) place: Place,
    pub(super) table: Wanted,
    pub(super) busy_timeout: Duration,
    pub(super) synchronous: Synchronous,
}

impl Settings {
    /// The database, for messages.
    pub(super) fn endpoint(&self) -> String {
        match &self.place {
            Place::Memory => ":memory:".into(),
            Place::File(path) => path.display().to_string(),
        }
    }
}

pub(super) fn configure(dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    if !dsn.host.is_empty() {
        return Err(error::misplaced("has a host; a file has three slashes: sqlite:///var/lib/app/sessions.db"));
    }
    if dsn.port.is_some() || dsn.user.is_some() || dsn.password.is_some() {
        return Err(error::misplaced("has a port or a user; write sqlite:///var/lib/app/sessions.db"));
    }
    let place = match dsn.path.as_str() {
        ":memory:" => Place::Memory,
        "" | "/" => {
            return Err(error::misplaced("names no file; write sqlite:///var/lib/app/sessions.db or sqlite::memory:"));
        }
        // What other libraries call it. Taken for a path it would be a file of this name.
        "/:memory:" => {
            return Err(error::misplaced("names a file called :memory:; the database in memory is sqlite::memory:"));
        }
        path if path.contains('\0') => return Err(error::misplaced("has a NUL in its path")),
        // Once, because a script may change the working folder later.
        path => Place::File(std::path::absolute(path).map_err(error::no_folder)?),
    };
    let settings = Settings {
        table: Wanted::take(reader),
        busy_timeout: reader.duration(&["busy_timeout"]).unwrap_or(Duration::from_secs(5)).min(LONGEST_BUSY_TIMEOUT),
        synchronous: reader
            .choice(
                &["synchronous"],
                &[("normal", Synchronous::Normal), ("full", Synchronous::Full), ("off", Synchronous::Off)],
            )
            .unwrap_or(Synchronous::Normal),
        place,
    };
    if let Place::File(path) = &settings.place {
        allowed(path, environment.allow_path)?;
    }
    Ok(Box::new(Sqlite::new(settings, environment)))
}

/// PHP's `open_basedir`, asked when the store is configured and whenever the file is opened. What
/// SQLite and the locks put beside the file has names that begin with the file's.
pub(super) fn allowed(path: &Path, allow: fn(&Path) -> bool) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        if !allow(Path::new(&name)) {
            return Err(error::forbidden(Path::new(&name)));
        }
    }
    Ok(())
}
