//! A limit of time for one operation: for the wait for a lock, and for a server that puts its clients
//! off for a while because it is loading its data or runs somebody's long script.
//!
//! The clock is asked when something has to be waited for, which is hardly ever.

use std::time::{Duration, Instant};

/// The first pause before a command is sent again, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(250));
/// The longest limit; longer ones are cut to it.
const FOR_EVER: Duration = Duration::from_secs(7 * 86_400);

/// What is left of a limit.
#[derive(Debug)]
pub(in crate::backend) struct Patience {
    limit: Duration,
    until: Option<Instant>,
    pause: Duration,
}

impl Patience {
    pub(in crate::backend) fn of(limit: Duration) -> Self {
        Self { limit: limit.min(FOR_EVER), until: None, pause: PAUSES.0 }
    }

    /// The limit counts from that moment, unless it counts already.
    pub(in crate::backend) fn count_from(&mut self, moment: Instant) {
        self.until.get_or_insert(moment + self.limit);
    }

    /// All of it while it does not count yet.
    pub(in crate::backend) fn left(&self) -> Duration {
        self.until.map_or(self.limit, |until| until.saturating_duration_since(Instant::now()))
    }

    /// Waits before the next try, longer each time. False without having waited when the time is over.
    pub(in crate::backend) fn pause(&mut self) -> bool {
        self.count_from(Instant::now());
        let pause = self.pause.min(self.left());
        if pause.is_zero() {
            return false;
        }
        std::thread::sleep(pause);
        self.pause = (self.pause * 2).min(PAUSES.1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_begins_to_count_with_the_first_wait_and_ends() {
        let mut patience = Patience::of(Duration::from_millis(30));
        assert_eq!(patience.left(), Duration::from_millis(30));
        let began = Instant::now();
        let mut tries = 0;
        while patience.pause() {
            tries += 1;
            assert!(tries < 100);
        }
        assert!(began.elapsed() >= Duration::from_millis(30));
        assert!((1..=4).contains(&tries), "5, 10, 15: {tries}");
        assert!(!Patience::of(Duration::ZERO).pause());
        assert!(Patience::of(Duration::MAX).left() <= FOR_EVER);
    }
}
