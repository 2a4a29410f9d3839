//! PHP arrays: looked into, changed where they stand, gone through.
//!
//! What a change drives out of an array ends up in the place of what came in, and is never dropped
//! inside: its destructor may be PHP code that looks at the same array.

use super::bytes_of;
use super::messages::Thrown;
use super::values::{self, find_in, insert_in, remove_in, writable_array};
use ext_php_rs::ffi::{self, HashTable, zend_string};
use ext_php_rs::types::Zval;
use std::borrow::Cow;
use std::ptr;

/// The bit in an array's flags that says that it is a plain list: values without keys.
const PACKED: u32 = 1 << 2;

/// A key, as PHP stores it: "12" is a number.
#[derive(Clone, Copy)]
pub(in crate::php) enum Key<'a> {
    Index(i64),
    Name(&'a [u8]),
}

impl<'a> Key<'a> {
    /// As text: PHP makes the number of it again where it is used as a key.
    pub(in crate::php) fn text(self) -> Cow<'a, [u8]> {
        match self {
            Key::Index(number) => Cow::Owned(number.to_string().into_bytes()),
            Key::Name(name) => Cow::Borrowed(name),
        }
    }

    /// As PHP hands it out.
    pub(in crate::php) fn value(self) -> Zval {
        match self {
            Key::Index(number) => {
                let mut value = Zval::new();
                value.set_long(number);
                value
            }
            Key::Name(name) => super::string(name),
        }
    }
}

/// How many entries an array has; none if it is no array.
pub(in crate::php) fn count(array: &Zval) -> usize {
    array.dereference().array().map_or(0, |array| array.len())
}

/// The value of a key, references followed.
pub(in crate::php) fn entry<'a>(array: &'a Zval, key: &[u8]) -> Option<&'a Zval> {
    let array = array.dereference();
    if !array.is_array() {
        return None;
    }
    // SAFETY: a live array, which 'a keeps from changes.
    unsafe { find_in(array.value.arr, key).map(|value| (*value).dereference()) }
}

/// Exchanges two values where they stand.
pub(in crate::php) fn swap(place: &mut Zval, value: &mut Zval) {
    // SAFETY: two live values that are ours alone.
    unsafe { values::swap(place, value) }
}

/// Exchanges a value with the one of a key. False if the key is not there, or this is no array.
pub(in crate::php) fn swap_entry(array: &mut Zval, key: &[u8], value: &mut Zval) -> bool {
    // SAFETY: live values that are ours alone; the array is not shared when it is changed.
    unsafe {
        let entry = writable_array(array).and_then(|array| find_in(array, key));
        if let Some(entry) = entry {
            values::swap(entry, value);
        }
        entry.is_some()
    }
}

/// Stores a value, in exchange for what was there before. Without effect on what is no array.
pub(in crate::php) fn put(array: &mut Zval, key: &[u8], value: &mut Zval) {
    if !swap_entry(array, key, value) {
        // SAFETY: as in `swap_entry`; the key is not there.
        unsafe {
            if let Some(array) = writable_array(array) {
                insert_in(array, key, std::mem::replace(value, Zval::null()));
            }
        }
    }
}

/// Removes an entry, which it hands out in exchange for a value; the entry leaves as it is, a
/// reference as a reference. False if there is none.
pub(in crate::php) fn take(array: &mut Zval, key: &[u8], taken: &mut Zval) -> bool {
    if entry(array, key).is_none() {
        return false;
    }
    // SAFETY: as in `swap_entry`.
    unsafe {
        let Some(array) = writable_array(array) else { return false };
        let Some(entry) = find_in(array, key) else { return false };
        std::mem::swap(&mut (*entry).value, &mut taken.value);
        std::mem::swap(&mut (*entry).u1, &mut taken.u1);
        remove_in(array, key);
    }
    true
}

/// The first named key that passes the test.
pub(in crate::php) fn find_name(array: &Zval, test: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    let array = array.dereference();
    if !array.is_array() {
        return None;
    }
    // SAFETY: a live array that nobody changes meanwhile: the test is Rust.
    unsafe {
        let array = array.value.arr;
        if (*array).u.flags & PACKED != 0 {
            return None;
        }
        let buckets = (*array).__bindgen_anon_1.arData;
        (0..(*array).nNumUsed as usize)
            .filter_map(|position| {
                let bucket = &*buckets.add(position);
                if is_undefined(&bucket.val) { None } else { bucket.key.as_ref() }
            })
            .map(bytes_of)
            .find(|name| test(name))
            .map(<[u8]>::to_vec)
    }
}

/// The named keys that pass the test.
pub(in crate::php) fn names(array: &Zval, test: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    let _ = each(array, |key, _| {
        if let Key::Name(name) = key
            && test(name)
        {
            names.push(name.to_vec());
        }
        Ok(())
    });
    names
}

/// Goes through the entries in order, references followed. What is no array has none. `work` may
/// call PHP: it goes through the array as it is now, whatever becomes of it meanwhile.
pub(in crate::php) fn each(
    array: &Zval,
    mut work: impl FnMut(Key<'_>, &Zval) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    let held = array.dereference().shallow_clone();
    if !held.is_array() {
        return Ok(());
    }
    // SAFETY: `held` is one more holder of the array, so that it is neither freed nor changed: who
    // changes an array of several holders makes a copy first.
    unsafe {
        let array = held.value.arr;
        for position in 0..(*array).nNumUsed as usize {
            let (key, value) = at(array, position);
            if is_undefined(&*value) {
                continue;
            }
            // A value may be a reference, whose other holders may write; so it is held, too.
            let value = (*value).dereference().shallow_clone();
            match key {
                Ok(number) => work(Key::Index(number), &value)?,
                Err(name) => work(Key::Name(bytes_of(&*name)), &value)?,
            }
        }
    }
    Ok(())
}

/// The key, a number or a name, and the place of the value at a position below `nNumUsed`.
unsafe fn at(array: *mut HashTable, position: usize) -> (Result<i64, *mut zend_string>, *mut Zval) {
    // SAFETY: the caller vouches for array and position; the flag says which of the two forms it has.
    unsafe {
        let data = (*array).__bindgen_anon_1;
        if (*array).u.flags & PACKED != 0 {
            return (Ok(i64::try_from(position).unwrap_or_default()), data.arPacked.add(position));
        }
        let bucket = data.arData.add(position);
        let key = if (*bucket).key.is_null() { Ok((*bucket).h.cast_signed()) } else { Err((*bucket).key) };
        (key, &raw mut (*bucket).val)
    }
}

/// Whether an entry was removed: its place stays in the array for a while.
fn is_undefined(value: &Zval) -> bool {
    // SAFETY: the type is always readable.
    unsafe { value.u1.v.type_ == 0 }
}

/// An array with these entries alone: `[$key => $value, ...]`.
pub(in crate::php) fn array_of(entries: impl IntoIterator<Item = (&'static str, Zval)>) -> Zval {
    let mut array = Zval::new_array();
    for (key, mut value) in entries {
        put(&mut array, key.as_bytes(), &mut value);
    }
    array
}

/// Appends to a list: `$array[] = $value`.
pub(in crate::php) fn append(array: &mut Zval, value: Zval) {
    // SAFETY: as in `swap_entry`; the array takes over our reference to the value. It refuses it when the
    // last index is used up, which a list of ours never does.
    unsafe {
        if let Some(array) = writable_array(array) {
            let mut value = std::mem::ManuallyDrop::new(value);
            ffi::zend_hash_next_index_insert(array, ptr::from_mut(&mut *value));
        }
    }
}
