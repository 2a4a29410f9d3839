//! The Redis store against a real server: what it costs, how it locks, and what it does when things
//! break. What every store must do is in `tests/conformance`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what should hold and does not ends its test"
)]

mod cluster;
mod commands;
mod data;
mod faults;
mod free_locks;
mod hosts;
mod locks;
mod mixed_replies;
mod orphans;
mod outages;
mod references;
mod refusals;
mod rights;
mod sentinel;
#[cfg(feature = "tls")]
mod tls;
mod torture;
mod waits;

#[cfg(feature = "tls")]
#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/cluster.rs"]
mod cluster_server;
#[path = "../support/mixed_replies.rs"]
mod mistreated;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/redis_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod redis_server;
#[path = "../support/sentinels.rs"]
mod sentinels;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/unruly_proxy.rs"]
mod unruly_proxy;

use redis_server::RedisServer;
use seshat::backend::{self, Environment};
use seshat::error::Operation;
use seshat::options::dsn::Dsn;
use seshat::options::reader::Reader;
use seshat::session::handler::{Handler, Policy};
use seshat::session::id::SessionId;
use seshat::session::lock::{Lease, LockRequest, LockState};
use seshat::session::store::{OpenRequest, Opened, Store};
use std::time::Duration;

/// Long enough for anything that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3600);
const ID: &str = "0123456789abcdefghijABCDEFGHIJ-,";
const KEY: &str = "PHPREDIS_SESSION:0123456789abcdefghijABCDEFGHIJ-,";
const LOCK: &str = "PHPREDIS_SESSION:0123456789abcdefghijABCDEFGHIJ-,_LOCK";

/// A server, or the end of the test, said aloud.
macro_rules! server {
    ($($option:expr),*) => {
        match crate::redis_server::RedisServer::start(&[$($option),*]) {
            Ok(server) => server,
            Err(reason) => return crate::support::skip(module_path!(), &reason),
        }
    };
}
pub(crate) use server;

fn sid() -> SessionId<'static> {
    sid_of(ID)
}

fn sid_of(id: &str) -> SessionId<'_> {
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

/// Opens the session under its lock, for an hour.
fn open_locked(store: &mut dyn Store, wait: Duration) -> seshat::error::Result<Opened> {
    let lock = Some(LockRequest { wait, lease: HOUR, holder: "", max_waiters: None });
    store.open(sid(), &OpenRequest { lock, lock_missing: true, extend: Some(HOUR) }, &mut Vec::new())
}

/// The server's keys that are neither records nor locks: what waiting leaves behind.
fn queue_keys(server: &RedisServer) -> Vec<String> {
    let keys: Vec<String> = redis::cmd("KEYS").arg("*_QUEUE*").query(&mut server.client("", 0)).unwrap();
    keys
}
