//! References on Redis: what they cost, what is left in the server, and crashes between session and index.

use crate::cluster_server::Cluster;
use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, PATIENCE, handler, locking, server, sid_of, store, support};
use redis::Commands;
use seshat::error::{Kind, Operation};
use seshat::session::handler::{Caller, Handler, Policy, Source};
use seshat::session::reference::{Assignment, Reference, Terms};
use seshat::session::store::Store;
use std::collections::BTreeSet;

fn reference(name: &str) -> Reference {
    Reference::parse(name.as_bytes(), Operation::Write).unwrap()
}

fn keeping(lock: bool) -> Policy {
    Policy { reference: Source::Variable("user".into()), ..locking(lock) }
}

fn write(store: &mut dyn Store, id: &str, user: &str) -> seshat::error::Result<()> {
    let user = reference(user);
    store.set_terms(&Terms { reference: Assignment::Set(&user), existing: false });
    store.write(sid_of(id), b"data", HOUR)
}

fn ids(store: &mut dyn Store, user: &str) -> Vec<String> {
    let page = store.references().unwrap().sessions_of(&reference(user), None, 1000).unwrap();
    page.items.into_iter().map(|listed| listed.id).collect()
}

fn all(store: &mut dyn Store) -> usize {
    store.references().unwrap().all(None, 1000).unwrap().items.len()
}

/// A request of user 42, with a connection and a session that were there before.
fn cycle(handler: &mut Handler, proxy: &Proxy, changed: bool) -> Counts {
    proxy.finish();
    assert_eq!(handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"a|i:1;");
    handler.note_reference(Some(reference("42")));
    if changed {
        handler.write(ID.as_bytes(), b"a|i:1;", Caller::Engine, HOUR).unwrap();
    } else {
        handler.touch(ID.as_bytes(), b"a|i:1;", Caller::Engine, HOUR).unwrap();
    }
    handler.close().unwrap();
    proxy.finish()
}

fn budget(dsn: &str, proxy: &Proxy) {
    let counts = |waits, unawaited| Counts { waits, unawaited, connections: 0 };
    for lock in [false, true] {
        let mut subject = handler(dsn, keeping(lock));
        subject.note_reference(Some(reference("42")));
        subject.write(ID.as_bytes(), b"a|i:1;", Caller::Direct, HOUR).unwrap();
        assert_eq!(cycle(&mut subject, proxy, true).waits, 2);
        assert_eq!(cycle(&mut subject, proxy, true), counts(2, 0), "changed, locked: {lock}");
        assert_eq!(cycle(&mut subject, proxy, false), counts(1, 1), "unchanged, locked: {lock}");
        // Another worker, which has not seen the session yet.
        let mut other = handler(dsn, keeping(lock));
        other.read(b"somebody", Caller::Direct, HOUR).unwrap();
        assert_eq!(cycle(&mut other, proxy, true).waits, 2, "locked: {lock}");
        assert_eq!(cycle(&mut other, proxy, false), counts(1, 1), "locked: {lock}");
        other.destroy(ID.as_bytes(), Caller::Direct).unwrap();
    }
}

#[test]
fn references_cost_no_further_wait() {
    let server = server!();
    let proxy = Proxy::to(server.port());
    budget(&format!("redis://127.0.0.1:{}", proxy.port()), &proxy);
}

#[test]
fn nor_in_a_cluster() {
    let server = server!("--cluster-enabled", "yes", "--cluster-port", "0");
    let mut admin = server.client("", 0);
    let () = redis::cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16_383).query(&mut admin).unwrap();
    let is_up = |info: String| info.contains("cluster_state:ok");
    assert!(support::wait_until(PATIENCE, || is_up(redis::cmd("CLUSTER").arg("INFO").query(&mut admin).unwrap())));
    let proxy = Proxy::to(server.port());
    let mut config = redis::cmd("CONFIG");
    let () = config.arg("SET").arg("cluster-announce-port").arg(proxy.port()).query(&mut admin).unwrap();
    budget(&format!("redis+cluster://127.0.0.1:{}", proxy.port()), &proxy);
}

#[test]
fn nothing_is_left_of_an_ended_session() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut subject = store(&server.tcp_dsn("?prefix=p:"));
    subject.keep_references();
    for (id, user) in [("a1", "42"), ("a2", "42"), ("b1", "43")] {
        write(&mut *subject, id, user).unwrap();
    }
    let keys = |admin: &mut redis::Connection| -> BTreeSet<String> { admin.keys("*").unwrap() };
    let wanted = [
        "p:_REF:42",
        "p:_REF:43",
        "p:_REFS",
        "p:a1",
        "p:a1_LOCK_REF",
        "p:a2",
        "p:a2_LOCK_REF",
        "p:b1",
        "p:b1_LOCK_REF",
    ];
    assert_eq!(keys(&mut admin), wanted.map(str::to_owned).into());
    let own: i64 = admin.pttl("p:a1_LOCK_REF").unwrap();
    let record: i64 = admin.pttl("p:a1").unwrap();
    assert!((own - record).abs() < 1000, "a session and its reference live as long: {own}, {record}");
    assert_eq!(admin.ttl::<_, i64>("p:_REF:42").unwrap(), -1, "an index has no lifetime");
    for id in ["a1", "a2", "b1"] {
        subject.destroy(sid_of(id)).unwrap();
    }
    assert!(keys(&mut admin).is_empty());
    // What vanished without us goes with gc.
    for number in 0..120 {
        write(&mut *subject, &format!("s{number}"), &format!("user {number}")).unwrap();
        let () = admin.del(format!("p:s{number}")).unwrap();
    }
    for _ in 0..10 {
        subject.gc(HOUR).unwrap();
    }
    let left = keys(&mut admin);
    assert!(left.iter().all(|key| key.ends_with("_LOCK_REF")), "{left:?}");
}

#[test]
fn an_index_that_was_lost_grows_again() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut subject = store(&server.tcp_dsn(""));
    subject.keep_references();
    write(&mut *subject, "s1", "42").unwrap();
    let () = redis::cmd("DEL").arg("PHPREDIS_SESSION:_REF:42").arg("PHPREDIS_SESSION:_REFS").query(&mut admin).unwrap();
    assert!(ids(&mut *subject, "42").is_empty());
    subject.touch(sid_of("s1"), HOUR).unwrap();
    assert_eq!(ids(&mut *subject, "42"), ["s1"]);
    assert_eq!(all(&mut *subject), 1);
}

#[test]
fn a_crash_between_session_and_index_loses_no_reference() {
    let cluster = match Cluster::start(2, false, &[]) {
        Ok(cluster) => cluster,
        Err(reason) => return support::skip(module_path!(), &reason),
    };
    let dsn = format!("redis+cluster://{}?prefix=p:&read_timeout=300ms&retries=0", cluster.hosts(&[0, 1]));
    // A user whose index is on one node, and a session on the other.
    let on = |key: String| cluster.owner(cluster.slot(&key));
    let user = (0..1000).map(|n| format!("u{n}")).find(|user| on(format!("p:_REF:{user}")) == 0).unwrap();
    let id = (0..1000).map(|n| format!("s{n}")).find(|id| on(format!("p:{id}")) == 1).unwrap();
    let warm = || {
        let mut subject = store(&dsn);
        subject.keep_references();
        for n in 0..20 {
            subject.exists(sid_of(&format!("warm{n}"))).unwrap();
        }
        ids(&mut *subject, &user);
        subject
    };
    let pause = |node: usize| {
        let () = redis::cmd("CLIENT").arg("PAUSE").arg(60_000).arg("WRITE").query(&mut cluster.client(node)).unwrap();
    };
    let go_on = |node: usize| {
        let () = redis::cmd("CLIENT").arg("UNPAUSE").query(&mut cluster.client(node)).unwrap();
    };
    let (record, index) = (format!("p:{id}"), format!("p:_REF:{user}"));

    // The worker dies before the session is stored: the node of the session does not answer.
    let mut crashing = warm();
    pause(1);
    assert_eq!(write(&mut *crashing, &id, &user).unwrap_err().kind(), Kind::Timeout);
    drop(crashing);
    go_on(1);
    assert!(!cluster.client(1).exists::<_, bool>(&record).unwrap());
    assert_eq!(cluster.client(0).zcard::<_, u32>(&index).unwrap(), 1, "an entry too many");
    let mut other = warm();
    assert!(ids(&mut *other, &user).is_empty(), "which nobody believes");
    assert!(!cluster.client(0).exists::<_, bool>(&index).unwrap(), "and which heals");

    // The node of the index does not answer: then there is no session either.
    let mut crashing = warm();
    pause(0);
    assert_eq!(write(&mut *crashing, &id, &user).unwrap_err().kind(), Kind::Timeout);
    assert!(!cluster.client(1).exists::<_, bool>(&record).unwrap(), "a session without an entry");
    drop(crashing);
    go_on(0);

    // And in peace.
    let mut other = warm();
    write(&mut *other, &id, &user).unwrap();
    assert_eq!(ids(&mut *other, &user), [id]);
    assert_eq!(all(&mut *other), 1);
}

#[test]
fn the_pages_of_a_large_index_are_bounded() {
    let server = server!();
    let mut subject = store(&server.tcp_dsn(""));
    subject.keep_references();
    let mut admin = server.client("", 0);
    // Entries whose sessions are all gone, more than one call may look at.
    let mut pipe = redis::pipe();
    for number in 0..5000 {
        pipe.zadd("PHPREDIS_SESSION:_REF:ghost", format!("g{number}"), number).ignore();
    }
    pipe.zadd("PHPREDIS_SESSION:_REFS", "ghost", 0).ignore();
    let () = pipe.query(&mut admin).unwrap();
    write(&mut *subject, "s1", "zoe").unwrap();
    let (mut from, mut found) = (None, Vec::new());
    for _ in 0..20 {
        let page = subject.references().unwrap().all(from.as_ref(), 100).unwrap();
        found.extend(page.items);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert!(from.is_none());
    assert_eq!(found, [reference("zoe")]);
    assert!(!admin.exists::<_, bool>("PHPREDIS_SESSION:_REF:ghost").unwrap());
}

#[test]
fn a_store_that_does_not_answer_is_an_error_and_no_empty_listing() {
    let server = server!();
    let mut subject = store(&server.tcp_dsn("?read_timeout=300ms&retries=0"));
    subject.keep_references();
    write(&mut *subject, "s1", "42").unwrap();
    let () = redis::cmd("CLIENT").arg("PAUSE").arg(60_000).arg("ALL").query(&mut server.client("", 0)).unwrap();
    let outcome = subject.references().unwrap().sessions_of(&reference("42"), None, 10);
    assert_eq!(outcome.unwrap_err().kind(), Kind::Timeout);
}
