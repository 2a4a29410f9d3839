//! The names of a session's keys, made in one place.
//!
//! | key | name | holds |
//! | --- | --- | --- |
//! | record | prefix + id | the session |
//! | lock | prefix + `lock.` + id | the owner's token and who it is |
//!
//! Both are where php-memcached has them. An id never contains a dot, so that none can name another
//! session's lock.

use super::protocol::MAX_KEY;
use crate::session::id::SessionId;

const LOCK: &[u8] = b"lock.";

/// The keys of the session that was last asked for: an application works on one session for many
/// commands.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: Vec<u8>,
    id: Vec<u8>,
    record: Vec<u8>,
    lock: Vec<u8>,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.into(), id: Vec::new(), record: Vec::new(), lock: Vec::new() }
    }

    /// Whether a server takes keys as long as this id's.
    pub(super) fn accepts(&self, id: SessionId<'_>) -> bool {
        self.prefix.len() + LOCK.len() + id.as_bytes().len() <= MAX_KEY
    }

    /// Makes the keys of `id`, if those that are there belong to another session.
    pub(super) fn aim(&mut self, id: SessionId<'_>) {
        if self.id == id.as_bytes() {
            return;
        }
        for (key, infix) in [(&mut self.record, b"".as_slice()), (&mut self.lock, LOCK)] {
            key.clear();
            key.extend_from_slice(&self.prefix);
            key.extend_from_slice(infix);
            key.extend_from_slice(id.as_bytes());
        }
        self.id.clear();
        self.id.extend_from_slice(id.as_bytes());
    }

    pub(super) fn record(&self) -> &[u8] {
        &self.record
    }

    pub(super) fn lock(&self) -> &[u8] {
        &self.lock
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Operation;

    #[test]
    fn keys_are_where_php_memcached_has_them_and_follow_the_id() {
        let mut keys = Keys::new("memc.sess.key.");
        for id in ["abc", "de"] {
            keys.aim(SessionId::parse(id.as_bytes(), Operation::Read).unwrap());
            assert_eq!(keys.record(), format!("memc.sess.key.{id}").as_bytes());
            assert_eq!(keys.lock(), format!("memc.sess.key.lock.{id}").as_bytes());
        }
        let longest = "x".repeat(MAX_KEY - "memc.sess.key.lock.".len());
        let parse = |id: &str| keys.accepts(SessionId::parse(id.as_bytes(), Operation::Read).unwrap());
        assert!(parse(&longest));
        assert!(!parse(&format!("{longest}x")));
    }
}
