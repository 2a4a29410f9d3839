#![doc = include_str!("docs.md")]

mod config;
mod error;
mod port;
pub mod protocol;
mod rows;
mod store;

use super::Backend;
use crate::session::store::Capabilities;
pub use store::HandlerSocket;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "handlersocket",
    schemes: &["handlersocket"],
    capabilities: CAPABILITIES,
    summary: "a table of MariaDB's, past its SQL, through the plugin HandlerSocket: no locks",
    configure: config::configure,
};

const CAPABILITIES: Capabilities = Capabilities {
    locks: false,
    lock_dies_with_holder: false,
    counts_waiters: false,
    remote: true,
    shared: true,
    durable: true,
    self_expiring: false,
    extends_on_read: true,
    references: false,
};
