//! `getRedis()`: a client of the phpredis extension on the adapter's server, for code that used the
//! one that Phalcon 3 had inside.

use crate::options::value::{Options, Value};
use crate::php::adapter::EXCEPTIONS;
use crate::php::engine::{self, Thrown};
use ext_php_rs::types::Zval;

const CLASS: &str = "Redis";

/// A connected client.
pub(super) fn connect(settings: &Options) -> Result<Zval, Thrown> {
    let there = engine::call_function("class_exists", &mut [engine::string(CLASS.as_bytes())])?;
    if !there.is_true() {
        let message = "getRedis() needs the PHP extension redis, which is not loaded; sessions do not";
        return Err(engine::throw(EXCEPTIONS, message));
    }
    let client = engine::new_object(CLASS, &mut [])?;
    let number = |name: &str, otherwise: i64| match settings.get(name) {
        Some(Value::Int(number)) => *number,
        Some(Value::Text(text)) => {
            std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
        }
        _ => otherwise,
    };
    let mut address = match settings.get("path").or(settings.get("host")) {
        Some(Value::Text(address)) => vec![engine::string(address)],
        _ => vec![engine::string(b"127.0.0.1")],
    };
    let mut port = Zval::new();
    port.set_long(if settings.get("path").is_some() { 0 } else { number("port", 6379) });
    let mut timeout = Zval::new();
    timeout.set_double(5.0);
    address.extend([port, timeout]);
    engine::call_method(&client, "connect", &mut address)?;
    let text = |name: &str| match settings.get(name) {
        Some(Value::Text(text)) => Some(engine::string(text)),
        Some(Value::Int(number)) => Some(engine::string(number.to_string().as_bytes())),
        _ => None,
    };
    if let Some(password) = text("password") {
        let credentials = match text("user") {
            Some(user) => {
                let mut pair = Zval::new_array();
                engine::set_entry(&mut pair, b"0", user);
                engine::set_entry(&mut pair, b"1", password);
                pair
            }
            None => password,
        };
        engine::call_method(&client, "auth", &mut [credentials])?;
    }
    let database = number("database", 0);
    if database > 0 {
        let mut index = Zval::new();
        index.set_long(database);
        engine::call_method(&client, "select", &mut [index])?;
    }
    Ok(client)
}
