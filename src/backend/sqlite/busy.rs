//! Waiting while another process writes.
//!
//! SQLite's own way of waiting sleeps longer each time, up to a tenth of a second, and finds the
//! database busy again though it was free in between. A commit takes microseconds: looking every
//! millisecond costs little and waits for about as long as it must.

use std::cell::Cell;
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_micros(100);
const PAUSE: Duration = Duration::from_millis(1);

thread_local! {
    /// SQLite asks a plain function. A connection belongs to one thread at a time.
    static LIMIT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Sets the longest wait of the statements that this thread runs next.
pub(super) fn limit(longest: Duration) {
    LIMIT.set(longest);
}

/// Called by SQLite when the database is busy, for the `attempts`th time in a row. Whether to try again.
pub(super) fn wait(attempts: i32) -> bool {
    let now = Instant::now();
    let since = if attempts == 0 { None } else { SINCE.get() }.unwrap_or(now);
    SINCE.set(Some(since));
    let left = LIMIT.get().saturating_sub(now.duration_since(since));
    if left.is_zero() {
        return false;
    }
    std::thread::sleep(left.min(if attempts < 5 { FIRST_PAUSE } else { PAUSE }));
    true
}
