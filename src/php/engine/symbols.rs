//! The engine's and the system's functions that the binding crate does not know.

use super::native::PsModule;
use ext_php_rs::ffi::{self, zend_class_entry, zend_string, zval};
use ext_php_rs::zend::ModuleEntry;
use std::ffi::{c_char, c_int, c_void};

unsafe extern "C" {
    pub(super) static php_session_iface_entry: *mut zend_class_entry;
    pub(super) static php_session_id_iface_entry: *mut zend_class_entry;
    pub(super) static php_session_update_timestamp_iface_entry: *mut zend_class_entry;
    pub(super) static spl_ce_RuntimeException: *mut zend_class_entry;
    pub(super) fn php_session_register_module(module: *const PsModule) -> c_int;
    pub(super) fn php_session_create_id(mod_data: *mut *mut c_void) -> *mut zend_string;
    pub(super) fn zend_unregister_ini_entries(module_number: c_int);
    pub(super) fn zend_ini_long(name: *const c_char, length: usize, original: c_int) -> i64;
    pub(super) fn display_ini_entries(module: *mut ModuleEntry);
    pub(super) fn zend_ini_string(name: *const c_char, length: usize, original: c_int) -> *const c_char;
    pub(super) fn zend_parse_arg_str_slow(arg: *mut zval, dest: *mut *mut zend_string, number: u32) -> bool;
    pub(super) fn zend_parse_arg_long_slow(arg: *const zval, dest: *mut i64, number: u32) -> bool;
    pub(super) fn zend_parse_arg_bool_slow(arg: *const zval, dest: *mut bool, number: u32) -> bool;
    pub(super) fn zend_argument_type_error(number: u32, format: *const c_char, ...);
    pub(super) fn zend_argument_value_error(number: u32, format: *const c_char, ...);
    pub(super) fn zend_clear_exception();
    pub(super) fn zend_zval_type_name(arg: *const zval) -> *const c_char;
    pub(super) fn zend_try_assign_typed_ref_zval(reference: *mut ffi::zend_reference, value: *mut zval) -> c_int;
    pub(super) fn zend_add_attribute(
        attributes: *mut *mut ffi::HashTable,
        name: *mut zend_string,
        argc: u32,
        flags: u32,
        offset: u32,
        line: u32,
    ) -> *mut c_void;
    pub(super) fn php_check_open_basedir_ex(path: *const c_char, warn: c_int) -> c_int;
    pub(super) fn zval_get_string_func(value: *mut zval) -> *mut zend_string;
    pub(super) fn zval_get_long_func(value: *mut zval, strict: bool) -> i64;
    pub(super) fn object_init_ex(object: *mut zval, class: *mut zend_class_entry) -> c_int;
    pub(super) fn zend_register_class_alias_ex(
        name: *const c_char,
        length: usize,
        class: *mut zend_class_entry,
        persistent: bool,
    ) -> c_int;
    pub(super) fn access(path: *const c_char, mode: c_int) -> c_int;
    pub(super) fn pthread_atfork(
        prepare: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
    ) -> c_int;
}
