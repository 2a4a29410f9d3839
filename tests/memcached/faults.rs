//! Servers that die, hang, come back empty, want a password, or are none.

use crate::{HOUR, ID, KEY, handler, hold, locking, named, read, server, sid, store, support};
use seshat::error::{Error, Kind};
use seshat::session::handler::Caller;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

fn told(error: &Error, kind: Kind, words: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
}

#[test]
fn a_server_that_was_started_again_is_found_at_once() {
    let mut server = server!();
    let mut one = store(&server.dsn(""));
    one.write(sid(), b"a", HOUR).unwrap();
    server.stop();
    told(&one.write(sid(), b"b", HOUR).unwrap_err(), Kind::Unavailable, &["127.0.0.1", "refused"]);
    server.restart();
    assert_eq!(read(&mut *one), None, "it came back empty");
    one.write(sid(), b"c", HOUR).unwrap();
    assert_eq!(server.item(KEY).unwrap().1, b"c");
}

#[test]
fn a_session_that_is_open_while_the_server_starts_again_is_stored() {
    let mut server = server!();
    for (changed, lock) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut subject = handler(&server.dsn(""), locking(lock));
        subject.write(ID.as_bytes(), b"old", Caller::Direct, HOUR).unwrap();
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"old");
        server.restart();
        if changed {
            subject.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
        } else {
            subject.touch(ID.as_bytes(), b"old", Caller::Engine, HOUR).unwrap();
        }
        subject.close().unwrap();
        let expected: &[u8] = if changed { b"new" } else { b"old" };
        assert!(
            support::wait_until(crate::PATIENCE, || server.item(KEY).is_some_and(|(_, value)| value == expected)),
            "changed {changed}, locked {lock}"
        );
        let lease = hold(&mut *store(&server.dsn("")), HOUR);
        store(&server.dsn("")).unlock(sid(), lease).unwrap();
    }
}

#[test]
fn a_server_that_hangs_is_left_alone_for_a_while() {
    let server = server!();
    let mut one = store(&server.dsn("?read_timeout=300ms&connect_timeout=300ms&retry_after=1s"));
    one.write(sid(), b"a", HOUR).unwrap();
    server.pause(true);
    let asked = Instant::now();
    told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Timeout, &["0.3 s", "read_timeout"]);
    assert!(asked.elapsed() < Duration::from_secs(5));
    told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Unavailable, &["retry_after"]);
    server.pause(false);
    let mut data = Vec::new();
    assert!(support::wait_until(crate::PATIENCE, || {
        data.clear();
        one.read(sid(), &mut data).is_ok()
    }));
    assert_eq!(data, b"a");
}

/// Three servers, of which one is down: its sessions fail with its name, the others' go on.
#[test]
fn one_of_three_servers_is_down() {
    let mut servers = [server!(), server!(), server!()];
    let [one, two, three] = servers.each_ref().map(crate::memcached_server::MemcachedServer::port);
    let mut all = store(&format!("memcached://127.0.0.1:{one},127.0.0.1:{two},127.0.0.1:{three}?retry_after=100ms"));
    let ids: Vec<String> = (0..30).map(|number| format!("session-{number}")).collect();
    for text in &ids {
        all.write(named(text), text.as_bytes(), HOUR).unwrap();
    }
    servers[1].stop();
    let (mut fine, mut failed) = (0, 0);
    for text in &ids {
        let mut data = Vec::new();
        match all.read(named(text), &mut data) {
            Ok(true) => {
                assert_eq!(data, text.as_bytes());
                fine += 1;
            }
            Ok(false) => panic!("{text} must not look as if it had never been"),
            Err(error) => {
                told(&error, Kind::Unavailable, &[&format!("127.0.0.1:{two}")]);
                failed += 1;
            }
        }
    }
    assert!(fine > 5 && failed > 3, "{fine} fine, {failed} failed");
    servers[1].restart();
    for text in &ids {
        all.read(named(text), &mut Vec::new()).unwrap();
    }
}

#[test]
fn a_password_opens_and_a_wrong_one_does_not() {
    let folder = support::temporary_folder();
    let file = folder.path().join("users");
    std::fs::write(&file, "app:secretword\n").unwrap();
    let server = server!("-Y", file.to_str().unwrap());
    for dialect in ["", "&protocol=meta", "&protocol=text"] {
        let port = server.port();
        let mut one = store(&format!("memcached://app:secretword@127.0.0.1:{port}?prefix=p.{dialect}"));
        one.write(sid(), b"a", HOUR).unwrap();
        assert_eq!(read(&mut *one).unwrap(), b"a");
        for (login, words) in [("app:wrong@", "wrong"), ("", "password")] {
            let mut other = store(&format!("memcached://{login}127.0.0.1:{port}?prefix=p.{dialect}"));
            let error = other.read(sid(), &mut Vec::new()).unwrap_err();
            told(&error, Kind::Denied, &[words]);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}

/// A server that answers every connection's first words with `answer`, and what it was sent.
fn impostor(answer: &'static [u8]) -> (u16, std::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(20).flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut buffer = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut buffer) {
                    let _ = sender.send(buffer[..length].to_vec());
                    if stream.write_all(answer).is_err() {
                        break;
                    }
                }
            });
        }
    });
    (port, receiver)
}

#[test]
fn what_is_no_memcached_gets_no_session_s_data() {
    for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"-ERR unknown command\r\n", b"MN\r\nMN\r\n"] {
        let (port, heard) = impostor(answer);
        let error = store(&format!("memcached://127.0.0.1:{port}")).write(sid(), b"private", HOUR).unwrap_err();
        told(&error, Kind::Unavailable, &["does not speak memcached"]);
        let heard: Vec<Vec<u8>> = heard.try_iter().collect();
        assert_eq!(heard.concat(), b"mn\r\n");
    }
}

#[test]
fn a_server_without_the_newer_commands_is_spoken_to_in_the_older() {
    let (port, heard) = impostor(b"ERROR\r\n");
    let error = store(&format!("memcached://127.0.0.1:{port}")).write(sid(), b"data", HOUR).unwrap_err();
    told(&error, Kind::Unsupported, &["does not know a command"]);
    let heard = heard.try_iter().collect::<Vec<_>>().concat();
    assert!(heard.starts_with(b"mn\r\nset memc.sess.key."), "{}", String::from_utf8_lossy(&heard));
}
