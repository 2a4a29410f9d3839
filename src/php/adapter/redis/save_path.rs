//! The adapter's oldest way, `['path' => 'tcp://127.0.0.1:6379?weight=1']`: phpredis's save path, and
//! sessions where phpredis's own save handler has them.

use crate::error::{Error, Result};
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::engine::{self, Thrown};

/// The option of that way.
pub(super) const OPTION: &str = "path";

/// The user's name of the store's option.
pub(super) const RENAMED: &[(&str, &str)] = &[(OPTION, "dsn")];

/// What such a path begins with. The store knows the rest.
const SCHEMES: [&str; 3] = ["tcp://", "tls://", "unix://"];

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
    if !SCHEMES.iter().any(|scheme| path.trim_ascii_start().starts_with(scheme.as_bytes())) {
        return Err(Error::config(format!("option \"path\" must begin with one of {}", SCHEMES.join(", "))));
    }
    let mut settings = Options::new();
    settings.set("dsn", Value::Text(path));
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
