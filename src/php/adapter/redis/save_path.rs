//! The adapter's oldest way, `['path' => 'tcp://127.0.0.1:6379?weight=1']`: phpredis's save path, and
//! sessions where phpredis's own save handler has them.

use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::engine::{self, Thrown};

/// The option of that way.
pub(super) const OPTION: &str = "path";

/// phpredis's names and ours.
pub(super) const RENAMED: &[(&str, &str)] = &[("auth", "password"), ("timeout", "connect_timeout")];

/// Settings of PHP's session module that this way has options for.
const OF_PHP: [(&str, &str); 4] = [
    ("name", "session.name"),
    ("lifetime", "session.gc_maxlifetime"),
    ("cookie_lifetime", "session.cookie_lifetime"),
    ("cookie_secure", "session.cookie_secure"),
];

/// The store's settings, and a sentence for each option that nobody knows.
pub(super) fn settings(said: Options) -> Result<(Options, Vec<String>)> {
    let mut reader = Reader::new(said);
    let path = match reader.take(&[OPTION]) {
        Some(Value::Text(path)) if !path.is_empty() => path,
        _ => return Err(Error::config("The parameter 'save_path' is required")),
    };
    let path = String::from_utf8(path).map_err(|_| Error::config("option \"path\" is not UTF-8"))?;
    let mut settings = server(&path)?;
    settings.set("serialize", Value::Text(b"read".to_vec()));
    for name in ["locking", "lock_wait", "lock_expire", "on_lock_timeout", "store_empty"] {
        if let Some(value) = reader.take(&[name]) {
            settings.set(name, value);
        }
    }
    for (name, _) in OF_PHP {
        if !matches!(reader.take(&[name]), None | Some(Value::Text(_) | Value::Int(_) | Value::Bool(_))) {
            reader.mistake(format!("option \"{name}\" must be a string or a number"));
        }
    }
    reader.take(&["uniqueId", "adapter"]);
    Ok((settings, reader.finish_leniently()?))
}

/// phpredis's `tcp://HOST:PORT?option=value` or `unix:///PATH?option=value`.
fn server(path: &str) -> Result<Options> {
    if path.contains(',') {
        return Err(Error::config("option \"path\" names several servers; this version of Seshat takes one"));
    }
    let mut dsn = Dsn::parse(path)?;
    let mut settings = Options::new();
    let text = |text: &str| Value::Text(text.as_bytes().to_vec());
    match dsn.scheme.as_str() {
        "tcp" => {
            settings.set("store", text("redis"));
            settings.set("host", text(&dsn.host));
            settings.set("port", Value::Int(dsn.port.unwrap_or(6379).into()));
        }
        "unix" => {
            settings.set("store", text("redis+unix"));
            settings.set("path", text(&dsn.path));
        }
        _ => return Err(Error::config("option \"path\" must begin with tcp:// or unix://")),
    }
    let mut reader = Reader::new(std::mem::take(&mut dsn.options));
    for (theirs, ours) in [("auth", "password"), ("database", "database"), ("prefix", "prefix")] {
        if let Some(value) = reader.take(&[theirs]) {
            settings.set(ours, value);
        }
    }
    // Zero means "no limit" there; here the store's own limit stays.
    for (theirs, ours) in [("timeout", "connect_timeout"), ("read_timeout", "read_timeout")] {
        if let Some(limit) = reader.duration(&[theirs]).filter(|limit| !limit.is_zero()) {
            settings.set(ours, Value::Float(limit.as_secs_f64()));
        }
    }
    // One server has all the weight, and connections always outlive the request.
    reader.take(&["weight", "persistent", "persistent_id", "retry_interval"]);
    reader.finish()?;
    Ok(settings)
}

/// Tells PHP what it is to do with cookies and lifetimes.
pub(super) fn configure_php(said: &Options) -> std::result::Result<(), Thrown> {
    for (name, setting) in OF_PHP {
        let value = match said.get(name) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Int(number)) => number.to_string().into_bytes(),
            Some(Value::Bool(on)) => vec![b'0' + u8::from(*on)],
            _ => continue,
        };
        engine::call_function("ini_set", &mut [engine::string(setting.as_bytes()), engine::string(&value)])?;
    }
    Ok(())
}
