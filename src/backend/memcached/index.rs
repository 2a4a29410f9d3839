//! Which sessions belong to a reference, and which references there are: items of entries (`entries.rs`), how
//! they grow, and how they are kept in order.

use super::entries;
use super::error;
use super::keys::REGISTERS;
use super::protocol::{Mode, Reply};
use super::references::{AT_ONCE, Own};
use super::store::Memcached;
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::reference::{Cursor, Listed, Page, Reference, References};
use std::collections::BTreeSet;

/// The most that one page has.
const MOST: usize = 1000;
/// References that one gc looks at.
const SWEEP: usize = 20;
/// How often something is tried that only fails when somebody else was faster each time.
pub(super) const ATTEMPTS: usize = 50;
/// An item is looked at after one of so many entries, by chance.
const LOOKED_AT: u64 = 16;
/// An item with so many entries too many is put in order.
const SLACK: usize = 64;

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
    /// Enters a session under a reference, and the reference among all.
    pub(super) fn enter(&mut self, operation: Operation, id: SessionId<'_>, reference: &Reference) -> Result<()> {
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
    pub(super) fn happens(&mut self, times: u64) -> Result<bool> {
        let chance = self.tokens.next()?;
        let digits = chance.as_bytes().get(..8).unwrap_or_default();
        let number = std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
        Ok(number.unwrap_or_default().is_multiple_of(times))
    }

    /// Keeps items from growing with every log-in: removes repetitions, and from an index the sessions that
    /// are gone.
    pub(super) fn tidy_now_and_then(&mut self, operation: Operation, reference: &Reference) -> Result<()> {
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
