//! `Phalcon\Storage\Adapter\Redis`: keys on a Redis or Valkey server, over the store's own connections.

mod client;
mod options;
mod own_client;

use super::base::{self, ABSTRACT, ADAPTER, SERIALIZER, return_keys};
use crate::backend::redis::commands::Commands;
use crate::error::{Error, Kind, Result as Outcome};
use crate::php::adapter::redis::options::RENAMED;
use crate::php::adapter::wording::in_users_words;
use crate::php::engine::{self, Call, Class, Initial, Parent, Property, Thrown, method};
use crate::php::pool::Idle;
use crate::php::storage::serializer::formats::Format;
use crate::php::{adapter, exceptions};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;
use options::Said;
use std::collections::BTreeSet;

/// The class.
pub(in crate::php) static REDIS: Class = Class {
    name: "Phalcon\\Storage\\Adapter\\Redis",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours(ABSTRACT.name)),
    interfaces: &[],
    constants: &[],
    properties: &[Property { name: "prefix", private: false, initial: Initial::Text("ph-reds-") }],
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
        method!("protected function doDeleteMultiple(array $keys)", delete_multiple),
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

/// The native state: a connection on loan.
struct Server {
    said: Said,
    key: Vec<u8>,
    commands: Option<Commands>,
}

impl Server {
    fn commands(&mut self) -> &mut Commands {
        let Self { said, key, commands } = self;
        commands.get_or_insert_with(|| {
            let kept = IDLE.try_with(|idle| idle.take(key)).ok().flatten();
            kept.unwrap_or_else(|| Commands::new(said.server.clone()))
        })
    }
}

impl Drop for Server {
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
    let mut key = Vec::new();
    said.distinguish(&mut key);
    let (said, unknown) = options::read(said)
        .map_err(|error| engine::throw(exceptions::INVALID_CONFIGURATION.name, &error.to_string()))?;
    call.set_property(ADAPTER, Zval::null())?;
    call.set_state(Box::new(Server { said, key, commands: None }))?;
    base::init_serializer(call)?;
    adapter::warn_of_unknown(&unknown);
    Ok(())
}

/// Does something on the server. Nothing of PHP runs meanwhile.
fn ask<R>(call: &mut Call<'_>, work: impl FnOnce(&mut Commands) -> Outcome<R>) -> Result<R, Thrown> {
    call.with_state(|server: &mut Server| work(server.commands()))?.map_err(|error| tell(&error))
}

fn tell(error: &Error) -> Thrown {
    let class = match error.kind() {
        Kind::Unavailable | Kind::Timeout => &exceptions::CONNECTION_FAILED,
        Kind::Denied => &exceptions::AUTHENTICATION_FAILED,
        Kind::Config => &exceptions::DATABASE_SELECTION_FAILED,
        _ => &exceptions::STORAGE_ERROR,
    };
    engine::throw(class.name, &in_users_words(&error.to_string(), RENAMED))
}

fn get_adapter(call: &mut Call<'_>) -> Result<(), Thrown> {
    let made = call.property(ADAPTER)?.shallow_clone();
    if made.is_object() {
        *call.result() = made;
        return Ok(());
    }
    let prefix = base::prefix(call)?;
    let serializer = base::default_serializer(call)?;
    let said = call.with_state(|server: &mut Server| server.said.clone())?;
    let client = client::connect(&said, &prefix, &serializer)?;
    call.set_property(ADAPTER, client.shallow_clone())?;
    *call.result() = client;
    Ok(())
}

/// Only what begins with the prefix; the database may be other people's too.
fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    if own_client::of(call)?.is_some() {
        return own_client::clear(call);
    }
    let prefix = base::prefix(call)?;
    ask(call, |commands| each_batch(commands, &prefix, |commands, keys| commands.remove(&keys).map(drop)))?;
    call.result().set_bool(true);
    Ok(())
}

fn get_keys(call: &mut Call<'_>) -> Result<(), Thrown> {
    if let Some(client) = own_client::of(call)? {
        return own_client::keys(call, &client);
    }
    let [more] = call.strings()?;
    let mut begin = base::prefix(call)?;
    begin.extend_from_slice(more);
    let mut all = BTreeSet::new();
    ask(call, |commands| {
        each_batch(commands, &begin, |_, keys| {
            all.extend(keys);
            Ok(())
        })
    })?;
    return_keys(call, all)
}

/// Walks over the keys that begin with `prefix`.
fn each_batch(
    commands: &mut Commands,
    prefix: &[u8],
    mut work: impl FnMut(&mut Commands, Vec<Vec<u8>>) -> Outcome<()>,
) -> Outcome<()> {
    let mut cursor = 0;
    loop {
        let (next, mut keys) = commands.scan(cursor, prefix)?;
        keys.retain(|key| key.starts_with(prefix));
        work(commands, keys)?;
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}

fn has(call: &mut Call<'_>) -> Result<(), Thrown> {
    let found = match own_client::of(call)? {
        Some(client) => own_client::has(call, &client)?,
        None => {
            let key = base::prefixed_key(call)?;
            ask(call, |commands| commands.exists(&key))?
        }
    };
    call.result().set_bool(found);
    Ok(())
}

fn delete(call: &mut Call<'_>) -> Result<(), Thrown> {
    let removed = match own_client::of(call)? {
        Some(client) => own_client::remove(call, &client)?,
        None => {
            let key = base::prefixed_key(call)?;
            ask(call, |commands| commands.remove(&[key]))? > 0
        }
    };
    call.result().set_bool(removed);
    Ok(())
}

/// True if each of them was there.
fn delete_multiple(call: &mut Call<'_>) -> Result<(), Thrown> {
    if own_client::of(call)?.is_some() {
        return base::do_delete_multiple(call);
    }
    let Some(keys) = call.value(0).filter(|keys| keys.is_array()).map(Zval::shallow_clone) else {
        return Err(call.wrong_type(0, "array"));
    };
    let mut stored = BTreeSet::new();
    for key in keys.array().into_iter().flat_map(|keys| keys.values()) {
        let whole = call.call_own_method("getprefixedkey", &mut [engine::to_string(key)?])?;
        stored.extend(whole.zend_str().map(|key| key.as_bytes().to_vec()));
    }
    let stored: Vec<Vec<u8>> = stored.into_iter().collect();
    let removed = ask(call, |commands| commands.remove(&stored))?;
    call.result().set_bool(removed == stored.len());
    Ok(())
}

fn count(call: &mut Call<'_>, signed: fn(i64) -> Option<i64>) -> Result<(), Thrown> {
    let by = signed(call.long(1, 1)?);
    let sum = match (by, own_client::of(call)?) {
        (None, _) => None,
        (Some(by), Some(client)) => own_client::add(call, &client, by)?,
        (Some(by), None) => {
            let key = base::prefixed_key(call)?;
            ask(call, |commands| commands.add(&key, by))?
        }
    };
    base::return_count(call, sum);
    Ok(())
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    if let Some(client) = own_client::of(call)? {
        let content = own_client::get(call, &client)?;
        return base::answer(call, content);
    }
    let key = base::prefixed_key(call)?;
    let Some(stored) = ask(call, |commands| commands.get(&key))? else { return base::answer(call, None) };
    let stored = engine::string(&stored);
    match clients_format(call)? {
        // As phpredis: what its serializer does not understand is handed out as it is.
        Some(format) => {
            let value = format.read(&stored)?.unwrap_or(stored);
            *call.result() = value;
            Ok(())
        }
        None => base::answer(call, Some(stored)),
    }
}

fn store(call: &mut Call<'_>, ttl: Option<u64>) -> Result<(), Thrown> {
    let value = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    if let Some(client) = own_client::of(call)? {
        let content = base::serialized(call, value)?;
        let done = own_client::set(call, &client, content, ttl)?;
        call.result().set_bool(done);
        return Ok(());
    }
    let key = base::prefixed_key(call)?;
    let content = match clients_format(call)? {
        Some(format) => format.write(value)?,
        None => {
            let content = base::serialized(call, value)?;
            as_text(call, content)?
        }
    };
    let bytes = content.zend_str().map(|text| text.as_bytes()).unwrap_or_default();
    ask(call, |commands| commands.set(&key, bytes, ttl))?;
    call.result().set_bool(true);
    Ok(())
}

/// The server stores strings alone: what a serializer left as it is becomes one.
fn as_text(call: &mut Call<'_>, content: Zval) -> Result<Zval, Thrown> {
    if content.is_string() {
        return Ok(content);
    }
    if content.is_array() || content.is_object() {
        let message = "The serializer none stores strings and numbers alone; name another one (defaultSerializer)";
        return Err(engine::throw(exceptions::STORAGE_ERROR.name, message));
    }
    // "1" and "" would not come back as true, false and null.
    if content.is_null() || content.bool().is_some() {
        let serializer = call.property(SERIALIZER)?.shallow_clone();
        if let Some(format) = Format::of(&serializer) {
            return format.write(content);
        }
    }
    engine::to_string(&content)
}

/// The format of the names that in Phalcon 5 make the client serialize.
fn clients_format(call: &mut Call<'_>) -> Result<Option<Format>, Thrown> {
    Ok(match base::default_serializer(call)?.as_str() {
        "redis_php" => Some(Format::PHP),
        "redis_json" => Some(Format::JSON),
        "redis_igbinary" => Some(Format::IGBINARY),
        "redis_msgpack" => Some(Format::MSGPACK),
        _ => None,
    })
}
