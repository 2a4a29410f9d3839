//! The statements that every operation of a store is.

use super::dialect::Dialect;
use super::flavour::{Flavour, Role};
use super::table::Table;

/// Up to ten years Symfony's column says how long the session lives; beyond, when it ends. Its
/// releases before 4.4 wrote the one, later ones write the other.
const SYMFONY_LONGEST: i64 = 315_576_000;

/// What stands for a question mark of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parameter {
    /// The session's id.
    Id,
    /// Its data, as [`Table::encode`] has it.
    Data,
    /// The time that [`Table::suitable`] gives, or for gc [`Table::expired_until`].
    Time,
    /// The present time.
    Now,
}

/// A column, quoted, and what it is given.
type Given<'a> = (&'a str, Parameter);

/// A statement's text, and what its question marks stand for, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<Parameter>,
}

/// A condition of gc, by which expired rows are found: the text behind `WHERE`, with the one
/// parameter [`Parameter::Time`], and the column by which an index may find them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expired {
    pub(crate) condition: String,
    /// Quoted.
    pub(crate) column: String,
}

/// The statements on one table, in one dialect. gc is the matter of the store, because databases
/// delete in batches in ways of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statements {
    /// The time and the data.
    pub(crate) read: Statement,
    /// The time alone.
    pub(crate) time: Statement,
    /// Creates or replaces; columns that are not ours keep their values.
    pub(crate) write: Statement,
    /// Sets the time of a row that is there.
    pub(crate) touch: Statement,
    /// Removes one row.
    pub(crate) destroy: Statement,
    /// What gc removes. Together they find every expired row.
    pub(crate) expired: Vec<Expired>,
}

impl Statements {
    pub(crate) fn new(table: &Table, dialect: Dialect) -> Self {
        use Parameter::{Data, Id, Now, Time};
        let name = dialect.quote(&table.name);
        // Every table has the columns of its flavour.
        let column = |role| table.column(role).map(|column| dialect.quote(column)).unwrap_or_default();
        let (id, data) = (column(Role::Id), column(Role::Data));
        let (expiry, used, created) = (column(Role::Expiry), column(Role::Used), column(Role::Created));
        let time = match table.flavour {
            Flavour::Seshat | Flavour::Dalmp => expiry.clone(),
            Flavour::HandlerSocket | Flavour::Laravel => used.clone(),
            Flavour::Phalcon => format!("COALESCE({used}, {created})"),
            Flavour::Symfony => {
                format!("CASE WHEN {expiry} > {SYMFONY_LONGEST} THEN {expiry} ELSE {expiry} + {used} END")
            }
        };
        // The columns of times and their parameters: of a new row, and those that change later.
        let (new, changing): (Vec<Given<'_>>, Vec<Given<'_>>) = match table.flavour {
            Flavour::Seshat | Flavour::Dalmp => (vec![(&expiry, Time)], vec![(&expiry, Time)]),
            Flavour::HandlerSocket | Flavour::Laravel => (vec![(&used, Time)], vec![(&used, Time)]),
            Flavour::Phalcon => (vec![(&created, Time)], vec![(&used, Time)]),
            Flavour::Symfony => (vec![(&expiry, Time), (&used, Now)], vec![(&expiry, Time), (&used, Now)]),
        };
        let by_id = |what: String, mut parameters: Vec<Parameter>| {
            parameters.push(Id);
            Statement { sql: format!("{what} WHERE {id} = ?"), parameters }
        };
        // What was given for the new row is what the old one changes to.
        let given = |column: &str| match dialect {
            Dialect::Sqlite => format!("excluded.{column}"),
            Dialect::Mysql => format!("VALUES({column})"),
        };
        let changes: Vec<String> = [(data.as_str(), data.as_str())]
            .into_iter()
            .chain(changing.iter().zip(&new).map(|((column, _), (given, _))| (*column, *given)))
            .map(|(column, from)| format!("{column} = {}", given(from)))
            .collect();
        let conflict = match dialect {
            Dialect::Sqlite => format!("ON CONFLICT ({id}) DO UPDATE SET"),
            Dialect::Mysql => "ON DUPLICATE KEY UPDATE".to_owned(),
        };
        let columns: Vec<&str> =
            [id.as_str(), &data].into_iter().chain(new.iter().map(|(column, _)| *column)).collect();
        let write = Statement {
            sql: format!(
                "INSERT INTO {name} ({}) VALUES ({}) {conflict} {}",
                columns.join(", "),
                vec!["?"; columns.len()].join(", "),
                changes.join(", ")
            ),
            parameters: [Id, Data].into_iter().chain(new.iter().map(|(_, parameter)| *parameter)).collect(),
        };
        let set = changing.iter().map(|(column, _)| format!("{column} = ?")).collect::<Vec<_>>().join(", ");
        let expired = |condition: String, column: &str| Expired { condition, column: column.to_owned() };
        Self {
            read: by_id(format!("SELECT {time}, {data} FROM {name}"), Vec::new()),
            time: by_id(format!("SELECT {time} FROM {name}"), Vec::new()),
            write,
            touch: by_id(
                format!("UPDATE {name} SET {set}"),
                changing.iter().map(|(_, parameter)| *parameter).collect(),
            ),
            destroy: by_id(format!("DELETE FROM {name}"), Vec::new()),
            // Conditions on bare columns, because no index finds the value of an expression.
            expired: match table.flavour {
                Flavour::Phalcon => vec![
                    expired(format!("{used} <= ?"), &used),
                    expired(format!("{used} IS NULL AND {created} <= ?"), &created),
                ],
                Flavour::Symfony => vec![
                    expired(format!("{expiry} > {SYMFONY_LONGEST} AND {expiry} <= ?"), &expiry),
                    expired(format!("{expiry} <= {SYMFONY_LONGEST} AND {expiry} + {used} <= ?"), &expiry),
                ],
                _ => vec![expired(format!("{time} <= ?"), &time)],
            },
        }
    }
}
