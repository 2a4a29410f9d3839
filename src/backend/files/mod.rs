#![doc = include_str!("docs.md")]

mod config;
mod error;
mod folder;
mod index;
mod names;
mod references;
mod store;
mod sweep;

use super::{Backend, file_lock};
use crate::session::store::Capabilities;
pub use store::Files;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "files",
    schemes: &["files"],
    capabilities: CAPABILITIES,
    summary: "one file per session in a folder, as PHP's own handler keeps them: one machine, no server",
    configure: config::configure,
};

const CAPABILITIES: Capabilities = Capabilities {
    locks: file_lock::AVAILABLE,
    lock_dies_with_holder: true,
    counts_waiters: false,
    remote: false,
    shared: true,
    durable: true,
    self_expiring: false,
    extends_on_read: false,
    // The index is changed under locks.
    references: file_lock::AVAILABLE,
};
