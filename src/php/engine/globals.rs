//! PHP's global variables, as they stand when they are asked for.

use super::values::super_global;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ProcessGlobals;

/// A copy of a global variable's value: what `$GLOBALS[$name] ?? null` reads. None if there is none.
pub(in crate::php) fn global(name: &str) -> Option<Zval> {
    // SAFETY: a live variable of this request; copied at once.
    super_global(name).map(|value| unsafe { (*value).dereference().shallow_clone() })
}

/// A copy of an entry of `$_SERVER`, with what the script has done to it.
pub(in crate::php) fn server_entry(name: &str) -> Option<Zval> {
    // PHP makes the variable when it is first asked for, and a script need not have named it.
    let _ = ProcessGlobals::get().http_server_vars();
    global("_SERVER")?.array()?.get(name).map(|value| value.dereference().shallow_clone())
}
