//! Where the server is that a cache object of DALMP talks to, as options of a store.
//!
//! The sessions go to that server natively, over a connection of their own. What is read: a DSN or
//! options; DALMP's own objects, which keep host and port to themselves; the clients `Redis` and
//! `Memcached`; and any object whose `X()` hands out one of these.

use super::EXCEPTIONS;
use crate::options::value::{Options, Value};
use crate::php::convert;
use crate::php::engine::{self, Thrown};
use ext_php_rs::types::Zval;

/// A kind of server.
pub(super) struct Kind {
    /// The store.
    pub(super) store: &'static str,
    /// As users know it.
    pub(super) name: &'static str,
    pub(super) port: i64,
}

pub(super) const REDIS: Kind = Kind { store: "redis", name: "Redis", port: 6379 };
pub(super) const MEMCACHE: Kind = Kind { store: "memcached", name: "memcached", port: 11211 };

/// The options of the store on the server of `given`.
pub(super) fn options(given: &Zval, kind: &Kind) -> Result<Options, Thrown> {
    if let Some(dsn) = given.zend_str() {
        let mut options = Options::new();
        options.set("dsn", Value::Text(dsn.as_bytes().to_vec()));
        return Ok(options);
    }
    if let Some(array) = given.array() {
        let mut options = convert::options(array);
        if options.get("dsn").is_none() {
            options.set_default("store", text(kind.store));
        }
        return Ok(options);
    }
    if given.is_object() {
        if let Some(options) = of_properties(given, kind)? {
            return Ok(options);
        }
        if let Some(options) = of_client(given, kind)? {
            return Ok(options);
        }
        if engine::has_method(given, "X")
            && let Some(options) = of_client(&engine::call_method(given, "X", &mut [])?, kind)?
        {
            return Ok(options);
        }
    }
    let message = format!(
        "a DSN, an array of options, or an object that tells where its {} server is must be given; {} does not tell",
        kind.name,
        engine::type_name(given)
    );
    Err(engine::throw(EXCEPTIONS, &message))
}

fn text(text: &str) -> Value {
    Value::Text(text.as_bytes().to_vec())
}

/// An object's properties, whoever may see them. Of two of one name the object's own class comes first.
pub(super) fn properties(object: &Zval) -> Result<Options, Thrown> {
    let all = engine::call_function("get_mangled_object_vars", &mut [object.shallow_clone()])?;
    let mut properties = Options::new();
    for (name, value) in all.array().map(convert::options).unwrap_or_default().iter() {
        // "\0Class\0name" if it is private, "\0*\0name" if it is protected.
        properties.set_default(name.rsplit('\0').next().unwrap_or_default(), value.clone());
    }
    Ok(properties)
}

/// As DALMP's own caches keep it.
fn of_properties(object: &Zval, kind: &Kind) -> Result<Option<Options>, Thrown> {
    let mut found = properties(object)?;
    let Some(Value::Text(host)) = found.take("host") else { return Ok(None) };
    let mut options = server(&String::from_utf8_lossy(&host), found.take("port"), kind);
    if let Some(timeout @ (Value::Int(1..) | Value::Float(_))) = found.take("timeout") {
        options.set("connect_timeout", timeout);
    }
    Ok(Some(options))
}

/// As the clients of PHP's extensions tell it.
fn of_client(client: &Zval, kind: &Kind) -> Result<Option<Options>, Thrown> {
    let ask = |method: &str| -> Result<Option<Value>, Thrown> {
        let answer = engine::call_method(client, method, &mut [])?;
        let mut answers = Zval::new_array();
        engine::set_entry(&mut answers, b"answer", answer);
        Ok(answers.array().and_then(|answers| convert::options(answers).take("answer")))
    };
    if kind.store == REDIS.store && engine::has_method(client, "getHost") {
        let Some(Value::Text(host)) = ask("getHost")? else { return Ok(None) };
        let mut options = server(&String::from_utf8_lossy(&host), ask("getPort")?, kind);
        match ask("getAuth")? {
            Some(Value::List(pair)) if pair.len() == 2 => {
                for (name, value) in ["user", "password"].into_iter().zip(pair) {
                    options.set(name, value);
                }
            }
            Some(Value::List(alone)) => alone.into_iter().for_each(|password| options.set("password", password)),
            Some(password @ Value::Text(_)) => options.set("password", password),
            _ => {}
        }
        if let Some(database @ Value::Int(1..)) = ask("getDbNum")? {
            options.set("database", database);
        }
        return Ok(Some(options));
    }
    if kind.store == MEMCACHE.store
        && engine::has_method(client, "getServerList")
        && let Some(Value::List(servers)) = ask("getServerList")?
        && !servers.is_empty()
    {
        let mut options = Options::new();
        options.set("store", text(kind.store));
        options.set("servers", Value::List(servers.into_iter().map(without_type).collect()));
        return Ok(Some(options));
    }
    Ok(None)
}

/// A server of the extension's list, which says also what kind of connection it is.
fn without_type(server: Value) -> Value {
    match server {
        Value::Map(mut entries) => {
            entries.take("type");
            Value::Map(entries)
        }
        other => other,
    }
}

fn server(host: &str, port: Option<Value>, kind: &Kind) -> Options {
    let mut options = Options::new();
    if host.contains('/') {
        options.set("store", Value::Text(format!("{}+unix", kind.store).into_bytes()));
        options.set("path", text(host.strip_prefix("unix://").unwrap_or(host)));
        return options;
    }
    options.set("store", text(kind.store));
    options.set("host", text(host));
    options.set("port", port.filter(|port| matches!(port, Value::Int(1..))).unwrap_or(Value::Int(kind.port)));
    options
}
