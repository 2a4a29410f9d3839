//! Pauses between tries: each about twice as long as the one before, none the same for two workers.

use std::time::{Duration, Instant};

/// No pause is longer.
const LONGEST: Duration = Duration::from_millis(500);

/// How often something is tried again, and after which pause for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend) struct Retries {
    pub(in crate::backend) times: u32,
    pub(in crate::backend) interval: Duration,
    /// The first pause begins to count; once this has passed, there is no other.
    pub(in crate::backend) within: Duration,
}

impl Retries {
    /// Begins to count.
    pub(in crate::backend) fn begin(self) -> Backoff {
        Backoff { left: self.times, next: self.interval, within: self.within, began: None }
    }
}

/// The tries that one request has left.
#[derive(Debug)]
pub(in crate::backend) struct Backoff {
    left: u32,
    next: Duration,
    within: Duration,
    began: Option<Instant>,
}

impl Backoff {
    /// Takes one try, the first one at once; false if there is none left.
    pub(in crate::backend) fn at_once(&mut self) -> bool {
        if self.began.is_some() {
            return self.pause();
        }
        self.began = Some(Instant::now());
        self.take()
    }

    fn take(&mut self) -> bool {
        let some = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some
    }

    /// Takes one try and waits before it; false if there is none left.
    ///
    /// Between half of the pause and all of it: workers that lost the same server at the same moment
    /// do not come back at the same moment.
    pub(in crate::backend) fn pause(&mut self) -> bool {
        let began = *self.began.get_or_insert_with(Instant::now);
        if began.elapsed() >= self.within || !self.take() {
            return false;
        }
        let whole = self.next.min(LONGEST);
        self.next = whole.saturating_mul(2);
        let chance = getrandom::u32().unwrap_or(u32::MAX);
        std::thread::sleep(whole.mul_f64(0.5 + f64::from(chance) / f64::from(u32::MAX) / 2.0));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut backoff = Retries { times: 3, interval: Duration::from_millis(4), within: LONGEST }.begin();
        let began = Instant::now();
        assert!(backoff.pause() && backoff.pause() && backoff.pause());
        assert!(began.elapsed() >= Duration::from_millis(14));
        assert!(!backoff.pause() && !backoff.at_once());
        let mut long = Retries { times: 9, interval: Duration::from_secs(1000), within: Duration::ZERO }.begin();
        assert!(!long.pause() && !long.at_once());
        let mut at_once = Retries { times: 1, interval: LONGEST, within: LONGEST }.begin();
        assert!(at_once.at_once() && !at_once.at_once());
    }
}
