//! Phalcon's storage adapters: keys with a prefix, values through a serializer, each with a lifetime.

mod apcu;
mod base;
pub(in crate::php) mod factory;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "files")]
mod stream;

pub(in crate::php) use apcu::APCU;
pub(in crate::php) use base::{ABSTRACT, INTERFACE};
pub(in crate::php) use memory::MEMORY;
#[cfg(feature = "redis")]
pub(in crate::php) use redis::{REDIS, forget as forget_connections};
#[cfg(feature = "files")]
pub(in crate::php) use stream::STREAM;
