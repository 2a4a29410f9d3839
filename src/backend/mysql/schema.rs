//! What a new connection is told and asked first: how to behave, and what the table is like.

use super::error::{self, FAILURES, code};
use super::link::Connection;
use super::reply::{Reply, Rows};
use super::server::Settings;
use super::statements::Batch;
use crate::backend::sql::{self, Dialect, Role};
use crate::error::{Operation, Result};

/// Places in a row of `SHOW FULL COLUMNS`.
const COLLATION: usize = 2;
const KEY: usize = 4;

/// Makes the connection behave alike on every server, and looks at the table. Also the longest packet.
pub(super) fn set_up(
    settings: &Settings,
    operation: Operation,
    connection: &mut Connection,
) -> Result<(sql::Table, usize)> {
    let (address, limit) = (&settings.address, settings.read_timeout);
    let broken = |fault| FAILURES.broken(operation, address, limit, fault);
    // The server should give up on a locked row before we give up on the server.
    let patience = limit.as_secs().saturating_sub(1).clamp(1, 3600);
    let table = Dialect::Mysql.quote(&settings.wanted.table());
    let mut batch = Batch::default();
    batch.query("SET NAMES utf8mb4");
    // What a column holds comes as it is, whatever its character set, and a TIMESTAMP in UTC.
    batch.query(&format!(
        "SET SESSION character_set_results = NULL, SESSION time_zone = '+00:00', SESSION autocommit = 1, SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', \
         SESSION innodb_lock_wait_timeout = {patience}"
    ));
    batch.query("SELECT @@max_allowed_packet");
    batch.query(&format!("SHOW FULL COLUMNS FROM {table}"));
    connection.send(batch.parts()).map_err(broken)?;
    let mut most = usize::MAX;
    let (mut columns, mut wide, mut keys) = (None, Vec::new(), Vec::new());
    let mut refusal = None;
    for place in 0..batch.count() {
        match (place, connection.reply(limit).map_err(broken)?) {
            (2, Reply::Rows(rows)) => {
                let told = rows.texts().next().and_then(|row| row.into_iter().next().flatten());
                most = told.and_then(|text| text.parse().ok()).unwrap_or(most);
            }
            (3, Reply::Rows(rows)) => {
                columns = Some(columns_in(&rows));
                wide = columns_with(&rows, COLLATION, is_wide);
                keys = columns_with(&rows, KEY, |key| matches!(key, "PRI" | "UNI"));
            }
            (3, Reply::Refused { code: code::NO_SUCH_TABLE, .. }) => {}
            (_, Reply::Refused { code, said }) => {
                refusal.get_or_insert(error::refused(operation, address, code, said));
            }
            _ => {}
        }
    }
    connection.finish().map_err(broken)?;
    if let Some(error) = refusal {
        return Err(error);
    }
    let complain = |complaint| error::table(address, complaint);
    let existed = columns.is_some();
    let table = match columns {
        Some(columns) => settings.wanted.fit(&columns, Dialect::Mysql).map_err(complain)?,
        None if settings.wanted.create() == Some(true) => {
            let table = settings.wanted.new_table();
            define(settings, operation, connection, &table.definition(Dialect::Mysql))?;
            table
        }
        None => return Err(complain(settings.wanted.missing(Dialect::Mysql))),
    };
    if let Some(data) = table.column(Role::Data)
        && wide.iter().any(|name| data.names(name))
    {
        return Err(complain(format!(
            "the column {data} of the table \"{}\" is text of characters of two or four bytes, and a session's bytes are not; \
             make the column a LONGBLOB",
            table.name()
        )));
    }
    if let Some(id) = table.column(Role::Id)
        && existed
        && !keys.iter().any(|name| id.names(name))
        && lacks_key(settings, operation, connection, &table)?
    {
        return Err(complain(format!(
            "the column {id} of the table \"{}\" is no key, so that each write would add a row; make it the PRIMARY KEY",
            table.name()
        )));
    }
    if !settings.referred || table.column(Role::Reference).is_some() {
        return Ok((table, most));
    }
    if settings.wanted.create() != Some(true) {
        return Err(complain(settings.wanted.unreferenced(&table, Dialect::Mysql)));
    }
    define(settings, operation, connection, &settings.wanted.reference_definition(&table, Dialect::Mysql))?;
    let mut again = Batch::default();
    again.query(&format!("SHOW COLUMNS FROM {}", Dialect::Mysql.quote(&settings.wanted.table())));
    connection.send(again.parts()).map_err(broken)?;
    let columns = match connection.reply(limit).map_err(broken)? {
        Reply::Rows(rows) => columns_in(&rows),
        _ => return Err(FAILURES.unexpected(operation, address)),
    };
    connection.finish().map_err(broken)?;
    settings.wanted.fit(&columns, Dialect::Mysql).map(|table| (table, most)).map_err(complain)
}

/// Whether the characters of such a text all have two or four bytes: the server fills up other lengths with zeros, in any
/// `sql_mode`.
fn is_wide(collation: &str) -> bool {
    ["ucs2", "utf16", "utf32"].iter().any(|set| collation.starts_with(set))
}

/// The names of the columns of which `SHOW FULL COLUMNS` says at `place` what fits.
fn columns_with(rows: &Rows<'_>, place: usize, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let columns = rows.texts().filter_map(|row| {
        let mut values = row.into_iter();
        let name = values.next().flatten()?;
        let said = values.nth(place - 1).flatten()?;
        fits(&said).then_some(name)
    });
    columns.collect()
}

/// Whether no unique index has the column of ids, so that `ON DUPLICATE KEY` would never find a duplicate. A view has no indexes,
/// and those of its table count.
fn lacks_key(
    settings: &Settings,
    operation: Operation,
    connection: &mut Connection,
    table: &sql::Table,
) -> Result<bool> {
    let Some(id) = table.column(Role::Id) else { return Ok(false) };
    let (address, limit) = (&settings.address, settings.read_timeout);
    let broken = |fault| FAILURES.broken(operation, address, limit, fault);
    let here = format!("TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{}'", table.name());
    let mut batch = Batch::default();
    batch.query(&format!(
        "SELECT EXISTS (SELECT 1 FROM information_schema.TABLES WHERE {here} AND TABLE_TYPE = 'BASE TABLE') \
         AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS WHERE {here} AND COLUMN_NAME = '{id}' AND NON_UNIQUE = 0)"
    ));
    connection.send(batch.parts()).map_err(broken)?;
    let told = match connection.reply(limit).map_err(broken)? {
        Reply::Rows(rows) => rows.texts().next().and_then(|row| row.into_iter().next().flatten()),
        _ => None,
    };
    connection.finish().map_err(broken)?;
    Ok(told.as_deref() == Some("1"))
}

/// What `SHOW COLUMNS` says.
fn columns_in(rows: &Rows<'_>) -> Vec<sql::Column> {
    let columns = rows.texts().filter_map(|row| {
        let mut values = row.into_iter().flatten();
        Some(sql::Column { name: values.next()?, kind: values.next()? })
    });
    columns.collect()
}

/// Creates or adds something, which another worker may do at the same time.
fn define(settings: &Settings, operation: Operation, connection: &mut Connection, statements: &[String]) -> Result<()> {
    let (address, limit) = (&settings.address, settings.read_timeout);
    let broken = |fault| FAILURES.broken(operation, address, limit, fault);
    for statement in statements {
        let mut batch = Batch::default();
        batch.query(statement);
        connection.send(batch.parts()).map_err(broken)?;
        match connection.reply(limit).map_err(broken)? {
            Reply::Refused { code, .. } if code::THERE_ALREADY.contains(&code) => {}
            Reply::Done { .. } => {}
            Reply::Refused { code, said } => return Err(error::refused(operation, address, code, said)),
            _ => return Err(FAILURES.unexpected(operation, address)),
        }
        connection.finish().map_err(broken)?;
    }
    Ok(())
}
