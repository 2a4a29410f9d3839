//! References: what they cost, what is left in the cluster, and what happens between session and index.

use crate::aerospike_stand_in::{Options, StandIn};
use crate::waits::Subject;
use crate::{HOUR, ID, locking, named, store};
use seshat::error::{Kind, Operation};
use seshat::session::handler::{Policy, Source};
use seshat::session::reference::{Assignment, Reference, Terms};
use seshat::session::store::{OpenRequest, Store};

fn reference(name: &str) -> Reference {
    Reference::parse(name.as_bytes(), Operation::Write).unwrap()
}

fn keeper(server: &StandIn) -> Box<dyn Store> {
    let mut store = store(&server.dsn(""));
    store.keep_references();
    store
}

fn say(store: &mut dyn Store, user: Option<&str>, existing: bool) {
    let user = user.map(reference);
    let reference = user.as_ref().map_or(Assignment::Clear, Assignment::Set);
    store.set_terms(&Terms { reference, existing });
}

fn write(store: &mut dyn Store, id: &str, user: Option<&str>) -> seshat::error::Result<()> {
    say(store, user, false);
    store.write(named(id), b"data", HOUR)
}

fn ids(store: &mut dyn Store, user: &str) -> Vec<String> {
    let page = store.references().unwrap().sessions_of(&reference(user), None, 1000).unwrap();
    page.items.into_iter().map(|listed| listed.id).collect()
}

fn all(store: &mut dyn Store) -> usize {
    store.references().unwrap().all(None, 1000).unwrap().items.len()
}

#[test]
fn a_session_that_keeps_its_reference_waits_no_more_often() {
    for lock in [false, true] {
        let mut subject = Subject::with(Policy { reference: Source::Variable("user".into()), ..locking(lock) });
        // The write waits for its two entries before and for the same behind it.
        let comes = ["41", "42", "41", "42"].map(|user| {
            subject.user = Some(user);
            subject.visit(false, true).0
        });
        assert_eq!(comes.iter().min(), Some(&(2 + 4)), "comes to a reference, locked: {lock}");
        assert_eq!(subject.cycle(lock, true), (2, 2), "changed, locked: {lock}");
        // Unlocked there is nothing left to do: one that vanished since is not brought back.
        let commands = if lock { 2 } else { 1 };
        assert_eq!(subject.cycle(!lock, false), (1, commands), "unchanged, locked: {lock}");
        assert_eq!(subject.handler.count_of(&reference("42")).unwrap(), 1);
    }
}

#[test]
fn nothing_is_left_of_what_is_gone() {
    let server = StandIn::usual();
    let (mut one, mut other) = (keeper(&server), store(&server.dsn("")));
    for number in 0..50 {
        write(&mut *one, &format!("s{number}"), Some(&format!("user {}", number % 7))).unwrap();
    }
    // By a worker that knows nothing of references.
    (0..50).for_each(|number| other.destroy(named(&format!("s{number}"))).unwrap());
    assert!(server.count() > 0, "the index is there still");
    assert_eq!(all(&mut *one), 0);
    assert_eq!(server.count(), 0, "no record of the index is left");
    // gc does it, too: it looks at the references one after the other.
    for number in 0..50 {
        write(&mut *one, &format!("s{number}"), Some(&format!("user {number}"))).unwrap();
    }
    (0..50).for_each(|number| other.destroy(named(&format!("s{number}"))).unwrap());
    other.gc(HOUR).unwrap();
    assert!(server.count() > 0, "who keeps none looks at none");
    for _ in 0..10 {
        one.gc(HOUR).unwrap();
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn an_entry_that_went_meanwhile_is_made_again() {
    for locked in [false, true] {
        let server = StandIn::usual();
        let (mut late, mut other) = (keeper(&server), keeper(&server));
        write(&mut *late, ID, Some("ann")).unwrap();
        let lease = locked.then(|| crate::hold(&mut *late, HOUR));
        // It knows from here on that the session is ann's.
        late.open(named(ID), &OpenRequest::default(), &mut Vec::new()).unwrap();
        write(&mut *other, ID, None).unwrap();
        assert_eq!((ids(&mut *other, "ann").len(), all(&mut *other)), (0, 0), "and the entries are gone");
        say(&mut *late, Some("ann"), true);
        match lease {
            Some(lease) => late.write_unlock(named(ID), b"late", HOUR, lease).map(drop).unwrap(),
            None => late.write(named(ID), b"late", HOUR).unwrap(),
        }
        assert_eq!((ids(&mut *other, "ann").len(), all(&mut *other)), (1, 1), "locked: {locked}");
    }
}

#[test]
fn a_new_entry_is_not_taken_for_the_wrong_one_that_was_there() {
    // A listing looks at many entries, one after the other. Meanwhile another worker writes.
    let server = StandIn::usual();
    let (mut one, mut other) = (keeper(&server), keeper(&server));
    let names: Vec<String> = (0..100).map(|number| format!("s{number:02}")).collect();
    for id in &names {
        write(&mut *one, id, Some("ann")).unwrap();
        other.destroy(named(id)).unwrap();
    }
    let writer = std::thread::spawn(move || {
        for id in &names {
            write(&mut *other, id, Some("ann")).unwrap();
        }
        (other, names)
    });
    while !writer.is_finished() {
        ids(&mut *one, "ann");
        all(&mut *one);
    }
    let (_, names) = writer.join().unwrap();
    assert_eq!(ids(&mut *one, "ann"), names);
    assert_eq!(all(&mut *one), 1);
}

#[test]
fn a_full_index_forgets_what_is_gone_and_then_says_that_it_is_full() {
    let server = StandIn::start(Options { record_limit: 1000, ..Options::default() });
    let mut one = keeper(&server);
    for number in 0..500 {
        let id = format!("gone{number}");
        write(&mut *one, &id, Some("ann")).unwrap();
        one.destroy(named(&id)).unwrap();
    }
    let mut written = 0;
    let failure = loop {
        match write(&mut *one, &format!("there{written}"), Some("ann")) {
            Ok(()) => written += 1,
            Err(failure) => break failure,
        }
        assert!(written < 500, "the record is bounded");
    };
    assert_eq!(failure.kind(), Kind::TooLarge);
    assert!(failure.to_string().contains("one reference has more sessions"), "{failure}");
    assert!(!one.exists(named(&format!("there{written}"))).unwrap(), "it would not be found");
    assert!(written > 10);
    assert_eq!(ids(&mut *one, "ann").len(), written);
    // Others have room.
    write(&mut *one, "bobs", Some("bob")).unwrap();
}
