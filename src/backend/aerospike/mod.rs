#![doc = include_str!("docs.md")]

mod cluster;
mod config;
mod error;
mod hosts;
mod locks;
mod record;
mod references;
mod store;

use super::Backend;
use crate::session::store::Capabilities;
pub use store::Aerospike;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "aerospike",
    schemes: &["aerospike"],
    capabilities: CAPABILITIES,
    summary: "an Aerospike cluster: several machines, locks, nothing to clean up; nodes come and go",
    configure: config::configure,
};

const CAPABILITIES: Capabilities = Capabilities {
    locks: true,
    lock_dies_with_holder: false,
    counts_waiters: false,
    remote: true,
    shared: true,
    durable: true,
    self_expiring: true,
    extends_on_read: true,
    references: true,
};
