//! However replies are mistreated on their way, nobody gets somebody else's session.

use crate::unruly_proxy::{Random, UnrulyProxy};
use crate::{HOUR, server, sid_of, store};
use seshat::error::Kind;
use seshat::session::handler::{Caller, Handler, OnLockTimeout, Policy};
use std::time::Duration;

const WORKERS: u64 = 4;
const SESSIONS: u64 = 300;
const READ_TIMEOUT: Duration = Duration::from_millis(60);

fn session_id(number: u64) -> String {
    format!("visitor-{number:04}-{}", "x".repeat(20))
}

/// 10 000 requests; `SESHAT_TORTURE=1` makes 100 000 of them.
fn requests() -> u64 {
    if std::env::var_os("SESHAT_TORTURE").is_some() { 100_000 } else { 10_000 }
}

/// What a session holds says whose it is.
fn belongs_to(data: &[u8], id: &str) -> bool {
    data.is_empty() || data.starts_with(format!("{id}|").as_bytes())
}

/// How many of its requests went through.
fn work(dsn: &str, seed: u64, requests: u64) -> u64 {
    let mut random = Random(seed | 1);
    let policy = Policy {
        lock_wait: Duration::from_millis(100),
        lock_expire: Duration::from_secs(1),
        on_lock_timeout: OnLockTimeout::Fail,
        ..Policy::default()
    };
    // Without the breaker, which would keep most requests from being sent.
    let subject = |policy| Handler::new(store(dsn), policy);
    let mut workers = [subject(policy.clone()), subject(Policy { locking: false, ..policy })];
    let mut well = 0;
    for request in 0..requests {
        let id = session_id(random.below(SESSIONS));
        let subject = &mut workers[usize::from(random.below(3) == 0)];
        let caller = if random.below(5) == 0 { Caller::ReadAndClose } else { Caller::Engine };
        let data = match subject.read(id.as_bytes(), caller, HOUR) {
            Ok(data) => data.to_vec(),
            Err(error) => {
                assert!(!error.to_string().contains("visitor-0"), "{error}");
                let _ = subject.close();
                continue;
            }
        };
        assert!(belongs_to(&data, &id), "{id} got {:?}", String::from_utf8_lossy(&data[..data.len().min(60)]));
        let done = match random.below(3) {
            _ if caller == Caller::ReadAndClose => Ok(()),
            0 => subject.touch(id.as_bytes(), &data, Caller::Engine, HOUR),
            _ => {
                let length = usize::try_from(random.below(2000)).unwrap();
                let data = format!("{id}|{seed}-{request}|{}", "y".repeat(length));
                subject.write(id.as_bytes(), data.as_bytes(), Caller::Engine, HOUR)
            }
        };
        let _ = subject.close();
        well += u64::from(done.is_ok());
    }
    well
}

#[test]
fn no_request_gets_another_session_whatever_a_proxy_does() {
    let server = server!();
    let proxy = UnrulyProxy::to(server.port(), 7, READ_TIMEOUT * 2);
    let dsn = format!("redis://127.0.0.1:{}/1?read_timeout={}ms", proxy.port(), READ_TIMEOUT.as_millis());
    let share = requests() / WORKERS;
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            let dsn = dsn.clone();
            std::thread::spawn(move || work(&dsn, number.wrapping_mul(1_000_003) + 11, share))
        })
        .collect();
    let well: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    let done = proxy.done();
    assert!(well > requests() / 2, "{well} of {} went through; {done:?}", requests());
    assert!(done.len() == 6 && done.values().all(|count| *count >= 20), "{done:?}");
    let mut direct = store(&server.tcp_dsn("/1"));
    for number in 0..SESSIONS {
        let (id, mut data) = (session_id(number), Vec::new());
        if direct.read(sid_of(&id), &mut data).unwrap() {
            assert!(belongs_to(&data, &id), "{id} has {:?}", String::from_utf8_lossy(&data[..data.len().min(60)]));
        }
    }
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
