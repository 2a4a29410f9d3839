//! `Phalcon\Session\Adapter\Redis`: Redis in Phalcon's layout.
//!
//! Key `<prefix><id>` with the prefix `sess-reds-`, value PHP-serialized: a session that Phalcon 4 or
//! 5 wrote is read, and what is written here they read. With our own `AdapterFactory` the native
//! store does the work; with a factory of the user's its storage object is called.

use super::{EXCEPTIONS, base, options, warn_of_unknown};
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::engine::{self, Call, Class, Parent, Thrown, method};
use crate::php::methods::{self, Face};
use crate::php::pool::Pooled;
use crate::php::{errors, storage};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

const DEFAULT_PREFIX: &[u8] = b"sess-reds-";

/// The class.
pub(in crate::php) static REDIS: Class = Class {
    name: "Phalcon\\Session\\Adapter\\Redis",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter\\AbstractAdapter")),
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("public function __construct($factory, array $options = [])", construct, sensitive[1]),
        method!("public function close(): bool", close),
        method!("public function destroy(string $id): bool", destroy),
        method!("public function gc(int $max_lifetime): int|bool", gc),
        method!("public function open(string $path, string $name): bool", open),
        method!("public function read(string $id): string", read),
        method!("public function updateTimestamp(string $id, string $data): bool", touch),
        method!("public function validateId(string $id): bool", validate),
        method!("public function write(string $id, string $data): bool", write),
    ],
    native: true,
};

/// Each method has two ways: the native store, or the storage object of a user's factory.
macro_rules! either {
    ($($name:ident: $native:path, $dynamic:path;)*) => {
        $(fn $name(call: &mut Call<'_>) -> Result<(), Thrown> {
            if call.has_state() { $native(call) } else { $dynamic(call) }
        })*
    };
}

either! {
    close: methods::close, base::succeed;
    destroy: methods::destroy, base::destroy;
    gc: methods::gc, base::gc;
    open: methods::open, base::succeed;
    read: methods::read, base::read;
    touch: methods::touch, base::write;
    validate: methods::validate, base::has;
    write: methods::write, base::write;
}

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let said = options(call, 1)?;
    let Some(factory) = call.value(0).filter(|value| value.is_object()).map(Zval::shallow_clone) else {
        let message =
            "Phalcon\\Session\\Adapter\\Redis takes a Phalcon\\Storage\\AdapterFactory and an array of options";
        return Err(engine::throw(EXCEPTIONS, message));
    };
    if !engine::has_method(&factory, "newInstance") {
        let message = "Phalcon\\Session\\Adapter\\Redis needs a factory with a method newInstance()";
        return Err(engine::throw(EXCEPTIONS, message));
    }
    if !storage::is_native_factory(&factory, "redis") {
        return construct_dynamic(call, &factory);
    }
    let (settings, unknown) = settings(said).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    let pooled = Pooled::from_options(settings)
        .map_err(|error| engine::throw(EXCEPTIONS, &in_phalcons_words(&error.to_string())))?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))?;
    warn_of_unknown(&unknown);
    Ok(())
}

/// The user's factory makes the storage object, with the prefix that Phalcon gives it.
fn construct_dynamic(call: &mut Call<'_>, factory: &Zval) -> Result<(), Thrown> {
    let mut options = call.value(1).map_or_else(Zval::new_array, Zval::shallow_clone);
    if options.array().is_some_and(|array| array.get("prefix").is_none_or(Zval::is_null)) {
        engine::set_entry(&mut options, b"prefix", engine::string(DEFAULT_PREFIX));
    }
    let made = engine::call_method(factory, "newInstance", &mut [engine::string(b"redis"), options])?;
    if !made.is_object() {
        return Err(engine::throw(EXCEPTIONS, "The factory's newInstance('redis') returned no storage object"));
    }
    // A second call of the constructor replaces the native store of the first.
    call.clear_state();
    call.set_property(0, made)
}

/// A complaint about one of our options, with the name that the user wrote.
fn in_phalcons_words(message: &str) -> String {
    RENAMED
        .iter()
        .fold(message.to_owned(), |text, (theirs, ours)| text.replace(&format!("\"{ours}\""), &format!("\"{theirs}\"")))
}

/// Phalcon's names and ours.
const RENAMED: [(&str, &str); 8] = [
    ("index", "database"),
    ("auth", "password"),
    ("timeout", "connect_timeout"),
    ("readTimeout", "read_timeout"),
    ("lockingEnabled", "locking"),
    ("lockExpiry", "lock_expire"),
    ("lockRetries", "lock_retries"),
    ("lockWaitTime", "lock_wait_time"),
];

/// Whether a value is no password: what PHP's `empty()` says, as Phalcon asks it. "000" is one.
pub(in crate::php) fn is_no_password(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty() || text == b"0",
        other => is_nothing(other),
    }
}

/// Whether a value is Phalcon's "no limit" or "nothing": zero, in any spelling, or empty.
pub(in crate::php) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Int(0) => true,
        Value::Float(number) => *number == 0.0,
        Value::Text(text) => text.is_empty() || text.iter().all(|b| matches!(b, b'0' | b'.')),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

/// Phalcon's options in the store's words. The second part lists what nobody knows.
fn settings(said: Options) -> crate::error::Result<(Options, Vec<String>)> {
    // A lifetime that is null follows session.gc_maxlifetime; one that was left out is Phalcon's.
    let follows_php = said.get("lifetime") == Some(&Value::Null);
    let mut reader = Reader::new(said);
    let mut settings = Options::new();
    let text = |text: &str| Value::Text(text.as_bytes().to_vec());
    settings.set("store", text("redis"));
    let host = reader.text(&["host"]).filter(|host| !host.is_empty()).unwrap_or("127.0.0.1".into());
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
    settings.set("prefix", reader.take(&["prefix"]).unwrap_or(Value::Text(DEFAULT_PREFIX.to_vec())));
    match reader.text(&["defaultSerializer"]).unwrap_or("php".into()).to_ascii_lowercase().as_str() {
        "php" | "redis_php" => settings.set("serialize", Value::Bool(true)),
        "none" | "redis_none" | "" => settings.set("serialize", Value::Bool(false)),
        other => reader
            .mistake(format!("option \"defaultSerializer\" must be php or none for this adapter, \"{other}\" given")),
    }
    match reader.take(&["lifetime"]) {
        None if follows_php => {}
        None => settings.set("lifetime", Value::Int(3600)),
        // Phalcon keeps such a session for ever; ten years is the longest that a store is asked for.
        Some(nothing) if is_nothing(&nothing) => settings.set("lifetime", text("3650d")),
        Some(lifetime) => settings.set("lifetime", lifetime),
    }
    // Zero means "no limit" in Phalcon; here the store's own limit stays.
    for (theirs, ours) in [("timeout", "connect_timeout"), ("readTimeout", "read_timeout")] {
        match reader.take(&[theirs]) {
            None => {}
            Some(nothing) if is_nothing(&nothing) => {}
            Some(limit) => settings.set(ours, limit),
        }
    }
    // Phalcon 5.15's names and lock key. Other than there, locking is on unless it is turned off.
    settings.set("lock_suffix", text("-lock"));
    for (theirs, ours) in [
        ("lockingEnabled", "locking"),
        ("lockExpiry", "lock_expire"),
        ("lockRetries", "lock_retries"),
        ("lockWaitTime", "lock_wait_time"),
        ("lock_wait", "lock_wait"),
        ("on_lock_timeout", "on_lock_timeout"),
        ("store_empty", "store_empty"),
    ] {
        if let Some(value) = reader.take(&[theirs]) {
            settings.set(ours, value);
        }
    }
    for (name, what) in [("ssl", "TLS"), ("serializer", "a serializer object")] {
        if reader.take(&[name]).is_some_and(|value| !is_nothing(&value)) {
            reader.mistake(format!("option \"{name}\": {what} is not supported by this version of Seshat"));
        }
    }
    // Accepted by Phalcon and without meaning here: connections always outlive the request.
    reader.take(&[
        "persistent",
        "persistentId",
        "statsKey",
        "uniqueId",
        "retryInterval",
        "stripPrefix",
        "adapter",
        "connectTimeout",
    ]);
    let unknown = reader.finish_leniently()?;
    Ok((settings, unknown))
}
