//! What DALMP's handlers have in common: PHP's methods of a save handler.

use super::{EXCEPTIONS, constants};
use crate::options::value::{Options, Value};
use crate::php::engine::{Call, Interface, Method, Thrown, method};
use crate::php::methods::{self, Face};
use crate::php::pool::Pooled;
use crate::php::{engine, errors};
use ext_php_rs::types::Zval;

/// The original had the first one only, so that strict mode and lazy writes passed it by.
pub(super) const INTERFACES: &[Interface] = &[Interface::SessionHandler, Interface::SessionUpdateTimestamp];

/// Without return types: children of the original have none.
pub(super) const METHODS: [Method; 8] = [
    method!("public function close()", methods::close),
    method!("public function destroy(string $session_id)", methods::destroy),
    method!("public function gc(int $maxlifetime)", methods::gc),
    method!("public function open(string $save_path, string $name)", methods::open),
    method!("public function read(string $session_id)", methods::read),
    method!("public function write(string $session_id, string $session_data)", methods::write),
    method!("public function validateId(string $session_id)", methods::validate),
    method!("public function updateTimestamp(string $session_id, string $session_data)", methods::touch),
];

/// Gives the object its store.
pub(super) fn open_store(call: &mut Call<'_>, options: Options) -> Result<(), Thrown> {
    let pooled = Pooled::from_options(options).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))
}

/// An argument, unless it is false, null or absent, which all mean the default.
pub(super) fn given(call: &Call<'_>, index: usize) -> Option<Zval> {
    call.value(index).filter(|value| !value.is_null() && value.bool() != Some(false)).map(Zval::shallow_clone)
}

/// The name of the global variable that holds a session's reference: the constant's, else the argument's.
pub(super) fn reference_name(call: &mut Call<'_>, index: usize) -> Result<String, Thrown> {
    match constants::text(constants::REFERENCE)? {
        Some(name) => Ok(String::from_utf8_lossy(&name).into_owned()),
        None => argument_name(call, index),
    }
}

/// As [`reference_name`], for the handler that does not look at the constant.
pub(super) fn argument_name(call: &mut Call<'_>, index: usize) -> Result<String, Thrown> {
    let name = if given(call, index).is_some() { call.string(index)? } else { b"UID" };
    Ok(String::from_utf8_lossy(name).into_owned())
}

/// A text as an option's value.
pub(super) fn text(text: impl AsRef<[u8]>) -> Value {
    Value::Text(text.as_ref().to_vec())
}

/// Refuses what an argument says.
pub(super) fn refuse(message: &str) -> Thrown {
    engine::throw("InvalidArgumentException", message)
}
