//! Indexes that are made on request.

use crate::mongodb_server::MongoServer;
use crate::{HOUR, ID, Onlooker, handler, locking, read, server, sid, store, support};
use mongodb::IndexModel;
use mongodb::bson::doc;
use mongodb::options::IndexOptions;
use seshat::session::handler::Caller;
use std::time::Duration;

/// How often a server looks for what expired: every minute, if nobody says otherwise.
const A_LOOK: Duration = Duration::from_secs(90);

#[test]
fn the_server_removes_what_expired_if_it_has_an_index() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    let dsn = server.dsn(&collection, "&create_index=1");
    let mut one = store(&dsn);
    assert!(one.capabilities().self_expiring);
    one.write(sid(), b"a", HOUR).unwrap();
    let named = |indexes: Vec<IndexModel>| {
        indexes.into_iter().find(|index| index.keys == doc! { "expires_at": 1 }).and_then(|index| index.options)
    };
    let options = named(onlooker.indexes()).expect("an index");
    assert_eq!(options.expire_after, Some(Duration::ZERO));
    assert_eq!(options.name.as_deref(), Some("expires_at_1"), "as others would call it");
    // Made again by the next worker, which is no mistake.
    assert_eq!(read(&mut *store(&dsn), ID).unwrap(), b"a");
    if std::env::var_os("SESHAT_TEST_LONG").is_some() {
        one.write(sid(), b"a", Duration::from_millis(1)).unwrap();
        assert!(support::wait_until(A_LOOK, || onlooker.find(ID).is_none()), "the server's own work");
    }
}

#[test]
fn an_index_that_is_in_the_way_is_said_once_and_no_obstacle() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    onlooker
        .create_index(IndexModel::builder().keys(doc! { "expires_at": 1 }).options(IndexOptions::default()).build());
    let mut one = store(&server.dsn(&collection, "&create_index=1"));
    one.write(sid(), b"a", Duration::from_millis(1)).unwrap();
    let notice = one.take_notice().expect("a notice").to_string();
    assert!(notice.contains("create_index") && notice.contains("other options"), "{notice}");
    assert!(one.take_notice().is_none());
    assert!(!one.capabilities().self_expiring, "nobody else removes them");
    assert!(support::wait_until(crate::PATIENCE, || one.gc(HOUR).unwrap() == 1));
}

/// As it reaches PHP: through everything that stands around the store.
#[test]
fn an_index_that_is_in_the_way_is_said_to_the_request() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    let onlooker = Onlooker::new(&server, &collection);
    onlooker
        .create_index(IndexModel::builder().keys(doc! { "expires_at": 1 }).options(IndexOptions::default()).build());
    let mut subject = handler(&server.dsn(&collection, "&create_index=1"), locking(true));
    subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    let notice = subject.take_notice().expect("a notice").to_string();
    assert!(notice.contains("create_index") && notice.contains("other options"), "{notice}");
    subject.close().unwrap();
    assert!(subject.take_notice().is_none());
}

#[test]
fn without_the_option_there_is_none() {
    let server = server!(MongoServer::shared());
    let collection = MongoServer::collection();
    store(&server.dsn(&collection, "")).write(sid(), b"a", HOUR).unwrap();
    assert_eq!(Onlooker::new(&server, &collection).indexes().len(), 1, "the one of _id");
}
