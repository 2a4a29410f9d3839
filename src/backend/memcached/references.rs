//! References: what a write says of them, and the items that find the sessions of one.
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

use super::entries;
use super::error;
use super::format::Encoded;
use super::keys::REGISTERS;
use super::locks::{Held, Seen};
use super::protocol::{Mode, Reply};
use super::store::Memcached;
use crate::backend::remote::address::Address;
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::Token;
use crate::session::reference::{Assignment, Cursor, Listed, Page, Reference, References, Terms, ended};
use crate::session::store::Committed;
use std::collections::BTreeSet;
use std::time::Duration;

/// The most that one page has.
const MOST: usize = 1000;
/// Sessions that are looked at in one exchange: commands and answers must fit in the connection.
const AT_ONCE: usize = 50;
/// References that one gc looks at.
const SWEEP: usize = 20;
/// How often something is tried that only fails when somebody else was faster each time.
const ATTEMPTS: usize = 50;
/// An item is looked at after one of so many entries, by chance.
const LOOKED_AT: u64 = 16;
/// A session that has the reference it is to have is entered once more at one of so many writes, by chance: the
/// server may have evicted the index.
const ENTERED_AGAIN: u64 = 32;
/// An item with so many entries too many is put in order.
const SLACK: usize = 64;

/// A session's own reference, as it was found.
#[derive(Clone, Debug)]
struct Own {
    version: u64,
    expires: u64,
    reference: Reference,
    /// There is a record, too, where that was looked at.
    alive: bool,
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

/// An item of entries.
#[derive(Debug, Default)]
struct Set {
    entries: BTreeSet<Vec<u8>>,
    /// With repetitions.
    count: usize,
    /// How many there were when it was last put in order.
    ordered: usize,
    version: u64,
}

impl Set {
    fn is_untidy(&self) -> bool {
        self.count > self.ordered.max(self.entries.len() / 2) * 2 + SLACK
    }
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

    /// Enters a session under a reference, and the reference among all.
    fn enter(&mut self, operation: Operation, id: SessionId<'_>, reference: &Reference) -> Result<()> {
        let register = (self.keys.register_of(reference), entries::encode(reference.as_bytes()));
        let index = (self.keys.index(reference), entries::encode(id.as_bytes()));
        let (one, other) = (self.cluster.home(&register.0), self.cluster.home(&index.0));
        if one == other {
            return self.append(operation, one, &[register, index]);
        }
        self.append(operation, one, &[register])?;
        self.append(operation, other, &[index])
    }

    /// Appends entries to items of one server, which are created if they are missing.
    fn append(&mut self, operation: Operation, at: usize, entries: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        for _ in 0..ATTEMPTS {
            self.cluster.aim(operation, at)?;
            for (key, entry) in entries {
                self.cluster.batch.store(key, Mode::Append, 0, 0, [b"", b"", entry, b""]);
                self.cluster.batch.store(key, Mode::Add, 0, 0, [b"", b"", entry, b""]);
            }
            let done = self.cluster.ask(operation, at, b"", |done: &mut u32, index, reply, address| match reply {
                Reply::Done { .. } => {
                    *done |= 1 << (index / 2);
                    Ok(())
                }
                Reply::NotStored | Reply::Missing | Reply::Changed => Ok(()),
                _ => Err(error::FAILURES.unexpected(operation, address)),
            });
            self.hear(at);
            if done.map_err(too_many)?.count_ones() as usize == entries.len() {
                return Ok(());
            }
        }
        Err(error::FAILURES.unexpected(operation, self.cluster.address(at)))
    }

    /// An item of entries.
    fn set(&mut self, key: &[u8]) -> Result<Option<Set>> {
        let at = self.cluster.home(key);
        self.cluster.aim(Operation::Read, at)?;
        self.cluster.batch.get(key, None);
        let set =
            self.cluster.ask(Operation::Read, at, b"", |set: &mut Option<Set>, _, reply, address| match reply {
                Reply::Value { data, flags, version, .. } => {
                    let (entries, count) = entries::decode(data);
                    *set = Some(Set { entries, count, ordered: usize::try_from(flags).unwrap_or(usize::MAX), version });
                    Ok(())
                }
                Reply::Missing => Ok(()),
                _ => Err(error::FAILURES.unexpected(Operation::Read, address)),
            })?;
        self.hear(at);
        Ok(set)
    }

    /// Puts entries in the place of an item that was looked at. Where somebody has changed it since, it stays.
    fn put_in_order(&mut self, key: &[u8], seen: &Set, entries: &BTreeSet<Vec<u8>>) -> Result<()> {
        if seen.version == 0 {
            return Ok(());
        }
        let operation = Operation::Destroy;
        let at = self.cluster.home(key);
        let value = entries::join(entries);
        self.cluster.aim(operation, at)?;
        let mut body = b"".as_slice();
        if entries.is_empty() {
            self.cluster.batch.delete(key, Some(seen.version));
        } else {
            let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
            let parts = [b"".as_slice(), b"", &value, b""];
            body = self.cluster.batch.store(key, Mode::Version(seen.version), count, 0, parts);
        }
        self.cluster.ask(operation, at, body, |_: &mut (), _, reply, address| match reply {
            Reply::Done { .. } | Reply::Missing | Reply::NotStored | Reply::Changed => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        })?;
        self.hear(at);
        Ok(())
    }

    /// What happens once in so many times, by chance.
    fn happens(&mut self, times: u64) -> Result<bool> {
        let chance = self.tokens.next()?;
        let digits = chance.as_bytes().get(..8).unwrap_or_default();
        let number = std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
        Ok(number.unwrap_or_default().is_multiple_of(times))
    }

    /// Keeps items from growing with every log-in: removes repetitions, and from an index the sessions that
    /// are gone.
    fn tidy_now_and_then(&mut self, operation: Operation, reference: &Reference) -> Result<()> {
        if !self.happens(LOOKED_AT)? {
            return Ok(());
        }
        let key = self.keys.index(reference);
        if let Some(set) = self.set(&key)?.filter(Set::is_untidy) {
            let ids: Vec<Vec<u8>> = set.entries.iter().cloned().collect();
            let owns = self.owns(operation, &ids)?;
            let is_theirs = |own: &Option<Own>| own.as_ref().is_some_and(|own| own.reference == *reference);
            let kept = ids.into_iter().zip(&owns).filter(|(_, own)| is_theirs(own)).map(|(id, _)| id).collect();
            self.put_in_order(&key, &set, &kept)?;
        }
        let key = self.keys.register_of(reference);
        if let Some(set) = self.set(&key)?.filter(Set::is_untidy) {
            self.put_in_order(&key, &set, &set.entries)?;
        }
        Ok(())
    }

    /// The references of sessions, of those that are gone as well if they are still there.
    fn owns(&mut self, operation: Operation, ids: &[Vec<u8>]) -> Result<Vec<Option<Own>>> {
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

    /// Some of the sessions of a reference.
    fn page_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        let key = self.keys.index(reference);
        let Some(mut set) = self.set(&key)? else { return Ok(Page { items: Vec::new(), next: None }) };
        let last = from.map(|cursor| cursor.0.as_slice()).unwrap_or_default();
        let mut rest = set.entries.iter().filter(|id| id.as_slice() > last).cloned();
        let ids: Vec<Vec<u8>> = rest.by_ref().take(most.clamp(1, MOST)).collect();
        let next = rest.next().and_then(|_| ids.last().cloned()).map(Cursor);
        let mut items = Vec::new();
        let mut wrong = false;
        for (id, own) in ids.iter().zip(self.owns(Operation::Read, &ids)?) {
            match (String::from_utf8(id.clone()), own.filter(|own| own.reference == *reference)) {
                (Ok(id), Some(own)) if own.alive => items.push(Listed { id, expires: own.expires }),
                (_, Some(_)) => {}
                _ => wrong |= set.entries.remove(id),
            }
        }
        if wrong || set.is_untidy() {
            let kept = std::mem::take(&mut set.entries);
            self.put_in_order(&key, &set, &kept)?;
        }
        Ok(Page { items, next })
    }

    /// Which of these sessions have a reference already.
    pub(super) fn are_referred(&mut self, operation: Operation, ids: &[Vec<u8>]) -> Result<Vec<bool>> {
        let owns = self.owns(operation, ids)?;
        Ok(owns.into_iter().map(|own| own.is_some_and(|own| own.alive)).collect())
    }

    /// Whether a reference has sessions. None if it has no index.
    fn has_sessions(&mut self, reference: &Reference) -> Result<Option<bool>> {
        let mut from = None;
        loop {
            let page = self.page_of(reference, from.as_ref(), AT_ONCE)?;
            from = page.next;
            if !page.items.is_empty() {
                return Ok(Some(true));
            }
            if from.is_none() {
                return Ok(self.set(&self.keys.index(reference))?.map(|_| false));
            }
        }
    }

    /// Looks at some references, and goes on there the next time, if there are more: those without sessions
    /// leave the index.
    pub(super) fn sweep(&mut self) -> Result<bool> {
        let from = self.swept.take();
        self.swept = self.all(from.as_ref(), SWEEP)?.next;
        Ok(self.swept.is_some())
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

/// The refusal of an entry that an item has no room for.
fn too_many(error: Error) -> Error {
    if error.kind() != Kind::TooLarge {
        return error;
    }
    let reason = "the reference has more sessions than the server stores in one item (about 30000 in 1 MB), so that \
                  this one was stored without it; start the server with a larger -I, as in memcached -I 8m";
    Error::new(Kind::TooLarge, error::STORE, Operation::Write, reason)
}

impl References for Memcached {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        if from.is_none() {
            self.take_over()?;
        }
        self.page_of(reference, from, most)
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        if from.is_none() {
            self.take_over()?;
        }
        // A cursor is the number of a register and the last reference there.
        let (first, mut last) = from
            .and_then(|cursor| cursor.0.split_first())
            .map_or((0, Vec::new()), |(number, last)| (*number, last.to_vec()));
        let (most, mut looked, mut items) = (most.clamp(1, MOST), 0, Vec::new());
        for number in first..REGISTERS {
            let key = self.keys.register(number);
            let Some(mut set) = self.set(&key)? else {
                last.clear();
                continue;
            };
            let names: Vec<Vec<u8>> =
                set.entries.iter().filter(|name| **name > last).take(most - looked).cloned().collect();
            let mut wrong = false;
            for name in &names {
                let reference = Reference::parse(name, Operation::Read)?;
                match self.has_sessions(&reference)? {
                    Some(true) => items.push(reference),
                    Some(false) => {}
                    None => wrong |= set.entries.remove(name),
                }
            }
            if wrong || set.is_untidy() {
                let kept = std::mem::take(&mut set.entries);
                self.put_in_order(&key, &set, &kept)?;
            }
            looked += names.len();
            if looked >= most {
                let last = names.last().unwrap_or(&last);
                return Ok(Page { items, next: Some(Cursor([&[number], last.as_slice()].concat())) });
            }
            last.clear();
        }
        Ok(Page { items, next: None })
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        let own = self.owns(Operation::Read, &[id.as_bytes().to_vec()])?.pop().flatten();
        Ok(own.filter(|own| own.alive).map(|own| own.reference))
    }
}
