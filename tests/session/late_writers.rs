//! The lease was lost before the end of the request.

use crate::double::{LIFETIME, World, sid};
use seshat::error::{Error, Kind};
use seshat::session::handler::{Caller, Handler, OnLockLost, Policy};
use seshat::session::store::{Committed, Store};
use std::time::Duration;

const ENGINE: Caller = Caller::Engine;

/// A handler that has read "known" ("cart=1") with a lease that is over soon.
fn slow_request(world: &World) -> Handler {
    let lock_expire = Duration::from_millis(30);
    let mut handler = world.handler_with(Policy { lock_expire, lock_wait: Duration::ZERO, ..Policy::default() });
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
    world.calls();
    handler
}

/// The same after another request had the session, waiting for the lease to end, and did `this`.
fn overtaken(this: impl FnOnce(&World)) -> (World, Handler) {
    let world = World::with("known", b"cart=1");
    let handler = slow_request(&world);
    let lease = world.lock_as_other("known");
    this(&world);
    world.other().unlock(sid("known"), lease).unwrap();
    (world, handler)
}

fn refused(result: Result<(), Error>) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), Kind::LockLost);
    let message = error.to_string();
    assert!(message.contains("0.03 s (lock_expire)"), "{message}");
    assert!(!message.contains("  ") && !message.contains("known "), "{message}");
}

#[test]
fn newer_data_survives() {
    let (world, mut handler) = overtaken(|world| world.other().write(sid("known"), b"cart=9", LIFETIME).unwrap());
    refused(handler.write(b"known", b"cart=2", ENGINE, LIFETIME));
    assert_eq!(world.stored("known").unwrap(), b"cart=9");
    assert!(!world.is_locked("known"), "a refused write leaves no lock");
    assert_eq!(world.calls(), ["write_unlock known 1440", "lock known wait=0", "read known", "unlock known"]);
    handler.close().unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=9");
}

#[test]
fn a_refused_write_stays_refused() {
    let (world, mut handler) = overtaken(|world| world.other().write(sid("known"), b"cart=9", LIFETIME).unwrap());
    refused(handler.write(b"known", b"cart=2", ENGINE, LIFETIME));
    world.calls();
    refused(handler.write(b"known", b"cart=2", ENGINE, LIFETIME));
    assert_eq!(world.calls(), Vec::<String>::new());
    world.other().destroy(sid("known")).unwrap();
    handler.touch(b"known", b"cart=1", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known"), None);
    handler.close().unwrap();
    // The next request starts from what is stored, and may write.
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.write(b"known", b"cart=3", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=3");
}

#[test]
fn a_present_holder_is_left_alone() {
    let world = World::with("known", b"cart=1");
    let mut handler = slow_request(&world);
    let lease = world.lock_as_other("known");
    refused(handler.write(b"known", b"cart=2", ENGINE, LIFETIME));
    assert_eq!(world.stored("known").unwrap(), b"cart=1");
    let outcome = world.other().write_unlock(sid("known"), b"cart=9", LIFETIME, lease).unwrap();
    assert_eq!(outcome, Committed::Done, "its lock was not touched");
}

#[test]
fn nobody_changed_it_and_the_write_goes_through() {
    let (world, mut handler) = overtaken(|_| ());
    handler.read(b"known", Caller::Direct, LIFETIME).unwrap();
    world.calls();
    handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=2");
    assert!(!world.is_locked("known"));
    assert_eq!(
        world.calls(),
        ["write_unlock known 1440", "lock known wait=0", "read known", "write_unlock known 1440"]
    );
}

#[test]
fn the_same_change_by_another_is_no_conflict() {
    let (world, mut handler) = overtaken(|world| world.other().write(sid("known"), b"cart=2", LIFETIME).unwrap());
    handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=2");
}

#[test]
fn unchanged_data_goes_through_and_leaves_the_newer() {
    for by_write in [false, true] {
        let (world, mut handler) = overtaken(|world| world.other().write(sid("known"), b"cart=9", LIFETIME).unwrap());
        if by_write {
            // As PHP does without lazy_write.
            handler.write(b"known", b"cart=1", ENGINE, LIFETIME).unwrap();
        } else {
            handler.touch(b"known", b"cart=1", ENGINE, LIFETIME).unwrap();
        }
        assert_eq!(world.stored("known").unwrap(), b"cart=9");
        assert!(!world.is_locked("known"));
        handler.close().unwrap();
    }
}

#[test]
fn what_another_destroyed_is_not_resurrected() {
    let log_out = |world: &World| world.other().destroy(sid("known")).unwrap();
    for data in [&b"cart=1"[..], b"cart=2"] {
        let (world, mut handler) = overtaken(log_out);
        refused(handler.write(b"known", data, ENGINE, LIFETIME));
        assert_eq!(world.stored("known"), None);
        let (world, mut handler) = overtaken(log_out);
        refused(handler.touch(b"known", data, ENGINE, LIFETIME));
        assert_eq!(world.stored("known"), None);
        assert!(!world.is_locked("known"));
    }
}

#[test]
fn a_storage_that_lost_record_and_lock_gets_both_again() {
    for changed in [true, false] {
        let world = World::with("known", b"cart=1");
        let mut handler = world.handler();
        handler.read(b"known", ENGINE, LIFETIME).unwrap();
        world.lose_locks();
        world.other().destroy(sid("known")).unwrap();
        if changed {
            handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
            assert_eq!(world.stored("known").unwrap(), b"cart=2");
        } else {
            handler.touch(b"known", b"cart=1", ENGINE, LIFETIME).unwrap();
            assert_eq!(world.stored("known").unwrap(), b"cart=1");
        }
        assert!(!world.is_locked("known"));
    }
}

#[test]
fn a_new_session_that_took_too_long_is_stored_unless_another_made_it() {
    for by_another in [None, Some(&b""[..]), Some(b"cart=9")] {
        let world = World::new();
        let lock_expire = Duration::from_millis(30);
        let mut handler = world.handler_with(Policy { lock_expire, ..Policy::default() });
        handler.read(b"new", ENGINE, LIFETIME).unwrap();
        let lease = world.lock_as_other("new");
        if let Some(data) = by_another {
            world.other().write(sid("new"), data, LIFETIME).unwrap();
        }
        world.other().unlock(sid("new"), lease).unwrap();
        let result = handler.write(b"new", b"cart=2", ENGINE, LIFETIME);
        match by_another {
            None | Some(b"") => {
                result.unwrap();
                assert_eq!(world.stored("new").unwrap(), b"cart=2");
            }
            Some(data) => {
                refused(result);
                assert_eq!(world.stored("new").unwrap(), data);
            }
        }
    }
}

#[test]
fn a_failure_while_comparing_is_told_and_leaves_no_lock() {
    let (world, mut handler) = overtaken(|_| ());
    world.fail("read", Kind::Timeout);
    let error = handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(!world.is_locked("known"));
    assert_eq!(world.stored("known").unwrap(), b"cart=1");
}

#[test]
fn a_session_read_again_after_the_loss_is_compared_with_what_was_read_last() {
    let (world, mut handler) = overtaken(|world| world.other().write(sid("known"), b"cart=9", LIFETIME).unwrap());
    assert_eq!(handler.read(b"known", Caller::Reset, LIFETIME).unwrap(), b"cart=9");
    handler.write(b"known", b"cart=10", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=10");
}

#[test]
fn a_late_destroy_is_done() {
    let (world, mut handler) = overtaken(|world| world.other().write(sid("known"), b"cart=9", LIFETIME).unwrap());
    handler.destroy(b"known", ENGINE).unwrap();
    assert_eq!(world.stored("known"), None, "a log-out is meant, whatever came between");
}

#[test]
fn a_lock_that_the_storage_lost_is_not_said_to_have_been_held_too_long() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.lose_locks();
    world.other().write(sid("known"), b"cart=9", LIFETIME).unwrap();
    for _ in 0..2 {
        let message = handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap_err().to_string();
        assert!(message.contains("before the 30 s of its lease") && message.contains("changed"), "{message}");
    }
    assert_eq!(world.stored("known").unwrap(), b"cart=9");
}

/// A handler as [`slow_request`] has it, whose late changes win.
fn overwriting(world: &World) -> Handler {
    let (lock_expire, lock_wait) = (Duration::from_millis(30), Duration::ZERO);
    let on_lock_lost = OnLockLost::Overwrite;
    let mut handler = world.handler_with(Policy { lock_expire, lock_wait, on_lock_lost, ..Policy::default() });
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
    handler
}

#[test]
fn a_policy_may_let_the_late_change_win() {
    for held in [false, true] {
        let world = World::with("known", b"cart=1");
        let mut handler = overwriting(&world);
        let lease = world.lock_as_other("known");
        world.other().write(sid("known"), b"cart=9", LIFETIME).unwrap();
        let mut lease = Some(lease);
        if !held {
            world.other().unlock(sid("known"), lease.take().unwrap()).unwrap();
        }
        handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
        assert_eq!(world.stored("known").unwrap(), b"cart=2", "held by another: {held}");
        assert_eq!(world.is_locked("known"), held, "another's lock stays, ours goes");
    }
}

#[test]
fn even_then_a_log_out_is_not_undone() {
    for held in [false, true] {
        let world = World::with("known", b"cart=1");
        let mut handler = overwriting(&world);
        let mut lease = Some(world.lock_as_other("known"));
        world.other().destroy(sid("known")).unwrap();
        if !held {
            world.other().unlock(sid("known"), lease.take().unwrap()).unwrap();
        }
        let error = handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap_err();
        assert_eq!(error.kind(), Kind::LockLost);
        assert_eq!(world.stored("known"), None, "held by another: {held}");
    }
}
