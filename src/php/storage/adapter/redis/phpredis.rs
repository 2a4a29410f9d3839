//! A client of PHP's own, for `getAdapter()`: phpredis's `Redis`, connected and set up as Phalcon would.

use super::options::Said;
use crate::php::engine::{self, Thrown};
use crate::php::exceptions;
use ext_php_rs::types::Zval;

/// phpredis's numbers for its options, the same in all of its versions.
const OPT_SERIALIZER: i64 = 1;
const OPT_PREFIX: i64 = 2;
/// Its serializers, by Phalcon's names for them.
const SERIALIZERS: [(&str, i64); 4] =
    [("redis_php", 1), ("redis_igbinary", 2), ("redis_msgpack", 3), ("redis_json", 4)];

/// A connected client. Names of serializers that are not the client's own leave it without one: then
/// it hands out what is stored.
pub(super) fn connect(said: &Said, prefix: &[u8], serializer: &str) -> Result<Zval, Thrown> {
    if !engine::class_can_be_found("Redis") {
        let message = "getAdapter() returns an object of phpredis, but the PHP extension redis is not loaded; \
                       the other methods work without it";
        return Err(engine::throw(exceptions::STORAGE.name, message));
    }
    let server = &said.server;
    let client = engine::new_object("Redis", &mut [])?;
    let (host, port) = match &server.socket {
        Some(path) => (path.display().to_string(), 0),
        None => (server.host.clone(), i64::from(server.port)),
    };
    let (function, id) = if said.persistent {
        ("pconnect", said.persistent_id.clone().unwrap_or_else(|| format!("persistentid{}", server.database)))
    } else {
        ("connect", String::new())
    };
    let id = if id.is_empty() { Zval::null() } else { engine::string(id.as_bytes()) };
    let mut arguments = [
        engine::string(host.as_bytes()),
        number(port),
        seconds(server.connect_timeout),
        id,
        number(0),
        seconds(server.read_timeout),
    ];
    if !succeeds(&client, function, &mut arguments)? {
        let place = if port == 0 { host } else { format!("{host}:{port}") };
        let message = format!("Could not connect to the Redisd server [{place}]");
        return Err(engine::throw(exceptions::CONNECTION_FAILED.name, &message));
    }
    if let Some(password) = &server.password {
        let password = engine::string(password.as_bytes());
        let credentials = match &server.user {
            None => password,
            Some(user) => {
                let mut pair = Zval::new_array();
                engine::set_entry(&mut pair, b"0", engine::string(user.as_bytes()));
                engine::set_entry(&mut pair, b"1", password);
                pair
            }
        };
        if !succeeds(&client, "auth", &mut [credentials])? {
            let message = "Failed to authenticate with the Redis server";
            return Err(engine::throw(exceptions::AUTHENTICATION_FAILED.name, message));
        }
    }
    if server.database > 0 && !succeeds(&client, "select", &mut [number(i64::from(server.database))])? {
        let message = "Redis server selected database failed";
        return Err(engine::throw(exceptions::DATABASE_SELECTION_FAILED.name, message));
    }
    engine::call_method(&client, "setOption", &mut [number(OPT_PREFIX), engine::string(prefix)])?;
    if let Some((name, serializer)) = SERIALIZERS.iter().find(|(name, _)| *name == serializer)
        && !succeeds(&client, "setOption", &mut [number(OPT_SERIALIZER), number(*serializer)])?
    {
        let message = format!("The serializer {name} is no part of the phpredis that is loaded");
        return Err(engine::throw(exceptions::STORAGE.name, &message));
    }
    Ok(client)
}

/// Calls a method that fails in one of phpredis's ways: false, a warning, or an exception, whose trace
/// would show a password.
fn succeeds(client: &Zval, function: &str, arguments: &mut [Zval]) -> Result<bool, Thrown> {
    match engine::hushed(|| engine::call_method(client, function, arguments)) {
        Ok(result) => Ok(result.coerce_to_bool()),
        Err(Thrown) if engine::catch("RedisException").is_some() => Ok(false),
        Err(thrown) => Err(thrown),
    }
}

fn number(value: i64) -> Zval {
    let mut number = Zval::new();
    number.set_long(value);
    number
}

fn seconds(limit: std::time::Duration) -> Zval {
    let mut number = Zval::new();
    number.set_double(limit.as_secs_f64());
    number
}
