//! The pauses of those who wait for a lock on a server that wakes nobody: short ones first, then longer
//! ones, of a length that differs by chance, so that those who wait do not meet.

use crate::session::lock::Token;
use std::time::Duration;

/// The first pause, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

/// The pauses of one wait.
#[derive(Debug)]
pub(in crate::backend) struct Pauses(Duration);

impl Pauses {
    pub(in crate::backend) const fn new() -> Self {
        Self(PAUSES.0)
    }

    /// The next one.
    pub(in crate::backend) fn next(&mut self, token: &Token, waited: Duration) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(PAUSES.1);
        jittered(pause, token, waited)
    }
}

/// Half of the pause at least, and all of it at most: by the token, which differs between those who
/// wait, and the time, which differs between their tries.
fn jittered(pause: Duration, token: &Token, waited: Duration) -> Duration {
    let seed = token
        .as_bytes()
        .iter()
        .fold(waited.subsec_nanos(), |seed, byte| seed.wrapping_mul(16_777_619) ^ u32::from(*byte));
    pause / 2 + pause.mul_f64(f64::from(seed >> 8) / f64::from(1_u32 << 25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_differ_and_stay_within_bounds() {
        let mut seen = Vec::new();
        for number in 0..50 {
            let (mut pauses, token) = (Pauses::new(), Token::new().unwrap());
            let first = pauses.next(&token, Duration::ZERO);
            assert!(first >= PAUSES.0 / 2 && first <= PAUSES.0, "{first:?}");
            let _ = (0..5).map(|_| pauses.next(&token, Duration::ZERO)).max();
            let length = pauses.next(&token, Duration::from_nanos(number));
            assert!(length >= PAUSES.1 / 2 && length <= PAUSES.1, "{length:?}");
            seen.push(length);
        }
        seen.sort();
        seen.dedup();
        assert!(seen.len() > 40, "only {} different pauses", seen.len());
    }
}
