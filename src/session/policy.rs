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

/// What happens to a change of a request that lost its lock to another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnLockLost {
    /// It is refused if the session was changed since, and the newer data stays.
    #[default]
    Fail,
    /// It is stored, and what was stored since is lost, as it is without locks. Only a session that was
    /// ended stays ended.
    Overwrite,
}

/// What a request does that cannot begin its session because the storage is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUnavailable {
    /// The session does not start.
    #[default]
    Fail,
    /// It goes on with an empty session of which nothing is stored.
    EmptyReadOnly,
}

/// Where the reference of a session comes from: to whom it belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Sessions have no references.
    #[default]
    None,
    /// The application says it.
    Setter,
    /// The session variable of this name says it at each write, if the application says nothing.
    Variable(String),
    /// The same, but a global variable.
    Global(String),
}

/// What happens to a session that is one too many for its reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMaxSessions {
    /// It is stored, and those that were not used for the longest time end.
    #[default]
    EndOldest,
    /// It is not stored.
    Refuse,
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
    /// The most requests that wait for one session's lock; one more is refused at once. For stores
    /// that keep the queue themselves.
    pub max_waiters: Option<u32>,
    /// What happens after `lock_wait`, or with too many waiting.
    pub on_lock_timeout: OnLockTimeout,
    /// What happens to a late change.
    pub on_lock_lost: OnLockLost,
    /// What happens when the storage is away.
    pub on_unavailable: OnUnavailable,
    /// Extend the lifetime with the read, where the store can do that for nothing.
    pub early_refresh: bool,
    /// A lifetime that replaces `session.gc_maxlifetime`.
    pub lifetime: Option<Duration>,
    /// Store a session that never held anything, as PHP's own handlers do.
    pub store_empty: bool,
    /// Where references come from.
    pub reference: Source,
    /// The most sessions that one reference may have.
    pub max_sessions_per_ref: Option<u32>,
    /// What happens to one more.
    pub on_max_sessions: OnMaxSessions,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            locking: true,
            lock_wait: Duration::from_secs(30),
            lock_expire: Duration::from_secs(30),
            max_waiters: None,
            on_lock_timeout: OnLockTimeout::Fail,
            on_lock_lost: OnLockLost::Fail,
            on_unavailable: OnUnavailable::Fail,
            early_refresh: true,
            lifetime: None,
            store_empty: true,
            reference: Source::None,
            max_sessions_per_ref: None,
            on_max_sessions: OnMaxSessions::EndOldest,
        }
    }
}
