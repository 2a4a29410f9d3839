//! However replies are mistreated on their way, nobody gets somebody else's session.

use crate::mistreated::{READ_TIMEOUT, play};
use crate::{HOUR, named, server, store};
use seshat::backend::Environment;
use seshat::backend::memcached::commands::{Commands, Key, Type};
use seshat::error::Kind;
use seshat::options::value::{Options, Value};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

fn open(port: u16, dialect: &str) -> Box<dyn seshat::session::store::Store> {
    let limit = READ_TIMEOUT.as_millis();
    store(&format!("memcached://127.0.0.1:{port}?read_timeout={limit}ms&retry_after=1ms&protocol={dialect}"))
}

#[test]
fn no_request_gets_another_session_whatever_a_proxy_does() {
    let server = server!();
    play(server.port(), |port| open(port, "meta"), 6_000);
}

#[test]
fn nor_in_the_binary_protocol() {
    let server = server!();
    play(server.port(), |port| open(port, "binary"), 6_000);
}

#[test]
fn nor_in_the_older_commands() {
    let server = server!();
    play(server.port(), |port| open(port, "text"), 6_000);
}

/// A server that holds its first answer back, and sends each answer in the place of the next one.
fn late_by_one(real: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().take(50).flatten() {
            let mut server = TcpStream::connect(("127.0.0.1", real)).unwrap();
            std::thread::spawn(move || {
                let (mut last, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
                while let Ok(length @ 1..) = client.read(&mut buffer) {
                    server.write_all(&buffer[..length]).unwrap();
                    let length = server.read(&mut buffer).unwrap();
                    let now = std::mem::replace(&mut last, buffer[..length].to_vec());
                    let now = if now.is_empty() { &buffer[..length] } else { &now };
                    if client.write_all(now).is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

/// The worst case: every reply is in the right form, and the one before it.
#[test]
fn the_answer_to_the_question_before_is_nobody_s() {
    let server = server!();
    for dialect in ["meta", "text", "binary"] {
        let mut direct = open(server.port(), dialect);
        for id in ["one", "two"] {
            direct.write(named(id), format!("{id}'s").as_bytes(), HOUR).unwrap();
        }
        let mut misled = open(late_by_one(server.port()), dialect);
        let mut data = Vec::new();
        assert!(misled.read(named("one"), &mut data).unwrap());
        data.clear();
        let error = misled.read(named("two"), &mut data).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{dialect}: {error}");
        assert!(error.to_string().contains("question"), "{dialect}: {error}");
        assert!(data.is_empty(), "{dialect}: {:?}", String::from_utf8_lossy(&data));
        assert!(misled.read(named("two"), &mut data).unwrap(), "on a new connection");
        assert_eq!(data, b"two's");
    }
}

/// A server that closes after it has counted, before it answers.
#[test]
fn what_was_counted_is_not_counted_again() {
    let server = server!();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let real = server.port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().take(50).flatten() {
            let mut requests = BufReader::new(client.try_clone().unwrap());
            let mut server = TcpStream::connect(("127.0.0.1", real)).unwrap();
            std::thread::spawn(move || {
                let (mut line, mut buffer) = (String::new(), vec![0; 64 * 1024]);
                while let Ok(1..) = requests.read_line(&mut line) {
                    server.write_all(line.as_bytes()).unwrap();
                    if line.starts_with("ms ") {
                        line.clear();
                        requests.read_line(&mut line).unwrap();
                        server.write_all(line.as_bytes()).unwrap();
                    }
                    let length = server.read(&mut buffer).unwrap();
                    if line.starts_with("ma ") {
                        break;
                    }
                    line.clear();
                    client.write_all(&buffer[..length]).unwrap();
                }
            });
        }
    });
    let mut options = Options::new();
    options.set("servers", Value::Text(format!("127.0.0.1:{port}").into_bytes()));
    options.set("protocol", Value::Text(b"meta".to_vec()));
    let mut commands = Commands::new(options, &Environment::default()).unwrap();
    let key = Key { prefix: b"", name: b"visits" };
    commands.set(key, Type::Int, b"7", None).unwrap();
    let error = commands.add(key, 1).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    assert_eq!(server.item("visits").unwrap().1, b"8", "once");
    // What may be repeated is.
    commands.set(key, Type::Int, b"9", None).unwrap();
    assert_eq!(server.item("visits").unwrap().1, b"9");
}

/// A server whose answers lack the numbers, as those to somebody else's older commands would.
#[test]
fn an_answer_without_its_number_is_none_and_no_two_connections_count_alike() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for client in listener.incoming().take(2).flatten() {
            let mut line = String::new();
            BufReader::new(client.try_clone().unwrap()).read_line(&mut line).unwrap();
            sender.send(line).unwrap();
            let _ = (&client).write_all(b"HD\r\n");
        }
    });
    let numbers: Vec<u32> = (0..2)
        .map(|_| {
            let error = open(port, "meta").touch(named("one"), HOUR).unwrap_err();
            assert!(error.to_string().contains("question"), "{error}");
            let line = heard.recv_timeout(crate::PATIENCE).unwrap();
            line.trim_end().rsplit_once('O').unwrap().1.parse().unwrap()
        })
        .collect();
    assert!(numbers[0].abs_diff(numbers[1]) > 1000, "{numbers:?}");
}
