//! The names of a session's keys, made in one place.
//!
//! | key | name | holds |
//! | --- | --- | --- |
//! | record | prefix + id | the session |
//! | lock | prefix + id + suffix | the owner's token and who it is |
//! | queue | lock + `_QUEUE` | the waiters' tokens, in order of arrival |
//! | wake-up | queue + `:` + token | what a waiter blocks on, and `:alive` behind it |
//! | own reference | lock + `_REF` | to whom the session belongs, if references are kept |
//! | index | prefix + `_REF:` + reference | a sorted set: the ids of its sessions, by when they came to it |
//! | all references | prefix + `_REFS` | a sorted set without an order of its own |
//! | marks | braces around that, `_MARKS` | in a cluster: what tells whether a reference came again |
//!
//! Record and lock are where phpredis has them, so that both can serve the same sessions. Ids never
//! contain `_` or `:`, and an id that ends like a lock is not accepted, so no id can name another
//! session's lock or queue, nor an index.
//!
//! A cluster wants one slot for all of them. There the others have the record's name in braces:
//! `{prefix+id}` + suffix is hashed like `prefix+id`, which stays where phpredis has it. A prefix with
//! braces of its own, `{shop}:`, decides the slot for all of them anyway. The index is in slots of its own.

use super::cluster;
use super::protocol::Frame;
use crate::session::id::SessionId;
use crate::session::lock::Token;
use crate::session::reference::Reference;

/// The keys of the session that was last asked for, as they go over the wire: an application works
/// on one session for many commands.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: Vec<u8>,
    /// What all names but the record's begin with.
    others: Vec<u8>,
    lock: Vec<u8>,
    queue: Vec<u8>,
    wake: Vec<u8>,
    own_reference: Vec<u8>,
    in_cluster: bool,
    /// Record, lock and queue as arguments.
    wire: Frame,
    /// Where the id stands in each: one of the same length only takes its place.
    places: [usize; 3],
    /// The length of the id, and how many arguments there are: only the record's while no lock was asked for.
    length: usize,
    written: usize,
    /// Where the record's argument ends, and where the lock's does.
    record: usize,
    lock_end: usize,
}

impl Keys {
    pub(super) fn new(prefix: &str, lock_suffix: &str) -> Self {
        Self {
            prefix: prefix.into(),
            others: prefix.into(),
            lock: lock_suffix.into(),
            queue: format!("{lock_suffix}_QUEUE").into(),
            wake: format!("{lock_suffix}_QUEUE:").into(),
            own_reference: format!("{lock_suffix}_REF").into(),
            in_cluster: false,
            wire: Frame::default(),
            places: [0; 3],
            length: 0,
            written: 0,
            record: 0,
            lock_end: 0,
        }
    }

    /// For a cluster. `None`: with one brace alone in the prefix the names cannot share a slot.
    pub(super) fn in_cluster(prefix: &str, lock_suffix: &str) -> Option<Self> {
        let decides = prefix.find('{').is_some_and(|open| prefix[open..].find('}').is_some_and(|length| length > 1));
        if decides {
            return Some(Self { in_cluster: true, ..Self::new(prefix, lock_suffix) });
        }
        let others = format!("{{{prefix}").into_bytes();
        let keys = Self { in_cluster: true, others, ..Self::new(prefix, &format!("}}{lock_suffix}")) };
        (!prefix.contains(['{', '}'])).then_some(keys)
    }

    /// In a cluster: the slot of the session's keys.
    pub(super) fn slot(&self, id: SessionId<'_>) -> Option<u16> {
        self.in_cluster.then(|| cluster::slot(&[&self.prefix, id.as_bytes()]))
    }

    /// Whether an id cannot name another session's lock. With the usual suffix none can; with one
    /// made of an id's own characters (Phalcon's `-lock`) those that end like it are refused.
    pub(super) fn accepts(&self, id: SessionId<'_>) -> bool {
        !id.as_bytes().ends_with(&self.lock)
    }

    /// The record's key, as an argument.
    pub(super) fn record(&mut self, id: SessionId<'_>) -> &[u8] {
        let end = self.begin(id);
        &self.wire.as_bytes()[..end]
    }

    /// The lock's key, as an argument.
    pub(super) fn lock(&mut self, id: SessionId<'_>) -> &[u8] {
        let begin = self.complete(id);
        &self.wire.as_bytes()[begin..self.lock_end]
    }

    /// The keys of record, lock and queue, as three arguments.
    pub(super) fn all(&mut self, id: SessionId<'_>) -> &[u8] {
        self.complete(id);
        self.wire.as_bytes()
    }

    /// How many keys a session needs beside those, if references are kept.
    pub(super) fn of_references(&self) -> usize {
        if self.in_cluster { 1 } else { 2 }
    }

    /// The parts of the key of a session's own reference.
    pub(super) fn own_reference<'a>(&'a self, id: &SessionId<'a>) -> [&'a [u8]; 3] {
        [&self.others, id.as_bytes(), &self.own_reference]
    }

    /// The parts of the index's key of a reference.
    pub(super) fn index<'a>(&'a self, reference: &'a Reference) -> [&'a [u8]; 3] {
        [&self.prefix, b"_REF:", reference.as_bytes()]
    }

    /// The parts of the key of all references.
    pub(super) fn references(&self) -> [&[u8]; 2] {
        [&self.prefix, b"_REFS"]
    }

    /// The parts of the key of their marks, in the slot of that one.
    pub(super) fn marks(&self) -> [&[u8]; 3] {
        let braces: [&[u8]; 2] = if self.decides_slot() { [b"", b"_REFS_MARKS"] } else { [b"{", b"_REFS}_MARKS"] };
        [braces[0], &self.prefix, braces[1]]
    }

    /// What the index scripts make a session's keys of: before the id, and behind it for its reference.
    pub(super) fn around_ids(&self) -> [&[u8]; 3] {
        [&self.prefix, &self.others, &self.own_reference]
    }

    pub(super) fn is_in_cluster(&self) -> bool {
        self.in_cluster
    }

    /// Whether the prefix has braces of its own.
    fn decides_slot(&self) -> bool {
        self.prefix == self.others
    }

    /// The parts of the key that a waiter blocks on.
    pub(super) fn wake<'a>(&'a self, id: &SessionId<'a>, token: &'a Token) -> [&'a [u8]; 4] {
        [&self.others, id.as_bytes(), &self.wake, token.as_bytes()]
    }

    /// Makes the arguments that are there those of the session, the record's at least, and says where that one
    /// ends. A session without a lock needs no more.
    #[inline]
    fn begin(&mut self, id: SessionId<'_>) -> usize {
        let id = id.as_bytes();
        if id.len() != self.length || !self.wire.has(self.places[0], id) {
            self.change(id);
        }
        self.record
    }

    #[inline(never)]
    fn change(&mut self, id: &[u8]) {
        if id.len() == self.length {
            for place in self.places.iter().take(self.written) {
                self.wire.replace(*place, id);
            }
            return;
        }
        self.wire.clear(usize::MAX);
        (self.length, self.written) = (id.len(), 1);
        self.places[0] = self.wire.arg_around(&self.prefix, id, b"");
        self.record = self.wire.as_bytes().len();
    }

    /// Writes all three arguments, and says where the record's ends.
    fn complete(&mut self, id: SessionId<'_>) -> usize {
        let record = self.begin(id);
        if self.written == 1 {
            self.places[1] = self.wire.arg_around(&self.others, id.as_bytes(), &self.lock);
            self.lock_end = self.wire.as_bytes().len();
            self.places[2] = self.wire.arg_around(&self.others, id.as_bytes(), &self.queue);
            self.written = 3;
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Operation;

    #[test]
    fn keys_are_where_phpredis_has_them_and_follow_the_id() {
        let mut keys = Keys::new("p:", "_LOCK");
        // One of the same length, and one of another.
        for id in ["abc", "xyz", "de"] {
            let id = SessionId::parse(id.as_bytes(), Operation::Read).unwrap();
            let length = id.as_bytes().len();
            let record = format!("${}\r\np:{}\r\n", length + 2, id.as_str());
            assert_eq!(keys.record(id), record.as_bytes());
            assert_eq!(keys.record(id), record.as_bytes(), "asked again");
            assert_eq!(keys.lock(id), format!("${}\r\np:{}_LOCK\r\n", length + 7, id.as_str()).as_bytes());
            let all = format!(
                "{record}${}\r\np:{id}_LOCK\r\n${}\r\np:{id}_LOCK_QUEUE\r\n",
                length + 7,
                length + 13,
                id = id.as_str()
            );
            assert_eq!(keys.all(id), all.as_bytes());
            assert_eq!(keys.record(id), record.as_bytes(), "and after the others");
        }
    }

    #[test]
    fn in_a_cluster_all_keys_have_the_record_s_slot() {
        let id = SessionId::parse(b"abc", Operation::Read).unwrap();
        for (prefix, record, lock) in [("p:", "p:abc", "{p:abc}_LOCK"), ("{a}b:", "{a}b:abc", "{a}b:abc_LOCK")] {
            let mut keys = Keys::in_cluster(prefix, "_LOCK").unwrap();
            assert_eq!(keys.record(id), format!("${}\r\n{record}\r\n", record.len()).as_bytes());
            assert_eq!(keys.lock(id), format!("${}\r\n{lock}\r\n", lock.len()).as_bytes());
            let token = Token::new().unwrap();
            let slot = keys.slot(id).unwrap();
            assert_eq!(slot, cluster::slot(&keys.wake(&id, &token)));
            assert_eq!((slot, slot), (cluster::slot(&[record.as_bytes()]), cluster::slot(&[lock.as_bytes()])));
        }
        for prefix in ["{a:", "a}:", "{}a:", "}{"] {
            assert!(Keys::in_cluster(prefix, "_LOCK").is_none(), "{prefix}");
        }
        assert_eq!(Keys::new("p:", "_LOCK").slot(id), None);
    }
}
