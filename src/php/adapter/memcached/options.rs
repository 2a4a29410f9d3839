//! Phalcon's options of its memcached adapters, and libmemcached's options of a client, in the store's
//! words.

use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::adapter::wording::is_nothing;

/// Phalcon's names and ours.
pub(super) const RENAMED: &[(&str, &str)] = &[
    ("lockingEnabled", "locking"),
    ("lockExpiry", "lock_expire"),
    ("lockRetries", "lock_retries"),
    ("lockWaitTime", "lock_wait_time"),
];

/// What differs between the ways of making an adapter.
pub(super) struct Style {
    pub(super) prefix: &'static str,
    /// In seconds.
    pub(super) lifetime: i64,
    /// What the store's option `serialize` is.
    serialize: &'static str,
    /// Whether the prefix has a part in the choice of the server.
    hashes_prefix: bool,
}

/// Phalcon 4 and 5. Phalcon 4 stores the session as it is, 5 serialized; both are read.
pub(super) const WITH_FACTORY: Style =
    Style { prefix: "sess-memc-", lifetime: 3600, serialize: "read", hashes_prefix: false };

/// Phalcon 3.
pub(super) const ALONE: Style = Style { prefix: "", lifetime: 8600, serialize: "1", hashes_prefix: true };

/// The numbers of `Memcached`'s options, and what they are called behind `OPT_`.
const NUMBERS: &[(&str, &str)] = &[
    ("-1002", "PREFIX_KEY"),
    ("-1001", "COMPRESSION"),
    ("-1004", "COMPRESSION_TYPE"),
    ("2", "HASH"),
    ("9", "DISTRIBUTION"),
    ("14", "CONNECT_TIMEOUT"),
    ("16", "LIBKETAMA_COMPATIBLE"),
    ("20", "RECV_TIMEOUT"),
    ("29", "NUMBER_OF_REPLICAS"),
];

/// Options of a client that mean nothing here: the protocol, the sockets, and what is done with
/// servers that are down.
const WITHOUT_EFFECT: &[&str] = &[
    "0", "1", "4", "5", "6", "8", "10", "12", "13", "15", "18", "19", "21", "26", "27", "28", "30", "32", "35", "36",
    "37", "-1003", "-1005", "-1006",
];

/// The options of `Libmemcached`. The second part lists what nobody knows.
pub(super) fn of_libmemcached(said: Options, style: &Style) -> crate::error::Result<(Options, Vec<String>)> {
    let follows_php = said.get("lifetime") == Some(&Value::Null);
    let mut reader = Reader::new(said);
    let mut settings = Options::new();
    settings.set("store", text("memcached"));
    let before = connection(&mut reader, &mut settings);
    if style.serialize == "1" && settings.get("servers").is_none() {
        reader.mistake("No servers given in options");
    }
    let mut serialize = style.serialize;
    match reader.text(&["defaultSerializer"]).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" => {}
        // In Phalcon 4 both are the client's serializer, which leaves strings as they are.
        "php" | "memcached_php" | "none" => serialize = "read",
        other => reader
            .mistake(format!("option \"defaultSerializer\" must be php or none for this adapter, \"{other}\" given")),
    }
    settings.set("serialize", text(serialize));
    let prefix = reader.text(&["prefix"]).unwrap_or_else(|| style.prefix.into());
    // Phalcon 3 gives the client whole keys, 4 and 5 give it the prefix, which is not hashed then.
    if style.hashes_prefix {
        settings.set("hash_before", text(&prefix));
    }
    settings.set("prefix", Value::Text(format!("{before}{prefix}").into_bytes()));
    lifetime_and_lock(&mut reader, &mut settings, style, follows_php);
    reader.take(&["persistentId", "persistent_id", "statsKey", "uniqueId", "stripPrefix", "adapter", "serializer"]);
    reader.finish_leniently().map(|unknown| (settings, unknown))
}

/// The servers, as whom to go there, and how to speak to them: `servers`, `saslAuthData` and `client`.
/// Returns what the client puts before keys.
pub(in crate::php) fn connection(reader: &mut Reader, settings: &mut Options) -> String {
    if let Some(servers) = reader.take(&["servers"]) {
        settings.set("servers", servers);
    }
    match reader.take(&["saslAuthData"]) {
        Some(Value::Map(pair)) => {
            for (theirs, ours) in [("user", "user"), ("pass", "password")] {
                if let Some(value) = pair.get(theirs) {
                    settings.set(ours, value.clone());
                }
            }
        }
        Some(other) if !is_nothing(&other) => reader.mistake(format!(
            "option \"saslAuthData\" must be an array with \"user\" and \"pass\", {} given",
            other.type_name()
        )),
        _ => {}
    }
    client(reader, settings)
}

/// The options of `Memcache`.
pub(super) fn of_memcache(said: Options) -> crate::error::Result<(Options, Vec<String>)> {
    let follows_php = said.get("lifetime") == Some(&Value::Null);
    let mut reader = Reader::new(said);
    let mut settings = Options::new();
    let host = reader.text(&["host"]).filter(|host| !host.is_empty()).unwrap_or("127.0.0.1".into());
    match host.strip_prefix("unix://").or_else(|| host.starts_with('/').then_some(host.as_str())) {
        Some(path) => {
            settings.set("store", text("memcached+unix"));
            settings.set("path", text(path));
            reader.take(&["port"]);
        }
        None => {
            settings.set("store", text("memcached"));
            settings.set("host", Value::Text(host.into_bytes()));
            if let Some(port) = reader.number(&["port"], 1..=65535) {
                settings.set("port", Value::Int(port));
            }
        }
    }
    settings.set("prefix", reader.take(&["prefix"]).unwrap_or_else(|| text("")));
    settings.set("serialize", text(ALONE.serialize));
    lifetime_and_lock(&mut reader, &mut settings, &ALONE, follows_php);
    reader.take(&["persistent", "statsKey", "uniqueId", "adapter"]);
    reader.finish_leniently().map(|unknown| (settings, unknown))
}

/// What the option `client` says: numbers of `Memcached`'s constants, or their names with or without
/// `OPT_` or `Memcached::OPT_`. Returns what it puts before keys.
fn client(reader: &mut Reader, settings: &mut Options) -> String {
    let said = match reader.take(&["client"]) {
        Some(Value::Map(said)) => said,
        // PHP's array of numbers in order is a list: its places are the options' numbers.
        Some(Value::List(list)) => {
            let mut said = Options::new();
            for (place, value) in list.into_iter().enumerate() {
                said.set(place.to_string(), value);
            }
            said
        }
        Some(other) if !is_nothing(&other) => {
            reader.mistake(format!("option \"client\" must be an array, {} given", other.type_name()));
            Options::new()
        }
        _ => Options::new(),
    };
    let several = matches!(settings.get("servers"), Some(Value::List(servers)) if servers.len() > 1);
    let mut before = String::new();
    let (mut compresses, mut kind, mut consistent, mut ketama, mut hash) = (None, "fastlz", false, false, None);
    for (name, value) in said.iter() {
        let plain = name.trim_start_matches("Memcached::").trim_start_matches("OPT_").to_ascii_uppercase();
        let known = NUMBERS.iter().find(|(number, _)| *number == name).map_or(plain.as_str(), |(_, word)| word);
        let number = match value {
            Value::Int(number) => *number,
            Value::Bool(on) => i64::from(*on),
            _ => 0,
        };
        match known {
            "PREFIX_KEY" => {
                if let Value::Text(prefix) = value {
                    before = String::from_utf8_lossy(prefix).into_owned();
                }
            }
            "COMPRESSION" => compresses = Some(number != 0),
            "COMPRESSION_TYPE" => kind = if number == 1 { "zlib" } else { "fastlz" },
            "DISTRIBUTION" => consistent = number != 0,
            "LIBKETAMA_COMPATIBLE" => ketama = number != 0,
            "HASH" => {
                let names = ["default", "md5", "crc", "fnv1_64", "fnv1a_64", "fnv1_32", "fnv1a_32"];
                match usize::try_from(number).ok().and_then(|number| names.get(number)) {
                    Some(name) => hash = Some(*name),
                    None => reader.mistake("option \"client\": this hash function of libmemcached is not known here"),
                }
            }
            // Milliseconds; Phalcon's ten or fifty are too few for a loaded machine and count from one second.
            "CONNECT_TIMEOUT" if number > 1000 => settings.set("connect_timeout", text(&format!("{number}ms"))),
            // Microseconds.
            "RECV_TIMEOUT" if number > 0 => settings.set("read_timeout", text(&format!("{number}us"))),
            // With one server there is no place for a copy, and libmemcached says nothing either.
            "NUMBER_OF_REPLICAS" if number > 0 && several => settings.set("replicas", Value::Int(1)),
            "CONNECT_TIMEOUT" | "RECV_TIMEOUT" | "NUMBER_OF_REPLICAS" => {}
            _ if WITHOUT_EFFECT.contains(&name) || plain.chars().any(char::is_alphabetic) => {}
            _ => reader.mistake(format!("option \"client\": {plain} is no option of Memcached")),
        }
    }
    settings.set("distribution", text(if consistent || ketama { "consistent" } else { "modula" }));
    settings.set("hash", text(hash.unwrap_or(if ketama { "md5" } else { "default" })));
    // As the class does unless it is told otherwise.
    settings.set("compression", text(if compresses.unwrap_or(true) { kind } else { "off" }));
    before
}

fn lifetime_and_lock(reader: &mut Reader, settings: &mut Options, style: &Style, follows_php: bool) {
    match reader.take(&["lifetime"]) {
        None if follows_php => {}
        None => settings.set("lifetime", Value::Int(style.lifetime)),
        // Phalcon keeps such a session until memcached needs its memory; ten years is the longest that a store is asked for.
        Some(list @ (Value::List(_) | Value::Map(_))) => settings.set("lifetime", list),
        Some(nothing) if is_nothing(&nothing) => settings.set("lifetime", text("3650d")),
        Some(lifetime) => settings.set("lifetime", lifetime),
    }
    for (theirs, ours) in [
        ("lockingEnabled", "locking"),
        ("lockExpiry", "lock_expire"),
        ("lockRetries", "lock_retries"),
        ("lockWaitTime", "lock_wait_time"),
        ("lock_wait", "lock_wait"),
        ("on_lock_timeout", "on_lock_timeout"),
        ("store_empty", "store_empty"),
    ] {
        if let Some(value) = reader.take(&[theirs, ours]) {
            settings.set(ours, value);
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.as_bytes().to_vec())
}
