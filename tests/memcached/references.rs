//! What keeps the index of references right where the laws of all stores do not look: entries that the
//! server has lost, workers that know nothing of references, and many log-ins.

use crate::memcached_server::MemcachedServer;
use crate::{HOUR, ID, KEY, PATIENCE, named, server, sid, store};
use seshat::backend::{self, Environment};
use seshat::error::Operation;
use seshat::session::handler::Policy;
use seshat::session::reference::{Assignment, Reference, Terms};
use seshat::session::store::Store;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

fn keeper(dsn: &str) -> Box<dyn Store> {
    let mut store = store(dsn);
    store.keep_references();
    store
}

fn ann() -> Reference {
    Reference::parse(b"ann", Operation::Write).unwrap()
}

fn log_in(store: &mut dyn Store, id: &str) {
    store.set_terms(&Terms { reference: Assignment::Set(&ann()), existing: false });
    store.write(named(id), b"in", HOUR).unwrap();
}

fn ids(store: &mut dyn Store) -> Vec<String> {
    let page = store.references().unwrap().sessions_of(&ann(), None, 1000).unwrap();
    page.items.into_iter().map(|listed| listed.id).collect()
}

fn all(store: &mut dyn Store) -> usize {
    store.references().unwrap().all(None, 1000).unwrap().items.len()
}

/// The keys that begin with these.
fn index() -> (String, String) {
    let digest = sha1_smol::Sha1::from("ann").digest();
    let register = format!("memc.sess.key.all.{:02}", digest.bytes()[0] % 64);
    (format!("memc.sess.key.refs.{}", &digest.to_string()[..32]), register)
}

#[test]
fn an_index_that_was_evicted_comes_back_with_the_sessions() {
    let server = server!();
    let mut store = keeper(&server.dsn(""));
    log_in(&mut *store, ID);
    let (index, register) = index();
    for key in [&index, &register] {
        assert!(server.item(key).is_some(), "{key}");
        server.say(&format!("delete {key}"));
    }
    assert_eq!((ids(&mut *store).len(), all(&mut *store)), (0, 0));
    // By chance, one time in 32: that it does not happen in so many has a chance of one in 10 to the 27.
    let healed = (0..2000).any(|_| {
        log_in(&mut *store, ID);
        server.item(&index).is_some()
    });
    assert!(healed);
    assert_eq!((ids(&mut *store), all(&mut *store)), (vec![ID.to_owned()], 1));
}

#[test]
fn a_session_that_a_stranger_ended_is_found_when_it_is_back() {
    let server = server!();
    let mut keeper = keeper(&server.dsn(""));
    let mut stranger = store(&server.dsn(""));
    log_in(&mut *keeper, ID);
    stranger.destroy(sid()).unwrap();
    // The listing leaves the entry, because the session's own reference is there still.
    assert_eq!((ids(&mut *keeper).len(), all(&mut *keeper)), (0, 0));
    log_in(&mut *keeper, ID);
    assert_eq!((ids(&mut *keeper).len(), all(&mut *keeper)), (1, 1));
    stranger.destroy(sid()).unwrap();
    keeper.write(sid(), b"somebody else", HOUR).unwrap();
    assert!(server.item(KEY).is_some());
    assert_eq!((ids(&mut *keeper).len(), all(&mut *keeper)), (0, 0));
}

#[test]
fn many_log_ins_leave_a_short_index() {
    let server = server!();
    let mut store = keeper(&server.dsn(""));
    for number in 0..1500 {
        let id = format!("session{number}");
        log_in(&mut *store, &id);
        store.destroy(named(&id)).unwrap();
    }
    // Two entries each would be some 35 kB; one in 16 log-ins looks whether it is time.
    let (index, register) = index();
    for key in [index, register] {
        let length = server.item(&key).map_or(0, |(_, value)| value.len());
        assert!(length < 12_000, "{key} has {length} bytes");
    }
    assert_eq!((ids(&mut *store).len(), all(&mut *store)), (0, 0));
}

#[test]
fn sessions_with_copies_have_no_references() {
    let (one, two) = (server!(), server!());
    let dsn = format!("memcached://127.0.0.1:{},127.0.0.1:{}?replicas=1", one.port(), two.port());
    let mut copied = store(&dsn);
    assert!(!copied.capabilities().references && copied.references().is_none());
    // Who asks for both is told which two.
    let error = backend::from_dsn(&format!("{dsn}&ref=user"), &Environment::default(), &Policy::default());
    let message = error.map(drop).unwrap_err().to_string();
    assert!(
        message.contains("memcached") && message.contains("replicas=1") && message.contains("\"ref\""),
        "{message}"
    );
    assert!(
        message.ends_with("leave out one of the two"),
        "without the stores that can, of which it is one: {message}"
    );
}

/// DALMP's item under the key `noted`: each session's key, and its reference and expiry as PHP serializes them.
fn note(server: &MemcachedServer, notes: &[(&str, &str)]) {
    let entries: String = notes.iter().map(|(key, note)| format!("s:{}:\"{key}\";a:1:{{{note}}}", key.len())).collect();
    let value = format!("a:{}:{{{entries}}}", notes.len());
    assert_eq!(server.say(&format!("set noted 1 3600 {}\r\n{value}", value.len())), "STORED");
}

#[test]
fn what_dalmp_has_noted_is_taken_over_once() {
    let server = server!();
    for protocol in ["meta", "text", "binary"] {
        let prefix = format!("{protocol}.");
        let mut keeper = keeper(&server.dsn(&format!("?prefix={prefix}&dalmp_references=noted&protocol={protocol}")));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let hers = format!("s:3:\"ann\";i:{};", now + 1000);
        for id in ["one", "two", "old"] {
            keeper.write(named(id), b"in", HOUR).unwrap();
        }
        let bob = Reference::parse(b"bob", Operation::Write).unwrap();
        keeper.set_terms(&Terms { reference: Assignment::Set(&bob), existing: false });
        keeper.write(named("his"), b"in", HOUR).unwrap();
        let key = |id: &str| format!("{prefix}{id}");
        let long_ago = format!("s:3:\"ann\";i:{};", now - 10);
        note(
            &server,
            &[
                (&key("one"), &hers),
                (&key("two"), "i:42;s:10:\"9999999999\";"),
                (&key("his"), &hers),
                (&key("old"), &long_ago),
                (&key("gone"), &hers),
                (&key("no id"), &hers),
                ("elsewhere", &hers),
            ],
        );
        assert_eq!(ids(&mut *keeper), ["one"], "{protocol}");
        assert!(server.item("noted").is_none(), "{protocol}");
        assert_eq!(all(&mut *keeper), 3, "{protocol}: ann, bob and 42");
        let listed = keeper.references().unwrap().sessions_of(&ann(), None, 10).unwrap().items;
        assert!(listed.iter().all(|listed| listed.expires.abs_diff(now + 1000) < 30), "{protocol}: {listed:?}");

        // A program of DALMP's that still runs, and one of somebody else's that uses the key.
        note(&server, &[(&key("old"), &hers)]);
        assert_eq!(all(&mut *keeper), 3, "{protocol}");
        assert_eq!(ids(&mut *keeper), ["old", "one"], "{protocol}");
        assert_eq!(server.say("set noted 0 0 5\r\nhello"), "STORED");
        assert_eq!(ids(&mut *keeper), ["old", "one"], "{protocol}");
        assert!(server.item("noted").is_some(), "{protocol}");
    }
}

#[test]
fn what_dalmp_notes_during_a_taking_over_is_not_lost() {
    let server = server!();
    let dsn = server.dsn("?prefix=s.&dalmp_references=noted");
    let mut writer = keeper(&dsn);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let lists = scope.spawn(|| {
            let mut lister = keeper(&dsn);
            let end = Instant::now() + PATIENCE;
            while !done.load(Ordering::Relaxed) && Instant::now() < end {
                ids(&mut *lister);
            }
        });
        for round in 0..40 {
            let (one, other) = (format!("one{round}"), format!("other{round}"));
            for id in [&one, &other] {
                writer.write(named(id), b"in", HOUR).unwrap();
            }
            let (one, other) = (format!("s.{one}"), format!("s.{other}"));
            note(&server, &[(&one, "s:3:\"ann\";i:9999999999;")]);
            note(&server, &[(&one, "s:3:\"ann\";i:9999999999;"), (&other, "s:3:\"ann\";i:9999999999;")]);
            let end = Instant::now() + PATIENCE;
            while server.item("noted").is_some() && Instant::now() < end {
                std::thread::yield_now();
            }
        }
        done.store(true, Ordering::Relaxed);
        lists.join().unwrap();
    });
    let found = ids(&mut *writer);
    assert_eq!(found.iter().filter(|id| id.starts_with("other")).count(), 40, "{found:?}");
}
