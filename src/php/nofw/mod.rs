//! `Nofw\Session`: save handlers over a cache object of the application.
//!
//! Without options the cache sees the very calls of the original package: no lifetime, no prefix,
//! no lock. The interfaces of PSR-6, PSR-16 and Doctrine are PHP packages, which may be loaded later
//! or never; so objects are looked at when they come, by the name of the interface or by their
//! methods.
//!
//! The original had no `SessionUpdateTimestampHandlerInterface`. Here `updateTimestamp()` writes and
//! `validateId()` finds every id valid, which is what PHP does without it, as long as no option
//! asks for more. The cache, the logger and the lock are PHP properties, for the cycle collector.

mod cache;
mod keys;
mod locking;
mod settings;

use self::cache::{Cache, Doctrine, Found, Pool, Simple};
use self::locking::{Permit, Session};
use self::settings::Settings;
use super::adapter;
use super::engine::{self, Call, Class, Initial, Interface, Property, Thrown, method};
use super::lock::SessionLock;
use crate::session::handler::Caller;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;
use std::rc::Rc;

/// The positions of the properties.
const CACHE: usize = 0;
const LOGGER: usize = 1;
const LOCK: usize = 2;

/// The family's classes.
pub(super) const CLASSES: &[&Class] = &[&PSR_6, &PSR_16, &DOCTRINE];

/// One handler: its constant, its class, its kind of cache and what it calls it.
macro_rules! handler {
    ($constant:ident, $class:literal, $cache:ident, $name:literal) => {
        static $constant: Class = Class {
            name: $class,
            flags: ClassFlags::Final,
            parent: None,
            interfaces: &[Interface::SessionHandler, Interface::SessionUpdateTimestamp],
            constants: &[],
            properties: &[
                Property { name: $name, private: true, initial: Initial::Null },
                Property { name: "logger", private: false, initial: Initial::Null },
                Property { name: "lock", private: true, initial: Initial::Null },
            ],
            methods: &[
                method!(
                    concat!(
                        "public function __construct(object $",
                        $name,
                        ", ?object $logger = null, array $options = [])"
                    ),
                    construct::<$cache>
                ),
                method!("public function setLogger(object $logger): void", set_logger),
                method!("public function open(string $path, string $name): bool", adapter::base::succeed),
                method!("public function close(): bool", close),
                method!("public function read(string $id): string|false", read::<$cache>),
                method!("public function write(string $id, string $data): bool", write::<$cache>),
                method!("public function destroy(string $id): bool", destroy::<$cache>),
                method!("public function gc(int $max_lifetime): int|bool", gc),
                method!("public function validateId(string $id): bool", validate::<$cache>),
                method!("public function updateTimestamp(string $id, string $data): bool", touch::<$cache>),
            ],
            native: true,
        };
    };
}

handler!(PSR_6, "Nofw\\Session\\CacheSessionHandler", Pool, "pool");
handler!(PSR_16, "Nofw\\Session\\SimpleCacheSessionHandler", Simple, "cache");
handler!(DOCTRINE, "Nofw\\Session\\DoctrineCacheSessionHandler", Doctrine, "cache");

/// The native state.
struct State {
    settings: Rc<Settings>,
    session: Option<Session>,
}

fn settings(call: &mut Call<'_>) -> Result<Rc<Settings>, Thrown> {
    call.with_state(|state: &mut State| Rc::clone(&state.settings))
}

fn construct<C: Cache>(call: &mut Call<'_>) -> Result<(), Thrown> {
    let said = adapter::options(call, 2)?;
    let lock = call.value(2).and_then(|options| options.array()?.get("lock")).and_then(SessionLock::of);
    let settings = settings::read(said, lock.is_some(), C::LIMITS_KEYS)
        .map_err(|mistakes| call.invalid_value(2, &format!("is not valid: {mistakes}")))?;
    let mut needed = C::METHODS.to_vec();
    if settings.strict {
        needed.push(C::LOOKUP);
    }
    let cache = checked(call, 0, C::INTERFACE, &needed)?;
    let logger = match call.value(1) {
        Some(logger) if !logger.is_null() => checked(call, 1, LOGGER_INTERFACE, &["error"])?,
        _ => Zval::null(),
    };
    call.set_property(CACHE, cache)?;
    call.set_property(LOGGER, logger)?;
    call.set_property(LOCK, lock.map_or_else(Zval::null, |lock| lock.value()))?;
    call.set_state(Box::new(State { settings: Rc::new(settings), session: None }))
}

const LOGGER_INTERFACE: &str = "Psr\\Log\\LoggerInterface";

/// An argument that implements the interface, or has the methods that are called on it.
fn checked(call: &Call<'_>, index: usize, interface: &str, methods: &[&str]) -> Result<Zval, Thrown> {
    let Some(object) = call.value(index).filter(|value| value.is_object()) else {
        return Err(call.wrong_type(index, interface));
    };
    let missing = methods.iter().find(|method| !engine::has_method(object, method));
    match missing.filter(|_| !engine::is_instance(object, interface) && !engine::has_method(object, "__call")) {
        None => Ok(object.shallow_clone()),
        Some(missing) => {
            let list: Vec<String> = methods.iter().map(|method| format!("{method}()")).collect();
            let list = list.join(", ");
            let expected = format!("{interface}, or an object with {list}; {missing}() is missing");
            Err(call.wrong_type(index, &expected))
        }
    }
}

fn set_logger(call: &mut Call<'_>) -> Result<(), Thrown> {
    let logger = checked(call, 0, LOGGER_INTERFACE, &["error"])?;
    call.set_property(LOGGER, logger)
}

/// The original answered true. PHP makes 1 of it.
fn gc(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.long(0, 0)?;
    call.result().set_bool(true);
    Ok(())
}

fn close(call: &mut Call<'_>) -> Result<(), Thrown> {
    let settings = settings(call)?;
    locking::end(call, &settings)?;
    call.result().set_bool(true);
    Ok(())
}

/// Runs `work` on a session that may be locked. An exception that leaves it ends the request's session,
/// and PHP calls no method after that: so the lock is given back here.
fn unlocking_if_thrown(
    call: &mut Call<'_>,
    settings: &Settings,
    work: impl FnOnce(&mut Call<'_>) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    let outcome = work(call);
    if outcome.is_err() {
        locking::end(call, settings)?;
    }
    outcome
}

fn read<C: Cache>(call: &mut Call<'_>) -> Result<(), Thrown> {
    let settings = settings(call)?;
    unlocking_if_thrown(call, &settings, |call| load::<C>(call, &settings))
}

fn load<C: Cache>(call: &mut Call<'_>, settings: &Settings) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    if !locking::before_read(call, settings, id)? {
        call.result().set_bool(false);
        return Ok(());
    }
    let key = key(call, settings, id)?;
    let found = C::fetch(&cache(call)?, key).or_else(|_| match caught::<C>(call, settings, "read", id)? {
        Caught::Refusal => Ok(Found::Nothing),
        Caught::Failure => Ok(Found::Junk(String::new())),
    })?;
    let data = match found {
        Found::Data(data) => Some(data),
        Found::Nothing => Some(engine::string(b"")),
        Found::Junk(kind) => {
            // PHP's session functions warn by themselves.
            if !kind.is_empty() && call.caller() == Caller::Direct {
                engine::warn(&format!("the cache holds no session data under this id, but {kind}"));
            }
            None
        }
    };
    locking::after_read(call, settings, data.as_ref())?;
    match data {
        Some(data) => *call.result() = data,
        None => call.result().set_bool(false),
    }
    Ok(())
}

fn write<C: Cache>(call: &mut Call<'_>) -> Result<(), Thrown> {
    let settings = settings(call)?;
    unlocking_if_thrown(call, &settings, |call| store::<C>(call, &settings, false))
}

fn touch<C: Cache>(call: &mut Call<'_>) -> Result<(), Thrown> {
    let settings = settings(call)?;
    if settings.update_timestamp && settings.ttl.is_none() {
        // Nothing changed, and there is no lifetime to extend.
        call.strings::<2>()?;
        call.result().set_bool(true);
        return Ok(());
    }
    unlocking_if_thrown(call, &settings, |call| store::<C>(call, &settings, true))
}

fn store<C: Cache>(call: &mut Call<'_>, settings: &Settings, unchanged: bool) -> Result<(), Thrown> {
    let [id, data] = call.strings()?;
    let done = match locking::before_write(call, settings, [id, data], unchanged)? {
        Permit::Answered(done) => done,
        Permit::Write => {
            let key = key(call, settings, id)?;
            let data = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
            let ttl = settings.ttl.map(settings::Ttl::seconds);
            C::store(&cache(call)?, key, data, ttl)
                .or_else(|_| caught::<C>(call, settings, "write", id).map(|_| false))?
        }
    };
    call.result().set_bool(done);
    Ok(())
}

fn destroy<C: Cache>(call: &mut Call<'_>) -> Result<(), Thrown> {
    let settings = settings(call)?;
    unlocking_if_thrown(call, &settings, |call| {
        let [id] = call.strings()?;
        let key = key(call, &settings, id)?;
        let done =
            C::remove(&cache(call)?, key).or_else(|_| caught::<C>(call, &settings, "destroy", id).map(|_| false))?;
        locking::end(call, &settings)?;
        call.result().set_bool(done);
        Ok(())
    })
}

fn validate<C: Cache>(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    let settings = settings(call)?;
    // Of these PHP asks whether an id that it has just made is taken.
    let asks_for_a_free_one = matches!(call.caller(), Caller::Regenerate | Caller::CreateId);
    let valid = if settings.strict {
        let key = key(call, &settings, id)?;
        C::has(&cache(call)?, key).or_else(|_| match caught::<C>(call, &settings, "validate", id)? {
            Caught::Refusal => Ok(false),
            // A cache that does not answer is no reason for a new id: `read()` will say so.
            Caught::Failure => Ok(!asks_for_a_free_one),
        })?
    } else {
        !asks_for_a_free_one
    };
    call.result().set_bool(valid);
    Ok(())
}

fn cache(call: &mut Call<'_>) -> Result<Zval, Thrown> {
    Ok(call.property(CACHE)?.shallow_clone())
}

/// The cache's key for an id, the method's first argument: as the original, the id itself.
fn key(call: &mut Call<'_>, settings: &Settings, id: &[u8]) -> Result<Zval, Thrown> {
    if settings.encode_keys {
        if let Some(key) = keys::escaped(&settings.prefix, id) {
            return Ok(engine::string(&key));
        }
        let mut binary = Zval::new();
        binary.set_bool(true);
        let hash = engine::call_function("hash", &mut [engine::string(b"sha256"), engine::string(id), binary])?;
        let hash = hash.zend_str().map(|hash| hash.as_bytes()).unwrap_or_default();
        return Ok(engine::string(&keys::hashed(&settings.prefix, hash)));
    }
    if settings.prefix.is_empty() {
        return Ok(call.value(0).map_or_else(Zval::null, Zval::shallow_clone));
    }
    Ok(engine::string(&[&settings.prefix, id].concat()))
}

/// What an exception that is not passed on stands for.
enum Caught {
    /// The cache does not accept the key.
    Refusal,
    /// The cache failed.
    Failure,
}

/// Catches what the cache has thrown, if it is to be caught at all, and tells the logger.
fn caught<C: Cache>(call: &mut Call<'_>, settings: &Settings, operation: &str, id: &[u8]) -> Result<Caught, Thrown> {
    let (exception, meaning) = if let Some(exception) = C::REFUSAL.and_then(engine::catch) {
        (exception, Caught::Refusal)
    } else if let Some(exception) = settings.catch_cache_exceptions.then(|| engine::catch(C::FAILURE)).flatten() {
        (exception, Caught::Failure)
    } else {
        return Err(Thrown);
    };
    let logger = call.property(LOGGER)?.shallow_clone();
    if logger.is_object() {
        let mut context = Zval::new_array();
        engine::set_entry(&mut context, b"exception", exception);
        engine::set_entry(&mut context, b"session_id", engine::string(id));
        engine::set_entry(&mut context, b"operation", engine::string(operation.as_bytes()));
        let message: &[u8] = match meaning {
            Caught::Refusal => b"The cache refuses the session id as a key",
            Caught::Failure => b"The cache of the sessions failed",
        };
        engine::call_method(&logger, "error", &mut [engine::string(message), context])?;
    }
    Ok(meaning)
}
