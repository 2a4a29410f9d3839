//! The table's statements as a connection of the application's runs them, and what they are given.

use super::connection::Value;
use crate::backend::sql::{Dialect, Moment, Parameter, Statement, Statements, Table};
use crate::session::id::SessionId;
use std::time::Duration;

/// The table, and what is done with it.
pub(super) struct Plan {
    pub(super) table: Table,
    pub(super) statements: Statements,
    /// As `statements.update`, of a row that may have expired.
    pub(super) replace: Statement,
}

impl Plan {
    pub(super) fn new(table: Table, dialect: Dialect) -> Self {
        let mut statements = Statements::new(&table, dialect);
        if dialect == Dialect::Mysql {
            statements.write.sql = strictly(&statements.write.sql);
            for statement in [&mut statements.touch, &mut statements.destroy] {
                statement.sql = current(&statement.sql);
            }
        }
        let mut replace = statements.update.clone();
        if replace.parameters.pop_if(|last| *last == Parameter::Alive).is_some()
            && let Some((before, behind)) = replace.sql.rsplit_once('?')
        {
            // Every time is later than 0, a text too.
            replace.sql = format!("{before}0{behind}");
        }
        Self { table, statements, replace }
    }
}

/// A statement on the rows as they are now, also in a transaction of the application's that began
/// earlier. MariaDB, from 11.6 on unless told otherwise, gives up a statement that finds a row changed
/// since, and the whole transaction with it. Others take it for a comment.
pub(super) fn current(sql: &str) -> String {
    format!("/*M!110402 SET STATEMENT innodb_snapshot_isolation=OFF FOR */ {sql}")
}

/// The same, in MySQL's strict mode, as MariaDB says it and as MySQL 8 does: without it a session that
/// does not fit its column is cut, with no more than a warning. MySQL 5.7 takes both for comments; there
/// strict mode is on unless somebody has turned it off.
fn strictly(insert: &str) -> String {
    // Of two SET STATEMENT, one within the other, only the inner one counts.
    let settings = "/*M!100100 SET STATEMENT sql_mode='STRICT_ALL_TABLES' */\
                    /*M!110402 , innodb_snapshot_isolation=OFF */ /*M!100100 FOR */";
    let hint = "INSERT /*+ SET_VAR(sql_mode='STRICT_ALL_TABLES') */";
    format!("{settings} {}", insert.replacen("INSERT", hint, 1))
}

/// Which of the table's statements.
pub(super) type Choice = fn(&Plan) -> &Statement;

/// What the parameters of a statement that changes something stand for.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) id: SessionId<'a>,
    /// As it is stored.
    pub(super) data: &'a [u8],
    pub(super) ttl: Duration,
    /// For the last question mark, if there is one more.
    pub(super) former: Option<&'a [u8]>,
}

impl<'a> Given<'a> {
    pub(super) fn new(id: SessionId<'a>, data: &'a [u8], ttl: Duration) -> Self {
        Self { id, data, ttl, former: None }
    }
}

/// MySQL converts text to the column's characters and back, and leaves it alone in a column of
/// bytes. SQLite keeps whatever kind it is given: text as other programs expect it, if it is text.
pub(super) fn binary(data: &[u8], dialect: Dialect) -> Value<'_> {
    let is_text = dialect == Dialect::Mysql || (!data.contains(&0) && std::str::from_utf8(data).is_ok());
    if is_text { Value::Text(data) } else { Value::Binary(data) }
}

pub(super) fn moment(moment: &Moment) -> Value<'_> {
    match moment {
        Moment::Unix(seconds) => Value::Int(*seconds),
        Moment::Text(text) => Value::Text(text.as_bytes()),
    }
}
