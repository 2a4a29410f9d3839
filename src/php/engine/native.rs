//! The native save handler: the table of C functions that the session module calls.

use super::caller::caller_of_module;
use super::ini::ini_long;
use super::symbols::*;
use super::{FAILURE, SUCCESS, bytes_of, guarded, status};
use crate::session::handler::Caller;
use ext_php_rs::ffi::zend_string;
use ext_php_rs::types::ZendStr;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

/// PHP 8.2 to 8.5. From 8.6 on `s_open` takes two `zend_string`s; `build.rs` tells.
#[repr(C)]
pub(super) struct PsModule {
    s_name: *const c_char,
    s_open: unsafe extern "C" fn(*mut *mut c_void, *const OpenString, *const OpenString) -> c_int,
    s_close: unsafe extern "C" fn(*mut *mut c_void) -> c_int,
    s_read: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string, *mut *mut zend_string, i64) -> c_int,
    s_write: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string, *mut zend_string, i64) -> c_int,
    s_destroy: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string) -> c_int,
    s_gc: unsafe extern "C" fn(*mut *mut c_void, i64, *mut i64) -> i64,
    s_create_sid: unsafe extern "C" fn(*mut *mut c_void) -> *mut zend_string,
    s_validate_sid: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string) -> c_int,
    s_update_timestamp: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string, *mut zend_string, i64) -> c_int,
}

// SAFETY: the table is immutable and holds only pointers to statics and functions.
unsafe impl Sync for PsModule {}

#[cfg(not(php86))]
type OpenString = c_char;
#[cfg(php86)]
type OpenString = zend_string;

use crate::php::save_handler as native;

static NATIVE: PsModule = PsModule {
    s_name: c"seshat".as_ptr(),
    s_open: native_open,
    s_close: native_close,
    s_read: native_read,
    s_write: native_write,
    s_destroy: native_destroy,
    s_gc: native_gc,
    s_create_sid: native_create_sid,
    s_validate_sid: native_validate_sid,
    s_update_timestamp: native_update_timestamp,
};

/// Registers `session.save_handler = seshat`.
pub(in crate::php) fn register_save_handler() -> Result<(), String> {
    // SAFETY: the session extension was started before us; the table is a static.
    if unsafe { php_session_register_module(&raw const NATIVE) } == SUCCESS {
        Ok(())
    } else {
        Err("PHP's table of session save handlers is full".into())
    }
}

/// The save path, as long as the session module's call lasts.
#[cfg(not(php86))]
unsafe fn save_path<'a>(text: *const OpenString) -> &'a [u8] {
    if text.is_null() {
        return b"";
    }
    // SAFETY: the session module passes a C string.
    unsafe { CStr::from_ptr(text) }.to_bytes()
}

#[cfg(php86)]
unsafe fn save_path<'a>(text: *const OpenString) -> &'a [u8] {
    // SAFETY: the session module passes a zend_string or null.
    unsafe { text.as_ref() }.map(bytes_of).unwrap_or_default()
}

unsafe extern "C" fn native_open(data: *mut *mut c_void, path: *const OpenString, _name: *const OpenString) -> c_int {
    guarded(FAILURE, || {
        // SAFETY: arguments of the session module, valid for the call. It takes a non-null value
        // as "open" and never looks behind it.
        unsafe {
            let opened = native::open(save_path(path));
            if opened {
                *data = (&raw const NATIVE).cast_mut().cast();
            }
            status(opened)
        }
    })
}

unsafe extern "C" fn native_close(data: *mut *mut c_void) -> c_int {
    guarded(FAILURE, || {
        // SAFETY: as above.
        unsafe { *data = ptr::null_mut() };
        status(native::close())
    })
}

unsafe extern "C" fn native_read(
    _: *mut *mut c_void,
    key: *mut zend_string,
    value: *mut *mut zend_string,
    lifetime: i64,
) -> c_int {
    guarded(FAILURE, || {
        // SAFETY: the key is valid for the call, `value` is where the result goes; the string is
        // made after all work with the store is done.
        let Some(text) = native::read(unsafe { bytes_of(&*key) }, caller_of_module(), lifetime, |bytes| {
            ZendStr::new(bytes, false).into_raw()
        }) else {
            return FAILURE;
        };
        // SAFETY: the session module takes over our reference.
        unsafe { *value = text };
        SUCCESS
    })
}

unsafe extern "C" fn native_write(
    _: *mut *mut c_void,
    key: *mut zend_string,
    value: *mut zend_string,
    lifetime: i64,
) -> c_int {
    // SAFETY: both strings are valid for the call.
    guarded(FAILURE, || {
        status(unsafe { native::write(bytes_of(&*key), bytes_of(&*value), caller_of_module(), lifetime) })
    })
}

unsafe extern "C" fn native_update_timestamp(
    _: *mut *mut c_void,
    key: *mut zend_string,
    value: *mut zend_string,
    lifetime: i64,
) -> c_int {
    // SAFETY: both strings are valid for the call.
    guarded(FAILURE, || {
        status(unsafe { native::touch(bytes_of(&*key), bytes_of(&*value), caller_of_module(), lifetime) })
    })
}

unsafe extern "C" fn native_destroy(_: *mut *mut c_void, key: *mut zend_string) -> c_int {
    // SAFETY: the key is valid for the call.
    guarded(FAILURE, || status(unsafe { native::destroy(bytes_of(&*key), caller_of_module()) }))
}

unsafe extern "C" fn native_gc(_: *mut *mut c_void, lifetime: i64, removed: *mut i64) -> i64 {
    guarded(-1, || {
        let Some(count) = native::gc(lifetime, caller_of_module()) else { return -1 };
        // SAFETY: a place for the count, as the session module passes it.
        unsafe {
            if let Some(removed) = removed.as_mut() {
                *removed = count;
            }
        }
        count
    })
}

unsafe extern "C" fn native_validate_sid(_: *mut *mut c_void, key: *mut zend_string) -> c_int {
    let lifetime = ini_long(c"session.gc_maxlifetime");
    // SAFETY: the key is valid for the call.
    guarded(FAILURE, || status(unsafe { native::validate(bytes_of(&*key), caller_of_module(), lifetime) }))
}

unsafe extern "C" fn native_create_sid(data: *mut *mut c_void) -> *mut zend_string {
    // SAFETY: PHP's own generator, which takes the module's data along.
    let id = unsafe { php_session_create_id(data) };
    // SAFETY: a new string or null.
    guarded((), || unsafe {
        if let Some(id) = id.as_ref()
            && caller_of_module() != Caller::Direct
        {
            native::created(bytes_of(id));
        }
    });
    id
}
