//! The short way to a lock that is free: plain commands on a connection that was used before.

use crate::{HOUR, KEY, LOCK, PATIENCE, hold, server, sid, store, support};
use redis::Commands;
use seshat::error::Kind;
use seshat::session::lock::{LockRequest, LockState};
use seshat::session::store::{OpenRequest, Opened, Store};
use std::time::Duration;

fn open(store: &mut dyn Store, lock_missing: bool, into: &mut Vec<u8>) -> seshat::error::Result<Opened> {
    let lock = Some(LockRequest { wait: Duration::ZERO, lease: HOUR, holder: "", max_waiters: None });
    store.open(sid(), &OpenRequest { lock, lock_missing, extend: Some(HOUR) }, into)
}

/// A store whose connection is set up, so that the short way is open to it.
fn warm(dsn: &str) -> Box<dyn Store> {
    let mut store = store(dsn);
    store.exists(sid()).unwrap();
    store
}

#[test]
fn an_unknown_id_leaves_no_lock() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut one = warm(&server.tcp_dsn(""));
    let opened = open(&mut *one, false, &mut Vec::new()).unwrap();
    assert!(!opened.found && matches!(opened.lock, LockState::NotTaken));
    assert!(support::wait_until(PATIENCE, || !admin.exists::<_, bool>(LOCK).unwrap()));
    assert!(!admin.exists::<_, bool>(KEY).unwrap());
}

#[test]
fn a_record_that_cannot_be_read_leaves_no_lock() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut one = warm(&server.tcp_dsn(""));
    let () = admin.rpush(KEY, "a list").unwrap();
    assert_eq!(open(&mut *one, true, &mut Vec::new()).unwrap_err().kind(), Kind::Corrupt);
    assert!(support::wait_until(PATIENCE, || !admin.exists::<_, bool>(LOCK).unwrap()));
    assert_eq!(admin.llen::<_, i64>(KEY).unwrap(), 1, "what is there stays");
}

#[test]
fn what_came_along_with_a_refusal_is_not_handed_out() {
    let server = server!();
    let mut holder = store(&server.tcp_dsn(""));
    holder.write(sid(), b"theirs", HOUR).unwrap();
    let lease = hold(&mut *holder, HOUR);
    let mut one = warm(&server.tcp_dsn(""));
    let mut data = Vec::new();
    let opened = open(&mut *one, true, &mut data).unwrap();
    assert!(matches!(opened.lock, LockState::Busy(by) if by.holder.as_deref() == Some("pid 7 GET /cart")));
    assert!(!opened.found && data.is_empty());
    holder.unlock(sid(), lease).unwrap();
    assert!(support::wait_until(PATIENCE, || {
        data.clear();
        matches!(open(&mut *one, true, &mut data).unwrap().lock, LockState::Held(_))
    }));
    assert_eq!(data, b"theirs", "once, not twice");
}

#[test]
fn a_server_that_never_saw_the_script_gets_its_locks_back_all_the_same() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut one = warm(&server.tcp_dsn(""));
    one.write(sid(), b"x", HOUR).unwrap();
    for _ in 0..2 {
        let mut data = Vec::new();
        let LockState::Held(lease) = open(&mut *one, true, &mut data).unwrap().lock else { panic!("it was free") };
        one.touch_unlock(sid(), &data, HOUR, Some(lease), true).unwrap();
        assert!(support::wait_until(PATIENCE, || !admin.exists::<_, bool>(LOCK).unwrap()));
        // As after a restart: the connection goes on, the server has forgotten.
        let () = redis::cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal").query(&mut admin).unwrap();
        let () = redis::cmd("SCRIPT").arg("FLUSH").query(&mut admin).unwrap();
    }
}
