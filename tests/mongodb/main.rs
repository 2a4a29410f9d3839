//! The MongoDB store against a server: what it costs, what it stores and reads, and what it does when
//! things break. What every store must do is in `tests/conformance`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what should hold and does not ends its test"
)]

mod documents;
mod faults;
mod indexes;
mod locks;
mod waits;

#[path = "../support/deaf_proxy.rs"]
mod deaf_proxy;
#[path = "../support/mongodb_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod mongodb_server;
#[path = "../support/proxy.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod proxy;
#[path = "../support/mod.rs"]
mod support;

use mongodb::bson::{Document, doc};
use mongodb_server::MongoServer;
use seshat::backend::{self, Environment};
use seshat::error::{Error, Kind, Operation};
use seshat::options::dsn::Dsn;
use seshat::options::reader::Reader;
use seshat::session::clock::Clock;
use seshat::session::handler::{Handler, Policy};
use seshat::session::id::SessionId;
use seshat::session::lock::{Lease, LockRequest, LockState};
use seshat::session::store::Store;
use std::time::Duration;

/// Long enough for anything that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3600);
const ID: &str = "0123456789abcdefghijABCDEFGHIJ-,";

/// A server, or the end of the test, said aloud.
macro_rules! server {
    ($start:expr) => {
        match $start {
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
    store_at(dsn, Clock::System)
}

/// The same by the clock of a test.
fn store_at(dsn: &str, clock: Clock) -> Box<dyn Store> {
    let mut dsn = Dsn::parse(dsn).unwrap();
    let backend = backend::find(&dsn.scheme).unwrap();
    let mut reader = Reader::new(std::mem::take(&mut dsn.options));
    let environment = Environment { clock, ..Environment::default() };
    let store = (backend.configure)(dsn, &mut reader, &environment).unwrap();
    reader.finish().unwrap();
    store
}

fn handler(dsn: &str, policy: Policy) -> Handler {
    backend::from_dsn(dsn, &Environment::default(), &policy).unwrap()
}

fn locking(on: bool) -> Policy {
    Policy { locking: on, ..Policy::default() }
}

fn read(store: &mut dyn Store, id: &str) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    store.read(named(id), &mut data).unwrap().then_some(data)
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

fn told(error: &Error, kind: Kind, words: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
}

/// Another client, that knows nothing of sessions: it looks at what is stored and puts things there.
struct Onlooker {
    runtime: tokio::runtime::Runtime,
    collection: mongodb::Collection<Document>,
    client: mongodb::Client,
}

impl Onlooker {
    fn new(server: &MongoServer, collection: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(mongodb::Client::with_uri_str(server.driver_uri())).unwrap();
        let collection = client.database(server.database()).collection(collection);
        Self { runtime, collection, client }
    }

    fn find(&self, id: &str) -> Option<Document> {
        self.runtime.block_on(self.collection.find_one(doc! { "_id": id }).into_future()).unwrap()
    }

    fn insert(&self, document: Document) {
        self.runtime.block_on(self.collection.insert_one(document).into_future()).unwrap();
    }

    fn indexes(&self) -> Vec<mongodb::IndexModel> {
        self.runtime.block_on(async {
            let mut found = self.collection.list_indexes().await.unwrap();
            let mut all = Vec::new();
            while found.advance().await.unwrap() {
                all.push(found.deserialize_current().unwrap());
            }
            all
        })
    }

    fn create_index(&self, index: mongodb::IndexModel) {
        self.runtime.block_on(self.collection.create_index(index).into_future()).unwrap();
    }

    fn admin(&self, command: Document) -> mongodb::error::Result<Document> {
        self.runtime.block_on(self.client.database("admin").run_command(command).into_future())
    }
}
