//! Warnings and exceptions.

use super::classes::{class_entry, class_of_php};
use ext_php_rs::ffi::{self};
use ext_php_rs::zend::ExecutorGlobals;
use std::ffi::CString;
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

pub(super) fn has_exception() -> bool {
    ExecutorGlobals::has_exception()
}
