//! Servers that are away, hang, refuse, or have no such namespace.

use crate::aerospike_stand_in::{Options, StandIn};
use crate::{HOUR, PATIENCE, hold, named, read, sid, store, support};
use seshat::backend::fork;
use seshat::error::{Error, Kind};
use seshat::session::store::{Committed, Store};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn told(error: &Error, kind: Kind, words: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    assert!(!error.to_string().contains("secret") && !error.to_string().contains('\n'), "{error}");
}

fn refusal(dsn: &str) -> Error {
    store(dsn).write(sid(), b"data", HOUR).unwrap_err()
}

#[test]
fn no_server() {
    let port = support::free_port();
    let began = Instant::now();
    told(
        &refusal(&format!("aerospike://127.0.0.1:{port}")),
        Kind::Unavailable,
        &["connection refused", "test/session"],
    );
    assert!(began.elapsed() < Duration::from_secs(3), "refused is refused: {:?}", began.elapsed());
}

#[test]
fn a_name_that_does_not_resolve() {
    told(&refusal("aerospike://no-such-host.invalid"), Kind::Unavailable, &["\"no-such-host.invalid\"", "not resolve"]);
}

#[test]
fn a_server_that_does_not_answer_costs_no_more_than_was_said() {
    let server = StandIn::usual();
    server.pause(true);
    let began = Instant::now();
    told(&refusal(&server.dsn("?timeout=400ms")), Kind::Timeout, &["0.4 s", "timeout"]);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    server.pause(false);
    // And one that was there a moment ago.
    let mut one = store(&server.dsn("?timeout=400ms&read_timeout=200ms"));
    one.write(sid(), b"kept", HOUR).unwrap();
    server.pause(true);
    let began = Instant::now();
    told(&one.write(sid(), b"lost", HOUR).unwrap_err(), Kind::Timeout, &["0.4 s"]);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    server.pause(false);
    assert!(support::wait_until(PATIENCE, || one.exists(sid()).is_ok_and(|there| there)));
}

#[test]
fn a_server_that_goes_is_missed_and_one_that_comes_back_is_found() {
    let server = StandIn::usual();
    let mut one = store(&server.dsn(""));
    one.write(sid(), b"kept", HOUR).unwrap();
    server.stop_node(0);
    for _ in 0..2 {
        let began = Instant::now();
        told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Unavailable, &["connection refused"]);
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }
    server.start_node(0);
    assert!(support::wait_until(PATIENCE, || one.exists(sid()).is_ok_and(|there| there)));
    assert_eq!(read(&mut *one).unwrap(), b"kept");
}

#[test]
fn wrong_credentials() {
    // The hash of "secret", as clients make it.
    let hash = "$2a$10$7EqJtq98hPqEX7fNZaFWoOu7NRZ0i7m5NbgPBEsHTCoJzZDEKQRb.".to_owned();
    let server = StandIn::start(Options { user: Some(("app".into(), hash)), ..Options::default() });
    let with = |login: &str| server.dsn("").replace("aerospike://", &format!("aerospike://{login}"));
    let mut one = store(&with("app:secret@"));
    one.write(sid(), b"a", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"a");
    for login in ["app:secretive@", "other:secret@", ""] {
        told(&refusal(&with(login)), Kind::Denied, &["refused user and password"]);
    }
}

#[test]
fn no_such_namespace() {
    let server = StandIn::usual();
    let dsn = server.dsn("").replace("/test", "/nowhere");
    told(&refusal(&dsn), Kind::Config, &["no namespace \"nowhere\""]);
    let mut one = store(&dsn);
    for _ in 0..2 {
        told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Config, &["no namespace \"nowhere\""]);
    }
}

#[test]
fn a_namespace_in_which_nothing_expires() {
    let server = StandIn::usual();
    let mut one = store(&server.dsn(""));
    one.write(sid(), b"kept", HOUR).unwrap();
    server.change(|options| options.nsup_period = 0);
    told(&one.write(sid(), b"new", HOUR).unwrap_err(), Kind::Unsupported, &["nsup-period", "\"test\""]);
    assert_eq!(read(&mut *one).unwrap(), b"kept", "and what was there stays");
}

#[test]
fn a_session_that_is_too_large_leaves_the_older_one() {
    let server = StandIn::usual();
    let (mut one, mut two) = (store(&server.dsn("")), store(&server.dsn("")));
    let large = vec![b'x'; 1 << 20];
    one.write(sid(), b"kept", HOUR).unwrap();
    told(&one.write(sid(), &large, HOUR).unwrap_err(), Kind::TooLarge, &["max-record-size", "1 MiB"]);
    let lease = hold(&mut *one, HOUR);
    told(&one.write_unlock(sid(), &large, HOUR, lease).unwrap_err(), Kind::TooLarge, &["max-record-size"]);
    assert_eq!(read(&mut *two).unwrap(), b"kept");
    let free = || matches!(crate::lock(&mut *two, Duration::ZERO, HOUR), seshat::session::lock::LockState::Held(_));
    assert!(support::wait_until(PATIENCE, free), "its lock is given up");
}

/// Not a test by itself: changes the process's fork generation, which the others must not see.
#[test]
#[ignore = "started by another test"]
fn as_a_child() {
    if std::env::var("SESHAT_TEST_CHILD").is_err() {
        return;
    }
    fork::hooked();
    let server = StandIn::usual();
    let mut one = store(&server.dsn(""));
    let mut unlocked = store(&server.dsn(""));
    unlocked.write(named("unlocked"), b"a", HOUR).unwrap();
    one.write(sid(), b"parent's", HOUR).unwrap();
    let lease = hold(&mut *one, HOUR);
    let before = server.commands();
    fork::entered_child();
    one.unlock(sid(), lease).unwrap();
    assert_eq!(server.commands(), before, "an inherited lease is no reason to talk to the server");
    let inherited = open_sockets();
    assert_eq!(read(&mut *one).unwrap(), b"parent's");
    let now = open_sockets();
    assert!(inherited.is_subset(&now), "what is the parent's is not closed");
    assert!(now.len() > inherited.len(), "a child makes its own connection");
    // Nor does it send over its parent's connection what nobody waits for.
    let before = open_sockets().len();
    unlocked.touch_unlock(named("unlocked"), b"a", HOUR, None, true).unwrap();
    assert!(open_sockets().len() > before);
    assert!(server.record(crate::ID).unwrap().bin("lock").is_some(), "the parent's lock is the parent's");
    let stolen = seshat::session::lock::Lease { token: seshat::session::lock::Token::new().unwrap(), guard: None };
    assert_eq!(one.write_unlock(sid(), b"child's", HOUR, stolen).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *one).unwrap(), b"parent's");
}

fn open_sockets() -> std::collections::HashSet<std::path::PathBuf> {
    let all = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let targets = all.filter_map(|fd| std::fs::read_link(fd.path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket")).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_of_a_fork_uses_neither_its_parent_s_connection_nor_its_lock() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::as_a_child", "--ignored", "--nocapture"])
        .env("SESHAT_TEST_CHILD", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Nothing runs for this store but the thread that asks it.
#[test]
#[cfg(target_os = "linux")]
fn a_store_has_no_thread() {
    // The stand-in's threads are this process's too, so that the store's own are counted by their names.
    let server = StandIn::usual();
    let mut one = store(&server.dsn("").replace("127.0.0.1", "localhost"));
    one.write(named("threads"), b"a", HOUR).unwrap();
    let names = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = names.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    assert_eq!(names.filter(|name| name.contains("tokio")).count(), 0);
}

#[test]
fn an_idle_worker_finds_its_cluster_again() {
    let server = StandIn::usual();
    let mut one: Box<dyn Store> = store(&server.dsn(""));
    one.write(sid(), b"a", HOUR).unwrap();
    // More than the time between two looks at the cluster, and than what a look may take.
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(1300));
        assert_eq!(read(&mut *one).unwrap(), b"a");
    }
    server.stop_node(0);
    server.start_node(0);
    assert_eq!(read(&mut *one).unwrap(), b"a", "at the first try");
}
