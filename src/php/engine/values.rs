//! PHP values, PHP functions, and the entries of `$_SESSION`.

use super::SUCCESS;
use super::arrays;
use super::bytes_of;
use super::classes::{class_entry, function_of};
use super::messages::{Thrown, has_exception, throw_error};
use super::symbols::*;
use ext_php_rs::ffi::{self, zend_class_entry};
use ext_php_rs::flags::DataType;
use ext_php_rs::types::{ZendObject, ZendStr, Zval};
use std::alloc::Layout;
use std::ffi::CString;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

/// A PHP string.
pub(in crate::php) fn string(bytes: &[u8]) -> Zval {
    let mut zval = Zval::new();
    zval.set_zend_string(ZendStr::new(bytes, false));
    zval
}

/// A PHP integer.
pub(in crate::php) fn int(number: i64) -> Zval {
    let mut zval = Zval::new();
    zval.set_long(number);
    zval
}

/// What a value is, for a message: the class of an object, else PHP's word for the type.
pub(in crate::php) fn type_name(value: &Zval) -> String {
    let value = value.dereference();
    if let Some(class) = value.object().and_then(|object| object.get_class_name().ok()) {
        // Behind a NUL an anonymous class has its file.
        return class.split('\0').next().unwrap_or_default().to_owned();
    }
    // SAFETY: a live value; the name is a constant of the engine's.
    unsafe { std::ffi::CStr::from_ptr(zend_zval_type_name(value)) }.to_string_lossy().into_owned()
}

/// A value as PHP's `(string)` makes it.
pub(in crate::php) fn to_string(value: &Zval) -> Result<Zval, Thrown> {
    let value = value.dereference();
    if value.is_string() {
        return Ok(value.shallow_clone());
    }
    let copy = value.shallow_clone();
    // SAFETY: a live value; the result is a new reference that is ours.
    let text = unsafe { zval_get_string_func((&raw const copy).cast_mut()) };
    if text.is_null() {
        return Err(Thrown);
    }
    let mut zval = Zval::new();
    // SAFETY: the reference that we were given.
    zval.set_zend_string(unsafe { ext_php_rs::boxed::ZBox::from_raw(text.cast()) });
    if has_exception() { Err(Thrown) } else { Ok(zval) }
}

/// A value as PHP's `(int)` makes it.
pub(in crate::php) fn to_long(value: &Zval) -> i64 {
    let value = value.dereference();
    if let Some(number) = value.long() {
        return number;
    }
    let copy = value.shallow_clone();
    // SAFETY: a live value.
    unsafe { zval_get_long_func((&raw const copy).cast_mut(), true) }
}

/// Replaces a value where it stands, in an array, a property or a variable, as PHP's `=` does: a
/// reference keeps its other holders and its declared type. The old value is dropped after it left,
/// since its destructor may run PHP code that looks here.
pub(super) unsafe fn assign(place: *mut Zval, mut value: Zval) {
    // SAFETY: as the caller vouches. The old value is dropped here.
    unsafe { swap(place, &mut value) };
}

/// As `assign`, but the old value is given back. Only a reference with a declared type may run PHP
/// code, and only for a value that has to be converted: never for an array.
pub(super) unsafe fn swap(place: *mut Zval, value: &mut Zval) {
    // SAFETY: the caller vouches for the place. Only value and type are exchanged: what else stands
    // there belongs to the array (its chain of collisions) or the object.
    unsafe {
        let mut place = place;
        if (*place).is_reference() {
            let reference = (*place).value.ref_;
            if !(*reference).sources.ptr.is_null() {
                return swap_typed(reference, value);
            }
            place = &raw mut (*reference).val;
        }
        std::mem::swap(&mut (*place).value, &mut value.value);
        std::mem::swap(&mut (*place).u1, &mut value.u1);
    }
}

/// As `swap`, for a reference with a declared type. A value that the type does not allow stays where
/// it is; the TypeError is thrown.
unsafe fn swap_typed(reference: *mut ffi::zend_reference, value: &mut Zval) {
    // SAFETY: the caller vouches for the reference. It and both values have one more holder
    // meanwhile: the engine drops the old value, and the conversion of the new one may run PHP code
    // that lets go of everything.
    unsafe {
        let mut held = Zval::new();
        (*reference).gc.refcount += 1;
        held.value.ref_ = reference;
        held.u1.type_info = ffi::IS_REFERENCE_EX;
        let mut former = (*reference).val.shallow_clone();
        let mut new = ManuallyDrop::new(value.shallow_clone());
        if zend_try_assign_typed_ref_zval(reference, &raw mut *new) == SUCCESS {
            std::mem::swap(value, &mut former);
        }
    }
}

/// The array behind a value, separated from its other holders so that it may be changed.
pub(super) unsafe fn writable_array(place: *mut Zval) -> Option<*mut ffi::HashTable> {
    // SAFETY: the caller vouches for the place. A constant array has no count of its holders, and
    // its copy must: only then is the copy shared and freed as others are.
    unsafe {
        let place = (*place).dereference_mut();
        if !place.is_array() {
            return None;
        }
        let array = place.value.arr;
        if (*array).is_immutable() || (*array).gc.refcount > 1 {
            let mut copy = Zval::new();
            copy.set_hashtable(ext_php_rs::boxed::ZBox::from_raw(ffi::zend_array_dup(array)));
            assign(place, copy);
        }
        Some(place.value.arr)
    }
}

/// Stores an entry in an array. Without effect on what is no array.
pub(in crate::php) fn set_entry(array: &mut Zval, key: &[u8], value: Zval) {
    // SAFETY: a value of our own.
    if let Some(array) = unsafe { writable_array(array) } {
        // SAFETY: an array that is not shared.
        unsafe { set_in(array, key, value) };
    }
}

pub(super) unsafe fn find_in(array: *const ffi::HashTable, key: &[u8]) -> Option<*mut Zval> {
    // SAFETY: the caller vouches for the array; a key that is a number is an index, as everywhere in PHP.
    unsafe {
        match index_of(key) {
            Some(index) => ffi::zend_hash_index_find(array, index),
            None => ffi::zend_hash_str_find(array, key.as_ptr().cast(), key.len()),
        }
        .as_mut()
        .map(ptr::from_mut)
    }
}

pub(super) unsafe fn set_in(array: *mut ffi::HashTable, key: &[u8], value: Zval) {
    // SAFETY: the caller vouches for the array, which takes over our reference to the value.
    unsafe {
        match find_in(array, key) {
            Some(entry) => assign(entry, value),
            None => insert_in(array, key, value),
        }
    }
}

/// Stores an entry whose key the array does not have yet.
pub(super) unsafe fn insert_in(array: *mut ffi::HashTable, key: &[u8], value: Zval) {
    // SAFETY: the caller vouches for the array, which takes over our reference to the value.
    unsafe {
        let mut value = ManuallyDrop::new(value);
        match index_of(key) {
            Some(index) => ffi::zend_hash_index_update(array, index, &raw mut *value),
            None => ffi::zend_hash_str_update(array, key.as_ptr().cast(), key.len(), &raw mut *value),
        };
    }
}

/// Removes an entry. False if there was none.
pub(super) unsafe fn remove_in(array: *mut ffi::HashTable, key: &[u8]) -> bool {
    // SAFETY: the caller vouches for the array, which nobody else holds.
    unsafe {
        SUCCESS
            == match index_of(key) {
                Some(index) => ffi::zend_hash_index_del(array, index),
                None => ffi::zend_hash_str_del(array, key.as_ptr().cast(), key.len()),
            }
    }
}

/// Calls a PHP function by name.
pub(in crate::php) fn call_function(name: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    call_callable(ptr::null_mut(), name, arguments)
}

/// Calls a public method of an object.
pub(in crate::php) fn call_method(object: &Zval, name: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    // Held while it is called.
    let mut object = object.dereference().shallow_clone();
    let Some((function, class)) = public_method(&object, name) else {
        let kind = type_name(&object);
        if !object.is_object() {
            return Err(throw_error(&format!("Call to a member function {name}() on {kind}")));
        }
        if !has_method(&object, "__call") && !has_method(&object, name) {
            return Err(throw_error(&format!("Call to undefined method {kind}::{name}()")));
        }
        return call_callable(&raw mut object, name, arguments);
    };
    let mut result = Zval::new();
    let count = u32::try_from(arguments.len()).unwrap_or_default();
    // SAFETY: a method of the object's class, which lives as long as the object, which is held; the
    // arguments live through the call; the result is ours.
    unsafe {
        let object = object.value.obj;
        let arguments = arguments.as_mut_ptr();
        ffi::zend_call_known_function(function, object, class, &raw mut result, count, arguments, ptr::null_mut());
    }
    returned(result)
}

/// The result of a call, unless an exception is on its way. What a function returns by reference is
/// taken by value: it is another's, and not to be changed through the result.
pub(super) fn returned(result: Zval) -> Result<Zval, Thrown> {
    if has_exception() {
        return Err(Thrown);
    }
    Ok(if result.is_reference() { result.dereference().shallow_clone() } else { result })
}

/// A method of an object that anybody may call, and the object's class.
fn public_method(object: &Zval, name: &str) -> Option<(*mut ffi::zend_function, *mut zend_class_entry)> {
    let class = object.object()?.ce;
    // SAFETY: the functions of a live object's class.
    unsafe {
        let function = function_of(class.as_ref()?, name);
        let flags = function.as_ref()?.common.fn_flags;
        (flags & (ffi::ZEND_ACC_PUBLIC | ffi::ZEND_ACC_STATIC) == ffi::ZEND_ACC_PUBLIC).then_some((function, class))
    }
}

/// Calls whatever PHP takes for a callable: a closure, the name of a function, `[$object, 'method']`.
pub(in crate::php) fn call(callable: &Zval, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    call_value(ptr::null_mut(), callable.shallow_clone(), "the callback", arguments)
}

fn call_callable(object: *mut Zval, name: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    call_value(object, string(name.as_bytes()), name, arguments)
}

fn call_value(object: *mut Zval, mut function: Zval, name: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    let mut result = Zval::new();
    let count = u32::try_from(arguments.len()).unwrap_or_default();
    // SAFETY: the name, the object and the arguments live through the call; the result is ours.
    let called = unsafe {
        ffi::_call_user_function_impl(
            object,
            &raw mut function,
            &raw mut result,
            count,
            arguments.as_mut_ptr(),
            ptr::null_mut(),
        )
    };
    if has_exception() {
        return Err(Thrown);
    }
    if called != SUCCESS {
        return Err(throw_error(&format!("Seshat: {name}() cannot be called")));
    }
    returned(result)
}

/// Whether an object has a method of that name, given in lower case or not.
pub(in crate::php) fn has_method(object: &Zval, name: &str) -> bool {
    let Some(object) = object.dereference().object() else { return false };
    // SAFETY: the functions of a live object's class.
    unsafe {
        let table = (&raw const (*object.ce).function_table).cast_mut();
        let name = name.to_ascii_lowercase();
        !ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len()).is_null()
    }
}

/// Whether an object's class is one of PHP's or an extension's with that name, or a child of it.
pub(in crate::php) fn is_native(object: &ZendObject, class: &str) -> bool {
    let mut entry = object.ce;
    // SAFETY: a live object's class and its parents, which live longer.
    unsafe {
        while let Some(current) = entry.as_ref() {
            if is_internal(current) && current.name.as_ref().is_some_and(|name| bytes_of(name) == class.as_bytes()) {
                return true;
            }
            entry = current.__bindgen_anon_1.parent;
        }
    }
    false
}

/// Whether a method of an object, its name in lower case, is native: no PHP code has overridden it.
pub(in crate::php) fn is_native_method(object: &ZendObject, name: &str) -> bool {
    // SAFETY: a live object's class and its functions.
    unsafe {
        object.ce.as_ref().is_some_and(|class| {
            is_internal(class) || function_of(class, name).as_ref().is_some_and(|function| function.type_ == 1)
        })
    }
}

/// Whether a class is not written in PHP: its type is 1, as that of such functions.
fn is_internal(class: &zend_class_entry) -> bool {
    class.type_ == 1
}

/// A clone of an object, as PHP's `clone` makes it.
pub(in crate::php) fn clone_object(object: &mut ZendObject) -> Result<Zval, Thrown> {
    // SAFETY: a live object with the handlers of its class; the clone is a new object that is ours.
    unsafe {
        let Some(clone) = object.handlers.as_ref().and_then(|handlers| handlers.clone_obj) else {
            return Err(throw_error("Trying to clone an uncloneable object"));
        };
        let mut value = Zval::new();
        value.value.obj = clone(object);
        value.u1.type_info = ffi::IS_OBJECT_EX;
        if has_exception() { Err(Thrown) } else { Ok(value) }
    }
}

/// Replaces a declared property of an object, by its position among the class's properties.
pub(in crate::php) fn set_property_of(object: &mut Zval, index: usize, value: Zval) {
    if let Some(object) = object.object_mut() {
        // SAFETY: callers name properties that the object's class declares.
        unsafe { assign((&raw mut object.properties_table).cast::<Zval>().add(index), value) };
    }
}

/// A value behind a reference, as PHP's functions want it that change their argument.
pub(in crate::php) fn reference_to(value: Zval) -> Zval {
    let mut referring = Zval::new();
    // SAFETY: a block of that size from PHP's allocator, filled before anybody sees it: one holder,
    // not for the cycle collector (its flag is 1 << 4), no declared type. Its value is ours no more.
    unsafe {
        let reference = ext_php_rs::alloc::emalloc(Layout::new::<ffi::zend_reference>()).cast::<ffi::zend_reference>();
        reference.write(MaybeUninit::zeroed().assume_init());
        (*reference).gc.refcount = 1;
        (*reference).gc.u.type_info = ffi::IS_REFERENCE | 1 << 4;
        (&raw mut (*reference).val).write(value);
        referring.value.ref_ = reference;
        referring.u1.type_info = ffi::IS_REFERENCE_EX;
    }
    referring
}

/// A new object of a class that is named at run time, constructed with the arguments.
pub(in crate::php) fn new_object(class: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    let Some(entry) = ext_php_rs::zend::ClassEntry::try_find(class) else {
        return Err(if has_exception() { Thrown } else { throw_error(&format!("Class \"{class}\" not found")) });
    };
    let mut object = Zval::new();
    // SAFETY: a linked class entry; a failure (an abstract class) throws.
    if unsafe { object_init_ex(&raw mut object, ptr::from_ref(entry).cast_mut()) } != SUCCESS {
        return Err(Thrown);
    }
    if !entry.constructor.is_null() {
        call_method(&object, "__construct", arguments)?;
    }
    Ok(object)
}

/// Whether the value is an object of one of our classes or of a child of it.
pub(in crate::php) fn is_a(value: &Zval, class: &str) -> bool {
    let Some(object) = value.dereference().object() else { return false };
    // SAFETY: registered entries live as long as the module.
    class_entry(class).is_some_and(|entry| unsafe { instance_of(object, entry) })
}

/// Whether the value is an object of a class that is named at run time, or of a child of it. The
/// class is not loaded for it.
pub(in crate::php) fn is_instance(value: &Zval, class: &str) -> bool {
    let Some(object) = value.dereference().object() else { return false };
    // SAFETY: the engine's table of the request's classes; a live object's class.
    unsafe {
        let table = (*ffi::ext_php_rs_executor_globals()).class_table;
        let entry = ffi::zend_hash_str_find_ptr_lc(table, class.as_ptr().cast(), class.len());
        !entry.is_null() && instance_of(object, entry.cast())
    }
}

/// Whether PHP has a function of that name, given in lower case.
pub(in crate::php) fn function_exists(name: &str) -> bool {
    // The binding crate's own look-up copies more than an internal function has.
    // SAFETY: the request's table of functions; only looked up in.
    unsafe {
        let table = (*ffi::ext_php_rs_executor_globals()).function_table;
        !ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len()).is_null()
    }
}

/// Whether there is a class of that name, after loading it if PHP knows how.
pub(in crate::php) fn class_can_be_found(name: &str) -> bool {
    ext_php_rs::zend::ClassEntry::try_find(name).is_some()
}

/// Whether the value is an object that implements PHP's `SessionHandlerInterface`.
pub(in crate::php) fn is_session_handler(value: &Zval) -> bool {
    let Some(object) = value.dereference().object() else { return false };
    // SAFETY: the session extension's own entry, set before we started.
    unsafe { instance_of(object, php_session_iface_entry) }
}

pub(super) unsafe fn instance_of(object: &ZendObject, entry: *mut zend_class_entry) -> bool {
    // SAFETY: both entries are live.
    ptr::eq(object.ce, entry) || unsafe { ffi::instanceof_function_slow(object.ce, entry) }
}

/// Whether the process may write into the folder.
pub(in crate::php) fn is_writable(path: &std::path::Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    if !path.is_dir() {
        return false;
    }
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: a valid C string. 2 asks for the right to write.
    unsafe { access(path.as_ptr(), 2) == 0 }
}

/// Removes a cookie from `$_COOKIE` unless its value passes the test, so that PHP makes a new id.
pub(in crate::php) fn drop_cookie_unless(name: &[u8], is_valid: fn(&[u8]) -> bool) {
    let Some(cookies) = super_global("_COOKIE") else { return };
    // SAFETY: the variable, and the array of it that is not shared when it is changed.
    unsafe {
        let Some(array) = writable_array(cookies) else { return };
        let key = (name.as_ptr().cast(), name.len());
        let found = ffi::zend_hash_str_find(array, key.0, key.1);
        let valid = found
            .as_ref()
            .is_none_or(|value| value.dereference().zend_str().is_some_and(|value| is_valid(value.as_bytes())));
        if !valid {
            ffi::zend_hash_str_del(array, key.0, key.1);
        }
    }
}

/// A global variable's place, which may hold a reference.
pub(super) fn super_global(name: &str) -> Option<*mut Zval> {
    // SAFETY: the symbol table of this thread's request; a global of the main script is held indirectly.
    unsafe {
        let table = &raw mut (*ffi::ext_php_rs_executor_globals()).symbol_table;
        let mut found = ffi::zend_hash_str_find(table, name.as_ptr().cast(), name.len());
        if let Some(zval) = found.as_ref()
            && zval.is_indirect()
        {
            found = zval.value.zv;
        }
        found.as_mut().map(ptr::from_mut)
    }
}

/// Looks at a global variable where it stands. `work` must not call PHP.
pub(in crate::php) fn look_at_global<R>(name: &str, work: impl FnOnce(Option<&Zval>) -> R) -> R {
    // SAFETY: a live variable, which nobody changes while `work` runs. One that was unset, or that the
    // script has not come to yet, is undefined.
    let value = super_global(name).map(|place| unsafe { (*place).dereference() });
    work(value.filter(|value| value.get_type() != DataType::Undef))
}

/// The entries of `$_SESSION`. Only while a session is active.
pub(in crate::php) struct SessionArray;

impl SessionArray {
    fn find(key: &[u8]) -> Option<*mut Zval> {
        let session = super_global("_SESSION")?;
        // SAFETY: the variable, and its array if it has one.
        unsafe {
            let session = (*session).dereference();
            if session.is_array() { find_in(session.value.arr, key) } else { None }
        }
    }

    /// A copy of the value; null if null is stored, None if nothing is.
    pub(in crate::php) fn get(key: &[u8]) -> Option<Zval> {
        // SAFETY: a live entry; copied at once.
        Self::find(key).map(|value| unsafe { (*value).dereference().shallow_clone() })
    }

    /// As PHP's isset(): a stored null is not there.
    pub(in crate::php) fn has(key: &[u8]) -> bool {
        // SAFETY: a live entry.
        Self::find(key).is_some_and(|value| unsafe { !(*value).dereference().is_null() })
    }

    /// Stores the value. A null that somebody put in the array's place becomes an array, as in PHP;
    /// anything else there keeps the value out.
    pub(in crate::php) fn set(key: &[u8], value: Zval) {
        let Some(session) = super_global("_SESSION") else { return };
        // SAFETY: the variable; the array is not shared when it is changed.
        unsafe {
            if (*session).dereference().is_null() {
                assign(session, Zval::new_array());
            }
            if let Some(array) = writable_array(session) {
                set_in(array, key, value);
            }
        }
    }

    /// Removes the entry, if there is one.
    pub(in crate::php) fn remove(key: &[u8]) {
        let Some(session) = super_global("_SESSION") else { return };
        // SAFETY: the variable; the array is not shared when it is changed.
        unsafe {
            if let Some(array) = writable_array(session) {
                remove_in(array, key);
            }
        }
    }

    /// Looks at an entry where it stands. `work` must not call PHP.
    pub(in crate::php) fn look<R>(key: &[u8], work: impl FnOnce(Option<&Zval>) -> R) -> R {
        // SAFETY: a live entry, which nobody changes while `work` runs.
        work(Self::find(key).map(|value| unsafe { (*value).dereference() }))
    }

    /// Changes an array that is an entry, where it stands; it is made if there is none, or if
    /// something else is in its place. None without an array in `$_SESSION`. `work` must not call
    /// PHP, nor drop a value that may have a destructor.
    pub(in crate::php) fn change_array<R>(key: &[u8], work: impl FnOnce(&mut Zval) -> R) -> Option<R> {
        let session = super_global("_SESSION")?;
        // SAFETY: the variable; the array is not shared when it is changed. What is driven out of
        // it is dropped when nobody looks at it any more.
        unsafe {
            if (*session).dereference().is_null() {
                assign(session, Zval::new_array());
            }
            let array = writable_array(session)?;
            let entry = match find_in(array, key) {
                Some(entry) => entry,
                None => {
                    insert_in(array, key, Zval::new_array());
                    find_in(array, key)?
                }
            };
            let mut former = Zval::null();
            if !(*entry).dereference().is_array() {
                former = Zval::new_array();
                swap(entry, &mut former);
            }
            let outcome = work((*entry).dereference_mut());
            drop(former);
            Some(outcome)
        }
    }

    /// Removes the entries whose names begin like this.
    pub(in crate::php) fn remove_beginning_with(beginning: &[u8]) {
        let Some(session) = super_global("_SESSION") else { return };
        // SAFETY: the variable; its names are copied before anything is removed, so that what a removed
        // value's destructor does to the array is no concern.
        let names = unsafe { arrays::names(&*session, |name| name.starts_with(beginning)) };
        for name in names {
            Self::remove(&name);
        }
    }

    /// `$_SESSION = []`.
    pub(in crate::php) fn clear() {
        if let Some(session) = super_global("_SESSION") {
            // SAFETY: the variable.
            unsafe { assign(session, Zval::new_array()) };
        }
    }
}

/// The index that PHP makes of a key such as "12" or "-3": decimal, no leading zero, no overflow.
fn index_of(key: &[u8]) -> Option<u64> {
    let digits = key.strip_prefix(b"-").unwrap_or(key);
    if digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits[0] == b'0' && (digits.len() > 1 || key.len() > 1) {
        return None;
    }
    let number: i64 = std::str::from_utf8(key).ok()?.parse().ok()?;
    Some(number.cast_unsigned())
}
