//! Servers that are stopped, killed and started again: what a request gets meanwhile, and what is there
//! afterwards.

use crate::redis_server::RedisServer;
use crate::{HOUR, ID, PATIENCE, handler, read, server, sid, store, support};
use seshat::error::Kind;
use seshat::session::handler::{Caller, Handler, OnUnavailable, Policy};
use std::time::{Duration, Instant};

const NEW: &[u8] = b"newnewnewnewnewnewnewnewnewnew12";

/// A request that changes its session.
fn change(handler: &mut Handler, to: &[u8]) -> seshat::error::Result<Vec<u8>> {
    let data = handler.read(ID.as_bytes(), Caller::Engine, HOUR)?.to_vec();
    handler.write(ID.as_bytes(), to, Caller::Engine, HOUR)?;
    handler.close()?;
    Ok(data)
}

fn becomes(handler: &mut Handler, data: &[u8]) -> bool {
    support::wait_until(PATIENCE, || {
        let found = handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR).is_ok_and(|found| found == data);
        handler.close().unwrap();
        found
    })
}

/// A server with a session in it, that keeps it when it is killed.
fn with_session() -> Result<RedisServer, String> {
    let server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"])?;
    store(&server.tcp_dsn("")).write(sid(), b"before", HOUR).unwrap();
    Ok(server)
}

macro_rules! with_session {
    () => {
        match with_session() {
            Ok(server) => server,
            Err(reason) => return support::skip(module_path!(), &reason),
        }
    };
}

#[test]
fn a_stopped_server_costs_one_time_out_and_not_one_for_each_request() {
    let server = with_session!();
    // An endpoint of its own: the memory of outages is the process's.
    let mut handlers: Vec<_> =
        (0..3).map(|_| handler(&server.unix_dsn("?read_timeout=400ms"), Policy::default())).collect();
    change(&mut handlers[0], b"known").unwrap();
    server.pause(true);
    let began = Instant::now();
    let error = handlers[0].read(ID.as_bytes(), Caller::Engine, HOUR).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
    let first = began.elapsed();
    assert!(first >= Duration::from_millis(400));
    let began = Instant::now();
    for request in 0..30 {
        let error = handlers[request % 3].read(ID.as_bytes(), Caller::Engine, HOUR).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        assert!(error.to_string().contains("it is not asked again for 0."), "{error}");
    }
    assert!(began.elapsed() < Duration::from_millis(250), "{:?}", began.elapsed());
    server.pause(false);
    assert!(becomes(&mut handlers[1], b"known"), "somebody looks whether it is back");
    change(&mut handlers[2], b"after").unwrap();
}

#[test]
fn the_end_of_a_session_is_tried_whatever_others_have_found_out() {
    let server = with_session!();
    let dsn = server.tcp_dsn("?read_timeout=300ms");
    let (mut one, mut two) = (handler(&dsn, Policy::default()), handler(&dsn, Policy::default()));
    one.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    server.pause(true);
    two.read(b"another", Caller::Engine, HOUR).unwrap_err();
    server.pause(false);
    one.write(ID.as_bytes(), b"stored", Caller::Engine, HOUR).unwrap();
    assert_eq!(read(&mut *store(&server.tcp_dsn(""))).unwrap(), b"stored");
}

#[test]
fn an_empty_session_in_place_of_an_absent_one_replaces_nothing() {
    let mut server = with_session!();
    let policy = Policy { on_unavailable: OnUnavailable::EmptyReadOnly, ..Policy::default() };
    for killed in [false, true] {
        let mut subject = handler(&server.tcp_dsn("?read_timeout=200ms"), policy.clone());
        if killed {
            server.stop()
        } else {
            server.pause(true)
        }
        for strict in [true, false] {
            if strict {
                // Or PHP would give the visitor another id.
                assert!(subject.validate(ID.as_bytes(), Caller::Engine, HOUR).unwrap());
            }
            assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"");
            let notice = subject.take_notice().expect("one warning").to_string();
            assert!(notice.contains("nothing of it is stored") && notice.starts_with("redis read at"), "{notice}");
            for caller in [Caller::Engine, Caller::Direct] {
                assert!(subject.take_notice().is_none(), "and no other: {caller:?}");
            }
            let error = subject.write(ID.as_bytes(), b"new", Caller::Regenerate, HOUR).unwrap_err();
            assert!(error.to_string().contains("keeps its id"), "{error}");
            assert!(!error.to_string().contains(ID), "{error}");
            let error = subject.destroy(ID.as_bytes(), Caller::Regenerate).unwrap_err();
            assert_eq!(error.kind(), Kind::ReadOnly, "{error}");
            assert!(!subject.validate(NEW, Caller::Regenerate, HOUR).unwrap());
            subject.read(NEW, Caller::Regenerate, HOUR).unwrap_err();
            let _ = subject.close();
            assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"");
            subject.touch(ID.as_bytes(), b"", Caller::Engine, HOUR).unwrap();
            subject.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
            subject.close().unwrap();
            if killed {
                // A stopped server would carry it out later.
                subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
                subject.destroy(ID.as_bytes(), Caller::Engine).expect_err("a log-out that did not happen is told");
                let _ = subject.close();
            }
        }
        if killed {
            server.restart()
        } else {
            server.pause(false)
        }
        assert!(becomes(&mut subject, b"before"), "killed: {killed}");
        assert!(subject.take_notice().is_none());
        assert_eq!(change(&mut subject, b"before").unwrap(), b"before");
    }
}

#[test]
fn a_second_store_serves_while_the_first_is_away() {
    let mut server = with_session!();
    let folder = support::temporary_folder();
    let second = format!("files://{}", folder.path().display());
    let mut in_second = store(&second);
    let dsn = server.tcp_dsn(&format!("?read_timeout=300ms&on_unavailable={second}"));
    for lock in [true, false] {
        let mut subject = handler(&dsn, Policy { locking: lock, ..Policy::default() });
        assert!(becomes(&mut subject, b"before"));
        assert!(subject.take_notice().is_none());
        server.stop();
        assert_eq!(change(&mut subject, b"meanwhile").unwrap(), b"");
        let notice = subject.take_notice().expect("a warning").to_string();
        assert!(notice.contains("is used meanwhile") && notice.contains("files at"), "{notice}");
        assert_eq!(change(&mut subject, b"meanwhile, too").unwrap(), b"meanwhile");
        subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        assert_eq!(subject.read(ID.as_bytes(), Caller::Reset, HOUR).unwrap(), b"meanwhile, too");
        subject.touch(ID.as_bytes(), b"meanwhile, too", Caller::Engine, HOUR).unwrap();
        subject.close().unwrap();
        server.restart();
        assert!(becomes(&mut subject, b"before"), "the first one's is not touched, and counts again");
        assert_eq!(read(&mut *in_second).unwrap(), b"meanwhile, too", "and nothing is moved");
        // A log-out ends both: the next outage must not bring the session back.
        subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        subject.destroy(ID.as_bytes(), Caller::Engine).unwrap();
        subject.close().unwrap();
        assert_eq!(read(&mut *in_second), None);
        assert_eq!(read(&mut *store(&server.tcp_dsn(""))), None);
        // One in mid-outage ends in the second store, and it is said that this is all.
        change(&mut subject, b"before").unwrap();
        server.stop();
        change(&mut subject, b"meanwhile").unwrap();
        subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        subject.take_notice();
        subject.destroy(ID.as_bytes(), Caller::Engine).unwrap();
        let notice = subject.take_notice().expect("a warning").to_string();
        assert!(notice.contains("ended in the second store only"), "{notice}");
        assert_eq!(read(&mut *in_second), None);
        subject.close().unwrap();
        server.restart();
        assert!(becomes(&mut subject, b"before"));
    }
}

#[test]
fn a_session_ends_where_it_began() {
    let mut server = with_session!();
    let folder = support::temporary_folder();
    let second = format!("files://{}", folder.path().display());
    for lock in [true, false] {
        let dsn = server.tcp_dsn(&format!("?database={}&on_unavailable={second}", u8::from(lock)));
        let mut subject = handler(&dsn, Policy { locking: lock, ..Policy::default() });
        change(&mut subject, b"first").unwrap();
        subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        server.stop();
        let error = subject.write(ID.as_bytes(), b"changed", Caller::Engine, HOUR).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        let _ = subject.close();
        assert_eq!(read(&mut *store(&second)), None, "nobody would look for it there");
        server.restart();
        assert!(becomes(&mut subject, b"first"));
    }
}

#[test]
fn both_stores_away_is_a_failure() {
    let server = server!();
    let dsn = server.tcp_dsn("?on_unavailable=redis://127.0.0.1:1");
    drop(server);
    let mut subject = handler(&dsn, Policy::default());
    let error = subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap_err();
    assert!(error.to_string().starts_with("redis read at 127.0.0.1:1: "), "{error}");
    assert!(subject.take_notice().is_some());
}
