//! The MySQL store against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what should hold and does not ends its test"
)]

#[path = "../support/mariadb_server.rs"]
#[allow(dead_code, reason = "shared with other test crates")]
mod mariadb_server;
#[path = "../support/mod.rs"]
mod support;

/// A server, or the end of the test, said aloud.
macro_rules! server {
    ($($option:expr),*) => {
        match crate::mariadb_server::MariadbServer::start(&[$($option),*]) {
            Ok(server) => server,
            Err(reason) => return crate::support::skip(module_path!(), &reason),
        }
    };
}
#[test]
fn the_server_comes_back_with_its_data() {
    let mut server = server!("--max-connections=20");
    server.sql("CREATE TABLE t (a INT) ENGINE=InnoDB; INSERT INTO t VALUES (42)");
    assert_eq!(server.sql("SELECT a, @@max_connections FROM t"), "42\t20");
    let plugin = "SELECT plugin_status FROM information_schema.plugins WHERE plugin_name = 'handlersocket'";
    assert_eq!(server.sql(plugin), "ACTIVE");
    server.sql("SET GLOBAL innodb_flush_log_at_trx_commit = 1; INSERT INTO t VALUES (43)");
    server.restart();
    assert_eq!(server.sql("SELECT COUNT(*) FROM t"), "2");
}
