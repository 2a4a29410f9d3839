//! `Seshat\Schema`: the table that a store in a database needs, as text.

use super::engine::{Call, Class, Thrown, method};
use super::handler::EXCEPTIONS;
use super::pool::environment;
use super::{convert, errors};
use crate::backend;
use crate::error::{Error, Result};
use crate::options::value::Options;
use crate::session::handler::Policy;
use ext_php_rs::flags::ClassFlags;

/// The class.
pub(super) static SCHEMA: Class = Class {
    name: "Seshat\\Schema",
    flags: ClassFlags::Final,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("public static function sql(string|array $dsn, array $options = []): string", sql, sensitive [0, 1]),
    ],
    native: false,
};

fn sql(call: &mut Call<'_>) -> Result<(), Thrown> {
    let options = convert::configuration(call)?;
    let sql = definition(options).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    call.return_bytes(sql.as_bytes());
    Ok(())
}

fn definition(options: Options) -> Result<String> {
    let handler = backend::from_options(options, &environment(), &Policy::default())?;
    let store = handler.store();
    store.definition().ok_or_else(|| Error::config(format!("the store {} needs no table", store.name())))
}
