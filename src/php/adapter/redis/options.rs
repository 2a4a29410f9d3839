//! Phalcon's options of its Redis adapter, in the store's words.

use crate::options::phpredis::{TLS_SETTINGS, tls_setting};
use crate::options::reader::{Reader, is_plain};
use crate::options::value::{Options, Value};
use crate::php::adapter::wording::{is_no_password, is_nothing};

/// Phalcon's names and ours.
pub(in crate::php) const RENAMED: &[(&str, &str)] = &[
    ("index", "database"),
    ("auth", "password"),
    ("timeout", "connect_timeout"),
    ("readTimeout", "read_timeout"),
    ("statsKey", "stats_key"),
    ("lockingEnabled", "locking"),
    ("lockExpiry", "lock_expire"),
    ("lockRetries", "lock_retries"),
    ("lockWaitTime", "lock_wait_time"),
];

/// What differs between the ways of making the adapter.
pub(super) struct Style {
    /// What a record's key begins with, before the option `prefix`.
    beginning: &'static str,
    pub(super) prefix: &'static str,
    lock_suffix: &'static str,
    /// In seconds.
    pub(super) lifetime: i64,
    serializes: bool,
}

/// Phalcon 4 and 5, with the lock of 5.15.
pub(super) const WITH_FACTORY: Style =
    Style { beginning: "", prefix: "sess-reds-", lock_suffix: "-lock", lifetime: 3600, serializes: true };

/// Phalcon 3, which had no lock.
pub(super) const ALONE: Style =
    Style { beginning: "_PHCR", prefix: "", lock_suffix: "_LOCK", lifetime: 8600, serializes: false };

/// Phalcon's options in the store's words. The second part lists what nobody knows.
pub(super) fn settings(said: Options, style: &Style) -> crate::error::Result<(Options, Vec<String>)> {
    // A lifetime that is null follows session.gc_maxlifetime; one that was left out is Phalcon's.
    let follows_php = said.get("lifetime") == Some(&Value::Null);
    let mut reader = Reader::new(said);
    let mut settings = Options::new();
    let text = |text: &str| Value::Text(text.as_bytes().to_vec());
    let host = reader.text(&["host"]).filter(|host| !host.is_empty()).unwrap_or("127.0.0.1".into());
    // As phpredis has it. Who sets up TLS and does not say so at the host wants it, too.
    let secure = ["tls://", "ssl://"].iter().find_map(|scheme| host.strip_prefix(scheme)).map(str::to_owned);
    let sets_up_tls = tls(&mut reader, &mut settings);
    settings.set("store", text(if secure.is_some() || sets_up_tls { "rediss" } else { "redis" }));
    let host = secure.unwrap_or(host);
    let socket = reader.text(&["socket"]).filter(|socket| !socket.is_empty());
    // Phalcon knew unix sockets only as a host that is a path; its option `socket` never worked.
    match socket.or_else(|| host.starts_with('/').then(|| host.clone())) {
        Some(path) => {
            settings.set("store", text("redis+unix"));
            settings.set("path", Value::Text(path.into_bytes()));
            reader.take(&["port"]);
        }
        None => {
            settings.set("host", Value::Text(host.into_bytes()));
            if let Some(port) = reader.number(&["port"], 1..=65535) {
                settings.set("port", Value::Int(port));
            }
        }
    }
    if let Some(database) = reader.number(&["index"], 0..=i64::from(u16::MAX)) {
        settings.set("database", Value::Int(database));
    }
    match reader.take(&["auth"]) {
        Some(none) if is_no_password(&none) => {}
        Some(Value::List(pair)) => match <[Value; 2]>::try_from(pair) {
            Ok([user, password]) => {
                settings.set("user", user);
                settings.set("password", password);
            }
            Err(_) => reader.mistake("option \"auth\" must be a password or [user, password]"),
        },
        Some(password) => settings.set("password", password),
        None => {}
    }
    let prefix = reader.text(&["prefix"]).unwrap_or_else(|| style.prefix.into());
    settings.set("prefix", Value::Text(format!("{}{prefix}", style.beginning).into_bytes()));
    // Phalcon 4 has the option and does nothing with it.
    let listed = reader.text(&["statsKey"]).filter(|_| !style.serializes);
    if let Some(key) = listed {
        settings.set("stats_key", Value::Text(key.into_bytes()));
        settings.set("stats_prefix", Value::Text(prefix.into_bytes()));
    }
    let serializer = if style.serializes { "php" } else { "none" };
    match reader.text(&["defaultSerializer"]).unwrap_or(serializer.into()).to_ascii_lowercase().as_str() {
        "php" | "redis_php" => settings.set("serialize", Value::Bool(true)),
        "none" | "redis_none" | "" => settings.set("serialize", text("read")),
        other => reader
            .mistake(format!("option \"defaultSerializer\" must be php or none for this adapter, \"{other}\" given")),
    }
    match reader.take(&["lifetime"]) {
        None if follows_php => {}
        None => settings.set("lifetime", Value::Int(style.lifetime)),
        // Phalcon keeps such a session for ever; ten years is the longest that a store is asked for.
        Some(list @ (Value::List(_) | Value::Map(_))) => settings.set("lifetime", list),
        Some(nothing) if is_nothing(&nothing) => settings.set("lifetime", text("3650d")),
        Some(Value::Int(..0)) if !style.serializes => settings.set("lifetime", text("3650d")),
        Some(lifetime) => settings.set("lifetime", lifetime),
    }
    // Zero means "no limit" in Phalcon; here the store's own limit stays.
    for (theirs, ours) in [("timeout", "connect_timeout"), ("readTimeout", "read_timeout")] {
        match reader.take(&[theirs]) {
            None => {}
            Some(list @ (Value::List(_) | Value::Map(_))) => settings.set(ours, list),
            Some(nothing) if is_nothing(&nothing) => {}
            Some(limit) => settings.set(ours, limit),
        }
    }
    // Phalcon 5.15's names and ours. Other than there, locking is on unless it is turned off.
    settings.set("lock_suffix", text(style.lock_suffix));
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
    if reader.take(&["serializer"]).is_some_and(|value| !is_nothing(&value)) {
        reader.mistake("option \"serializer\": a serializer object is not supported by this adapter");
    }
    // Accepted by Phalcon and without meaning here: connections always outlive the request.
    reader.switch(&["persistent"]);
    reader.take(&["persistentId", "uniqueId", "retryInterval", "stripPrefix", "adapter", "connectTimeout"]);
    let unknown = reader.finish_leniently()?;
    Ok((settings, unknown))
}

/// The option `ssl`, PHP's settings of TLS. Whether there are any.
fn tls(reader: &mut Reader, settings: &mut Options) -> bool {
    let said = match reader.take(&["ssl"]) {
        Some(Value::Map(said)) => said,
        Some(other) if !is_nothing(&other) => {
            reader.mistake(format!("option \"ssl\" must be an array, {} given", other.type_name()));
            return false;
        }
        _ => return false,
    };
    for (name, value) in said.iter() {
        let bytes = match value {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(on) => Some(if *on { b"1".to_vec() } else { Vec::new() }),
            Value::Int(number) => Some(number.to_string().into_bytes()),
            _ => None,
        };
        if !bytes.is_some_and(|bytes| tls_setting(name, bytes, settings)) {
            let shown = if is_plain(name) { name } else { "..." };
            reader.mistake(format!("option \"ssl\": {shown} is not understood; {TLS_SETTINGS}"));
        }
    }
    true
}
