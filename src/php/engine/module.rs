//! The module entry that PHP looks for, and what the module does at its turning points.

use super::caller::SCRIPT_IS_OVER;
use super::classes::CLASSES;
use super::messages::warn;
use super::session::note_session_status;
use super::symbols::*;
use super::{FAILURE, SUCCESS, guarded};
use crate::backend::fork;
use ext_php_rs::builders::ModuleBuilder;
use ext_php_rs::ffi::{self};
use ext_php_rs::zend::{ModuleEntry, StaticModuleEntry};
use std::ffi::{CString, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

const TEMPORARY: c_int = 2;

#[repr(C)]
struct ModuleDependency {
    name: *const c_char,
    rel: *const c_char,
    version: *const c_char,
    kind: u8,
}

// SAFETY: immutable, and the pointers are to C string literals.
unsafe impl Sync for ModuleDependency {}

/// What the module does at its turning points, in safe Rust.
pub(in crate::php) struct Hooks {
    pub startup: fn(module_number: i32) -> Result<(), String>,
    pub shutdown: fn(),
    /// The script is over; PHP may still be called.
    pub before_end: fn(),
    /// All is over; PHP must not be called any more.
    pub after_request: fn(),
    pub info: fn(),
}

/// The entry point that PHP looks for after it has loaded the library.
#[unsafe(no_mangle)]
pub extern "C" fn get_module() -> *mut ModuleEntry {
    static ENTRY: StaticModuleEntry = StaticModuleEntry::new();
    static DEPENDENCIES: [ModuleDependency; 3] = [
        ModuleDependency { name: c"session".as_ptr(), rel: ptr::null(), version: ptr::null(), kind: 1 },
        ModuleDependency { name: c"phalcon".as_ptr(), rel: ptr::null(), version: ptr::null(), kind: 3 },
        ModuleDependency { name: ptr::null(), rel: ptr::null(), version: ptr::null(), kind: 0 },
    ];
    ENTRY.get_or_init(|| {
        let built = ModuleBuilder::new("seshat", env!("CARGO_PKG_VERSION"))
            .startup_function(on_startup)
            .shutdown_function(on_shutdown)
            .request_startup_function(on_request_startup)
            .request_shutdown_function(on_request_shutdown)
            .post_deactivate_function(on_post_deactivate)
            .info_function(on_info)
            .try_into();
        match built {
            Ok((mut entry, _startup, allocations)) => {
                let entry: &mut ModuleEntry = &mut entry;
                entry.deps = DEPENDENCIES.as_ptr().cast();
                (*entry, allocations)
            }
            // Name and version are literals without NUL bytes: building them cannot fail.
            Err(_) => std::process::abort(),
        }
    })
}

unsafe extern "C" fn on_startup(kind: c_int, module_number: c_int) -> c_int {
    guarded(FAILURE, || {
        if kind == TEMPORARY {
            warn("seshat cannot be loaded with dl(): the session module keeps its save handlers; use extension=seshat");
            return FAILURE;
        }
        note_session_status();
        static ATFORK: OnceLock<()> = OnceLock::new();
        ATFORK.get_or_init(|| {
            // SAFETY: `entered_child` only touches an atomic, as a child handler may.
            if unsafe { pthread_atfork(None, None, Some(fork::entered_child)) } == 0 {
                fork::hooked();
            }
        });
        match (crate::php::HOOKS.startup)(module_number) {
            Ok(()) => SUCCESS,
            Err(reason) => {
                warn(&reason);
                FAILURE
            }
        }
    })
}

unsafe extern "C" fn on_shutdown(_type: c_int, module_number: c_int) -> c_int {
    guarded(FAILURE, || {
        (crate::php::HOOKS.shutdown)();
        // SAFETY: our own module's number.
        unsafe { zend_unregister_ini_entries(module_number) };
        CLASSES.write().clear();
        SUCCESS
    })
}

unsafe extern "C" fn on_request_startup(_type: c_int, _module_number: c_int) -> c_int {
    SCRIPT_IS_OVER.set(false);
    SUCCESS
}

/// Before the session module's own, which stores a session that is still open.
unsafe extern "C" fn on_request_shutdown(_type: c_int, _module_number: c_int) -> c_int {
    SCRIPT_IS_OVER.set(true);
    guarded(FAILURE, || {
        (crate::php::HOOKS.before_end)();
        SUCCESS
    })
}

unsafe extern "C" fn on_post_deactivate() -> c_int {
    // No warning here: PHP is not to be called any more.
    let _ = catch_unwind(AssertUnwindSafe(crate::php::HOOKS.after_request));
    SUCCESS
}

unsafe extern "C" fn on_info(module: *mut ModuleEntry) {
    guarded((), crate::php::HOOKS.info);
    // SAFETY: the module whose page is being printed, as PHP passed it.
    unsafe { display_ini_entries(module) };
}

/// Prints a table in phpinfo's style. The first row is the heading.
pub(in crate::php) fn info_table(rows: &[(String, String)]) {
    let c = |text: &str| CString::new(text.replace('\0', "?")).unwrap_or_default();
    // SAFETY: called from the info function; the format is one of two strings, which are passed.
    unsafe {
        ffi::php_info_print_table_start();
        for (index, (name, value)) in rows.iter().enumerate() {
            let (name, value) = (c(name), c(value));
            if index == 0 {
                ffi::php_info_print_table_header(2, name.as_ptr(), value.as_ptr());
            } else {
                ffi::php_info_print_table_row(2, name.as_ptr(), value.as_ptr());
            }
        }
        ffi::php_info_print_table_end();
    }
}
