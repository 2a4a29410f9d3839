#![doc = include_str!("docs.md")]

mod batch;
mod binary;
mod cluster;
pub mod commands;
mod config;
mod connection;
mod copies;
mod entries;
mod error;
mod expiry;
mod fastlz;
mod format;
mod index;
mod keys;
mod legacy;
mod locks;
pub mod protocol;
mod references;
mod ring;
mod server;
mod servers;
mod store;

use super::Backend;
use crate::session::store::Capabilities;
pub use store::Memcached;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "memcached",
    schemes: &["memcached", "memcacheds", "memcached+unix", "memcache"],
    capabilities: CAPABILITIES,
    summary: "memcached servers: several machines, locks, nothing to clean up; sessions go with the server",
    configure: config::configure,
};

const CAPABILITIES: Capabilities = Capabilities {
    locks: true,
    lock_dies_with_holder: false,
    counts_waiters: false,
    remote: true,
    shared: true,
    durable: false,
    self_expiring: true,
    extends_on_read: true,
    references: true,
};
