//! What the session module and the request tell: status, new ids, who asks.

use super::call::Call;
use super::symbols::*;
use crate::backend::fork;
use ext_php_rs::ffi::{self, zend_execute_data, zend_function, zval};
use ext_php_rs::types::Zval;
use std::cell::RefCell;
use std::ffi::c_void;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A new session id from PHP's own generator, with the length and alphabet that php.ini asks for.
pub(in crate::php) fn create_id(call: &mut Call<'_>) {
    let mut data: *mut c_void = ptr::null_mut();
    // SAFETY: the generator ignores the module's data; the string is ours and goes to the result.
    unsafe {
        if let Some(id) = php_session_create_id(&raw mut data).as_mut() {
            call.result().set_zend_string(ext_php_rs::boxed::ZBox::from_raw(ptr::from_mut(id).cast()));
        }
    }
}

type InternalFunction = unsafe extern "C" fn(*mut zend_execute_data, *mut zval);

/// `session_status()`, noted when the module starts: later `disable_functions` may take it away. An
/// `InternalFunction` or null, without a lock: each access to a session asks.
static SESSION_STATUS: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

pub(super) fn note_session_status() {
    // SAFETY: at module startup the compiler's table holds the functions of the modules before us,
    // the session module among them.
    let function = unsafe {
        let table = (*ffi::ext_php_rs_compiler_globals()).function_table;
        ffi::zend_hash_str_find_ptr_lc(table, c"session_status".as_ptr(), 14).cast::<zend_function>().as_ref()
    };
    // SAFETY: a function of the session module is internal.
    let handler = function.and_then(|function| unsafe { function.internal_function.handler });
    let handler = handler.map_or(ptr::null_mut(), |handler: InternalFunction| handler as *mut c_void);
    SESSION_STATUS.store(handler, Ordering::Release);
}

/// PHP's session status: 0 disabled, 1 none, 2 active.
pub(in crate::php) fn session_status() -> i64 {
    let function = SESSION_STATUS.load(Ordering::Acquire);
    if function.is_null() {
        return 0;
    }
    // SAFETY: what was stored above, an internal function without parameters. It looks at nothing of its frame but the
    // number of arguments, so a zeroed frame serves, and calling it this way costs a few nanoseconds
    // where a full call costs a hundred.
    unsafe {
        let function = std::mem::transmute::<*mut c_void, InternalFunction>(function);
        let mut frame: ManuallyDrop<zend_execute_data> = ManuallyDrop::new(MaybeUninit::zeroed().assume_init());
        let mut result = Zval::null();
        function(&raw mut *frame, &raw mut result);
        result.long().unwrap_or_default()
    }
}

/// Who the request is, for those that it keeps waiting: "pid 12 GET /cart". Without the query,
/// which may hold secrets.
pub(in crate::php) fn describe_request(into: &mut String) {
    thread_local! { static PROCESS: RefCell<(u64, String)> = const { RefCell::new((0, String::new())) }; }
    let generation = fork::generation();
    PROCESS.with_borrow_mut(|(noted, text)| {
        if text.is_empty() || *noted != generation {
            (*noted, *text) = (generation, format!("pid {}", std::process::id()));
        }
        into.push_str(text);
    });
    // SAFETY: the globals of this thread, whose request does not change while we look. Without the bindings'
    // lock, as in `caller`.
    let info = unsafe { &(*ffi::ext_php_rs_sapi_globals()).request_info };
    if let (Some(method), Some(uri)) = (info.request_method(), info.request_uri()) {
        into.push(' ');
        into.push_str(method);
        into.push(' ');
        let path = uri.split('?').next().unwrap_or_default();
        into.extend(path.chars().filter(|c| !c.is_control()).take(100));
    }
}
