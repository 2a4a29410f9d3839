//! Statements on the table, over a connection.

use super::schema::{Collection, Schema};
use crate::backend::sql::{Moment, Parameter, Statement};
use crate::session::id::SessionId;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{CachedStatement, Connection, Row};

/// What a statement is given, whichever of it the table's flavour wants.
#[derive(Clone, Copy, Default)]
pub(super) struct Given<'a> {
    pub(super) id: &'a str,
    pub(super) data: &'a [u8],
    pub(super) time: i64,
    pub(super) now: i64,
    pub(super) alive: i64,
    pub(super) reference: Option<&'a [u8]>,
}

impl<'a> Given<'a> {
    /// An id alone.
    pub(super) fn of(id: SessionId<'a>) -> Self {
        Self { id: id.as_str(), ..Self::default() }
    }
}

/// The connection with the table that it works on.
#[derive(Clone, Copy)]
pub(super) struct Session<'a> {
    pub(super) connection: &'a Connection,
    pub(super) schema: &'a Schema,
}

impl<'a> Session<'a> {
    /// The statement, ready to be run.
    pub(super) fn prepare(self, statement: &Statement, given: Given<'_>) -> rusqlite::Result<CachedStatement<'a>> {
        let table = &self.schema.table;
        let mut prepared = self.connection.prepare_cached(&statement.sql)?;
        for (index, parameter) in statement.parameters.iter().enumerate() {
            let index = index + 1;
            match parameter {
                Parameter::Id => prepared.raw_bind_parameter(index, given.id)?,
                Parameter::Data => prepared.raw_bind_parameter(index, table.encode(given.data).as_ref())?,
                Parameter::Time => prepared.raw_bind_parameter(index, bound(table.moment(given.time)))?,
                Parameter::Now => prepared.raw_bind_parameter(index, bound(table.moment(given.now)))?,
                Parameter::Alive => prepared.raw_bind_parameter(index, bound(table.moment(given.alive)))?,
                Parameter::Reference => prepared.raw_bind_parameter(index, named(given.reference))?,
            }
        }
        Ok(prepared)
    }

    /// Runs a statement that changes at most one row. Whether it did.
    pub(super) fn execute(self, statement: &Statement, given: Given<'_>) -> rusqlite::Result<bool> {
        self.prepare(statement, given)?.raw_execute().map(|changed| changed > 0)
    }

    /// The time in a column of a row.
    pub(super) fn time(self, row: &Row<'_>, column: usize) -> rusqlite::Result<i64> {
        let value = row.get_ref(column)?;
        let moment = match value {
            ValueRef::Integer(seconds) => Some(Moment::Unix(seconds)),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().map(|text| Moment::Text(text.to_owned())),
            _ => None,
        };
        moment
            .and_then(|moment| self.schema.table.seconds(&moment))
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(column, "time".into(), value.data_type()))
    }

    /// Removes at most `batch` rows that had expired at `until`. How many there were.
    pub(super) fn collect(self, collection: &Collection, until: i64, batch: u32) -> rusqlite::Result<u64> {
        let mut find = self.connection.prepare_cached(&collection.find)?;
        find.raw_bind_parameter(1, bound(self.schema.table.moment(until)))?;
        find.raw_bind_parameter(2, batch)?;
        let mut list = String::from("[");
        let mut rows = find.raw_query();
        while let Some(row) = rows.next()? {
            if list.len() > 1 {
                list.push(',');
            }
            list.push_str(&row.get::<_, i64>(0)?.to_string());
        }
        drop(rows);
        if list.len() == 1 {
            return Ok(0);
        }
        list.push(']');
        let mut remove = self.connection.prepare_cached(&collection.remove)?;
        remove.raw_bind_parameter(1, list)?;
        remove.raw_bind_parameter(2, bound(self.schema.table.moment(until)))?;
        remove.raw_execute().map(|count| u64::try_from(count).unwrap_or(u64::MAX))
    }
}

fn bound(moment: Moment) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(match moment {
        Moment::Unix(seconds) => Value::Integer(seconds),
        Moment::Text(text) => Value::Text(text),
    })
}

/// A reference as it is stored: text where it is some, so that people and other programs can read
/// it, and otherwise bytes. To SQLite the two are never equal.
fn named(reference: Option<&[u8]>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match reference {
        None => ValueRef::Null,
        Some(name) if !name.contains(&0) && std::str::from_utf8(name).is_ok() => ValueRef::Text(name),
        Some(name) => ValueRef::Blob(name),
    })
}

/// The reference in a column of a row.
pub(super) fn reference<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<Option<&'r [u8]>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(name) | ValueRef::Blob(name) => Ok(Some(name).filter(|name| !name.is_empty())),
        other => Err(rusqlite::Error::InvalidColumnType(column, "reference".into(), other.data_type())),
    }
}
