//! The pace of gc: in batches that are over soon, with pauses in between, and never for long.
//!
//! Every store that has to look for what expired keeps to it: who draws the lottery at the end of a request
//! does not keep that request's process for long ([`Extent::Brief`]), `session_gc()` goes on until nothing is
//! left ([`Extent::Whole`]), and neither keeps the sessions of others waiting.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// A pause is at least as long as this: who waits to write polls, and must find the storage free.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);

/// How much one call of gc is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What fits beside a request: `Store::gc`.
    Brief,
    /// All that has expired: `Store::gc_all`.
    Whole,
}

impl Extent {
    /// The longest that a call goes on. The brief one and a batch that took longer than the ones before are
    /// over in less than 50 ms.
    pub(crate) const fn limit(self) -> Duration {
        match self {
            Self::Brief => Duration::from_millis(30),
            Self::Whole => Duration::from_secs(60),
        }
    }

    /// How long a call waits for its turn where one worker at a time removes. Longer than another's brief call;
    /// a worker that has its turn for longer than that is removing everything already.
    #[cfg(any(feature = "sqlite", feature = "mysql", feature = "handlersocket"))]
    pub(crate) const fn turn(self) -> Duration {
        match self {
            Self::Brief => Duration::ZERO,
            Self::Whole => Duration::from_secs(1),
        }
    }

    /// Does `step` as long as it says that there is more, once at least.
    ///
    /// # Errors
    /// The first of `step`.
    pub(crate) fn repeat<E>(self, mut step: impl FnMut() -> Result<bool, E>) -> Result<(), E> {
        let until = Instant::now() + self.limit();
        while step()? && Instant::now() < until {}
        Ok(())
    }
}

/// How many records a store removes at a time. It lasts as long as the store: what one call learned about the
/// storage the next one knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    fewest: u32,
    most: u32,
    /// A batch that took longer makes the next one smaller; one that took less than half of it makes it larger.
    step: Duration,
    batch: u32,
}

impl Pace {
    /// The first batch has `first` records, each has as many as `sizes` allow, and is to take about `step`.
    pub(crate) const fn new(first: u32, sizes: RangeInclusive<u32>, step: Duration) -> Self {
        Self { fewest: *sizes.start(), most: *sizes.end(), step, batch: first }
    }

    /// Calls `remove` with the number of a part and how many records it is to remove there at most, until it
    /// removed fewer than that in each of the `parts`, or the time is over. How many went.
    ///
    /// # Errors
    /// The first of `remove`; what was removed by then stays removed.
    pub(crate) fn run<E>(
        &mut self,
        extent: Extent,
        parts: usize,
        remove: impl FnMut(usize, u32) -> Result<u64, E>,
    ) -> Result<u64, E> {
        self.run_by(&mut RealTime(Instant::now()), extent, parts, remove)
    }

    fn run_by<E>(
        &mut self,
        time: &mut impl Time,
        extent: Extent,
        parts: usize,
        mut remove: impl FnMut(usize, u32) -> Result<u64, E>,
    ) -> Result<u64, E> {
        let (mut removed, mut part) = (0, 0);
        while part < parts {
            let (began, batch) = (time.passed(), self.batch);
            let count = remove(part, batch)?;
            removed += count;
            let took = time.passed().saturating_sub(began);
            let is_full = count >= u64::from(batch);
            self.adapt(took, is_full);
            if !is_full {
                part += 1;
            }
            let pause = if count == 0 { Duration::ZERO } else { took.clamp(SHORTEST_PAUSE, self.step) };
            // As far as this batch tells of the next one.
            let next = took * self.batch / batch.max(1);
            if part >= parts || time.passed() + pause + next > extent.limit() {
                break;
            }
            if !pause.is_zero() {
                time.pause(pause);
            }
        }
        Ok(removed)
    }

    /// A batch that found fewer than it might have removed does not show how long a full one takes.
    fn adapt(&mut self, took: Duration, is_full: bool) {
        let next = match took {
            took if took > self.step => self.batch / 2,
            took if took < self.step / 2 && is_full => self.batch.saturating_mul(2),
            _ => self.batch,
        };
        self.batch = next.clamp(self.fewest, self.most);
    }
}

/// The time, which stands still in tests unless something is said to take some.
trait Time {
    /// Since the call began.
    fn passed(&self) -> Duration;
    fn pause(&mut self, length: Duration);
}

struct RealTime(Instant);

impl Time for RealTime {
    fn passed(&self) -> Duration {
        self.0.elapsed()
    }

    fn pause(&mut self, length: Duration) {
        std::thread::sleep(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::convert::Infallible;
    use std::rc::Rc;

    const STEP: Duration = Duration::from_millis(10);

    #[derive(Clone, Default)]
    struct TestTime {
        passed: Rc<Cell<Duration>>,
        pauses: Rc<RefCell<Vec<Duration>>>,
    }

    impl TestTime {
        fn pass(&self, length: Duration) {
            self.passed.set(self.passed.get() + length);
        }
    }

    impl Time for TestTime {
        fn passed(&self) -> Duration {
            self.passed.get()
        }

        fn pause(&mut self, length: Duration) {
            self.pauses.borrow_mut().push(length);
            self.pass(length);
        }
    }

    /// A storage with so many expired records in each part, which takes so long for each of them.
    struct Storage {
        parts: Vec<u64>,
        each: Duration,
        batches: Vec<u32>,
        time: TestTime,
    }

    impl Storage {
        fn of(parts: &[u64], each: Duration) -> Self {
            Self { parts: parts.to_vec(), each, batches: Vec::new(), time: TestTime::default() }
        }

        fn gc(&mut self, pace: &mut Pace, extent: Extent) -> (u64, Duration) {
            let (mut time, began) = (self.time.clone(), self.time.passed());
            time.passed.set(Duration::ZERO);
            let removed = pace.run_by(&mut time, extent, self.parts.len(), |part, most| {
                let count = self.parts[part].min(u64::from(most));
                self.parts[part] -= count;
                self.batches.push(most);
                self.time.pass(self.each * u32::try_from(count).unwrap());
                Ok::<_, Infallible>(count)
            });
            let took = time.passed();
            time.passed.set(began + took);
            (removed.unwrap(), took)
        }
    }

    #[test]
    fn a_brief_call_ends_before_a_batch_that_would_not_fit() {
        let mut storage = Storage::of(&[100_000], Duration::from_micros(40));
        let mut pace = Pace::new(100, 10..=2000, STEP);
        let (first, took) = storage.gc(&mut pace, Extent::Brief);
        assert!(took <= Extent::Brief.limit(), "{took:?}");
        assert_eq!((first, took), (300, Duration::from_millis(16)), "100 and 200 records, and a pause of 4 ms");
        for _ in 0..10 {
            let (removed, took) = storage.gc(&mut pace, Extent::Brief);
            assert!(removed > 0 && took <= Extent::Brief.limit(), "{removed} in {took:?}");
        }
    }

    #[test]
    fn a_slow_storage_gets_one_small_batch_for_each_call() {
        let mut storage = Storage::of(&[100_000], Duration::from_millis(1));
        let mut pace = Pace::new(40, 4..=2000, STEP);
        assert_eq!(storage.gc(&mut pace, Extent::Brief), (40, Duration::from_millis(40)));
        let (removed, took) = storage.gc(&mut pace, Extent::Brief);
        assert!(removed >= 4 && took <= Extent::Brief.limit(), "{removed} in {took:?}");
        for _ in 0..5 {
            storage.each *= 2;
            storage.gc(&mut pace, Extent::Brief);
        }
        assert_eq!(storage.batches.last(), Some(&4), "but no smaller than that");
    }

    #[test]
    fn everything_goes_in_one_whole_call_with_pauses_as_long_as_the_work() {
        let mut storage = Storage::of(&[10_000, 0, 3], Duration::from_micros(10));
        let mut pace = Pace::new(100, 10..=500, STEP);
        let (removed, took) = storage.gc(&mut pace, Extent::Whole);
        assert_eq!((removed, storage.parts.as_slice()), (10_003, [0, 0, 0].as_slice()));
        let paused: Duration = storage.time.pauses.borrow().iter().sum();
        assert!(paused * 2 + STEP >= took, "{paused:?} of {took:?}");
        assert!(storage.batches.iter().all(|batch| (10..=500).contains(batch)), "{:?}", storage.batches);
        assert!(storage.batches.contains(&500));
    }

    #[test]
    fn a_whole_call_ends_too() {
        let mut storage = Storage::of(&[u64::MAX], Duration::from_millis(1));
        let (removed, took) = storage.gc(&mut Pace::new(100, 10..=500, STEP), Extent::Whole);
        assert!(removed > 20_000, "{removed}");
        assert!(took <= Extent::Whole.limit(), "{took:?}");
    }

    #[test]
    fn with_nothing_to_remove_nobody_pauses_and_nothing_is_learned() {
        let mut storage = Storage::of(&[0, 0, 0], Duration::ZERO);
        let mut pace = Pace::new(100, 10..=500, STEP);
        for _ in 0..5 {
            assert_eq!(storage.gc(&mut pace, Extent::Brief), (0, Duration::ZERO));
        }
        assert!(storage.time.pauses.borrow().is_empty());
        assert_eq!(storage.batches, [100; 15]);
    }

    #[test]
    fn the_first_failure_ends_it() {
        let mut calls = 0;
        let outcome = Pace::new(10, 1..=10, STEP).run(Extent::Whole, 2, |_, _| {
            calls += 1;
            if calls == 2 { Err("gone") } else { Ok(10) }
        });
        assert_eq!((outcome, calls), (Err("gone"), 2));
    }

    #[test]
    fn steps_are_repeated_while_there_is_more() {
        let mut left = 3;
        let mut step = || {
            left -= 1;
            Ok::<_, Infallible>(left > 0)
        };
        Extent::Whole.repeat(&mut step).unwrap();
        assert_eq!(left, 0);
    }
}
