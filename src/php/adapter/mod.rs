//! Phalcon's session adapters. Concrete ones hold a handler; the abstract one and `Noop` are plain
//! classes whose children may be anybody's.

pub(super) mod base;
pub(super) mod noop;
pub(super) mod redis;
pub(super) mod stream;

use super::engine::{self, Call, Thrown};

/// What adapters throw when a direct call fails.
const EXCEPTIONS: &str = "Phalcon\\Session\\Exception";

/// Says what a compatibility class could not use, once each, and goes on.
pub(super) fn warn_of_unknown(unknown: &[String]) {
    for sentence in unknown {
        engine::warn(sentence);
    }
}

/// The options array at `index`; an absent one is empty.
pub(super) fn options(call: &Call<'_>, index: usize) -> Result<crate::options::value::Options, Thrown> {
    match call.value(index) {
        None => Ok(crate::options::value::Options::new()),
        Some(value) => match value.array() {
            Some(array) => Ok(super::convert::options(array)),
            None => Err(call.wrong_type(index, "array")),
        },
    }
}
