//! An object with the methods of `Phalcon\Db\Adapter`: Phalcon's own connections, and whatever has
//! these methods.

use super::connection::{Row, Value, call};
use super::failure::Failure;
use crate::php::engine::{self, arrays};
use ext_php_rs::types::Zval;

/// What an object must have to be a connection.
pub(super) const METHODS: [&str; 3] = ["escapeIdentifier", "fetchOne", "execute"];

const FETCH_NUM: i64 = 3;

/// The name of its database. One that does not say it shows by how it quotes names.
pub(super) fn database(connection: &Zval) -> Result<String, Failure> {
    if engine::has_method(connection, "getType") {
        let name = call(connection, "getType", &mut [])?;
        if let Some(name) = name.zend_str() {
            return Ok(String::from_utf8_lossy(name.as_bytes()).into_owned());
        }
    }
    let quoted = call(connection, "escapeIdentifier", &mut [engine::string(b"a")])?;
    Ok(match quoted.zend_str().map(|quoted| quoted.as_bytes()) {
        Some(b"`a`") => "mysql",
        Some(b"\"a\"") => "sqlite",
        _ => "unknown",
    }
    .to_owned())
}

pub(super) fn is_in_transaction(connection: &Zval) -> Result<bool, Failure> {
    if !engine::has_method(connection, "isUnderTransaction") {
        return Ok(false);
    }
    Ok(call(connection, "isUnderTransaction", &mut [])?.is_true())
}

pub(super) fn first(connection: &Zval, sql: &str, values: &[Value<'_>]) -> Result<Option<Row>, Failure> {
    let [values, kinds] = lists(values);
    let sql = engine::string(sql.as_bytes());
    let row = call(connection, "fetchOne", &mut [sql, engine::int(FETCH_NUM), values, kinds])?;
    if row.is_array() && arrays::count(&row) > 0 { Row::of(&row).map(Some) } else { Ok(None) }
}

pub(super) fn change(connection: &Zval, sql: &str, values: &[Value<'_>]) -> Result<Option<i64>, Failure> {
    let [values, kinds] = lists(values);
    let done = call(connection, "execute", &mut [engine::string(sql.as_bytes()), values, kinds])?;
    if !done.coerce_to_bool() {
        return Err(Failure { code: 0, text: "execute() answered false".to_owned() });
    }
    if !engine::has_method(connection, "affectedRows") {
        return Ok(None);
    }
    Ok(Some(engine::to_long(&call(connection, "affectedRows", &mut [])?)))
}

/// The values and their types, by position.
fn lists(values: &[Value<'_>]) -> [Zval; 2] {
    let mut lists = [Zval::new_array(), Zval::new_array()];
    for value in values {
        let [bound, kinds] = &mut lists;
        arrays::append(bound, value.zval());
        arrays::append(kinds, engine::int(value.kind()));
    }
    lists
}
