//! A circuit breaker: a server that was asked in vain is not asked again for a while.
//!
//! One for each endpoint and process, shared by all handlers of the process's threads. Without it a
//! dead server would cost every request a time-out. Closed, it costs a look at one number.

use crate::error::{Error, Kind};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// A failure that came at once costs nobody much: so many in a row are needed.
const QUICK_FAILURES: u32 = 3;
/// The pause after the first failure that counts; it doubles with each that follows. A failure that
/// took longer is answered with a pause as long as itself, so that no more than half of a worker's
/// time is spent on a dead server.
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(10);
/// While one request tries whether the server is back, the others do not: for so long, if it never
/// says what came of it.
const PROBE: Duration = Duration::from_secs(1);

static BREAKERS: LazyLock<Mutex<HashMap<String, Arc<Breaker>>>> = LazyLock::new(Mutex::default);

/// What the process knows of an endpoint.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    /// Failures in a row.
    failures: AtomicU32,
    /// Until when nobody asks, in milliseconds of the process.
    until: AtomicU64,
}

impl Breaker {
    /// The breaker of that endpoint; the same for every caller in the process.
    pub(crate) fn of(store: &str, endpoint: &str) -> Arc<Self> {
        Arc::clone(BREAKERS.lock().entry(format!("{store} {endpoint}")).or_default())
    }

    /// Whether the server may be asked; otherwise for how long it is left alone.
    pub(crate) fn admit(&self) -> Result<(), Duration> {
        if self.failures.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let (now, until) = (milliseconds(), self.until.load(Ordering::Relaxed));
        if now < until {
            return Err(Duration::from_millis(until - now));
        }
        // Half open: the first one here goes and looks.
        let probing = now + u64::try_from(PROBE.as_millis()).unwrap_or_default();
        let probing = if until == 0 { 0 } else { probing };
        match self.until.compare_exchange(until, probing, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => Ok(()),
            Err(_) => Err(PROBE),
        }
    }

    /// The server answered.
    pub(crate) fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
            self.until.store(0, Ordering::Relaxed);
        }
    }

    /// The server was asked in vain.
    pub(crate) fn failed(&self, error: &Error) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let counting =
            if error.kind() == Kind::Timeout { failures } else { failures.saturating_sub(QUICK_FAILURES - 1) };
        if counting == 0 {
            return;
        }
        let base = error.waited().unwrap_or_default().max(SHORTEST);
        let pause = base.saturating_mul(1 << (counting - 1).min(16)).min(LONGEST);
        // Between three and five quarters of it, so that workers do not all come back at once.
        let mut random = [0; 1];
        let _ = getrandom::fill(&mut random);
        let pause = pause.mul_f64(0.75 + f64::from(random[0]) / 510.0);
        let until = milliseconds().saturating_add(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        self.until.store(until.max(1), Ordering::Relaxed);
    }
}

/// Milliseconds since the process first asked.
fn milliseconds() -> u64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGAN.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Operation;

    fn failure(kind: Kind, waited: u64) -> Error {
        Error::new(kind, "s", Operation::Read, "gone").after(Duration::from_millis(waited))
    }

    #[test]
    fn a_time_out_opens_it_at_once_for_as_long_as_it_took_and_longer_each_time() {
        let breaker = Breaker::default();
        assert_eq!(breaker.admit(), Ok(()));
        let mut pauses = Vec::new();
        for _ in 0..3 {
            breaker.failed(&failure(Kind::Timeout, 400));
            pauses.push(breaker.admit().expect_err("open").as_millis());
        }
        for (pause, expected) in pauses.iter().zip([400, 800, 1600]) {
            assert!((expected * 3 / 4 - 5..=expected * 5 / 4 + 5).contains(pause), "{pauses:?}");
        }
        for _ in 0..40 {
            breaker.failed(&failure(Kind::Timeout, 400));
        }
        assert!(breaker.admit().expect_err("open") <= LONGEST.mul_f64(1.25));
        breaker.succeeded();
        assert_eq!(breaker.admit(), Ok(()));
    }

    #[test]
    fn refusals_open_it_from_the_third_in_a_row() {
        let breaker = Breaker::default();
        for _ in 0..2 {
            breaker.failed(&failure(Kind::Unavailable, 0));
            assert_eq!(breaker.admit(), Ok(()));
        }
        breaker.failed(&failure(Kind::Unavailable, 0));
        assert!(breaker.admit().is_err());
        breaker.succeeded();
        for _ in 0..2 {
            breaker.failed(&failure(Kind::Unavailable, 0));
            assert_eq!(breaker.admit(), Ok(()), "they are counted anew");
        }
    }

    #[test]
    fn one_goes_and_looks_and_the_others_wait_for_what_comes_of_it() {
        let breaker = Breaker::default();
        breaker.failed(&failure(Kind::Timeout, 0));
        let deadline = Instant::now() + Duration::from_secs(20);
        while breaker.admit().is_err() {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(breaker.admit().is_err(), "one is on its way");
        breaker.succeeded();
        assert_eq!((breaker.admit(), breaker.admit()), (Ok(()), Ok(())));
    }
}
