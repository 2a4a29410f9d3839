//! Where the entries of a collection are, and how one of them is found.
//!
//! A collection keeps its entries in its own property `data`, and in `lowerKeys` for each name in
//! lower case the one in use. A bag has none of its own: they are in the session. There a name in
//! another case is looked for among all, but only when the exact one is not there.

use super::names;
use super::{DATA, INSENSITIVE, LOWER_KEYS};
use crate::php::bag::{self, Session};
use crate::php::engine::arrays::{each, entry, exchange, find_name, put, replace, take};
use crate::php::engine::{self, Call, Thrown};
use ext_php_rs::types::Zval;

/// The session that has the entries, if the object is a bag.
fn session<'a>(call: &mut Call<'a>) -> Result<Option<Session<'a>>, Thrown> {
    if engine::is_native(call.this()?, bag::BAG.name) { bag::session(call).map(Some) } else { Ok(None) }
}

/// Whether names in another case are the same.
pub(super) fn is_insensitive(call: &mut Call<'_>) -> Result<bool, Thrown> {
    Ok(call.property(INSENSITIVE)?.coerce_to_bool())
}

/// The value of a name: none if it is not there, null if that is what is stored.
pub(super) fn find(call: &mut Call<'_>, name: &[u8]) -> Result<Option<Zval>, Thrown> {
    let insensitive = is_insensitive(call)? && names::has_variants(name);
    if let Some(session) = session(call)? {
        return session.look(|entries| {
            let exact = entry(entries, name);
            let found = match exact {
                None if insensitive => {
                    find_name(entries, names::same_as(name)).and_then(|other| entry(entries, &other))
                }
                _ => exact,
            };
            found.map(Zval::shallow_clone)
        });
    }
    let entries = call.property(DATA)?;
    if let Some(found) = entry(entries, name) {
        return Ok(Some(found.shallow_clone()));
    }
    if !insensitive {
        return Ok(None);
    }
    let other = entry(call.property(LOWER_KEYS)?, &names::fold(name)).and_then(Zval::zend_str);
    Ok(other.and_then(|other| entry(entries, other.as_bytes())).map(Zval::shallow_clone))
}

/// All entries.
pub(super) fn all(call: &mut Call<'_>) -> Result<Zval, Thrown> {
    let copy = |entries: &Zval| if entries.is_array() { entries.shallow_clone() } else { Zval::new_array() };
    match session(call)? {
        Some(session) => session.look(copy),
        None => Ok(copy(call.property(DATA)?)),
    }
}

/// How many there are.
pub(super) fn count(call: &mut Call<'_>) -> Result<usize, Thrown> {
    match session(call)? {
        Some(session) => session.look(engine::arrays::count),
        None => Ok(engine::arrays::count(call.property(DATA)?)),
    }
}

/// Stores a value. The name as it is given replaces the same in another case.
pub(super) fn store(call: &mut Call<'_>, name: &[u8], value: Zval) -> Result<(), Thrown> {
    let insensitive = is_insensitive(call)? && names::has_variants(name);
    if let Some(session) = session(call)? {
        return session.change(|entries| put_alone(entries, name, value, insensitive)).map(drop);
    }
    let value = match call.change_array(DATA, |entries| replace(entries, name, value))? {
        Ok(_) => return Ok(()),
        Err(value) => value,
    };
    let other = if insensitive {
        call.change_array(LOWER_KEYS, |lower| put(lower, &names::fold(name), engine::string(name)))?
    } else {
        None
    };
    call.change_array(DATA, |entries| {
        let other = other.as_ref().and_then(Zval::zend_str).and_then(|other| take(entries, other.as_bytes()));
        (other, put(entries, name, value))
    })?;
    Ok(())
}

/// Stores a value in an array without an index of its names. Gives back what left the array.
fn put_alone(entries: &mut Zval, name: &[u8], value: Zval, insensitive: bool) -> [Option<Zval>; 2] {
    let value = match replace(entries, name, value) {
        Ok(former) => return [Some(former), None],
        Err(value) => value,
    };
    let other = if insensitive { find_name(entries, names::same_as(name)) } else { None };
    let other = other.and_then(|other| take(entries, &other));
    [other, put(entries, name, value)]
}

/// Stores all entries of an array: over those that are there, or in their place.
pub(super) fn store_all(call: &mut Call<'_>, more: &Zval, clear: bool) -> Result<(), Thrown> {
    let insensitive = is_insensitive(call)?;
    // Also the same names within `more` meet in this one.
    let mut merged = Zval::new_array();
    let mut lower = Zval::new_array();
    let mut merge = |from: &Zval| {
        each(from, |key, value| {
            let name = key.text();
            if insensitive && names::has_variants(&name) {
                let former = put(&mut lower, &names::fold(&name), engine::string(&name));
                let former = former.as_ref().and_then(Zval::zend_str).map(|former| former.as_bytes());
                if let Some(former) = former.filter(|former| **former != *name) {
                    drop(take(&mut merged, former));
                }
            }
            drop(put(&mut merged, &name, value.shallow_clone()));
            Ok(())
        })
    };
    if !clear {
        merge(&all(call)?)?;
    }
    merge(more)?;
    if let Some(session) = session(call)? {
        return session.change(|entries| exchange(entries, merged)).map(drop);
    }
    call.set_property(LOWER_KEYS, lower)?;
    call.set_property(DATA, merged)
}

/// Removes an entry, if it is there; says whether it was.
pub(super) fn remove(call: &mut Call<'_>, name: &[u8]) -> Result<bool, Thrown> {
    let insensitive = is_insensitive(call)? && names::has_variants(name);
    if let Some(session) = session(call)? {
        let removed = session.change(|entries| match take(entries, name) {
            None if insensitive => find_name(entries, names::same_as(name)).and_then(|other| take(entries, &other)),
            taken => taken,
        })?;
        return Ok(removed.flatten().is_some());
    }
    let other =
        if insensitive { call.change_array(LOWER_KEYS, |lower| take(lower, &names::fold(name)))? } else { None };
    let removed = call.change_array(DATA, |entries| match take(entries, name) {
        None => other.as_ref().and_then(Zval::zend_str).and_then(|other| take(entries, other.as_bytes())),
        taken => taken,
    })?;
    Ok(removed.is_some())
}

/// Removes all.
pub(super) fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    if let Some(session) = session(call)? {
        return session.remove();
    }
    call.set_property(LOWER_KEYS, Zval::new_array())?;
    call.set_property(DATA, Zval::new_array())
}
