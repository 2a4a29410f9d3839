//! Unix time, from the system or from a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a store takes the time from when its server does not keep the time itself.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that a test moves by hand, in milliseconds since the epoch.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// A clock that stands still at `seconds` until it is moved.
    #[must_use]
    pub fn manual(seconds: u64) -> Self {
        Self::Manual(Arc::new(AtomicU64::new(seconds.saturating_mul(1000))))
    }

    /// Moves a manual clock on. The system's clock stays as it is.
    pub fn advance(&self, by: std::time::Duration) {
        if let Self::Manual(now) = self {
            now.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970. A system clock before 1970 counts as 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        match self {
            // In 64 bits, which is enough for ever: `as_millis` counts in 128.
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |elapsed| elapsed.as_secs().saturating_mul(1000) + u64::from(elapsed.subsec_millis())),
            Self::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now_ms() / 1000
    }
}
