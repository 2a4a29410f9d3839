//! Taking a session's lock, and telling whether it is still ours.
//!
//! A lock is an item that only who finds none can add. It holds the owner's token and who that is,
//! and it has a version, which memcached gives every item: a release deletes that version and no other.
//!
//! Memcached wakes nobody, so that who waits asks again: after a short pause first, then after longer
//! ones, of a length that differs by chance, so that those who wait do not meet. There is no queue.
//!
//! A lock can vanish before its lease is over: evicted for want of memory, or with the server. So a
//! write does not trust it: it replaces the version of the record that was read under the lock. If
//! another request wrote since, that fails.

use super::copies::Item;
use super::error;
use super::protocol::{Dialect, Mode, Reply};
use super::store::Memcached;
use crate::backend::fork;
use crate::backend::remote::pauses::Pauses;
use crate::error::{Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal, Token};
use crate::session::store::{Opened, Store};
use std::time::{Duration, Instant};

/// The longest wait; longer ones are cut to it.
const FOR_EVER: Duration = Duration::from_secs(7 * 86_400);
/// What a holder may be called.
const LONGEST_HOLDER: usize = 512;

/// What is to be had with the lock.
pub(super) struct Wanted<'a> {
    /// What failures are called.
    pub(super) operation: Operation,
    pub(super) lock: &'a LockRequest<'a>,
    /// Take it though there is no record.
    pub(super) missing: bool,
    /// Read, and extend the lifetime to this.
    pub(super) read: Option<Option<Duration>>,
}

/// The record as it was when it was last read under the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was not read: whatever is there is replaced.
    Nothing,
    /// There was none.
    Absent,
    Version(u64),
}

/// What is known here of a lock.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) token: Token,
    /// The lock's version.
    pub(super) version: u64,
    pub(super) record: Seen,
    pub(super) until: Instant,
    generation: u64,
    pub(super) server: usize,
    epoch: u64,
}

/// What came of asking for the lock.
#[derive(Default)]
struct Answer {
    added: bool,
    /// The lock's version; 0 if it was not told.
    version: u64,
    /// Who has it, with which version.
    owner: Option<(Vec<u8>, u64)>,
    /// The record was asked for, under the lock: what there is of it.
    record: Option<Option<Item>>,
    /// Whether there is one, on whichever server.
    found: bool,
}

impl Memcached {
    pub(super) fn acquire(&mut self, id: SessionId<'_>, wanted: &Wanted<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        let token = self.tokens.next()?;
        self.lease = wanted.lock.lease;
        self.pay(wanted.operation);
        let outcome = self.acquire_as(token, id, wanted, into);
        if let Err(error) = &outcome {
            // It may be ours, or become ours when the server goes on.
            let away = matches!(error.kind(), Kind::Unavailable | Kind::Timeout);
            if away || self.free(wanted.operation, id, &token).is_err() {
                self.debts.owe(id, token, wanted.lock.lease);
            }
        }
        outcome
    }

    fn acquire_as(
        &mut self,
        token: Token,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        let started = Instant::now();
        let limit = wanted.lock.wait.min(FOR_EVER);
        let mut pauses = Pauses::new();
        let mut paid = false;
        let mut at = self.aim(wanted.operation, id)?;
        let mut answer = self.try_lock(id, at, token, wanted, true, into)?;
        loop {
            if answer.added || answer.owner.as_ref().is_some_and(|(value, _)| value.starts_with(token.as_bytes())) {
                return self.take(id, at, token, wanted, &answer, into);
            }
            into.clear();
            let waited = started.elapsed();
            if !paid && !self.debts.is_empty() {
                // The last release of ours is known only now not to have arrived: the holder would be us.
                paid = true;
                self.pay(wanted.operation);
            } else if let Some((value, _)) = &answer.owner {
                if waited >= limit {
                    let refusal = Refusal { holder: holder_text(value), ..Refusal::default() };
                    return Ok(Opened { found: false, lock: LockState::Busy(refusal) });
                }
                std::thread::sleep(pauses.next(&token, waited).min(limit.saturating_sub(waited)));
            } else if waited >= limit + self.cluster.settings.read_timeout {
                return Ok(Opened { found: false, lock: LockState::Busy(Refusal::default()) });
            }
            // The first refusal does not say whose the lock is: that is asked at once.
            at = self.aim(wanted.operation, id)?;
            answer = self.try_lock(id, at, token, wanted, false, into)?;
        }
    }

    /// One try. The first reads the record along; the others, which will mostly be refused, ask who
    /// has the lock instead.
    fn try_lock(
        &mut self,
        id: SessionId<'_>,
        at: usize,
        token: Token,
        wanted: &Wanted<'_>,
        first: bool,
        into: &mut Vec<u8>,
    ) -> Result<Answer> {
        let operation = wanted.operation;
        let reads = first && wanted.read.is_some();
        let expiry = self.expiry(wanted.lock.lease);
        let extend = wanted.read.flatten().map(|ttl| self.expiry(ttl));
        let holder = wanted.lock.holder.as_bytes();
        let holder = holder.get(..LONGEST_HOLDER).unwrap_or(holder);
        let batch = &mut self.cluster.batch;
        // The older commands do not tell the version of what was stored.
        let asks_owner = !first || batch.dialect() == Dialect::Text;
        let keys = &self.keys;
        batch.store(keys.lock(), Mode::Add, 0, expiry, [token.as_bytes(), b" ", holder, b""]);
        if asks_owner {
            batch.get(keys.lock(), None);
        }
        if reads {
            self.ask_for_record(extend);
            self.extend_own(extend);
        }
        let record_at = 1 + u32::from(asks_owner);
        let format = &self.format;
        let answer = self.cluster.ask(operation, at, b"", |answer: &mut Answer, index, reply, address| {
            match (index, reply) {
                (0, Reply::Done { version }) => (answer.added, answer.version) = (true, version),
                (0, Reply::NotStored) => into.clear(),
                (1, Reply::Value { data, version, .. }) if asks_owner => {
                    answer.owner = Some((data.to_vec(), version));
                }
                (1, Reply::Missing) if asks_owner => {}
                (index, Reply::Value { data, flags, version, .. }) if index == record_at => {
                    if answer.added {
                        into.clear();
                        let item = Item::of(data, flags, version);
                        answer.record = Some(Some(item));
                        if item.ended {
                            return Ok(());
                        }
                        let decoded = format.decode(data, flags, into);
                        return decoded.map_err(|reason| error::unreadable(operation, address, reason));
                    }
                }
                (index, Reply::Missing) if index == record_at => answer.record = answer.added.then_some(None),
                (index, Reply::Done { .. } | Reply::Missing) if index > record_at => {}
                _ => return Err(error::FAILURES.unexpected(operation, address)),
            }
            Ok(())
        });
        self.hear(at);
        let mut answer = answer?;
        if let Some(record) = answer.record {
            answer.found = self.compare_copies(operation, id, at, record, into)?;
        }
        Ok(answer)
    }

    /// The lock is ours: notes it and sees to the record.
    fn take(
        &mut self,
        id: SessionId<'_>,
        at: usize,
        token: Token,
        wanted: &Wanted<'_>,
        answer: &Answer,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        let owner = answer.owner.as_ref().filter(|(value, _)| value.starts_with(token.as_bytes()));
        let version = owner.map_or(answer.version, |(_, version)| *version);
        if version == 0 {
            return Err(error::without_versions(wanted.operation, self.cluster.address(at)));
        }
        self.note_held(id, at, token, version, wanted.lock.lease);
        let lease = Lease { token, guard: None };
        let found = match (wanted.read, answer.record) {
            (None, _) => {
                self.copies.forget();
                false
            }
            (Some(_), Some(record)) => {
                self.note_seen(record.map(|item| item.version));
                answer.found
            }
            (Some(extend), None) => match self.load(wanted.operation, id, extend, into) {
                Ok(found) => found,
                Err(error) => {
                    // The failure to read is the one worth telling.
                    let _ = self.unlock(id, lease);
                    return Err(error);
                }
            },
        };
        if wanted.read.is_some() && !found && !wanted.missing {
            // An id that nobody stored must not leave a lock behind.
            self.unlock(id, lease)?;
            return Ok(Opened { found: false, lock: LockState::NotTaken });
        }
        Ok(Opened { found, lock: LockState::Held(lease) })
    }

    /// Notes a lock that was just taken: by our own clock it holds from before it was asked for.
    fn note_held(&mut self, id: SessionId<'_>, server: usize, token: Token, version: u64, lease: Duration) {
        let asked = self.cluster.now();
        let until = asked.checked_add(lease).unwrap_or(asked);
        let epoch = self.cluster.server(server).epoch();
        let generation = fork::generation();
        self.held_id.clear();
        self.held_id.push_str(id.as_str());
        self.held = Some(Held { token, version, record: Seen::Nothing, until, generation, server, epoch });
    }

    /// Notes the record's version, if it was read under a lock.
    pub(super) fn note_seen(&mut self, version: Option<u64>) {
        if let Some(held) = &mut self.held {
            held.record = version.map_or(Seen::Absent, Seen::Version);
        }
    }

    /// Whether a child of a fork got the lease from its parent. It is the parent's to release.
    pub(super) fn is_inherited(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.generation != fork::generation())
    }

    /// Takes what is known of a lock, if it can be relied upon: its lease is running by our own clock,
    /// and the server is the same that gave it, over the same connection.
    pub(super) fn take_sure(&mut self, at: usize, token: &Token) -> Option<Held> {
        let epoch = self.cluster.server(at).epoch();
        let now = self.cluster.now();
        self.held.take_if(|held| held.token == *token && held.until > now && held.server == at && held.epoch == epoch)
    }

    /// Asks the server whether the lock is still ours. What was seen of the record before stays what
    /// counts; if it was not read, what is there now does.
    pub(super) fn verify(&mut self, operation: Operation, at: usize, token: &Token) -> Result<Option<Held>> {
        let before = self.held.take_if(|held| held.token == *token).map(|held| held.record);
        self.cluster.batch.get(self.keys.lock(), None);
        self.cluster.batch.version(self.keys.record());
        let told =
            self.cluster.ask(operation, at, b"", |told: &mut (Option<u64>, Option<u64>), index, reply, address| {
                match (index, reply) {
                    (0, Reply::Value { data, version, .. }) => {
                        told.0 = data.starts_with(token.as_bytes()).then_some(version);
                    }
                    (1, Reply::Value { version, .. } | Reply::Done { version }) => told.1 = Some(version),
                    (_, Reply::Missing) => {}
                    _ => return Err(error::FAILURES.unexpected(operation, address)),
                }
                Ok(())
            })?;
        self.hear(at);
        let (Some(version), record) = told else { return Ok(None) };
        let record = match before.filter(|seen| *seen != Seen::Nothing) {
            Some(seen) => seen,
            None => record.map_or(Seen::Absent, Seen::Version),
        };
        let now = self.cluster.now();
        let epoch = self.cluster.server(at).epoch();
        Ok(Some(Held { token: *token, version, record, until: now, generation: fork::generation(), server: at, epoch }))
    }

    /// To be called when an answer was waited for: those of earlier releases, which nobody waited for,
    /// came before it.
    pub(super) fn hear(&mut self, at: usize) {
        let well = !self.cluster.server(at).take_unheard();
        if self.told_to == Some(at) {
            self.debts.heard(well, self.lease);
        }
    }

    /// Gives back the locks whose releases failed, as far as that goes.
    fn pay(&mut self, operation: Operation) {
        while let Some(debt) = self.debts.next() {
            let Ok(id) = SessionId::parse(&debt.id, operation) else { continue };
            if self.free(operation, id, &debt.token).is_err() {
                self.debts.keep(debt);
                return;
            }
        }
    }

    /// Releases a lock of which no more than the owner's token is known.
    pub(super) fn free(&mut self, operation: Operation, id: SessionId<'_>, token: &Token) -> Result<()> {
        let at = self.aim(operation, id)?;
        let Some(held) = self.verify(operation, at, token)? else { return Ok(()) };
        self.cluster.again(at);
        self.cluster.batch.delete(self.keys.lock(), Some(held.version));
        self.gone(operation, at)
    }
}

/// The holder's own words in a lock's value.
fn holder_text(value: &[u8]) -> Option<String> {
    match value.split_at_checked(32) {
        Some((token, text)) if token.iter().all(u8::is_ascii_hexdigit) => {
            let text = text.strip_prefix(b" ").filter(|text| !text.is_empty())?;
            Some(String::from_utf8_lossy(text).into_owned())
        }
        _ => Some("a client that is not Seshat".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_ours_is_told_from_a_stranger_s() {
        let token = "0123456789abcdef0123456789abcdef";
        assert_eq!(holder_text(format!("{token} pid 1 GET /").as_bytes()).as_deref(), Some("pid 1 GET /"));
        assert_eq!(holder_text(format!("{token} ").as_bytes()), None);
        assert_eq!(holder_text(b"1").as_deref(), Some("a client that is not Seshat"));
    }
}
