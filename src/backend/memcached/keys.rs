//! The names of a session's keys, made in one place.
//!
//! | key | name | holds |
//! | --- | --- | --- |
//! | record | prefix + id | the session |
//! | lock | prefix + `lock.` + id | the owner's token and who it is |
//! | own reference | prefix + `ref.` + id | to whom the session belongs |
//! | index | prefix + `refs.` + half a digest of a reference | the ids of its sessions |
//! | register | prefix + `all.` + two digits | a share of the references |
//!
//! The first two are where php-memcached has them. An id never contains a dot, so that none can name
//! anything else.

use super::protocol::MAX_KEY;
use crate::session::id::SessionId;
use crate::session::reference::Reference;
use sha1_smol::Sha1;

const LOCK: &[u8] = b"lock.";
const OWN: &[u8] = b"ref.";

/// How many registers there are. Changed, it loses what is registered.
pub(super) const REGISTERS: u8 = 64;

/// The keys of the session that was last asked for: an application works on one session for many
/// commands.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: Vec<u8>,
    id: Vec<u8>,
    record: Vec<u8>,
    lock: Vec<u8>,
    own: Vec<u8>,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.into(), id: Vec::new(), record: Vec::new(), lock: Vec::new(), own: Vec::new() }
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
        for (key, infix) in [(&mut self.record, b"".as_slice()), (&mut self.lock, LOCK), (&mut self.own, OWN)] {
            key.clear();
            key.extend_from_slice(&self.prefix);
            key.extend_from_slice(infix);
            key.extend_from_slice(id.as_bytes());
        }
        self.id.clear();
        self.id.extend_from_slice(id.as_bytes());
    }

    /// The id in a record's key.
    pub(super) fn id_in<'k>(&self, record: &'k [u8]) -> Option<&'k [u8]> {
        record.strip_prefix(self.prefix.as_slice())
    }

    pub(super) fn record(&self) -> &[u8] {
        &self.record
    }

    pub(super) fn lock(&self) -> &[u8] {
        &self.lock
    }

    /// The session's own reference.
    pub(super) fn own(&self) -> &[u8] {
        &self.own
    }

    /// The index of a reference.
    pub(super) fn index(&self, reference: &Reference) -> Vec<u8> {
        let digest = Sha1::from(reference.as_bytes()).digest().to_string();
        [&self.prefix, b"refs.".as_slice(), digest.as_bytes().get(..32).unwrap_or_default()].concat()
    }

    /// The register that a reference is in.
    pub(super) fn register_of(&self, reference: &Reference) -> Vec<u8> {
        let [first, ..] = Sha1::from(reference.as_bytes()).digest().bytes();
        self.register(first % REGISTERS)
    }

    /// A register by its number.
    pub(super) fn register(&self, number: u8) -> Vec<u8> {
        [&self.prefix, b"all.".as_slice(), format!("{number:02}").as_bytes()].concat()
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
