//! `$_SERVER`, as it stands when it is asked for.

use super::values::look_at_global;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ProcessGlobals;

/// A copy of an entry of `$_SERVER`, with what the script has done to it.
pub(in crate::php) fn server_entry(name: &str) -> Option<Zval> {
    // PHP makes the variable when it is first asked for, and a script need not have named it.
    let _ = ProcessGlobals::get().http_server_vars();
    look_at_global("_SERVER", |server| server?.array()?.get(name).map(|value| value.dereference().shallow_clone()))
}
