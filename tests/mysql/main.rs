//! The MySQL store against real servers: what it costs, how it locks, and what it does when things break.
//! What every store must do is in `tests/conformance`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what should hold and does not ends its test"
)]

mod data;
mod faults;
mod gc;
mod locks;
mod login;
mod plans;
mod tables;
mod waits;

#[cfg(feature = "tls")]
#[path = "../support/certificates.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod certificates;
#[path = "../support/mariadb_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod mariadb_server;
#[path = "../support/proxy.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod proxy;
#[path = "../support/mod.rs"]
mod support;

use mariadb_server::MariadbServer;
use seshat::backend::{self, Environment};
use seshat::error::{Error, Kind, Operation};
use seshat::options::dsn::Dsn;
use seshat::options::reader::Reader;
use seshat::session::handler::{Handler, Policy};
use seshat::session::id::SessionId;
use seshat::session::lock::{Lease, LockRequest, LockState};
use seshat::session::store::Store;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// Long enough for anything that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3600);
const ID: &str = "0123456789abcdefghijABCDEFGHIJ-,";

/// A server, or the end of the test, said aloud.
macro_rules! server {
    ($($option:expr),*) => {
        match crate::mariadb_server::MariadbServer::start(&[$($option),*]) {
            Ok(server) => server,
            Err(reason) => return crate::support::skip(module_path!(), &reason),
        }
    };
}
pub(crate) use server;

/// The server that tests share which do nothing to it. Each has a table of its own.
macro_rules! shared {
    () => {
        match crate::shared_server() {
            Ok(server) => server,
            Err(reason) => return crate::support::skip(module_path!(), &reason),
        }
    };
}
pub(crate) use shared;

fn shared_server() -> Result<Arc<MariadbServer>, String> {
    static SHARED: Mutex<Weak<MariadbServer>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let server = match shared.upgrade() {
        Some(server) => server,
        None => Arc::new(MariadbServer::start(&["--max-connections=300"])?),
    };
    *shared = Arc::downgrade(&server);
    Ok(server)
}

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

/// In a table of that name, which is created.
fn table(server: &MariadbServer, name: &str) -> Box<dyn Store> {
    store(&server.unix_dsn(&format!("?database=shop&create_table=1&table={name}")))
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

fn lock(store: &mut dyn Store, wait: Duration) -> LockState {
    store.lock(sid(), &LockRequest { wait, lease: HOUR, holder: "pid 7 GET /cart", max_waiters: None }).unwrap()
}

fn hold(store: &mut dyn Store) -> Lease {
    match lock(store, Duration::ZERO) {
        LockState::Held(lease) => lease,
        other => panic!("the lock should be ours: {other:?}"),
    }
}

fn told(error: &Error, kind: Kind, words: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    assert!(!error.to_string().contains("sesame"), "{error}");
}
