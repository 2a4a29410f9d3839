//! What the user may choose about sessions, whatever the store.

use std::time::Duration;

/// What happens when the lock was not to be had within the wait limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnLockTimeout {
    /// The session does not start.
    #[default]
    Fail,
    /// The session is read without its lock, and writing it is refused.
    ReadOnly,
}

/// The user's choices that hold over every store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Lock the session from read to close.
    pub locking: bool,
    /// The most that a request waits for the lock.
    pub lock_wait: Duration,
    /// After this time the lock of a request that shows no sign of life may be taken, in stores
    /// whose locks do not die with their holder.
    pub lock_expire: Duration,
    /// What happens after `lock_wait`.
    pub on_lock_timeout: OnLockTimeout,
    /// Extend the lifetime with the read, where the store can do that for nothing.
    pub early_refresh: bool,
    /// A lifetime that replaces `session.gc_maxlifetime`.
    pub lifetime: Option<Duration>,
    /// Store a session that never held anything, as PHP's own handlers do.
    pub store_empty: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            locking: true,
            lock_wait: Duration::from_secs(30),
            lock_expire: Duration::from_secs(30),
            on_lock_timeout: OnLockTimeout::Fail,
            early_refresh: true,
            lifetime: None,
            store_empty: true,
        }
    }
}
