//! Where the entries of a collection are, and how one of them is found.
//!
//! A collection keeps its entries in its own property `data`, and in `lowerKeys` for each name in
//! lower case the one in use. A bag has none of its own: they are in the session. There a name in
//! another case is looked for among all, but only when the exact one is not there.

use super::names;
use super::{DATA, INSENSITIVE, LOWER_KEYS};
use crate::php::bag::{self, Session};
use crate::php::engine::arrays::{each, entry, find_name, put, swap, swap_entry, take};
use crate::php::engine::{self, Call, Thrown};
use ext_php_rs::types::Zval;

/// The session that has the entries, if the object is a bag.
fn session<'a>(call: &mut Call<'a>) -> Result<Option<Session<'a>>, Thrown> {
    if engine::is_native(call.this()?, bag::BAG.name) { bag::session(call).map(Some) } else { Ok(None) }
}

/// Whether names in another case are the same.
pub(super) fn is_insensitive(call: &mut Call<'_>) -> Result<bool, Thrown> {
    let property = call.property(INSENSITIVE)?;
    Ok(property.is_true() || property.coerce_to_bool())
}

/// Whether the name is to be looked for in another case.
fn may_vary(insensitive: bool, name: &[u8]) -> bool {
    insensitive && names::has_variants(name)
}

/// Copies the value of a name, which may be null, into `found`. False if the name is not there.
pub(super) fn find(call: &mut Call<'_>, name: &[u8], found: &mut Zval) -> Result<bool, Thrown> {
    let insensitive = is_insensitive(call)?;
    let mut note = |value: Option<&Zval>| match value {
        Some(value) => {
            *found = value.shallow_clone();
            true
        }
        None => false,
    };
    if let Some(session) = session(call)? {
        return session.look(|entries| {
            note(entry(entries, name))
                || may_vary(insensitive, name)
                    && find_name(entries, names::same_as(name)).is_some_and(|other| note(entry(entries, &other)))
        });
    }
    let entries = call.property(DATA)?;
    if note(entry(entries, name)) {
        return Ok(true);
    }
    if !may_vary(insensitive, name) {
        return Ok(false);
    }
    let other = entry(call.property(LOWER_KEYS)?, &names::fold(name)).and_then(Zval::zend_str);
    Ok(other.is_some_and(|other| note(entry(entries, other.as_bytes()))))
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
pub(super) fn store(call: &mut Call<'_>, name: &[u8], mut value: Zval) -> Result<(), Thrown> {
    let insensitive = is_insensitive(call)?;
    // What leaves the arrays, dropped at the end.
    let mut other = Zval::null();
    if let Some(session) = session(call)? {
        session.change(|entries| {
            if swap_entry(entries, name, &mut value) {
                return;
            }
            if may_vary(insensitive, name)
                && let Some(variant) = find_name(entries, names::same_as(name))
            {
                take(entries, &variant, &mut other);
            }
            put(entries, name, &mut value);
        })?;
        return Ok(());
    }
    if call.change_array(DATA, |entries| swap_entry(entries, name, &mut value))? {
        return Ok(());
    }
    let mut variant = engine::string(name);
    if may_vary(insensitive, name) {
        call.change_array(LOWER_KEYS, |lower| put(lower, &names::fold(name), &mut variant))?;
    }
    call.change_array(DATA, |entries| {
        if let Some(variant) = variant.zend_str() {
            take(entries, variant.as_bytes(), &mut other);
        }
        put(entries, name, &mut value);
    })
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
            let mut variant = engine::string(&name);
            if may_vary(insensitive, &name) {
                put(&mut lower, &names::fold(&name), &mut variant);
                if let Some(variant) = variant.zend_str().filter(|variant| *variant.as_bytes() != *name) {
                    take(&mut merged, variant.as_bytes(), &mut Zval::null());
                }
            }
            put(&mut merged, &name, &mut value.shallow_clone());
            Ok(())
        })
    };
    if !clear {
        merge(&all(call)?)?;
    }
    merge(more)?;
    if let Some(session) = session(call)? {
        return session.change(|entries| swap(entries, &mut merged)).map(drop);
    }
    call.set_property(LOWER_KEYS, lower)?;
    call.set_property(DATA, merged)
}

/// Removes an entry, if it is there; says whether it was.
pub(super) fn remove(call: &mut Call<'_>, name: &[u8]) -> Result<bool, Thrown> {
    let insensitive = is_insensitive(call)?;
    // What leaves the arrays, dropped at the end.
    let (mut removed, mut variant) = (Zval::null(), Zval::null());
    if let Some(session) = session(call)? {
        let done = session.change(|entries| {
            take(entries, name, &mut removed)
                || may_vary(insensitive, name)
                    && find_name(entries, names::same_as(name))
                        .is_some_and(|variant| take(entries, &variant, &mut removed))
        })?;
        return Ok(done.unwrap_or(false));
    }
    if may_vary(insensitive, name) {
        call.change_array(LOWER_KEYS, |lower| take(lower, &names::fold(name), &mut variant))?;
    }
    call.change_array(DATA, |entries| {
        take(entries, name, &mut removed)
            || variant.zend_str().is_some_and(|variant| take(entries, variant.as_bytes(), &mut removed))
    })
}

/// Removes all.
pub(super) fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    if let Some(session) = session(call)? {
        return session.remove();
    }
    call.set_property(LOWER_KEYS, Zval::new_array())?;
    call.set_property(DATA, Zval::new_array())
}
