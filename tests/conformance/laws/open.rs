//! Lock, read and extend in one operation.

use crate::fixture::{Fixture, LONG, PATIENCE, becomes_free, held, hold, is_free, open_locked, read, sid};
use seshat::session::lock::{LockRequest, LockState};
use seshat::session::store::{OpenRequest, Opened, Store};
use std::time::Duration;

fn request(wait: Duration) -> OpenRequest<'static> {
    OpenRequest {
        lock: Some(LockRequest { wait, lease: LONG, holder: "pid 1 GET /law", max_waiters: None }),
        ..OpenRequest::default()
    }
}

fn open(store: &mut dyn Store, id: &str, request: &OpenRequest<'_>) -> (Opened, Vec<u8>) {
    let mut data = Vec::new();
    let opened = store.open(sid(id), request, &mut data).unwrap();
    (opened, data)
}

pub fn a_stranger_s_id_leaves_no_lock_and_no_record(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let wanted = if one.capabilities().locks { request(Duration::ZERO) } else { OpenRequest::default() };
    let (opened, data) = open(&mut *one, "forged", &OpenRequest { extend: Some(LONG), ..wanted });
    assert!(!opened.found);
    assert!(matches!(opened.lock, LockState::NotTaken), "{:?}", opened.lock);
    assert!(data.is_empty());
    assert_eq!(read(&mut *two, "forged"), None);
    if two.capabilities().locks {
        assert!(becomes_free(&mut *two, "forged"));
    }
}

pub fn an_unknown_id_is_locked_when_asked_for(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    if !one.capabilities().locks {
        return;
    }
    let (opened, data) = open_locked(&mut *one, "new", Duration::ZERO, LONG);
    assert!(!opened.found && data.is_empty());
    let lease = held(opened.lock);
    assert!(!is_free(&mut *two, "new"));
    assert_eq!(read(&mut *two, "new"), None, "opening makes no record");
    one.unlock(sid("new"), lease).unwrap();
    assert!(becomes_free(&mut *two, "new"));
}

pub fn opening_returns_the_data_and_the_lock(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    if !one.capabilities().locks {
        return;
    }
    for value in [&b"some data"[..], b"", b"\0\xff"] {
        one.write(sid("known"), value, LONG).unwrap();
        for lock_missing in [true, false] {
            // The release before this may be on its way still.
            let (opened, data) = open(&mut *one, "known", &OpenRequest { lock_missing, ..request(PATIENCE) });
            assert!(opened.found);
            assert_eq!(data, value);
            let lease = held(opened.lock);
            assert!(!is_free(&mut *two, "known"));
            one.unlock(sid("known"), lease).unwrap();
            assert!(becomes_free(&mut *two, "known"));
        }
    }
}

pub fn opening_without_a_lock_takes_none(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    one.write(sid("plain"), b"data", LONG).unwrap();
    let theirs = two.capabilities().locks.then(|| hold(&mut *two, "plain"));
    let (opened, data) = open(&mut *one, "plain", &OpenRequest::default());
    assert!(opened.found && matches!(opened.lock, LockState::NotTaken), "{opened:?}");
    assert_eq!(data, b"data", "a lock does not keep out those who read without one");
    let (opened, _) = open(&mut *one, "unknown", &OpenRequest { lock_missing: true, ..OpenRequest::default() });
    assert!(!opened.found && matches!(opened.lock, LockState::NotTaken), "{opened:?}");
    if let Some(lease) = theirs {
        two.unlock(sid("plain"), lease).unwrap();
        assert!(becomes_free(&mut *one, "plain"));
    }
}

pub fn opening_waits_for_the_lock_and_then_reads(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    if !one.capabilities().locks {
        return;
    }
    one.write(sid("waited"), b"old", LONG).unwrap();
    let lease = hold(&mut *one, "waited");
    let _ = two.exists(sid("waited")).unwrap();
    let thread = std::thread::spawn(move || {
        let (opened, data) = open(&mut *two, "waited", &request(PATIENCE));
        two.unlock(sid("waited"), held(opened.lock)).unwrap();
        data
    });
    one.write_unlock(sid("waited"), b"new", LONG, lease).unwrap();
    // Whether it came before or after the write: it must not have read before it had the lock.
    assert_eq!(thread.join().unwrap(), b"new");
}

pub fn a_busy_session_is_not_read(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    if !one.capabilities().locks {
        return;
    }
    one.write(sid("busy"), b"data", LONG).unwrap();
    let lease = hold(&mut *one, "busy");
    let (opened, data) = open(&mut *two, "busy", &request(Duration::ZERO));
    assert!(matches!(opened.lock, LockState::Busy(_)), "{:?}", opened.lock);
    assert!(!opened.found && data.is_empty(), "nothing is read without the lock that was asked for");
    one.unlock(sid("busy"), lease).unwrap();
    assert!(becomes_free(&mut *two, "busy"));
}

pub fn opening_extends_the_lifetime(fixture: &dyn Fixture) {
    extends(fixture, &OpenRequest { extend: Some(LONG), ..OpenRequest::default() });
}

pub fn opening_with_a_lock_extends_the_lifetime(fixture: &dyn Fixture) {
    if fixture.store().capabilities().locks {
        extends(fixture, &OpenRequest { extend: Some(LONG), ..request(Duration::ZERO) });
    }
}

fn extends(fixture: &dyn Fixture, request: &OpenRequest<'_>) {
    let mut store = fixture.store();
    let short = fixture.shortest_lifetime();
    store.write(sid("extended"), b"data", short).unwrap();
    store.write(sid("looked-at"), b"data", short).unwrap();
    let (opened, data) = open(&mut *store, "extended", request);
    assert!(opened.found);
    assert_eq!(data, b"data");
    if let LockState::Held(lease) = opened.lock {
        store.unlock(sid("extended"), lease).unwrap();
    }
    let (opened, _) = open(&mut *store, "looked-at", &OpenRequest { extend: None, ..*request });
    if let LockState::Held(lease) = opened.lock {
        store.unlock(sid("looked-at"), lease).unwrap();
    }
    fixture.outlive(&mut *store, short, &["looked-at"]);
    assert_eq!(read(&mut *store, "extended").unwrap(), b"data");
}

pub fn an_expired_record_is_not_found(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    fixture.write_and_outlive(&mut *store, &["expired"]);
    let wanted = if store.capabilities().locks { request(Duration::ZERO) } else { OpenRequest::default() };
    let (opened, data) = open(&mut *store, "expired", &OpenRequest { extend: Some(LONG), ..wanted });
    assert!(!opened.found && data.is_empty());
    assert!(matches!(opened.lock, LockState::NotTaken), "{:?}", opened.lock);
    assert_eq!(read(&mut *store, "expired"), None, "opening must not bring it back");
}
