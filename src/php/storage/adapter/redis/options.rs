//! What Phalcon's options say about a server.

use crate::backend::redis::commands::Server;
use crate::error::Result;
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::adapter::wording::{is_no_password, is_nothing};
use std::path::PathBuf;
use std::time::Duration;

/// The store's own limit, where Phalcon has none.
const LIMIT: Duration = Duration::from_secs(5);

/// What was said.
#[derive(Clone)]
pub(super) struct Said {
    pub(super) server: Server,
    /// For a client of PHP's own alone: connections here outlive the request anyway.
    pub(super) persistent: bool,
    pub(super) persistent_id: Option<String>,
}

/// Reads the options. The second part lists what nobody knows.
pub(super) fn read(said: Options) -> Result<(Said, Vec<String>)> {
    let mut reader = Reader::new(said);
    let host = reader.text(&["host"]).filter(|host| !host.is_empty()).unwrap_or("127.0.0.1".into());
    let socket = reader.text(&["socket"]).filter(|socket| !socket.is_empty());
    // Phalcon knew unix sockets only as a host that is a path; its option `socket` never worked.
    let socket = socket.or_else(|| host.starts_with('/').then(|| host.clone())).map(PathBuf::from);
    let port = if socket.is_some() { reader.take(&["port"]).and(None) } else { reader.number(&["port"], 1..=65535) };
    if socket.is_none() && host.contains(['@', '/', '\0']) {
        reader.mistake("option \"host\" must be a name or an address alone, or the path of a unix socket");
    }
    let database = reader.number(&["index"], 0..=i64::from(u16::MAX)).unwrap_or(0);
    let (user, password) = credentials(&mut reader);
    let persistent = reader.switch(&["persistent"]).unwrap_or(false);
    let persistent_id = reader.text(&["persistentId"]).filter(|id| !id.is_empty());
    let connect_timeout = limit(&mut reader, "timeout");
    let read_timeout = limit(&mut reader, "readTimeout");
    for name in ["ssl", "context"] {
        if reader.take(&[name]).is_some_and(|value| !is_nothing(&value)) {
            reader.mistake(format!("option \"{name}\": TLS is not supported by this adapter"));
        }
    }
    // The base class's, and Phalcon's without a meaning here.
    reader.take(&["defaultSerializer", "lifetime", "prefix", "serializer", "stripPrefix"]);
    for name in ["adapter", "connectTimeout", "retryInterval", "statsKey", "uniqueId"] {
        reader.take(&[name]);
    }
    let unknown = reader.finish_leniently()?;
    let server = Server {
        host,
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(6379),
        socket,
        user,
        password,
        database: u32::try_from(database).unwrap_or(0),
        connect_timeout,
        read_timeout,
    };
    Ok((Said { server, persistent, persistent_id }, unknown))
}

/// A password, or a user and a password.
fn credentials(reader: &mut Reader) -> (Option<String>, Option<String>) {
    let text = |value: Value| match value {
        Value::Text(text) => String::from_utf8(text).ok(),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    };
    let read = match reader.take(&["auth"]) {
        None => return (None, None),
        Some(none) if is_no_password(&none) => return (None, None),
        Some(Value::List(pair)) => match <[Value; 2]>::try_from(pair) {
            Ok([user, password]) => text(user).zip(text(password)).map(|(user, password)| (Some(user), Some(password))),
            Err(_) => None,
        },
        Some(password) => text(password).map(|password| (None, Some(password))),
    };
    read.unwrap_or_else(|| {
        reader.mistake("option \"auth\" must be a password or [user, password]");
        (None, None)
    })
}

/// A time limit. Zero means "no limit" in Phalcon; here the store's own stays.
fn limit(reader: &mut Reader, name: &'static str) -> Duration {
    let said = match reader.take(&[name]) {
        None => return LIMIT,
        Some(nothing) if is_nothing(&nothing) => return LIMIT,
        Some(said) => said,
    };
    let mut one = Options::new();
    one.set(name, said);
    let mut one = Reader::new(one);
    match (one.duration(&[name]), one.finish()) {
        (Some(limit), Ok(())) => limit.clamp(Duration::from_millis(1), Duration::from_secs(86_400)),
        (_, outcome) => {
            reader.mistake(outcome.err().map(|error| error.to_string()).unwrap_or_default());
            LIMIT
        }
    }
}
