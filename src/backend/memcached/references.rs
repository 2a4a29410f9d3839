//! References: what a write says of them. The items that find the sessions of one are in `index.rs`.
//!
//! A session's own reference is an item beside its record, on the same server and with the same
//! lifetime. It says when the session ends, too, which older servers do not tell. The record is stored
//! first and its reference behind it; a destroyed session loses its reference first. So a
//! session that was written by one worker and ended by another is never left without its reference. A
//! record that is created anew, which `replace` and `add` tell, inherits nothing.
//!
//! The index of a reference is an item of ids, the register of all references some items of names
//! (`entries.rs`). Entries are appended, which needs no look and loses to nobody. They are removed by
//! replacing the version that was looked at. A session that comes to a reference is entered before its
//! own reference is set and once more behind that: a listing that came upon the first entry too early and
//! took it for a wrong one has either removed it before the second, or fails to remove it because of
//! the second. A session that already has the reference it is to have needs no entry: an entry is never
//! removed while that reference is there, even if the record is not. Only a server that evicted the
//! index for want of memory has lost it; so once in a while it is entered all the same.

use super::error;
use super::format::Encoded;
use super::index::ATTEMPTS;
use super::locks::{Held, Seen};
use super::protocol::{Mode, Reply};
use super::store::Memcached;
use crate::backend::remote::address::Address;
use crate::error::{Error, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::Token;
use crate::session::reference::{Assignment, Reference, Terms, ended};
use crate::session::store::Committed;
use std::time::Duration;

/// Sessions that are looked at in one exchange: commands and answers must fit in the connection.
pub(super) const AT_ONCE: usize = 50;
/// A session that has the reference it is to have is entered once more at one of so many writes, by chance: the
/// server may have evicted the index.
const ENTERED_AGAIN: u64 = 32;

/// A session's own reference, as it was found.
#[derive(Clone, Debug)]
pub(super) struct Own {
    version: u64,
    pub(super) expires: u64,
    pub(super) reference: Reference,
    /// There is a record, too, where that was looked at.
    pub(super) alive: bool,
}

impl Own {
    fn decode(value: &[u8], version: u64) -> Option<Self> {
        let (expires, name) = value.split_first_chunk()?;
        let reference = Reference::parse(name, Operation::Read).ok()?;
        Some(Self { version, expires: u64::from_be_bytes(*expires), reference, alive: true })
    }
}

fn encode(reference: &Reference, expires: u64) -> Vec<u8> {
    [&expires.to_be_bytes(), reference.as_bytes()].concat()
}

/// What became of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Outcome {
    #[default]
    Done,
    /// There is none.
    Missing,
    /// There is another one than expected.
    Changed,
}

/// A record that was stored or looked for, and its reference.
#[derive(Debug, Default)]
struct Met {
    outcome: Outcome,
    version: u64,
    own: Option<Own>,
}

impl Memcached {
    /// Lets a session's own reference live as long as the session that is extended.
    pub(super) fn extend_own(&mut self, expiry: Option<u64>) {
        if self.kept
            && let Some(expiry) = expiry
        {
            self.cluster.batch.touch(self.keys.own(), expiry);
        }
    }

    /// [`crate::session::store::Store::write`].
    pub(super) fn write_referred(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        terms: &Terms<'_>,
    ) -> Result<()> {
        self.check_size(id, data)?;
        let at = self.aim(Operation::Write, id)?;
        let Some((met, new)) = self.put_whatever(Operation::Write, id, at, data, ttl, terms)? else {
            return Err(self.ended(Operation::Write, id, at));
        };
        if self.holds(id)
            && let Some(held) = &mut self.held
        {
            held.record = if met.version == 0 { Seen::Nothing } else { Seen::Version(met.version) };
        }
        self.belong(Operation::Write, id, terms, new, met.own, ttl, None)
    }

    /// [`crate::session::store::Store::touch`].
    pub(super) fn touch_referred(&mut self, id: SessionId<'_>, ttl: Duration, terms: &Terms<'_>) -> Result<bool> {
        let at = self.aim(Operation::Touch, id)?;
        let met = self.keep(at, ttl, false)?;
        if met.outcome == Outcome::Missing {
            return Ok(false);
        }
        self.belong(Operation::Touch, id, terms, false, met.own, ttl, None)?;
        Ok(true)
    }

    /// [`crate::session::store::Store::write_unlock`].
    pub(super) fn write_referred_as(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        token: &Token,
        terms: &Terms<'_>,
    ) -> Result<Committed> {
        let operation = Operation::Write;
        let at = self.aim(operation, id)?;
        let Some(held) = self.prove(operation, at, token)? else { return Ok(Committed::LeaseLost) };
        let met = match held.record {
            Seen::Nothing => self.put_whatever(operation, id, at, data, ttl, terms)?,
            Seen::Absent if terms.existing => None,
            Seen::Absent => Some((self.put_met(operation, at, Mode::Add, data, ttl)?, true)),
            Seen::Version(version) => {
                let met = self.put_met(operation, at, Mode::Version(version), data, ttl)?;
                if met.outcome == Outcome::Missing && terms.existing { None } else { Some((met, false)) }
            }
        };
        match met {
            None => {
                self.finish(operation, id, Some(held), None)?;
                Err(self.ended(operation, id, at))
            }
            Some((met, new)) if met.outcome == Outcome::Done => {
                self.belong(operation, id, terms, new, met.own, ttl, Some(held)).map(|()| Committed::Done)
            }
            Some(_) => self.finish(operation, id, Some(held), None).map(|()| Committed::LeaseLost),
        }
    }

    /// [`crate::session::store::Store::touch_unlock`].
    pub(super) fn touch_referred_as(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        token: Option<Token>,
        extended: bool,
        terms: &Terms<'_>,
    ) -> Result<Committed> {
        let operation = Operation::Touch;
        let at = self.aim(operation, id)?;
        let held = match token {
            None => None,
            Some(token) => match self.prove(operation, at, &token)? {
                None => return Ok(Committed::LeaseLost),
                held => held,
            },
        };
        let mut met = self.keep(at, ttl, extended)?;
        let mut new = false;
        if met.outcome == Outcome::Missing {
            if terms.existing {
                self.finish(operation, id, held, None)?;
                return Err(self.ended(operation, id, at));
            }
            self.check_size(id, data)?;
            self.cluster.again(at);
            met = self.put_met(operation, at, Mode::Add, data, ttl)?;
            // If somebody was faster, theirs stays.
            new = met.outcome == Outcome::Done;
        }
        self.belong(operation, id, terms, new, met.own, ttl, held).map(|()| Committed::Done)
    }

    fn ended(&mut self, operation: Operation, id: SessionId<'_>, at: usize) -> Error {
        ended(error::STORE, operation, id).at(self.cluster.address(at).to_string())
    }

    /// Stores a record whatever was there, as far as the terms let it: none if the session was ended.
    /// True with a session that was not there.
    fn put_whatever(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        at: usize,
        data: &[u8],
        ttl: Duration,
        terms: &Terms<'_>,
    ) -> Result<Option<(Met, bool)>> {
        if !terms.existing && terms.reference != Assignment::Keep {
            return self.put_met(operation, at, Mode::Set, data, ttl).map(|met| Some((met, false)));
        }
        for _ in 0..ATTEMPTS {
            let met = self.put_met(operation, at, Mode::Replace, data, ttl)?;
            if met.outcome == Outcome::Done {
                return Ok(Some((met, false)));
            }
            if terms.existing {
                return Ok(None);
            }
            self.cluster.again(at);
            let met = self.put_met(operation, at, Mode::Add, data, ttl)?;
            if met.outcome == Outcome::Done {
                return Ok(Some((met, true)));
            }
            self.aim(operation, id)?;
        }
        Err(error::FAILURES.unexpected(operation, self.cluster.address(at)))
    }

    /// Stores a record on a condition, and looks at its reference behind that.
    fn put_met(&mut self, operation: Operation, at: usize, mode: Mode, data: &[u8], ttl: Duration) -> Result<Met> {
        let expiry = self.expiry(ttl);
        let Encoded { flags, parts } = self.format.encode(data);
        let body = self.cluster.batch.store(self.keys.record(), mode, flags, expiry, parts);
        self.cluster.batch.get(self.keys.own(), Some(expiry));
        let met = self
            .cluster
            .ask(operation, at, body, |met, index, reply, from| meet(operation, mode, met, index, reply, from))?;
        self.hear(at);
        Ok(met)
    }

    /// Looks whether there is a record, keeps it alive unless that was done, and the same with its reference.
    fn keep(&mut self, at: usize, ttl: Duration, extended: bool) -> Result<Met> {
        let expiry = self.expiry(ttl);
        self.touch_or_look(ttl, extended);
        self.cluster.batch.get(self.keys.own(), Some(expiry));
        let operation = Operation::Touch;
        let met = self.cluster.ask(operation, at, b"", |met, index, reply, from| {
            meet(operation, Mode::Replace, met, index, reply, from)
        })?;
        self.hear(at);
        Ok(met)
    }

    /// Gives a record that was stored or kept alive the reference that it is to have, and releases the lock.
    #[expect(clippy::too_many_arguments, reason = "each says another thing about one write")]
    fn belong(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        terms: &Terms<'_>,
        new: bool,
        own: Option<Own>,
        ttl: Duration,
        held: Option<Held>,
    ) -> Result<()> {
        let wanted = match terms.reference {
            Assignment::Set(reference) => Some(reference.clone()),
            Assignment::Keep if !new => own.as_ref().map(|own| own.reference.clone()),
            Assignment::Keep | Assignment::Clear => None,
        };
        let expires = self.clock.now().saturating_add(ttl.as_secs());
        let mut refreshed = None;
        match (wanted, own) {
            (None, None) => {}
            (None, Some(own)) => {
                let at = self.aim(operation, id)?;
                // One that is left over is removed as it was seen: another request may have set its own.
                let version = (terms.reference == Assignment::Keep && own.version != 0).then_some(own.version);
                self.cluster.batch.delete(self.keys.own(), version);
                self.gone(operation, at)?;
            }
            (Some(wanted), Some(own)) if own.reference == wanted => {
                if own.expires != expires && own.version != 0 {
                    refreshed = Some((own.version, encode(&wanted, expires)));
                }
                if self.happens(ENTERED_AGAIN)? {
                    self.enter(operation, id, &wanted)?;
                }
            }
            (Some(wanted), _) => {
                self.enter(operation, id, &wanted)?;
                let at = self.aim(operation, id)?;
                let (value, expiry) = (encode(&wanted, expires), self.expiry(ttl));
                self.cluster.batch.store(self.keys.own(), Mode::Set, 0, expiry, [b"", b"", &value, b""]);
                self.expect_done(operation, at)?;
                self.enter(operation, id, &wanted)?;
                self.tidy_now_and_then(operation, &wanted)?;
            }
        }
        self.finish(operation, id, held, refreshed.map(|(version, value)| (version, value, ttl)))
    }

    /// Sends what nobody waits for: the later end of a session that stays with its reference, and the lock's
    /// release.
    fn finish(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        held: Option<Held>,
        refreshed: Option<(u64, Vec<u8>, Duration)>,
    ) -> Result<()> {
        if held.is_none() && refreshed.is_none() {
            return Ok(());
        }
        let at = self.aim(operation, id)?;
        if let Some((version, value, ttl)) = &refreshed {
            let expiry = self.expiry(*ttl);
            self.cluster.batch.store(self.keys.own(), Mode::Version(*version), 0, expiry, [b"", b"", value, b""]);
        }
        let token = held.as_ref().map(|held| held.token);
        if let Some(held) = held {
            self.cluster.batch.delete(self.keys.lock(), Some(held.version));
        }
        self.release(operation, id, at, token)
    }

    fn expect_done(&mut self, operation: Operation, at: usize) -> Result<()> {
        self.cluster.ask(operation, at, b"", |_: &mut (), _, reply, address| match reply {
            Reply::Done { .. } => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        })?;
        self.hear(at);
        Ok(())
    }

    /// The references of sessions, of those that are gone as well if they are still there.
    pub(super) fn owns(&mut self, operation: Operation, ids: &[Vec<u8>]) -> Result<Vec<Option<Own>>> {
        let mut owns = vec![None; ids.len()];
        for at in 0..self.cluster.addresses().count() {
            let here: Vec<usize> =
                ids.iter().enumerate().filter(|(_, id)| self.cluster.home(id) == at).map(|(place, _)| place).collect();
            for places in here.chunks(AT_ONCE) {
                self.cluster.aim(operation, at)?;
                let mut asked = Vec::new();
                for place in places {
                    let id = ids.get(*place).and_then(|id| SessionId::parse(id, operation).ok());
                    let Some(id) = id.filter(|id| self.keys.accepts(*id)) else { continue };
                    self.keys.aim(id);
                    self.cluster.batch.version(self.keys.record());
                    self.cluster.batch.get(self.keys.own(), None);
                    asked.push(*place);
                }
                if asked.is_empty() {
                    continue;
                }
                let told = self.cluster.ask(operation, at, b"", |told: &mut Told, index, reply, address| {
                    match reply {
                        Reply::Done { .. } | Reply::Missing | Reply::Value { .. } if index % 2 == 0 => {
                            told.alive = !matches!(reply, Reply::Missing);
                        }
                        Reply::Value { data, version, .. } => {
                            let own = Own::decode(data, version).map(|own| Own { alive: told.alive, ..own });
                            told.owns.extend(own.map(|own| (index as usize / 2, own)));
                        }
                        Reply::Missing => {}
                        _ => return Err(error::FAILURES.unexpected(operation, address)),
                    }
                    Ok(())
                })?;
                self.hear(at);
                for (index, own) in told.owns {
                    if let Some(slot) = asked.get(index).and_then(|place| owns.get_mut(*place)) {
                        *slot = Some(own);
                    }
                }
            }
        }
        Ok(owns)
    }

    /// Which of these sessions have a reference already.
    pub(super) fn are_referred(&mut self, operation: Operation, ids: &[Vec<u8>]) -> Result<Vec<bool>> {
        let owns = self.owns(operation, ids)?;
        Ok(owns.into_iter().map(|own| own.is_some_and(|own| own.alive)).collect())
    }
}

/// Takes in what is said of a record, and then of its reference.
fn meet(
    operation: Operation,
    mode: Mode,
    met: &mut Met,
    index: u32,
    reply: Reply<'_>,
    address: &Address,
) -> Result<()> {
    match (index, reply) {
        (0, Reply::Done { version } | Reply::Value { version, .. }) => met.version = version,
        (0, Reply::NotStored) if mode == Mode::Add => met.outcome = Outcome::Changed,
        (0, Reply::Missing | Reply::NotStored) => met.outcome = Outcome::Missing,
        (0, Reply::Changed) => met.outcome = Outcome::Changed,
        (1, Reply::Value { data, version, .. }) => met.own = Own::decode(data, version),
        (1, Reply::Missing) => {}
        _ => return Err(error::FAILURES.unexpected(operation, address)),
    }
    Ok(())
}

/// What sessions that were looked at have said.
#[derive(Default)]
struct Told {
    /// The record that was told of last is there.
    alive: bool,
    owns: Vec<(usize, Own)>,
}
