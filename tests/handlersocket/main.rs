//! The HandlerSocket store against a real MariaDB: what it costs, what it does to tables that do not
//! fit, and when things break. What every store must do is in `tests/conformance`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what should hold and does not ends its test"
)]

mod faults;
mod gc;
mod tables;
mod waits;

#[path = "../support/mariadb_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod mariadb_server;
#[path = "../support/proxy.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod proxy;
#[path = "../support/mod.rs"]
mod support;

use mariadb_server::{DATABASE, MariadbServer};
use seshat::backend::{self, Environment};
use seshat::error::{Error, Kind, Operation};
use seshat::options::dsn::Dsn;
use seshat::options::reader::Reader;
use seshat::session::clock::Clock;
use seshat::session::handler::{Handler, Policy};
use seshat::session::id::SessionId;
use seshat::session::store::Store;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const ID: &str = "0123456789abcdefghij-,0123456789";
/// The server's secrets. Some versions take the first for both.
const SECRETS: [&str; 2] = ["--handlersocket-plain-secret=sesame", "--handlersocket-plain-secret-wr=sesame"];

/// The table of the adapter's documentation.
const DOCUMENTED: &str = "id VARCHAR(32) NOT NULL DEFAULT '', modified DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', \
                          data TEXT, PRIMARY KEY (id), KEY modified (modified)";
const ROOMY: &str = "id VARCHAR(256) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, modified DATETIME NOT NULL, \
                     data LONGBLOB, KEY modified (modified)";

/// A server for this test and those that run beside it, or the end of the test, said aloud.
macro_rules! server {
    () => {
        match crate::mariadb_server::MariadbServer::shared(&crate::SECRETS) {
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

/// A new table with these columns.
fn table(server: &MariadbServer, columns: &str) -> String {
    table_of(server, columns, "ENGINE=InnoDB DEFAULT CHARACTER SET utf8")
}

fn table_of(server: &MariadbServer, columns: &str, rest: &str) -> String {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}", TABLES.fetch_add(1, Ordering::Relaxed));
    server.sql(&format!("SET sql_mode = ''; CREATE TABLE {name} ({columns}) {rest}"));
    name
}

/// The DSN of a table, with more options.
fn dsn(server: &MariadbServer, table: &str, more: &str) -> String {
    port_dsn(server.handlersocket_write_port(), table, more)
}

fn port_dsn(port: u16, table: &str, more: &str) -> String {
    format!("handlersocket://127.0.0.1:{port}/{DATABASE}?table={table}&auth=sesame{more}")
}

/// A handle on the table's sessions, as one worker has it.
fn store(dsn: &str) -> Box<dyn Store> {
    store_at(dsn, &Clock::System)
}

fn store_at(dsn: &str, clock: &Clock) -> Box<dyn Store> {
    let mut dsn = Dsn::parse(dsn).unwrap();
    let mut reader = Reader::new(std::mem::take(&mut dsn.options));
    let environment = Environment { clock: clock.clone(), ..Environment::default() };
    let mut store = (backend::handlersocket::BACKEND.configure)(dsn, &mut reader, &environment).unwrap();
    reader.finish().unwrap();
    store.set_lifetime(HOUR);
    store
}

fn handler(dsn: &str) -> Handler {
    backend::from_dsn(dsn, &Environment::default(), &Policy::default()).unwrap()
}

fn read(store: &mut dyn Store) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    store.read(sid(), &mut data).unwrap().then_some(data)
}

fn told(error: &Error, kind: Kind, words: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    assert!(!error.to_string().contains("sesame") && !error.to_string().contains(ID), "{error}");
}
