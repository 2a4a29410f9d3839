//! All contact with the Zend engine that the compiler cannot check, behind safe functions.
//!
//! Every file outside this folder is safe Rust. What holds throughout and makes this one sound:
//!
//! - The engine calls us on the thread that owns the request, with valid pointers, and never
//!   concurrently on one thread. State that is ours is thread-local or behind a lock.
//! - A bailout (fatal error, time-out, memory limit) is a `longjmp` that skips destructors. No
//!   borrow of shared state is held across a call into PHP: native state is taken out of its
//!   object while Rust works with it, so that PHP code that runs meanwhile finds none.
//! - A panic must not unwind into C: every entry point goes through [`guarded`].

#![expect(unsafe_code, reason = "the one place that talks to the engine directly; see docs/adr/0007")]

pub(in crate::php) mod arrays;
mod call;
mod caller;
mod classes;
mod ini;
mod messages;
mod module;
mod native;
mod objects;
mod properties;
mod server;
mod session;
mod symbols;
mod values;

pub(in crate::php) use call::{Call, enter, property_of, with_state_of};
pub(in crate::php) use caller::is_script_over;
pub(in crate::php) use classes::{
    Class, Initial, Interface, Method, Parent, Property, class_exists, join, method, register, register_alias,
    registered_classes,
};
pub(in crate::php) use ini::{allows_path, ini_entry, ini_long, ini_text, with_open_basedir};
pub(in crate::php) use messages::{Thrown, catch, has_exception, hushed, throw, throw_object, warn};
pub(in crate::php) use module::{Hooks, info_table};
pub(in crate::php) use native::register_save_handler;
pub(in crate::php) use objects::{drop_lent, object_of};
pub(in crate::php) use properties::read_property;
pub(in crate::php) use server::server_entry;
pub(in crate::php) use session::{create_id, describe_request, session_status};
pub(in crate::php) use values::{
    SessionArray, call, call_function, call_method, class_can_be_found, clone_object, drop_cookie_unless,
    function_exists, has_method, int, is_a, is_instance, is_native, is_native_method, is_session_handler, is_writable,
    look_at_global, new_object, reference_to, set_entry, set_property_of, string, to_long, to_string, type_name,
};

use ext_php_rs::ffi::zend_string;
use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};

const SUCCESS: c_int = 0;
const FAILURE: c_int = -1;

/// Runs `body`; a panic becomes `fallback` and a line in PHP's log, never an unwinding into C.
fn guarded<R>(fallback: R, body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        warn("internal error: the operation was given up; please report it");
        fallback
    })
}

fn status(done: bool) -> c_int {
    if done { SUCCESS } else { FAILURE }
}

fn bytes_of(text: &zend_string) -> &[u8] {
    // SAFETY: a zend_string has `len` bytes behind its header.
    unsafe { std::slice::from_raw_parts(text.val.as_ptr().cast(), text.len) }
}
