#![doc = include_str!("docs.md")]

mod config;
mod error;
mod store;

use super::Backend;
use crate::session::store::Capabilities;
pub use store::Memory;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "memory",
    schemes: &["memory"],
    capabilities: CAPABILITIES,
    summary: "one process, gone with it: tests and command lines",
    configure: config::configure,
};

const CAPABILITIES: Capabilities = Capabilities {
    locks: true,
    lock_dies_with_holder: false,
    counts_waiters: true,
    remote: false,
    shared: false,
    durable: false,
    self_expiring: false,
    extends_on_read: true,
    references: true,
};
