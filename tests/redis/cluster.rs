//! Clusters: keys in one slot, slots that move, nodes that die.

use crate::cluster_server::Cluster;
use crate::{HOUR, PATIENCE, handler, server, sid, store, support};
use redis::Commands;
use seshat::backend::{self, Environment};
use seshat::error::Kind;
use seshat::session::handler::{Caller, Policy};
use seshat::session::store::Store;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

macro_rules! cluster {
    ($($argument:expr),*) => {
        match Cluster::start($($argument),*) {
            Ok(cluster) => cluster,
            Err(reason) => return support::skip(module_path!(), &reason),
        }
    };
}

fn visit(subject: &mut seshat::session::handler::Handler, id: &str) -> seshat::error::Result<u32> {
    let outcome = subject
        .read(id.as_bytes(), Caller::Engine, HOUR)
        .map(|data| std::str::from_utf8(data).unwrap().parse().unwrap_or(0) + 1);
    let written = outcome.and_then(|next: u32| {
        subject.write(id.as_bytes(), next.to_string().as_bytes(), Caller::Engine, HOUR).map(|()| next)
    });
    let closed = subject.close();
    written.and_then(|next| closed.map(|()| next))
}

#[test]
fn sessions_are_where_phpredis_has_them_and_the_rest_beside_them() {
    let cluster = cluster!(3, false, &[]);
    // One node is enough to find the others.
    let mut subject = handler(&format!("redis+cluster://{}", cluster.hosts(&[2])), Policy::default());
    let mut on = [0; 3];
    for number in 0..60 {
        let id = format!("visitor-{number:04}");
        assert_eq!(visit(&mut subject, &id).unwrap(), 1);
        assert_eq!(visit(&mut subject, &id).unwrap(), 2);
        let key = format!("PHPREDIS_CLUSTER_SESSION:{id}");
        let owner = cluster.owner(cluster.slot(&key));
        assert_eq!(cluster.client(owner).get::<_, String>(&key).unwrap(), "2");
        assert_eq!(cluster.slot(&format!("{{{key}}}_LOCK")), cluster.slot(&key));
        on[owner] += 1;
    }
    assert!(on.iter().all(|count| *count > 0), "{on:?}");
    for node in 0..cluster.masters() {
        // Locks are gone, and each node has been connected to once: by us, and by this test.
        let mut admin = cluster.client(node);
        assert!(support::wait_until(PATIENCE, || {
            redis::cmd("KEYS").arg("*_LOCK*").query::<Vec<String>>(&mut admin).unwrap().is_empty()
        }));
        let clients: String = redis::cmd("CLIENT").arg("LIST").arg("TYPE").arg("normal").query(&mut admin).unwrap();
        assert_eq!(clients.lines().filter(|line| line.contains("cmd=eval")).count(), 1, "{clients}");
    }
}

#[test]
fn a_list_of_ids_has_a_slot_of_its_own() {
    let cluster = cluster!(3, false, &[]);
    let dsn = format!("redis+cluster://{}?retries=0&stats_key=known", cluster.hosts(&[0]));
    let mut subject = store(&dsn);
    for number in 0..12 {
        let id = format!("visitor{number}");
        let id = seshat::session::id::SessionId::parse(id.as_bytes(), seshat::error::Operation::Write).unwrap();
        subject.write(id, b"x", HOUR).unwrap();
    }
    assert_eq!(cluster.client(cluster.owner(cluster.slot("known"))).scard::<_, u32>("known").unwrap(), 12);
}

#[test]
fn waiters_are_woken_in_a_cluster_too() {
    let cluster = cluster!(2, false, &[]);
    let dsn = format!("redis+cluster://{}", cluster.hosts(&[0, 1]));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut subject = handler(&dsn, Policy::default());
                (0..25).for_each(|_| assert!(visit(&mut subject, "counter").unwrap() > 0));
            });
        }
    });
    assert_eq!(visit(&mut handler(&dsn, Policy::default()), "counter").unwrap(), 101);
}

#[test]
fn a_slot_that_moves_under_load_loses_nothing() {
    let cluster = cluster!(2, false, &[]);
    // With braces in the prefix all sessions are in one slot, so that every request is concerned.
    let prefix = "{moving}:";
    let slot = cluster.slot(prefix);
    let home = cluster.owner(slot);
    let dsn = format!("redis+cluster://{}?prefix=%7Bmoving%7D:&retries=60", cluster.hosts(&[0, 1]));
    let done = AtomicBool::new(false);
    let made = [const { AtomicU32::new(0) }; 4];
    // Two share a session, and with it its lock.
    let name = |worker: usize| format!("session-{}", worker.max(1));
    let seen = || made.each_ref().map(|count| count.load(Ordering::Relaxed));
    let busy = std::thread::scope(|scope| {
        for (worker, made) in made.iter().enumerate() {
            let (dsn, done, name) = (&dsn, &done, &name);
            scope.spawn(move || {
                let mut subject = handler(dsn, Policy { locking: worker != 3, ..Policy::default() });
                while !done.load(Ordering::Relaxed) {
                    visit(&mut subject, &name(worker)).unwrap();
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let all_go_on = || {
            let before = seen();
            support::wait_until(PATIENCE, || seen().iter().zip(before).all(|(now, before)| *now >= before + 5))
        };
        let mut busy = true;
        for (from, to) in [(home, 1 - home), (1 - home, home), (home, 1 - home)] {
            busy &= all_go_on();
            cluster.begin_move(slot, from, to);
            std::thread::sleep(Duration::from_millis(100));
            cluster.finish_move(slot, from, to);
        }
        busy &= all_go_on();
        done.store(true, Ordering::Relaxed);
        busy
    });
    assert!(busy, "somebody does not get on: {:?}", seen());
    let mut check = handler(&dsn, Policy::default());
    for id in ["session-1", "session-2", "session-3"] {
        let made: u32 = seen().iter().enumerate().filter(|(worker, _)| name(*worker) == id).map(|(_, made)| made).sum();
        assert_eq!(visit(&mut check, id).unwrap(), made + 1, "{id}");
    }
}

#[test]
fn a_half_moved_session_is_neither_lost_nor_doubled() {
    let cluster = cluster!(2, false, &[]);
    let dsn = format!("redis+cluster://{}", cluster.hosts(&[0, 1]));
    let mut subject = store(&dsn);
    subject.write(sid(), b"here", HOUR).unwrap();
    let slot = cluster.slot(&format!("PHPREDIS_CLUSTER_SESSION:{}", crate::ID));
    let (from, to) = (cluster.owner(slot), 1 - cluster.owner(slot));
    cluster.begin_move(slot, from, to);
    let mut data = Vec::new();
    assert!(subject.read(sid(), &mut data).unwrap() && data == b"here", "not moved yet");
    subject.destroy(sid()).unwrap();
    // The key is missing at the source now, so that it is made at the target.
    subject.write(sid(), b"there", HOUR).unwrap();
    assert!(
        !cluster.client(from).exists::<_, bool>(format!("PHPREDIS_CLUSTER_SESSION:{}", crate::ID)).unwrap_or(false)
    );
    data.clear();
    assert!(subject.read(sid(), &mut data).unwrap() && data == b"there");
    cluster.finish_move(slot, from, to);
    data.clear();
    assert!(subject.read(sid(), &mut data).unwrap() && data == b"there");
    // Back again at once: also then one refusal is enough to know.
    cluster.begin_move(slot, to, from);
    cluster.finish_move(slot, to, from);
    for _ in 0..5 {
        data.clear();
        assert!(subject.read(sid(), &mut data).unwrap() && data == b"there");
    }
    let errors: String = redis::cmd("INFO").arg("errorstats").query(&mut cluster.client(to)).unwrap();
    assert!(errors.contains("errorstat_MOVED:count=1\r\n"), "{errors}");
}

#[test]
fn a_release_that_failed_unheard_is_made_up_for_while_another_node_is_asked() {
    let cluster = cluster!(2, false, &[]);
    let dsn = format!("redis+cluster://{}", cluster.hosts(&[0, 1]));
    let mut subject = handler(&dsn, Policy { lock_expire: HOUR, ..Policy::default() });
    let key = |number: u32| format!("PHPREDIS_CLUSTER_SESSION:visitor{number}");
    let on = |node: usize| (0..).find(|number| cluster.owner(cluster.slot(&key(*number))) == node).unwrap();
    let (here, there) = (on(0), on(1));
    let lock = format!("{{{}}}_LOCK", key(here));
    let (id, other) = (format!("visitor{here}"), format!("visitor{there}"));
    visit(&mut subject, &id).unwrap();
    visit(&mut subject, &other).unwrap();
    let mut admin = cluster.client(0);
    assert_eq!(subject.read(id.as_bytes(), Caller::Engine, HOUR).unwrap(), b"1");
    // The release of an unchanged session is not waited for, and the server no longer knows the script.
    redis::cmd("SCRIPT").arg("FLUSH").exec(&mut admin).unwrap();
    subject.touch(id.as_bytes(), b"1", Caller::Engine, HOUR).unwrap();
    subject.close().unwrap();
    assert!(admin.exists::<_, bool>(&lock).unwrap());
    visit(&mut subject, &other).unwrap();
    visit(&mut subject, &other).unwrap();
    assert!(support::wait_until(PATIENCE, || !admin.exists::<_, bool>(&lock).unwrap()));
}

#[test]
fn nodes_that_hand_over_and_nodes_that_die() {
    let mut cluster = cluster!(3, true, &[]);
    let hosts = cluster.hosts(&[0, 1, 2]);
    let dsn = format!("redis+cluster://{hosts}?retries=60");
    let began = Instant::now();
    let (killed, after) = (AtomicBool::new(false), AtomicU32::new(0));
    // A master that hands over to its replica in order loses nothing.
    let ids: Vec<String> = (0..12).map(|number| format!("visitor-{number}")).collect();
    let mut subject = handler(&dsn, Policy::default());
    for round in 1..=3 {
        for id in &ids {
            assert_eq!(visit(&mut subject, id).unwrap(), round);
        }
        if round == 1 {
            let mut replica = cluster.client(3);
            redis::cmd("CLUSTER").arg("FAILOVER").exec(&mut replica).unwrap();
            assert!(support::wait_until(PATIENCE, || {
                let info: String = redis::cmd("INFO").arg("replication").query(&mut replica).unwrap();
                info.contains("role:master")
            }));
        }
    }
    std::thread::scope(|scope| {
        for worker in 0..3 {
            let (dsn, killed, after) = (&dsn, &killed, &after);
            scope.spawn(move || {
                let policy = Policy { lock_expire: Duration::from_secs(2), ..Policy::default() };
                let mut subject = handler(dsn, policy);
                let mut last = [0; 8];
                while after.load(Ordering::Relaxed) < 3 * 40 {
                    for (number, last) in last.iter_mut().enumerate() {
                        assert!(began.elapsed() < 2 * PATIENCE, "no session after the fail-over");
                        // Replication does not wait: what was written last may be lost, nothing else.
                        if let Ok(count) = visit(&mut subject, &format!("worker-{worker}-{number}")) {
                            assert!(count <= *last + 1, "{count} after {last}");
                            *last = count;
                            after.fetch_add(u32::from(killed.load(Ordering::Relaxed)), Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(200));
        cluster.node(1).stop();
        killed.store(true, Ordering::Relaxed);
    });
    // All slots are served again, those of the dead node by its replica.
    for id in &ids {
        assert!(support::wait_until(PATIENCE, || visit(&mut subject, id).is_ok()));
    }
    // A worker that starts now finds the others though the first node it knows is dead.
    let dead_first = cluster.hosts(&[1, 2]);
    visit(&mut handler(&format!("redis+cluster://{dead_first}"), Policy::default()), "new").unwrap();
}

#[test]
fn what_is_no_cluster_and_what_a_cluster_has_not() {
    let server = server!();
    let error = store(&format!("redis+cluster://127.0.0.1:{}?retries=0", server.port()))
        .read(sid(), &mut Vec::new())
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("no node of a cluster; redis:// is for a single server"), "{error}");
    for (dsn, word) in [
        ("redis+cluster://h/3", "only database 0"),
        ("redis+cluster://h?database=3", "only database 0"),
        ("redis+cluster://h?prefix=%7Ba:", "one brace alone"),
        ("redis+sentinel://h", "the name that the sentinels have"),
        ("redis+sentinel://h/m?sentinel_user=u", "needs option \"sentinel_password\""),
        ("redis+sentinel://h/m/x", "number of a database"),
        ("redis://a,,b", "one without a name"),
        ("redis+clutser://h", "did you mean \"redis+cluster\"?"),
    ] {
        let made = backend::from_dsn(dsn, &Environment::default(), &Policy::default());
        let message = made.map(drop).unwrap_err().to_string();
        assert!(message.contains(word), "{dsn}: {message}");
    }
    // A node of a cluster behind a DSN for one server says what to write.
    let cluster = cluster!(2, false, &[]);
    let mut plain: Box<dyn Store> = store(&format!("redis://{}", cluster.hosts(&[0])));
    let messages: Vec<String> = (0..20)
        .filter_map(|number| {
            let id = format!("visitor{number}");
            let id = seshat::session::id::SessionId::parse(id.as_bytes(), seshat::error::Operation::Read).unwrap();
            plain.read(id, &mut Vec::new()).err().map(|error| error.to_string())
        })
        .collect();
    assert!(messages.iter().any(|message| message.contains("redis+cluster://")), "{messages:?}");
}
