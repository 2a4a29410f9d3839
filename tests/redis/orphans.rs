//! Locks whose release was refused, lost or never heard of: nobody waits for their lease.

use crate::{HOUR, ID, LOCK, PATIENCE, hold, lock, server, sid, store, support};
use redis::Commands;
use seshat::error::{Kind, Operation};
use seshat::session::id::SessionId;
use seshat::session::lock::{LockRequest, LockState};
use seshat::session::store::{OpenRequest, Store};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(5);

/// The worker serves somebody else's request.
fn serve_another(store: &mut dyn Store) {
    let other = SessionId::parse(b"another", Operation::Read).unwrap();
    let lock = Some(LockRequest { wait: Duration::ZERO, lease: HOUR, holder: "", max_waiters: None });
    let request = OpenRequest { lock, lock_missing: true, extend: Some(HOUR) };
    match store.open(other, &request, &mut Vec::new()).unwrap().lock {
        LockState::Held(lease) => store.unlock(other, lease).unwrap(),
        state => panic!("{state:?}"),
    }
}

fn ask(admin: &mut redis::Connection, command: &str) {
    let mut words = command.split(' ');
    let mut asked = redis::cmd(words.next().unwrap());
    words.for_each(|word| {
        asked.arg(if word == "''" { "" } else { word });
    });
    asked.exec(admin).unwrap();
}

#[test]
fn a_lock_that_was_asked_for_and_never_answered_is_given_back() {
    let server = server!();
    for dsn in [server.tcp_dsn("?read_timeout=200ms"), server.unix_dsn("?read_timeout=200ms&database=2")] {
        let mut one = store(&dsn);
        one.write(sid(), b"x", HOUR).unwrap();
        server.pause(true);
        let began = Instant::now();
        let request = OpenRequest {
            lock: Some(LockRequest { wait: PATIENCE, lease: HOUR, holder: "", max_waiters: None }),
            lock_missing: true,
            extend: None,
        };
        let error = one.open(sid(), &request, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
        assert!(began.elapsed() < SOON);
        server.pause(false);
        // The server carries out what it was sent. Another worker does not have to wait for an hour.
        let mut two = store(&dsn);
        match lock(&mut *two, SOON, HOUR) {
            LockState::Held(lease) => two.unlock(sid(), lease).unwrap(),
            state => panic!("{state:?}"),
        }
        drop(one);
    }
}

#[test]
fn a_release_that_was_refused_is_made_up_for_by_the_worker_s_next_request() {
    let server = server!();
    let mut admin = server.client("", 0);
    for (before, after) in
        [("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"), ("CONFIG SET requirepass secret", "CONFIG SET requirepass ''")]
    {
        for write in [true, false] {
            let mut one = store(&server.tcp_dsn(""));
            one.write(sid(), b"x", HOUR).unwrap();
            let lease = hold(&mut *one, HOUR);
            ask(&mut admin, before);
            if before.contains("requirepass") {
                ask(&mut admin, "CLIENT KILL SKIPME yes");
            }
            if write {
                one.write_unlock(sid(), b"y", HOUR, lease).unwrap_err();
            } else {
                // Nobody waits for this one's refusal.
                let _ = one.unlock(sid(), lease);
            }
            ask(&mut admin, after);
            assert!(!write || admin.exists::<_, bool>(LOCK).unwrap(), "{before}");
            assert!(support::wait_until(SOON, || {
                // What is noticed with one request's answer is made up for by the next.
                serve_another(&mut *one);
                !admin.exists::<_, bool>(LOCK).unwrap()
            }));
        }
    }
}

#[test]
fn a_worker_does_not_wait_for_itself() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut one = store(&server.tcp_dsn(""));
    for wait in [Duration::ZERO, PATIENCE] {
        one.write(sid(), b"x", HOUR).unwrap();
        let lease = hold(&mut *one, HOUR);
        ask(&mut admin, "SCRIPT FLUSH");
        assert!(one.touch_unlock(sid(), b"x", HOUR, Some(lease), true).is_ok());
        let began = Instant::now();
        match lock(&mut *one, wait, HOUR) {
            LockState::Held(lease) => one.unlock(sid(), lease).unwrap(),
            state => panic!("{state:?}"),
        }
        assert!(began.elapsed() < SOON);
    }
    assert!(support::wait_until(SOON, || !admin.exists::<_, bool>(LOCK).unwrap()), "{ID} stays locked");
}

#[test]
fn a_lock_that_survived_its_server_s_crash_is_given_back() {
    let mut server = server!("--appendonly", "yes", "--appendfsync", "always");
    let mut one = store(&server.tcp_dsn(""));
    let lease = hold(&mut *one, HOUR);
    server.stop();
    assert_eq!(one.write_unlock(sid(), b"x", HOUR, lease).unwrap_err().kind(), Kind::Unavailable);
    server.restart();
    assert!(server.client("", 0).exists::<_, bool>(LOCK).unwrap());
    serve_another(&mut *one);
    assert!(!server.client("", 0).exists::<_, bool>(LOCK).unwrap());
}

#[test]
fn a_release_that_nobody_heard_is_made_up_for_by_a_request_that_wants_no_lock() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut one = store(&server.tcp_dsn(""));
    one.write(sid(), b"x", HOUR).unwrap();
    let lease = hold(&mut *one, HOUR);
    ask(&mut admin, "SCRIPT FLUSH");
    one.touch_unlock(sid(), b"x", HOUR, Some(lease), true).unwrap();
    assert!(support::wait_until(SOON, || {
        one.open(sid(), &OpenRequest { extend: Some(HOUR), ..OpenRequest::default() }, &mut Vec::new()).unwrap();
        !admin.exists::<_, bool>(LOCK).unwrap()
    }));
}
