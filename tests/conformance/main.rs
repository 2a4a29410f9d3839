//! The laws of `Store`, held against every store.
//!
//! A law is written once, in `laws/`; each store answers to all of them through its fixture, and a
//! failing test names the store: `memory::lock::order_of_arrival_is_kept`. To add a store, write
//! `fixtures/NAME.rs` with a [`fixture::Fixture`] and the line `conformance!(ItsFixture);`, and
//! add its module below.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a law that does not hold ends its test"
)]

#[macro_use]
mod fixture;
mod laws;
#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "aerospike")]
#[path = "fixtures/aerospike.rs"]
mod aerospike;
#[cfg(feature = "aerospike")]
#[path = "../support/aerospike_stand_in.rs"]
mod aerospike_stand_in;
#[cfg(all(feature = "redis", feature = "tls"))]
#[path = "../support/certificates.rs"]
mod certificates;
#[cfg(feature = "redis")]
#[path = "../support/cluster.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod cluster_server;
#[cfg(feature = "files")]
#[path = "fixtures/files.rs"]
mod files;
#[cfg(feature = "handlersocket")]
#[path = "fixtures/handlersocket.rs"]
mod handlersocket;
#[path = "fixtures/hashed.rs"]
mod hashed;
#[cfg(any(feature = "mysql", feature = "handlersocket"))]
#[path = "../support/mariadb_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod mariadb_server;
#[cfg(feature = "memcached")]
#[path = "fixtures/memcached.rs"]
mod memcached;
#[cfg(feature = "memcached")]
#[path = "../support/memcached_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod memcached_server;
#[path = "fixtures/memory.rs"]
mod memory;
#[cfg(feature = "mongodb")]
#[path = "fixtures/mongodb.rs"]
mod mongodb;
#[cfg(feature = "mongodb")]
#[path = "../support/mongodb_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod mongodb_server;
#[cfg(feature = "mysql")]
#[path = "fixtures/mysql.rs"]
mod mysql;
#[cfg(feature = "redis")]
#[path = "fixtures/redis.rs"]
mod redis;
#[cfg(feature = "redis")]
#[path = "../support/redis_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod redis_server;
#[cfg(feature = "sqlite")]
#[path = "fixtures/sqlite.rs"]
mod sqlite;
