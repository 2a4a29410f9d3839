//! To whom sessions belong: what reaches the store, what comes along when an id is exchanged, how many
//! sessions a reference may have, and that ended sessions stay ended.

use crate::double::{LIFETIME, World, sid};
use seshat::error::{Error, Kind, Operation};
use seshat::session::handler::{Caller, Handler, OnMaxSessions, Policy, Source};
use seshat::session::reference::Reference;
use seshat::session::store::Store;
use std::time::Duration;

const ENGINE: Caller = Caller::Engine;

fn reference(name: &str) -> Reference {
    Reference::parse(name.as_bytes(), Operation::Write).unwrap()
}

fn policy(source: Source) -> Policy {
    Policy { lock_wait: Duration::from_secs(20), reference: source, ..Policy::default() }
}

fn from_variable() -> Policy {
    policy(Source::Variable("user".into()))
}

/// What a request does whose session variable holds `user` at the end.
fn request(handler: &mut Handler, id: &str, user: Option<&str>, data: &str) -> Result<(), Error> {
    handler.read(id.as_bytes(), ENGINE, LIFETIME)?;
    handler.note_reference(user.map(reference));
    let written = handler.write(id.as_bytes(), data.as_bytes(), ENGINE, LIFETIME);
    handler.close().unwrap();
    written
}

fn visit(world: &World, policy: &Policy, id: &str, user: Option<&str>) -> Result<(), Error> {
    request(&mut world.handler_with(policy.clone()), id, user, &format!("{user:?}"))
}

/// The ids of a user's sessions, in order.
fn ids(world: &World, user: &str) -> Vec<String> {
    let listed = world.handler().sessions_of(&reference(user)).unwrap();
    let mut ids: Vec<String> = listed.into_iter().map(|listed| listed.id).collect();
    ids.sort();
    ids
}

#[test]
fn a_session_follows_its_variable() {
    let (world, policy) = (World::new(), from_variable());
    for (user, of_ann, of_bob) in [(Some("ann"), 1, 0), (Some("bob"), 0, 1), (None, 0, 0), (Some("ann"), 1, 0)] {
        visit(&world, &policy, "s", user).unwrap();
        assert_eq!((ids(&world, "ann").len(), ids(&world, "bob").len()), (of_ann, of_bob), "{user:?}");
    }
}

#[test]
fn references_cost_no_further_call() {
    let (world, policy) = (World::new(), from_variable());
    let mut handler = world.handler_with(policy);
    handler.read(b"s", ENGINE, LIFETIME).unwrap();
    handler.note_reference(Some(reference("ann")));
    handler.write(b"s", b"1", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    assert_eq!(world.calls(), ["open s lock extend=1440", "write_unlock s 1440"]);
    handler.read(b"s", ENGINE, LIFETIME).unwrap();
    handler.note_reference(Some(reference("bob")));
    handler.touch(b"s", b"1", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.calls(), ["open s lock extend=1440", "touch_unlock s 1440 leased extended"]);
    assert_eq!(ids(&world, "bob"), ["s"]);
}

#[test]
fn without_references_nothing_is_said() {
    let world = World::new();
    let mut handler = world.handler();
    assert_eq!(handler.set_reference(Some(reference("ann"))).unwrap_err().kind(), Kind::Config);
    request(&mut handler, "s", Some("ann"), "1").unwrap();
    assert!(ids(&world, "ann").is_empty());
}

#[test]
fn what_is_set_stays_until_it_is_set_again() {
    let (world, policy) = (World::new(), policy(Source::Setter));
    let mut handler = world.handler_with(policy);
    handler.read(b"s", ENGINE, LIFETIME).unwrap();
    handler.set_reference(Some(reference("ann"))).unwrap();
    handler.write(b"s", b"1", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    // Later requests say nothing, and the next session has nothing of it.
    handler.read(b"s", ENGINE, LIFETIME).unwrap();
    handler.write(b"s", b"2", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    handler.read(b"t", ENGINE, LIFETIME).unwrap();
    handler.write(b"t", b"2", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    assert_eq!(ids(&world, "ann"), ["s"]);
    handler.read(b"s", ENGINE, LIFETIME).unwrap();
    handler.set_reference(None).unwrap();
    handler.touch(b"s", b"2", ENGINE, LIFETIME).unwrap();
    assert!(ids(&world, "ann").is_empty());
}

/// As PHP's `session_regenerate_id()`.
fn regenerate(handler: &mut Handler, from: &str, to: &str, delete: bool, user: Option<&str>) {
    if let Some(user) = user {
        handler.note_reference(Some(reference(user)));
    }
    if delete {
        handler.destroy(from.as_bytes(), Caller::Regenerate).unwrap();
    } else {
        handler.write(from.as_bytes(), b"old", Caller::Regenerate, LIFETIME).unwrap();
    }
    handler.close().unwrap();
    handler.note_created(to.as_bytes());
    assert!(!handler.validate(to.as_bytes(), Caller::Regenerate, LIFETIME).unwrap());
    handler.read(to.as_bytes(), Caller::Regenerate, LIFETIME).unwrap();
}

#[test]
fn what_was_set_goes_along_with_a_new_id() {
    for delete in [true, false] {
        // Set in an earlier request, in this one, or both.
        for (before, now) in [(Some("ann"), None), (None, Some("ann")), (Some("bob"), Some("ann"))] {
            let world = World::new();
            let mut handler = world.handler_with(policy(Source::Setter));
            handler.read(b"old", ENGINE, LIFETIME).unwrap();
            if let Some(before) = before {
                handler.set_reference(Some(reference(before))).unwrap();
            }
            handler.write(b"old", b"1", ENGINE, LIFETIME).unwrap();
            handler.close().unwrap();
            handler.read(b"old", ENGINE, LIFETIME).unwrap();
            if let Some(now) = now {
                handler.set_reference(Some(reference(now))).unwrap();
            }
            regenerate(&mut handler, "old", "new", delete, None);
            handler.write(b"new", b"1", ENGINE, LIFETIME).unwrap();
            handler.close().unwrap();
            let wanted: &[&str] = if delete { &["new"] } else { &["new", "old"] };
            assert_eq!(ids(&world, "ann"), wanted, "{delete} {before:?} {now:?}");
            assert!(ids(&world, "bob").is_empty());
        }
    }
}

#[test]
fn a_direct_write_has_the_reference_that_its_source_says() {
    let world = World::new();
    let mut handler = world.handler_with(policy(Source::Global("UID".into())));
    handler.note_reference(Some(reference("ann")));
    handler.write(b"one", b"1", Caller::Direct, LIFETIME).unwrap();
    handler.write(b"two", b"1", Caller::Direct, LIFETIME).unwrap();
    assert_eq!(ids(&world, "ann"), ["one"], "said for one write");
}

#[test]
fn ending_all_ends_what_others_hold_and_spares_one() {
    let (world, policy) = (World::new(), from_variable());
    for id in ["a", "b", "c", "d"] {
        visit(&world, &policy, id, Some("ann")).unwrap();
    }
    visit(&world, &policy, "other", Some("bob")).unwrap();
    // One request has b and will change it, another has c and will not.
    let (mut of_b, mut of_c) = (world.handler_with(policy.clone()), world.handler_with(policy.clone()));
    of_b.read(b"b", ENGINE, LIFETIME).unwrap();
    of_c.read(b"c", ENGINE, LIFETIME).unwrap();
    let mut handler = world.handler_with(policy);
    handler.read(b"a", ENGINE, LIFETIME).unwrap();
    assert_eq!(handler.destroy_all_of(&reference("ann"), Some(b"a")).unwrap(), 3);
    assert_eq!(ids(&world, "ann"), ["a"]);

    of_b.note_reference(Some(reference("ann")));
    let refused = of_b.write(b"b", b"changed", ENGINE, LIFETIME).unwrap_err();
    assert_eq!(refused.kind(), Kind::Ended);
    assert!(refused.reason().contains("ended by another request while this one had it"), "{refused}");
    // And once more.
    assert!(of_b.write(b"b", b"changed", ENGINE, LIFETIME).is_err());
    of_c.note_reference(Some(reference("ann")));
    let unchanged = format!("{:?}", Some("ann"));
    of_c.touch(b"c", unchanged.as_bytes(), ENGINE, LIFETIME).unwrap();
    of_b.close().unwrap();
    of_c.close().unwrap();
    for id in ["b", "c", "d"] {
        assert_eq!(world.stored(id), None, "{id} stays ended");
        assert!(!world.is_locked(id));
    }
    // The one that was spared goes on.
    handler.note_reference(Some(reference("ann")));
    handler.write(b"a", b"after", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    assert_eq!((ids(&world, "ann").len(), ids(&world, "bob").len()), (1, 1));
}

#[test]
fn an_ended_session_stays_ended_without_locks_too() {
    let (world, policy) = (World::new(), Policy { locking: false, ..from_variable() });
    visit(&world, &policy, "s", Some("ann")).unwrap();
    let mut late = world.handler_with(policy.clone());
    late.read(b"s", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.handler_with(policy).destroy_all_of(&reference("ann"), None).unwrap(), 1);
    late.note_reference(Some(reference("ann")));
    assert_eq!(late.write(b"s", b"late", ENGINE, LIFETIME).unwrap_err().kind(), Kind::Ended);
    assert_eq!(world.stored("s"), None);
}

#[test]
fn ending_one_s_own_session_is_like_session_destroy() {
    let (world, policy) = (World::new(), from_variable());
    visit(&world, &policy, "s", Some("ann")).unwrap();
    let mut handler = world.handler_with(policy);
    handler.read(b"s", ENGINE, LIFETIME).unwrap();
    assert_eq!(handler.destroy_all_of(&reference("ann"), None).unwrap(), 1);
    assert!(!world.is_locked("s"));
    handler.note_reference(Some(reference("ann")));
    handler.write(b"s", b"goodbye", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    assert_eq!(world.stored("s"), None);
    // And the next request begins anew under the same id.
    request(&mut handler, "s", None, "hello").unwrap();
    assert_eq!(world.stored("s").unwrap(), b"hello");
}

#[test]
fn one_session_too_many_ends_the_one_that_was_not_used_for_longest() {
    let (world, policy) = (World::new(), Policy { max_sessions_per_ref: Some(2), ..from_variable() });
    for (id, left) in [("a", "a"), ("b", "a b"), ("a", "a b"), ("c", "a c"), ("d", "c d")] {
        world.pass(Duration::from_secs(1));
        visit(&world, &policy, id, Some("ann")).unwrap();
        assert_eq!(ids(&world, "ann").join(" "), left, "after {id}");
    }
    // Neither other users nor visitors without a user count.
    visit(&world, &policy, "e", Some("bob")).unwrap();
    visit(&world, &policy, "f", None).unwrap();
    assert_eq!(ids(&world, "ann"), ["c", "d"]);
    // A visitor that becomes one of them, with a session that was there.
    visit(&world, &policy, "f", Some("ann")).unwrap();
    assert_eq!(ids(&world, "ann"), ["d", "f"]);
}

#[test]
fn a_refused_session_keeps_what_was_stored() {
    let limit = Policy { max_sessions_per_ref: Some(1), on_max_sessions: OnMaxSessions::Refuse, ..from_variable() };
    let world = World::new();
    visit(&world, &limit, "first", Some("ann")).unwrap();
    visit(&world, &limit, "guest", None).unwrap();
    let refused = visit(&world, &limit, "guest", Some("ann")).unwrap_err();
    assert_eq!(refused.kind(), Kind::Refused);
    assert!(refused.reason().contains("max_sessions_per_ref"), "{refused}");
    assert_eq!(world.stored("guest").unwrap(), b"None");
    assert_eq!(visit(&world, &limit, "new", Some("ann")).unwrap_err().kind(), Kind::Refused);
    assert_eq!(world.stored("new"), None);
    for id in ["first", "guest", "new"] {
        assert!(!world.is_locked(id));
    }
    // The one that is in stays in, whatever it writes, and under another id.
    visit(&world, &limit, "first", Some("ann")).unwrap();
    let mut handler = world.handler_with(limit.clone());
    handler.read(b"first", ENGINE, LIFETIME).unwrap();
    regenerate(&mut handler, "first", "second", false, Some("ann"));
    handler.note_reference(Some(reference("ann")));
    handler.write(b"second", b"1", ENGINE, LIFETIME).unwrap();
    handler.close().unwrap();
    assert_eq!(ids(&world, "ann"), ["first", "second"]);
    world.other().destroy(sid("first")).unwrap();
    world.other().destroy(sid("second")).unwrap();
    visit(&world, &limit, "guest", Some("ann")).unwrap();
    assert_eq!(ids(&world, "ann"), ["guest"]);
}

#[test]
fn of_two_logins_at_the_same_time_one_stays() {
    for outcome in [OnMaxSessions::EndOldest, OnMaxSessions::Refuse] {
        for turn in 0..50 {
            let limit = Policy { max_sessions_per_ref: Some(1), on_max_sessions: outcome, ..from_variable() };
            let world = World::new();
            let start = std::sync::Barrier::new(3);
            std::thread::scope(|scope| {
                for id in ["a", "b", "c"] {
                    let (world, limit, start) = (&world, &limit, &start);
                    scope.spawn(move || {
                        start.wait();
                        let _ = visit(world, limit, id, Some("ann"));
                    });
                }
            });
            assert_eq!(ids(&world, "ann").len(), 1, "{outcome:?}, turn {turn}");
        }
    }
}

#[test]
fn logins_of_one_reference_come_one_after_the_other() {
    let limit = Policy { max_sessions_per_ref: Some(1), lock_wait: Duration::ZERO, ..from_variable() };
    let world = World::new();
    visit(&world, &limit, "first", Some("ann")).unwrap();
    let calls = world.calls();
    let lock = calls[1].strip_prefix("lock ").and_then(|call| call.strip_suffix(" wait=0")).unwrap();
    assert!(lock.starts_with(",ref,"), "{calls:?}");
    let wanted = ["open first lock extend=1440", &calls[1], "write_unlock first 1440", &format!("unlock {lock}")];
    assert_eq!(calls, wanted, "the lock is held until the session is stored");
    // While another one has it nobody comes in, but for those that are in.
    let lease = world.lock_as_other(lock);
    assert_eq!(visit(&world, &limit, "second", Some("ann")).unwrap_err().kind(), Kind::Locked);
    assert_eq!(world.stored("second"), None);
    visit(&world, &limit, "first", Some("ann")).unwrap();
    world.other().unlock(sid(lock), lease).unwrap();
    visit(&world, &limit, "second", Some("ann")).unwrap();
    assert_eq!(ids(&world, "ann"), ["second"]);
}

#[test]
fn a_visitor_cannot_name_the_lock_of_a_reference() {
    let mut handler = World::new().handler();
    let error = handler.read(b",ref,07ee7e07b4b19223", ENGINE, LIFETIME).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidId);
}
