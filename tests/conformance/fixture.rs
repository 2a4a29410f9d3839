//! What a store hands to the laws, and the macro that makes tests of them.

use crate::support;
use seshat::error::Operation;
use seshat::session::clock::Clock;
use seshat::session::id::SessionId;
use seshat::session::lock::{Lease, LockRequest, LockState};
use seshat::session::store::{OpenRequest, Opened, Store};
use std::time::Duration;

/// Long enough for any wait in these tests; a law that needs it all has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A lifetime that no test outlives.
pub const LONG: Duration = Duration::from_secs(1000);

/// One storage, empty at first, and the handles on it. Every test makes its own.
pub trait Fixture {
    /// A storage of its own: a folder, a database, a server on a free port.
    ///
    /// # Errors
    /// The reason why this machine cannot: the server is not installed. The test is then skipped
    /// aloud, or fails where servers are required. Any other trouble is a panic.
    fn new() -> Result<Self, String>
    where
        Self: Sized;

    /// A new handle on the storage, as another worker would have one: nothing shared but the storage.
    fn store(&self) -> Box<dyn Store>;

    /// The clock by which records expire, if the handles take it from [`Clock::manual`]. Without
    /// one the laws wait for short lifetimes to pass.
    fn clock(&self) -> Option<&Clock> {
        None
    }

    /// The shortest lifetime that the storage can count.
    fn shortest_lifetime(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// The shortest lease that the storage can count, and that a test on a busy machine can hold.
    fn shortest_lease(&self) -> Duration {
        Duration::from_millis(400)
    }

    /// By how many seconds a record may outlive its lifetime. Some storages count in whole seconds, and
    /// servers have clocks of their own.
    fn slack(&self) -> u64 {
        2
    }

    /// How long ids may be. A store whose system cannot name all of them says so in its `docs.md`.
    fn id_lengths(&self) -> std::ops::RangeInclusive<usize> {
        1..=seshat::session::id::MAX_LENGTH
    }

    /// The largest record that the storage takes, in bytes, if that is less than all stores should take.
    fn largest_record(&self) -> usize {
        64 << 20
    }

    /// Whether waiting for a lock is a queue. A storage whose system wakes waiters in any order says no.
    fn keeps_order(&self) -> bool {
        true
    }
}

impl dyn Fixture + '_ {
    /// Writes records under `ids` and lets exactly their lifetime pass; other records keep theirs.
    pub fn write_and_outlive(&self, store: &mut dyn Store, ids: &[&str]) {
        let ttl = self.clock().map_or(self.shortest_lifetime(), |_| Duration::from_secs(10));
        for id in ids {
            store.write(sid(id), b"short", ttl).unwrap();
        }
        self.outlive(store, ttl, ids);
    }

    /// Lets `ttl` pass: the records `ids`, written with it, are gone afterwards.
    pub fn outlive(&self, store: &mut dyn Store, ttl: Duration, ids: &[&str]) {
        if let Some(clock) = self.clock() {
            clock.advance(ttl + Duration::from_secs(1));
        }
        for id in ids {
            assert!(
                support::wait_until(ttl + PATIENCE, || !store.exists(sid(id)).unwrap()),
                "a record must be gone after its lifetime"
            );
        }
    }

    /// Lets a lease of this length run out for stores that count it by the clock of the test. The
    /// others count real time; a lock call that waits then waits for it.
    pub fn outlive_lease(&self, lease: Duration) {
        if let Some(clock) = self.clock() {
            clock.advance(lease);
        }
    }
}

/// A valid id.
pub fn sid(id: &str) -> SessionId<'_> {
    SessionId::parse(id.as_bytes(), Operation::Read).unwrap()
}

/// The record's data, or none.
pub fn read(store: &mut dyn Store, id: &str) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    let found = store.read(sid(id), &mut data).unwrap();
    assert!(found || data.is_empty(), "an absent record must leave the buffer empty");
    found.then_some(data)
}

/// Asks for a lock.
pub fn lock(store: &mut dyn Store, id: &str, wait: Duration, lease: Duration) -> LockState {
    store.lock(sid(id), &LockRequest { wait, lease, holder: "pid 1 GET /law", max_waiters: None }).unwrap()
}

/// A lock that must be had now, with a lease that no test outlives.
pub fn hold(store: &mut dyn Store, id: &str) -> Lease {
    held(lock(store, id, Duration::ZERO, LONG))
}

/// The lease out of an answer that must be one.
pub fn held(state: LockState) -> Lease {
    match state {
        LockState::Held(lease) => lease,
        other => panic!("the lock should be ours, but: {other:?}"),
    }
}

/// Whether nobody holds the lock; gives it back at once.
pub fn is_free(store: &mut dyn Store, id: &str) -> bool {
    match lock(store, id, Duration::ZERO, LONG) {
        LockState::Held(lease) => {
            store.unlock(sid(id), lease).unwrap();
            true
        }
        LockState::Busy(_) => false,
        LockState::NotTaken => panic!("asked for a lock, the store must answer Held or Busy"),
    }
}

/// Whether nobody holds the lock, soon: a release may have been sent without waiting for its answer.
pub fn becomes_free(store: &mut dyn Store, id: &str) -> bool {
    support::wait_until(PATIENCE, || is_free(store, id))
}

/// Opens with a lock request of the given wait, whether or not the session exists.
pub fn open_locked(store: &mut dyn Store, id: &str, wait: Duration, lease: Duration) -> (Opened, Vec<u8>) {
    let mut data = Vec::new();
    let request = OpenRequest {
        lock: Some(LockRequest { wait, lease, holder: "pid 1 GET /law", max_waiters: None }),
        lock_missing: true,
        extend: None,
    };
    let opened = store.open(sid(id), &request, &mut data).unwrap();
    (opened, data)
}

/// Runs one law on a new storage.
pub fn check<F: Fixture>(test: &str, law: Law) {
    match F::new() {
        Ok(fixture) => law(&fixture),
        Err(reason) => support::skip(test, &reason),
    }
}

/// What holds of a storage, or panics.
pub type Law = fn(&dyn Fixture);

/// How many laws [`conformance_at_once`] holds at a time.
const AT_ONCE: usize = 16;

/// Holds all laws, several at a time, each on a storage of its own. Those that failed are named, as are the
/// threads in which they did. `SESHAT_LAW=group::law` holds one alone.
pub fn check_at_once<F: Fixture>(test: &str, laws: &[(&'static str, Law)]) {
    let only = std::env::var("SESHAT_LAW").ok();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let failed = std::sync::Mutex::new(Vec::new());
    let work = || {
        while let Some((name, law)) = laws.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            if only.as_ref().is_some_and(|only| only != name) {
                continue;
            }
            let test = format!("{test}::{name}");
            let thread = std::thread::Builder::new().name(test.clone());
            let law =
                std::thread::scope(|scope| thread.spawn_scoped(scope, || check::<F>(&test, *law)).unwrap().join());
            if law.is_err() {
                failed.lock().unwrap().push(*name);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{test}: {}", failed.join(", "));
}

/// One `#[test]` for all laws: for storages that let them wait, such as for whole seconds to pass.
macro_rules! conformance_at_once {
    ($fixture:ty) => {
        crate::laws::every_law!(conformance_at_once, $fixture);
    };
    ($fixture:ty; $($group:ident { $($law:ident)* })*) => {
        #[test]
        fn every_law() {
            crate::fixture::check_at_once::<$fixture>(
                module_path!(),
                &[$($((concat!(stringify!($group), "::", stringify!($law)), crate::laws::$group::$law)),*),*],
            );
        }
    };
}

/// One `#[test]` per law, in the module that calls it.
macro_rules! conformance {
    ($fixture:ty) => {
        crate::laws::every_law!(conformance, $fixture);
    };
    ($fixture:ty; $($group:ident { $($law:ident)* })*) => {
        $(mod $group {
            #[allow(unused_imports, reason = "the fixture may be a path")]
            use super::*;
            $(
                #[test]
                fn $law() {
                    crate::fixture::check::<$fixture>(concat!(module_path!(), "::", stringify!($law)), crate::laws::$group::$law);
                }
            )*
        })*
    };
}
