//! Which session function stands behind a call.

use super::bytes_of;
use super::symbols::*;
use crate::session::handler::Caller;
use ext_php_rs::ffi::{self, zend_execute_data};
use std::cell::Cell;
use std::ptr;

thread_local! {
    /// The script is over, its shutdown functions and destructors too. What calls a handler now is
    /// PHP, which ends the session, whatever functions lie between.
    pub(super) static SCRIPT_IS_OVER: Cell<bool> = const { Cell::new(false) };
}

/// Whether PHP is already taking the request down.
pub(in crate::php) fn is_script_over() -> bool {
    SCRIPT_IS_OVER.get()
}

const HANDLER_METHODS: [&[u8]; 9] =
    [b"open", b"close", b"read", b"write", b"destroy", b"gc", b"create_sid", b"validateid", b"updatetimestamp"];

const VALUE_METHODS: [&[u8]; 7] =
    [b"__destruct", b"__serialize", b"__unserialize", b"__sleep", b"__wakeup", b"serialize", b"unserialize"];

/// Walks up from `callee`, a call of a handler's method, or from `frame` if the native module was
/// called, to the session function that runs, over decorators and what they call.
///
/// A session function calls the handler, but also a user's error handler, destructors, `__sleep()`:
/// what those do with a handler of theirs is their own business and no part of the session.
pub(super) unsafe fn caller_above(
    mut callee: Option<&zend_execute_data>,
    mut frame: *const zend_execute_data,
) -> Caller {
    let mut outermost = true;
    // SAFETY: frames are linked up to a null pointer, also from a fiber to who resumed it; a frame's
    // function, name and arguments are valid while the call runs.
    unsafe {
        while let Some(current) = frame.as_ref() {
            frame = current.prev_execute_data;
            outermost = false;
            // A generator or a fiber stands between.
            let Some(function) = current.func.as_ref() else { continue };
            let common = &function.common;
            if u32::from(common.type_) == ffi::ZEND_INTERNAL_FUNCTION {
                let name = name_of(current);
                let asks_handler = if common.scope.is_null() {
                    name.starts_with(b"session_")
                } else {
                    is_one_of(&HANDLER_METHODS, name)
                };
                if asks_handler && callee.is_some_and(|callee| is_interruption(callee)) {
                    return Caller::Direct;
                }
                match name {
                    _ if !common.scope.is_null() => {}
                    b"session_start" => {
                        return if wants_read_and_close(current) { Caller::ReadAndClose } else { Caller::Engine };
                    }
                    b"session_regenerate_id" => return Caller::Regenerate,
                    b"session_reset" => return Caller::Reset,
                    b"session_create_id" => return Caller::CreateId,
                    b"session_gc" => return Caller::Gc,
                    // FrankenPHP's workers end the session of each request from within this one.
                    b"frankenphp_handle_request"
                        if callee.is_none_or(|callee| is_one_of(&HANDLER_METHODS, name_of(callee))) =>
                    {
                        return Caller::Engine;
                    }
                    _ if asks_handler => return Caller::Engine,
                    _ => {}
                }
            }
            callee = Some(current);
        }
    }
    if outermost || SCRIPT_IS_OVER.get() { Caller::Engine } else { Caller::Direct }
}

unsafe fn name_of(frame: &zend_execute_data) -> &[u8] {
    // SAFETY: as in `caller_above`.
    unsafe {
        let name = frame.func.as_ref().and_then(|function| function.common.function_name.as_ref());
        name.map(bytes_of).unwrap_or_default()
    }
}

fn is_one_of(names: &[&[u8]], name: &[u8]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a function that PHP called out of a session function is not the handler's: an error
/// handler gets four arguments, a handler's methods two at most; the others are methods that values
/// of `$_SESSION` have.
unsafe fn is_interruption(callee: &zend_execute_data) -> bool {
    // SAFETY: as in `caller_above`.
    unsafe { callee.This.u2.num_args > 2 || is_one_of(&VALUE_METHODS, name_of(callee)) }
}

unsafe fn wants_read_and_close(frame: &zend_execute_data) -> bool {
    // SAFETY: the caller vouches for a running call of session_start(array $options = []).
    unsafe {
        if frame.This.u2.num_args == 0 {
            return false;
        }
        let option = frame
            .zend_call_arg(0)
            .and_then(|options| options.dereference().array().and_then(|options| options.get("read_and_close")));
        // As PHP reads it: a number, so that "true" is none.
        option.is_some_and(|value| zval_get_long_func(ptr::from_ref(value).cast_mut(), false) != 0)
    }
}

/// As `Call::caller`, for the native module, which has no frame of its own.
pub(super) fn caller_of_module() -> Caller {
    // SAFETY: the globals of this thread; the engine's current frame, or null outside a script. Read without
    // the lock that the bindings put around the globals: PHP itself knows nothing of it.
    unsafe { caller_above(None, (*ffi::ext_php_rs_executor_globals()).current_execute_data) }
}
