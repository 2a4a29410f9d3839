//! The table, and the statements that work on it.

use super::config::Settings;
use super::error;
use crate::error::{Operation, Result};
use rusqlite::Connection;

/// The statements, with the table's name in them. Values are always parameters.
#[derive(Debug)]
pub(super) struct Statements {
    /// `?1` id: expiry, data.
    pub(super) read: String,
    /// `?1` id: expiry.
    pub(super) expiry: String,
    /// `?1` id, `?2` expiry, `?3` data.
    pub(super) write: String,
    /// `?1` id, `?2` expiry.
    pub(super) touch: String,
    /// `?1` id.
    pub(super) destroy: String,
    /// `?1` now, `?2` how many at most.
    pub(super) collect: String,
}

impl Statements {
    /// `table` is a checked identifier; it is quoted all the same, because `order` is one too.
    pub(super) fn new(table: &str) -> Self {
        Self {
            read: format!("SELECT expires_at, data FROM \"{table}\" WHERE id = ?1"),
            expiry: format!("SELECT expires_at FROM \"{table}\" WHERE id = ?1"),
            write: format!(
                "INSERT INTO \"{table}\" (id, expires_at, data) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, data = excluded.data"
            ),
            touch: format!("UPDATE \"{table}\" SET expires_at = ?2 WHERE id = ?1"),
            destroy: format!("DELETE FROM \"{table}\" WHERE id = ?1"),
            collect: format!(
                "DELETE FROM \"{table}\" WHERE rowid IN \
                 (SELECT rowid FROM \"{table}\" WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)"
            ),
        }
    }
}

/// The expiry stands before the data: it can then be read and changed without a walk along the
/// pages of a large session.
fn create_table(table: &str) -> String {
    format!("CREATE TABLE \"{table}\" (id TEXT PRIMARY KEY NOT NULL, expires_at INTEGER NOT NULL, data BLOB NOT NULL)")
}

fn create_index(table: &str) -> String {
    format!("CREATE INDEX \"{table}_expires_at\" ON \"{table}\" (expires_at)")
}

/// Makes sure that the table is there and fits, and creates it where that is wanted.
pub(super) fn prepare(connection: &Connection, settings: &Settings, statements: &Statements) -> Result<()> {
    let endpoint = settings.endpoint();
    let failed = |failure| error::sqlite(&endpoint, Operation::Open, failure);
    let (table, index) = (create_table(&settings.table), create_index(&settings.table));
    let expected = format!("{table}; {index}");
    let mut columns = columns(connection, &settings.table).map_err(failed)?;
    if columns.is_empty() {
        if !settings.create_table {
            let problem = format!("there is no table \"{}\" and create_table is off", settings.table);
            return Err(error::schema(&endpoint, &problem, &expected));
        }
        // Another process may be doing the same: IMMEDIATE lets one of us after the other.
        let guarded = format!(
            "BEGIN IMMEDIATE; {}; {}; COMMIT",
            table.replacen("TABLE", "TABLE IF NOT EXISTS", 1),
            index.replacen("INDEX", "INDEX IF NOT EXISTS", 1)
        );
        if let Err(failure) = connection.execute_batch(&guarded) {
            let _ = connection.execute_batch("ROLLBACK");
            return Err(failed(failure));
        }
        columns = self::columns(connection, &settings.table).map_err(failed)?;
    }
    let missing: Vec<&str> = ["id", "expires_at", "data"]
        .into_iter()
        .filter(|wanted| !columns.iter().any(|column| column.eq_ignore_ascii_case(wanted)))
        .collect();
    if !missing.is_empty() {
        let problem = format!("the table \"{}\" has no column {}", settings.table, missing.join(", "));
        return Err(error::schema(&endpoint, &problem, &expected));
    }
    // An id that is not unique, or a table without rowids, shows when these are compiled.
    for statement in [&statements.write, &statements.collect] {
        if let Err(failure) = connection.prepare_cached(statement) {
            let problem = format!("the table \"{}\" does not fit ({failure})", settings.table);
            return Err(error::schema(&endpoint, &problem, &expected));
        }
    }
    Ok(())
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    names.collect()
}
