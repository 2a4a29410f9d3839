//! The store contract over a collection.

use super::CAPABILITIES;
use super::collection::{Collection, Heard};
use super::document::{self, DATA, EXPIRES_AT, Layout, REFERENCE, Seen};
use super::error::{self, Fault};
use super::locks::{GRACE, Held, Wanted, text};
use crate::backend::pace::{Extent, Pace};
use crate::backend::remote::debts::Debts;
use crate::backend::remote::tokens::Tokens;
use crate::error::{Error, Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Token};
use crate::session::reference::{Assignment, Cursor, Listed, Page, Reference, References, Terms, Told, ended};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use mongodb::bson::{Document, RawDocumentBuf, doc};
use std::time::Duration;

/// The largest session that is stored, in bytes: a document has 16 MB, with the id, the lock and names.
const MAX_RECORD: usize = 16 * 1024 * 1024 - 16 * 1024;
/// An unchanged session up to this size is sent along with the command that keeps it alive, in case
/// it vanished. A larger one costs less when the server is asked first and is sent if it is missing.
const SENT_ALONG: usize = 16 * 1024;
/// How often a record is written that others write for the first time in the same moment.
const WRITES: u32 = 5;
/// Records that one command of gc removes.
const PACE: Pace = Pace::new(200, 20..=1000, Duration::from_millis(10));
/// For records that carry only the time of their last use, until PHP's setting is known.
const LIFETIME: Duration = Duration::from_secs(1440);

/// Sessions in a collection of MongoDB.
pub(crate) struct MongoDb<C> {
    pub(super) collection: C,
    pub(super) endpoint: String,
    layout: Layout,
    pub(super) clock: Clock,
    pub(super) tokens: Tokens,
    /// The last lock that was taken.
    pub(super) held: Option<Held>,
    pub(super) debts: Debts,
    /// The lease of the last lock that was asked for: the most that it is kept for us.
    pub(super) lease: Duration,
    /// How long a record lives that does not say so itself.
    pub(super) lifetime: Duration,
    /// The server removes what expired by itself.
    indexed: bool,
    /// Sessions have references here.
    refers: bool,
    /// How the next write is meant.
    told: Told,
    notice: Option<Error>,
    pace: Pace,
}

impl<C: Collection> MongoDb<C> {
    pub(crate) fn new(collection: C, endpoint: String, layout: Layout, clock: Clock) -> Self {
        Self {
            indexed: collection.removes_expired(),
            refers: false,
            told: Told::default(),
            collection,
            endpoint,
            layout,
            clock,
            tokens: Tokens::new(error::STORE),
            held: None,
            debts: Debts::default(),
            lease: Duration::ZERO,
            lifetime: LIFETIME,
            notice: None,
            pace: PACE,
        }
    }

    /// Does something with the collection.
    pub(super) fn ask<T>(
        &mut self,
        operation: Operation,
        work: impl FnOnce(&mut C) -> std::result::Result<T, Fault>,
    ) -> Result<T> {
        self.ask_or_fault(work).map_err(|fault| fault.told(operation, &self.endpoint))
    }

    /// As [`MongoDb::ask`], for those who look at the reason.
    pub(super) fn ask_or_fault<T>(
        &mut self,
        work: impl FnOnce(&mut C) -> std::result::Result<T, Fault>,
    ) -> std::result::Result<T, Fault> {
        let outcome = work(&mut self.collection);
        if let Some(well) = self.collection.take_heard() {
            self.debts.heard(well, self.lease);
        }
        if let Some(refused) = self.collection.take_unindexed() {
            self.indexed = false;
            self.notice = Some(error::unindexed(&refused, &self.endpoint));
        }
        outcome
    }

    /// Notes a lock whose release failed.
    fn settled<T>(&mut self, id: SessionId<'_>, token: Token, outcome: Result<T>) -> Result<T> {
        outcome.inspect_err(|_| self.debts.owe(id, token, self.lease))
    }

    fn check_size(&self, operation: Operation, data: &[u8]) -> Result<()> {
        if data.len() > MAX_RECORD { Err(error::too_large(operation, &self.endpoint)) } else { Ok(()) }
    }

    /// Extends the lifetime, and reads if there is something to read into. False if there is no record.
    fn extend(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        ttl: Duration,
        reference: Assignment<'_>,
        into: Option<&mut Vec<u8>>,
    ) -> Result<bool> {
        let (now, lifetime) = (self.clock.now_ms(), self.lifetime);
        let stored = document::stored(id.as_str());
        let update = document::assign(doc! { "$set": self.layout.used(now, document::end(now, ttl)) }, reference);
        let fields = if into.is_some() { document::with_data() } else { document::without_data() };
        let alive = document::and_alive(stored.clone(), now);
        let (change, wanted) = (update.clone(), fields.clone());
        let mut there = self.ask(operation, |to| to.find_and_update(alive, change, wanted, false))?;
        if there.is_none() {
            // One that does not say itself when it ends?
            let look = stored.clone();
            let seen = self.ask(operation, |to| to.find(look, document::without_data()))?;
            if seen.is_some_and(|seen| !Seen(&seen).is_expired(now, lifetime)) {
                let not_expired = document::and_not_expired(stored, now);
                there = self.ask(operation, |to| to.find_and_update(not_expired, update, fields, false))?;
            }
        }
        match (there, into) {
            (Some(there), Some(into)) => {
                Seen(&there).data(into).ok_or_else(|| error::unreadable(operation, &self.endpoint))
            }
            (there, _) => Ok(there.is_some()),
        }
    }

    /// Keeps an unchanged session alive, and stores it again where it vanished and may come back: steps
    /// that are carried out in order. With a token it is done under that lock, and releases it.
    fn keep(
        &self,
        id: &str,
        data: &[u8],
        ttl: Duration,
        token: Option<&Token>,
        extended: bool,
        terms: &Terms<'_>,
    ) -> Vec<Document> {
        let now = self.clock.now_ms();
        let ends = document::end(now, ttl);
        let used = doc! { "$set": self.layout.used(now, ends) };
        let base = token.map_or_else(|| document::of(id), |token| document::held(id, text(token)));
        let mut there = document::stored(id);
        there.extend(base.clone());
        if terms.existing {
            let mut steps = vec![doc! { "q": there, "u": document::assign(used, terms.reference) }];
            if token.is_some() {
                steps.push(doc! { "q": base, "u": document::unlocked(Document::new()) });
            }
            return steps;
        }
        let mut vanished = base.clone();
        vanished.insert(DATA, doc! { "$exists": false });
        let again = doc! { "$set": self.layout.record(data, now), "$max": { EXPIRES_AT: document::date(ends) } };
        let again = doc! { "q": vanished, "u": document::assign(again, terms.reference) };
        let rest = match (token, extended) {
            (Some(_), _) => doc! { "q": base, "u": document::assign(document::unlocked(used), terms.reference) },
            (None, false) => {
                let mut kept = document::assign(used, terms.reference);
                kept.insert("$setOnInsert", doc! { DATA: self.layout.data(data) });
                doc! { "q": base, "u": kept, "upsert": true }
            }
            (None, true) => {
                let mut whole = self.layout.record(data, now);
                whole.insert(EXPIRES_AT, document::date(ends));
                let kept = document::assign(doc! { "$setOnInsert": whole }, terms.reference);
                doc! { "q": base, "u": kept, "upsert": true }
            }
        };
        vec![again, rest]
    }

    /// Stores a record that others may store for the first time in the same moment.
    fn make(&mut self, filter: &Document, changes: &Document) -> Result<()> {
        for turn in 1.. {
            let (filter, changes) = (filter.clone(), changes.clone());
            match self.ask_or_fault(|to| to.update(filter, changes, true, Heard::ByMajority)) {
                Ok(_) => break,
                Err(fault) if fault.is_duplicate() && turn < WRITES => {}
                Err(fault) => return Err(fault.told(Operation::Write, &self.endpoint)),
            }
        }
        Ok(())
    }

    /// A write under a lock changed nothing: the session was ended under it, or the lock is lost.
    fn ended_or_lost(&mut self, id: SessionId<'_>, token: &Token, terms: &Terms<'_>) -> Result<Committed> {
        if terms.existing {
            let (ours, free) = (document::held(id.as_str(), text(token)), document::unlocked(Document::new()));
            if self.ask(Operation::Write, |to| to.update(ours, free, false, Heard::ByOne))? {
                return Err(ended(error::STORE, Operation::Write, id));
            }
        }
        Ok(Committed::LeaseLost)
    }
}

impl<C: Collection> Store for MongoDb<C> {
    fn name(&self) -> &'static str {
        error::STORE
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { self_expiring: self.indexed, references: self.collection.lists(), ..CAPABILITIES }
    }

    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    fn keep_references(&mut self) {
        self.refers = true;
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        if self.collection.lists() { Some(self) } else { None }
    }

    fn take_notice(&mut self) -> Option<Error> {
        self.notice.take()
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        let (filter, fields) = (document::of(id.as_str()), document::with_data());
        let found = self.ask(Operation::Read, |to| to.find(filter, fields))?;
        let Some(found) = found else { return Ok(false) };
        let seen = Seen(&found);
        if seen.is_expired(self.clock.now_ms(), self.lifetime) {
            return Ok(false);
        }
        seen.data(into).ok_or_else(|| error::unreadable(Operation::Read, &self.endpoint))
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let told = self.told.take();
        let terms = told.terms();
        self.check_size(Operation::Write, data)?;
        let now = self.clock.now_ms();
        let changes = self.layout.written(data, now, document::end(now, ttl));
        let kept = document::assign(changes.clone(), terms.reference);
        if terms.existing || self.refers && terms.reference == Assignment::Keep {
            let (alive, kept) = (document::and_not_expired(document::stored(id.as_str()), now), kept.clone());
            if self.ask(Operation::Write, |to| to.update(alive, kept, false, Heard::ByMajority))? {
                return Ok(());
            }
            if terms.existing {
                return Err(ended(error::STORE, Operation::Write, id));
            }
            // What is left of another session has nothing to do with this one.
            return self.make(&document::of(id.as_str()), &document::assign(changes, Assignment::Clear));
        }
        self.make(&document::of(id.as_str()), &kept)
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let told = self.told.take();
        self.extend(Operation::Touch, id, ttl, told.terms().reference, None)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        let free = document::and_free(document::of(id.as_str()), self.clock.now_ms());
        let (of, emptied) = (document::of(id.as_str()), doc! { "$unset": document::emptied() });
        self.ask(Operation::Destroy, |to| {
            // A lock that somebody holds stays.
            if !to.delete(free, Heard::ByMajority)? {
                to.update(of, emptied, false, Heard::ByMajority)?;
            }
            Ok(())
        })
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let (filter, fields) = (document::stored(id.as_str()), document::without_data());
        let found = self.ask(Operation::Validate, |to| to.find(filter, fields))?;
        let now = self.clock.now_ms();
        Ok(found.is_some_and(|found| !Seen(&found).is_expired(now, self.lifetime)))
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.collect(max_lifetime, Extent::Brief)
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.collect(max_lifetime, Extent::Whole)
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        let wanted = Wanted { operation: Operation::Lock, missing: true, read: false, extend: None, lock: request };
        self.acquire(id, &wanted, &mut Vec::new()).map(|opened| opened.lock)
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return Ok(());
        }
        let released = self.release(Operation::Unlock, id, &lease.token);
        self.settled(id, lease.token, released)
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        if self.is_inherited() {
            return Ok(false);
        }
        let until = document::end(self.clock.now_ms(), length.saturating_add(GRACE));
        let alone = !self.held.as_ref().is_some_and(|held| held.has_session(&lease.token));
        let (filter, update) = (document::held(id.as_str(), text(&lease.token)), document::renewed(until, alone));
        self.ask(Operation::Lock, |to| to.update(filter, update, false, Heard::ByOne))
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        if let Some(lock) = &request.lock {
            let wanted = Wanted {
                operation: Operation::Read,
                missing: request.lock_missing,
                read: true,
                extend: request.extend,
                lock,
            };
            return self.acquire(id, &wanted, into);
        }
        let found = match request.extend {
            Some(ttl) => self.extend(Operation::Read, id, ttl, Assignment::Keep, Some(into))?,
            None => self.read(id, into)?,
        };
        Ok(Opened { found, lock: LockState::NotTaken })
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        let told = self.told.take();
        let terms = told.terms();
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        if let Err(error) = self.check_size(Operation::Write, data) {
            self.unlock(id, lease)?;
            return Err(error);
        }
        let now = self.clock.now_ms();
        let mut filter = document::held(id.as_str(), text(&lease.token));
        if terms.existing {
            filter.extend(document::stored(id.as_str()));
        }
        let changes = document::unlocked(self.layout.written(data, now, document::end(now, ttl)));
        let changes = document::assign(changes, terms.reference);
        let written = self.ask(Operation::Write, |to| to.update(filter, changes, false, Heard::ByMajority));
        if self.settled(id, lease.token, written)? {
            return Ok(Committed::Done);
        }
        self.ended_or_lost(id, &lease.token, &terms)
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        let told = self.told.take();
        let terms = told.terms();
        if lease.is_some() && self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        let token = lease.as_ref().map(|lease| lease.token);
        if data.len() <= SENT_ALONG || terms.existing {
            let keep = self.keep(id.as_str(), data, ttl, token.as_ref(), extended, &terms);
            let kept = self.ask(Operation::Touch, |to| to.update_in_order(keep, false));
            match token {
                Some(token) if kept.is_ok() => self.debts.sent(id, token),
                Some(token) => self.debts.owe(id, token, self.lease),
                None => {}
            }
            return kept.map(|()| Committed::Done);
        }
        let Some(lease) = lease else {
            let moves = terms.reference != Assignment::Keep;
            let there = if extended && !moves {
                self.exists(id)?
            } else {
                self.extend(Operation::Touch, id, ttl, terms.reference, None)?
            };
            if !there {
                let keep = self.keep(id.as_str(), data, ttl, None, true, &terms);
                self.ask(Operation::Touch, |to| to.update_in_order(keep, true))?;
            }
            return Ok(Committed::Done);
        };
        let now = self.clock.now_ms();
        let mut filter = document::stored(id.as_str());
        filter.extend(document::held(id.as_str(), text(&lease.token)));
        let changes = document::unlocked(doc! { "$set": self.layout.used(now, document::end(now, ttl)) });
        let changes = document::assign(changes, terms.reference);
        let kept = self.ask(Operation::Touch, |to| to.update(filter, changes, false, Heard::ByOne));
        if self.settled(id, lease.token, kept)? {
            return Ok(Committed::Done);
        }
        self.told = told;
        self.write_unlock(id, data, ttl, lease)
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return self.destroy(id);
        }
        let filter = document::held(id.as_str(), text(&lease.token));
        let ended = self.ask(Operation::Destroy, |to| to.delete(filter, Heard::ByMajority));
        if self.settled(id, lease.token, ended)? { Ok(()) } else { self.destroy(id) }
    }
}

impl<C: Collection> References for MongoDb<C> {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        let mut filter = doc! { REFERENCE: document::reference_value(reference), DATA: { "$exists": true } };
        if let Some(Cursor(after)) = from {
            filter.insert("_id", doc! { "$gt": String::from_utf8_lossy(after).into_owned() });
        }
        let listed = self.listed(filter, doc! { EXPIRES_AT: 1 }, "_id", most)?;
        let items: Vec<Listed> = listed
            .iter()
            .filter_map(|found| {
                let expires = Seen(found).expires_at(self.lifetime)? / 1000;
                Some(Listed { id: Seen(found).id()?.to_owned(), expires })
            })
            .collect();
        let last = listed.last().filter(|_| listed.len() >= most).and_then(|found| Seen(found).id());
        let next = last.map(|id| Cursor(id.as_bytes().to_vec()));
        Ok(Page { items, next })
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        let mut filter = doc! { REFERENCE: { "$exists": true }, DATA: { "$exists": true } };
        if let Some(after) = from.and_then(|Cursor(after)| Reference::parse(after, Operation::Read).ok()) {
            filter.insert(REFERENCE, doc! { "$gt": document::reference_value(&after) });
        }
        // Those of one reference follow one another, and the next page begins behind the last of them.
        let listed = self.listed(filter, doc! { REFERENCE: 1 }, REFERENCE, most)?;
        let mut items: Vec<Reference> = listed.iter().filter_map(|found| Seen(found).reference()).collect();
        items.dedup();
        let last = items.last().filter(|_| listed.len() >= most);
        let next = last.map(|reference| Cursor(reference.as_bytes().to_vec()));
        Ok(Page { items, next })
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        let alive = document::and_alive(document::stored(id.as_str()), self.clock.now_ms());
        let found = self.ask(Operation::Read, |to| to.find(alive, doc! { REFERENCE: 1 }))?;
        Ok(found.and_then(|found| Seen(&found).reference()))
    }
}

impl<C: Collection> MongoDb<C> {
    fn collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let now = self.clock.now_ms();
        // With an index the server removes what says itself when it ends.
        let by_expiry = !self.indexed;
        let expired = document::expired(now, max_lifetime, by_expiry);
        self.ask(Operation::Gc, |to| to.update_all(document::undated(), document::dated(now)))?;
        let mut pace = self.pace;
        let removed =
            pace.run(extent, 1, |_, most| self.ask(Operation::Gc, |to| to.delete_some(expired.clone(), most)));
        self.pace = pace;
        removed
    }

    /// Live sessions that fit, in order.
    fn listed(
        &mut self,
        filter: Document,
        fields: Document,
        by: &'static str,
        most: usize,
    ) -> Result<Vec<RawDocumentBuf>> {
        let alive = document::and_alive(filter, self.clock.now_ms());
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.ask(Operation::Read, |to| to.list(alive, fields, by, most))
    }
}
