//! `PDO`, in whatever error mode and with whatever attributes the application has set.

use super::connection::{Row, Value, call};
use super::failure::Failure;
use crate::php::engine;
use ext_php_rs::types::Zval;

const ATTR_DRIVER_NAME: i64 = 16;
const FETCH_NUM: i64 = 3;

/// The driver's name: "mysql", "sqlite".
pub(super) fn driver(pdo: &Zval) -> Result<String, Failure> {
    let name = call(pdo, "getAttribute", &mut [engine::int(ATTR_DRIVER_NAME)])?;
    Ok(name.zend_str().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()).unwrap_or_default())
}

pub(super) fn is_in_transaction(pdo: &Zval) -> Result<bool, Failure> {
    Ok(call(pdo, "inTransaction", &mut [])?.is_true())
}

pub(super) fn first(pdo: &Zval, sql: &str, values: &[Value<'_>]) -> Result<Option<Row>, Failure> {
    committed(pdo, || {
        let statement = execute(pdo, sql, values)?;
        let row = call(&statement, "fetch", &mut [engine::int(FETCH_NUM)])?;
        let row = if row.is_array() { Some(Row::of(&row)?) } else { None };
        if row.is_none() {
            // Nothing left to fetch is no failure; without exceptions a failure looks the same.
            check(&statement)?;
        }
        // A cursor that stays open keeps SQLite's file locked, and an unbuffered connection busy.
        call(&statement, "closeCursor", &mut [])?;
        Ok(row)
    })
}

pub(super) fn change(pdo: &Zval, sql: &str, values: &[Value<'_>]) -> Result<i64, Failure> {
    committed(pdo, || {
        let statement = execute(pdo, sql, values)?;
        let changed = engine::to_long(&call(&statement, "rowCount", &mut [])?);
        call(&statement, "closeCursor", &mut [])?;
        Ok(changed)
    })
}

fn execute(pdo: &Zval, sql: &str, values: &[Value<'_>]) -> Result<Zval, Failure> {
    let statement = call(pdo, "prepare", &mut [engine::string(sql.as_bytes())])?;
    if !statement.is_object() {
        return Err(failure_of(pdo)?);
    }
    for (number, value) in (1..).zip(values) {
        let arguments = &mut [engine::int(number), value.zval(), engine::int(value.kind())];
        if !call(&statement, "bindValue", arguments)?.is_true() {
            return Err(failure_of(&statement)?);
        }
    }
    if !call(&statement, "execute", &mut [])?.is_true() {
        return Err(failure_of(&statement)?);
    }
    Ok(statement)
}

/// With autocommit off a statement opens a transaction by itself. One that was not open before is
/// ours, and is committed: nobody else would.
fn committed<T>(pdo: &Zval, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let was_open = is_in_transaction(pdo)?;
    let done = work()?;
    if !was_open && is_in_transaction(pdo)? && !call(pdo, "commit", &mut [])?.is_true() {
        return Err(failure_of(pdo)?);
    }
    Ok(done)
}

/// What the connection or the statement says of its last failure.
fn failure_of(object: &Zval) -> Result<Failure, Failure> {
    Ok(Failure::from_info(&call(object, "errorInfo", &mut [])?))
}

fn check(statement: &Zval) -> Result<(), Failure> {
    let failure = failure_of(statement)?;
    if failure.is_one() { Err(failure) } else { Ok(()) }
}
