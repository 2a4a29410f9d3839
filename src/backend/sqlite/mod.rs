#![doc = include_str!("docs.md")]

mod busy;
mod config;
mod connection;
mod error;
mod locks;
mod presence;
mod references;
mod schema;
mod session;
mod store;

use super::{Backend, file_lock};
use crate::session::store::Capabilities;
pub use store::Sqlite;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "sqlite",
    schemes: &["sqlite"],
    capabilities: CAPABILITIES,
    summary: "one database file, with its engine built in: one machine, no server",
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
    references: true,
};
