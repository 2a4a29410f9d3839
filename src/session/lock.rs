//! What it means to hold a session: tokens, leases, and the answer "somebody else has it".

use super::id::SessionId;
use super::policy::Policy;
use crate::error::{Error, Kind, Operation, Result};
use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// 128 random bits, new for every acquisition, written as 32 hexadecimal digits.
///
/// Two requests never share a token, not even in one worker or in threads of one process: a
/// stalled holder that comes back can therefore always be told from the present one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A fresh token from the system's random source.
    ///
    /// # Errors
    /// [`Kind::Storage`] when the system has no randomness to give.
    pub fn new() -> Result<Self> {
        let mut raw = [0u8; 16];
        getrandom::fill(&mut raw).map_err(|error| {
            Error::new(Kind::Storage, "session", Operation::Lock, format!("no random bytes: {error}"))
        })?;
        Ok(Self::from_random(raw))
    }

    /// A token from 16 random bytes that were never used before, for a store that fetches
    /// randomness in stock.
    #[must_use]
    pub fn from_random(raw: [u8; 16]) -> Self {
        let mut hex = [0u8; 32];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(raw) {
            pair[0] = byte >> 4;
            pair[1] = byte & 15;
        }
        // Without a table, so that the compiler makes many digits at once.
        for digit in &mut hex {
            *digit += if *digit < 10 { b'0' } else { b'a' - 10 };
        }
        Self(hex)
    }

    /// A token for a lease whose guard is the lock itself: told from all others of this process by
    /// a count, at no system call. Worthless as a secret and as a proof to a server.
    #[must_use]
    pub fn counted() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self::from_random(u128::from(count).to_be_bytes())
    }

    /// The 32 digits.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// How long to wait for a lock, and how long to keep it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LockRequest<'a> {
    /// The most that this request waits. Zero: take it now or not at all.
    pub wait: Duration,
    /// After this time a store whose locks do not die with their holder gives the lock away.
    pub lease: Duration,
    /// Who asks, in words for the one that is refused later ("pid 12 GET /cart").
    pub holder: &'a str,
    /// With so many waiting already this request is refused at once, in stores that keep the queue
    /// themselves. `None`: however many.
    pub max_waiters: Option<u32>,
}

/// A lock that is held. Given back with `Store::unlock` or by a combined operation.
pub struct Lease {
    /// Tells this acquisition from all others.
    pub token: Token,
    /// What the store needs to let go: a file, a guard. Dropping it releases.
    pub guard: Option<Box<dyn Any + Send>>,
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease(..)")
    }
}

/// What came of asking for a lock.
#[derive(Debug)]
pub enum LockState {
    /// Nobody asked, or the session does not exist and the lock was wanted for an existing one only.
    NotTaken,
    /// It is ours.
    Held(Lease),
    /// Somebody else has it.
    Busy(Refusal),
}

/// Why a lock was not to be had, as far as the store knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The holder, in its own words.
    pub holder: Option<String>,
    /// For how long it has had the lock.
    pub held: Option<Duration>,
    /// Too many wait already. Otherwise the wait limit passed.
    pub crowded: bool,
}

impl Refusal {
    /// The reason as it stands in the message.
    pub(super) fn sentence(&self, id: SessionId<'_>, policy: &Policy) -> String {
        let by = self.holder.as_ref().map(|holder| format!(" by {holder}")).unwrap_or_default();
        let since = self.held.map(|held| format!(", since {:.1} s", held.as_secs_f64())).unwrap_or_default();
        let why = if self.crowded {
            format!("as many requests wait for it as may ({}, max_waiters)", policy.max_waiters.unwrap_or_default())
        } else {
            format!("it was not free within {} s (lock_wait)", policy.lock_wait.as_secs_f64())
        };
        format!("session {id} is held{by}{since}; {why}; on_lock_timeout=readonly would read it without the lock")
    }
}
