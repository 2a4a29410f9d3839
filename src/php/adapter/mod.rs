//! Phalcon's session adapters. Concrete ones hold a handler; the abstract one and `Noop` are plain
//! classes whose children may be anybody's.
//!
//! One that Phalcon 3 had, too, is a session as well as a handler: it implements `AdapterInterface`,
//! joins `classic::METHODS` (and `MAGIC`) to its own methods and declares `classic::PROPERTIES`;
//! `redis` shows how. docs/adr/0008 says why, and why such methods have no return types.

#[cfg(feature = "aerospike")]
pub(super) mod aerospike;
pub(super) mod base;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(super) mod database;
#[cfg(feature = "files")]
pub(super) mod files;
#[cfg(feature = "handlersocket")]
pub(super) mod handlersocket;
#[cfg(feature = "memcached")]
pub(super) mod memcached;
#[cfg(feature = "mongodb")]
pub(super) mod mongo;
pub(super) mod noop;
#[cfg(feature = "redis")]
pub(super) mod redis;
#[cfg(any(feature = "memcached", feature = "redis"))]
mod server;
#[cfg(feature = "files")]
pub(super) mod stream;
#[cfg(any(feature = "memcached", feature = "redis", feature = "aerospike"))]
pub(super) mod wording;

use super::engine::{self, Call, Thrown};
use crate::options::value::Options;

/// What adapters throw when a direct call fails.
const EXCEPTIONS: &str = "Phalcon\\Session\\Exception";

/// Says what a compatibility class could not use, once each, and goes on.
pub(super) fn warn_of_unknown(unknown: &[String]) {
    for sentence in unknown {
        engine::warn(sentence);
    }
}

/// The options at `index`, an array or an object that knows `toArray()`; absent ones are empty.
pub(super) fn options(call: &Call<'_>, index: usize) -> Result<Options, Thrown> {
    let said = super::classic::options_at(call, index)?;
    Ok(said.as_ref().and_then(|said| said.array()).map(super::convert::options).unwrap_or_default())
}
