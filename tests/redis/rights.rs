//! A user who may do what the store's page lists, and nothing else.

use crate::cluster_server::Cluster;
use crate::sentinels::Sentinel;
use crate::{HOUR, ID, PATIENCE, hold, lock, server, sid, store, support};
use redis::Connection;
use seshat::session::lock::{LockRequest, LockState};
use seshat::session::store::{Committed, OpenRequest, Store};
use std::time::Duration;

const PAGE: &str = include_str!("../../src/backend/redis/docs.md");
const PREFIX: &str = "PHPREDIS_SESSION:";
const CLUSTER_PREFIX: &str = "PHPREDIS_CLUSTER_SESSION:";

/// The page's rules behind a word of its paragraph: what stands in the code that follows.
fn rules(word: &str) -> Vec<&'static str> {
    let (_, rights) = PAGE.split_once("**Access rights**").unwrap();
    let (_, rest) = rights.split_once(word).unwrap();
    rest.split('`').nth(1).unwrap().split_whitespace().collect()
}

/// Makes the user `app` anew, with those rules.
fn grant(admin: &mut Connection, rules: &[&str]) {
    redis::cmd("ACL").arg(&["SETUSER", "app", "reset", "on", ">secret"]).arg(rules).exec(admin).unwrap();
    redis::cmd("ACL").arg(&["LOG", "RESET"]).exec(admin).unwrap();
}

/// The commands and keys that were refused since, except the question for the role, which may be.
fn refusals(admin: &mut Connection) -> Vec<String> {
    let log: Vec<Vec<redis::Value>> = redis::cmd("ACL").arg("LOG").query(admin).unwrap();
    let object = |entry: &Vec<redis::Value>| format!("{:?}", entry[7]);
    log.iter().map(object).filter(|object| !object.contains("role")).collect()
}

/// All that a session can ask of its store.
fn everything(open: impl Fn() -> Box<dyn Store> + Sync) {
    let (mut one, mut two) = (open(), open());
    let large = vec![b'x'; 40_000];
    for data in [b"small".as_slice(), &large] {
        one.write(sid(), data, HOUR).unwrap();
        assert!(one.exists(sid()).unwrap() && one.touch(sid(), HOUR).unwrap());
        for extend in [None, Some(HOUR)] {
            let mut found = Vec::new();
            assert!(one.open(sid(), &OpenRequest { extend, ..OpenRequest::default() }, &mut found).unwrap().found);
            assert_eq!(found, data);
        }
        one.touch_unlock(sid(), data, HOUR, None, true).unwrap();
        one.touch_unlock(sid(), data, HOUR, None, false).unwrap();
        let mut found = Vec::new();
        let request = LockRequest { wait: PATIENCE, lease: HOUR, holder: "pid 7", max_waiters: None };
        let request = OpenRequest { lock: Some(request), lock_missing: false, extend: Some(HOUR) };
        let opened = one.open(sid(), &request, &mut found).unwrap();
        let LockState::Held(lease) = opened.lock else { panic!("{opened:?}") };
        assert!(one.renew(sid(), &lease, HOUR).unwrap());
        // Others wait, one too many is refused, and one is woken.
        assert!(matches!(lock(&mut *two, Duration::from_millis(20), HOUR), LockState::Busy(_)));
        std::thread::scope(|scope| {
            let waiters: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        let mut store = open();
                        let request = LockRequest { wait: PATIENCE, lease: HOUR, holder: "", max_waiters: Some(2) };
                        let state = store.lock(sid(), &request).unwrap();
                        let LockState::Held(lease) = state else { return true };
                        store.unlock(sid(), lease).unwrap();
                        // The answer to the release must not be left behind.
                        store.exists(sid()).unwrap();
                        false
                    })
                })
                .collect();
            assert!(support::wait_until(PATIENCE, || waiters.iter().any(std::thread::ScopedJoinHandle::is_finished)));
            assert_eq!(one.touch_unlock(sid(), data, HOUR, Some(lease), true).unwrap(), Committed::Done);
            assert!(one.exists(sid()).unwrap());
            let refused = waiters.into_iter().map(|waiter| waiter.join().unwrap()).filter(|refused| *refused).count();
            assert_eq!(refused, 1);
        });
        let lease = hold(&mut *two, HOUR);
        assert_eq!(two.write_unlock(sid(), data, HOUR, lease).unwrap(), Committed::Done);
        let lease = hold(&mut *two, HOUR);
        two.destroy_unlock(sid(), lease).unwrap();
        two.destroy(sid()).unwrap();
    }
}

#[test]
fn the_rights_on_the_page_are_enough() {
    let server = server!();
    let mut admin = server.client("", 0);
    let keys = format!("~{PREFIX}*");
    let mut wanted = rules("commands");
    wanted.push(&keys);
    grant(&mut admin, &wanted);
    let (port, gone) = (server.port(), support::free_port());
    for place in
        [format!("127.0.0.1:{port}/0"), format!("127.0.0.1:{port}/2"), format!("127.0.0.1:{gone},127.0.0.1:{port}/0")]
    {
        everything(|| store(&format!("redis://app:secret@{place}")));
    }
    assert_eq!(refusals(&mut admin), [] as [&str; 0]);
}

#[test]
fn a_sentinel_s_user_needs_one_command() {
    let server = server!();
    let sentinel = Sentinel::start("shop", server.port(), 1, "");
    let mut admin = sentinel.client();
    grant(&mut admin, &rules("sentinel's own user"));
    everything(|| {
        let at = sentinel.port();
        store(&format!("redis+sentinel://127.0.0.1:{at}/shop?retries=0&sentinel_user=app&sentinel_password=secret"))
    });
    assert_eq!(refusals(&mut admin), [] as [&str; 0]);
}

#[test]
fn the_rights_on_the_page_are_enough_in_a_cluster() {
    let cluster = match Cluster::start(2, false, &[]) {
        Ok(cluster) => cluster,
        Err(reason) => return support::skip(module_path!(), &reason),
    };
    let keys = [format!("~{CLUSTER_PREFIX}*"), format!("~{{{CLUSTER_PREFIX}*")];
    let mut wanted = rules("commands");
    wanted.extend(rules("in a cluster"));
    wanted.extend(keys.iter().map(String::as_str));
    let mut admins = [cluster.client(0), cluster.client(1)];
    for admin in &mut admins {
        grant(admin, &wanted);
    }
    let open = || store(&format!("redis+cluster://app:secret@{}", cluster.hosts(&[0, 1])));
    everything(open);
    // Also while a slot is on its way.
    let slot = cluster.slot(&format!("{CLUSTER_PREFIX}{ID}"));
    let (from, to) = (cluster.owner(slot), 1 - cluster.owner(slot));
    cluster.begin_move(slot, from, to);
    let mut subject = open();
    subject.write(sid(), b"x", HOUR).unwrap();
    assert!(subject.read(sid(), &mut Vec::new()).unwrap());
    cluster.finish_move(slot, from, to);
    assert!(subject.read(sid(), &mut Vec::new()).unwrap());
    for admin in &mut admins {
        assert_eq!(refusals(admin), [] as [&str; 0]);
    }
}
