//! Many requests through an unruly proxy: whatever it does to replies, nobody gets somebody else's
//! session.

use crate::unruly_proxy::{Random, UnrulyProxy};
use seshat::session::handler::{Caller, Handler, OnLockTimeout, Policy};
use seshat::session::id::SessionId;
use seshat::session::store::Store;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const WORKERS: u64 = 4;
const SESSIONS: u64 = 300;
/// For the stores under test. The proxy delays for twice as long.
pub const READ_TIMEOUT: Duration = Duration::from_millis(60);

fn session_id(number: u64) -> String {
    format!("visitor-{number:04}-{}", "x".repeat(20))
}

/// `SESHAT_TORTURE=1` makes ten times as many.
fn requests(usual: u64) -> u64 {
    if std::env::var_os("SESHAT_TORTURE").is_some() { usual * 10 } else { usual }
}

/// What a session holds says whose it is.
fn belongs_to(data: &[u8], id: &str) -> bool {
    data.is_empty() || data.starts_with(format!("{id}|").as_bytes())
}

/// Makes a store on a server that is behind that port.
pub type Open = fn(u16) -> Box<dyn Store>;

/// How many of its requests went through.
fn work(open: Open, port: u16, seed: u64, requests: u64) -> u64 {
    let mut random = Random(seed | 1);
    let policy = Policy {
        lock_wait: Duration::from_millis(100),
        lock_expire: Duration::from_secs(1),
        on_lock_timeout: OnLockTimeout::Fail,
        ..Policy::default()
    };
    // Without the breaker, which would keep most requests from being sent.
    let subject = |policy| Handler::new(open(port), policy);
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

/// Plays about so many requests of several workers, and then looks at what is stored.
///
/// # Panics
/// When a request gets, or the server has, what belongs to another session.
pub fn play(server: u16, open: Open, usual: u64) {
    let proxy = UnrulyProxy::to(server, 7, READ_TIMEOUT * 2);
    let (port, requests) = (proxy.port(), requests(usual));
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| std::thread::spawn(move || work(open, port, number * 1_000_003 + 11, requests / WORKERS)))
        .collect();
    let well: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    let done = proxy.done();
    assert!(well > requests / 2, "{well} of {requests} went through; {done:?}");
    assert!(done.len() == 6 && done.values().all(|count| *count >= 20), "{done:?}");
    let mut direct = open(server);
    for number in 0..SESSIONS {
        let (text, mut data) = (session_id(number), Vec::new());
        let id = SessionId::parse(text.as_bytes(), seshat::error::Operation::Read).unwrap();
        if direct.read(id, &mut data).unwrap() {
            assert!(belongs_to(&data, &text), "{text} has {:?}", String::from_utf8_lossy(&data[..data.len().min(60)]));
        }
    }
}
