#![doc = include_str!("docs.md")]

pub(crate) mod collection;
mod config;
mod document;
mod driver;
pub(crate) mod error;
mod locks;
mod store;
mod uri;

use super::Backend;
use crate::session::store::Capabilities;
#[cfg(feature = "php")]
pub(crate) use document::Layout;
#[cfg(feature = "php")]
pub(crate) use store::MongoDb;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "mongodb",
    schemes: &["mongodb", "mongodb+srv"],
    capabilities: CAPABILITIES,
    summary: "MongoDB, one server or a replica set: several machines, locks, sessions survive the loss of a server",
    configure: config::configure,
};

const CAPABILITIES: Capabilities = Capabilities {
    locks: true,
    lock_dies_with_holder: false,
    counts_waiters: false,
    remote: true,
    shared: true,
    durable: true,
    self_expiring: false,
    extends_on_read: true,
    references: true,
};
