//! Expired sessions go in batches, by an index, and one worker does it.

use crate::{HOUR, ROOMY, dsn, named, server, store, store_at, table, told};
use seshat::error::Kind;
use seshat::session::clock::Clock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn fill(server: &crate::mariadb_server::MariadbServer, table: &str, rows: u32) {
    server.sql(&format!(
        "INSERT INTO {table} (id, modified, data) SELECT CONCAT('old-', seq), '2001-01-01', 'x' FROM seq_1_to_{rows}"
    ));
}

/// The longest call is said, for which the request waits that drew the lottery, and how long the sessions of others
/// take beside it, with one thread of the server's for all of them. SESHAT_STRICT_TIMES holds them to what they are
/// on a machine that does nothing else.
#[test]
fn it_is_bounded_and_goes_on_and_keeps_nobody_waiting() {
    let server = server!();
    let table = table(&server, ROOMY);
    fill(&server, &table, 12_000);
    let mut one = store(&dsn(&server, &table, ""));
    one.write(named("young"), b"data", HOUR).unwrap();
    let done = AtomicBool::new(false);
    let (removed, call, longest) = std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let (mut worker, mut longest) = (store(&dsn(&server, &table, "")), Duration::ZERO);
            while !done.load(Ordering::Relaxed) {
                let began = Instant::now();
                worker.write(named("young"), b"data", HOUR).unwrap();
                assert!(worker.exists(named("young")).unwrap());
                longest = longest.max(began.elapsed());
            }
            longest
        });
        let (mut removed, mut call) = (Vec::new(), Duration::ZERO);
        while removed.last() != Some(&0) && removed.len() < 1000 {
            let began = Instant::now();
            removed.push(one.gc(HOUR).unwrap());
            call = call.max(began.elapsed());
        }
        done.store(true, Ordering::Relaxed);
        (removed, call, other.join().unwrap())
    });
    println!("gc took {} calls, its longest {call:?}; the longest request meanwhile took {longest:?}", removed.len());
    assert!((20..=30 * 500).contains(&removed[0]), "{removed:?}");
    assert_eq!(removed.iter().sum::<u64>(), 12_000, "{removed:?}");
    assert_eq!(server.sql(&format!("SELECT id FROM {table}")), "young", "and nothing of gc's own");
    let limit = if std::env::var_os("SESHAT_STRICT_TIMES").is_some() { 50 } else { 1000 };
    assert!(call < Duration::from_millis(limit), "{call:?}");
    assert!(longest < Duration::from_millis(limit), "{longest:?}");
}

#[test]
fn all_goes_at_once_after_a_wait_for_the_turn() {
    let server = server!();
    let table = table(&server, ROOMY);
    fill(&server, &table, 3000);
    let mut one = store(&dsn(&server, &table, ""));
    one.write(named("young"), b"data", HOUR).unwrap();
    server.sql(&format!("INSERT INTO {table} VALUES ('_gc', UTC_TIMESTAMP() + INTERVAL 1 DAY, '')"));
    assert_eq!(one.gc(HOUR).unwrap(), 0);
    let began = Instant::now();
    assert_eq!(one.gc_all(HOUR).unwrap(), 0, "who has it for so long is removing everything already");
    assert!(began.elapsed() > Duration::from_millis(900), "{:?}", began.elapsed());
    server.sql(&format!("DELETE FROM {table} WHERE id = '_gc'"));
    assert_eq!(one.gc_all(HOUR).unwrap(), 3000);
    assert_eq!(server.sql(&format!("SELECT id FROM {table}")), "young");
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
