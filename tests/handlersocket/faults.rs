//! Servers that die, hang, refuse, or are none; connections that end where they should not.

use crate::mariadb_server::MariadbServer;
use crate::{HOUR, ID, ROOMY, dsn, handler, port_dsn, read, server, sid, store, support, table, told};
use seshat::error::Kind;
use seshat::session::handler::Caller;
use seshat::session::lock::LockRequest;
use seshat::session::store::OpenRequest;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

/// A server for this test alone.
macro_rules! own_server {
    ($($option:expr),*) => {
        match MariadbServer::start(&[crate::SECRETS[0], crate::SECRETS[1], $($option),*]) {
            Ok(server) => server,
            Err(reason) => return support::skip(module_path!(), &reason),
        }
    };
}

#[test]
fn a_server_that_was_killed_and_started_again() {
    let mut server = own_server!("--innodb-flush-log-at-trx-commit=1");
    let dsn = dsn(&server, &table(&server, ROOMY), "");
    let mut one = store(&dsn);
    one.write(sid(), b"a", HOUR).unwrap();
    server.stop();
    told(&one.write(sid(), b"b", HOUR).unwrap_err(), Kind::Unavailable, &["127.0.0.1", "refused"]);
    server.restart();
    assert_eq!(read(&mut *one).unwrap(), b"a", "what was told to be stored is there");
    // A session that is open meanwhile.
    for changed in [true, false] {
        let mut subject = handler(&dsn);
        let before = subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap().to_vec();
        server.restart();
        if changed {
            subject.write(ID.as_bytes(), b"c", Caller::Engine, HOUR).unwrap();
        } else {
            subject.touch(ID.as_bytes(), &before, Caller::Engine, HOUR).unwrap();
        }
        subject.close().unwrap();
        assert_eq!(read(&mut *one).unwrap(), b"c");
    }
    // One that hangs.
    let mut hurried = store(&format!("{dsn}&read_timeout=300ms"));
    hurried.write(sid(), b"d", HOUR).unwrap();
    server.pause(true);
    told(&hurried.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Timeout, &["0.3 s", "read_timeout"]);
    server.pause(false);
    assert!(support::wait_until(Duration::from_secs(20), || hurried.read(sid(), &mut Vec::new()).is_ok()));
}

#[test]
fn a_read_only_server_says_so() {
    let mut server = own_server!();
    let table = table(&server, ROOMY);
    store(&dsn(&server, &table, "")).write(sid(), b"a", HOUR).unwrap();
    server.shut_down();
    server.restart_with(&["--innodb-read-only=1"]);
    let mut one = store(&dsn(&server, &table, ""));
    assert_eq!(read(&mut *one).unwrap(), b"a");
    told(&one.write(sid(), b"b", HOUR).unwrap_err(), Kind::Denied, &["read-only"]);
    told(&one.destroy(sid()).unwrap_err(), Kind::Denied, &["read-only"]);
    assert_eq!(read(&mut *one).unwrap(), b"a");
}

/// Passes everything on until `most` bytes of answers went through, and then hangs up, each time.
fn cutting(server: u16, most: usize) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().take(8).flatten() {
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (mut up, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut up, &mut to));
            let mut down = server.try_clone().unwrap().take(most as u64);
            let _ = std::io::copy(&mut down, &mut &client);
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
    });
    port
}

#[test]
fn a_connection_that_ends_in_the_middle_of_anything_loses_nothing() {
    let server = server!();
    let table = table(&server, ROOMY);
    let mut sure = store(&dsn(&server, &table, ""));
    let (mut failed, mut done) = (0, 0);
    // The greeting is 16 bytes; the answers to a read and to a write are some hundred more.
    for most in (0..240).step_by(3) {
        sure.write(sid(), b"a", HOUR).unwrap();
        let mut one = store(&port_dsn(cutting(server.handlersocket_write_port(), most), &table, ""));
        let mut data = Vec::new();
        let opened = one.open(sid(), &OpenRequest { extend: Some(HOUR), ..OpenRequest::default() }, &mut data);
        match &opened {
            Ok(opened) => assert!(opened.found && data == b"a", "{most}"),
            Err(error) => told(error, Kind::Unavailable, &["127.0.0.1"]),
        }
        match one.write(sid(), b"bb", HOUR) {
            Ok(()) => {
                assert_eq!(read(&mut *sure).unwrap(), b"bb", "{most}");
                done += 1;
            }
            Err(error) => {
                told(&error, Kind::Unavailable, &["127.0.0.1"]);
                // What was asked for may have been done.
                assert!([&b"a"[..], b"bb"].contains(&&*read(&mut *sure).unwrap()), "{most}");
                failed += 1;
            }
        }
    }
    assert!(failed > 10 && done > 10, "{failed} failed, {done} done");
}

#[test]
fn a_row_that_answers_for_another_session_is_never_taken_for_ours() {
    // A server that accepts everything and answers each line with another session's row.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().take(4).flatten() {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                for line in buffer[..length].split_inclusive(|byte| *byte == b'\n') {
                    let opens = line.starts_with(b"P") || line.starts_with(b"A");
                    let answer: &[u8] = if opens { b"0\t1\n" } else { b"0\t3\tanother\t2031-01-01 00:00:00\ttheirs\n" };
                    let _ = stream.write_all(answer);
                }
            }
        }
    });
    let mut data = Vec::new();
    let error = store(&port_dsn(port, "t", "")).read(sid(), &mut data).unwrap_err();
    told(&error, Kind::Unavailable, &["does not belong to the question"]);
}

#[test]
fn what_is_no_handlersocket_gets_no_session_s_data() {
    for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"-ERR unknown command\r\n"] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = vec![0; 4096];
            let length = stream.read(&mut heard).unwrap();
            heard.truncate(length);
            stream.write_all(answer).unwrap();
            let _ = stream.read_to_end(&mut heard);
            heard
        });
        let error = store(&port_dsn(port, "t", "")).write(sid(), b"private", HOUR).unwrap_err();
        told(&error, Kind::Unavailable, &["does not speak HandlerSocket's protocol"]);
        assert!(!String::from_utf8_lossy(&heard.join().unwrap()).contains("private"));
    }
}

#[test]
fn the_port_for_sql_or_for_reading_is_told() {
    let server = server!();
    let table = table(&server, ROOMY);
    let error = store(&port_dsn(server.port(), &table, "")).read(sid(), &mut Vec::new()).unwrap_err();
    told(&error, Kind::Unavailable, &["does not speak HandlerSocket's protocol"]);
    let mut reading = store(&port_dsn(server.handlersocket_port(), &table, ""));
    assert!(!reading.read(sid(), &mut Vec::new()).unwrap());
    told(&reading.write(sid(), b"a", HOUR).unwrap_err(), Kind::Denied, &["port for reading", "9999"]);
}

#[test]
fn the_port_for_reading_is_used_for_what_changes_nothing() {
    let server = server!();
    let table = table(&server, ROOMY);
    let counted = crate::proxy::Proxy::to(server.handlersocket_port());
    let mut one = store(&dsn(&server, &table, &format!("&rd_port={}", counted.port())));
    one.write(sid(), b"a", HOUR).unwrap();
    assert_eq!(counted.finish().connections, 0);
    assert_eq!(read(&mut *one).unwrap(), b"a");
    assert!(one.exists(sid()).unwrap());
    assert_eq!(counted.finish().connections, 1);
    let mut other = store(&dsn(&server, &table, &format!("&rd_port={}&rd_auth=wrong", counted.port())));
    told(&other.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Denied, &["rd_auth"]);
}

#[test]
fn a_wrong_secret_is_told_and_not_repeated() {
    let server = server!();
    let table = table(&server, ROOMY);
    let port = server.handlersocket_write_port();
    for login in ["", ":hunter2@"] {
        let dsn = format!("handlersocket://{login}127.0.0.1:{port}/shop?table={table}");
        let error = store(&dsn).read(sid(), &mut Vec::new()).unwrap_err();
        told(&error, Kind::Denied, &["option auth", "handlersocket_plain_secret_wr"]);
        assert!(!error.to_string().contains("hunter2"));
    }
    assert!(!store(&format!("handlersocket://:sesame@127.0.0.1:{port}/shop?table={table}")).exists(sid()).unwrap());
}

#[test]
fn locks_are_refused_with_a_way_out() {
    let server = server!();
    let mut one = store(&dsn(&server, &table(&server, ROOMY), ""));
    let request = LockRequest { wait: Duration::ZERO, lease: HOUR, holder: "", max_waiters: None };
    told(&one.lock(sid(), &request).unwrap_err(), Kind::Unsupported, &["cannot lock", "mysql"]);
    let request = OpenRequest { lock: Some(request), ..OpenRequest::default() };
    told(&one.open(sid(), &request, &mut Vec::new()).unwrap_err(), Kind::Unsupported, &["cannot lock"]);
}
