//! The lock of a session is the connection's, and its row's version where there is none.

use crate::{
    HOUR, ID, PATIENCE, handler, hold, lock, locking, named, read, server, shared, sid, store, support, table, told,
};
use seshat::error::Kind;
use seshat::session::handler::{Caller, OnLockLost, Policy};
use seshat::session::lock::LockState;
use seshat::session::store::{Committed, Store};
use std::time::{Duration, Instant};

fn is_busy(store: &mut dyn Store) -> bool {
    matches!(lock(store, Duration::ZERO), LockState::Busy(_))
}

#[test]
fn tables_and_databases_have_locks_of_their_own() {
    let server = shared!();
    server.sql("CREATE DATABASE IF NOT EXISTS locks2");
    let mut one = table(&server, "locks1");
    let lease = hold(&mut *one);
    assert!(is_busy(&mut *table(&server, "locks1")));
    drop(hold(&mut *table(&server, "locks2")));
    drop(hold(&mut *store(&server.unix_dsn("?database=locks2&create_table=1&table=locks1"))));
    one.unlock(sid(), lease).unwrap();
}

/// A worker may have several handlers with the same settings, and a session may be in both.
#[test]
fn two_handlers_of_one_process_do_not_share_a_lock() {
    let server = shared!();
    let dsn = server.unix_dsn("?database=shop&create_table=1&table=pair");
    let policy = Policy { lock_wait: Duration::ZERO, ..Policy::default() };
    let (mut one, mut two) = (handler(&dsn, policy.clone()), handler(&dsn, policy));
    one.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    assert_eq!(two.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap_err().kind(), Kind::Locked);
    two.close().unwrap();
    one.write(ID.as_bytes(), b"one", Caller::Engine, HOUR).unwrap();
    assert_eq!(two.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"one");
    assert_eq!(one.read(b"another", Caller::Engine, HOUR).unwrap(), b"");
    one.close().unwrap();
    two.close().unwrap();
}

/// A server counts how often a connection took a lock, and would hand it out again.
#[test]
fn a_handle_does_not_get_its_own_lock_again() {
    let server = shared!();
    let mut one = table(&server, "twice");
    let lease = hold(&mut *one);
    let asked = Instant::now();
    assert!(matches!(lock(&mut *one, PATIENCE), LockState::Busy(_)));
    assert!(asked.elapsed() < PATIENCE / 2, "waited for itself");
    one.unlock(sid(), lease).unwrap();
    assert!(support::wait_until(PATIENCE, || !is_busy(&mut *table(&server, "twice"))));
}

#[test]
fn a_killed_holder_frees_the_lock_and_cannot_write() {
    let server = shared!();
    let (mut one, mut two) = (table(&server, "killed"), table(&server, "killed"));
    for changed in [true, false] {
        one.write(sid(), b"old", HOUR).unwrap();
        let lease = hold(&mut *one);
        let ours = server.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'seshat'");
        assert!(ours.parse::<u32>().unwrap() >= 1);
        kill(&server, "killed");
        let theirs = match lock(&mut *two, PATIENCE) {
            LockState::Held(lease) => lease,
            other => panic!("{other:?}"),
        };
        assert_eq!(two.write_unlock(sid(), b"new", HOUR, theirs).unwrap(), Committed::Done);
        let outcome = if changed {
            one.write_unlock(sid(), b"late", HOUR, lease)
        } else {
            one.touch_unlock(sid(), b"old", HOUR, Some(lease), false)
        };
        assert_eq!(outcome.unwrap(), Committed::LeaseLost);
        assert_eq!(read(&mut *one).unwrap(), b"new");
        assert!(support::wait_until(PATIENCE, || !is_busy(&mut *table(&server, "killed"))));
    }
}

/// Ends the connection that holds the lock of the session in this table.
fn kill(server: &crate::MariadbServer, table: &str) {
    let hash = server.sql(&format!("SELECT SHA2(CONCAT('shop', CHAR(0), '{table}', CHAR(0), '{ID}'), 256)"));
    let name = format!("seshat.{}", &hash[..40]);
    let holder = server.sql(&format!("SELECT IS_USED_LOCK('{name}')"));
    assert_ne!(holder, "NULL", "nobody holds {name}");
    server.sql(&format!("KILL {holder}"));
    let used = || server.sql(&format!("SELECT IS_USED_LOCK('{name}')")) == holder;
    assert!(support::wait_until(PATIENCE, || !used()));
}

/// The whole of it, as PHP calls it.
#[test]
fn a_session_whose_connection_was_killed_in_mid_request() {
    let server = shared!();
    let dsn = server.unix_dsn("?database=shop&create_table=1&table=midway");
    let looks = || server.sql("SELECT data FROM midway");
    let mut subject = handler(&dsn, Policy::default());
    let mut other = table(&server, "midway");
    let mut begin = || {
        other.write(sid(), b"old", HOUR).unwrap();
        let mut subject = handler(&dsn, Policy::default());
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"old");
        kill(&server, "midway");
        subject
    };
    // Nobody came between: stored, as if nothing had been.
    let mut undisturbed = begin();
    undisturbed.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
    undisturbed.close().unwrap();
    assert_eq!(looks(), "new");
    // Somebody did: theirs stays.
    let mut overtaken = begin();
    server.sql("UPDATE midway SET data = 'theirs'");
    let error = overtaken.write(ID.as_bytes(), b"late", Caller::Engine, HOUR).unwrap_err();
    told(&error, Kind::LockLost, &["lost its lock with the connection", "changed by another"]);
    overtaken.close().unwrap();
    assert_eq!(looks(), "theirs");
    // Somebody logged out: nobody logs in again.
    for changed in [true, false] {
        let mut ended = begin();
        server.sql("DELETE FROM midway");
        let outcome = if changed {
            ended.write(ID.as_bytes(), b"late", Caller::Engine, HOUR)
        } else {
            ended.touch(ID.as_bytes(), b"old", Caller::Engine, HOUR)
        };
        told(&outcome.unwrap_err(), Kind::LockLost, &["ended by another"]);
        ended.close().unwrap();
        assert_eq!(looks(), "");
    }
    // Not locked by anybody afterwards.
    subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    subject.close().unwrap();
}

#[test]
fn an_idle_connection_that_the_server_closed_is_made_anew() {
    let server = server!("--wait-timeout=1");
    let mut one = table(&server, "sessions");
    one.write(sid(), b"a", HOUR).unwrap();
    let ours = || server.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'seshat'");
    assert!(support::wait_until(PATIENCE, || ours() == "0"));
    assert_eq!(read(&mut *one).unwrap(), b"a");
    let lease = hold(&mut *one);
    assert_eq!(one.write_unlock(sid(), b"b", HOUR, lease).unwrap(), Committed::Done);
    // And under a lock it is noticed.
    let lease = hold(&mut *one);
    assert!(support::wait_until(PATIENCE, || ours() == "0"));
    assert_eq!(one.write_unlock(sid(), b"c", HOUR, lease).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *one).unwrap(), b"b");
}

#[test]
fn an_interrupted_wait_is_told_or_goes_on() {
    let server = shared!();
    let (mut one, mut two) = (table(&server, "waiting"), table(&server, "waiting"));
    assert_eq!(read(&mut *two), None);
    let lease = hold(&mut *one);
    let thread = std::thread::spawn(move || {
        let asked = Instant::now();
        let request = seshat::session::lock::LockRequest {
            wait: Duration::from_secs(3),
            lease: HOUR,
            holder: "",
            max_waiters: None,
        };
        let outcome = two.lock(sid(), &request).map(|state| matches!(state, LockState::Held(_)));
        (outcome, asked.elapsed())
    });
    let waiting = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT GET_LOCK%' AND state = 'User lock' \
                   LIMIT 1";
    assert!(support::wait_until(PATIENCE, || !server.sql(waiting).is_empty()));
    let _ = server.try_sql(&format!("KILL QUERY {}", server.sql(waiting)));
    let (outcome, took) = thread.join().unwrap();
    match outcome {
        Ok(held) => assert!(!held, "it is ours"),
        Err(error) => told(&error, Kind::Unavailable, &["interrupted"]),
    }
    assert!(took < PATIENCE);
    one.unlock(sid(), lease).unwrap();
    assert!(support::wait_until(PATIENCE, || !is_busy(&mut *table(&server, "waiting"))));
}

fn optimistic(server: &crate::MariadbServer, table: &str) -> Box<dyn Store> {
    store(&server.unix_dsn(&format!("?database=shop&create_table=1&locking=optimistic&table={table}")))
}

#[test]
fn an_optimistic_write_finds_out_that_another_came_first() {
    let server = shared!();
    let (mut one, mut two) = (optimistic(&server, "versions"), optimistic(&server, "versions"));
    // New, by both.
    let (first, second) = (hold(&mut *one), hold(&mut *two));
    assert_eq!(one.write_unlock(sid(), b"1", HOUR, first).unwrap(), Committed::Done);
    assert_eq!(two.write_unlock(sid(), b"2", HOUR, second).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *two).unwrap(), b"1");
    // Changed.
    let (first, second) = (hold(&mut *one), hold(&mut *two));
    assert!(one.renew(sid(), &first, HOUR).unwrap());
    assert_eq!(two.write_unlock(sid(), b"3", HOUR, second).unwrap(), Committed::Done);
    assert!(!one.renew(sid(), &first, HOUR).unwrap());
    assert_eq!(one.write_unlock(sid(), b"4", HOUR, first).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *two).unwrap(), b"3");
    // Ended.
    let (first, second) = (hold(&mut *one), hold(&mut *two));
    two.destroy_unlock(sid(), second).unwrap();
    assert_eq!(one.write_unlock(sid(), b"5", HOUR, first).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *two), None);
    // Over the remains of an expired one.
    one.write(sid(), b"old", HOUR).unwrap();
    server.sql("UPDATE versions SET expires_at = 1");
    let first = hold(&mut *one);
    assert_eq!(one.write_unlock(sid(), b"6", HOUR, first).unwrap(), Committed::Done);
    assert_eq!(read(&mut *two).unwrap(), b"6");
}

#[test]
fn an_optimistic_handler_keeps_the_newer_data() {
    let server = shared!();
    let dsn = server.unix_dsn("?database=shop&create_table=1&locking=optimistic&table=newer");
    let id = ID.as_bytes();
    for (policy, expected) in [(OnLockLost::Fail, "theirs"), (OnLockLost::Overwrite, "ours")] {
        let policy = Policy { on_lock_lost: policy, ..Policy::default() };
        let (mut one, mut two) = (handler(&dsn, policy.clone()), handler(&dsn, policy));
        one.write(id, b"old", Caller::Direct, HOUR).unwrap();
        assert_eq!(one.read(id, Caller::Engine, HOUR).unwrap(), b"old");
        assert_eq!(two.read(id, Caller::Engine, HOUR).unwrap(), b"old", "nobody waits");
        two.write(id, b"theirs", Caller::Engine, HOUR).unwrap();
        two.close().unwrap();
        match one.write(id, b"ours", Caller::Engine, HOUR) {
            Ok(()) => assert_eq!(expected, "ours"),
            Err(error) => told(&error, Kind::LockLost, &["not locked (locking=optimistic)", "changed by another"]),
        }
        one.close().unwrap();
        assert_eq!(server.sql("SELECT data FROM newer"), expected);
    }
    // A log-out stays one, whether or not the other request changed something.
    for changed in [true, false] {
        let (mut one, mut two) = (handler(&dsn, locking(true)), handler(&dsn, locking(true)));
        one.write(id, b"old", Caller::Direct, HOUR).unwrap();
        one.read(id, Caller::Engine, HOUR).unwrap();
        two.read(id, Caller::Engine, HOUR).unwrap();
        two.destroy(id, Caller::Engine).unwrap();
        if changed {
            told(&one.write(id, b"new", Caller::Engine, HOUR).unwrap_err(), Kind::LockLost, &["ended by another"]);
        } else {
            let _ = one.touch(id, b"old", Caller::Engine, HOUR);
        }
        one.close().unwrap();
        assert_eq!(server.sql("SELECT COUNT(*) FROM newer"), "0");
    }
}

#[test]
fn a_lock_that_is_waited_for_is_had_when_it_is_free() {
    let server = shared!();
    let mut one = table(&server, "handed");
    let lease = hold(&mut *one);
    let mut two = table(&server, "handed");
    assert_eq!(two.read(named("x"), &mut Vec::new()).ok(), Some(false));
    let thread = std::thread::spawn(move || matches!(lock(&mut *two, PATIENCE), LockState::Held(_)));
    let waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User lock'";
    assert!(support::wait_until(PATIENCE, || server.sql(waiting) != "0"));
    one.unlock(sid(), lease).unwrap();
    assert!(thread.join().unwrap());
}
