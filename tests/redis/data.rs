//! What is stored, and how long it lives.

use crate::{HOUR, ID, KEY, LOCK, PATIENCE, hold, lock, queue_keys, read, server, sid, store, support};
use redis::Commands;
use seshat::session::lock::{LockRequest, LockState};
use seshat::session::store::{Committed, OpenRequest};
use std::time::Duration;

/// Every byte, more than once, and no UTF-8.
fn all_bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 256) as u8 ^ (i / 65536) as u8).collect()
}

#[test]
fn bytes_of_any_kind_and_size_come_back() {
    let server = server!();
    for dsn in [server.tcp_dsn(""), server.unix_dsn(""), server.tcp_dsn("/5?serialize=1")] {
        let mut store = store(&dsn);
        for length in [0, 1, 255, 16 * 1024, 16 * 1024 + 1, 70_000, 5 * 1024 * 1024] {
            let data = all_bytes(length);
            store.write(sid(), &data, HOUR).unwrap();
            assert!(read(&mut *store) == Some(data.clone()), "{dsn}: {length} bytes, plain");
            let lease = hold(&mut *store, HOUR);
            assert_eq!(store.write_unlock(sid(), &data, HOUR, lease).unwrap(), Committed::Done);
            let mut back = Vec::new();
            let request = OpenRequest {
                lock: Some(LockRequest { wait: Duration::ZERO, lease: HOUR, holder: "", max_waiters: None }),
                lock_missing: false,
                extend: Some(HOUR),
            };
            let opened = store.open(sid(), &request, &mut back).unwrap();
            assert!(back == data, "{dsn}: {length} bytes, locked");
            let LockState::Held(lease) = opened.lock else { panic!("{opened:?}") };
            assert_eq!(store.touch_unlock(sid(), &data, HOUR, Some(lease), true).unwrap(), Committed::Done);
        }
    }
}

#[test]
fn a_64_mb_session_survives() {
    let server = server!();
    let mut store = store(&server.unix_dsn(""));
    let data = all_bytes(64 * 1024 * 1024);
    let lease = hold(&mut *store, HOUR);
    assert_eq!(store.write_unlock(sid(), &data, HOUR, lease).unwrap(), Committed::Done);
    assert!(read(&mut *store) == Some(data));
}

#[test]
fn records_are_interchanged_with_other_libraries() {
    let server = server!();
    let mut other = server.client("", 2);
    let mut raw = store(&server.tcp_dsn("?database=2"));
    let mut serialized = store(&server.unix_dsn("?database=2&serialize=1"));
    let () = other.set(KEY, b"a|s:2:\"\0\xff\";".as_slice()).unwrap();
    assert_eq!(read(&mut *raw).unwrap(), b"a|s:2:\"\0\xff\";");
    assert_eq!(read(&mut *serialized).unwrap(), b"a|s:2:\"\0\xff\";", "a raw record is read with serialize=1 too");
    raw.write(sid(), b"b|i:1;", HOUR).unwrap();
    assert_eq!(other.get::<_, Vec<u8>>(KEY).unwrap(), b"b|i:1;");
    serialized.write(sid(), b"b|i:1;", HOUR).unwrap();
    assert_eq!(other.get::<_, Vec<u8>>(KEY).unwrap(), b"s:6:\"b|i:1;\";");
    assert_eq!(read(&mut *serialized).unwrap(), b"b|i:1;");
}

#[test]
fn keys_are_where_the_options_put_them() {
    let server = server!();
    let mut store = store(&server.tcp_dsn("?prefix=shop:&lock_suffix=.lock"));
    store.write(sid(), b"x", HOUR).unwrap();
    let _lease = hold(&mut *store, HOUR);
    let mut keys: Vec<String> = server.client("", 0).keys("*").unwrap();
    keys.sort();
    assert_eq!(keys, [format!("shop:{ID}"), format!("shop:{ID}.lock")]);
}

#[test]
fn the_lifetime_is_what_was_asked_for() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut store = store(&server.tcp_dsn(""));
    let mut ttl = |low: i64, high: i64| {
        let ttl: i64 = other.pttl(KEY).unwrap();
        assert!((low..=high).contains(&ttl), "{ttl}");
    };
    store.write(sid(), b"x", Duration::from_millis(90_500)).unwrap();
    ttl(80_000, 90_500);
    store.touch(sid(), Duration::from_secs(1000)).unwrap();
    ttl(990_000, 1_000_000);
    let extend = OpenRequest { extend: Some(Duration::from_secs(2000)), ..OpenRequest::default() };
    store.open(sid(), &extend, &mut Vec::new()).unwrap();
    ttl(1_990_000, 2_000_000);
    store.touch_unlock(sid(), b"x", Duration::from_secs(3000), None, false).unwrap();
    read(&mut *store);
    ttl(2_990_000, 3_000_000);
    let lease = hold(&mut *store, HOUR);
    store.touch_unlock(sid(), b"x", Duration::from_secs(4000), Some(lease), false).unwrap();
    read(&mut *store);
    ttl(3_990_000, 4_000_000);
    // More than the server can count, and nothing at all.
    store.write(sid(), b"x", Duration::MAX).unwrap();
    assert!(store.touch(sid(), Duration::MAX).unwrap());
    store.write(sid(), b"x", Duration::ZERO).unwrap();
    assert!(support::wait_until(PATIENCE, || read(&mut *store).is_none()));
}

#[test]
fn a_record_that_vanished_is_stored_again() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut store = store(&server.tcp_dsn(""));
    for length in [6, 100_000] {
        let data = all_bytes(length);
        for (locked, extended) in [(false, false), (false, true), (true, false), (true, true)] {
            store.write(sid(), &data, HOUR).unwrap();
            let lease = locked.then(|| hold(&mut *store, HOUR));
            let () = other.del(KEY).unwrap();
            assert_eq!(store.touch_unlock(sid(), &data, HOUR, lease, extended).unwrap(), Committed::Done);
            assert!(read(&mut *store) == Some(data.clone()), "{length} bytes, locked {locked}, extended {extended}");
            let ttl: i64 = other.pttl(KEY).unwrap();
            assert!((3_500_000..=3_600_000).contains(&ttl), "{ttl}");
            assert!(!other.exists::<_, bool>(LOCK).unwrap(), "the lock must be free");
        }
    }
}

#[test]
fn a_record_and_a_lock_that_the_server_lost_are_stored_again() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut store = store(&server.tcp_dsn(""));
    store.write(sid(), b"mine", HOUR).unwrap();
    let lease = hold(&mut *store, HOUR);
    redis::cmd("FLUSHALL").exec(&mut other).unwrap();
    assert_eq!(store.touch_unlock(sid(), b"mine", HOUR, Some(lease), true).unwrap(), Committed::Done);
    assert_eq!(read(&mut *store).unwrap(), b"mine");
}

#[test]
fn an_unchanged_session_never_replaces_a_newer_record() {
    let server = server!();
    let mut store = store(&server.tcp_dsn(""));
    let mut newer = crate::store(&server.tcp_dsn(""));
    for length in [6, 100_000] {
        let old = all_bytes(length);
        store.write(sid(), &old, HOUR).unwrap();
        newer.write(sid(), b"newer", HOUR).unwrap();
        store.touch_unlock(sid(), &old, HOUR, None, true).unwrap();
        assert_eq!(read(&mut *store).unwrap(), b"newer");
        let lease = hold(&mut *store, Duration::from_millis(50));
        let LockState::Held(theirs) = lock(&mut *newer, PATIENCE, HOUR) else { panic!("the lease should run out") };
        newer.destroy_unlock(sid(), theirs).unwrap();
        store.touch_unlock(sid(), &old, HOUR, Some(lease), true).unwrap();
        assert_eq!(read(&mut *store), None, "a log-out is not undone");
    }
}

#[test]
fn nothing_is_left_behind() {
    let server = server!();
    let mut store = store(&server.tcp_dsn(""));
    let lease = hold(&mut *store, HOUR);
    store.write_unlock(sid(), b"x", HOUR, lease).unwrap();
    let lease = hold(&mut *store, HOUR);
    store.destroy_unlock(sid(), lease).unwrap();
    assert!(!store.exists(sid()).unwrap());
    assert_eq!(store.gc(Duration::ZERO).unwrap(), 0);
    assert_eq!(queue_keys(&server), [] as [&str; 0]);
    assert_eq!(server.client("", 0).keys::<_, Vec<String>>("*").unwrap(), [] as [&str; 0]);
}
