//! `Phalcon\Storage\Adapter\Libmemcached`: keys on memcached servers, over the store's own connections.

mod client;
mod own_client;

use super::base::{self, ABSTRACT, ADAPTER, OPTIONS, SERIALIZER};
use crate::backend::memcached::commands::{Commands, Item, Key, Type};
use crate::error::{Error, Kind, Result as Outcome};
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::adapter::memcached::options;
use crate::php::engine::{self, Call, Class, Initial, Parent, Property, Thrown, method};
use crate::php::pool::{Idle, environment};
use crate::php::storage::serializer::formats::{self, Format};
use crate::php::{adapter, exceptions};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The class.
pub(in crate::php) static LIBMEMCACHED: Class = Class {
    name: "Phalcon\\Storage\\Adapter\\Libmemcached",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours(ABSTRACT.name)),
    interfaces: &[],
    constants: &[],
    properties: &[Property { name: "prefix", private: false, initial: Initial::Text("ph-memc-") }],
    methods: &[
        method!(
            "public function __construct(Phalcon\\Storage\\SerializerFactory $factory, array $options = [])",
            construct,
            sensitive[1]
        ),
        method!("public function clear()", clear),
        method!("public function getAdapter()", get_adapter),
        method!("public function getKeys(string $prefix = '')", get_keys),
        method!("public function setForever(string $key, $value)", |call| store(call, None)),
        method!("protected function doDecrement(string $key, int $value = 1)", |call| count(call, i64::checked_neg)),
        method!("protected function doDelete(string $key)", delete),
        method!("protected function doGet(string $key, $defaultValue = null)", get),
        method!("protected function doHas(string $key)", has),
        method!("protected function doIncrement(string $key, int $value = 1)", |call| count(call, Some)),
        method!("protected function doSet(string $key, $value, $ttl = null)", |call| base::set_with(call, store)),
    ],
    native: true,
};

thread_local! {
    static IDLE: Idle<Commands> = const { Idle::new() };
}

/// Closes the connections that are kept.
pub(super) fn forget() {
    let _ = IDLE.try_with(Idle::clear);
}

/// The native state: connections on loan.
struct Servers {
    key: Vec<u8>,
    commands: Option<Commands>,
}

impl Drop for Servers {
    fn drop(&mut self) {
        if let Some(commands) = self.commands.take() {
            let key = std::mem::take(&mut self.key);
            // The thread may be ending: then nothing is kept any more.
            let _ = IDLE.try_with(|idle| idle.give(key, commands));
        }
    }
}

/// Phalcon's options, and what they mean for an object. Connects to nothing.
fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    base::construct(call)?;
    let said = adapter::options(call, 1)?;
    let (settings, unknown) = settings(said).map_err(|error| wrong(&error))?;
    let mut key = Vec::new();
    settings.distinguish(&mut key);
    let commands = match IDLE.try_with(|idle| idle.take(&key)).ok().flatten() {
        Some(kept) => kept,
        None => Commands::new(settings, &environment()).map_err(|error| wrong(&error))?,
    };
    call.set_property(ADAPTER, Zval::null())?;
    call.set_state(Box::new(Servers { key, commands: Some(commands) }))?;
    base::init_serializer(call)?;
    adapter::warn_of_unknown(&unknown);
    Ok(())
}

fn wrong(error: &Error) -> Thrown {
    engine::throw(exceptions::INVALID_CONFIGURATION.name, &error.to_string())
}

/// What the options say about servers, in the store's words, and what nobody knows.
fn settings(said: Options) -> Outcome<(Options, Vec<String>)> {
    let mut reader = Reader::new(said);
    let mut settings = Options::new();
    let before = options::connection(&mut reader, &mut settings);
    settings.set("prefix", Value::Text(before.into_bytes()));
    // The base class's, getAdapter()'s, and Phalcon's without a meaning here.
    reader.take(&["defaultSerializer", "lifetime", "prefix", "serializer", "stripPrefix"]);
    for name in ["persistentId", "adapter", "statsKey", "uniqueId"] {
        reader.take(&[name]);
    }
    let unknown = reader.finish_leniently()?;
    Ok((settings, unknown))
}

/// Does something on the servers. Nothing of PHP runs meanwhile.
fn ask<R: Default>(call: &mut Call<'_>, work: impl FnOnce(&mut Commands) -> Outcome<R>) -> Result<R, Thrown> {
    call.with_state(|servers: &mut Servers| servers.commands.as_mut().map_or_else(|| Ok(R::default()), work))?
        .map_err(|error| tell(&error))
}

/// Does something with the call's key.
fn ask_for_key<R: Default>(
    call: &mut Call<'_>,
    work: impl FnOnce(&mut Commands, Key<'_>) -> Outcome<R>,
) -> Result<R, Thrown> {
    let whole = base::prefixed_key(call)?;
    let prefix = base::prefix(call)?;
    // A child may make its keys in its own way.
    let prefix = if whole.starts_with(&prefix) { prefix.len() } else { 0 };
    let (prefix, name) = whole.split_at_checked(prefix).unwrap_or((&[], &whole));
    ask(call, |commands| work(commands, Key { prefix, name }))
}

fn tell(error: &Error) -> Thrown {
    let class = match error.kind() {
        Kind::Unavailable | Kind::Timeout => &exceptions::CONNECTION_FAILED,
        Kind::Denied => &exceptions::AUTHENTICATION_FAILED,
        _ => &exceptions::STORAGE_ERROR,
    };
    engine::throw(class.name, &error.to_string())
}

fn get_adapter(call: &mut Call<'_>) -> Result<(), Thrown> {
    let made = call.property(ADAPTER)?.shallow_clone();
    if made.is_object() {
        *call.result() = made;
        return Ok(());
    }
    let prefix = base::prefix(call)?;
    let options = call.property(OPTIONS)?.shallow_clone();
    let client = client::make(&options, &prefix)?;
    call.set_property(ADAPTER, client.shallow_clone())?;
    *call.result() = client;
    Ok(())
}

/// Everything on all of the servers: they cannot be asked for the keys that begin with a prefix.
fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    let done = match own_client::of(call)? {
        Some(client) => engine::call_method(&client, "flush", &mut [])?.coerce_to_bool(),
        None => {
            ask(call, Commands::flush)?;
            true
        }
    };
    call.result().set_bool(done);
    Ok(())
}

fn get_keys(call: &mut Call<'_>) -> Result<(), Thrown> {
    if let Some(client) = own_client::of(call)? {
        return own_client::keys(call, &client);
    }
    let message = "getKeys() is not possible: a memcached server cannot list its keys; keep those that are needed as a \
                   group in a value of their own";
    Err(engine::throw(exceptions::STORAGE.name, message))
}

fn has(call: &mut Call<'_>) -> Result<(), Thrown> {
    let found = match own_client::of(call)? {
        Some(client) => own_client::get(call, &client)?.is_some(),
        None => ask_for_key(call, Commands::exists)?,
    };
    call.result().set_bool(found);
    Ok(())
}

fn delete(call: &mut Call<'_>) -> Result<(), Thrown> {
    let removed = match own_client::of(call)? {
        Some(client) => own_client::remove(call, &client)?,
        None => ask_for_key(call, Commands::remove)?,
    };
    call.result().set_bool(removed);
    Ok(())
}

fn count(call: &mut Call<'_>, signed: fn(i64) -> Option<i64>) -> Result<(), Thrown> {
    let by = signed(call.long(1, 1)?);
    let sum = match (by, own_client::of(call)?) {
        (None, _) => None,
        (Some(by), Some(client)) => own_client::add(call, &client, by)?,
        (Some(by), None) => ask_for_key(call, |commands, key| commands.add(key, by))?,
    };
    base::return_count(call, sum);
    Ok(())
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    if let Some(client) = own_client::of(call)? {
        let content = own_client::get(call, &client)?;
        return base::answer(call, content);
    }
    let Some(Item { bytes, kind }) = ask_for_key(call, Commands::get)? else { return base::answer(call, None) };
    let stored = engine::string(&bytes);
    let value = match kind {
        Type::Text => return read_text(call, stored),
        Type::Int => Some(int(&bytes)),
        Type::Float => Some(float(&bytes)),
        Type::Bool => Some(boolean(bytes == b"1")),
        Type::Serialized => Format::PHP.read(&stored)?,
        Type::Igbinary => Format::IGBINARY.read(&stored)?,
        Type::Json => Format::JSON.read(&stored)?,
        Type::Msgpack => Format::MSGPACK.read(&stored)?,
    };
    match value {
        Some(value) => *call.result() = value,
        None => return base::answer(call, None),
    }
    Ok(())
}

/// A string: what the serializer wrote, or, from Phalcon 4, the value itself.
fn read_text(call: &mut Call<'_>, stored: Zval) -> Result<(), Thrown> {
    base::init_serializer(call)?;
    let serializer = call.property(SERIALIZER)?.shallow_clone();
    let is_php = engine::is_a(&serializer, formats::PHP.name);
    if !is_php || call.overrides("getunserializeddata", ABSTRACT.name) {
        return base::answer(call, Some(stored));
    }
    let value = Format::PHP.read(&stored)?.unwrap_or(stored);
    *call.result() = value;
    Ok(())
}

fn store(call: &mut Call<'_>, ttl: Option<u64>) -> Result<(), Thrown> {
    let value = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    let content = base::serialized(call, value)?;
    if let Some(client) = own_client::of(call)? {
        let done = own_client::set(call, &client, content, ttl)?;
        call.result().set_bool(done);
        return Ok(());
    }
    let (kind, content) = typed(call, content)?;
    let bytes = content.zend_str().map(|text| text.as_bytes()).unwrap_or_default();
    ask_for_key(call, |commands, key| commands.set(key, kind, bytes, ttl))?;
    call.result().set_bool(true);
    Ok(())
}

/// What PHP's `Memcached` stores for what a serializer made, or left as it is.
fn typed(call: &mut Call<'_>, content: Zval) -> Result<(Type, Zval), Thrown> {
    if content.is_string() {
        return Ok((Type::Text, content));
    }
    if let Some(on) = content.bool() {
        return Ok((Type::Bool, engine::string(if on { b"1" } else { b"" })));
    }
    if content.is_long() {
        return Ok((Type::Int, engine::to_string(&content)?));
    }
    if let Some(number) = content.double() {
        let digits = match number {
            f64::INFINITY => "Infinity".to_owned(),
            f64::NEG_INFINITY => "-Infinity".to_owned(),
            number => format!("{number:?}"),
        };
        return Ok((Type::Float, engine::string(digits.as_bytes())));
    }
    let (kind, format) = match base::default_serializer(call)?.as_str() {
        "memcached_json" => (Type::Json, Format::JSON),
        "memcached_igbinary" => (Type::Igbinary, Format::IGBINARY),
        _ => (Type::Serialized, Format::PHP),
    };
    Ok((kind, format.write(content)?))
}

/// The number that the digits say. A counter that was counted down has spaces behind it.
fn int(digits: &[u8]) -> Zval {
    match std::str::from_utf8(digits).ok().and_then(|digits| digits.trim_end().parse().ok()) {
        Some(number) => engine::int(number),
        None => float(digits),
    }
}

fn float(digits: &[u8]) -> Zval {
    let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.trim_end().parse().ok());
    let mut value = Zval::new();
    value.set_double(number.unwrap_or(0.0));
    value
}

fn boolean(on: bool) -> Zval {
    let mut value = Zval::new();
    value.set_bool(on);
    value
}
