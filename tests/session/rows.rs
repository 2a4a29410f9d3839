//! The rows of PHP's order of calls.

use crate::double::{LIFETIME, World, sid};
use seshat::session::handler::{Caller, Handler, Policy};
use seshat::session::store::Store;
use std::time::Duration;

const ENGINE: Caller = Caller::Engine;

fn none() -> Vec<String> {
    Vec::new()
}

fn write(handler: &mut Handler, id: &str, data: &[u8]) {
    handler.write(id.as_bytes(), data, ENGINE, LIFETIME).unwrap();
}

fn touch(handler: &mut Handler, id: &str, data: &[u8]) {
    handler.touch(id.as_bytes(), data, ENGINE, LIFETIME).unwrap();
}

#[test]
fn existing_id_changed() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
    assert_eq!(world.calls(), ["open known lock extend=1440"]);
    assert!(handler.is_open() && world.is_locked("known"));
    write(&mut handler, "known", b"cart=2");
    assert_eq!(world.calls(), ["write_unlock known 1440"]);
    assert!(!world.is_locked("known"), "the write gives the lock back");
    handler.close().unwrap();
    assert_eq!(world.calls(), none(), "nothing is left for close");
    assert!(!handler.is_open());
    assert_eq!(world.stored("known").unwrap(), b"cart=2");
}

#[test]
fn existing_id_unchanged() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    touch(&mut handler, "known", b"cart=1");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known lock extend=1440", "touch_unlock known 1440 leased extended"]);
    assert!(!world.is_locked("known"));
    assert_eq!(world.stored("known").unwrap(), b"cart=1");
}

#[test]
fn existing_id_without_early_refresh_is_extended_at_the_end() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler_with(Policy { early_refresh: false, ..Policy::default() });
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    touch(&mut handler, "known", b"cart=1");
    assert_eq!(world.calls(), ["open known lock", "touch_unlock known 1440 leased"]);
}

#[test]
fn existing_id_where_extending_on_read_would_cost_something() {
    let mut world = World::with("known", b"cart=1");
    world.abilities.extends_on_read = false;
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    touch(&mut handler, "known", b"cart=1");
    assert_eq!(world.calls(), ["open known lock", "touch_unlock known 1440 leased"]);
}

#[test]
fn existing_id_without_locking() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler_with(Policy { locking: false, ..Policy::default() });
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    write(&mut handler, "known", b"cart=2");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known extend=1440", "write known 1440"]);
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    touch(&mut handler, "known", b"cart=2");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known extend=1440", "touch_unlock known 1440 extended"]);
}

#[test]
fn a_store_that_cannot_lock_is_not_asked_to() {
    let mut world = World::with("known", b"cart=1");
    world.abilities.locks = false;
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    write(&mut handler, "known", b"cart=2");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known extend=1440", "write known 1440"]);
}

#[test]
fn read_and_close() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler_with(Policy { early_refresh: false, ..Policy::default() });
    let held = world.lock_as_other("known");
    assert_eq!(handler.read(b"known", Caller::ReadAndClose, LIFETIME).unwrap(), b"cart=1");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known extend=1440"], "no lock, but extended");
    world.other().unlock(sid("known"), held).unwrap();
    world.pass(Duration::from_secs(1000));
    handler.read(b"known", Caller::ReadAndClose, LIFETIME).unwrap();
    handler.close().unwrap();
    world.pass(Duration::from_secs(1000));
    assert!(world.stored("known").is_some(), "reading alone keeps a session alive");
}

#[test]
fn read_and_close_strict() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    assert!(handler.validate(b"known", Caller::ReadAndClose, LIFETIME).unwrap());
    assert_eq!(handler.read(b"known", Caller::ReadAndClose, LIFETIME).unwrap(), b"cart=1");
    assert!(!world.is_locked("known"));
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known extend=1440"]);
}

#[test]
fn no_cookie() {
    let world = World::new();
    let mut handler = world.handler();
    handler.note_created(b"new");
    assert_eq!(handler.read(b"new", ENGINE, LIFETIME).unwrap(), b"");
    assert!(world.is_locked("new"));
    write(&mut handler, "new", b"cart=1");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open new lock extend=1440", "write_unlock new 1440"]);
    assert_eq!(world.stored("new").unwrap(), b"cart=1");
}

#[test]
fn no_cookie_and_nothing_to_store() {
    let world = World::new();
    let mut handler = world.handler();
    handler.note_created(b"new");
    handler.read(b"new", ENGINE, LIFETIME).unwrap();
    // PHP up to 8.5 writes here, 8.6 touches.
    touch(&mut handler, "new", b"");
    assert_eq!(world.calls(), ["open new lock extend=1440", "touch_unlock new 1440 leased"]);
    assert_eq!(world.stored("new").unwrap(), b"");
}

#[test]
fn no_cookie_without_locking_asks_nobody() {
    let world = World::new();
    let mut handler = world.handler_with(Policy { locking: false, ..Policy::default() });
    handler.note_created(b"new");
    assert_eq!(handler.read(b"new", ENGINE, LIFETIME).unwrap(), b"");
    assert_eq!(world.calls(), none(), "nobody can know an id that was just made");
    touch(&mut handler, "new", b"cart=1");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["touch_unlock new 1440"], "what was not read was not extended either");
    assert_eq!(world.stored("new").unwrap(), b"cart=1");
}

#[test]
fn strict_known_id() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    assert!(handler.validate(b"known", ENGINE, LIFETIME).unwrap());
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1");
    assert_eq!(world.calls(), ["open known lock-if-known extend=1440"], "one exchange for both");
    write(&mut handler, "known", b"cart=2");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["write_unlock known 1440"]);
}

#[test]
fn strict_unknown_id() {
    let world = World::new();
    let mut handler = world.handler();
    assert!(!handler.validate(b"forged", ENGINE, LIFETIME).unwrap());
    assert!(!world.is_locked("forged"), "a forged id leaves no lock");
    assert!(!handler.is_open());
    handler.note_created(b"new");
    assert_eq!(handler.read(b"new", ENGINE, LIFETIME).unwrap(), b"");
    write(&mut handler, "new", b"cart=1");
    handler.close().unwrap();
    assert_eq!(
        world.calls(),
        ["open forged lock-if-known extend=1440", "open new lock extend=1440", "write_unlock new 1440"]
    );
    assert_eq!(world.stored("forged"), None);
}

#[test]
fn strict_malformed_id_reaches_no_store() {
    let world = World::new();
    let mut handler = world.handler();
    for id in [&b"../../etc/passwd"[..], b"", b"a b", b"x_LOCK", &[b'x'; 257]] {
        assert!(!handler.validate(id, ENGINE, LIFETIME).unwrap());
        handler.read(id, ENGINE, LIFETIME).unwrap_err();
        handler.write(id, b"data", ENGINE, LIFETIME).unwrap_err();
        handler.touch(id, b"data", ENGINE, LIFETIME).unwrap_err();
        handler.destroy(id, ENGINE).unwrap_err();
    }
    assert_eq!(world.calls(), none());
}

#[test]
fn regenerate_keeping_the_old_session() {
    let world = World::with("old", b"user=1");
    let mut handler = world.handler();
    handler.read(b"old", ENGINE, LIFETIME).unwrap();
    handler.write(b"old", b"user=1", Caller::Regenerate, LIFETIME).unwrap();
    handler.close().unwrap();
    handler.note_created(b"new");
    assert_eq!(handler.read(b"new", Caller::Regenerate, LIFETIME).unwrap(), b"");
    assert!(world.is_locked("new"));
    write(&mut handler, "new", b"user=1");
    handler.close().unwrap();
    assert_eq!(
        world.calls(),
        ["open old lock extend=1440", "write_unlock old 1440", "open new lock extend=1440", "write_unlock new 1440"]
    );
    assert!(world.stored("old").is_some() && world.stored("new").is_some());
    assert!(!world.is_locked("old") && !world.is_locked("new"));
}

#[test]
fn regenerate_deleting_the_old_session() {
    let world = World::with("old", b"user=1");
    let mut handler = world.handler();
    handler.read(b"old", ENGINE, LIFETIME).unwrap();
    handler.destroy(b"old", Caller::Regenerate).unwrap();
    handler.close().unwrap();
    handler.note_created(b"new");
    handler.read(b"new", Caller::Regenerate, LIFETIME).unwrap();
    write(&mut handler, "new", b"user=1");
    handler.close().unwrap();
    assert_eq!(
        world.calls(),
        ["open old lock extend=1440", "destroy_unlock old", "open new lock extend=1440", "write_unlock new 1440"]
    );
    assert!(world.stored("old").is_none() && world.stored("new").is_some());
    assert!(!world.is_locked("old"));
}

#[test]
fn regenerate_strict_does_not_ask_about_an_id_it_just_made() {
    let world = World::with("old", b"user=1");
    let mut handler = world.handler();
    handler.read(b"old", ENGINE, LIFETIME).unwrap();
    handler.destroy(b"old", Caller::Regenerate).unwrap();
    handler.close().unwrap();
    world.calls();
    handler.note_created(b"new");
    assert!(!handler.validate(b"new", Caller::Regenerate, LIFETIME).unwrap());
    assert_eq!(world.calls(), none());
    handler.read(b"new", Caller::Regenerate, LIFETIME).unwrap();
    write(&mut handler, "new", b"user=1");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open new lock extend=1440", "write_unlock new 1440"]);
}

#[test]
fn regenerate_strict_with_an_id_made_by_user_code() {
    let world = World::with("taken", b"somebody");
    let mut handler = world.handler();
    assert!(handler.validate(b"taken", Caller::Regenerate, LIFETIME).unwrap(), "PHP makes another");
    assert!(!world.is_locked("taken"), "a collision does not lock the other session");
    assert!(!handler.is_open());
    assert!(!handler.validate(b"free", Caller::Regenerate, LIFETIME).unwrap());
    assert!(world.is_locked("free"), "the question already takes the lock");
    assert_eq!(handler.read(b"free", Caller::Regenerate, LIFETIME).unwrap(), b"");
    write(&mut handler, "free", b"user=1");
    handler.close().unwrap();
    assert_eq!(
        world.calls(),
        ["open taken lock extend=1440", "unlock taken", "open free lock extend=1440", "write_unlock free 1440"]
    );
}

#[test]
fn reset() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.calls();
    for _ in 0..2 {
        assert_eq!(handler.read(b"known", Caller::Reset, LIFETIME).unwrap(), b"cart=1");
        assert_eq!(world.calls(), ["open known extend=1440"], "the lock is ours already");
        assert!(world.is_locked("known"));
    }
    write(&mut handler, "known", b"cart=2");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["write_unlock known 1440"]);
}

#[test]
fn reset_strict() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    assert!(handler.validate(b"known", ENGINE, LIFETIME).unwrap());
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.calls();
    assert!(handler.validate(b"known", Caller::Reset, LIFETIME).unwrap());
    assert!(world.is_locked("known"), "the lock is never let go in between");
    assert_eq!(handler.read(b"known", Caller::Reset, LIFETIME).unwrap(), b"cart=1");
    assert_eq!(world.calls(), ["open known extend=1440"]);
}

#[test]
fn reset_strict_of_a_session_that_is_not_stored_yet_keeps_its_id() {
    let world = World::new();
    let mut handler = world.handler();
    handler.note_created(b"new");
    handler.read(b"new", ENGINE, LIFETIME).unwrap();
    assert!(handler.validate(b"new", Caller::Reset, LIFETIME).unwrap(), "PHP would make another id");
    assert_eq!(handler.read(b"new", Caller::Reset, LIFETIME).unwrap(), b"");
    write(&mut handler, "new", b"cart=1");
    assert_eq!(world.stored("new").unwrap(), b"cart=1");
    assert!(!world.is_locked("new"));
}

#[test]
fn reset_without_locking_reads_again() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler_with(Policy { locking: false, ..Policy::default() });
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.other().write(sid("known"), b"cart=2", LIFETIME).unwrap();
    assert_eq!(handler.read(b"known", Caller::Reset, LIFETIME).unwrap(), b"cart=2");
    assert_eq!(world.calls(), ["open known extend=1440", "open known extend=1440"]);
}

#[test]
fn abort() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known lock extend=1440", "unlock known"]);
    assert!(!world.is_locked("known"));
    assert_eq!(world.stored("known").unwrap(), b"cart=1");
}

#[test]
fn create_id_does_not_disturb_the_live_session() {
    let world = World::with("known", b"cart=1");
    world.other().write(sid("taken"), b"somebody", LIFETIME).unwrap();
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    world.calls();
    handler.note_created(b"fresh");
    assert!(!handler.validate(b"fresh", Caller::CreateId, LIFETIME).unwrap());
    assert_eq!(world.calls(), none(), "an id that was just made is free");
    assert!(handler.validate(b"taken", Caller::CreateId, LIFETIME).unwrap());
    assert!(!handler.validate(b"free", Caller::CreateId, LIFETIME).unwrap());
    assert_eq!(world.calls(), ["exists taken", "exists free"]);
    assert!(!world.is_locked("taken") && !world.is_locked("free") && world.is_locked("known"));
    touch(&mut handler, "known", b"cart=1");
    assert_eq!(world.calls(), ["touch_unlock known 1440 leased extended"]);
}

#[test]
fn destroy() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.destroy(b"known", ENGINE).unwrap();
    assert!(!world.is_locked("known"));
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open known lock extend=1440", "destroy_unlock known"]);
    assert_eq!(world.stored("known"), None);
}

#[test]
fn gc_by_lottery_waits_for_close() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    assert_eq!(handler.gc(LIFETIME, ENGINE).unwrap(), 0);
    assert_eq!(world.calls(), ["open known lock extend=1440"], "not while the session is locked");
    write(&mut handler, "known", b"cart=2");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["write_unlock known 1440", "gc 1440"]);
    handler.close().unwrap();
    assert_eq!(world.calls(), none(), "once");
}

#[test]
fn session_gc_is_done_now_and_counted() {
    let world = World::new();
    world.other().write(sid("old"), b"", Duration::from_secs(10)).unwrap();
    world.pass(Duration::from_secs(11));
    let mut handler = world.handler();
    assert_eq!(handler.gc(LIFETIME, Caller::Gc).unwrap(), 1);
    assert_eq!(world.calls(), ["gc_all 1440"], "not only what fits beside a request");
    handler.close().unwrap();
    assert_eq!(world.calls(), none());
}

#[test]
fn empty_session_is_stored_as_php_does() {
    let world = World::new();
    let mut handler = world.handler();
    handler.read(b"new", ENGINE, LIFETIME).unwrap();
    write(&mut handler, "new", b"");
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open new lock extend=1440", "write_unlock new 1440"]);
    assert_eq!(world.stored("new").unwrap(), b"");
}

#[test]
fn empty_session_is_not_stored_where_that_is_not_wanted() {
    let world = World::new();
    let mut handler = world.handler_with(Policy { store_empty: false, ..Policy::default() });
    // PHP up to 8.5 writes an empty session, later ones touch it.
    for ending in [write, touch] {
        handler.read(b"new", ENGINE, LIFETIME).unwrap();
        ending(&mut handler, "new", b"");
        handler.close().unwrap();
        assert_eq!(world.calls(), ["open new lock extend=1440", "unlock new"]);
        assert_eq!(world.stored("new"), None);
    }
    // One that was emptied is another matter: what it held must go.
    world.other().write(sid("new"), b"cart=1", LIFETIME).unwrap();
    handler.read(b"new", ENGINE, LIFETIME).unwrap();
    write(&mut handler, "new", b"");
    assert_eq!(world.stored("new").unwrap(), b"");
}

#[test]
fn vanished_record_is_stored_again() {
    for policy in [Policy::default(), Policy { locking: false, ..Policy::default() }] {
        let world = World::with("known", b"cart=1");
        let mut handler = world.handler_with(policy);
        handler.read(b"known", ENGINE, LIFETIME).unwrap();
        world.other().destroy(sid("known")).unwrap();
        touch(&mut handler, "known", b"cart=1");
        handler.close().unwrap();
        assert_eq!(world.stored("known").unwrap(), b"cart=1");
    }
}

#[test]
fn the_lifetime_is_the_user_s_or_php_s_and_always_one_that_can_be_counted() {
    let world = World::new();
    let own = Policy { lifetime: Some(Duration::from_secs(99)), ..Policy::default() };
    world.handler_with(own).write(b"a", b"", Caller::Direct, LIFETIME).unwrap();
    world.handler().write(b"a", b"", Caller::Direct, Duration::ZERO).unwrap();
    world.handler().write(b"a", b"", Caller::Direct, Duration::MAX).unwrap();
    assert_eq!(world.calls(), ["write a 99", "write a 1", "write a 4294967295"]);
}

#[test]
fn one_handler_serves_one_request_after_the_other() {
    let world = World::with("first", b"1");
    world.other().write(sid("second"), b"2", LIFETIME).unwrap();
    let mut handler = world.handler();
    for (id, data) in [("first", b"1"), ("second", b"2"), ("first", b"1")] {
        assert_eq!(handler.read(id.as_bytes(), ENGINE, LIFETIME).unwrap(), data);
        touch(&mut handler, id, data);
        handler.close().unwrap();
    }
    // And where PHP forgot to close, the next session is not mixed up with the last.
    handler.read(b"first", ENGINE, LIFETIME).unwrap();
    assert_eq!(handler.read(b"second", ENGINE, LIFETIME).unwrap(), b"2");
    assert!(!world.is_locked("first") && world.is_locked("second"));
}
