//! `Phalcon\Session\Adapter\Aerospike`, of Phalcon 3's incubator: the session itself, in an Aerospike cluster.

use super::wording::{in_users_words, is_nothing};
use super::{EXCEPTIONS, warn_of_unknown};
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::classic::{self, Data};
use crate::php::engine::{self, Call, Class, Interface, Method, Parent, Thrown, arrays, method};
use crate::php::methods::{self, Face};
use crate::php::pool::Pooled;
use crate::php::{convert, errors, turns};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;
use std::time::Duration;

/// In seconds.
const LIFETIME: i64 = 8600;

/// Phalcon's names and ours.
const RENAMED: &[(&str, &str)] = &[
    ("lockingEnabled", "locking"),
    ("lockExpiry", "lock_expire"),
    ("lockRetries", "lock_retries"),
    ("lockWaitTime", "lock_wait_time"),
];
/// Options of ours that are handed on as they are.
const OURS: &[&str] = &[
    "locking",
    "lock_expire",
    "lock_wait",
    "lock_retries",
    "lock_wait_time",
    "on_lock_timeout",
    "on_lock_lost",
    "store_empty",
    "user",
    "password",
    "timeout",
    "connect_timeout",
    "read_timeout",
    "tls",
    "ca_file",
    "client_cert",
    "client_key",
    "server_name",
    "verify",
    "set",
];

/// `destroy` and `open` may be called without arguments, as in Phalcon 3.
const METHODS: &[Method] = &[
    method!("public function __construct($options = null)", construct, sensitive[0]),
    method!("public function close()", methods::close),
    method!("public function destroy($id = null)", destroy, children_may_require 1),
    method!("public function gc(int $max_lifetime)", methods::gc),
    method!("public function getDb()", get_db),
    method!("public function open(string $path = '', string $name = '')", methods::open, children_may_require 2),
    method!("public function read(string $id)", methods::read),
    method!("public function start()", classic::start_as_handler),
    method!("public function updateTimestamp(string $id, string $data)", methods::touch),
    method!("public function validateId(string $id)", methods::validate),
    method!("public function write(string $id, string $data)", methods::write),
];

/// The class.
pub(in crate::php) static AEROSPIKE: Class = Class {
    name: "Phalcon\\Session\\Adapter\\Aerospike",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter")),
    interfaces: &[Interface::SessionHandler, Interface::SessionUpdateTimestamp],
    constants: &[],
    properties: &[],
    methods: METHODS,
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    // Another object may have had this one's number before.
    turns::forget(call)?;
    let mut options = classic::options_at(call, 0)?.unwrap_or_else(Zval::new_array);
    let said = options.array().map(convert::options).unwrap_or_default();
    let (settings, unknown) = settings(said).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    let pooled = Pooled::from_options(settings)
        .map_err(|error| engine::throw(EXCEPTIONS, &in_users_words(&error.to_string(), RENAMED)))?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))?;
    // As in Phalcon, getOptions() does not have them.
    for name in [b"namespace".as_slice(), b"set"] {
        arrays::take(&mut options, name, &mut Zval::new());
    }
    classic::take_options(call, options)?;
    turns::register(call)?;
    warn_of_unknown(&unknown);
    Ok(())
}

/// Phalcon's options in the store's words. The second part lists what nobody knows.
fn settings(said: Options) -> crate::error::Result<(Options, Vec<String>)> {
    let follows_php = said.get("lifetime") == Some(&Value::Null);
    let mut reader = Reader::new(said);
    let mut settings = Options::new();
    settings.set("store", text("aerospike"));
    match reader.take(&["hosts"]) {
        Some(hosts @ (Value::List(_) | Value::Map(_))) => settings.set("hosts", hosts),
        _ => reader.mistake("No hosts given in options"),
    }
    for name in ["namespace", "prefix"] {
        if let Some(said) = reader.text(&[name]) {
            settings.set(name, Value::Text(said.into_bytes()));
        }
    }
    match reader.take(&["lifetime"]) {
        None if follows_php => {}
        None => settings.set("lifetime", Value::Int(LIFETIME)),
        // The servers' default, which may be never; ten years is the longest that a store is asked for.
        Some(nothing) if is_nothing(&nothing) => settings.set("lifetime", text("3650d")),
        Some(lifetime) => settings.set("lifetime", lifetime),
    }
    client(&mut reader, &mut settings);
    for ours in OURS {
        let theirs = RENAMED.iter().find(|(_, name)| name == ours).map_or(*ours, |(theirs, _)| theirs);
        if let Some(value) = reader.take(&[theirs, ours]) {
            settings.set(*ours, value);
        }
    }
    // Connections always outlive the request.
    reader.take(&["persistent", "uniqueId", "adapter"]);
    reader.finish_leniently().map(|unknown| (settings, unknown))
}

/// The option `options`: numbers of `Aerospike`'s constants, times in milliseconds. Those that are no limits of
/// time mean nothing here.
fn client(reader: &mut Reader, settings: &mut Options) {
    let said = match reader.take(&["options"]) {
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
            reader.mistake(format!("option \"options\" must be an array, {} given", other.type_name()));
            return;
        }
        _ => return,
    };
    let (mut connect, mut answer) = (Duration::ZERO, Duration::ZERO);
    for (name, value) in said.iter() {
        let limit = match name {
            "1" | "OPT_CONNECT_TIMEOUT" => &mut connect,
            // A session's operation reads and writes in one.
            "2" | "3" | "OPT_READ_TIMEOUT" | "OPT_WRITE_TIMEOUT" => &mut answer,
            _ => continue,
        };
        match value {
            Value::Int(milliseconds @ 0..) => {
                *limit = Duration::from_millis(milliseconds.unsigned_abs()).max(*limit);
            }
            other => {
                let given = other.type_name();
                reader
                    .mistake(format!("option \"options\": a limit of time is a number of milliseconds, {given} given"));
            }
        }
    }
    for (name, limit) in [("connect_timeout", connect), ("read_timeout", answer)] {
        if !limit.is_zero() {
            settings.set(name, milliseconds(limit));
        }
    }
    if !answer.is_zero() {
        settings.set("timeout", milliseconds(connect + answer));
    }
}

fn milliseconds(time: Duration) -> Value {
    text(&format!("{}ms", time.as_millis()))
}

fn text(text: &str) -> Value {
    Value::Text(text.as_bytes().to_vec())
}

/// The session as a whole, or one record: what it is called with decides.
fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    classic::destroy_or_delete(call, Data::Goes, methods::destroy)
}

/// A client of PHP's own extension, for code that used the one that the incubator had inside.
fn get_db(call: &mut Call<'_>) -> Result<(), Thrown> {
    let options = classic::options(call)?;
    let said = |name: &str| options.array().and_then(|options| options.get(name)).map(Zval::dereference);
    let mut config = Zval::new_array();
    let hosts = said("hosts").map_or_else(Zval::new_array, Zval::shallow_clone);
    engine::set_entry(&mut config, b"hosts", hosts);
    let persistent = classic::boolean(said("persistent").is_some_and(Zval::coerce_to_bool));
    let more = said("options").filter(|options| options.is_array()).map_or_else(Zval::new_array, Zval::shallow_clone);
    if engine::class_exists("Aerospike") {
        let client = engine::new_object("Aerospike", &mut [config, persistent, more])?;
        if engine::has_method(&client, "isConnected") {
            *call.result() = client;
            return Ok(());
        }
    }
    Err(engine::throw(EXCEPTIONS, "getDb() needs the PHP extension aerospike, which is not loaded; sessions do not"))
}
