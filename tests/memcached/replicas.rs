//! `replicas=1`: what a second copy is good for, and that it brings nothing back that was replaced or
//! ended.

use crate::memcached_server::MemcachedServer;
use crate::proxy::Proxy;
use crate::{HOUR, ID, KEY, LOCK, PATIENCE, handler, locking, read, server, sid, store, support};
use seshat::error::Kind;
use seshat::session::handler::Caller;
use seshat::session::lock::{Lease, LockRequest, LockState};
use seshat::session::store::{Committed, OpenRequest, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const LIMITS: &str = "&replicas=1&distribution=modula&read_timeout=300ms&connect_timeout=300ms&retry_after=100ms";

struct Servers([MemcachedServer; 3]);

impl Servers {
    fn dsn(&self, rest: &str) -> String {
        let [one, two, three] = self.0.each_ref().map(MemcachedServer::port);
        format!("memcached://127.0.0.1:{one},127.0.0.1:{two},127.0.0.1:{three}?{LIMITS}{rest}")
    }

    fn store(&self) -> Box<dyn Store> {
        store(&self.dsn(""))
    }

    /// A worker to which one of them is down: nothing that it says gets there, not even late.
    fn without(&self, down: usize) -> Box<dyn Store> {
        let mut ports = self.0.each_ref().map(MemcachedServer::port);
        ports[down] = support::free_port();
        let [one, two, three] = ports;
        store(&format!("memcached://127.0.0.1:{one},127.0.0.1:{two},127.0.0.1:{three}?{LIMITS}"))
    }

    /// The session's own server and the one with the copy, once both are stored.
    fn places(&self) -> (usize, usize) {
        let has = |at: usize| self.0[at].item(KEY).is_some();
        let places: Vec<usize> = (0..3).filter(|at| has(*at)).collect();
        match places[..] {
            [0, 1] => (0, 1),
            [1, 2] => (1, 2),
            [0, 2] => (2, 0),
            _ => panic!("the session is on {places:?}"),
        }
    }
}

macro_rules! servers {
    () => {
        Servers([server!(), server!(), server!()])
    };
}

fn open(store: &mut dyn Store) -> (Option<Vec<u8>>, Lease) {
    let lock = Some(LockRequest { wait: PATIENCE, lease: HOUR, holder: "", max_waiters: None });
    let mut data = Vec::new();
    let request = OpenRequest { lock, lock_missing: true, extend: Some(HOUR) };
    let opened = store.open(sid(), &request, &mut data).unwrap();
    let LockState::Held(lease) = opened.lock else { panic!("{opened:?}") };
    (opened.found.then_some(data), lease)
}

/// Stores one version after the other under the lock, as requests would.
fn replace(store: &mut dyn Store, data: &[u8]) {
    let (_, lease) = open(store);
    assert_eq!(store.write_unlock(sid(), data, HOUR, lease).unwrap(), Committed::Done);
}

#[test]
fn a_session_is_on_two_servers_and_survives_either() {
    for victim in [0, 1] {
        for lock in [false, true] {
            let mut servers = servers!();
            let mut subject = handler(&servers.dsn(""), locking(lock));
            let id = ID.as_bytes();
            subject.write(id, b"one", Caller::Direct, HOUR).unwrap();
            let (home, next) = servers.places();
            let down = [home, next][victim];
            servers.0[down].stop();
            // While it is down, and when it is back, empty.
            for (before, after) in [(&b"one"[..], &b"two"[..]), (b"two", b"three"), (b"three", b"four")] {
                assert_eq!(subject.read(id, Caller::Engine, HOUR).unwrap(), before, "{victim} {lock}");
                subject.write(id, after, Caller::Engine, HOUR).unwrap();
                subject.close().unwrap();
                if before == b"one" {
                    servers.0[down].restart();
                }
            }
            assert_eq!(servers.places(), (home, next), "and the copy is there again");
            servers.0[[next, home][victim]].stop();
            assert_eq!(read(&mut *servers.store()).unwrap(), b"four", "{victim} {lock}");
        }
    }
}

#[test]
fn an_unchanged_session_gets_its_copy_back_too() {
    for length in [5, 40_000] {
        for lock in [false, true] {
            let mut servers = servers!();
            let data = vec![b'x'; length];
            let mut subject = handler(&servers.dsn(""), locking(lock));
            subject.write(ID.as_bytes(), &data, Caller::Direct, HOUR).unwrap();
            let (home, next) = servers.places();
            for down in [home, next] {
                servers.0[down].restart();
                assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), data);
                subject.touch(ID.as_bytes(), &data, Caller::Engine, HOUR).unwrap();
                subject.close().unwrap();
                assert!(support::wait_until(PATIENCE, || servers.0[down].item(KEY).is_some()), "{length} {lock}");
            }
        }
    }
}

/// The server was away, not dead, and has what was current then.
#[test]
fn a_server_that_comes_back_does_not_bring_older_data_back() {
    for victim in [0, 1] {
        let servers = servers!();
        let mut one = servers.store();
        replace(&mut *one, b"old");
        let (home, next) = servers.places();
        let away = [home, next][victim];
        let mut half = servers.without(away);
        replace(&mut *half, b"new");
        half.write(sid(), b"newer", HOUR).unwrap();
        let away = &servers.0[away];
        assert_eq!(away.item(KEY).unwrap().1[8..], *b"old", "it does not know better");
        let mut another = servers.store();
        assert_eq!(read(&mut *another).unwrap(), b"newer");
        assert!(another.touch(sid(), HOUR).unwrap());
        assert_eq!(read(&mut *another).unwrap(), b"newer");
        // It is put right at the next end of a session, changed or not.
        let (data, lease) = open(&mut *another);
        assert_eq!(another.touch_unlock(sid(), &data.unwrap(), HOUR, Some(lease), true).unwrap(), Committed::Done);
        assert_eq!(away.item(KEY).unwrap().1[8..], *b"newer");
    }
}

#[test]
fn a_session_that_was_ended_meanwhile_stays_ended() {
    for victim in [0, 1] {
        for locked in [false, true] {
            let servers = servers!();
            let mut one = servers.store();
            replace(&mut *one, b"old");
            let (home, next) = servers.places();
            let away = [home, next][victim];
            let mut half = servers.without(away);
            half.set_lifetime(HOUR);
            if locked {
                let (_, lease) = open(&mut *half);
                half.destroy_unlock(sid(), lease).unwrap();
            } else {
                half.destroy(sid()).unwrap();
            }
            let away = &servers.0[away];
            let mut another = servers.store();
            assert!(away.item(KEY).is_some(), "it does not know better");
            assert_eq!(read(&mut *another), None, "{victim} {locked}");
            assert!(!another.exists(sid()).unwrap() && !another.touch(sid(), HOUR).unwrap());
            // The id may be used anew.
            replace(&mut *another, b"again");
            assert_eq!(read(&mut *another).unwrap(), b"again");
            another.destroy(sid()).unwrap();
            assert_eq!(read(&mut *another), None);
            assert!(servers.0.iter().all(|server| server.item(KEY).is_none()), "nothing is left");
        }
    }
}

/// Two workers that see different servers have a lock each. One of them is told that it was overtaken.
#[test]
fn two_locks_do_not_lose_an_update() {
    let servers = servers!();
    for first in ["the one who sees both", "the other"] {
        let mut both = servers.store();
        both.destroy(sid()).unwrap();
        replace(&mut *both, b"base");
        let (home, _) = servers.places();
        let mut half = servers.without(home);
        let (seen, its) = open(&mut *half);
        let (also_seen, ours) = open(&mut *both);
        assert_eq!((seen.unwrap(), also_seen.unwrap()), (b"base".to_vec(), b"base".to_vec()));
        let write = |store: &mut dyn Store, data: &[u8], lease| store.write_unlock(sid(), data, HOUR, lease).unwrap();
        let winner: &[u8] = if first == "the other" {
            assert_eq!(write(&mut *half, b"half", its), Committed::Done);
            assert_eq!(write(&mut *both, b"both", ours), Committed::LeaseLost);
            b"half"
        } else {
            assert_eq!(write(&mut *both, b"both", ours), Committed::Done);
            assert_eq!(write(&mut *half, b"half", its), Committed::LeaseLost);
            b"both"
        };
        for reader in [&mut servers.store(), &mut half] {
            assert_eq!(read(&mut **reader).unwrap(), winner, "first was {first}");
        }
    }
    assert!(servers.0.iter().all(|server| server.item(LOCK).is_none()), "all locks are free");
}

#[test]
fn both_down_is_an_error_and_not_an_empty_session() {
    let mut servers = servers!();
    let mut one = servers.store();
    one.write(sid(), b"a", HOUR).unwrap();
    let (home, next) = servers.places();
    servers.0[home].stop();
    servers.0[next].stop();
    let error = one.read(sid(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    assert!(one.write(sid(), b"b", HOUR).is_err());
    assert!(handler(&servers.dsn(""), locking(true)).read(ID.as_bytes(), Caller::Engine, HOUR).is_err());
}

#[test]
fn the_option_may_be_switched_on_and_off() {
    let servers = servers!();
    let mut plain = store(&servers.dsn("").replace("replicas=1", "replicas=0"));
    let mut copied = servers.store();
    plain.write(sid(), b"s:3:\"one\";", HOUR).unwrap();
    assert_eq!(read(&mut *copied).unwrap(), b"s:3:\"one\";");
    replace(&mut *copied, b"two");
    assert_eq!(read(&mut *plain).unwrap(), b"two");
    let compressed = servers.dsn("&compression=zlib&serialize=1");
    let long = vec![b'z'; 5000];
    replace(&mut *store(&compressed), &long);
    assert_eq!(read(&mut *store(&compressed)).unwrap(), long);
    assert_eq!(read(&mut *store(&compressed.replace("replicas=1", "replicas=0"))).unwrap(), long);
}

/// Both servers are asked before either has answered.
#[test]
fn a_copy_costs_no_wait() {
    const HELD_BACK: Duration = Duration::from_millis(60);
    let servers = [server!(), server!()];
    for lock in [false, true] {
        let proxies = servers.each_ref().map(|server| Proxy::to(server.port()));
        let [one, two] = proxies.each_ref().map(Proxy::port);
        let dsn = format!("memcached://127.0.0.1:{one},127.0.0.1:{two}?replicas=1&protocol=meta");
        let mut subject = handler(&dsn, locking(lock));
        let id = ID.as_bytes();
        subject.write(id, b"a", Caller::Direct, HOUR).unwrap();
        let mut fastest = [Duration::MAX; 2];
        for _ in 0..5 {
            for proxy in &proxies {
                proxy.finish();
            }
            let began = Instant::now();
            subject.read(id, Caller::Engine, HOUR).unwrap();
            let read = began.elapsed();
            subject.write(id, b"b", Caller::Engine, HOUR).unwrap();
            let written = began.elapsed() - read;
            subject.close().unwrap();
            fastest = [fastest[0].min(read), fastest[1].min(written)];
            assert!(proxies.iter().all(|proxy| proxy.finish().waits == 2));
        }
        assert!(fastest.iter().all(|took| *took < HELD_BACK * 2), "{fastest:?}");
    }
}

/// Workers count in one session while its servers go and come back, one at a time.
#[test]
fn no_update_is_lost_while_servers_come_and_go() {
    const WORKERS: usize = 3;
    let servers = servers!();
    let mut one = servers.store();
    replace(&mut *one, b"0");
    let (home, next) = servers.places();
    let done = AtomicBool::new(false);
    let (well, unsure) = std::thread::scope(|scope| {
        let count = |_| {
            scope.spawn(|| {
                let mut store = servers.store();
                let (mut well, mut unsure) = (0_u32, 0_u32);
                while !done.load(Ordering::Relaxed) {
                    let lock =
                        Some(LockRequest { wait: HOUR, lease: Duration::from_secs(1), holder: "", max_waiters: None });
                    let mut data = Vec::new();
                    let request = OpenRequest { lock, lock_missing: false, extend: None };
                    let Ok(opened) = store.open(sid(), &request, &mut data) else { continue };
                    let LockState::Held(lease) = opened.lock else { panic!("the session is gone: {opened:?}") };
                    let count: u32 = std::str::from_utf8(&data).unwrap().parse().unwrap();
                    match store.write_unlock(sid(), (count + 1).to_string().as_bytes(), HOUR, lease) {
                        Ok(Committed::Done) => well += 1,
                        Ok(Committed::LeaseLost) => {}
                        Err(_) => unsure += 1,
                    }
                }
                (well, unsure)
            })
        };
        let workers: Vec<_> = (0..WORKERS).map(count).collect();
        for round in 0..6 {
            let victim = &servers.0[[home, next][round % 2]];
            victim.pause(true);
            std::thread::sleep(Duration::from_millis(400));
            victim.pause(false);
            // Until it has its copy again.
            let value = || {
                let (home, next) = (servers.0[home].item(KEY)?.1, servers.0[next].item(KEY)?.1);
                Some((home, next))
            };
            let begin = value();
            assert!(
                support::wait_until(PATIENCE, || value()
                    .is_some_and(|now| { begin.as_ref().is_none_or(|begin| now.0 != begin.0 && now.1 != begin.1) })),
                "round {round}"
            );
        }
        done.store(true, Ordering::Relaxed);
        workers.into_iter().map(|worker| worker.join().unwrap()).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    });
    let count: u32 = std::str::from_utf8(&read(&mut *one).unwrap()).unwrap().parse().unwrap();
    assert!(count >= well && count <= well + unsure, "{count} counted, {well} went well, {unsure} unsure");
    assert!(well > 20, "{well} went well");
}

/// A worker that takes the lock to write, and does not read, knows nothing of the copies any more.
#[test]
fn what_was_known_of_the_copies_ends_with_the_next_lock() {
    let servers = servers!();
    let (mut one, mut two) = (servers.store(), servers.store());
    replace(&mut *one, b"a");
    assert_eq!(read(&mut *one).unwrap(), b"a");
    replace(&mut *two, b"b");
    let lease = crate::hold(&mut *one, HOUR);
    assert_eq!(one.write_unlock(sid(), b"c", HOUR, lease).unwrap(), Committed::Done);
    assert_eq!(read(&mut *two).unwrap(), b"c");
}
