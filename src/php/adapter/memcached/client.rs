//! `getLibmemcached()` and `getMemcache()`: clients of PHP's own extensions on the adapter's servers, for
//! code that used the ones that Phalcon 3 had inside.

use crate::php::adapter::EXCEPTIONS;
use crate::php::engine::{self, Thrown};
use ext_php_rs::types::Zval;

/// A `Memcached` with the servers that the options name.
pub(super) fn libmemcached(options: &Zval) -> Result<Zval, Thrown> {
    let client = new("Memcached", "getLibmemcached() needs the PHP extension memcached")?;
    let servers = options.array().and_then(|options| options.get("servers")).map(Zval::dereference);
    let Some(servers) = servers.filter(|servers| servers.is_array()) else {
        return Err(engine::throw(EXCEPTIONS, "getLibmemcached() needs the option \"servers\" as an array"));
    };
    engine::call_method(&client, "addServers", &mut [servers.shallow_clone()])?;
    Ok(client)
}

/// A `Memcache` with the server that the options name.
pub(super) fn memcache(options: &Zval) -> Result<Zval, Thrown> {
    let client = new("Memcache", "getMemcache() needs the PHP extension memcache")?;
    let said = |name: &str| options.array().and_then(|options| options.get(name)).map(Zval::dereference);
    let host = said("host").map(engine::to_string).transpose()?.unwrap_or_else(|| engine::string(b"127.0.0.1"));
    let path = host.zend_str().map(|host| host.as_bytes()).filter(|host| host.starts_with(b"/"));
    let (host, port) = match path {
        Some(path) => (engine::string(&[b"unix://", path].concat()), engine::int(0)),
        None => (host.shallow_clone(), said("port").map_or_else(|| engine::int(11211), Zval::shallow_clone)),
    };
    engine::call_method(&client, "addServer", &mut [host, port])?;
    Ok(client)
}

fn new(class: &str, needs: &str) -> Result<Zval, Thrown> {
    if !engine::class_exists(class) {
        return Err(engine::throw(EXCEPTIONS, &format!("{needs}, which is not loaded; sessions do not")));
    }
    engine::new_object(class, &mut [])
}
