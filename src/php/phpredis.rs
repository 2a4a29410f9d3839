//! A client of PHP's own for code that wants one: the extension phpredis's `Redis`, connected.

use super::engine::{self, Thrown};
use ext_php_rs::types::Zval;
use std::time::Duration;

/// Where the server is, and as whom to go there.
pub(super) struct Place<'a> {
    /// A host, or with port 0 the path of a unix socket.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) user: Option<&'a str>,
    pub(super) password: Option<&'a str>,
    pub(super) database: u32,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    /// The name of a connection that is to outlive the request.
    pub(super) persistent: Option<&'a str>,
}

/// Why there is no client.
pub(super) enum Refusal {
    /// The extension is not loaded.
    NotLoaded,
    ByServer(Reason),
}

/// What the server, or the way to it, had against it.
pub(super) enum Reason {
    Unreachable,
    Password,
    Database,
}

impl Reason {
    /// The sentence, in Phalcon's words.
    pub(super) fn sentence(&self, place: &Place<'_>) -> String {
        match self {
            Self::Unreachable if place.port == 0 => {
                format!("Could not connect to the Redisd server [{}]", place.host)
            }
            Self::Unreachable => format!("Could not connect to the Redisd server [{}:{}]", place.host, place.port),
            Self::Password => "Failed to authenticate with the Redis server".to_owned(),
            Self::Database => "Redis server selected database failed".to_owned(),
        }
    }
}

/// A connected client. What phpredis throws about it is kept back: its trace would show the password.
pub(super) fn connect(place: &Place<'_>) -> Result<Result<Zval, Refusal>, Thrown> {
    if !engine::class_can_be_found("Redis") {
        return if engine::has_exception() { Err(Thrown) } else { Ok(Err(Refusal::NotLoaded)) };
    }
    let client = engine::new_object("Redis", &mut [])?;
    let text = |text: &str| engine::string(text.as_bytes());
    let (function, id) = match place.persistent {
        Some(id) => ("pconnect", text(id)),
        None => ("connect", Zval::null()),
    };
    let mut arguments = [
        text(place.host),
        engine::int(i64::from(place.port)),
        seconds(place.connect_timeout),
        id,
        engine::int(0),
        seconds(place.read_timeout),
    ];
    if !succeeds(&client, function, &mut arguments)? {
        return Ok(Err(Refusal::ByServer(Reason::Unreachable)));
    }
    if let Some(password) = place.password {
        let credentials = match place.user {
            None => text(password),
            Some(user) => {
                let mut pair = Zval::new_array();
                engine::set_entry(&mut pair, b"0", text(user));
                engine::set_entry(&mut pair, b"1", text(password));
                pair
            }
        };
        if !succeeds(&client, "auth", &mut [credentials])? {
            return Ok(Err(Refusal::ByServer(Reason::Password)));
        }
    }
    if place.database > 0 && !succeeds(&client, "select", &mut [engine::int(i64::from(place.database))])? {
        return Ok(Err(Refusal::ByServer(Reason::Database)));
    }
    Ok(Ok(client))
}

/// Sets one of phpredis's options. False if it does not know the value.
pub(super) fn set_option(client: &Zval, option: i64, value: Zval) -> Result<bool, Thrown> {
    succeeds(client, "setOption", &mut [engine::int(option), value])
}

/// Calls a method that fails in one of phpredis's ways: false, a warning, or an exception.
fn succeeds(client: &Zval, function: &str, arguments: &mut [Zval]) -> Result<bool, Thrown> {
    match engine::hushed(|| engine::call_method(client, function, arguments)) {
        Ok(result) => Ok(result.coerce_to_bool()),
        Err(Thrown) if engine::catch("RedisException").is_some() => Ok(false),
        Err(thrown) => Err(thrown),
    }
}

fn seconds(limit: Duration) -> Zval {
    let mut number = Zval::new();
    number.set_double(limit.as_secs_f64());
    number
}
