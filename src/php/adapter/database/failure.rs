//! What a connection says of a failure, and what we make of it.

use super::connection::Value;
use crate::backend::sql::{Dialect, harmless};
use crate::error::{Error, Kind, Operation};
use crate::php::engine::{self, Thrown, arrays};
use ext_php_rs::types::Zval;

/// The store's name in messages.
pub(super) const STORE: &str = "database";

/// What is shorter is no session id that anybody uses, and could be a part of any word.
const SHORTEST_SECRET: usize = 8;

/// A failure in the driver's own words.
pub(super) struct Failure {
    /// The database's number of it; 0 if there is none.
    pub code: i64,
    /// May hold anything, ids and data too: see [`Failure::without`] and [`harmless`].
    pub text: String,
}

impl Failure {
    /// The exception that is on its way, taken back. What cannot be caught (`exit`) stays on its way.
    pub(super) fn thrown(_: Thrown) -> Self {
        let Some(exception) = engine::catch("Throwable") else {
            return Self { code: 0, text: "the call was given up".to_owned() };
        };
        let info = engine::read_property(&exception, "errorInfo").ok().flatten().filter(Zval::is_array);
        if let Some(info) = info {
            let told = Self::from_info(&info);
            if told.is_one() {
                return told;
            }
        }
        let of = |method: &str| engine::call_method(&exception, method, &mut []).unwrap_or_else(|Thrown| Zval::null());
        Self { code: of("getCode").long().unwrap_or_default(), text: text_of(&of("getMessage")) }
    }

    /// PDO's `errorInfo`: the SQLSTATE, the number, the words.
    pub(super) fn from_info(info: &Zval) -> Self {
        let entry = |key: &[u8]| arrays::entry(info, key);
        let state = entry(b"0").map(text_of).unwrap_or_default();
        let text = entry(b"2").map(text_of).filter(|text| !text.is_empty());
        let failed = !state.is_empty() && state != "00000";
        Self {
            code: entry(b"1").map(engine::to_long).unwrap_or_default(),
            text: text.unwrap_or_else(|| if failed { format!("SQLSTATE {state}") } else { String::new() }),
        }
    }

    /// The failure without what the statement was given: a driver, and an application's own connection
    /// above all, may repeat it.
    pub(super) fn without(mut self, values: &[Value<'_>]) -> Self {
        for value in values {
            if let Value::Text(given) | Value::Binary(given) = value
                && given.len() >= SHORTEST_SECRET
                && let Ok(given) = std::str::from_utf8(given)
            {
                self.text = self.text.replace(given, "...");
            }
        }
        self
    }

    /// Whether anything failed.
    pub(super) fn is_one(&self) -> bool {
        self.code != 0 || !self.text.is_empty()
    }

    /// Whether the same statement may succeed right away: the database gave it up in favour of another.
    pub(super) fn is_deadlock(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Mysql && self.code == 1213
    }

    /// Whether there is no such table. SQLite is asked for its columns before.
    pub(super) fn is_missing_table(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Mysql && self.code == 1146
    }

    /// The driver's words, as far as they can be repeated.
    pub(super) fn sentence(&self) -> String {
        let words = harmless(&self.text);
        if words.is_empty() { "the connection reports a failure and no reason".to_owned() } else { words }
    }

    /// The failure in our words. A driver repeats the key of a row, and parts of the data and of the
    /// statement: of its words only those are repeated that can be none of these.
    pub(super) fn error(&self, dialect: Dialect, operation: Operation) -> Error {
        let (kind, advice) = match dialect {
            Dialect::Mysql => mysql(self.code),
            Dialect::Sqlite => sqlite(self.code & 0xff),
        };
        let mut reason = self.sentence();
        if !advice.is_empty() {
            reason = format!("{reason}; {advice}");
        }
        Error::new(kind, STORE, operation, reason)
    }
}

fn text_of(value: &Zval) -> String {
    let text = engine::to_string(value).ok();
    text.and_then(|text| text.zend_str().map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned()))
        .unwrap_or_default()
}

fn mysql(code: i64) -> (Kind, &'static str) {
    match code {
        1044 | 1045 | 1142 | 1143 | 1227 => (Kind::Denied, ""),
        1290 | 1792 | 1836 => (Kind::Denied, ""),
        1366 | 3988 => (
            Kind::Storage,
            "the column of the data is text that does not take every byte, and nothing was stored; make it LONGBLOB",
        ),
        1406 => (Kind::TooLarge, "nothing was stored; make the column longer (VARCHAR(256) for the id, LONGBLOB)"),
        1153 => (Kind::TooLarge, "nothing was stored; max_allowed_packet is the limit"),
        1021 | 1114 => (Kind::Full, ""),
        1205 => (Kind::Busy, "another transaction has the session's row, and innodb_lock_wait_timeout is the limit"),
        1213 => (Kind::Busy, ""),
        2006 | 2013 | 2055 | 4031 => {
            (Kind::Unavailable, "the connection is the application's, which alone can connect again")
        }
        _ => (Kind::Storage, ""),
    }
}

fn sqlite(code: i64) -> (Kind, &'static str) {
    match code {
        5 | 6 => (Kind::Busy, "PDO::ATTR_TIMEOUT says how long to wait"),
        3 | 8 | 23 => (Kind::Denied, ""),
        11 | 26 => (Kind::Corrupt, ""),
        13 => (Kind::Full, ""),
        14 => (Kind::Unavailable, ""),
        18 => (Kind::TooLarge, ""),
        _ => (Kind::Storage, ""),
    }
}
