//! Sessions that have a copy on a second server, the one behind theirs in the list.
//!
//! Both copies are read and written in the same wait, and each carries a [`Stamp`] that says how new it is:
//! versions of different servers cannot be compared. The newer one counts. So a server that was away
//! while a session was written does not bring older data back when it returns, and what it has
//! is replaced at the next write. A session that is ended while the second server is away leaves an item that
//! says so, newer than any copy of it.
//!
//! The lock is on the session's own server, or on the second one while that is away. Two workers may then
//! see different servers and each have a lock. So a write replaces the very versions of both copies that were
//! read; if the second copy turns out to have been written by another worker meanwhile, ours is taken back
//! and the lock counts as lost.

use super::cluster::Answer;
use super::error;
use super::format::{Encoded, Stamp, is_ended};
use super::locks::{Held, Seen};
use super::protocol::{Mode, Reply};
use super::store::{Memcached, SENT_ALONG};
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::store::Committed;
use std::time::Duration;

/// The shortest time for which it is remembered that a session was ended.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// What is known of the copies of one session.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// Sessions have copies.
    pub(super) wanted: bool,
    /// How long sessions live, as far as it was said.
    pub(super) lifetime: Duration,
    id: Vec<u8>,
    last: Known,
}

/// What was last seen of a session, or written.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The newest.
    stamp: Stamp,
    /// What the second server has.
    other: Seen,
    /// What the first one has, if that is not the newest.
    behind: Option<Seen>,
    /// The second one's is not the newest.
    other_is_behind: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self { stamp: Stamp::default(), other: Seen::Nothing, behind: None, other_is_behind: false }
    }
}

/// An item as it was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) version: u64,
    stamp: Stamp,
    /// It says that the session was ended.
    pub(super) ended: bool,
}

impl Item {
    pub(super) fn of(data: &[u8], flags: u32, version: u64) -> Self {
        Self { version, stamp: Stamp::of(data, flags), ended: is_ended(flags) }
    }
}

impl Copies {
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// What was known may be out of date.
    pub(super) fn forget(&mut self) {
        self.id.clear();
        self.last = Known::default();
    }

    fn of(&self, id: SessionId<'_>) -> Known {
        if self.id == id.as_bytes() { self.last } else { Known::default() }
    }

    fn note(&mut self, id: SessionId<'_>, known: Known) {
        self.id.clear();
        self.id.extend_from_slice(id.as_bytes());
        self.last = known;
    }
}

impl Memcached {
    /// Makes sure of connections to the session's servers, and begins batches for them. Returns the one
    /// that leads: the session's own, or the second one while that is away or has our lock.
    pub(super) fn aim_at_copies(&mut self, operation: Operation, id: SessionId<'_>, home: usize) -> Result<usize> {
        let next = self.cluster.after(home);
        let elsewhere = self.held.as_ref().is_some_and(|held| held.server == next) && self.holds(id);
        let (lead, other) = if elsewhere { (next, home) } else { (home, next) };
        match self.cluster.aim(operation, lead) {
            Ok(()) => {
                self.cluster.aim_mirror(operation, other);
                Ok(lead)
            }
            Err(error) if error.is_outage() => {
                self.cluster.aim(operation, other).map_err(|_| error)?;
                Ok(other)
            }
            Err(error) => Err(error),
        }
    }

    /// Does something again if a server turned out to be away: the other one leads then.
    pub(super) fn either<T>(&mut self, mut work: impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        match work(self) {
            Err(error) if self.copies.wanted && error.is_outage() => work(self),
            outcome => outcome,
        }
    }

    /// The record was read into `into` from the first server; what the second one said is looked at now.
    /// The newer one is left in `into`. False if there is none, or the session was ended.
    pub(super) fn compare_copies(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        at: usize,
        first: Option<Item>,
        into: &mut Vec<u8>,
    ) -> Result<bool> {
        let there = |item: &Option<Item>| item.is_some_and(|item| !item.ended);
        if !self.copies.wanted {
            return Ok(there(&first));
        }
        let mut known = Known { stamp: first.map(|item| item.stamp).unwrap_or_default(), ..Known::default() };
        let mut newest = first;
        match self.cluster.mirrored() {
            Some(Answer::Value { data, flags, version }) => {
                known.other = Seen::Version(version);
                let other = Item::of(&data, flags, version);
                if first.is_none_or(|first| first.stamp < other.stamp) {
                    known.behind = Some(first.map_or(Seen::Absent, |first| Seen::Version(first.version)));
                    known.stamp = other.stamp;
                    newest = Some(other);
                    into.clear();
                    if !other.ended {
                        let decoded = self.format.decode(&data, flags, into);
                        decoded.map_err(|reason| error::unreadable(operation, self.cluster.address(at), reason))?;
                    }
                } else {
                    known.other_is_behind = first.is_some_and(|first| other.stamp < first.stamp);
                }
            }
            Some(_) => {
                known.other = Seen::Absent;
                known.other_is_behind = true;
            }
            None => {}
        }
        self.copies.note(id, known);
        Ok(there(&newest))
    }

    /// What is stored now is newer than what was seen of the session.
    pub(super) fn stamp_anew(&mut self, id: SessionId<'_>) {
        if self.copies.wanted {
            let mut known = self.copies.of(id);
            known.stamp = known.stamp.next();
            self.format.stamp(known.stamp);
            self.copies.note(id, known);
        }
    }

    /// A record was stored on both servers, or on one if the other one is away.
    pub(super) fn note_copies(&mut self, id: SessionId<'_>) -> bool {
        let answer = self.cluster.mirrored();
        let known = Known { stamp: self.copies.of(id).stamp, ..Known::default() };
        let other = match answer {
            Some(Answer::Done { version: version @ 1.. }) => Seen::Version(version),
            _ => Seen::Nothing,
        };
        self.copies.note(id, Known { other, ..known });
        matches!(answer, Some(Answer::Done { .. }))
    }

    /// Writes under a lock whose lease is sure, and releases it: after both servers have answered, or the
    /// next holder would read what one of them still has.
    pub(super) fn write_copies(
        &mut self,
        id: SessionId<'_>,
        at: usize,
        data: &[u8],
        ttl: Duration,
        held: &Held,
    ) -> Result<Committed> {
        let outcome = self.replace_copies(id, at, data, ttl, held);
        self.copies.forget();
        let outcome = outcome?;
        self.cluster.aim(Operation::Unlock, at).map_or_else(
            |_| self.debts.owe(id, held.token, self.lease),
            |()| self.cluster.batch.delete(self.keys.lock(), Some(held.version)),
        );
        if self.cluster.batch.count() > 0 {
            let released = self.release(Operation::Unlock, id, at, Some(held.token));
            // What was written stands all the same.
            let _ = self.settled(id, held.token, released);
        }
        Ok(outcome)
    }

    fn replace_copies(
        &mut self,
        id: SessionId<'_>,
        at: usize,
        data: &[u8],
        ttl: Duration,
        held: &Held,
    ) -> Result<Committed> {
        let operation = Operation::Write;
        let known = self.copies.of(id);
        let stamp = known.stamp.next();
        self.format.stamp(stamp);
        let expiry = self.expiry(ttl);
        let Encoded { flags, parts } = self.format.encode(data);
        let body = self.cluster.batch.store(self.keys.record(), mode(held.record), flags, expiry, parts);
        if let Some(mirror) = self.cluster.mirror() {
            mirror.store(self.keys.record(), mode(known.other), flags, expiry, parts);
        }
        let asked = self.cluster.ask(operation, at, body, |stored: &mut bool, _, reply, address| match reply {
            Reply::Done { .. } => {
                *stored = true;
                Ok(())
            }
            Reply::NotStored | Reply::Changed | Reply::Missing => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        });
        self.hear(at);
        let other = self.cluster.mirrored().map(|answer| matches!(answer, Answer::Done { .. }));
        let first = match asked {
            Ok(stored) => stored,
            Err(error) if error.is_outage() && other == Some(true) => return Ok(Committed::Done),
            Err(error) => return Err(error),
        };
        let home = self.cluster.home(id.as_bytes());
        let second = if at == home { self.cluster.after(home) } else { home };
        match (first, other) {
            (true, None | Some(true)) => Ok(Committed::Done),
            (true, Some(false)) => match self.look(operation, second) {
                Ok(Some(item)) if item.stamp > known.stamp && item.stamp != stamp => {
                    self.take_back(operation, at, stamp)?;
                    Ok(Committed::LeaseLost)
                }
                // It had vanished, or was older than what we replaced. Without it there is still the first.
                Ok(item) => {
                    let seen = item.map_or(Seen::Absent, |item| Seen::Version(item.version));
                    let _ = self.put(operation, second, data, ttl, mode(seen));
                    Ok(Committed::Done)
                }
                Err(_) => Ok(Committed::Done),
            },
            (false, other) => match self.look(operation, at)? {
                Some(item) if item.stamp == stamp => Ok(Committed::Done),
                // Evicted: a session that was ended is gone from the second server, too.
                None if other == Some(true) => {
                    self.put(operation, at, data, ttl, Mode::Add)?;
                    Ok(Committed::Done)
                }
                _ => {
                    if other == Some(true) {
                        self.take_back(operation, second, stamp)?;
                    }
                    Ok(Committed::LeaseLost)
                }
            },
        }
    }

    /// Stores a copy on one server, with the stamp that was last set.
    fn put(&mut self, operation: Operation, at: usize, data: &[u8], ttl: Duration, mode: Mode) -> Result<()> {
        self.cluster.aim(operation, at)?;
        let expiry = self.expiry(ttl);
        let Encoded { flags, parts } = self.format.encode(data);
        let body = self.cluster.batch.store(self.keys.record(), mode, flags, expiry, parts);
        self.cluster.ask(operation, at, body, |_: &mut (), _, _, _| Ok(()))?;
        self.hear(at);
        Ok(())
    }

    /// Looks at the copy on one server.
    fn look(&mut self, operation: Operation, at: usize) -> Result<Option<Item>> {
        self.cluster.aim(operation, at)?;
        self.cluster.batch.get(self.keys.record(), None);
        let item = self.cluster.ask(operation, at, b"", |item: &mut Option<Item>, _, reply, address| match reply {
            Reply::Value { data, flags, version, .. } => {
                *item = Some(Item::of(data, flags, version));
                Ok(())
            }
            Reply::Missing => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        })?;
        self.hear(at);
        Ok(item)
    }

    /// Removes a copy that we have just written.
    fn take_back(&mut self, operation: Operation, at: usize, stamp: Stamp) -> Result<()> {
        if let Some(item) = self.look(operation, at)?.filter(|item| item.stamp == stamp) {
            self.cluster.again(at);
            self.cluster.batch.delete(self.keys.record(), Some(item.version));
            self.gone(operation, at)?;
        }
        Ok(())
    }

    /// Ends an unchanged session: its lifetime, its copies where they are missing or behind, its lock.
    ///
    /// The second copy is stored again only if it is known to be missing or behind, and is waited for: a
    /// command to one server may be overtaken by a log-out that goes to both.
    pub(super) fn finish_copies(
        &mut self,
        id: SessionId<'_>,
        at: usize,
        data: &[u8],
        ttl: Duration,
        extended: bool,
        held: Option<Held>,
    ) -> Result<()> {
        let operation = Operation::Touch;
        let known = self.copies.of(id);
        let large = data.len() > SENT_ALONG;
        let expiry = self.expiry(ttl);
        if large || !extended {
            self.cluster.batch.touch(self.keys.record(), expiry);
            if let Some(mirror) = self.cluster.mirror() {
                mirror.touch(self.keys.record(), expiry);
            }
        }
        let mut missing = !large;
        if large {
            missing = !self.found(operation, at)?;
            self.cluster.again(at);
        }
        self.format.stamp(known.stamp);
        let Encoded { flags, parts } = self.format.encode(data);
        let mut body = &b""[..];
        if missing || known.behind.is_some() {
            let mode = known.behind.map_or(Mode::Add, mode);
            body = self.cluster.batch.store(self.keys.record(), mode, flags, expiry, parts);
        }
        let repairs = known.behind.is_some() || known.other_is_behind;
        if let Some(mirror) = self.cluster.mirror()
            && known.other_is_behind
        {
            body = mirror.store(self.keys.record(), mode(known.other), flags, expiry, parts);
        }
        if repairs || !body.is_empty() {
            // Somebody may have been faster, which is as well.
            self.cluster.ask(operation, at, body, |_: &mut (), _, _, _| Ok(()))?;
            self.hear(at);
            self.cluster.again(at);
        }
        let token = held.as_ref().map(|held| held.token);
        if let Some(held) = held {
            self.cluster.batch.delete(self.keys.lock(), Some(held.version));
        }
        if self.cluster.batch.count() == 0 { Ok(()) } else { self.release(operation, id, at, token) }
    }

    /// Ends a session: removes both copies, or leaves word of it where a copy cannot be removed.
    pub(super) fn end_copies(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        at: usize,
        held: Option<Held>,
    ) -> Result<()> {
        if let Some(mirror) = self.cluster.mirror() {
            mirror.delete(self.keys.record(), None);
            self.cluster.batch.delete(self.keys.record(), None);
        } else {
            self.leave_word(id);
        }
        if let Some(held) = held {
            self.cluster.batch.delete(self.keys.lock(), Some(held.version));
        }
        let had_second = self.cluster.mirror().is_some();
        self.gone(operation, at)?;
        if had_second && self.cluster.mirrored().is_none() {
            self.cluster.again(at);
            self.leave_word(id);
            self.gone(operation, at)?;
        }
        self.copies.note(id, Known { stamp: self.copies.of(id).stamp, ..Known::default() });
        Ok(())
    }

    /// Puts an item in the record's place that says that the session was ended, and is newer than it.
    fn leave_word(&mut self, id: SessionId<'_>) {
        let stamp = self.copies.of(id).stamp.next();
        let expiry = self.expiry(self.copies.lifetime.max(REMEMBERED));
        let (flags, bytes) = stamp.ended();
        self.cluster.batch.store(self.keys.record(), Mode::Set, flags, expiry, [&bytes, b"", b"", b""]);
    }
}

fn mode(seen: Seen) -> Mode {
    match seen {
        Seen::Nothing => Mode::Set,
        Seen::Absent => Mode::Add,
        Seen::Version(version) => Mode::Version(version),
    }
}
