//! The third argument of the handlers: everything that the original did not have. Left out, all
//! of it is off.

use super::keys;
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::engine;
use std::time::Duration;

/// Ten years, in seconds.
const LONGEST_TTL: i64 = 3650 * 86_400;

/// What the user chose.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub ttl: Option<Ttl>,
    pub prefix: Vec<u8>,
    pub encode_keys: bool,
    /// Ask the cache whether an id names a session.
    pub strict: bool,
    /// Do not write what did not change, unless its lifetime has to be extended.
    pub update_timestamp: bool,
    pub catch_cache_exceptions: bool,
    /// There is a `Seshat\Lock`, in a property of the object.
    pub locks: bool,
}

/// How long the cache is told to keep a session.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ttl {
    Seconds(i64),
    /// `session.gc_maxlifetime`, as it is at each write.
    GcMaxlifetime,
}

impl Ttl {
    pub(super) fn seconds(self) -> i64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::GcMaxlifetime => engine::ini_long(c"session.gc_maxlifetime").max(1),
        }
    }
}

/// Reads the options. `is_lock` says whether `lock` is a `Seshat\Lock`; `limits_keys`, whether the
/// cache is one of PSR-6 or PSR-16.
///
/// # Errors
/// Every mistake in one sentence.
pub(super) fn read(said: Options, is_lock: bool, limits_keys: bool) -> Result<Settings, String> {
    let mut reader = Reader::new(said);
    let mut settings = Settings { ttl: ttl(&mut reader), ..Settings::default() };
    settings.encode_keys = reader.switch(&["encode_keys"]).unwrap_or(false);
    settings.strict = reader.switch(&["strict"]).unwrap_or(false);
    settings.update_timestamp = reader.switch(&["update_timestamp"]).unwrap_or(false);
    settings.catch_cache_exceptions = reader.switch(&["catch_cache_exceptions"]).unwrap_or(false);
    settings.prefix = prefix(&mut reader, settings.encode_keys, limits_keys);
    if let Some(lock) = reader.take(&["lock"]) {
        if !is_lock {
            reader.mistake(format!("option \"lock\" must be a Seshat\\Lock, {} given", lock.type_name()));
        }
        settings.locks = is_lock;
    }
    reader.finish().map(|()| settings).map_err(|error| error.to_string())
}

fn ttl(reader: &mut Reader) -> Option<Ttl> {
    let said = reader.take(&["ttl"])?;
    let seconds = match &said {
        Value::Text(text) if text.eq_ignore_ascii_case(b"gc_maxlifetime") => return Some(Ttl::GcMaxlifetime),
        Value::Text(text) => std::str::from_utf8(text).ok().and_then(crate::options::reader::parse_duration),
        Value::Int(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
        _ => None,
    };
    let seconds = seconds.filter(|time| time.subsec_nanos() == 0).and_then(|time| i64::try_from(time.as_secs()).ok());
    if let Some(seconds) = seconds.filter(|seconds| (1..=LONGEST_TTL).contains(seconds)) {
        return Some(Ttl::Seconds(seconds));
    }
    let given = match &said {
        Value::Int(number) => number.to_string(),
        other => other.type_name().to_owned(),
    };
    reader.mistake(format!(
        "option \"ttl\" must be whole seconds from 1 to {LONGEST_TTL}, a time such as \"30m\", or \"gc_maxlifetime\", {given} given"
    ));
    None
}

fn prefix(reader: &mut Reader, encode_keys: bool, limits_keys: bool) -> Vec<u8> {
    let prefix = match reader.take(&["prefix"]) {
        None => return Vec::new(),
        Some(Value::Text(prefix)) => prefix,
        Some(other) => {
            reader.mistake(format!("option \"prefix\" must be a string, {} given", other.type_name()));
            return Vec::new();
        }
    };
    if encode_keys && !(prefix.iter().all(|byte| keys::is_plain(*byte)) && prefix.len() <= keys::LONGEST_PREFIX) {
        reader.mistake(format!(
            "option \"prefix\" must be at most {} of A-Z, a-z, 0-9, \"_\" and \".\" when encode_keys is on",
            keys::LONGEST_PREFIX
        ));
    } else if limits_keys && prefix.iter().any(|byte| b"{}()/\\@:".contains(byte)) {
        reader.mistake("option \"prefix\" must not hold any of {}()/\\@: which PSR-6 and PSR-16 forbid in keys");
    }
    prefix
}
