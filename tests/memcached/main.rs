//! The memcached store against real servers: what it costs, how it locks, and what it does when
//! things break. What every store must do is in `tests/conformance`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what should hold and does not ends its test"
)]

mod commands;
mod data;
mod faults;
mod locks;
mod mixed_replies;
mod references;
mod replicas;
mod sasl;
#[cfg(feature = "tls")]
mod tls;
mod waits;

#[cfg(feature = "tls")]
#[path = "../support/certificates.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod certificates;
#[path = "../support/deaf_proxy.rs"]
mod deaf_proxy;
#[path = "../support/memcached_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod memcached_server;
#[path = "../support/mixed_replies.rs"]
mod mistreated;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/unruly_proxy.rs"]
mod unruly_proxy;

use seshat::backend::{self, Environment};
use seshat::error::Operation;
use seshat::options::dsn::Dsn;
use seshat::options::reader::Reader;
use seshat::session::handler::{Handler, Policy};
use seshat::session::id::SessionId;
use seshat::session::lock::{Lease, LockRequest, LockState};
use seshat::session::store::Store;
use std::time::Duration;

/// Long enough for anything that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3600);
const ID: &str = "0123456789abcdefghijABCDEFGHIJ-,";
const KEY: &str = "memc.sess.key.0123456789abcdefghijABCDEFGHIJ-,";
const LOCK: &str = "memc.sess.key.lock.0123456789abcdefghijABCDEFGHIJ-,";

/// A server, or the end of the test, said aloud.
macro_rules! server {
    ($($option:expr),*) => {
        match crate::memcached_server::MemcachedServer::start(&[$($option),*]) {
            Ok(server) => server,
            Err(reason) => return crate::support::skip(module_path!(), &reason),
        }
    };
}
pub(crate) use server;

fn sid() -> SessionId<'static> {
    named(ID)
}

fn named(id: &str) -> SessionId<'_> {
    SessionId::parse(id.as_bytes(), Operation::Read).unwrap()
}

/// A handle on the server's sessions, as one worker has it.
fn store(dsn: &str) -> Box<dyn Store> {
    let mut dsn = Dsn::parse(dsn).unwrap();
    let backend = backend::find(&dsn.scheme).unwrap();
    let mut reader = Reader::new(std::mem::take(&mut dsn.options));
    let store = (backend.configure)(dsn, &mut reader, &Environment::default()).unwrap();
    reader.finish().unwrap();
    store
}

fn handler(dsn: &str, policy: Policy) -> Handler {
    backend::from_dsn(dsn, &Environment::default(), &policy).unwrap()
}

fn locking(on: bool) -> Policy {
    Policy { locking: on, ..Policy::default() }
}

fn read(store: &mut dyn Store) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    store.read(sid(), &mut data).unwrap().then_some(data)
}

fn lock(store: &mut dyn Store, wait: Duration, lease: Duration) -> LockState {
    store.lock(sid(), &LockRequest { wait, lease, holder: "pid 7 GET /cart", max_waiters: None }).unwrap()
}

fn hold(store: &mut dyn Store, lease: Duration) -> Lease {
    match lock(store, Duration::ZERO, lease) {
        LockState::Held(lease) => lease,
        other => panic!("the lock should be ours: {other:?}"),
    }
}
