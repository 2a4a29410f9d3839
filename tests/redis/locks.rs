//! Who gets the lock, when, and what becomes of those that had it for too long.

use crate::{HOUR, ID, KEY, LOCK, PATIENCE, handler, hold, lock, queue_keys, read, server, sid, store, support};
use redis::Commands;
use seshat::error::Kind;
use seshat::session::handler::{Caller, Policy};
use seshat::session::lock::{LockRequest, LockState};
use seshat::session::store::{Committed, OpenRequest};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Waiters in the session's queue.
pub(crate) fn waiting(client: &mut redis::Connection) -> usize {
    client.llen(format!("{LOCK}_QUEUE")).unwrap()
}

#[test]
fn waiters_are_woken_in_order_of_arrival_and_at_once() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut holder = store(&server.tcp_dsn(""));
    let lease = hold(&mut *holder, HOUR);
    let (done, order) = mpsc::channel();
    let threads: Vec<_> = (0..6)
        .map(|number| {
            let dsn = if number % 2 == 0 { server.tcp_dsn("") } else { server.unix_dsn("") };
            let done = done.clone();
            let thread = std::thread::spawn(move || {
                let mut store = store(&dsn);
                let LockState::Held(lease) = lock(&mut *store, PATIENCE, HOUR) else { panic!("{number} got no lock") };
                done.send((number, Instant::now())).unwrap();
                assert_eq!(store.write_unlock(sid(), b"x", HOUR, lease).unwrap(), Committed::Done);
            });
            assert!(support::wait_until(PATIENCE, || waiting(&mut other) == number + 1));
            thread
        })
        .collect();
    let released = Instant::now();
    holder.unlock(sid(), lease).unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
    let served: Vec<(usize, Instant)> = order.try_iter().collect();
    assert_eq!(served.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    let last = served[5].1 - released;
    assert!(last < Duration::from_millis(500), "six hand-overs took {last:?}");
    assert_eq!(queue_keys(&server), [] as [&str; 0]);
    assert!(!other.exists::<_, bool>(LOCK).unwrap());
}

#[test]
fn a_newcomer_does_not_overtake() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut holder = store(&server.tcp_dsn(""));
    let lease = hold(&mut *holder, HOUR);
    let dsn = server.tcp_dsn("");
    let (go, wait_to_release) = mpsc::channel::<()>();
    let waiter = std::thread::spawn(move || {
        let mut store = store(&dsn);
        let LockState::Held(lease) = lock(&mut *store, PATIENCE, HOUR) else { panic!("no lock") };
        wait_to_release.recv().unwrap();
        store.unlock(sid(), lease).unwrap();
        read(&mut *store);
    });
    assert!(support::wait_until(PATIENCE, || waiting(&mut other) == 1));
    holder.unlock(sid(), lease).unwrap();
    assert!(matches!(lock(&mut *holder, Duration::ZERO, HOUR), LockState::Busy(_)));
    go.send(()).unwrap();
    waiter.join().unwrap();
    assert!(matches!(lock(&mut *holder, Duration::ZERO, HOUR), LockState::Held(_)));
}

#[test]
fn a_lock_that_ran_out_goes_to_the_first_in_the_queue() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut holder = store(&server.tcp_dsn(""));
    let _lease = hold(&mut *holder, HOUR);
    let dsn = server.tcp_dsn("");
    let waiter = std::thread::spawn(move || {
        let mut store = store(&dsn);
        assert!(matches!(lock(&mut *store, PATIENCE, HOUR), LockState::Held(_)));
        store
    });
    assert!(support::wait_until(PATIENCE, || waiting(&mut other) == 1));
    // Nobody wakes for this. The newcomer finds the lock free, but somebody was here before.
    let () = other.del(LOCK).unwrap();
    assert!(matches!(lock(&mut *holder, Duration::ZERO, HOUR), LockState::Busy(_)));
    waiter.join().unwrap();
}

#[test]
fn a_refusal_names_the_holder_and_leaves_the_queue() {
    let server = server!();
    let mut holder = store(&server.tcp_dsn(""));
    let taken = Instant::now();
    let lease = hold(&mut *holder, HOUR);
    let mut late = store(&server.tcp_dsn(""));
    for wait in [0, 300] {
        let began = Instant::now();
        let LockState::Busy(refusal) = lock(&mut *late, Duration::from_millis(wait), HOUR) else { panic!() };
        assert_eq!(refusal.holder.as_deref(), Some("pid 7 GET /cart"));
        let held = refusal.held.expect("since when");
        assert!(held >= Duration::from_millis(wait) && held <= taken.elapsed() + Duration::from_millis(5), "{held:?}");
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(wait) && took < Duration::from_millis(wait + 1000), "{took:?}");
        assert_eq!(queue_keys(&server), [] as [&str; 0]);
    }
    holder.unlock(sid(), lease).unwrap();
    assert!(matches!(lock(&mut *late, PATIENCE, HOUR), LockState::Held(_)));
}

/// Not a test by itself: what [`a_killed_holder_or_waiter_delays_nobody_for_longer_than_its_lease`]
/// starts as another process.
#[test]
#[ignore = "started by another test"]
fn another_process() {
    let Ok(dsn) = std::env::var("SESHAT_TEST_DSN") else { return };
    let mut store = store(&dsn);
    let state = lock(&mut *store, PATIENCE, Duration::from_secs(2));
    assert!(matches!(state, LockState::Held(_)));
    // Until it is killed, or forgotten.
    std::thread::park_timeout(PATIENCE);
}

fn start_another_process(dsn: &str) -> support::Process {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "locks::another_process", "--ignored", "--nocapture"]);
    command.env("SESHAT_TEST_DSN", dsn).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    support::Process::start(&mut command).unwrap()
}

#[test]
fn a_killed_holder_or_waiter_delays_nobody_for_longer_than_its_lease() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut holder = start_another_process(&server.tcp_dsn(""));
    assert!(support::wait_until(PATIENCE, || other.exists(LOCK).unwrap()));
    let mut dead: Vec<_> = (1..=3)
        .map(|number| {
            let waiter = start_another_process(&server.tcp_dsn(""));
            assert!(support::wait_until(PATIENCE, || waiting(&mut other) == number));
            waiter
        })
        .collect();
    dead.iter_mut().for_each(support::Process::kill);
    holder.kill();
    let began = Instant::now();
    let mut store = store(&server.tcp_dsn(""));
    let LockState::Held(lease) = lock(&mut *store, PATIENCE, HOUR) else { panic!("no lock") };
    // The holder's lease of 2 s, then a hand-over of 1 s to a dead waiter; the rest is known to be dead.
    let took = began.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert_eq!(store.write_unlock(sid(), b"alive", HOUR, lease).unwrap(), Committed::Done);
}

#[test]
fn a_late_writer_is_refused_and_the_newer_data_survives() {
    let server = server!();
    let policy = Policy { lock_expire: Duration::from_millis(300), ..Policy::default() };
    let mut slow = handler(&server.tcp_dsn(""), policy.clone());
    let mut quick = handler(&server.unix_dsn(""), policy);
    slow.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    // Waits for the slow one's lease to run out.
    quick.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    quick.write(ID.as_bytes(), b"newer", Caller::Engine, HOUR).unwrap();
    quick.close().unwrap();
    let error = slow.write(ID.as_bytes(), b"older", Caller::Engine, HOUR).unwrap_err();
    assert_eq!(error.kind(), Kind::LockLost, "{error}");
    slow.close().unwrap();
    let mut check = store(&server.tcp_dsn(""));
    assert_eq!(read(&mut *check).unwrap(), b"newer");
    assert!(matches!(lock(&mut *check, Duration::ZERO, HOUR), LockState::Held(_)));
}

#[test]
fn a_stranger_s_release_frees_nothing_of_ours() {
    let server = server!();
    let (mut first, mut second) = (store(&server.tcp_dsn("")), store(&server.tcp_dsn("")));
    let lost = hold(&mut *first, Duration::from_millis(50));
    let LockState::Held(held) = lock(&mut *second, PATIENCE, HOUR) else { panic!("no lock") };
    first.unlock(sid(), lost).unwrap();
    assert!(!first.exists(sid()).unwrap());
    assert!(matches!(lock(&mut *first, Duration::ZERO, HOUR), LockState::Busy(_)));
    assert_eq!(second.write_unlock(sid(), b"x", HOUR, held).unwrap(), Committed::Done);
}

#[test]
fn who_ends_a_session_under_a_lost_lock_frees_nothing_of_ours() {
    let server = server!();
    let (mut first, mut second) = (store(&server.tcp_dsn("")), store(&server.tcp_dsn("")));
    let lost = hold(&mut *first, Duration::from_millis(50));
    let LockState::Held(held) = lock(&mut *second, PATIENCE, HOUR) else { panic!("no lock") };
    second.write(sid(), b"ended", HOUR).unwrap();
    first.destroy_unlock(sid(), lost).unwrap();
    assert_eq!(read(&mut *first), None, "the end of a session is final");
    assert!(matches!(lock(&mut *first, Duration::ZERO, HOUR), LockState::Busy(_)));
    second.unlock(sid(), held).unwrap();
}

#[test]
fn who_waits_for_a_session_that_is_ended_leaves_no_lock() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut holder = store(&server.tcp_dsn(""));
    holder.write(sid(), b"x", HOUR).unwrap();
    let lease = hold(&mut *holder, HOUR);
    let dsn = server.tcp_dsn("");
    let waiter = std::thread::spawn(move || {
        let lock = Some(LockRequest { wait: PATIENCE, lease: HOUR, holder: "", max_waiters: None });
        let request = OpenRequest { lock, lock_missing: false, extend: Some(HOUR) };
        crate::store(&dsn).open(sid(), &request, &mut Vec::new()).unwrap()
    });
    assert!(support::wait_until(PATIENCE, || waiting(&mut other) == 1));
    holder.destroy_unlock(sid(), lease).unwrap();
    let opened = waiter.join().unwrap();
    assert!(!opened.found && matches!(opened.lock, LockState::NotTaken), "{opened:?}");
    assert!(!other.exists::<_, bool>(LOCK).unwrap(), "it was handed the lock and must give it back at once");
    assert_eq!(queue_keys(&server), [] as [&str; 0]);
}

#[test]
fn a_waiter_that_died_takes_nobody_s_place() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut holder = store(&server.tcp_dsn(""));
    let lease = hold(&mut *holder, HOUR);
    // In the queue, and no longer known to be alive.
    let () = other.rpush(format!("{LOCK}_QUEUE"), "0123456789abcdef0123456789abcdef").unwrap();
    let request = LockRequest { wait: Duration::from_millis(50), lease: HOUR, holder: "", max_waiters: Some(1) };
    let state = store(&server.tcp_dsn("")).lock(sid(), &request).unwrap();
    assert!(matches!(&state, LockState::Busy(refusal) if !refusal.crowded), "{state:?}");
    holder.unlock(sid(), lease).unwrap();
}

#[test]
fn locks_are_shared_with_phpredis() {
    let server = server!();
    let mut other = server.client("", 0);
    let mut store = store(&server.tcp_dsn(""));
    // As phpredis takes and releases them: a value of its own, set if absent, deleted without a word.
    let () = redis::cmd("SET").arg(LOCK).arg("web1|2771").arg("NX").arg("PX").arg(30_000).query(&mut other).unwrap();
    let LockState::Busy(refusal) = lock(&mut *store, Duration::from_millis(100), HOUR) else { panic!() };
    assert_eq!(refusal.holder.as_deref(), Some("a client that is not Seshat"));
    let dsn = server.tcp_dsn("");
    let waiter = std::thread::spawn(move || {
        let mut store = crate::store(&dsn);
        let LockState::Held(lease) = lock(&mut *store, PATIENCE, HOUR) else { panic!("no lock") };
        (Instant::now(), lease.token)
    });
    assert!(support::wait_until(PATIENCE, || waiting(&mut other) == 1));
    let released = Instant::now();
    let () = other.del(LOCK).unwrap();
    let (taken, token) = waiter.join().unwrap();
    assert!(taken - released < Duration::from_millis(500), "{:?}", taken - released);
    let refused: Option<String> =
        redis::cmd("SET").arg(LOCK).arg("web1|2771").arg("NX").arg("PX").arg(30_000).query(&mut other).unwrap();
    assert_eq!(refused, None, "phpredis must see our lock");
    let value: Vec<u8> = other.get(LOCK).unwrap();
    assert!(value.starts_with(token.as_bytes()));
    assert!(!other.exists::<_, bool>(KEY).unwrap());
}

#[test]
fn no_update_is_lost_among_eight_workers() {
    const WORKERS: usize = 8;
    const ROUNDS: usize = 40;
    let server = server!();
    let threads: Vec<_> = (0..WORKERS)
        .map(|number| {
            let dsn = if number % 2 == 0 { server.tcp_dsn("") } else { server.unix_dsn("") };
            std::thread::spawn(move || {
                let mut handler = handler(&dsn, Policy::default());
                for round in 0..ROUNDS {
                    let data = handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
                    let count: usize = std::str::from_utf8(data).unwrap().parse().unwrap_or(0);
                    let data = data.to_vec();
                    if round % 4 == 3 {
                        handler.touch(ID.as_bytes(), &data, Caller::Engine, HOUR).unwrap();
                    } else {
                        handler.write(ID.as_bytes(), (count + 1).to_string().as_bytes(), Caller::Engine, HOUR).unwrap();
                    }
                    handler.close().unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let count = read(&mut *store(&server.tcp_dsn(""))).unwrap();
    assert_eq!(String::from_utf8(count).unwrap(), (WORKERS * ROUNDS * 3 / 4).to_string());
}
