//! A child that overrides `getAdapter()` has connected in its own way, and its client does the work, as
//! in Phalcon. The client has the methods of `Memcached` and puts the prefix before keys itself.

use super::super::base;
use super::LIBMEMCACHED;
use crate::php::engine::{self, Call, Thrown};
use ext_php_rs::types::Zval;

/// `Memcached::RES_NOTFOUND`.
const NOT_FOUND: i64 = 16;
/// A number of seconds larger than this is a point in time to the client.
const LONGEST_RELATIVE: u64 = 30 * 86_400;

/// The client of such a child.
pub(super) fn of(call: &mut Call<'_>) -> Result<Option<Zval>, Thrown> {
    if !call.overrides("getadapter", LIBMEMCACHED.name) {
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

pub(super) fn get(call: &mut Call<'_>, client: &Zval) -> Result<Option<Zval>, Thrown> {
    let key = key(call)?;
    let content = engine::call_method(client, "get", &mut [key])?;
    let missing = engine::call_method(client, "getResultCode", &mut [])?.long() == Some(NOT_FOUND);
    Ok((!missing).then_some(content))
}

pub(super) fn set(call: &mut Call<'_>, client: &Zval, content: Zval, ttl: Option<u64>) -> Result<bool, Thrown> {
    let seconds = match ttl.unwrap_or(0) {
        long if long > LONGEST_RELATIVE => {
            long.saturating_add(u64::try_from(engine::to_long(&engine::call_function("time", &mut [])?)).unwrap_or(0))
        }
        short => short,
    };
    let seconds = engine::int(i64::try_from(seconds).unwrap_or(i64::MAX));
    let key = key(call)?;
    Ok(engine::call_method(client, "set", &mut [key, content, seconds])?.coerce_to_bool())
}

pub(super) fn remove(call: &mut Call<'_>, client: &Zval) -> Result<bool, Thrown> {
    let key = key(call)?;
    Ok(engine::call_method(client, "delete", &mut [key])?.coerce_to_bool())
}

pub(super) fn add(call: &mut Call<'_>, client: &Zval, by: i64) -> Result<Option<i64>, Thrown> {
    let key = key(call)?;
    let method = if by < 0 { "decrement" } else { "increment" };
    let by = engine::int(i64::try_from(by.unsigned_abs()).unwrap_or(i64::MAX));
    Ok(engine::call_method(client, method, &mut [key, by])?.long())
}

pub(super) fn keys(call: &mut Call<'_>, client: &Zval) -> Result<(), Thrown> {
    let more = call.value(0).map_or_else(|| engine::string(b""), Zval::shallow_clone);
    let found = engine::call_method(client, "getAllKeys", &mut [])?;
    let kept = call.call_own_method("getfilteredkeys", &mut [found, more])?;
    *call.result() = kept;
    Ok(())
}
