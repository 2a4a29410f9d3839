//! A connection of the application's, called through its own methods.
//!
//! Every statement is prepared, and every value bound. Whatever error mode the connection is in, a
//! failure comes out of here as a [`Failure`] and in no other way: exceptions are caught, `false` is
//! noticed, and the warnings of PDO and mysqli reach nobody. No setting of the connection is changed.

use super::failure::Failure;
use super::{mysqli, pdo, phalcon};
use crate::backend::sql::Dialect;
use crate::php::engine::{self, Thrown, arrays};
use ext_php_rs::flags::DataType;
use ext_php_rs::types::Zval;

/// A value for a question mark.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a [u8]),
    /// Bytes that are no text.
    Binary(&'a [u8]),
    Int(i64),
    Null,
}

impl Value<'_> {
    /// PDO's name of the type, which is Phalcon's too: `PARAM_STR`, `PARAM_LOB`, `PARAM_INT`,
    /// `PARAM_NULL`.
    pub(super) fn kind(self) -> i64 {
        match self {
            Self::Text(_) => 2,
            Self::Binary(_) => 3,
            Self::Int(_) => 1,
            Self::Null => 0,
        }
    }

    pub(super) fn zval(self) -> Zval {
        match self {
            Self::Text(bytes) | Self::Binary(bytes) => engine::string(bytes),
            Self::Int(number) => engine::int(number),
            Self::Null => Zval::null(),
        }
    }
}

/// The values of one row, in the order of its columns.
pub(super) struct Row(Vec<Zval>);

impl Row {
    /// A row that came as a list, as `FETCH_NUM` makes it. Columns that came as streams are read.
    pub(super) fn of(list: &Zval) -> Result<Self, Failure> {
        let mut columns = Vec::with_capacity(arrays::count(list));
        let read = arrays::each(list, |_, column| {
            columns.push(if column.get_type() == DataType::Resource {
                engine::call_function("stream_get_contents", &mut [column.shallow_clone()])?
            } else {
                column.shallow_clone()
            });
            Ok(())
        });
        read.map_err(Failure::thrown)?;
        Ok(Self(columns))
    }

    /// A column's bytes. PDO may have been told to make null of an empty string.
    pub(super) fn bytes(&self, column: usize) -> Vec<u8> {
        let Some(value) = self.0.get(column).filter(|value| !value.is_null()) else { return Vec::new() };
        match engine::to_string(value) {
            Ok(text) => text.zend_str().map(|text| text.as_bytes().to_vec()).unwrap_or_default(),
            Err(Thrown) => Vec::new(),
        }
    }

    /// A column as text.
    pub(super) fn text(&self, column: usize) -> String {
        String::from_utf8_lossy(&self.bytes(column)).into_owned()
    }

    /// A column as a whole number, which may have come as text. None for null and for anything else.
    pub(super) fn int(&self, column: usize) -> Option<i64> {
        self.text(column).trim().parse().ok()
    }
}

/// What kinds of connections there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pdo,
    Mysqli,
    /// An object with the methods of `Phalcon\Db\Adapter`.
    Phalcon,
}

/// A connection.
pub(super) struct Connection {
    object: Zval,
    kind: Kind,
}

impl Connection {
    /// Over an object, if it is a connection.
    pub(super) fn of(object: &Zval) -> Option<Self> {
        let object = object.dereference();
        let kind = if engine::is_instance(object, "PDO") {
            Kind::Pdo
        } else if engine::is_instance(object, "mysqli") {
            Kind::Mysqli
        } else if phalcon::METHODS.iter().all(|method| engine::has_method(object, method)) {
            Kind::Phalcon
        } else {
            return None;
        };
        Some(Self { object: object.shallow_clone(), kind })
    }

    /// What it is, for messages.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Pdo => "PDO",
            Kind::Mysqli => "mysqli",
            Kind::Phalcon => "a connection of the application",
        }
    }

    /// The dialect of its database; or the name of a database that sessions cannot be kept in. Asks
    /// the object, not the database.
    pub(super) fn dialect(&self) -> Result<Result<Dialect, String>, Failure> {
        let name = match self.kind {
            Kind::Mysqli => return Ok(Ok(Dialect::Mysql)),
            Kind::Pdo => pdo::driver(&self.object)?,
            Kind::Phalcon => phalcon::database(&self.object)?,
        };
        Ok(match name.to_ascii_lowercase().as_str() {
            "mysql" => Ok(Dialect::Mysql),
            "sqlite" => Ok(Dialect::Sqlite),
            _ => Err(name),
        })
    }

    /// The first row of a query's result.
    pub(super) fn first(&self, sql: &str, values: &[Value<'_>]) -> Result<Option<Row>, Failure> {
        match self.kind {
            Kind::Pdo => engine::hushed(|| pdo::first(&self.object, sql, values)),
            Kind::Mysqli => engine::hushed(|| mysqli::first(&self.object, sql, values)),
            Kind::Phalcon => phalcon::first(&self.object, sql, values),
        }
    }

    /// Executes a statement and says how many rows it changed, if the object knows. MySQL does not count
    /// a row that had these very values already.
    pub(super) fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<Option<i64>, Failure> {
        match self.kind {
            Kind::Pdo => engine::hushed(|| pdo::change(&self.object, sql, values)).map(Some),
            Kind::Mysqli => engine::hushed(|| mysqli::change(&self.object, sql, values)).map(Some),
            Kind::Phalcon => phalcon::change(&self.object, sql, values),
        }
    }

    /// Whether a transaction of the application's is open. mysqli does not know.
    pub(super) fn is_in_transaction(&self) -> Result<bool, Failure> {
        match self.kind {
            Kind::Pdo => pdo::is_in_transaction(&self.object),
            Kind::Mysqli => Ok(false),
            Kind::Phalcon => phalcon::is_in_transaction(&self.object),
        }
    }
}

/// Calls a method of the connection or of a statement of its.
pub(super) fn call(object: &Zval, method: &str, arguments: &mut [Zval]) -> Result<Zval, Failure> {
    engine::call_method(object, method, arguments).map_err(Failure::thrown)
}
