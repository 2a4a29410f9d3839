//! Phalcon's storage adapters: keys with a prefix, values through a serializer, each with a lifetime.

mod apcu;
mod base;
pub(in crate::php) mod factory;
#[cfg(feature = "memcached")]
mod libmemcached;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "files")]
mod stream;

pub(in crate::php) use apcu::APCU;
pub(in crate::php) use base::{ABSTRACT, INTERFACE};
#[cfg(feature = "memcached")]
pub(in crate::php) use libmemcached::LIBMEMCACHED;
pub(in crate::php) use memory::MEMORY;
#[cfg(feature = "redis")]
pub(in crate::php) use redis::REDIS;
#[cfg(feature = "files")]
pub(in crate::php) use stream::STREAM;

/// Closes the connections that are kept.
pub(super) fn forget_connections() {
    #[cfg(feature = "memcached")]
    libmemcached::forget();
    #[cfg(feature = "redis")]
    redis::forget();
}
