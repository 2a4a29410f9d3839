//! How a table is created.

use super::dialect::Dialect;
use super::flavour::{Flavour, Role, Times};
use super::identifier::Identifier;
use super::table::Table;

/// An id is ASCII and as long as PHP allows, and `a` is not `A`.
const MYSQL_ID: &str = "VARCHAR(256) CHARACTER SET ascii COLLATE ascii_bin NOT NULL";

impl Table {
    /// The statements that create the table with its indexes, for whoever has to write them.
    pub(crate) fn definition(&self, dialect: Dialect) -> Vec<String> {
        let name = dialect.quote(&self.name);
        let mut lines: Vec<String> = Vec::new();
        for (role, column) in &self.columns {
            let primary = if *role == Role::Id { " PRIMARY KEY" } else { "" };
            lines.push(format!("{} {}{primary}", dialect.quote(column), self.kind(*role, dialect)));
            if self.flavour == Flavour::Laravel && *role == Role::Id {
                lines.extend(self.laravels(dialect));
            }
        }
        if self.flavour == Flavour::Dalmp && dialect == Dialect::Mysql {
            lines.push("`ts` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP".to_owned());
        }
        let mut statements = Vec::new();
        for (index, columns) in self.indexes() {
            let columns = columns.iter().map(|column| quoted(dialect, column)).collect::<Vec<_>>().join(", ");
            match dialect {
                Dialect::Mysql => lines.push(format!("KEY `{index}` ({columns})")),
                Dialect::Sqlite => {
                    statements.push(format!("CREATE INDEX \"{}_{index}\" ON {name} ({columns})", self.name));
                }
            }
        }
        if let (Some(reference), Some(id)) = (self.column(Role::Reference), self.column(Role::Id)) {
            match dialect {
                Dialect::Mysql => lines.push(format!("KEY `{reference}` (`{reference}`)")),
                Dialect::Sqlite => statements.push(self.reference_index(reference, id)),
            }
        }
        statements.insert(0, format!("CREATE TABLE {name} ({})", lines.join(", ")));
        statements
    }

    /// The statements that add a column for references to a table without one, by its name.
    pub(super) fn reference_definition(&self, reference: &Identifier, dialect: Dialect) -> Vec<String> {
        let (name, kind) = (dialect.quote(&self.name), self.kind(Role::Reference, dialect));
        let column = format!("ALTER TABLE {name} ADD COLUMN {} {kind}", dialect.quote(reference));
        match (dialect, self.column(Role::Id)) {
            (Dialect::Sqlite, Some(id)) => vec![column, self.reference_index(reference, id)],
            _ => vec![format!("{column}, ADD KEY `{reference}` (`{reference}`)")],
        }
    }

    /// For SQLite. Sessions without a reference, most of them as a rule, cost nothing in it.
    fn reference_index(&self, reference: &Identifier, id: &Identifier) -> String {
        format!(
            "CREATE INDEX \"{table}_{reference}\" ON \"{table}\" (\"{reference}\", \"{id}\") \
             WHERE \"{reference}\" IS NOT NULL",
            table = self.name
        )
    }

    /// The columns by which gc finds what is expired, as an index has them.
    fn indexes(&self) -> Vec<(String, Vec<&str>)> {
        let name = |role| self.column(role).map(|column| column.as_str());
        let mut indexes = Vec::new();
        // Symfony's second column of times is no part of the search.
        let times: Vec<&str> = match name(Role::Expiry) {
            Some(expiry) => vec![expiry],
            // A row that was never changed has no time of its last use, and is found by the second.
            None => name(Role::Used).into_iter().chain(name(Role::Created)).collect(),
        };
        if let Some(first) = times.first() {
            indexes.push(((*first).to_owned(), times));
        }
        if self.flavour == Flavour::Laravel {
            indexes.push(("user_id".to_owned(), vec!["user_id"]));
        }
        indexes
    }

    fn kind(&self, role: Role, dialect: Dialect) -> &'static str {
        let text = self.times == Times::Text;
        match (dialect, role) {
            (Dialect::Sqlite, Role::Id) => "TEXT NOT NULL",
            (Dialect::Sqlite, Role::Data) if self.flavour == Flavour::Laravel => "TEXT NOT NULL",
            (Dialect::Sqlite, Role::Data) => "BLOB NOT NULL",
            (Dialect::Sqlite, Role::Reference) => "TEXT",
            (Dialect::Mysql, Role::Id) => MYSQL_ID,
            // Base64 is text; what PHP serializes need not be.
            (Dialect::Mysql, Role::Data) if self.flavour == Flavour::Laravel => {
                "LONGTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL"
            }
            (Dialect::Mysql, Role::Data) => "LONGBLOB NOT NULL",
            // Bytes: a collation would take names for equal that are not.
            (Dialect::Mysql, Role::Reference) => "VARBINARY(255) NULL",
            (_, Role::Created) if text => "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP",
            (_, Role::Used) if text && self.flavour == Flavour::Phalcon => "TIMESTAMP NULL DEFAULT NULL",
            (_, Role::Used) if text => "DATETIME NOT NULL",
            (Dialect::Sqlite, Role::Used) if self.flavour == Flavour::Phalcon => "INTEGER",
            (Dialect::Sqlite, _) => "INTEGER NOT NULL",
            (Dialect::Mysql, Role::Used) if self.flavour == Flavour::Phalcon => "INT UNSIGNED NULL",
            (Dialect::Mysql, Role::Expiry) if self.flavour == Flavour::Seshat => "BIGINT NOT NULL",
            (Dialect::Mysql, _) => "INT UNSIGNED NOT NULL",
        }
    }

    /// What Laravel fills in itself.
    fn laravels(&self, dialect: Dialect) -> Vec<String> {
        let (number, short, long) = match dialect {
            Dialect::Sqlite => ("INTEGER", "TEXT", "TEXT"),
            Dialect::Mysql => ("BIGINT UNSIGNED NULL", "VARCHAR(45) NULL", "TEXT NULL"),
        };
        [("user_id", number), ("ip_address", short), ("user_agent", long)]
            .iter()
            .map(|(column, kind)| format!("{} {kind}", quoted(dialect, column)))
            .collect()
    }
}

fn quoted(dialect: Dialect, column: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("\"{column}\""),
        Dialect::Mysql => format!("`{column}`"),
    }
}
