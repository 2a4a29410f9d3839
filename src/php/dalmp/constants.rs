//! The constants with which an application of DALMP says how its sessions are to be kept.

use crate::php::engine::{self, Thrown};
use ext_php_rs::types::Zval;

/// How long a session lives, in seconds.
pub(super) const LIFETIME: &str = "DALMP_SESSIONS_MAXLIFETIME";
/// The global variable that holds a session's reference.
pub(super) const REFERENCE: &str = "DALMP_SESSIONS_REF";
/// What an application's index of references is told from another one's by.
pub(super) const KEY: &str = "DALMP_SESSIONS_KEY";
/// The table of [`super::mysql`].
#[cfg(feature = "mysql")]
pub(super) const TABLE: &str = "DALMP_SESSIONS_TABLE";
/// The folder of [`super::files`].
pub(super) const FOLDER: &str = "DALMP_SESSIONS_DIR";

/// The constant's value; none if it was not defined.
pub(super) fn value(name: &str) -> Result<Option<Zval>, Thrown> {
    let argument = || engine::string(name.as_bytes());
    if !engine::call_function("defined", &mut [argument()])?.coerce_to_bool() {
        return Ok(None);
    }
    engine::call_function("constant", &mut [argument()]).map(Some)
}

/// The constant's value as text.
pub(super) fn text(name: &str) -> Result<Option<Vec<u8>>, Thrown> {
    let Some(value) = value(name)? else { return Ok(None) };
    let text = engine::to_string(&value)?;
    Ok(text.zend_str().map(|text| text.as_bytes().to_vec()))
}
