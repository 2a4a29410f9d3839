//! Servers that die, hang, are none, are not the primary, or want another password.

use crate::mongodb_server::MongoServer;
use crate::{HOUR, ID, Onlooker, handler, hold, locking, read, server, sid, store, support, told};
use mongodb::bson::doc;
use seshat::error::Kind;
use seshat::session::handler::Caller;
use seshat::session::store::Store;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// What a limit may be overrun by on a busy machine.
const SLACK: Duration = Duration::from_secs(4);

/// The error of a read, which must come within the limit.
fn failure(dsn: &str, limit: Duration) -> seshat::error::Error {
    let mut one = store(dsn);
    let asked = Instant::now();
    let error = one.read(sid(), &mut Vec::new()).expect_err(dsn);
    assert!(asked.elapsed() < limit + SLACK, "{dsn}: failed after {:?}", asked.elapsed());
    let asked = Instant::now();
    drop(one);
    assert!(asked.elapsed() < SLACK, "{dsn}: gone after {:?}", asked.elapsed());
    error
}

#[test]
fn servers_that_are_not_there_are_told_within_the_time() {
    let half = Duration::from_millis(500);
    let port = support::free_port();
    let error = failure(&format!("mongodb://127.0.0.1:{port}/?timeout=500ms"), half);
    told(&error, Kind::Unavailable, &["refused", "timeout", &port.to_string()]);
    let error = failure("mongodb://no-such-host.invalid/?timeout=500ms", half);
    told(&error, Kind::Unavailable, &["resolved", "no-such-host.invalid"]);
    let error = failure("mongodb+srv://no-such-host.invalid.invalid/?timeout=500ms", half);
    assert!(error.is_outage(), "{error}");
    // It takes connections and says nothing.
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let error = failure(&format!("mongodb://{}/?timeout=500ms", silent.local_addr().unwrap()), half);
    assert!(error.is_outage(), "{error}");
}

#[test]
fn five_seconds_unless_another_time_is_said() {
    let asked = Instant::now();
    let error = failure(&format!("mongodb://127.0.0.1:{}", support::free_port()), Duration::from_secs(5));
    assert!(error.is_outage() && asked.elapsed() >= Duration::from_secs(4), "{error} after {:?}", asked.elapsed());
}

#[test]
fn a_server_that_was_killed_and_started_again_is_found() {
    let mut server = server!(MongoServer::start(&["--standalone"]));
    let collection = MongoServer::collection();
    let mut one = store(&server.dsn(&collection, "&timeout=1s"));
    one.write(sid(), b"a", HOUR).unwrap();
    server.kill();
    let error = one.write(sid(), b"b", HOUR).unwrap_err();
    assert!(error.is_outage(), "{error}");
    server.restart();
    assert!(support::wait_until(crate::PATIENCE, || one.read(sid(), &mut Vec::new()).is_ok()));
    one.write(sid(), b"c", HOUR).unwrap();
    assert_eq!(read(&mut *one, ID).unwrap(), b"c");
}

#[test]
fn a_session_that_is_open_while_the_server_starts_again_is_stored() {
    let mut server = server!(MongoServer::start(&["--standalone"]));
    for (changed, lock) in [(true, true), (false, true), (true, false)] {
        let dsn = server.dsn(&MongoServer::collection(), "&timeout=30s");
        let mut subject = handler(&dsn, locking(lock));
        subject.write(ID.as_bytes(), b"old", Caller::Direct, HOUR).unwrap();
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"old");
        server.restart();
        let expected: &[u8] = if changed { b"new" } else { b"old" };
        let end = |subject: &mut seshat::session::handler::Handler| {
            if changed {
                subject.write(ID.as_bytes(), b"new", Caller::Engine, HOUR)
            } else {
                subject.touch(ID.as_bytes(), b"old", Caller::Engine, HOUR)
            }
        };
        let stored = end(&mut subject);
        let _ = subject.close();
        // The connection broke under a command: on a server alone nobody can know what became of it, and the
        // driver does not repeat it. It is stored, or that is said.
        let mut other = store(&dsn);
        let now = read(&mut *other, ID).unwrap();
        match stored {
            Ok(()) => assert_eq!(now, expected, "changed {changed}, locked {lock}"),
            Err(error) => assert!(error.is_outage() && (now == b"old" || now == expected), "{error}"),
        }
        // And its lock is given back before this worker takes another one.
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), now);
        subject.close().unwrap();
        assert!(support::wait_until(crate::PATIENCE, || matches!(
            crate::lock(&mut *other, Duration::ZERO, HOUR),
            seshat::session::lock::LockState::Held(_)
        )));
    }
}

#[test]
fn a_server_that_hangs_costs_the_time_and_no_more() {
    let server = server!(MongoServer::start(&["--standalone"]));
    let mut one = store(&server.dsn(&MongoServer::collection(), "&timeout=500ms"));
    one.write(sid(), b"a", HOUR).unwrap();
    server.pause(true);
    let asked = Instant::now();
    told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Timeout, &["0.5 s", "timeout"]);
    assert!(asked.elapsed() < SLACK, "{:?}", asked.elapsed());
    server.pause(false);
    let mut data = Vec::new();
    assert!(support::wait_until(crate::PATIENCE, || {
        data.clear();
        one.read(sid(), &mut data).is_ok()
    }));
    assert_eq!(data, b"a", "the answer to an earlier question is not taken for this one's");
}

#[test]
fn a_password_opens_and_a_wrong_one_does_not() {
    let mut server = server!(MongoServer::start(&["--standalone"]));
    let onlooker = Onlooker::new(&server, "none");
    let roles = doc! { "role": "readWrite", "db": server.database() };
    onlooker.admin(doc! { "createUser": "app", "pwd": "p@ss/w:rd", "roles": [roles] }).unwrap();
    drop(onlooker);
    server.restart_with(&["--standalone", "--auth"]);
    let dsn = |login: &str| {
        server.dsn(&MongoServer::collection(), "&authSource=admin&timeout=2s").replace("//", &format!("//{login}"))
    };
    let mut one = store(&dsn("app:p%40ss%2Fw%3Ard@"));
    one.write(sid(), b"a", HOUR).unwrap();
    assert_eq!(read(&mut *one, ID).unwrap(), b"a");
    for login in ["app:wrong@", "nobody:p%40ss@", ""] {
        let error = failure(&dsn(login), Duration::from_secs(2));
        told(&error, Kind::Denied, &[]);
        let text = error.to_string();
        assert!(!text.contains("wrong@") && !text.contains("p@ss") && !text.contains("app:"), "{text}");
    }
}

#[test]
fn a_session_larger_than_a_document_is_refused_and_the_old_one_stays() {
    let server = server!(MongoServer::shared());
    let mut one = store(&server.dsn(&MongoServer::collection(), ""));
    one.write(sid(), b"old", HOUR).unwrap();
    let large = vec![b'x'; 16 << 20];
    told(&one.write(sid(), &large, HOUR).unwrap_err(), Kind::TooLarge, &["16 MB"]);
    let lease = hold(&mut *one, HOUR);
    told(&one.write_unlock(sid(), &large, HOUR, lease).unwrap_err(), Kind::TooLarge, &["16 MB"]);
    assert_eq!(read(&mut *one, ID).unwrap(), b"old");
    let lease = hold(&mut *one, HOUR);
    one.unlock(sid(), lease).unwrap();
}

/// A replica set whose primary steps down: commands are refused, and with them nothing is lost.
#[test]
fn a_primary_that_steps_down_is_waited_for_or_told() {
    let server = server!(MongoServer::start(&["--enable-test-commands"]));
    let onlooker = Onlooker::new(&server, "none");
    let fail = |mode: mongodb::bson::Bson, code: i32| {
        let data = doc! {
            "failCommands": ["findAndModify", "update", "find", "delete"],
            "errorCode": code,
            "errorLabels": ["RetryableWriteError"],
        };
        onlooker.admin(doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data }).unwrap();
    };
    let dsn = server.dsn(&MongoServer::collection(), "&timeout=2s");
    for code in [10_107, 189, 11_602] {
        let mut subject = handler(&dsn, locking(true));
        subject.write(ID.as_bytes(), b"1", Caller::Direct, HOUR).unwrap();
        fail(doc! { "times": 1 }.into(), code);
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"1", "{code}");
        fail(doc! { "times": 1 }.into(), code);
        subject.write(ID.as_bytes(), b"2", Caller::Engine, HOUR).unwrap();
        subject.close().unwrap();
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"2");
        fail("alwaysOn".into(), code);
        let asked = Instant::now();
        let error = subject.write(ID.as_bytes(), b"3", Caller::Engine, HOUR).unwrap_err();
        assert!(error.is_outage() && asked.elapsed() < Duration::from_secs(2) + SLACK, "{error}");
        told(&error, error.kind(), &["primary"]);
        fail("off".into(), code);
        subject.close().unwrap();
        let mut other: Box<dyn Store> = store(&dsn);
        assert_eq!(read(&mut *other, ID).unwrap(), b"2", "what was refused changed nothing");
        let mut next = handler(&dsn, locking(true));
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"2", "the lock was given back");
        subject.close().unwrap();
        assert_eq!(next.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"2");
        next.close().unwrap();
    }
}
