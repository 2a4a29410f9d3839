//! Sessions are found by their reference. A store without the ability says so, and has no more laws.

use crate::fixture::{Fixture, LONG, PATIENCE, becomes_free, hold, is_free, open_locked, read, sid};
use crate::support;
use seshat::error::{Kind, Operation};
use seshat::session::lock::Lease;
use seshat::session::reference::{Assignment, Cursor, Page, Reference, References, Terms};
use seshat::session::store::{Committed, OpenRequest, Store};
use std::collections::BTreeSet;
use std::time::Duration;

fn reference(name: impl AsRef<[u8]>) -> Reference {
    Reference::parse(name.as_ref(), Operation::Write).unwrap()
}

/// A handle that keeps references, if the store can.
fn keeper(fixture: &dyn Fixture) -> Option<Box<dyn Store>> {
    let mut store = fixture.store();
    assert_eq!(store.capabilities().references, store.references().is_some(), "the ability and the means go together");
    store.keep_references();
    store.capabilities().references.then_some(store)
}

/// Says the terms of the next write.
fn say(store: &mut dyn Store, reference: Assignment<'_>, existing: bool) {
    store.set_terms(&Terms { reference, existing });
}

/// Writes a session that belongs to `owner`.
fn write(store: &mut dyn Store, id: &str, owner: &str, ttl: Duration) {
    say(store, Assignment::Set(&reference(owner)), false);
    store.write(sid(id), owner.as_bytes(), ttl).unwrap();
}

/// All pages, and that no item comes twice.
fn pages<T: Clone + std::fmt::Debug>(
    mut page: impl FnMut(Option<&Cursor>) -> seshat::error::Result<Page<T>>,
    name: impl Fn(&T) -> Vec<u8>,
) -> Vec<T> {
    let (mut items, mut from, mut names) = (Vec::new(), None, BTreeSet::new());
    for _ in 0..100_000 {
        let page = page(from.as_ref()).unwrap();
        for item in page.items {
            assert!(names.insert(name(&item)), "{item:?} came twice");
            items.push(item);
        }
        match page.next {
            Some(next) => from = Some(next),
            None => return items,
        }
    }
    panic!("a listing without an end");
}

fn means(store: &mut dyn Store) -> &mut dyn References {
    store.references().expect("a store with the ability")
}

fn ids_in_pages(store: &mut dyn Store, owner: impl AsRef<[u8]>, most: usize) -> Vec<String> {
    let owner = reference(owner);
    let listed = pages(|from| means(store).sessions_of(&owner, from, most), |listed| listed.id.clone().into_bytes());
    let mut ids: Vec<String> = listed.into_iter().map(|listed| listed.id).collect();
    ids.sort();
    ids
}

/// The ids of the sessions that belong to `owner`, in order.
fn ids_of(store: &mut dyn Store, owner: impl AsRef<[u8]>) -> Vec<String> {
    let ids = ids_in_pages(store, &owner, 1000);
    assert_eq!(means(store).count_of(&reference(owner)).unwrap(), ids.len() as u64);
    ids
}

/// All references, in order.
fn all_in_pages(store: &mut dyn Store, most: usize) -> Vec<Vec<u8>> {
    let all = pages(|from| means(store).all(from, most), |reference| reference.as_bytes().to_vec());
    let mut all: Vec<Vec<u8>> = all.iter().map(|reference| reference.as_bytes().to_vec()).collect();
    all.sort();
    all
}

fn all(store: &mut dyn Store) -> Vec<String> {
    all_in_pages(store, 1000).into_iter().map(|name| String::from_utf8(name).unwrap()).collect()
}

fn owner(store: &mut dyn Store, id: &str) -> Option<Vec<u8>> {
    means(store).reference_of(sid(id)).unwrap().map(|reference| reference.as_bytes().to_vec())
}

pub fn a_session_is_found_under_its_reference(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    assert!(ids_of(&mut *store, "ann").is_empty());
    assert!(all(&mut *store).is_empty());
    assert_eq!(owner(&mut *store, "a1"), None);
    for (id, whose) in [("a1", "ann"), ("b1", "bob"), ("a2", "ann"), ("a3", "ann")] {
        write(&mut *store, id, whose, LONG);
    }
    store.write(sid("none"), b"nobody's", LONG).unwrap();
    // By another worker, which may only be looking.
    for mut other in [fixture.store(), keeper(fixture).unwrap()] {
        assert_eq!(ids_of(&mut *other, "ann"), ["a1", "a2", "a3"]);
        assert_eq!(ids_of(&mut *other, "bob"), ["b1"]);
        assert!(ids_of(&mut *other, "an").is_empty() && ids_of(&mut *other, "anne").is_empty());
        assert_eq!(all(&mut *other), ["ann", "bob"]);
        assert_eq!(owner(&mut *other, "a2").unwrap(), b"ann");
        assert_eq!(owner(&mut *other, "none"), None);
        assert_eq!(read(&mut *other, "a1").unwrap(), b"ann");
    }
}

pub fn a_listing_says_when_a_session_ends(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    let now = || {
        let system = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        fixture.clock().map_or(system, |clock| clock.now())
    };
    let early = now();
    write(&mut *store, "soon", "ann", LONG);
    let ann = reference("ann");
    let listed = pages(|from| means(&mut *store).sessions_of(&ann, from, 9), |listed| listed.id.clone().into_bytes());
    let soon = listed[0].expires;
    let late = now();
    assert!(
        (early + 1000 - 2..=late + 1000 + fixture.slack()).contains(&soon),
        "{soon} is not in {early}..{late} + 1000"
    );
}

pub fn a_reference_is_any_bytes(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    let long = [vec![b'x'; 254], vec![b'y'; 255], vec![0xff; 255], [&[b'x'; 254][..], b"z"].concat()];
    let mut names: Vec<Vec<u8>> = [
        &b"42"[..],
        b"042",
        b"42.0",
        b" 42",
        b"42 ",
        b"-42",
        b"a|b",
        b"a",
        b"|",
        b"A",
        b"a:b",
        b"{a}",
        b"*",
        b"%",
        b"_",
        b"'",
        b"\"",
        b"\\",
        b"../x",
        b"/",
        b".",
        b"..",
        b"\0",
        b"a\0",
        b"\r\n",
        b"\n",
        b"\xff\xfe",
        b"\xc3\xa9",
        b"e\xcc\x81",
        b"null",
        b"0",
        b"$a",
        b"a.b",
    ]
    .into_iter()
    .map(<[u8]>::to_vec)
    .chain(long)
    .collect();
    for (number, name) in names.iter().enumerate() {
        say(&mut *store, Assignment::Set(&reference(name)), false);
        store.write(sid(&format!("s{number}")), name, LONG).unwrap();
    }
    for (number, name) in names.iter().enumerate() {
        assert_eq!(ids_of(&mut *store, name), [format!("s{number}")], "{name:?}");
        assert_eq!(owner(&mut *store, &format!("s{number}")).as_ref(), Some(name));
    }
    names.sort();
    for most in [1, 5, 1000] {
        assert_eq!(all_in_pages(&mut *store, most), names, "{most} at a time");
    }
}

pub fn a_session_moves_with_its_reference(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    write(&mut *store, "s0", "ann", LONG);
    write(&mut *store, "s0", "bob", LONG);
    assert!(ids_of(&mut *store, "ann").is_empty());
    assert_eq!(ids_of(&mut *store, "bob"), ["s0"]);
    assert_eq!(all(&mut *store), ["bob"]);
    // By another worker, under a lock.
    let mut other = keeper(fixture).unwrap();
    let lease = hold(&mut *other, "s0");
    say(&mut *other, Assignment::Set(&reference("cay")), true);
    assert_eq!(other.write_unlock(sid("s0"), b"cay", LONG, lease).unwrap(), Committed::Done);
    assert_eq!((ids_of(&mut *store, "bob").len(), ids_of(&mut *store, "cay").len()), (0, 1));
    // Though its data stays as it is.
    let lease = hold(&mut *other, "s0");
    say(&mut *other, Assignment::Set(&reference("dee")), true);
    assert_eq!(other.touch_unlock(sid("s0"), b"cay", LONG, Some(lease), false).unwrap(), Committed::Done);
    assert!(becomes_free(&mut *other, "s0"));
    assert_eq!(ids_of(&mut *store, "dee"), ["s0"]);
    say(&mut *store, Assignment::Set(&reference("eve")), false);
    assert!(store.touch(sid("s0"), LONG).unwrap());
    assert_eq!(all(&mut *store), ["eve"]);
}

pub fn a_touch_after_an_early_extension_moves_it_too(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    write(&mut *store, "s0", "ann", LONG);
    for (name, locked) in [("bob", false), ("cay", true)] {
        let lease = locked.then(|| hold(&mut *store, "s0"));
        say(&mut *store, Assignment::Set(&reference(name)), true);
        assert_eq!(store.touch_unlock(sid("s0"), b"ann", LONG, lease, true).unwrap(), Committed::Done);
        // The answer of a touch need not have been waited for.
        assert!(support::wait_until(PATIENCE, || ids_of(&mut *store, name) == ["s0"]), "{name}");
        assert_eq!(all(&mut *store), [name]);
    }
}

pub fn a_session_that_lost_its_reference_is_not_listed(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    write(&mut *store, "s0", "ann", LONG);
    say(&mut *store, Assignment::Clear, false);
    store.write(sid("s0"), b"logged out", LONG).unwrap();
    assert!(ids_of(&mut *store, "ann").is_empty() && all(&mut *store).is_empty());
    assert_eq!(owner(&mut *store, "s0"), None);
    assert_eq!(read(&mut *store, "s0").unwrap(), b"logged out");
}

pub fn terms_count_for_one_write(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    write(&mut *store, "s0", "ann", LONG);
    store.write(sid("t0"), b"nobody's", LONG).unwrap();
    assert_eq!(owner(&mut *store, "t0"), None, "a reference was said for another write");
    say(&mut *store, Assignment::Set(&reference("bob")), true);
    assert!(!store.touch(sid("gone"), LONG).unwrap());
    store.write(sid("u0"), b"", LONG).unwrap();
    assert_eq!(owner(&mut *store, "u0"), None);
}

pub fn a_write_that_says_nothing_keeps_the_reference(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    write(&mut *store, "s0", "ann", LONG);
    for mut other in [keeper(fixture).unwrap(), fixture.store()] {
        other.write(sid("s0"), b"new", LONG).unwrap();
        assert_eq!(ids_of(&mut *store, "ann"), ["s0"]);
        let lease = hold(&mut *other, "s0");
        assert_eq!(other.write_unlock(sid("s0"), b"newer", LONG, lease).unwrap(), Committed::Done);
        let lease = hold(&mut *other, "s0");
        other.touch_unlock(sid("s0"), b"newer", LONG, Some(lease), false).unwrap();
        assert!(becomes_free(&mut *other, "s0"));
        assert_eq!(ids_of(&mut *store, "ann"), ["s0"]);
    }
}

pub fn an_ended_session_leaves_the_listing(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    for id in ["a0", "b0", "c0", "d0"] {
        write(&mut *store, id, "ann", LONG);
    }
    store.destroy(sid("a0")).unwrap();
    assert_eq!(ids_of(&mut *store, "ann"), ["b0", "c0", "d0"]);
    let lease = hold(&mut *store, "b0");
    store.destroy_unlock(sid("b0"), lease).unwrap();
    assert_eq!(ids_of(&mut *store, "ann"), ["c0", "d0"]);
    // By a worker that knows nothing of references: the entry heals.
    fixture.store().destroy(sid("c0")).unwrap();
    assert_eq!(ids_of(&mut *store, "ann"), ["d0"]);
    // Another session under the id of an ended one has nothing of it.
    store.write(sid("c0"), b"somebody else's", LONG).unwrap();
    assert_eq!((ids_of(&mut *store, "ann"), owner(&mut *store, "c0")), (vec!["d0".to_owned()], None));
    store.destroy(sid("d0")).unwrap();
    assert!(ids_of(&mut *store, "ann").is_empty() && all(&mut *store).is_empty());
}

pub fn an_expired_session_is_not_listed(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    let ttl = fixture.clock().map_or(fixture.shortest_lifetime(), |_| Duration::from_secs(10));
    write(&mut *store, "long", "ann", LONG);
    write(&mut *store, "short", "ann", ttl);
    write(&mut *store, "only", "bob", ttl);
    fixture.outlive(&mut *store, ttl, &["short", "only"]);
    assert_eq!(ids_of(&mut *store, "ann"), ["long"]);
    assert!(ids_of(&mut *store, "bob").is_empty());
    assert_eq!(all(&mut *store), ["ann"]);
    assert_eq!(owner(&mut *store, "only"), None);
    // Written again, it is a new session.
    store.write(sid("only"), b"", LONG).unwrap();
    assert_eq!(owner(&mut *store, "only"), None);
    store.gc(LONG).unwrap();
    assert_eq!((ids_of(&mut *store, "ann").len(), all(&mut *store).len()), (1, 1));
}

pub fn a_session_that_is_kept_alive_stays_listed(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    let ttl = fixture.clock().map_or(fixture.shortest_lifetime(), |_| Duration::from_secs(10));
    let ids = ["touched", "opened", "locked", "unlocked", "written", "short"];
    for id in ids {
        write(&mut *store, id, "ann", ttl);
    }
    // By a worker that was told of no reference: only that there are some.
    let mut other = keeper(fixture).unwrap();
    assert!(other.touch(sid("touched"), LONG).unwrap());
    let request = OpenRequest { extend: Some(LONG), ..OpenRequest::default() };
    assert!(other.open(sid("opened"), &request, &mut Vec::new()).unwrap().found);
    let lease = hold(&mut *other, "locked");
    other.touch_unlock(sid("locked"), b"ann", LONG, Some(lease), false).unwrap();
    other.touch_unlock(sid("unlocked"), b"ann", LONG, None, false).unwrap();
    assert!(becomes_free(&mut *other, "locked"));
    other.write(sid("written"), b"again", LONG).unwrap();
    fixture.outlive(&mut *store, ttl, &["short"]);
    for _ in 0..2 {
        assert_eq!(ids_of(&mut *store, "ann"), ["locked", "opened", "touched", "unlocked", "written"]);
        assert_eq!(all(&mut *store), ["ann"]);
        store.gc(LONG).unwrap();
    }
}

pub fn a_refused_write_changes_no_reference(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    if store.capabilities().lock_dies_with_holder {
        return;
    }
    write(&mut *store, "s0", "ann", LONG);
    let mut late = keeper(fixture).unwrap();
    let lease = hold(&mut *late, "s0");
    let copy = Lease { token: lease.token, guard: None };
    late.unlock(sid("s0"), copy).unwrap();
    assert!(becomes_free(&mut *store, "s0"));
    let newer = hold(&mut *store, "s0");
    say(&mut *late, Assignment::Set(&reference("mallory")), true);
    assert_eq!(late.write_unlock(sid("s0"), b"late", LONG, lease).unwrap(), Committed::LeaseLost);
    assert_eq!(ids_of(&mut *store, "ann"), ["s0"]);
    assert!(ids_of(&mut *store, "mallory").is_empty());
    assert_eq!(all(&mut *store), ["ann"]);
    store.unlock(sid("s0"), newer).unwrap();
}

pub fn an_ended_session_is_not_written_again(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    let (mut other, ann) = (keeper(fixture).unwrap(), reference("ann"));
    for (turn, locked) in [(0, false), (1, true), (2, false), (3, true), (4, true)] {
        let id = format!("s{turn}");
        write(&mut *store, &id, "ann", LONG);
        let lease = if locked && store.capabilities().locks {
            let (opened, _) = open_locked(&mut *store, &id, Duration::ZERO, LONG);
            Some(crate::fixture::held(opened.lock))
        } else {
            store.open(sid(&id), &OpenRequest::default(), &mut Vec::new()).unwrap();
            None
        };
        other.destroy(sid(&id)).unwrap();
        say(&mut *store, Assignment::Set(&ann), true);
        let outcome = match (turn, lease) {
            (0, _) => store.write(sid(&id), b"late", LONG).map(|()| Committed::Done),
            (1, Some(lease)) => store.write_unlock(sid(&id), b"late", LONG, lease),
            (4, lease) => store.touch_unlock(sid(&id), b"ann", LONG, lease, true),
            (_, lease) => store.touch_unlock(sid(&id), b"ann", LONG, lease, false),
        };
        // A touch may be sent without waiting for its answer.
        match outcome {
            Err(error) => assert_eq!(error.kind(), Kind::Ended, "{error}"),
            Ok(_) => assert!(turn > 1, "the refusal of a write must be heard"),
        }
        if locked && store.capabilities().locks {
            assert!(becomes_free(&mut *other, &id), "turn {turn}: the lock was given up");
        }
        assert_eq!(read(&mut *store, &id), None, "turn {turn}");
        assert_eq!(read(&mut *other, &id), None, "turn {turn}");
        assert!(ids_of(&mut *other, "ann").is_empty());
    }
}

pub fn an_existing_session_is_written(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    write(&mut *store, "s0", "ann", LONG);
    say(&mut *store, Assignment::Keep, true);
    store.write(sid("s0"), b"1", LONG).unwrap();
    say(&mut *store, Assignment::Keep, true);
    // The same bytes again: a storage that counts what it changed must not take it for gone.
    store.write(sid("s0"), b"1", LONG).unwrap();
    let lease = hold(&mut *store, "s0");
    say(&mut *store, Assignment::Keep, true);
    assert_eq!(store.write_unlock(sid("s0"), b"22", LONG, lease).unwrap(), Committed::Done);
    let lease = hold(&mut *store, "s0");
    say(&mut *store, Assignment::Keep, true);
    assert_eq!(store.touch_unlock(sid("s0"), b"22", LONG, Some(lease), true).unwrap(), Committed::Done);
    assert!(becomes_free(&mut *store, "s0") && is_free(&mut *store, "s0"));
    assert_eq!(read(&mut *store, "s0").unwrap(), b"22");
    assert_eq!(ids_of(&mut *store, "ann"), ["s0"]);
    // What expired is gone.
    let ttl = fixture.clock().map_or(fixture.shortest_lifetime(), |_| Duration::from_secs(10));
    write(&mut *store, "old", "ann", ttl);
    fixture.outlive(&mut *store, ttl, &["old"]);
    say(&mut *store, Assignment::Keep, true);
    assert_eq!(store.write(sid("old"), b"late", LONG).unwrap_err().kind(), Kind::Ended);
    assert_eq!(read(&mut *store, "old"), None);
}

pub fn a_session_that_vanished_comes_back_with_its_reference(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    say(&mut *store, Assignment::Set(&reference("ann")), false);
    assert_eq!(store.touch_unlock(sid("s0"), b"data", LONG, None, false).unwrap(), Committed::Done);
    assert!(support::wait_until(PATIENCE, || ids_of(&mut *store, "ann") == ["s0"]));
    assert_eq!(read(&mut *store, "s0").unwrap(), b"data");
}

pub fn listings_come_in_pages(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    let mut ids: Vec<String> =
        (0..500_u32).map(|number| format!("{:08x}", number.wrapping_mul(2_654_435_761))).collect();
    for id in &ids {
        write(&mut *store, id, "ann", LONG);
    }
    let mut names: Vec<Vec<u8>> = (0..200).map(|number| format!("user {number}").into_bytes()).collect();
    for (number, name) in names.iter().enumerate() {
        say(&mut *store, Assignment::Set(&reference(name)), false);
        store.write(sid(&format!("u{number}")), b"", LONG).unwrap();
    }
    names.push(b"ann".to_vec());
    names.sort();
    ids.sort();
    for most in [1, 7, 499, 500, 501, 5000] {
        assert_eq!(ids_in_pages(&mut *store, "ann", most), ids, "{most} at a time");
        assert_eq!(all_in_pages(&mut *store, most), names, "{most} at a time");
    }
    // What is there all the time is not missed while others go.
    let (owner, mut from, mut seen) = (reference("ann"), None, BTreeSet::new());
    for turn in 0..1000 {
        let page = means(&mut *store).sessions_of(&owner, from.as_ref(), 10).unwrap();
        seen.extend(page.items.into_iter().map(|listed| listed.id));
        if let Some(gone) = ids.get(turn * 3) {
            store.destroy(sid(gone)).unwrap();
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert!(from.is_none());
    let gone: BTreeSet<&String> = ids.iter().step_by(3).collect();
    for id in &ids {
        assert!(gone.contains(id) || seen.contains(id), "{id} was there all the time");
    }
}

pub fn many_workers_leave_index_and_sessions_in_agreement(fixture: &dyn Fixture) {
    let Some(mut store) = keeper(fixture) else { return };
    let workers: Vec<_> = (0..4_u64)
        .map(|worker| {
            let mut store = keeper(fixture).unwrap();
            std::thread::spawn(move || {
                let mut random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(worker + 1);
                for _ in 0..150 {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let (id, user) = (format!("s{}", (random >> 33) % 40), format!("user {}", (random >> 43) % 8));
                    match (random >> 53) % 8 {
                        0 | 1 => store.destroy(sid(&id)).unwrap(),
                        2 => {
                            say(&mut *store, Assignment::Clear, false);
                            store.write(sid(&id), b"-", LONG).unwrap();
                        }
                        3 => {
                            say(&mut *store, Assignment::Set(&reference(&user)), false);
                            store.touch(sid(&id), LONG).unwrap();
                        }
                        _ => write(&mut *store, &id, &user, LONG),
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("a worker's calls succeed");
    }
    agree(&mut *store, 40, 8);
}

/// The listings say of these sessions and users exactly what the records say.
fn agree(store: &mut dyn Store, sessions: usize, users: usize) {
    let mut wanted: Vec<Vec<String>> = vec![Vec::new(); users];
    for id in (0..sessions).map(|number| format!("s{number}")) {
        let exists = store.exists(sid(&id)).unwrap();
        let whose = owner(store, &id).map(|name| String::from_utf8(name).unwrap());
        assert!(exists || whose.is_none());
        if let Some(number) =
            whose.and_then(|name| name.strip_prefix("user ").and_then(|number| number.parse::<usize>().ok()))
        {
            let ids: &mut Vec<String> = &mut wanted[number];
            ids.push(id);
        }
    }
    for (number, ids) in wanted.iter_mut().enumerate() {
        ids.sort();
        assert_eq!(&ids_of(store, format!("user {number}")), ids, "user {number}");
    }
    let mut named: Vec<String> =
        (0..users).filter(|user| !wanted[*user].is_empty()).map(|user| format!("user {user}")).collect();
    named.sort();
    assert_eq!(all(store), named);
}
