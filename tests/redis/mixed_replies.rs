//! However replies are mistreated on their way, nobody gets somebody else's session.

use crate::mistreated::{READ_TIMEOUT, play};
use crate::{HOUR, server, store};
use seshat::error::Kind;
use std::time::Duration;

#[test]
fn no_request_gets_another_session_whatever_a_proxy_does() {
    let server = server!();
    let open = |port| store(&format!("redis://127.0.0.1:{port}/1?read_timeout={}ms", READ_TIMEOUT.as_millis()));
    play(server.port(), open, 10_000);
}

#[test]
fn an_answer_to_another_question_is_told_and_the_lock_does_not_stay() {
    let server = server!();
    let mut one = store(&server.tcp_dsn(""));
    one.write(crate::sid(), b"x", HOUR).unwrap();
    // A server that repeats its first answer before each later one.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let real = server.port();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for mut client in listener.incoming().flatten() {
            let mut server = std::net::TcpStream::connect(("127.0.0.1", real)).unwrap();
            std::thread::spawn(move || {
                let (mut first, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
                while let Ok(length @ 1..) = client.read(&mut buffer) {
                    server.write_all(&buffer[..length]).unwrap();
                    let length = server.read(&mut buffer).unwrap();
                    client.write_all(&[&first, &buffer[..length]].concat()).unwrap();
                    first = buffer[..length].to_vec();
                }
            });
        }
    });
    let mut misled = store(&format!("redis://127.0.0.1:{port}?read_timeout=1s"));
    let mut data = Vec::new();
    assert!(misled.read(crate::sid(), &mut data).unwrap());
    data.clear();
    let error = misled.read(crate::sid(), &mut data).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    assert!(error.to_string().contains("does not belong to the question"), "{error}");
    assert!(misled.exists(crate::sid()).unwrap(), "on a new connection");
    let error = crate::open_locked(&mut *misled, Duration::ZERO).unwrap_err();
    assert!(error.to_string().contains("does not belong to the question"), "{error}");
    // The lock was taken, or may have been: it is given back behind the proxy's back.
    assert!(matches!(crate::lock(&mut *one, crate::PATIENCE / 4, HOUR), seshat::session::lock::LockState::Held(_)));
}
