//! A lock, its owner, and writes that come too late.

use crate::deaf_proxy::DeafProxy;
use crate::{HOUR, ID, KEY, LOCK, PATIENCE, handler, hold, lock, read, server, sid, store, support};
use seshat::error::Kind;
use seshat::session::handler::{Caller, Policy};
use seshat::session::lock::LockState;
use seshat::session::store::{Committed, OpenRequest};
use std::process::Command;
use std::time::Duration;

#[test]
fn who_has_the_lock_is_told() {
    let server = server!();
    let (mut one, mut two) = (store(&server.dsn("")), store(&server.dsn("")));
    let lease = hold(&mut *one, HOUR);
    match lock(&mut *two, Duration::ZERO, HOUR) {
        LockState::Busy(refusal) => assert_eq!(refusal.holder.unwrap(), "pid 7 GET /cart"),
        other => panic!("{other:?}"),
    }
    one.unlock(sid(), lease).unwrap();
    // php-memcached's lock is respected, and called what it is.
    assert!(support::wait_until(PATIENCE, || server.say(&format!("add {LOCK} 0 30 1\r\n1")) == "STORED"));
    match lock(&mut *two, Duration::ZERO, HOUR) {
        LockState::Busy(refusal) => assert_eq!(refusal.holder.unwrap(), "a client that is not Seshat"),
        other => panic!("{other:?}"),
    }
}

/// The lock vanishes under its holder, another request has the session and writes; the first one must
/// not undo that, though its lease is running by its own clock.
#[test]
fn a_lock_that_was_evicted_is_noticed() {
    let server = server!();
    for dialect in ["?protocol=meta", "?protocol=text", "?protocol=binary"] {
        let (mut one, mut two) = (store(&server.dsn(dialect)), store(&server.dsn(dialect)));
        one.write(sid(), b"old", HOUR).unwrap();
        let request =
            || seshat::session::lock::LockRequest { wait: Duration::ZERO, lease: HOUR, holder: "", max_waiters: None };
        let mut data = Vec::new();
        let open = OpenRequest { lock: Some(request()), lock_missing: true, extend: None };
        let LockState::Held(first) = one.open(sid(), &open, &mut data).unwrap().lock else { panic!("free") };
        assert_eq!(server.say(&format!("delete {LOCK}")), "DELETED");
        data.clear();
        let LockState::Held(second) = two.open(sid(), &open, &mut data).unwrap().lock else { panic!("free") };
        assert_eq!(two.write_unlock(sid(), b"newer", HOUR, second).unwrap(), Committed::Done);
        assert_eq!(one.write_unlock(sid(), b"late", HOUR, first).unwrap(), Committed::LeaseLost);
        assert_eq!(server.item(KEY).unwrap().1, b"newer");
        // And whether or not the other one has finished.
        data.clear();
        let LockState::Held(first) = one.open(sid(), &open, &mut data).unwrap().lock else { panic!("free") };
        assert_eq!(server.say(&format!("delete {LOCK}")), "DELETED");
        data.clear();
        let LockState::Held(second) = two.open(sid(), &open, &mut data).unwrap().lock else { panic!("free") };
        assert_eq!(one.write_unlock(sid(), b"first", HOUR, first).unwrap(), Committed::Done);
        assert!(server.item(LOCK).is_some(), "the other one's lock stays");
        assert_eq!(two.write_unlock(sid(), b"second", HOUR, second).unwrap(), Committed::LeaseLost);
        assert_eq!(server.item(KEY).unwrap().1, b"first");
        one.destroy(sid()).unwrap();
    }
}

#[test]
fn a_release_that_never_arrived_is_repeated_while_the_next_lock_is_waited_for() {
    let server = server!();
    for dialect in ["?protocol=meta", "?protocol=text", "?protocol=binary"] {
        let proxy = DeafProxy::to(server.port());
        let mut one = store(&format!("memcached://127.0.0.1:{}{dialect}", proxy.port()));
        let lease = hold(&mut *one, HOUR);
        proxy.ignore(1);
        one.unlock(sid(), lease).unwrap();
        assert!(support::wait_until(PATIENCE, || proxy.has_ignored()));
        let taken = lock(&mut *one, Duration::from_secs(5), HOUR);
        let LockState::Held(lease) = taken else { panic!("the holder is itself {dialect}: {taken:?}") };
        one.unlock(sid(), lease).unwrap();
        let free = || server.item(LOCK).is_none();
        assert!(support::wait_until(PATIENCE, free), "{dialect}");
    }
}

#[test]
fn a_session_that_is_written_past_its_own_lock_is_still_its_holder_s() {
    let server = server!();
    let mut subject = handler(&server.dsn(""), Policy::default());
    subject.write(ID.as_bytes(), b"old", Caller::Direct, HOUR).unwrap();
    subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    subject.write(ID.as_bytes(), b"direct", Caller::Direct, HOUR).unwrap();
    subject.write(ID.as_bytes(), b"at the end", Caller::Engine, HOUR).unwrap();
    assert_eq!(server.item(KEY).unwrap().1, b"at the end");
    subject.close().unwrap();
}

#[test]
fn a_server_without_versions_cannot_lock_and_says_so() {
    let server = server!("-C");
    let mut one = store(&server.dsn(""));
    one.write(sid(), b"a", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"a");
    let request =
        seshat::session::lock::LockRequest { wait: Duration::ZERO, lease: HOUR, holder: "", max_waiters: None };
    let error = one.lock(sid(), &request).unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
    assert!(error.to_string().contains("-C"), "{error}");
}

/// The other end of [`increments_survive_killed_holders`]: counts until it is killed, and keeps a tally.
#[test]
fn increment() {
    let Ok(dsn) = std::env::var("SESHAT_TEST_INCREMENT") else { return };
    let tally = std::env::var("SESHAT_TEST_TALLY").unwrap();
    let turns: u32 = std::env::var("SESHAT_TEST_TURNS").unwrap().parse().unwrap();
    let policy = Policy { lock_expire: Duration::from_secs(1), lock_wait: PATIENCE * 3, ..Policy::default() };
    let mut subject = handler(&dsn, policy);
    let mut done = 0;
    while done < turns {
        let count: u32 = match subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap() {
            b"" => 0,
            data => std::str::from_utf8(data).unwrap().parse().unwrap(),
        };
        let written = subject.write(ID.as_bytes(), (count + 1).to_string().as_bytes(), Caller::Engine, HOUR);
        subject.close().unwrap();
        match written {
            Ok(()) => {
                done += 1;
                std::fs::write(&tally, done.to_string()).unwrap();
            }
            Err(error) => assert_eq!(error.kind(), Kind::LockLost, "{error}"),
        }
    }
}

/// Several processes count in one session, and others that do the same are killed with its lock in
/// their hands. What each is sure to have counted is in its tally; a killed one may have counted once
/// more. `SESHAT_TORTURE` is the number of turns.
#[test]
fn increments_survive_killed_holders() {
    const WORKERS: u32 = 3;
    let turns: u32 = std::env::var("SESHAT_TORTURE").ok().and_then(|turns| turns.parse().ok()).unwrap_or(40);
    let server = server!();
    let folder = support::temporary_folder();
    let start = |turns: u32, tally: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "locks::increment"]).stdout(std::process::Stdio::null());
        command.env("SESHAT_TEST_INCREMENT", server.dsn("")).env("SESHAT_TEST_TURNS", turns.to_string());
        command.env("SESHAT_TEST_TALLY", folder.path().join(tally));
        command
    };
    let workers: Vec<_> =
        (0..WORKERS).map(|number| start(turns, &format!("worker-{number}")).spawn().unwrap()).collect();
    let victims = turns / 10;
    for number in 0..victims {
        let tally = format!("victim-{number}");
        let mut process = support::Process::start(&mut start(u32::MAX, &tally)).unwrap();
        // Not before it counts, and then at another place of its work each time.
        assert!(support::wait_until(PATIENCE * 3, || folder.path().join(&tally).exists()));
        std::thread::sleep(Duration::from_micros(u64::from(number) * 777));
        process.kill();
    }
    for mut worker in workers {
        assert!(worker.wait().unwrap().success());
    }
    // A tally may have been cut off in the middle of being written.
    let counted: u32 = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap().parse::<u32>().unwrap_or(0))
        .sum();
    let count: u32 = String::from_utf8(server.item(KEY).unwrap().1).unwrap().parse().unwrap();
    assert!(count >= counted, "{} updates lost: {count} of {counted}", counted - count);
    assert!(counted >= WORKERS * turns);
}
