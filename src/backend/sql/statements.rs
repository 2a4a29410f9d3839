//! The statements that every operation of a store is.

use super::dialect::Dialect;
use super::flavour::{Flavour, Role, Times};
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
    /// The time that [`Table::suitable`] gives, or for gc [`Table::collected_until`].
    Time,
    /// The present time.
    Now,
    /// The time that [`Table::alive_after`] gives.
    Alive,
    /// The session's reference, or NULL.
    Reference,
}

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
    /// Creates or replaces; columns that are not ours keep their values. A reference stays, unless
    /// it is that of a record that has expired.
    pub(crate) write: Statement,
    /// The same for a record that was alive a moment ago: its reference stays, and nothing need be found out.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "SQLite compares at no cost"))]
    pub(crate) overwrite: Statement,
    /// Sets data and time of a record that is alive.
    pub(crate) update: Statement,
    /// Sets the data of a record that has this very time. No index has anything to do with it.
    pub(crate) rewrite: Statement,
    /// Sets the time of a row that is there.
    pub(crate) touch: Statement,
    /// Creates a row. One that is there is an error.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "for writes without a lock"))]
    pub(crate) insert: Statement,
    /// Sets data and time of a row that is there, alive or not.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "for writes without a lock"))]
    pub(crate) replace: Statement,
    /// Creates a row, or sets the time of the one that is there, which keeps its data.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "for an end that nobody waits for"))]
    pub(crate) restore: Statement,
    /// Removes one row.
    pub(crate) destroy: Statement,
    /// What gc removes. Together they find every expired row.
    pub(crate) expired: Vec<Expired>,
    /// A record's time, as an expression.
    pub(crate) time_of_row: String,
    /// What concerns references, where the table has a column for them.
    pub(crate) references: Option<ReferenceStatements>,
}

/// The statements on a table with references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReferenceStatements {
    /// As [`Statements::write`], with the reference.
    pub(crate) write: Statement,
    /// As [`Statements::update`], with the reference.
    pub(crate) update: Statement,
    /// As [`Statements::rewrite`], of a record that has this very reference too.
    pub(crate) rewrite: Statement,
    /// As [`Statements::touch`], with the reference.
    pub(crate) touch: Statement,
    /// As [`Statements::insert`], with the reference.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "for writes without a lock"))]
    pub(crate) insert: Statement,
    /// As [`Statements::replace`], with the reference.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "for writes without a lock"))]
    pub(crate) replace: Statement,
    /// As [`Statements::restore`], with the reference.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "for an end that nobody waits for"))]
    pub(crate) restore: Statement,
    /// A record's time and reference.
    pub(crate) of: Statement,
    /// The ids and times of the records with this reference whose ids come after this one, in
    /// their order. A limit is to follow.
    pub(crate) sessions: Statement,
}

/// The columns of a table, quoted, and what a record's time is made of.
struct Names<'a> {
    table: &'a Table,
    dialect: Dialect,
    name: String,
    id: String,
    data: String,
    reference: Option<String>,
    /// The time, as an expression.
    time: String,
    /// What the columns of times are given in a new row, and what in one that changes.
    new: Vec<(String, Parameter)>,
    changing: Vec<(String, Parameter)>,
}

impl Statements {
    pub(crate) fn new(table: &Table, dialect: Dialect) -> Self {
        let names = Names::new(table, dialect);
        let (name, id, data, time) = (&names.name, &names.id, &names.data, &names.time);
        Self {
            read: by_id(format!("SELECT {time}, {data} FROM {name} WHERE {id} = ?")),
            time: by_id(format!("SELECT {time} FROM {name} WHERE {id} = ?")),
            write: names.write(false),
            overwrite: names.overwrite(),
            update: names.update(false),
            rewrite: names.rewrite(None),
            touch: names.touch(false),
            insert: names.insert(false),
            replace: names.replace(false),
            restore: names.restore(false),
            destroy: by_id(format!("DELETE FROM {name} WHERE {id} = ?")),
            expired: names.expired(),
            time_of_row: time.clone(),
            references: names.reference.as_ref().map(|reference| ReferenceStatements {
                write: names.write(true),
                update: names.update(true),
                rewrite: names.rewrite(Some(reference)),
                touch: names.touch(true),
                insert: names.insert(true),
                replace: names.replace(true),
                restore: names.restore(true),
                of: by_id(format!("SELECT {time}, {reference} FROM {name} WHERE {id} = ?")),
                sessions: Statement {
                    sql: format!("SELECT {id}, {time} FROM {name} WHERE {reference} = ? AND {id} > ? ORDER BY {id}"),
                    parameters: vec![Parameter::Reference, Parameter::Id],
                },
            }),
        }
    }
}

impl<'a> Names<'a> {
    fn new(table: &'a Table, dialect: Dialect) -> Self {
        // Every table has the columns of its flavour.
        let column = |role| table.column(role).map(|column| dialect.quote(column)).unwrap_or_default();
        let (expiry, used, created) = (column(Role::Expiry), column(Role::Used), column(Role::Created));
        let given = |column: &String, parameter| (column.clone(), parameter);
        let ends = || vec![given(&expiry, Parameter::Time)];
        let uses = || vec![given(&used, Parameter::Time)];
        let both = || vec![given(&expiry, Parameter::Time), given(&used, Parameter::Now)];
        let (time, new, changing) = match table.flavour {
            Flavour::Seshat | Flavour::Dalmp => (expiry.clone(), ends(), ends()),
            Flavour::HandlerSocket | Flavour::Laravel => (used.clone(), uses(), uses()),
            Flavour::Phalcon => {
                (format!("COALESCE({used}, {created})"), vec![given(&created, Parameter::Time)], uses())
            }
            Flavour::Symfony => (
                format!("CASE WHEN {expiry} > {SYMFONY_LONGEST} THEN {expiry} ELSE {expiry} + {used} END"),
                both(),
                both(),
            ),
        };
        Self {
            table,
            dialect,
            name: dialect.quote(&table.name),
            id: column(Role::Id),
            data: column(Role::Data),
            reference: table.column(Role::Reference).map(|column| dialect.quote(column)),
            time,
            new,
            changing,
        }
    }

    fn insert(&self, with_reference: bool) -> Statement {
        let mut columns = vec![(&self.id, Parameter::Id), (&self.data, Parameter::Data)];
        columns.extend(self.new.iter().map(|(column, parameter)| (column, *parameter)));
        columns.extend(self.reference.iter().filter(|_| with_reference).map(|name| (name, Parameter::Reference)));
        let list: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
        Statement {
            sql: format!(
                "INSERT INTO {} ({}) VALUES ({})",
                self.name,
                list.join(", "),
                vec!["?"; list.len()].join(", ")
            ),
            parameters: columns.iter().map(|(_, parameter)| *parameter).collect(),
        }
    }

    /// What a row becomes that is there: each column is given what was given for the new row.
    fn or_change(&self, insert: Statement, first: Option<String>, columns: &[(&String, &String)]) -> Statement {
        let given = |(to, from): &(&String, &String)| match self.dialect {
            Dialect::Sqlite => format!("{to} = excluded.{from}"),
            Dialect::Mysql => format!("{to} = VALUES({from})"),
        };
        let conflict = match self.dialect {
            Dialect::Sqlite => format!("ON CONFLICT ({}) DO UPDATE SET", self.id),
            Dialect::Mysql => "ON DUPLICATE KEY UPDATE".to_owned(),
        };
        let changes: Vec<String> = first.into_iter().chain(columns.iter().map(given)).collect();
        Statement { sql: format!("{} {conflict} {}", insert.sql, changes.join(", ")), ..insert }
    }

    fn write(&self, with_reference: bool) -> Statement {
        let mut insert = self.insert(with_reference);
        let mut columns = self.changed(with_reference);
        columns.push((&self.data, &self.data));
        let mut first = None;
        // First of all: MySQL would look at the time that the row has got by then.
        if let Some(reference) = self.reference.as_ref().filter(|_| !with_reference) {
            let time = &self.time;
            first = Some(format!("{reference} = CASE WHEN {time} > ? THEN {reference} ELSE NULL END"));
            insert.parameters.push(Parameter::Alive);
        }
        self.or_change(insert, first, &columns)
    }

    fn overwrite(&self) -> Statement {
        let mut columns = self.changed(false);
        columns.push((&self.data, &self.data));
        self.or_change(self.insert(false), None, &columns)
    }

    fn restore(&self, with_reference: bool) -> Statement {
        self.or_change(self.insert(with_reference), None, &self.changed(with_reference))
    }

    fn replace(&self, with_reference: bool) -> Statement {
        let mut set = vec![(&self.data, Parameter::Data)];
        set.extend(self.changing.iter().map(|(column, parameter)| (column, *parameter)));
        self.set(set, with_reference, "", &[])
    }

    /// The columns beside the data that change with each write, and those of a new row that have it.
    fn changed(&self, with_reference: bool) -> Vec<(&String, &String)> {
        let times = self.changing.iter().zip(&self.new).map(|((to, _), (from, _))| (to, from));
        times.chain(self.reference.iter().filter(|_| with_reference).map(|name| (name, name))).collect()
    }

    fn update(&self, with_reference: bool) -> Statement {
        let mut set = vec![(&self.data, Parameter::Data)];
        set.extend(self.changing.iter().map(|(column, parameter)| (column, *parameter)));
        let condition = format!(" AND {} > ?", self.time);
        self.set(set, with_reference, &condition, &[Parameter::Alive])
    }

    fn rewrite(&self, reference: Option<&String>) -> Statement {
        let Self { name, id, data, time, .. } = self;
        let mut sql = format!("UPDATE {name} SET {data} = ? WHERE {id} = ? AND {time} = ?");
        let mut parameters = vec![Parameter::Data, Parameter::Id, Parameter::Time];
        if let Some(reference) = reference {
            let is = match self.dialect {
                Dialect::Sqlite => "IS",
                Dialect::Mysql => "<=>",
            };
            sql.push_str(&format!(" AND {reference} {is} ?"));
            parameters.push(Parameter::Reference);
        }
        Statement { sql, parameters }
    }

    fn touch(&self, with_reference: bool) -> Statement {
        let set = self.changing.iter().map(|(column, parameter)| (column, *parameter)).collect();
        self.set(set, with_reference, "", &[])
    }

    /// An `UPDATE` of one row.
    fn set<'b>(
        &'b self,
        mut set: Vec<(&'b String, Parameter)>,
        with_reference: bool,
        condition: &str,
        later: &[Parameter],
    ) -> Statement {
        if with_reference && let Some(reference) = &self.reference {
            set.push((reference, Parameter::Reference));
        }
        let changes: Vec<String> = set.iter().map(|(column, _)| format!("{column} = ?")).collect();
        Statement {
            sql: format!("UPDATE {} SET {} WHERE {} = ?{condition}", self.name, changes.join(", "), self.id),
            parameters: set
                .iter()
                .map(|(_, parameter)| *parameter)
                .chain([Parameter::Id])
                .chain(later.iter().copied())
                .collect(),
        }
    }

    /// Conditions on bare columns, because no index finds the value of an expression.
    fn expired(&self) -> Vec<Expired> {
        let column = |role| self.table.column(role).map(|column| self.dialect.quote(column)).unwrap_or_default();
        let (expiry, used, created) = (column(Role::Expiry), column(Role::Used), column(Role::Created));
        let expired = |mut condition: String, column: &str| {
            // To SQLite every number is less than any text, whatever it counts.
            if self.dialect == Dialect::Sqlite && self.table.times == Times::Text {
                condition.push_str(&format!(" AND typeof({column}) = 'text'"));
            }
            Expired { condition, column: column.to_owned() }
        };
        match self.table.flavour {
            Flavour::Phalcon => vec![
                expired(format!("{used} <= ?"), &used),
                expired(format!("{used} IS NULL AND {created} <= ?"), &created),
            ],
            Flavour::Symfony => vec![
                expired(format!("{expiry} > {SYMFONY_LONGEST} AND {expiry} <= ?"), &expiry),
                expired(format!("{expiry} <= {SYMFONY_LONGEST} AND {expiry} + {used} <= ?"), &expiry),
            ],
            _ => vec![expired(format!("{} <= ?", self.time), &self.time)],
        }
    }
}

fn by_id(sql: String) -> Statement {
    Statement { sql, parameters: vec![Parameter::Id] }
}
