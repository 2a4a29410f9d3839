//! What is stored, and what of others is read.

use crate::mongodb_server::MongoServer;
use crate::{HOUR, ID, Onlooker, hold, read, server, sid, store, store_at};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, doc};
use seshat::session::clock::Clock;
use seshat::session::lock::{LockRequest, LockState};
use seshat::session::store::{Committed, OpenRequest};
use std::time::Duration;

const NOW: u64 = 1_800_000_000;

fn date(seconds: u64) -> DateTime {
    DateTime::from_millis(i64::try_from(seconds * 1000).unwrap())
}

fn binary(bytes: &[u8]) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() })
}

#[test]
fn documents_are_symfony_s_or_the_incubator_s() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    let mut symfony = store_at(&server.dsn(&collection, ""), Clock::manual(NOW));
    symfony.write(sid(), b"a\0\xff", HOUR).unwrap();
    let expected = doc! { "_id": ID, "data": binary(b"a\0\xff"), "time": date(NOW), "expires_at": date(NOW + 3600) };
    assert_eq!(sorted(onlooker.find(ID).unwrap()), sorted(expected));
    symfony.destroy(sid()).unwrap();
    let mut incubator = store_at(&server.dsn(&collection, "&layout=incubator"), Clock::manual(NOW));
    incubator.write(sid(), b"a|i:1;", HOUR).unwrap();
    let expected = doc! { "_id": ID, "data": "a|i:1;", "modified": date(NOW), "expires_at": date(NOW + 3600) };
    assert_eq!(sorted(onlooker.find(ID).unwrap()), sorted(expected));
    incubator.write(sid(), b"\xff", HOUR).unwrap();
    assert_eq!(
        onlooker.find(ID).unwrap().get("data"),
        Some(&binary(b"\xff")),
        "what is no string is stored all the same"
    );
    assert_eq!(read(&mut *symfony, ID).unwrap(), b"\xff");
}

fn sorted(document: mongodb::bson::Document) -> std::collections::BTreeMap<String, Bson> {
    document.into_iter().collect()
}

/// Every document that one of the adapters for Phalcon left behind, each by every way to open a session.
#[test]
fn sessions_of_the_incubator_go_on() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    let clock = Clock::manual(NOW);
    let dsn = server.dsn(&collection, "");
    let seconds = |seconds: u64| DateTime::from_millis(i64::try_from(seconds).unwrap());
    for (name, modified, alive) in [
        ("recent", Bson::from(date(NOW - 100)), true),
        ("recent-seconds", Bson::from(seconds(NOW - 100)), true),
        ("inserted", Bson::Null, true),
        ("old", Bson::from(date(NOW - 1500)), false),
        ("old-seconds", Bson::from(seconds(NOW - 1500)), false),
    ] {
        for way in ["read", "exists", "touch", "open", "open-extend", "open-lock", "open-lock-extend", "open-lock-new"]
        {
            let id = format!("{name}-{way}");
            onlooker.insert(doc! { "_id": &id, "modified": modified.clone(), "data": "a|i:1;" });
            let mut one = store_at(&dsn, clock.clone());
            one.set_lifetime(Duration::from_secs(1440));
            let mut data = Vec::new();
            let sid = crate::named(&id);
            let lock = LockRequest { wait: Duration::ZERO, lease: HOUR, holder: "", max_waiters: None };
            let mut open = |lock: Option<LockRequest<'_>>, lock_missing, extend| {
                let opened = one.open(sid, &OpenRequest { lock, lock_missing, extend }, &mut data).unwrap();
                if let LockState::Held(lease) = opened.lock {
                    assert_eq!(one.write_unlock(sid, b"new", HOUR, lease).unwrap(), Committed::Done);
                    assert_eq!(read(&mut *one, &id).unwrap(), b"new");
                } else {
                    assert!(!alive || lock.is_none(), "{id}: {:?}", opened.lock);
                }
                opened.found
            };
            let found = match way {
                "read" => one.read(sid, &mut data).unwrap(),
                "exists" => one.exists(sid).unwrap(),
                "touch" => one.touch(sid, HOUR).unwrap(),
                "open" => open(None, false, None),
                "open-extend" => open(None, false, Some(HOUR)),
                "open-lock" => open(Some(lock), false, None),
                "open-lock-extend" => open(Some(lock), false, Some(HOUR)),
                _ => open(Some(lock), true, Some(HOUR)),
            };
            assert_eq!(found, alive, "{id}");
            let reads = alive && !matches!(way, "exists" | "touch");
            assert_eq!(data, if reads { &b"a|i:1;"[..] } else { b"" }, "{id}");
            if alive && matches!(way, "touch" | "open-extend") {
                assert_eq!(onlooker.find(&id).unwrap().get_datetime("expires_at").unwrap(), &date(NOW + 3600));
            }
        }
    }
    // What is left, by gc: the old ones that nobody wrote since, and not those whose age nobody knows.
    let mut one = store_at(&dsn, clock.clone());
    let old = 2 * 7;
    assert_eq!(one.gc(Duration::from_secs(1440)).unwrap(), old);
    assert!(onlooker.find("inserted-read").is_some() && onlooker.find("recent-read").is_some());
    clock.advance(Duration::from_secs(1500));
    assert!(one.gc(Duration::from_secs(1440)).unwrap() > 0);
    assert!(onlooker.find("inserted-read").is_none(), "its age counts from when it was first seen");
    assert!(onlooker.find("open-lock-recent").is_none() && onlooker.find("recent-touch").is_some());
}

#[test]
fn a_lock_is_in_the_session_s_document_and_says_whose_it_is() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    let mut one = store(&server.dsn(&collection, ""));
    let lease = hold(&mut *one, HOUR);
    let lock = onlooker.find(ID).unwrap();
    assert_eq!(lock.get_document("lock").unwrap().get_str("holder").unwrap(), "pid 7 GET /cart");
    assert!(!lock.contains_key("data") && lock.contains_key("expires_at"), "a lock alone is no session, and goes too");
    one.unlock(sid(), lease).unwrap();
    assert_eq!(onlooker.find(ID), None, "nothing is left of it");
    one.write(sid(), b"a", HOUR).unwrap();
    let lease = hold(&mut *one, HOUR);
    one.unlock(sid(), lease).unwrap();
    assert!(!onlooker.find(ID).unwrap().contains_key("lock"));
}

#[test]
fn what_is_no_session_is_not_taken_for_one() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    onlooker.insert(doc! { "_id": ID, "data": 5, "expires_at": date(4 * NOW) });
    let mut one = store(&server.dsn(&collection, ""));
    let error = one.read(sid(), &mut Vec::new()).unwrap_err();
    crate::told(&error, seshat::error::Kind::Corrupt, &["no session in its field"]);
}
