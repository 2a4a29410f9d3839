//! What `get()`, `set()`, `has()` and `remove()` do with `$_SESSION`, for every class that is a session.
//!
//! With a unique id an entry's name is `uniqueId#key`, so that applications can share a session; as in
//! PHP's `empty()`, a unique id of "0" is none. Callers say where their unique id is: the position of
//! their class's property.

use super::engine::{self, Call, SessionArray, Thrown};
use ext_php_rs::types::Zval;

fn is_none(unique_id: &[u8]) -> bool {
    unique_id.is_empty() || unique_id == b"0"
}

/// Calls `work` with what a key is called in `$_SESSION`: `uniqueId#key`, or the key alone when there
/// is no unique id.
pub(super) fn with_unique_key<R>(unique_id: &[u8], key: &[u8], work: impl FnOnce(&[u8]) -> R) -> R {
    if is_none(unique_id) {
        return work(key);
    }
    let whole = [unique_id, b"#", key];
    // Nearly all are short: no allocation for those.
    let mut buffer = [0; 128];
    let length = whole.iter().map(|part| part.len()).sum();
    let Some(short) = buffer.get_mut(..length) else { return work(&whole.concat()) };
    let mut rest = &mut *short;
    for part in whole {
        let (place, after) = rest.split_at_mut(part.len());
        place.copy_from_slice(part);
        rest = after;
    }
    work(short)
}

/// The unique id in the property at that position, as text whatever a subclass has put there. A value
/// of its own, since PHP code that runs meanwhile may replace the property.
fn unique_id(call: &mut Call<'_>, position: usize) -> Result<Zval, Thrown> {
    engine::to_string(call.property(position)?)
}

fn bytes(text: &Zval) -> &[u8] {
    text.zend_str().map(|text| text.as_bytes()).unwrap_or_default()
}

fn with_entry<R>(
    call: &mut Call<'_>,
    position: usize,
    work: impl FnOnce(&mut Call<'_>, &[u8]) -> R,
) -> Result<R, Thrown> {
    let [key] = call.strings()?;
    let unique_id = unique_id(call, position)?;
    Ok(with_unique_key(bytes(&unique_id), key, |entry| work(call, entry)))
}

/// `get($key, $default, $remove)`: a stored null is null, the default is for what is not there.
pub(super) fn get(call: &mut Call<'_>, unique_id: usize) -> Result<(), Thrown> {
    let remove = call.switch(2, false)?;
    with_entry(call, unique_id, |call, entry| {
        let value = match SessionArray::get(entry) {
            Some(value) => value,
            None => call.value(1).map_or_else(Zval::null, Zval::shallow_clone),
        };
        if remove {
            SessionArray::remove(entry);
        }
        *call.result() = value;
    })
}

/// `set($key, $value)`.
pub(super) fn set(call: &mut Call<'_>, unique_id: usize) -> Result<(), Thrown> {
    with_entry(call, unique_id, |call, entry| {
        let value = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
        SessionArray::set(entry, value);
    })
}

/// `has($key)`: as PHP's isset(), a stored null is not there.
pub(super) fn has(call: &mut Call<'_>, unique_id: usize) -> Result<(), Thrown> {
    let found = with_entry(call, unique_id, |_, entry| SessionArray::has(entry))?;
    call.result().set_bool(found);
    Ok(())
}

/// `remove($key)`.
pub(super) fn remove(call: &mut Call<'_>, unique_id: usize) -> Result<(), Thrown> {
    with_entry(call, unique_id, |_, entry| SessionArray::remove(entry))
}

/// What `__get` and its likes do: as Phalcon's they go through the method `name` (in lower case) if
/// a subclass has overridden it, else they are `native`.
pub(super) fn through(
    call: &mut Call<'_>,
    name: &'static str,
    native: fn(&mut Call<'_>) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    match call.hand_over(name)? {
        Some(value) => *call.result() = value,
        None => native(call)?,
    }
    Ok(())
}

/// Removes the entries of the unique id; without one, all.
pub(super) fn clear(call: &mut Call<'_>, unique_id: usize) -> Result<(), Thrown> {
    let unique_id = self::unique_id(call, unique_id)?;
    let unique_id = bytes(&unique_id);
    if is_none(unique_id) {
        SessionArray::clear();
    } else {
        SessionArray::remove_beginning_with(&[unique_id, b"#"].concat());
    }
    Ok(())
}
