//! Connections that break, servers that go away, and answers that make no sense.

use crate::{HOUR, ID, KEY, PATIENCE, handler, hold, locking, read, server, sid, store, support};
use redis::Commands;
use seshat::backend::fork;
use seshat::error::Kind;
use seshat::session::handler::{Caller, Policy};
use seshat::session::lock::LockState;
use seshat::session::store::Committed;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn a_restart_between_requests_goes_unnoticed() {
    let mut server = server!("--appendonly", "yes", "--appendfsync", "always");
    let mut unlocked = handler(&server.tcp_dsn(""), locking(false));
    let mut locked = handler(&server.unix_dsn("?database=1"), Policy::default());
    for subject in [&mut unlocked, &mut locked] {
        subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        subject.write(ID.as_bytes(), b"kept", Caller::Engine, HOUR).unwrap();
        subject.close().unwrap();
    }
    for _ in 0..2 {
        // The release that nobody waited for must have been carried out, or the lease would count.
        let mut admin = server.client("", 1);
        assert!(support::wait_until(PATIENCE, || !admin.exists::<_, bool>(crate::LOCK).unwrap()));
        // The scripts are forgotten with it.
        server.restart();
        for subject in [&mut unlocked, &mut locked] {
            assert!(subject.validate(ID.as_bytes(), Caller::Engine, HOUR).unwrap());
            assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"kept");
            subject.touch(ID.as_bytes(), b"kept", Caller::Engine, HOUR).unwrap();
            subject.close().unwrap();
        }
    }
    server.stop();
    let error = unlocked.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.to_string().contains("connection refused"), "{error}");
}

#[test]
fn a_restart_in_mid_request_loses_nothing() {
    let mut server = server!();
    for changed in [false, true] {
        for lock in [false, true] {
            let mut subject = handler(&server.tcp_dsn("/2"), locking(lock));
            subject.write(ID.as_bytes(), b"old", Caller::Direct, HOUR).unwrap();
            subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
            server.restart();
            if changed {
                subject.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
            } else {
                subject.touch(ID.as_bytes(), b"old", Caller::Engine, HOUR).unwrap();
            }
            subject.close().unwrap();
            let expected: &[u8] = if changed { b"new" } else { b"old" };
            let stored = read(&mut *store(&server.tcp_dsn("/2")));
            assert_eq!(stored.as_deref(), Some(expected), "changed {changed}, locked {lock}");
        }
    }
}

#[test]
fn a_connection_that_the_server_closed_is_replaced() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut store = store(&server.tcp_dsn("/1"));
    store.write(sid(), b"x", HOUR).unwrap();
    let kill = |admin: &mut redis::Connection| {
        redis::cmd("CLIENT").arg("KILL").arg("SKIPME").arg("yes").exec(admin).unwrap();
    };
    kill(&mut admin);
    assert_eq!(read(&mut *store).unwrap(), b"x");
    kill(&mut admin);
    store.write(sid(), b"y", HOUR).unwrap();
    kill(&mut admin);
    let lease = hold(&mut *store, HOUR);
    kill(&mut admin);
    assert_eq!(store.write_unlock(sid(), b"z", HOUR, lease).unwrap(), Committed::Done);
    // A release that nobody waits for can go unheard in the moment after the server closed: the
    // lease is then what frees the lock.
    let lease = hold(&mut *store, Duration::from_secs(1));
    kill(&mut admin);
    assert_eq!(store.touch_unlock(sid(), b"z", HOUR, Some(lease), true).unwrap(), Committed::Done);
    assert_eq!(read(&mut *store).unwrap(), b"z");
    assert!(matches!(crate::lock(&mut *store, PATIENCE, HOUR), LockState::Held(_)));
}

#[test]
fn a_server_that_forgot_its_scripts_gets_them_again() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut store = store(&server.tcp_dsn(""));
    for _ in 0..2 {
        redis::cmd("SCRIPT").arg("FLUSH").exec(&mut admin).unwrap();
        let lease = hold(&mut *store, HOUR);
        redis::cmd("SCRIPT").arg("FLUSH").exec(&mut admin).unwrap();
        assert_eq!(store.write_unlock(sid(), b"x", HOUR, lease).unwrap(), Committed::Done);
    }
    // A release that nobody waited for is not carried out then; the next call knows.
    let lease = hold(&mut *store, Duration::from_secs(1));
    redis::cmd("SCRIPT").arg("FLUSH").exec(&mut admin).unwrap();
    store.unlock(sid(), lease).unwrap();
    assert_eq!(read(&mut *store).unwrap(), b"x", "the late answer is not taken for this one");
    assert!(matches!(crate::lock(&mut *store, PATIENCE, HOUR), LockState::Held(_)));
}

#[test]
fn a_server_that_says_nothing_is_left_after_the_limit() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut store = store(&format!("redis://127.0.0.1:{port}?read_timeout=200ms"));
    for _ in 0..2 {
        let began = Instant::now();
        let error = store.read(sid(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout);
        assert!(error.to_string().contains("0.2 s (read_timeout)"), "{error}");
        assert!(began.elapsed() >= Duration::from_millis(150) && began.elapsed() < PATIENCE);
        // The connection was closed: an answer that comes late has nobody to go to.
        let (mut connection, _) = silent.accept().unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request = Vec::new();
        connection.read_to_end(&mut request).unwrap();
        assert!(request.starts_with(b"*2\r\n$3\r\nGET\r\n"));
    }
}

/// Answers the first request of every connection with `answer` and then stays silent.
fn answering(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut connection in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let _ = connection.read(&mut request);
            let _ = connection.write_all(answer);
            open.push(connection);
        }
    });
    port
}

#[test]
fn answers_that_make_no_sense_end_the_connection() {
    for (answer, word) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), "does not speak"),
        (b"$10737418240\r\n", "does not speak"),
        (b"$3\r\nabc\r\n$9\r\nnot yours\r\n", "does not belong"),
        (b"$3\r\nabc\r\n+PONG\r\n", "does not belong"),
        (b":1\r\n", "does not belong"),
        (b"*1\r\n$1\r\na\r\n", "does not belong"),
        (b"$10\r\nabc", "no answer within"),
    ] {
        let port = answering(answer);
        let mut store = store(&format!("redis://127.0.0.1:{port}?read_timeout=300ms"));
        for _ in 0..2 {
            let mut data = Vec::new();
            let error = store.read(sid(), &mut data).unwrap_err();
            assert!(error.to_string().contains(word), "{}: {error}", String::from_utf8_lossy(answer));
        }
    }
}

#[test]
fn bytes_that_nobody_asked_for_are_not_taken_for_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (go, asked) = std::sync::mpsc::channel();
    let (said, more) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || {
        let answer = |text: &[u8]| {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let length = connection.read(&mut request).unwrap();
            // The mark that comes back behind the answer is the last argument.
            let mark = &request[length - 14..length];
            connection.write_all(&[text, mark].concat()).unwrap();
            connection
        };
        let mut first = answer(b"$5\r\nfirst\r\n");
        asked.recv().unwrap();
        first.write_all(b"$10\r\nsomebody's\r\n").unwrap();
        said.send(()).unwrap();
        answer(b"$6\r\nsecond\r\n")
    });
    let mut store = store(&format!("redis://127.0.0.1:{port}"));
    assert_eq!(read(&mut *store).unwrap(), b"first");
    let answered = Instant::now();
    go.send(()).unwrap();
    more.recv().unwrap();
    // Within the first milliseconds a connection is not looked at again.
    assert!(support::wait_until(PATIENCE, || answered.elapsed() > Duration::from_millis(20)));
    assert_eq!(read(&mut *store).unwrap(), b"second");
    server.join().unwrap();
}

#[test]
fn nowhere_to_connect_to() {
    let folder = support::temporary_folder();
    let missing = folder.path().join("none.sock");
    let error = store(&format!("redis+unix://{}", missing.display())).read(sid(), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("there is no such socket"), "{error}");
    let port = support::free_port();
    let error = store(&format!("redis://127.0.0.1:{port}")).read(sid(), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("connection refused: no server listens there"), "{error}");
    assert_eq!(error.kind(), Kind::Unavailable);
}

/// Not a test by itself: changes the process's fork generation, which the others must not see.
#[test]
#[ignore = "started by another test"]
fn as_a_child() {
    let Ok(port) = std::env::var("SESHAT_TEST_PORT") else { return };
    fork::hooked();
    let dsn = format!("redis://127.0.0.1:{port}/1");
    let mut admin = redis::Client::open(dsn.as_str()).unwrap().get_connection().unwrap();
    let mut store = store(&dsn);
    store.write(sid(), b"parent's", HOUR).unwrap();
    let lease = hold(&mut *store, HOUR);
    let clients = |admin: &mut redis::Connection| -> Vec<String> {
        let list: String = redis::cmd("CLIENT").arg("LIST").query(admin).unwrap();
        list.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    let before = clients(&mut admin);
    fork::entered_child();
    // The parent's lock is not released by a child, and its connection is not used.
    store.unlock(sid(), lease).unwrap();
    assert!(admin.exists::<_, bool>(crate::LOCK).unwrap());
    assert_eq!(clients(&mut admin), before, "an inherited lease is no reason to talk to the server");
    assert_eq!(read(&mut *store).unwrap(), b"parent's");
    let after = clients(&mut admin);
    assert_ne!(before, after, "a child makes its own connection");
    let stolen = seshat::session::lock::Lease { token: seshat::session::lock::Token::new().unwrap(), guard: None };
    assert_eq!(store.write_unlock(sid(), b"child's", HOUR, stolen).unwrap(), Committed::LeaseLost);
    assert_eq!(admin.get::<_, String>(KEY).unwrap(), "parent's");
}

#[test]
fn a_child_of_a_fork_uses_neither_its_parent_s_connection_nor_its_lock() {
    let server = server!();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::as_a_child", "--ignored", "--nocapture"])
        .env("SESHAT_TEST_PORT", server.port().to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
