//! Lifetimes as servers take them.

use crate::session::clock::Clock;
use std::time::Duration;

/// A number larger than this is a point in time to a server, not a number of seconds.
const LONGEST_RELATIVE: u64 = 30 * 86_400;
/// A server counts time in whole seconds that began before it was asked, so that an item may live up to
/// a second less than it was told to.
const ROUNDING: u64 = 1;

/// Seconds, or the time after which it is over; 0 is never.
pub(super) fn of(ttl: Duration, clock: &Clock) -> u64 {
    let seconds = ttl.as_secs().saturating_add(u64::from(ttl.subsec_nanos() > 0)).saturating_add(ROUNDING);
    if seconds <= LONGEST_RELATIVE {
        return seconds;
    }
    let end = clock.now().saturating_add(seconds);
    // What is over after 2038 cannot be said and becomes what is never over.
    if end > i32::MAX as u64 { 0 } else { end }
}
