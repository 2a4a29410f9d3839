//! Expired sessions go in batches, by an index, and one worker does it.

use crate::{HOUR, ROOMY, dsn, named, server, store, store_at, table, told};
use seshat::error::Kind;
use seshat::session::clock::Clock;
use std::time::Duration;

fn fill(server: &crate::mariadb_server::MariadbServer, table: &str, rows: u32) {
    server.sql(&format!(
        "INSERT INTO {table} (id, modified, data) SELECT CONCAT('old-', seq), '2001-01-01', 'x' FROM seq_1_to_{rows}"
    ));
}

#[test]
fn it_is_bounded_and_goes_on() {
    let server = server!();
    let table = table(&server, ROOMY);
    fill(&server, &table, 12_000);
    let mut one = store(&dsn(&server, &table, ""));
    one.write(named("young"), b"data", HOUR).unwrap();
    let mut removed = vec![one.gc(HOUR).unwrap()];
    assert!((500..=10_000).contains(&removed[0]), "{removed:?}");
    while removed.last() != Some(&0) && removed.len() < 100 {
        removed.push(one.gc(HOUR).unwrap());
    }
    assert_eq!(removed.iter().sum::<u64>(), 12_000, "{removed:?}");
    assert_eq!(server.sql(&format!("SELECT id FROM {table}")), "young", "and nothing of gc's own");
}

#[test]
fn one_worker_at_a_time_and_not_for_ever() {
    let server = server!();
    let table = table(&server, ROOMY);
    fill(&server, &table, 10);
    let clock = Clock::manual(1_800_000_000);
    let mut one = store_at(&dsn(&server, &table, "&timezone=UTC"), &clock);
    // Another one is at it, and died.
    server.sql(&format!("INSERT INTO {table} VALUES ('_gc', '2027-01-15 08:01:00', '')"));
    assert_eq!(one.gc(HOUR).unwrap(), 0);
    clock.advance(Duration::from_secs(61));
    assert_eq!(one.gc(HOUR).unwrap(), 10);
    assert_eq!(server.sql(&format!("SELECT id FROM {table}")), "");
}

#[test]
fn text_in_a_zone_that_nobody_said_is_left_alone_for_a_day() {
    let server = server!();
    let table = table(&server, ROOMY);
    let clock = Clock::manual(1_800_000_000);
    let (mut one, mut sure) =
        (store_at(&dsn(&server, &table, ""), &clock), store_at(&dsn(&server, &table, "&timezone=UTC"), &clock));
    one.write(named("late"), b"data", HOUR).unwrap();
    clock.advance(HOUR * 5);
    assert!(!one.exists(named("late")).unwrap(), "it has expired");
    assert_eq!(one.gc(HOUR).unwrap(), 0, "but perhaps not for a program elsewhere");
    assert_eq!(sure.gc(HOUR).unwrap(), 1);
}

#[test]
fn without_an_index_it_says_so_and_sessions_go_on() {
    let server = server!();
    let table = table(&server, "id VARCHAR(64) PRIMARY KEY, modified DATETIME NOT NULL, data BLOB");
    let mut one = store(&dsn(&server, &table, ""));
    one.write(named("a"), b"data", HOUR).unwrap();
    told(&one.gc(HOUR).unwrap_err(), Kind::Config, &["no index modified", "CREATE INDEX modified", "gc_index"]);
    one.write(named("a"), b"more", HOUR).unwrap();
    // The index of something else removes nothing that is alive.
    fill(&server, &table, 10);
    let mut other = store(&dsn(&server, &table, "&gc_index=PRIMARY"));
    other.gc(HOUR).unwrap();
    assert!(one.exists(named("a")).unwrap());
}

#[test]
fn a_column_of_seconds_is_recognised_before_anything_is_removed() {
    let server = server!();
    let table = table(
        &server,
        "id VARCHAR(64) PRIMARY KEY, modified INT UNSIGNED NOT NULL, data BLOB, KEY modified (modified)",
    );
    server.sql(&format!("INSERT INTO {table} VALUES ('old', 1000000000, 'x'), ('young', UNIX_TIMESTAMP(), 'x')"));
    let mut one = store(&dsn(&server, &table, ""));
    assert_eq!(one.gc(HOUR).unwrap(), 1);
    assert_eq!(server.sql(&format!("SELECT id FROM {table}")), "young");
    assert_eq!(one.gc(HOUR).unwrap(), 0);
}
