//! The table, and the statements that work on it.

use super::config::Settings;
use super::error;
use crate::backend::sql::{Column, Dialect, Parameter, Role, Statement, Statements, Table, Wanted};
use crate::error::{Operation, Result};
use rusqlite::Connection;

/// The table as it was found, and what is done with it.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) table: Table,
    pub(super) statements: Statements,
    pub(super) collections: Vec<Collection>,
    /// Where the table has a column for references.
    pub(super) listing: Option<Listing>,
}

/// How sessions and references are listed.
#[derive(Debug)]
pub(super) struct Listing {
    /// The sessions of a reference, behind an id: ids and times. Its last parameter, a limit, is not named.
    pub(super) sessions: Statement,
    /// The first reference behind this one.
    pub(super) next: String,
    /// Whether a reference has a session that is alive.
    pub(super) lives: Statement,
}

/// Expired rows of one sort: how they are found, and how they are removed.
///
/// They are looked for first, which locks nobody out, whether or not an index helps; then removed
/// by their number, unless they have come to life since.
#[derive(Debug)]
pub(super) struct Collection {
    /// The time up to which records are expired, and how many at most: numbers of rows.
    pub(super) find: String,
    /// A list of such numbers in JSON, and the time again.
    pub(super) remove: String,
}

impl Schema {
    fn new(table: Table) -> Self {
        let statements = Statements::new(&table, Dialect::Sqlite);
        let name = Dialect::Sqlite.quote(table.name());
        let collections = statements
            .expired
            .iter()
            .map(|expired| Collection {
                find: format!("SELECT rowid FROM {name} WHERE {} LIMIT ?", expired.condition),
                remove: format!(
                    "DELETE FROM {name} NOT INDEXED WHERE rowid IN (SELECT value FROM json_each(?)) AND {}",
                    expired.condition
                ),
            })
            .collect();
        let listing = table.column(Role::Reference).zip(statements.references.as_ref()).map(|(column, by)| {
            let column = Dialect::Sqlite.quote(column);
            let statement = |sql, parameters| Statement { sql, parameters };
            Listing {
                sessions: statement(format!("{} LIMIT ?", by.sessions.sql), by.sessions.parameters.clone()),
                next: format!("SELECT {column} FROM {name} WHERE {column} > ? ORDER BY {column} LIMIT 1"),
                lives: statement(
                    format!("SELECT 1 FROM {name} WHERE {column} = ? AND {} > ? LIMIT 1", statements.time_of_row),
                    vec![Parameter::Reference, Parameter::Alive],
                ),
            }
        });
        Self { table, statements, collections, listing }
    }
}

/// Makes sure that the table is there and fits, and creates it where that is wanted. `refers`: sessions have
/// references, so that it must have a column for them, or one may be added with the first of them.
pub(super) fn prepare(connection: &Connection, settings: &Settings, refers: bool) -> Result<Schema> {
    let endpoint = settings.endpoint();
    let failed = |failure| error::sqlite(&endpoint, Operation::Open, failure);
    let wanted = &settings.table;
    let unfit = |problem: &str| error::schema(&endpoint, problem);
    let mut existing = columns(connection, wanted).map_err(failed)?;
    if existing.is_empty() {
        let created = create(connection, wanted);
        if created.is_err() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        existing = created.map_err(failed)?;
    }
    if existing.is_empty() {
        return Err(unfit(&wanted.missing(Dialect::Sqlite)));
    }
    let schema = Schema::new(wanted.fit(&existing, Dialect::Sqlite).map_err(|problem| unfit(&problem))?);
    if refers && schema.table.column(Role::Reference).is_none() && !wanted.may_add_reference(&schema.table) {
        return Err(unfit(&wanted.unreferenced(&schema.table, Dialect::Sqlite)));
    }
    // An id that is not unique, or a table without rowids, shows when these are compiled.
    let finding = schema.collections.iter().map(|collection| &collection.find);
    for statement in finding.chain([&schema.statements.write.sql]) {
        if let Err(failure) = connection.prepare_cached(statement) {
            let expected = wanted.proper(&schema.table, Dialect::Sqlite);
            let problem = format!("the table \"{}\" does not fit ({failure}); expected: {expected}", wanted.table());
            return Err(unfit(&problem));
        }
    }
    Ok(schema)
}

/// Creates the table where that was said, or where nothing was said and the database is empty. The
/// columns that the table then has; none if it was not to be created.
fn create(connection: &Connection, wanted: &Wanted) -> rusqlite::Result<Vec<Column>> {
    if wanted.create() == Some(false) {
        return Ok(Vec::new());
    }
    // Another process may be doing the same: IMMEDIATE lets one of us after the other.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut existing = columns(connection, wanted)?;
    if existing.is_empty() && (wanted.create() == Some(true) || is_empty(connection)?) {
        for statement in wanted.creation(Dialect::Sqlite) {
            connection.execute_batch(&statement)?;
        }
        existing = columns(connection, wanted)?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(existing)
}

/// Adds a column for references to a table without one, where that is allowed. Another process may be
/// doing the same.
pub(super) fn add_references(connection: &Connection, settings: &Settings, table: &Table) -> Result<()> {
    let (endpoint, wanted) = (settings.endpoint(), &settings.table);
    if !wanted.may_add_reference(table) {
        return Err(error::schema(&endpoint, &wanted.unreferenced(table, Dialect::Sqlite)));
    }
    let add = || -> rusqlite::Result<()> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let existing = columns(connection, wanted)?;
        if wanted.fit(&existing, Dialect::Sqlite).is_ok_and(|table| table.column(Role::Reference).is_none()) {
            for statement in wanted.reference_definition(table, Dialect::Sqlite) {
                connection.execute_batch(&statement)?;
            }
        }
        connection.execute_batch("COMMIT")
    };
    add().map_err(|failure| {
        let _ = connection.execute_batch("ROLLBACK");
        error::sqlite(&endpoint, Operation::Open, failure)
    })
}

/// Whether the database has no tables at all.
fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}

fn columns(connection: &Connection, wanted: &Wanted) -> rusqlite::Result<Vec<Column>> {
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info(?1)")?;
    let columns =
        statement.query_map([wanted.table().as_str()], |row| Ok(Column { name: row.get(0)?, kind: row.get(1)? }))?;
    columns.collect()
}
