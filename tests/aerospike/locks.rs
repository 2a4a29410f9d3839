//! Commands that are carried out and whose answers are lost, and locks that vanish with their record.

use crate::aerospike_stand_in::StandIn;
use crate::{HOUR, hold, lock, named, read, sid, store, support};
use seshat::session::lock::LockState;
use seshat::session::store::Committed;
use std::time::Duration;

#[test]
fn a_command_whose_answer_is_lost_does_its_work_once() {
    let server = StandIn::usual();
    let (mut one, mut two) = (store(&server.dsn("")), store(&server.dsn("")));
    one.write(sid(), b"old", HOUR).unwrap();
    // The lock is taken, and the client does not hear of it and asks again.
    server.lose_answers(1);
    let lease = hold(&mut *one, HOUR);
    assert!(matches!(lock(&mut *two, Duration::ZERO, HOUR), LockState::Busy(_)));
    // The write is done, the lock given back; the second try finds neither lock nor reason to complain.
    server.lose_answers(1);
    assert_eq!(one.write_unlock(sid(), b"new", HOUR, lease).unwrap(), Committed::Done);
    assert_eq!(read(&mut *two).unwrap(), b"new");
    let lease = hold(&mut *two, HOUR);
    server.lose_answers(1);
    two.destroy_unlock(sid(), lease).unwrap();
    assert_eq!(read(&mut *one), None);
}

#[test]
fn the_second_try_of_a_write_is_told_from_a_late_one() {
    let server = StandIn::usual();
    let (mut one, mut two) = (store(&server.dsn("")), store(&server.dsn("")));
    one.write(sid(), b"old", HOUR).unwrap();
    let stale = hold(&mut *one, Duration::from_millis(50));
    assert!(support::wait_until(crate::PATIENCE, || match lock(&mut *two, Duration::ZERO, HOUR) {
        LockState::Held(lease) => two.write_unlock(sid(), b"newer", HOUR, lease).unwrap() == Committed::Done,
        _ => false,
    }));
    server.lose_answers(1);
    assert_eq!(one.write_unlock(sid(), b"late", HOUR, stale).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *two).unwrap(), b"newer");
}

#[test]
fn a_session_whose_record_vanished_with_its_lock_is_stored_again() {
    let server = StandIn::usual();
    let (mut one, mut two) = (store(&server.dsn("")), store(&server.dsn("")));
    one.write(sid(), b"a", HOUR).unwrap();
    let lease = hold(&mut *one, HOUR);
    server.forget();
    assert_eq!(one.write_unlock(sid(), b"b", HOUR, lease).unwrap(), Committed::Done);
    assert_eq!(read(&mut *two).unwrap(), b"b");
    // But not over what somebody else wrote in the meantime.
    let lease = hold(&mut *one, HOUR);
    server.forget();
    two.write(sid(), b"theirs", HOUR).unwrap();
    assert_eq!(one.write_unlock(sid(), b"c", HOUR, lease).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *two).unwrap(), b"theirs");
    // Unchanged, it is stored again as well.
    let lease = hold(&mut *one, HOUR);
    server.forget();
    assert_eq!(one.touch_unlock(sid(), b"theirs", HOUR, Some(lease), true).unwrap(), Committed::Done);
    assert!(support::wait_until(crate::PATIENCE, || read(&mut *two).is_some()));
}

#[test]
fn reading_without_the_lock_does_not_prolong_it() {
    let server = StandIn::usual();
    let (mut one, mut two) = (store(&server.dsn("")), store(&server.dsn("")));
    one.write(sid(), b"a", HOUR).unwrap();
    let _dead = hold(&mut *one, Duration::from_millis(300));
    let request = seshat::session::store::OpenRequest { extend: Some(HOUR), ..Default::default() };
    let polled = std::time::Instant::now();
    assert!(support::wait_until(crate::PATIENCE, || {
        two.open(sid(), &request, &mut Vec::new()).unwrap();
        matches!(lock(&mut *two, Duration::ZERO, HOUR), LockState::Held(_))
    }));
    assert!(polled.elapsed() < Duration::from_secs(5), "{:?}", polled.elapsed());
}

#[test]
fn a_refused_lock_names_its_holder_and_for_how_long() {
    let server = StandIn::usual();
    let (mut one, mut two) = (store(&server.dsn("")), store(&server.dsn("")));
    let lease = hold(&mut *one, HOUR);
    let LockState::Busy(refusal) = lock(&mut *two, Duration::from_millis(30), HOUR) else { panic!("it is held") };
    assert_eq!(refusal.holder.as_deref(), Some("pid 7 GET /cart"));
    assert!(refusal.held.is_some_and(|held| held < Duration::from_secs(60)), "{refusal:?}");
    one.unlock(sid(), lease).unwrap();
}

/// Nobody waits for a release, and nothing else has to happen for it to arrive.
#[test]
fn a_release_leaves_without_a_wait() {
    let server = StandIn::usual();
    let (mut one, mut two) = (store(&server.dsn("?timeout=3s")), store(&server.dsn("")));
    one.write(sid(), b"a", HOUR).unwrap();
    let lease = hold(&mut *one, HOUR);
    assert!(!two.exists(named("first-contact")).unwrap());
    server.pause(true);
    let began = std::time::Instant::now();
    assert_eq!(one.touch_unlock(sid(), b"a", HOUR, Some(lease), true).unwrap(), Committed::Done);
    assert!(began.elapsed() < Duration::from_secs(1), "it waited {:?}", began.elapsed());
    server.pause(false);
    assert!(support::wait_until(crate::PATIENCE, || matches!(
        lock(&mut *two, Duration::ZERO, HOUR),
        LockState::Held(_)
    )));
}

/// All tries of a release fail, and nothing of it arrives.
#[test]
fn a_release_that_never_arrived_is_repeated_while_the_next_lock_is_waited_for() {
    let server = StandIn::usual();
    let mut one = store(&server.dsn(""));
    one.write(sid(), b"a", HOUR).unwrap();
    let lease = hold(&mut *one, HOUR);
    server.lose_commands(7);
    assert_eq!(one.touch_unlock(sid(), b"a", HOUR, Some(lease), true).unwrap(), Committed::Done);
    let taken = lock(&mut *one, Duration::from_secs(5), HOUR);
    assert!(matches!(taken, LockState::Held(_)), "the holder is itself: {taken:?}");
}

#[test]
fn a_renewed_lock_keeps_a_record_that_is_a_lock_alone() {
    let server = StandIn::usual();
    let mut one = store(&server.dsn(""));
    let lease = hold(&mut *one, Duration::from_secs(1));
    let ends = || server.record(crate::ID).unwrap().void_time;
    let before = ends();
    assert!(one.renew(sid(), &lease, 4 * HOUR).unwrap());
    assert!(ends() >= before + 3 * 3600, "{before} {}", ends());
    one.unlock(sid(), lease).unwrap();
    // A session lives as long as it was said, and no longer.
    one.write(sid(), b"a", HOUR).unwrap();
    let lease = hold(&mut *one, Duration::from_secs(1));
    let before = ends();
    assert!(one.renew(sid(), &lease, 4 * HOUR).unwrap());
    assert_eq!(ends(), before);
}
