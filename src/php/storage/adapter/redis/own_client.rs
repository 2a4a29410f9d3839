//! A child that overrides `getAdapter()` has connected in its own way, and its client does the work, as
//! in Phalcon. The client has phpredis's methods and puts the prefix before keys itself.

use super::super::base::{self, return_keys};
use super::REDIS;
use crate::php::engine::{self, Call, Thrown};
use ext_php_rs::types::Zval;

/// The client of such a child.
pub(super) fn of(call: &mut Call<'_>) -> Result<Option<Zval>, Thrown> {
    if !call.overrides("getadapter", REDIS.name) {
        return Ok(None);
    }
    let client = call.call_own_method("getadapter", &mut [])?;
    Ok(client.is_object().then_some(client))
}

/// The first argument without the prefix.
fn key(call: &mut Call<'_>) -> Result<Zval, Thrown> {
    let [key] = call.strings()?;
    Ok(engine::string(base::bare(call, key)?))
}

pub(super) fn has(call: &mut Call<'_>, client: &Zval) -> Result<bool, Thrown> {
    let key = key(call)?;
    Ok(engine::call_method(client, "exists", &mut [key])?.coerce_to_bool())
}

pub(super) fn get(call: &mut Call<'_>, client: &Zval) -> Result<Option<Zval>, Thrown> {
    // What a client answers for a missing key is also a value that its serializer may have stored.
    if !has(call, client)? {
        return Ok(None);
    }
    let key = key(call)?;
    engine::call_method(client, "get", &mut [key]).map(Some)
}

pub(super) fn set(call: &mut Call<'_>, client: &Zval, content: Zval, ttl: Option<u64>) -> Result<bool, Thrown> {
    let mut arguments = vec![key(call)?, content];
    if let Some(seconds) = ttl {
        let mut number = Zval::new();
        number.set_long(i64::try_from(seconds).unwrap_or(i64::MAX));
        arguments.push(number);
    }
    Ok(engine::call_method(client, "set", &mut arguments)?.coerce_to_bool())
}

pub(super) fn remove(call: &mut Call<'_>, client: &Zval) -> Result<bool, Thrown> {
    let key = key(call)?;
    Ok(engine::call_method(client, "del", &mut [key])?.coerce_to_bool())
}

pub(super) fn add(call: &mut Call<'_>, client: &Zval, by: i64) -> Result<Option<i64>, Thrown> {
    let mut number = Zval::new();
    number.set_long(by);
    let key = key(call)?;
    Ok(engine::call_method(client, "incrBy", &mut [key, number])?.long())
}

pub(super) fn keys(call: &mut Call<'_>, client: &Zval) -> Result<(), Thrown> {
    let more = call.value(0).map_or_else(|| engine::string(b""), Zval::shallow_clone);
    let found = engine::call_method(client, "keys", &mut [engine::string(b"*")])?;
    let kept = call.call_own_method("getfilteredkeys", &mut [found, more])?;
    let mut sorted: Vec<Vec<u8>> = kept
        .array()
        .into_iter()
        .flat_map(|keys| keys.values())
        .filter_map(|key| key.zend_str().map(|key| key.as_bytes().to_vec()))
        .collect();
    sorted.sort_unstable();
    return_keys(call, sorted)
}

pub(super) fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    let keys = call.call_own_method("getkeys", &mut [])?;
    for key in keys.array().into_iter().flat_map(|keys| keys.values()) {
        let whole = key.zend_str().map(|key| key.as_bytes()).unwrap_or_default();
        let prefix = base::prefix(call)?;
        let bare = whole.strip_prefix(prefix.as_slice()).unwrap_or(whole);
        call.call_own_method("dodelete", &mut [engine::string(bare)])?;
    }
    call.result().set_bool(true);
    Ok(())
}
