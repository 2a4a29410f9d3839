#![doc = include_str!("docs.md")]

mod acquire;
mod changes;
mod config;
mod error;
mod gc;
mod handshake;
mod key;
mod link;
mod locks;
mod packet;
mod references;
mod reply;
mod rows;
mod schema;
mod server;
mod statements;
mod store;

use super::Backend;
use crate::session::store::Capabilities;
pub use store::Mysql;

/// The declaration of the store.
pub const BACKEND: Backend = Backend {
    name: "mysql",
    schemes: &["mysql", "mysql+unix", "mariadb", "mariadb+unix"],
    capabilities: CAPABILITIES,
    summary: "a table of a MySQL or MariaDB server: several machines, durable, also the tables of other libraries",
    configure: config::configure,
};

const CAPABILITIES: Capabilities = Capabilities {
    locks: true,
    lock_dies_with_holder: true,
    counts_waiters: false,
    remote: true,
    shared: true,
    durable: true,
    self_expiring: false,
    extends_on_read: false,
    references: true,
};
