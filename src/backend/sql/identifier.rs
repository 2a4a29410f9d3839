//! Names that may become part of a statement.

use std::fmt;

/// The longest name that every database takes.
const LONGEST: usize = 64;

/// What a name must be, for messages.
pub(crate) const RULE: &str = "letters, digits and _, at most 64, not beginning with a digit or \"sqlite_\"";

/// The name of a table or a column: nothing in it can end a quotation, in any dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identifier(String);

impl Identifier {
    /// Checks a name that came from outside. `None`: it is not acceptable, see [`RULE`].
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let is_one = name.len() <= LONGEST
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.to_ascii_lowercase().starts_with("sqlite_");
        is_one.then(|| Self(name.to_owned()))
    }

    /// A name that stands in this program.
    pub(super) fn known(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// The name without quotes.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a column of the database has this name. Databases do not look at the case.
    pub(crate) fn names(&self, column: &str) -> bool {
        self.0.eq_ignore_ascii_case(column)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_end_a_quotation_are_none() {
        for good in ["sessions", "_s", "Order", "s2", &"x".repeat(64)] {
            assert!(Identifier::parse(good).is_some(), "{good}");
        }
        for bad in ["", "2s", "a b", "a\"b", "a`b", "a'b", "a;b", "a.b", "a\0", "ä", "SQLite_master", &"x".repeat(65)]
        {
            assert!(Identifier::parse(bad).is_none(), "{bad}");
        }
    }
}
