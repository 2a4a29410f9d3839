//! Settings of php.ini: ours as they change, and those of others.

use super::symbols::*;
use super::{FAILURE, bytes_of, guarded, status};
use ext_php_rs::ffi::{
    ext_php_rs_executor_globals, ext_php_rs_process_globals, zend_hash_str_find, zend_ini_entry, zend_string,
};
use ext_php_rs::zend::IniEntryDef;
use std::ffi::{CStr, CString, c_int, c_void};

/// An ini entry whose changes are reported to `crate::php::ini::changed`.
pub(in crate::php) const fn ini_entry(name: &'static CStr, default: &'static CStr, observed: bool) -> IniEntryDef {
    use ext_php_rs::flags::IniEntryPermission;
    let permission = if observed { IniEntryPermission::All } else { IniEntryPermission::System };
    let mut entry = IniEntryDef::new(name, default, permission);
    if observed {
        entry.on_modify = Some(on_ini_change);
    }
    entry
}

unsafe extern "C" fn on_ini_change(
    entry: *mut zend_ini_entry,
    value: *mut zend_string,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    _stage: c_int,
) -> c_int {
    guarded(FAILURE, || {
        // SAFETY: the engine passes the entry that changes; `value` is null when it has none.
        let (name, value) = unsafe {
            let name = (*entry).name.as_ref();
            (name.map(bytes_of).unwrap_or_default(), value.as_ref().map(bytes_of).unwrap_or_default())
        };
        let name = std::str::from_utf8(name).unwrap_or_default();
        status(crate::php::ini::changed(name, value))
    })
}

/// An ini setting of another module as a whole number; 0 if there is none.
pub(in crate::php) fn ini_long(name: &'static CStr) -> i64 {
    // SAFETY: the settings of this thread, of which PHP code of ours changes none meanwhile; an entry and its
    // value live until the setting changes. The name is a valid C string of that length.
    unsafe {
        let table = (*ext_php_rs_executor_globals()).ini_directives;
        let entry = zend_hash_str_find(table, name.as_ptr(), name.count_bytes()).as_ref();
        let entry = entry.and_then(|entry| entry.value.ptr.cast::<zend_ini_entry>().as_ref());
        match entry.and_then(|entry| entry.value.as_ref()).map(bytes_of).and_then(decimal) {
            Some(number) => number,
            None => zend_ini_long(name.as_ptr(), name.count_bytes(), 0),
        }
    }
}

/// A number that is written with decimal digits alone. With others, and with a zero in front, PHP has rules of
/// its own; and asking it takes as long as the rest of the look-up.
fn decimal(text: &[u8]) -> Option<i64> {
    let plain = matches!(text.first(), Some(b'1'..=b'9')) && text.len() <= 18;
    plain.then(|| {
        text.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    })?
}

/// An ini setting as text; empty if there is none.
pub(in crate::php) fn ini_text(name: &'static CStr) -> String {
    // SAFETY: the name is a valid C string of that length; the result belongs to the setting.
    let text = unsafe { zend_ini_string(name.as_ptr(), name.count_bytes(), 0) };
    if text.is_null() {
        return String::new();
    }
    // SAFETY: a C string that stays until the setting changes; copied at once.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Looks at `open_basedir`, which is empty if there is none, where PHP keeps it: asking for it by name
/// costs each session three hundred instructions.
pub(in crate::php) fn with_open_basedir<R>(look: impl FnOnce(&[u8]) -> R) -> R {
    // SAFETY: the globals of this thread; a C string or null, which stays until the setting changes.
    let text = unsafe { (*ext_php_rs_process_globals()).open_basedir };
    if text.is_null() {
        return look(b"");
    }
    // SAFETY: as above.
    look(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// Whether `open_basedir` lets this path be used, without PHP's own warning.
pub(in crate::php) fn allows_path(path: &std::path::Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: a valid C string; reads ini settings of this thread.
    unsafe { php_check_open_basedir_ex(path.as_ptr(), 0) == 0 }
}
