//! In what the databases' SQL differs.

use super::identifier::Identifier;

/// Whose SQL a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite, from 3.24 on.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "each store names its own"))]
    Sqlite,
    /// MySQL and MariaDB.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "each store names its own"))]
    Mysql,
}

impl Dialect {
    /// The name in quotes. It has been checked; it is quoted all the same, because `order` is a name too.
    pub(crate) fn quote(self, name: &Identifier) -> String {
        match self {
            Self::Sqlite => format!("\"{name}\""),
            Self::Mysql => format!("`{name}`"),
        }
    }
}
