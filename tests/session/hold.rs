//! The lock alone, for sessions that are kept elsewhere.

use crate::double::{World, sid};
use seshat::error::Kind;
use seshat::session::handler::{Handler, OnLockTimeout, Policy};
use seshat::session::store::Store;
use std::time::Duration;

fn holder(world: &World) -> Handler {
    let mut handler = world.handler();
    handler.hold(b"kept").unwrap();
    handler
}

#[test]
fn the_lock_is_taken_and_given_back_and_nothing_else_is_done() {
    let world = World::new();
    let mut handler = holder(&world);
    assert!(world.is_locked("kept"));
    assert_eq!(handler.held_id(), Some("kept"));
    handler.confirm_hold(b"kept").unwrap();
    handler.close().unwrap();
    assert!(!world.is_locked("kept"));
    assert_eq!(handler.held_id(), None);
    assert_eq!(world.calls(), ["lock kept wait=0", "renew kept", "unlock kept"]);
}

#[test]
fn who_asks_for_the_lock_gets_it_whatever_the_policy_says_of_locking() {
    let world = World::new();
    let policy = Policy { locking: false, on_lock_timeout: OnLockTimeout::ReadOnly, ..Policy::default() };
    let mut handler = world.handler_with(Policy { lock_wait: Duration::ZERO, ..policy });
    handler.hold(b"kept").unwrap();
    assert!(world.is_locked("kept"));
    let refused = world.handler().hold(b"kept").unwrap_err();
    assert_eq!(refused.kind(), Kind::Locked);
}

#[test]
fn taking_it_again_renews_it_and_another_one_is_refused() {
    let world = World::new();
    let mut handler = holder(&world);
    handler.hold(b"kept").unwrap();
    assert_eq!(handler.hold(b"another").unwrap_err().kind(), Kind::Unsupported);
    assert_eq!(handler.held_id(), Some("kept"));
    assert_eq!(world.calls(), ["lock kept wait=0", "renew kept"]);
    assert_eq!(handler.hold(b"../kept").unwrap_err().kind(), Kind::InvalidId);
    assert_eq!(handler.confirm_hold(b"another").unwrap_err().kind(), Kind::LockLost);
}

#[test]
fn a_lost_lock_stays_lost_until_it_is_taken_anew() {
    let world = World::new();
    let lock_expire = Duration::from_millis(30);
    let mut handler = world.handler_with(Policy { lock_expire, lock_wait: Duration::ZERO, ..Policy::default() });
    handler.hold(b"kept").unwrap();
    let lease = world.lock_as_other("kept");
    for _ in 0..2 {
        let lost = handler.confirm_hold(b"kept").unwrap_err();
        assert_eq!(lost.kind(), Kind::LockLost);
        assert!(lost.to_string().contains("0.03 s (lock_expire)"), "{lost}");
        world.other().unlock(sid("kept"), seshat::session::lock::Lease { token: lease.token, guard: None }).unwrap();
    }
    handler.hold(b"kept").unwrap();
    handler.confirm_hold(b"kept").unwrap();
}

#[test]
fn a_store_that_does_not_answer_is_no_lost_lock() {
    let world = World::new();
    let mut handler = holder(&world);
    world.fail("renew", Kind::Timeout);
    assert_eq!(handler.confirm_hold(b"kept").unwrap_err().kind(), Kind::Timeout);
    handler.confirm_hold(b"kept").unwrap();
    world.fail("renew", Kind::Timeout);
    assert_eq!(handler.hold(b"kept").unwrap_err().kind(), Kind::Timeout);
    assert_eq!(handler.held_id(), Some("kept"));
}

#[test]
fn a_store_without_locks_says_so() {
    let mut world = World::new();
    world.abilities.locks = false;
    let refused = world.handler().hold(b"kept").unwrap_err();
    assert_eq!(refused.kind(), Kind::Unsupported);
    assert!(world.calls().is_empty());
}
