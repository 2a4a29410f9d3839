//! What is stored, and for how long.

use crate::{HOUR, ID, KEY, LOCK, hold, named, read, server, sid, store, support};
use seshat::error::Kind;
use seshat::session::lock::Lease;
use seshat::session::store::Committed;
use std::time::Duration;

/// `t` of a meta get: the seconds that an item has left.
fn left(server: &crate::memcached_server::MemcachedServer, key: &str) -> i64 {
    server.say(&format!("mg {key} t")).strip_prefix("HD t").expect("an item").parse().unwrap()
}

#[test]
fn a_session_is_where_php_memcached_has_it() {
    let server = server!();
    let mut one = store(&server.dsn(""));
    one.write(sid(), b"a|i:1;", HOUR).unwrap();
    assert_eq!(server.item(KEY), Some((0, b"a|i:1;".to_vec())));
    let lease = hold(&mut *one, HOUR);
    let (_, value) = server.item(LOCK).expect("a lock");
    assert_eq!(value, [&lease.token.as_bytes()[..], b" pid 7 GET /cart"].concat());
    one.unlock(sid(), lease).unwrap();
    assert!(support::wait_until(crate::PATIENCE, || server.item(LOCK).is_none()));
}

#[test]
fn lifetimes_beyond_thirty_days_and_beyond_2038() {
    let server = server!();
    let mut one = store(&server.dsn(""));
    for days in [30_i64, 31, 3650] {
        let wanted = days * 86_400;
        one.write(sid(), b"a", Duration::from_secs(wanted.unsigned_abs())).unwrap();
        let left = left(&server, KEY);
        assert!((wanted - 60..=wanted + 2).contains(&left), "{days} days: {left} s");
        assert!(one.touch(sid(), Duration::from_secs(wanted.unsigned_abs())).unwrap());
        assert!((wanted - 60..=wanted + 2).contains(&crate::data::left(&server, KEY)), "touched");
    }
    one.write(sid(), b"a", Duration::from_secs(u64::from(u32::MAX))).unwrap();
    assert_eq!(left(&server, KEY), -1, "kept as long as the server keeps anything");
}

#[test]
fn what_is_too_large_says_what_to_do() {
    let server = server!();
    let mut one = store(&server.dsn(""));
    let large = vec![b'x'; 2 << 20];
    let error = one.write(sid(), &large, HOUR).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert!(error.to_string().contains("-I"), "{error}");
    // The connection is as good as before, and a lock is free again.
    let lease = hold(&mut *one, HOUR);
    assert_eq!(one.write_unlock(sid(), &large, HOUR, lease).unwrap_err().kind(), Kind::TooLarge);
    let lease = hold(&mut *store(&server.dsn("")), HOUR);
    one.unlock(sid(), lease).unwrap();
    one.write(sid(), b"small", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"small");
}

#[test]
fn a_full_server_that_may_not_evict_says_so() {
    let server = server!("-m", "2", "-M");
    let mut one = store(&server.dsn(""));
    let value = vec![b'x'; 100_000];
    let error = (0..200).find_map(|number| {
        let id = format!("{ID}{number}");
        one.write(named(&id), &value, HOUR).err()
    });
    let error = error.expect("the server must be full");
    assert_eq!(error.kind(), Kind::Full);
    assert!(error.to_string().contains("-m"), "{error}");
}

#[test]
fn a_session_whose_lock_was_evicted_is_kept() {
    let server = server!("-m", "2");
    let mut one = store(&server.dsn(""));
    one.write(sid(), b"first", HOUR).unwrap();
    let lease = hold(&mut *one, HOUR);
    let mut other = store(&server.dsn(""));
    // Items of the lock's size: each size has memory of its own. The look at it must not count as use.
    let value = vec![b'x'; 52];
    let evicted = (0..100_000).any(|number| {
        other.write(named(&format!("0123456789abcdefghij{number:012}")), &value, HOUR).unwrap();
        number % 1000 == 0 && server.say(&format!("mg {LOCK} u")) == "EN"
    });
    assert!(evicted, "the lock should have been evicted");
    assert_eq!(server.say(&format!("delete {KEY}")), "DELETED");
    let outcome =
        one.touch_unlock(sid(), b"first", HOUR, Some(Lease { token: lease.token, guard: None }), true).unwrap();
    assert_eq!(outcome, Committed::Done);
    assert!(support::wait_until(crate::PATIENCE, || server.item(KEY).is_some()), "stored again");
}

#[test]
fn the_older_commands_store_the_same() {
    let server = server!();
    let (mut meta, mut text) = (store(&server.dsn("?protocol=meta")), store(&server.dsn("?protocol=text")));
    meta.write(sid(), b"one", HOUR).unwrap();
    assert_eq!(read(&mut *text).unwrap(), b"one");
    let lease = hold(&mut *text, HOUR);
    assert!(matches!(crate::lock(&mut *meta, Duration::ZERO, HOUR), seshat::session::lock::LockState::Busy(_)));
    assert_eq!(text.write_unlock(sid(), b"two", HOUR, lease).unwrap(), Committed::Done);
    let lease = hold(&mut *meta, HOUR);
    assert_eq!(read(&mut *meta).unwrap(), b"two");
    meta.unlock(sid(), lease).unwrap();
}

#[test]
fn what_is_no_session_is_told_and_leaves_no_lock() {
    let server = server!();
    for dialect in ["?protocol=meta", "?protocol=text", "?protocol=binary"] {
        let mut one = store(&server.dsn(dialect));
        // The flags of a value that igbinary wrote.
        assert_eq!(server.say(&format!("set {KEY} 5 0 3\r\nabc")), "STORED");
        let request = seshat::session::store::OpenRequest {
            lock: Some(seshat::session::lock::LockRequest { lease: HOUR, ..Default::default() }),
            lock_missing: true,
            extend: None,
        };
        let error = one.open(sid(), &request, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Corrupt, "{error}");
        assert!(error.to_string().contains("igbinary"), "{error}");
        assert!(server.item(LOCK).is_none(), "{dialect}");
        assert_eq!(server.item(KEY), Some((5, b"abc".to_vec())), "it stays as it is");
    }
}
