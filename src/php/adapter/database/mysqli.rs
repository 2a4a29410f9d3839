//! `mysqli`, whatever `mysqli_report()` was told.

use super::connection::{Row, Value, call};
use super::failure::Failure;
use crate::php::engine::{self, arrays};
use ext_php_rs::types::Zval;

pub(super) fn first(mysqli: &Zval, sql: &str, values: &[Value<'_>]) -> Result<Option<Row>, Failure> {
    let statement = execute(mysqli, sql, values)?;
    let result = call(&statement, "get_result", &mut [])?;
    if !result.is_object() {
        return Err(failure_of(&statement)?);
    }
    let row = call(&result, "fetch_row", &mut [])?;
    let row = if row.is_array() { Some(Row::of(&row)?) } else { None };
    call(&result, "free", &mut [])?;
    call(&statement, "close", &mut [])?;
    Ok(row)
}

pub(super) fn change(mysqli: &Zval, sql: &str, values: &[Value<'_>]) -> Result<i64, Failure> {
    let statement = execute(mysqli, sql, values)?;
    let changed = property(&statement, "affected_rows")?;
    call(&statement, "close", &mut [])?;
    Ok(engine::to_long(&changed))
}

fn execute(mysqli: &Zval, sql: &str, values: &[Value<'_>]) -> Result<Zval, Failure> {
    let statement = call(mysqli, "prepare", &mut [engine::string(sql.as_bytes())])?;
    if !statement.is_object() {
        return Err(failure_of(mysqli)?);
    }
    let mut list = Zval::new_array();
    for value in values {
        arrays::append(&mut list, value.zval());
    }
    if !call(&statement, "execute", &mut [list])?.is_true() {
        return Err(failure_of(&statement)?);
    }
    Ok(statement)
}

/// What the connection or the statement says of its last failure.
fn failure_of(object: &Zval) -> Result<Failure, Failure> {
    Ok(Failure {
        code: engine::to_long(&property(object, "errno")?),
        text: engine::to_string(&property(object, "error")?)
            .map_err(Failure::thrown)?
            .zend_str()
            .map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned())
            .unwrap_or_default(),
    })
}

fn property(object: &Zval, name: &str) -> Result<Zval, Failure> {
    Ok(engine::read_property(object, name).map_err(Failure::thrown)?.unwrap_or_else(Zval::null))
}
