//! Single commands, for keys that are no sessions.

use crate::server;
use seshat::backend::redis::commands::{Commands, Server};
use seshat::error::Kind;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

fn commands(port: u16, database: u32) -> Commands {
    Commands::new(Server {
        host: "127.0.0.1".into(),
        port,
        socket: None,
        user: None,
        password: None,
        database,
        connect_timeout: crate::PATIENCE,
        read_timeout: crate::PATIENCE,
    })
}

#[test]
fn keys_are_set_counted_listed_and_removed() {
    let server = server!();
    let mut commands = commands(server.port(), 2);
    assert_eq!(commands.get(b"k").unwrap(), None);
    commands.set(b"k", b"\0\r\n\xff", None).unwrap();
    assert_eq!(commands.get(b"k").unwrap().unwrap(), b"\0\r\n\xff");
    assert!(commands.exists(b"k").unwrap());
    commands.set(b"k", b"5", Some(100)).unwrap();
    let mut admin = server.client("", 2);
    let left: i64 = redis::cmd("TTL").arg("k").query(&mut admin).unwrap();
    assert!((90..=100).contains(&left), "{left}");
    assert_eq!(commands.add(b"k", 3).unwrap(), Some(8));
    assert_eq!(commands.add(b"new", -3).unwrap(), Some(-3));
    commands.set(b"text", b"x", None).unwrap();
    assert_eq!(commands.add(b"text", 1).unwrap(), None, "no number");
    commands.set(b"text", i64::MAX.to_string().as_bytes(), None).unwrap();
    assert_eq!(commands.add(b"text", 1).unwrap(), None, "too large");
    assert_eq!(commands.remove(&[b"k".as_slice(), b"new", b"none"]).unwrap(), 2);
    assert_eq!(commands.remove::<&[u8]>(&[]).unwrap(), 0);
    let _: i64 = redis::cmd("RPUSH").arg("list").arg("a").query(&mut admin).unwrap();
    assert_eq!(commands.get(b"list").unwrap_err().kind(), Kind::Corrupt);
    assert_eq!(commands.add(b"list", 1).unwrap_err().kind(), Kind::Corrupt);

    let all: BTreeSet<Vec<u8>> = (0..1000).map(|number| format!("a*{number}").into_bytes()).collect();
    for key in &all {
        commands.set(key, b"", None).unwrap();
    }
    commands.set(b"ab", b"", None).unwrap();
    let (mut cursor, mut found) = (0, BTreeSet::new());
    loop {
        let (next, keys) = commands.scan(cursor, b"a*").unwrap();
        found.extend(keys);
        if next == 0 {
            break;
        }
        cursor = next;
    }
    assert_eq!(found, all);
    let all: Vec<Vec<u8>> = all.into_iter().collect();
    assert_eq!(commands.remove(&all).unwrap(), 1000);
    assert!(commands.exists(b"ab").unwrap());
}

/// A server that answers the first command, closes on the second one, and answers `reply` on a second
/// connection, if there is one. Says how many commands it got.
fn closing(first: &'static [u8], reply: &'static [u8]) -> (u16, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut received = BufReader::new(stream);
        take_command(&mut received);
        received.get_mut().write_all(first).unwrap();
        take_command(&mut received);
        drop(received);
        // The test ends this by connecting and leaving.
        let (stream, _) = listener.accept().unwrap();
        let mut received = BufReader::new(stream);
        if !take_command(&mut received) {
            return 2;
        }
        received.get_mut().write_all(reply).unwrap();
        3
    });
    (port, served)
}

/// Takes in a whole command. False if the client left.
fn take_command(from: &mut impl BufRead) -> bool {
    let mut line = String::new();
    if from.read_line(&mut line).unwrap() == 0 {
        return false;
    }
    for _ in 0..line.trim()[1..].parse::<usize>().unwrap() {
        line.clear();
        from.read_line(&mut line).unwrap();
        let mut word = vec![0; line.trim()[1..].parse::<usize>().unwrap() + 2];
        from.read_exact(&mut word).unwrap();
    }
    true
}

#[test]
fn what_may_have_been_counted_is_not_counted_again() {
    let (port, served) = closing(b"$-1\r\n", b":1\r\n");
    let mut counting = commands(port, 0);
    assert_eq!(counting.get(b"n").unwrap(), None);
    assert_eq!(counting.add(b"n", 1).unwrap_err().kind(), Kind::Unavailable);
    drop(std::net::TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(5)).unwrap());
    assert_eq!(served.join().unwrap(), 2);

    // What changes nothing twice is repeated.
    let (port, served) = closing(b"$-1\r\n", b"$1\r\nv\r\n");
    let mut reading = commands(port, 0);
    assert_eq!(reading.get(b"k").unwrap(), None);
    assert_eq!(reading.get(b"k").unwrap().unwrap(), b"v");
    assert_eq!(served.join().unwrap(), 3);
}
