//! The connection: opened at first use, kept for the life of the worker.

use super::busy;
use super::config::{self, Place, Settings, Synchronous};
use super::error;
use super::presence;
use super::schema::{self, Schema};
use crate::backend::fork;
use crate::error::{Error, Operation, Result};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the path is trusted to mean the file that is open.
const TRUST: Duration = Duration::from_secs(1);

/// The pause before the change to WAL mode is tried again; SQLite itself does not wait there.
const PAUSE: Duration = Duration::from_millis(5);

/// Closing the descriptor of a file that was just created gives up the locks of a connection that
/// another thread has opened on it in the meantime. So files are created and opened one at a time.
static OPENING: Mutex<()> = Mutex::new(());

/// How long to wait for that: a child of a fork must not wait for a thread that it does not have.
const OPENING_LIMIT: Duration = Duration::from_secs(1);

/// The connection of one store.
pub(super) struct Database {
    allow: fn(&Path) -> bool,
    open: Option<Open>,
    /// The sessions have references, which the table must have a column for, or may be given one.
    refers: bool,
}

struct Open {
    connection: Connection,
    schema: Schema,
    /// The table was looked at for a column of references.
    refers: bool,
    generation: u64,
    /// The file's path with its folder's real name, and what it named when it was opened.
    file: Option<(PathBuf, (u64, u64))>,
    checked: Instant,
    doubted: bool,
}

impl Database {
    pub(super) fn new(allow: fn(&Path) -> bool) -> Self {
        Self { allow, open: None, refers: false }
    }

    /// The connection; a new one where there is none, in a child of a fork, and when the file of
    /// that name is another one by now.
    pub(super) fn connection(&mut self, settings: &Settings) -> Result<(&Connection, &Schema)> {
        let usable = match &mut self.open {
            Some(open) => open.is_ours() && open.is_current(),
            None => false,
        };
        if !usable {
            self.close();
        }
        let open = match self.open.take() {
            Some(open) => {
                busy::limit(settings.busy_timeout);
                open
            }
            None => Open::new(settings, self.allow, self.refers)?,
        };
        let open = self.open.insert(open);
        if self.refers && !open.refers {
            open.schema = schema::prepare(&open.connection, settings, true)?;
            open.refers = true;
        }
        Ok((&open.connection, &open.schema))
    }

    /// From now on the sessions have references.
    pub(super) fn keep_references(&mut self) {
        self.refers = true;
    }

    /// Looks at the table again, over the connection that is open.
    pub(super) fn refit(&mut self, settings: &Settings) -> Result<()> {
        if let Some(open) = &mut self.open {
            open.schema = schema::prepare(&open.connection, settings, self.refers)?;
        }
        Ok(())
    }

    /// Has the path looked at before the connection is used the next time. For what must not be done
    /// in a file that was deleted.
    pub(super) fn doubt(&mut self) {
        if let Some(open) = &mut self.open {
            open.doubted = true;
        }
    }

    /// Gives the connection up.
    pub(super) fn close(&mut self) {
        if let Some(open) = self.open.take()
            && !open.is_ours()
        {
            // The parent's. SQLite forbids to close it here: what the parent is working with might
            // be written back or removed. The descriptors are the price.
            std::mem::forget(open.connection);
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}

impl Open {
    fn new(settings: &Settings, allow: fn(&Path) -> bool, refers: bool) -> Result<Self> {
        let generation = fork::generation();
        let _alone = OPENING.try_lock_for(OPENING_LIMIT);
        let endpoint = settings.endpoint();
        let failed = |failure| error::sqlite(&endpoint, Operation::Open, failure);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (mut connection, file) = match &settings.place {
            Place::Memory => (Connection::open_in_memory_with_flags(flags).map_err(failed)?, None),
            Place::File(path) => {
                let (path, identity) = claim(path, allow)?;
                let flags = flags | OpenFlags::SQLITE_OPEN_NOFOLLOW;
                (Connection::open_with_flags(&path, flags).map_err(failed)?, Some((path, identity)))
            }
        };
        connection.busy_handler(Some(busy::wait)).map_err(failed)?;
        busy::limit(settings.busy_timeout);
        // A column that is not there is an error then, and not a text with its name.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).map_err(failed)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(32);
        tune(&connection, settings)?;
        let schema = schema::prepare(&connection, settings, refers)?;
        if let Some((path, _)) = &file {
            presence::announce(path, generation).map_err(|errno| error::place(path, errno.into()))?;
        }
        Ok(Self { connection, schema, refers, generation, file, checked: Instant::now(), doubted: false })
    }

    /// Whether it was opened by this process, and not by the one that this is a child of.
    fn is_ours(&self) -> bool {
        // A database in memory is a copy of the parent's, and all the child's own.
        self.file.is_none() || self.generation == fork::generation()
    }

    /// Whether the path still names the file that is open.
    fn is_current(&mut self) -> bool {
        if !std::mem::take(&mut self.doubted) && self.checked.elapsed() < TRUST {
            return true;
        }
        self.checked = Instant::now();
        self.file.as_ref().is_none_or(|(path, identity)| {
            fs::symlink_metadata(path).is_ok_and(|status| (status.dev(), status.ino()) == *identity)
        })
    }
}

/// Makes sure that the path names a database file that is ours to open: creates it, for its owner
/// alone, or refuses what was planted.
///
/// An existing file is looked at and not opened: closing it again would give up the locks of every
/// connection that this process has on it.
fn claim(path: &Path, allow: fn(&Path) -> bool) -> Result<(PathBuf, (u64, u64))> {
    config::allowed(path, allow)?;
    let (folder, name) = match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => (folder, name),
        _ => return Err(error::planted(path, "is a folder")),
    };
    // SQLite follows no link anywhere in the path; the folder may be reached over one.
    let real_folder = fs::canonicalize(folder).map_err(|cause| error::place(path, cause))?;
    let real = real_folder.join(name);
    config::allowed(&real, allow)?;
    let mut status = fs::symlink_metadata(&real);
    if status.as_ref().is_err_and(|cause| cause.kind() == ErrorKind::NotFound) {
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_CLOEXEC)
            .open(&real);
        match created {
            Err(cause) if cause.kind() != ErrorKind::AlreadyExists => return Err(error::place(path, cause)),
            _ => status = fs::symlink_metadata(&real),
        }
    }
    let status = status.map_err(|cause| error::place(path, cause))?;
    let kind = status.file_type();
    if kind.is_symlink() {
        return Err(error::planted(path, "is a symbolic link"));
    }
    if kind.is_dir() {
        return Err(error::planted(path, "is a folder"));
    }
    if !kind.is_file() || kind.is_fifo() {
        return Err(error::planted(path, "is not a regular file"));
    }
    let user = nix::unistd::geteuid();
    let folder_is_open = fs::metadata(&real_folder).is_ok_and(|folder| folder.mode() & 0o002 != 0);
    if folder_is_open && !user.is_root() && status.uid() != 0 && status.uid() != user.as_raw() {
        return Err(error::planted(path, "belongs to another user, in a folder that everybody can write to"));
    }
    Ok((real, (status.dev(), status.ino())))
}

/// The settings of a connection. WAL lets readers and one writer work at once.
fn tune(connection: &Connection, settings: &Settings) -> Result<()> {
    let endpoint = settings.endpoint();
    let failed = |failure| -> Error { error::sqlite(&endpoint, Operation::Open, failure) };
    let deadline = Instant::now() + settings.busy_timeout;
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match mode {
            Ok(_) => break,
            // When two make the change at once, one is told off without having waited.
            Err(rusqlite::Error::SqliteFailure(code, _))
                if code.code == rusqlite::ErrorCode::DatabaseBusy && Instant::now() < deadline =>
            {
                std::thread::sleep(PAUSE);
            }
            Err(failure) => return Err(failed(failure)),
        }
    }
    let synchronous = match settings.synchronous {
        Synchronous::Off => "OFF",
        Synchronous::Normal => "NORMAL",
        Synchronous::Full => "FULL",
    };
    let batch = format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; \
         PRAGMA journal_size_limit = 16777216; PRAGMA wal_autocheckpoint = 2000"
    );
    connection.execute_batch(&batch).map_err(failed)
}
