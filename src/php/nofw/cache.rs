//! The three kinds of cache, and what each of them calls reading, writing and removing.

use crate::php::engine::{self, Thrown};
use ext_php_rs::types::Zval;

/// What a cache answered to a read.
pub(super) enum Found {
    /// A session's data.
    Data(Zval),
    Nothing,
    /// What no session is: the type, for the complaint.
    Junk(String),
}

/// A kind of cache. Keys and data are PHP strings.
pub(super) trait Cache {
    /// The interface that names it, which may not be loaded.
    const INTERFACE: &'static str;
    /// What is called on it.
    const METHODS: [&'static str; 3];
    /// What the option `strict` calls.
    const LOOKUP: &'static str;
    /// The exception for a key that the cache does not like. Always caught.
    const REFUSAL: Option<&'static str>;
    /// The exceptions of a cache that failed, caught on request.
    const FAILURE: &'static str;
    /// Whether keys are bound by PSR-6 or PSR-16.
    const LIMITS_KEYS: bool;

    fn fetch(cache: &Zval, key: Zval) -> Result<Found, Thrown>;

    /// Without a lifetime the cache is called without one, and keeps its own.
    fn store(cache: &Zval, key: Zval, data: Zval, ttl: Option<i64>) -> Result<bool, Thrown>;

    fn remove(cache: &Zval, key: Zval) -> Result<bool, Thrown>;

    fn has(cache: &Zval, key: Zval) -> Result<bool, Thrown> {
        Ok(engine::call_method(cache, Self::LOOKUP, &mut [key])?.coerce_to_bool())
    }
}

/// PSR-6.
pub(super) struct Pool;

impl Pool {
    /// The item of a key; the type of what came instead, if it is none.
    fn item(pool: &Zval, key: Zval) -> Result<Result<Zval, String>, Thrown> {
        let item = engine::call_method(pool, "getItem", &mut [key])?;
        Ok(if item.is_object() { Ok(item) } else { Err(engine::type_name(&item)) })
    }
}

impl Cache for Pool {
    const INTERFACE: &'static str = "Psr\\Cache\\CacheItemPoolInterface";
    const METHODS: [&'static str; 3] = ["getItem", "save", "deleteItem"];
    const LOOKUP: &'static str = "hasItem";
    const REFUSAL: Option<&'static str> = Some("Psr\\Cache\\InvalidArgumentException");
    const FAILURE: &'static str = "Psr\\Cache\\CacheException";
    const LIMITS_KEYS: bool = true;

    fn fetch(pool: &Zval, key: Zval) -> Result<Found, Thrown> {
        let item = match Self::item(pool, key)? {
            Ok(item) => item,
            Err(junk) => return Ok(Found::Junk(junk)),
        };
        if !engine::call_method(&item, "isHit", &mut [])?.coerce_to_bool() {
            return Ok(Found::Nothing);
        }
        Ok(text_or_nothing(engine::call_method(&item, "get", &mut [])?))
    }

    fn store(pool: &Zval, key: Zval, data: Zval, ttl: Option<i64>) -> Result<bool, Thrown> {
        let Ok(item) = Self::item(pool, key)? else { return Ok(false) };
        engine::call_method(&item, "set", &mut [data])?;
        if let Some(ttl) = ttl {
            engine::call_method(&item, "expiresAfter", &mut [engine::int(ttl)])?;
        }
        Ok(engine::call_method(pool, "save", &mut [item])?.coerce_to_bool())
    }

    fn remove(pool: &Zval, key: Zval) -> Result<bool, Thrown> {
        Ok(engine::call_method(pool, "deleteItem", &mut [key])?.coerce_to_bool())
    }
}

/// PSR-16.
pub(super) struct Simple;

impl Cache for Simple {
    const INTERFACE: &'static str = "Psr\\SimpleCache\\CacheInterface";
    const METHODS: [&'static str; 3] = ["get", "set", "delete"];
    const LOOKUP: &'static str = "has";
    const REFUSAL: Option<&'static str> = Some("Psr\\SimpleCache\\InvalidArgumentException");
    const FAILURE: &'static str = "Psr\\SimpleCache\\CacheException";
    const LIMITS_KEYS: bool = true;

    fn fetch(cache: &Zval, key: Zval) -> Result<Found, Thrown> {
        Ok(text_or_nothing(engine::call_method(cache, "get", &mut [key])?))
    }

    fn store(cache: &Zval, key: Zval, data: Zval, ttl: Option<i64>) -> Result<bool, Thrown> {
        store_with(cache, "set", key, data, ttl)
    }

    fn remove(cache: &Zval, key: Zval) -> Result<bool, Thrown> {
        Ok(engine::call_method(cache, "delete", &mut [key])?.coerce_to_bool())
    }
}

/// `Doctrine\Common\Cache`, which has no exceptions of its own.
pub(super) struct Doctrine;

impl Cache for Doctrine {
    const INTERFACE: &'static str = "Doctrine\\Common\\Cache\\Cache";
    const METHODS: [&'static str; 3] = ["fetch", "save", "delete"];
    const LOOKUP: &'static str = "contains";
    const REFUSAL: Option<&'static str> = None;
    const FAILURE: &'static str = "Exception";
    const LIMITS_KEYS: bool = false;

    fn fetch(cache: &Zval, key: Zval) -> Result<Found, Thrown> {
        let value = engine::call_method(cache, "fetch", &mut [key])?;
        // The original casts what it gets.
        if value.is_long() || value.is_double() || value.is_true() || engine::has_method(&value, "__toString") {
            return engine::to_string(&value).map(Found::Data);
        }
        Ok(text_or_nothing(value))
    }

    fn store(cache: &Zval, key: Zval, data: Zval, ttl: Option<i64>) -> Result<bool, Thrown> {
        store_with(cache, "save", key, data, ttl)
    }

    fn remove(cache: &Zval, key: Zval) -> Result<bool, Thrown> {
        Ok(engine::call_method(cache, "delete", &mut [key])?.coerce_to_bool())
    }
}

fn store_with(cache: &Zval, method: &str, key: Zval, data: Zval, ttl: Option<i64>) -> Result<bool, Thrown> {
    let stored = match ttl {
        Some(ttl) => engine::call_method(cache, method, &mut [key, data, engine::int(ttl)])?,
        None => engine::call_method(cache, method, &mut [key, data])?,
    };
    Ok(stored.coerce_to_bool())
}

fn text_or_nothing(value: Zval) -> Found {
    if value.dereference().is_string() {
        Found::Data(value.dereference().shallow_clone())
    } else if value.is_null() || value.is_false() {
        Found::Nothing
    } else {
        Found::Junk(engine::type_name(&value))
    }
}
