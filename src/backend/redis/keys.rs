//! The names of a session's keys, made in one place.
//!
//! | key | name | holds |
//! | --- | --- | --- |
//! | record | prefix + id | the session |
//! | lock | prefix + id + suffix | the owner's token and who it is |
//! | queue | lock + `_QUEUE` | the waiters' tokens, in order of arrival |
//! | wake-up | queue + `:` + token | what a waiter blocks on, and `:alive` behind it |
//!
//! Record and lock are where phpredis has them, so that both can serve the same sessions. All
//! names begin with the record's: a cluster, which wants one slot for them, can put the record's
//! name in braces in the others (`{prefix+id}` + suffix hashes like `prefix+id`) by changing this
//! file alone. Ids never contain `_` or `:`, and an id that ends like a lock is not accepted, so no
//! id can name another session's lock or queue.

use crate::session::id::SessionId;
use crate::session::lock::Token;

#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: Vec<u8>,
    lock: Vec<u8>,
    queue: Vec<u8>,
    wake: Vec<u8>,
}

impl Keys {
    pub(super) fn new(prefix: &str, lock_suffix: &str) -> Self {
        Self {
            prefix: prefix.into(),
            lock: lock_suffix.into(),
            queue: format!("{lock_suffix}_QUEUE").into(),
            wake: format!("{lock_suffix}_QUEUE:").into(),
        }
    }

    /// Whether an id cannot name another session's lock. With the usual suffix none can; with one
    /// made of an id's own characters (Phalcon's `-lock`) those that end like it are refused.
    pub(super) fn accepts(&self, id: SessionId<'_>) -> bool {
        !id.as_bytes().ends_with(&self.lock)
    }

    pub(super) fn record<'a>(&'a self, id: &SessionId<'a>) -> [&'a [u8]; 2] {
        [&self.prefix, id.as_bytes()]
    }

    pub(super) fn lock<'a>(&'a self, id: &SessionId<'a>) -> [&'a [u8]; 3] {
        [&self.prefix, id.as_bytes(), &self.lock]
    }

    pub(super) fn queue<'a>(&'a self, id: &SessionId<'a>) -> [&'a [u8]; 3] {
        [&self.prefix, id.as_bytes(), &self.queue]
    }

    pub(super) fn wake<'a>(&'a self, id: &SessionId<'a>, token: &'a Token) -> [&'a [u8]; 4] {
        [&self.prefix, id.as_bytes(), &self.wake, token.as_bytes()]
    }
}
