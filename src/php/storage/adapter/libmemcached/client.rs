//! `getAdapter()`: a client of PHP's extension memcached, set up as Phalcon would.

use crate::php::engine::{self, Thrown, arrays};
use crate::php::exceptions;
use ext_php_rs::types::{ArrayKey, Zval};

/// `Memcached::OPT_PREFIX_KEY`, the same in all of its versions.
const OPT_PREFIX_KEY: i64 = -1002;

/// A client with the servers, the options and the password that the options name. It connects when it
/// is used.
pub(super) fn make(options: &Zval, prefix: &[u8]) -> Result<Zval, Thrown> {
    if !engine::class_exists("Memcached") {
        let message = "getAdapter() returns an object of Memcached, but the PHP extension memcached is not loaded; the \
                       other methods work without it";
        return Err(engine::throw(exceptions::STORAGE.name, message));
    }
    let said = |name: &str| arrays::entry(options, name.as_bytes()).map(Zval::dereference);
    let mut arguments = Vec::new();
    if let Some(id) = said("persistentId").and_then(Zval::zend_str).filter(|id| !id.as_bytes().is_empty()) {
        // The prefix is a setting of the persistent client: those with another one share another one.
        arguments.push(engine::string(&[id.as_bytes(), b":", prefix].concat()));
    }
    let client = engine::new_object("Memcached", &mut arguments)?;
    let known = engine::call_method(&client, "getServerList", &mut [])?;
    if known.array().is_some_and(|servers| !servers.is_empty()) {
        return Ok(client);
    }
    for (name, value) in said("client").and_then(Zval::array).into_iter().flat_map(|client| client.iter()) {
        let number = match name {
            ArrayKey::Long(number) => engine::int(number),
            name => constant(&name.to_string())?,
        };
        set_option(&client, number, value.shallow_clone())?;
    }
    set_option(&client, engine::int(OPT_PREFIX_KEY), engine::string(prefix))?;
    if let Some(pair) = said("saslAuthData").filter(|pair| pair.array().is_some_and(|pair| !pair.is_empty())) {
        if !engine::has_method(&client, "setSaslAuthData") {
            let message = "The PHP extension memcached was built without SASL, and so cannot give a password";
            return Err(engine::throw(exceptions::AUTHENTICATION_FAILED.name, message));
        }
        let part = |name: &[u8]| arrays::entry(pair, name).map_or_else(|| engine::string(b""), Zval::shallow_clone);
        engine::call_method(&client, "setSaslAuthData", &mut [part(b"user"), part(b"pass")])?;
    }
    let added = match said("servers").filter(|servers| servers.is_array()) {
        Some(servers) => engine::call_method(&client, "addServers", &mut [servers.shallow_clone()])?,
        None => engine::call_method(&client, "addServer", &mut [engine::string(b"127.0.0.1"), engine::int(11211)])?,
    };
    if !added.coerce_to_bool() {
        return Err(engine::throw(exceptions::STORAGE.name, "Cannot connect to the Memcached server(s)"));
    }
    Ok(client)
}

/// The number of an option that is named with or without `OPT_` or `Memcached::OPT_`.
fn constant(name: &str) -> Result<Zval, Thrown> {
    let plain = name.trim_start_matches("Memcached::").trim_start_matches("OPT_").to_ascii_uppercase();
    let name = engine::string(format!("Memcached::OPT_{plain}").as_bytes());
    if !engine::call_function("defined", &mut [name.shallow_clone()])?.coerce_to_bool() {
        let message = format!("option \"client\": {plain} is no option of the class Memcached");
        return Err(engine::throw(exceptions::INVALID_CONFIGURATION.name, &message));
    }
    engine::call_function("constant", &mut [name])
}

fn set_option(client: &Zval, number: Zval, value: Zval) -> Result<(), Thrown> {
    if engine::call_method(client, "setOption", &mut [number, value])?.coerce_to_bool() {
        return Ok(());
    }
    Err(engine::throw(exceptions::STORAGE.name, "Cannot set Memcached client options"))
}
