#![doc = include_str!("docs.md")]

mod client;
mod cluster;
pub mod commands;
mod config;
mod connection;
mod error;
mod exchange;
mod keys;
mod layout;
mod legacy;
mod link;
pub mod protocol;
mod references;
mod scripts;
mod seal;
mod sentinel;
mod shards;
mod store;
mod topology;
mod waiting;

use super::Backend;
use crate::session::store::Capabilities;
pub use store::Redis;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "redis",
    schemes: &[
        "redis",
        "rediss",
        "redis+unix",
        "redis+sentinel",
        "rediss+sentinel",
        "redis+cluster",
        "rediss+cluster",
        "valkey",
        "valkeys",
        "valkey+unix",
        "valkey+sentinel",
        "valkeys+sentinel",
        "valkey+cluster",
        "valkeys+cluster",
    ],
    capabilities: CAPABILITIES,
    summary: "a Redis or Valkey server: several machines, locks with wake-up, nothing to clean up",
    configure: config::configure,
};

const CAPABILITIES: Capabilities = Capabilities {
    locks: true,
    lock_dies_with_holder: false,
    counts_waiters: true,
    remote: true,
    shared: true,
    durable: true,
    self_expiring: true,
    extends_on_read: true,
    references: true,
};
