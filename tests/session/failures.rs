//! The store fails, or the lock is not to be had.

use crate::double::{LIFETIME, World, sid};
use seshat::error::{Kind, Operation};
use seshat::session::handler::{Caller, OnLockTimeout, Policy};
use seshat::session::store::Store;
use std::time::{Duration, Instant};

const ENGINE: Caller = Caller::Engine;

fn readonly() -> Policy {
    Policy { on_lock_timeout: OnLockTimeout::ReadOnly, lock_wait: Duration::ZERO, ..Policy::default() }
}

#[test]
fn lock_timeout_fails() {
    let world = World::with("known", b"cart=1");
    let held = world.lock_as_other("known");
    let limit = Duration::from_millis(50);
    let mut handler = world.handler_with(Policy { lock_wait: limit, ..Policy::default() });
    let asked = Instant::now();
    let error = handler.read(b"known", ENGINE, LIFETIME).unwrap_err();
    assert!(asked.elapsed() >= limit);
    assert_eq!((error.kind(), error.operation()), (Kind::Locked, Operation::Lock));
    let message = error.to_string();
    assert!(message.starts_with("double lock at nowhere: "), "{message}");
    assert!(message.contains("pid 7 GET /other") && message.contains("0.05 s (lock_wait)"), "{message}");
    assert!(!message.contains("  ") && !message.contains("known"), "{message}");
    assert!(!handler.is_open());
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known lock extend=1440"]);
    assert!(world.is_locked("known"), "the holder keeps its lock");
    world.other().unlock(sid("known"), held).unwrap();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
}

#[test]
fn lock_timeout_strict_is_told_by_read() {
    let world = World::with("known", b"cart=1");
    let _held = world.lock_as_other("known");
    let mut handler = world.handler();
    assert!(handler.validate(b"known", ENGINE, LIFETIME).unwrap(), "\"unknown\" would throw the session away");
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap_err().kind(), Kind::Locked);
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known lock-if-known extend=1440"], "the wait is not repeated");
}

#[test]
fn lock_timeout_readonly() {
    let world = World::with("known", b"cart=1");
    let held = world.lock_as_other("known");
    let mut handler = world.handler_with(readonly());
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
    assert_eq!(world.calls(), ["open known lock extend=1440", "open known extend=1440"]);
    let error = handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap_err();
    assert_eq!(error.kind(), Kind::ReadOnly);
    assert!(!error.to_string().contains("known "), "{error}");
    handler.close().unwrap();
    assert_eq!(world.calls(), Vec::<String>::new());
    assert_eq!(world.stored("known").unwrap(), b"cart=1");
    assert!(world.is_locked("known"));
    world.other().unlock(sid("known"), held).unwrap();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=2", "the next request may write again");
}

#[test]
fn lock_timeout_readonly_has_nothing_to_say_about_unchanged_data() {
    let world = World::with("known", b"cart=1");
    let _held = (world.lock_as_other("known"), world.lock_as_other("empty"));
    let mut handler = world.handler_with(readonly());
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.touch(b"known", b"cart=1", ENGINE, LIFETIME).unwrap();
    // Without lazy_write PHP writes what it has read.
    handler.write(b"known", b"cart=1", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known lock extend=1440", "open known extend=1440"], "extended by the read");
    // And always a session that is empty and stays so.
    handler.read(b"empty", ENGINE, LIFETIME).unwrap();
    handler.write(b"empty", b"", ENGINE, LIFETIME).unwrap();
    handler.touch(b"empty", b"", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    assert_eq!(world.stored("empty"), None);
    // Where the read did not extend, the end does.
    let mut handler = world.handler_with(Policy { early_refresh: false, ..readonly() });
    world.calls();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.touch(b"known", b"cart=1", ENGINE, LIFETIME).unwrap();
    handler.write(b"known", b"cart=1", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.calls(), ["open known lock", "open known", "touch known 1440", "touch known 1440"]);
}

#[test]
fn lock_timeout_readonly_strict() {
    let world = World::with("known", b"cart=1");
    let _held = world.lock_as_other("known");
    let mut handler = world.handler_with(readonly());
    assert!(handler.validate(b"known", ENGINE, LIFETIME).unwrap());
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
    assert_eq!(world.calls(), ["open known lock-if-known extend=1440", "open known extend=1440"]);
}

#[test]
fn lock_timeout_readonly_reset_does_not_wait_again() {
    let world = World::with("known", b"cart=1");
    let held = world.lock_as_other("known");
    let mut handler = world.handler_with(readonly());
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.other().write_unlock(sid("known"), b"cart=2", LIFETIME, held).unwrap();
    world.calls();
    assert_eq!(handler.read(b"known", Caller::Reset, LIFETIME).unwrap(), b"cart=2");
    assert_eq!(world.calls(), ["open known extend=1440"]);
    assert_eq!(handler.write(b"known", b"cart=3", ENGINE, LIFETIME).unwrap_err().kind(), Kind::ReadOnly);
}

#[test]
fn failure_in_validate_is_told_by_read() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    world.fail("open", Kind::Timeout);
    assert!(handler.validate(b"known", ENGINE, LIFETIME).unwrap(), "a slow server does not make the id unknown");
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap_err().kind(), Kind::Timeout);
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known lock-if-known extend=1440"], "not tried twice by one request");
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1", "told once");
    assert!(world.stored("known").is_some());
}

#[test]
fn failure_in_validate_does_not_outlive_its_request() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    world.fail("open", Kind::Timeout);
    assert!(handler.validate(b"known", ENGINE, LIFETIME).unwrap());
    handler.close().unwrap();
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
}

#[test]
fn failure_in_validate_is_told_to_nobody_else() {
    let world = World::with("known", b"cart=1");
    world.other().write(sid("other"), b"2", LIFETIME).unwrap();
    let mut handler = world.handler();
    for closed in [true, false] {
        world.fail("open", Kind::Timeout);
        assert!(handler.validate(b"known", ENGINE, LIFETIME).unwrap());
        assert_eq!(
            handler.read(b"known", Caller::Direct, LIFETIME).unwrap(),
            b"cart=1",
            "user code has its own answer"
        );
        if closed {
            handler.close().unwrap();
        }
        assert_eq!(handler.read(b"other", ENGINE, LIFETIME).unwrap(), b"2", "this is another session");
        handler.close().unwrap();
    }
}

#[test]
fn failure_in_validate_of_a_regenerated_id_ends_in_read() {
    let world = World::new();
    let mut handler = world.handler();
    world.fail("open", Kind::Unavailable);
    let taken = handler.validate(b"made-by-user-code", Caller::Regenerate, LIFETIME).unwrap();
    assert!(!taken, "\"taken\" would make PHP ask three times");
    assert_eq!(handler.read(b"made-by-user-code", Caller::Regenerate, LIFETIME).unwrap_err().kind(), Kind::Unavailable);
}

#[test]
fn failure_in_validate_for_user_code_is_told_at_once() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    world.fail("exists", Kind::Denied);
    assert_eq!(handler.validate(b"known", Caller::Direct, LIFETIME).unwrap_err().kind(), Kind::Denied);
    assert!(handler.validate(b"known", Caller::Direct, LIFETIME).unwrap());
    // session_create_id() has no way to tell; its ids are random enough to be free.
    world.fail("exists", Kind::Timeout);
    assert!(!handler.validate(b"prefix-1", Caller::CreateId, LIFETIME).unwrap());
}

#[test]
fn failed_read_leaves_no_session_and_no_rubbish() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    world.fail("open", Kind::Storage);
    handler.read(b"known", ENGINE, LIFETIME).unwrap_err();
    assert!(!handler.is_open());
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
}

#[test]
fn failed_reset_leaves_the_session_to_close() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.fail("open", Kind::Timeout);
    assert_eq!(handler.read(b"known", Caller::Reset, LIFETIME).unwrap_err().kind(), Kind::Timeout);
    assert!(world.is_locked("known"));
    let error = handler.write(b"known", b"", ENGINE, LIFETIME).unwrap_err();
    assert_eq!(error.kind(), Kind::ReadOnly, "PHP has no data, and none may replace what is stored");
    handler.close().unwrap();
    assert!(!world.is_locked("known"));
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
}

#[test]
fn close_after_a_failed_write_holds_nothing() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.fail("write_unlock", Kind::Full);
    assert_eq!(handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap_err().kind(), Kind::Full);
    handler.close().unwrap();
    assert!(!world.is_locked("known") && !handler.is_open());
    assert_eq!(world.stored("known").unwrap(), b"cart=1");
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=2");
}

#[test]
fn close_after_a_failed_unlock_is_fine() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.fail("unlock", Kind::Unavailable);
    handler.close().unwrap();
    assert!(!handler.is_open());
}

#[test]
fn failed_gc_is_told_and_the_session_is_closed() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.gc(LIFETIME, ENGINE).unwrap();
    world.fail("gc", Kind::Storage);
    assert_eq!(handler.close().unwrap_err().kind(), Kind::Storage);
    assert!(!handler.is_open() && !world.is_locked("known"));
    handler.close().unwrap();
}

#[test]
fn failed_destroy_of_the_current_session_is_told() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.fail("destroy_unlock", Kind::Timeout);
    assert_eq!(handler.destroy(b"known", ENGINE).unwrap_err().kind(), Kind::Timeout);
    handler.close().unwrap();
}

#[test]
fn a_session_that_never_reached_php_is_not_overwritten() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    // A fatal error while PHP makes its string: the bytes never come back, and PHP closes.
    drop(handler.lend(ENGINE));
    assert_eq!(handler.write(b"known", b"", ENGINE, LIFETIME).unwrap_err().kind(), Kind::ReadOnly);
    handler.close().unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=1");
    assert!(!world.is_locked("known"));

    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    let bytes = handler.lend(ENGINE);
    handler.give_back(ENGINE, bytes);
    handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=2", "the next request may write again");
}

#[test]
fn a_session_that_could_not_be_read_is_not_overwritten() {
    // A subclass that makes "" of a failed parent::read() starts an empty session.
    let world = World::with("known", b"cart=1");
    let mut other = world.handler();
    other.read(b"known", ENGINE, LIFETIME).unwrap();
    let mut handler = world.handler_with(Policy { lock_wait: Duration::ZERO, ..Policy::default() });
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap_err().kind(), Kind::Locked);
    other.close().unwrap();
    assert_eq!(handler.write(b"known", b"late=1", ENGINE, LIFETIME).unwrap_err().kind(), Kind::ReadOnly);
    handler.close().unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=1");

    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.stored("known").unwrap(), b"cart=2", "the next request may write again");
}
