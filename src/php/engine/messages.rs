//! Warnings and exceptions.

use super::classes::{class_entry, class_of_php};
use super::symbols::zend_clear_exception;
use super::values::{is_instance, string};
use ext_php_rs::ffi::{self};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecutorGlobals;
use std::ffi::{CString, c_int};
use std::ptr;

/// An `E_WARNING` under the name of the PHP function that runs.
pub(in crate::php) fn warn(message: &str) {
    let message = CString::new(message.replace('\0', "?")).unwrap_or_default();
    // SAFETY: the format takes one string, which is passed. A user's error handler may throw or
    // bail out here: callers hold nothing that would be lost.
    unsafe {
        ffi::php_error_docref(ptr::null(), 2, c"%s".as_ptr(), message.as_ptr());
    }
}

/// Says that a PHP exception is pending and the method must return.
#[derive(Debug)]
pub(in crate::php) struct Thrown;

/// Throws an instance of one of our classes or of PHP's, or of PHP's `Error` if there is none of that name.
pub(in crate::php) fn throw(class: &str, message: &str) -> Thrown {
    let message = CString::new(message.replace('\0', "?")).unwrap_or_default();
    let entry = class_entry(class).unwrap_or_else(|| class_of_php(class));
    // SAFETY: a registered class, or null, which stands for Error here; the message is copied.
    unsafe {
        if entry.is_null() {
            ffi::zend_throw_error(ptr::null_mut(), c"%s".as_ptr(), message.as_ptr());
        } else {
            ffi::zend_throw_exception(entry, message.as_ptr(), 0);
        }
    }
    Thrown
}

/// Throws PHP's `Error`.
pub(in crate::php) fn throw_error(message: &str) -> Thrown {
    throw("", message)
}

/// Takes back the exception that is on its way if it is one of a class that is named at run time.
pub(in crate::php) fn catch(class: &str) -> Option<Zval> {
    // SAFETY: null or the pending exception, which lives at least until it is cleared; the value has
    // a reference of its own by then.
    let exception = unsafe { ExecutorGlobals::get().exception.as_mut()? };
    let mut value = Zval::new();
    value.set_object(exception);
    if !is_instance(&value, class) {
        return None;
    }
    // SAFETY: there is a pending exception.
    unsafe { zend_clear_exception() };
    Some(value)
}

/// Throws an exception that exists already.
pub(in crate::php) fn throw_object(exception: Zval) -> Thrown {
    if ext_php_rs::exception::throw_object(exception).is_err() {
        return throw_error("Seshat: what was to be thrown is no exception");
    }
    Thrown
}

/// Runs `work`, a call of a PHP function that complains about bad data, so that its notices and
/// warnings reach nobody, neither the log nor a user's error handler.
pub(in crate::php) fn hushed<R>(work: impl FnOnce() -> R) -> R {
    // Any function would do that takes four arguments of any type and returns something else than
    // false, which is what tells the engine that a message was handled.
    let mut handler = string(b"max");
    let mut mask = c_int::MAX;
    let mut exchange = || {
        // SAFETY: the request's own settings, exchanged by value. If `work` ends in a bailout, the
        // engine drops ours at the end of the request as it would drop a user's.
        unsafe {
            let globals = ffi::ext_php_rs_executor_globals();
            std::mem::swap(&mut (*globals).user_error_handler, &mut handler);
            std::mem::swap(&mut (*globals).user_error_handler_error_reporting, &mut mask);
        }
    };
    exchange();
    let result = work();
    exchange();
    result
}

pub(in crate::php) fn has_exception() -> bool {
    // SAFETY: the globals of this thread, which live as long as PHP. Read past the binding crate's lock, since
    // this is asked after every call.
    unsafe { !(*ffi::ext_php_rs_executor_globals()).exception.is_null() }
}
