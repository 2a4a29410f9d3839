//! Locks that are renewed, and releases that never arrive.

use crate::deaf_proxy::DeafProxy;
use crate::mongodb_server::MongoServer;
use crate::{HOUR, ID, Onlooker, PATIENCE, hold, lock, read, server, sid, store, store_at, support};
use seshat::session::clock::Clock;
use seshat::session::lock::{LockRequest, LockState};
use seshat::session::store::OpenRequest;
use std::time::{Duration, Instant};

#[test]
fn a_release_that_never_arrived_is_repeated_while_the_next_lock_is_waited_for() {
    let server = server!(MongoServer::start(&["--standalone"]));
    let proxy = DeafProxy::to(server.port());
    let dsn = server.port_dsn(proxy.port(), &MongoServer::collection(), "&heartbeatFrequencyMS=3600000");
    let mut one = store(&dsn);
    one.write(sid(), b"a", HOUR).unwrap();
    let lease = hold(&mut *one, HOUR);
    proxy.ignore(1);
    one.touch_unlock(sid(), b"a", HOUR, Some(lease), true).unwrap();
    assert!(support::wait_until(PATIENCE, || proxy.has_ignored()));
    assert!(matches!(lock(&mut *one, Duration::from_secs(10), HOUR), LockState::Held(_)), "the holder is itself");
}

/// The server removes a document when its time has come, whatever is in it.
#[test]
fn a_document_that_is_a_lock_alone_stays_as_long_as_the_lock() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    let mut one = store(&server.dsn(&collection, ""));
    let lease = hold(&mut *one, Duration::from_secs(1));
    assert!(one.renew(sid(), &lease, HOUR).unwrap());
    let document = onlooker.find(ID).unwrap();
    let until = document.get_document("lock").unwrap().get_datetime("until").unwrap();
    assert!(document.get_datetime("expires_at").unwrap() >= until, "{document}");
    one.unlock(sid(), lease).unwrap();
    // A session lives as long as it was said, and no longer.
    one.write(sid(), b"a", Duration::from_secs(60)).unwrap();
    let before = onlooker.find(ID).unwrap().get_datetime("expires_at").unwrap().to_owned();
    let request = LockRequest { wait: Duration::ZERO, lease: HOUR, holder: "", max_waiters: None };
    let open = OpenRequest { lock: Some(request), lock_missing: true, extend: None };
    let LockState::Held(lease) = one.open(sid(), &open, &mut Vec::new()).unwrap().lock else { panic!("free") };
    assert!(one.renew(sid(), &lease, HOUR).unwrap());
    assert_eq!(onlooker.find(ID).unwrap().get_datetime("expires_at").unwrap(), &before);
}

#[test]
fn a_unique_index_that_is_in_the_way_is_said_at_once_and_without_the_id() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    let unique = mongodb::options::IndexOptions::builder().unique(true).build();
    let keys = mongodb::bson::doc! { "user": 1 };
    onlooker.create_index(mongodb::IndexModel::builder().keys(keys).options(unique).build());
    onlooker.insert(mongodb::bson::doc! { "_id": "another" });
    let mut one = store(&server.dsn(&collection, ""));
    let request = LockRequest { wait: Duration::from_secs(30), lease: HOUR, holder: "", max_waiters: None };
    let asked = Instant::now();
    for error in [one.lock(sid(), &request).unwrap_err(), one.write(sid(), b"a", HOUR).unwrap_err()] {
        crate::told(&error, seshat::error::Kind::Storage, &["unique index"]);
        assert!(!error.to_string().contains(ID) && !error.to_string().contains("E11000"), "{error}");
    }
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
}

#[test]
fn gc_comes_neither_too_early_nor_under_a_lock() {
    let server = server!(MongoServer::shared());
    let (dsn, clock) = (server.dsn(&MongoServer::collection(), ""), Clock::manual(1_800_000_000));
    let (mut one, mut two) = (store_at(&dsn, clock.clone()), store_at(&dsn, clock.clone()));
    one.write(sid(), b"a", Duration::from_secs(10)).unwrap();
    clock.advance(Duration::from_secs(9));
    assert_eq!(two.gc(HOUR).unwrap(), 0);
    assert_eq!(read(&mut *two, ID).unwrap(), b"a");
    let lease = hold(&mut *one, HOUR);
    clock.advance(Duration::from_secs(11));
    assert_eq!((two.gc(HOUR).unwrap(), read(&mut *two, ID)), (0, None));
    assert!(matches!(lock(&mut *two, Duration::ZERO, HOUR), LockState::Busy(_)));
    one.unlock(sid(), lease).unwrap();
    assert_eq!(two.gc(HOUR).unwrap(), 1);
}

#[test]
fn what_expired_does_not_come_back_with_a_lock() {
    let server = server!(MongoServer::shared());
    let (dsn, clock) = (server.dsn(&MongoServer::collection(), ""), Clock::manual(1_800_000_000));
    let (mut one, mut two) = (store_at(&dsn, clock.clone()), store_at(&dsn, clock.clone()));
    one.write(sid(), b"a", Duration::from_secs(10)).unwrap();
    clock.advance(Duration::from_secs(20));
    let lease = hold(&mut *one, HOUR);
    assert_eq!(read(&mut *two, ID), None);
    one.unlock(sid(), lease).unwrap();
    assert_eq!(read(&mut *two, ID), None);
}

#[test]
fn who_lost_the_lock_ends_the_session_and_leaves_the_lock() {
    let server = server!(MongoServer::shared());
    let (dsn, clock) = (server.dsn(&MongoServer::collection(), ""), Clock::manual(1_800_000_000));
    let (mut one, mut two) = (store_at(&dsn, clock.clone()), store_at(&dsn, clock.clone()));
    one.write(sid(), b"a", HOUR).unwrap();
    let stale = hold(&mut *one, Duration::from_secs(1));
    clock.advance(Duration::from_secs(10));
    let theirs = hold(&mut *two, HOUR);
    one.destroy_unlock(sid(), stale).unwrap();
    assert_eq!(read(&mut *one, ID), None);
    assert!(matches!(lock(&mut *one, Duration::ZERO, HOUR), LockState::Busy(_)));
    two.unlock(sid(), theirs).unwrap();
}
