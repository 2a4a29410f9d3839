//! What the tests of the stores on a local file system share: making a store from a DSN, and
//! processes that hold a lock until they are killed.

#![allow(dead_code)]

use seshat::backend::{self, Environment};
use seshat::error::Operation;
use seshat::options::dsn::Dsn;
use seshat::options::reader::Reader;
use seshat::session::clock::Clock;
use seshat::session::id::SessionId;
use seshat::session::lock::{Lease, LockRequest, LockState};
use seshat::session::store::{OpenRequest, Store};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const TTL: Duration = Duration::from_secs(1440);

/// A store, or the first complaint about its DSN.
pub fn try_store(dsn: &str, clock: &Clock) -> seshat::error::Result<Box<dyn Store>> {
    let mut dsn = Dsn::parse(dsn)?;
    let mut reader = Reader::new(std::mem::take(&mut dsn.options));
    let environment = Environment { clock: clock.clone(), ..Environment::default() };
    let store = (backend::find(&dsn.scheme)?.configure)(dsn, &mut reader, &environment)?;
    reader.finish()?;
    Ok(store)
}

pub fn store(dsn: &str) -> Box<dyn Store> {
    try_store(dsn, &Clock::System).unwrap()
}

pub fn id(text: &str) -> SessionId<'_> {
    SessionId::parse(text.as_bytes(), Operation::Read).unwrap()
}

pub fn wait(limit: Duration) -> LockRequest<'static> {
    LockRequest { wait: limit, lease: Duration::from_secs(30), holder: "test", max_waiters: None }
}

pub fn lock(store: &mut dyn Store, name: &str, limit: Duration) -> Option<Lease> {
    match store.lock(id(name), &wait(limit)).unwrap() {
        LockState::Held(lease) => Some(lease),
        LockState::Busy(_) => None,
        LockState::NotTaken => panic!("nobody asked"),
    }
}

pub fn read(store: &mut dyn Store, name: &str) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    store.read(id(name), &mut data).unwrap().then_some(data)
}

/// Opens for an existing session only, as strict mode does.
pub fn open_strict(store: &mut dyn Store, name: &str) -> (bool, LockState) {
    let request = OpenRequest { lock: Some(wait(Duration::ZERO)), lock_missing: false, extend: None };
    let opened = store.open(id(name), &request, &mut Vec::new()).unwrap();
    (opened.found, opened.lock)
}

/// Waits until `condition` holds, at most ten seconds.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "not within ten seconds: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// This very test program, running one test only, with a DSN to work on.
pub struct Helper(pub Child);

impl Helper {
    /// Starts it and waits until it says that it is ready.
    pub fn start(test: &str, dsn: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env("SESHAT_TEST_DSN", dsn)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("ready")), "the helper process did not start");
        Self(child)
    }

    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The DSN that [`Helper::start`] gave, in the helper; nothing in the test run itself.
pub fn helper_dsn() -> Option<String> {
    std::env::var("SESHAT_TEST_DSN").ok()
}

/// In the helper: says that it is ready and waits to be killed.
pub fn ready_and_wait() {
    println!("ready");
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
}

/// The body of a helper that holds the session "held".
pub fn hold() {
    if let Some(dsn) = helper_dsn() {
        let mut store = store(&dsn);
        let lease = lock(&mut *store, "held", Duration::ZERO);
        assert!(lease.is_some());
        ready_and_wait();
    }
}

/// The lock of a process that is killed is free at once, and until then a wait ends in time.
pub fn a_killed_holder_frees_its_lock(helper: &str, dsn: &str) {
    let holder = Helper::start(helper, dsn);
    let mut waiting = store(dsn);
    let began = Instant::now();
    assert!(lock(&mut *waiting, "held", Duration::from_millis(100)).is_none());
    assert!((100..2000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    assert!(lock(&mut *waiting, "other", Duration::ZERO).is_some());
    holder.kill();
    let began = Instant::now();
    assert!(lock(&mut *waiting, "held", Duration::from_secs(5)).is_some());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

/// Waiters get the lock in the order in which they came.
pub fn waiters_are_woken_in_order(dsn: &str, lock_file: &Path) {
    const WAITERS: usize = 6;
    let mut holder = store(dsn);
    let lease = lock(&mut *holder, "queue", Duration::ZERO).unwrap();
    let (sender, order) = std::sync::mpsc::channel();
    let threads: Vec<_> = (0..WAITERS)
        .map(|number| {
            let (dsn, sender) = (dsn.to_owned(), sender.clone());
            let thread = std::thread::spawn(move || {
                let mut store = store(&dsn);
                let lease = lock(&mut *store, "queue", Duration::from_secs(10)).unwrap();
                sender.send(number).unwrap();
                store.unlock(id("queue"), lease).unwrap();
            });
            // The next one comes when this one sleeps in the kernel's queue.
            until("the waiter is queued", || queued(lock_file) == number + 1);
            thread
        })
        .collect();
    holder.unlock(id("queue"), lease).unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
    let order: Vec<usize> = order.try_iter().collect();
    assert_eq!(order, (0..WAITERS).collect::<Vec<_>>());
}

/// How many wait for a byte of that lock file, by the kernel's own list.
fn queued(lock_file: &Path) -> usize {
    let inode = format!(":{} ", std::fs::metadata(lock_file).unwrap().ino());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    locks.lines().filter(|line| line.contains("->") && line.contains(&inode)).count()
}
