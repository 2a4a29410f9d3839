//! Write, touch and destroy with the release of the lock.
//!
//! A store may send these without waiting for the answer: what they did is looked for with a
//! deadline, from another handle.

use crate::fixture::{Fixture, LONG, PATIENCE, becomes_free, held, hold, is_free, lock, read, sid};
use crate::support::wait_until;
use seshat::session::lock::Lease;
use seshat::session::store::{Committed, Store};
use std::time::Duration;

/// A lease of `one` that ran out, and the lease of `two`, who has the lock now.
fn overtaken(fixture: &dyn Fixture, one: &mut dyn Store, two: &mut dyn Store, id: &str) -> (Lease, Lease) {
    let lease = fixture.shortest_lease();
    let stale = held(lock(one, id, Duration::ZERO, lease));
    fixture.outlive_lease(lease);
    (stale, held(lock(two, id, PATIENCE, LONG)))
}

fn leases_run_out(fixture: &dyn Fixture) -> bool {
    let abilities = fixture.store().capabilities();
    abilities.locks && !abilities.lock_dies_with_holder
}

fn locks(fixture: &dyn Fixture) -> bool {
    fixture.store().capabilities().locks
}

fn becomes(store: &mut dyn Store, id: &str, expected: Option<&[u8]>) -> bool {
    wait_until(PATIENCE, || read(store, id).as_deref() == expected)
}

pub fn write_unlock_stores_and_frees(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    for value in [&b"first"[..], b"", b"second \0\xff", &vec![b'z'; fixture.largest_record().min(1 << 20)]] {
        // The release of whoever looked whether it is free may be on its way still.
        let lease = held(lock(&mut *one, "saved", PATIENCE, LONG));
        assert_eq!(one.write_unlock(sid("saved"), value, LONG, lease).unwrap(), Committed::Done);
        assert!(read(&mut *two, "saved").as_deref() == Some(value), "{} bytes", value.len());
        assert!(becomes_free(&mut *two, "saved"));
        // The release of that may still be under way, and would meet the next lock on another connection.
        assert!(becomes_free(&mut *one, "saved"));
    }
    let short = fixture.shortest_lifetime();
    let lease = held(lock(&mut *one, "saved", PATIENCE, LONG));
    one.write_unlock(sid("saved"), b"brief", short, lease).unwrap();
    fixture.outlive(&mut *two, short, &["saved"]);
}

pub fn write_unlock_of_a_lost_lease_keeps_the_newer_data(fixture: &dyn Fixture) {
    if !leases_run_out(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    one.write(sid("fenced"), b"old", LONG).unwrap();
    let (stale, ours) = overtaken(fixture, &mut *one, &mut *two, "fenced");
    assert_eq!(two.write_unlock(sid("fenced"), b"newer", LONG, ours).unwrap(), Committed::Done);
    assert_eq!(one.write_unlock(sid("fenced"), b"late", LONG, stale).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *two, "fenced").unwrap(), b"newer");
    assert!(becomes_free(&mut *two, "fenced"));
}

pub fn write_unlock_of_a_lost_lease_leaves_the_new_holder_alone(fixture: &dyn Fixture) {
    if !leases_run_out(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let (stale, ours) = overtaken(fixture, &mut *one, &mut *two, "taken");
    assert_eq!(one.write_unlock(sid("taken"), b"late", LONG, stale).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *one, "taken"), None);
    assert!(!is_free(&mut *one, "taken"), "the lock of the new holder must stay");
    assert_eq!(two.write_unlock(sid("taken"), b"newer", LONG, ours).unwrap(), Committed::Done);
    assert_eq!(read(&mut *one, "taken").unwrap(), b"newer");
}

pub fn write_unlock_of_an_unlocked_lease_is_refused(fixture: &dyn Fixture) {
    if !leases_run_out(fixture) {
        return;
    }
    // A lease that is over is over, also when nobody took the lock since: somebody may have had it in between.
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let (stale, ours) = overtaken(fixture, &mut *one, &mut *two, "over");
    two.unlock(sid("over"), ours).unwrap();
    assert!(becomes_free(&mut *two, "over"));
    assert_eq!(one.write_unlock(sid("over"), b"late", LONG, stale).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *two, "over"), None);
    assert!(becomes_free(&mut *two, "over"), "a refused write leaves no lock behind");
}

pub fn touch_unlock_extends_and_frees(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let short = fixture.shortest_lifetime();
    one.write(sid("kept"), b"data", short).unwrap();
    one.write(sid("left"), b"data", short).unwrap();
    let lease = hold(&mut *one, "kept");
    assert_eq!(one.touch_unlock(sid("kept"), b"data", LONG, Some(lease), false).unwrap(), Committed::Done);
    assert!(becomes_free(&mut *two, "kept"));
    fixture.outlive(&mut *two, short, &["left"]);
    assert_eq!(read(&mut *two, "kept").unwrap(), b"data");
}

pub fn touch_unlock_restores_what_vanished_under_a_lease(fixture: &dyn Fixture) {
    restores(fixture, true, false);
}

pub fn touch_unlock_restores_what_vanished_after_an_early_extension(fixture: &dyn Fixture) {
    restores(fixture, true, true);
}

pub fn touch_unlock_restores_without_a_lease(fixture: &dyn Fixture) {
    restores(fixture, false, false);
    restores(fixture, false, true);
}

fn restores(fixture: &dyn Fixture, with_lease: bool, extended: bool) {
    if with_lease && !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    for data in [&b"data"[..], b"", b"\0\xff"] {
        one.write(sid("vanished"), data, LONG).unwrap();
        let lease = with_lease.then(|| held(lock(&mut *one, "vanished", PATIENCE, LONG)));
        two.destroy(sid("vanished")).unwrap();
        assert_eq!(one.touch_unlock(sid("vanished"), data, LONG, lease, extended).unwrap(), Committed::Done);
        assert!(becomes(&mut *two, "vanished", Some(data)), "{data:?} must be stored again");
        if locks(fixture) {
            assert!(becomes_free(&mut *two, "vanished"));
        }
    }
}

pub fn touch_unlock_without_a_lease_extends(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let short = fixture.shortest_lifetime();
    one.write(sid("kept"), b"data", short).unwrap();
    one.write(sid("left"), b"data", short).unwrap();
    // The data is there for a record that vanished; one that is there keeps what it has.
    assert_eq!(one.touch_unlock(sid("kept"), b"other", LONG, None, false).unwrap(), Committed::Done);
    fixture.outlive(&mut *two, short, &["left"]);
    assert!(becomes(&mut *two, "kept", Some(b"data")), "nobody waited for the extension");
}

pub fn touch_unlock_after_an_early_extension_keeps_and_frees(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    one.write(sid("kept"), b"data", LONG).unwrap();
    let lease = hold(&mut *one, "kept");
    assert_eq!(one.touch_unlock(sid("kept"), b"data", LONG, Some(lease), true).unwrap(), Committed::Done);
    assert!(becomes_free(&mut *two, "kept"));
    assert_eq!(read(&mut *two, "kept").unwrap(), b"data");
}

pub fn touch_unlock_of_a_lost_lease_does_not_bring_back_what_was_destroyed(fixture: &dyn Fixture) {
    if !leases_run_out(fixture) {
        return;
    }
    for extended in [false, true] {
        let (mut one, mut two) = (fixture.store(), fixture.store());
        one.write(sid("logged-out"), b"data", LONG).unwrap();
        let (stale, ours) = overtaken(fixture, &mut *one, &mut *two, "logged-out");
        two.destroy_unlock(sid("logged-out"), ours).unwrap();
        assert!(becomes_free(&mut *two, "logged-out"));
        // Done is an answer only of a store that does not wait for one.
        let _ = one.touch_unlock(sid("logged-out"), b"data", LONG, Some(stale), extended).unwrap();
        assert_eq!(read(&mut *one, "logged-out"), None, "a log-out must not be undone (extended: {extended})");
        assert_eq!(read(&mut *two, "logged-out"), None);
        assert!(becomes_free(&mut *two, "logged-out"));
    }
}

pub fn touch_unlock_of_a_lost_lease_keeps_the_newer_data(fixture: &dyn Fixture) {
    if !leases_run_out(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    one.write(sid("newer"), b"old", LONG).unwrap();
    let (stale, ours) = overtaken(fixture, &mut *one, &mut *two, "newer");
    let _ = one.touch_unlock(sid("newer"), b"old", LONG, Some(stale), false).unwrap();
    let _ = one.exists(sid("newer")).unwrap();
    assert!(!is_free(&mut *one, "newer"), "the lock of the new holder must stay");
    assert_eq!(two.write_unlock(sid("newer"), b"newer", LONG, ours).unwrap(), Committed::Done);
    assert_eq!(read(&mut *one, "newer").unwrap(), b"newer");
}

pub fn destroy_unlock_removes_and_frees(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    one.write(sid("ended"), b"data", LONG).unwrap();
    let lease = hold(&mut *one, "ended");
    one.destroy_unlock(sid("ended"), lease).unwrap();
    assert_eq!(read(&mut *two, "ended"), None);
    assert!(becomes_free(&mut *two, "ended"));
}

pub fn destroy_unlock_of_what_is_not_there_frees(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = hold(&mut *one, "never");
    one.destroy_unlock(sid("never"), lease).unwrap();
    assert!(becomes_free(&mut *two, "never"));
    assert_eq!(read(&mut *two, "never"), None);
}
