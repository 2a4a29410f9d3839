//! The store contract over a collection.

use super::CAPABILITIES;
use super::document::{self, DATA, EXPIRES_AT, LOCK, Layout, Seen};
use super::driver::{Collections, Driver};
use super::error::{self, Fault};
use super::locks::{Held, Wanted, text};
use crate::backend::remote::debts::Debts;
use crate::backend::remote::tokens::Tokens;
use crate::error::{Error, Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Token};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReturnDocument;
use std::future::Future;
use std::time::Duration;

/// The largest session that is stored, in bytes: a document has 16 MB, with the id, the lock and names.
const MAX_RECORD: usize = 16 * 1024 * 1024 - 16 * 1024;
/// An unchanged session up to this size is sent along with the command that keeps it alive, in case
/// it vanished. A larger one costs less when the server is asked first and is sent if it is missing.
const SENT_ALONG: usize = 16 * 1024;
/// Records that gc removes with one command, and how many of these commands one call sends.
const GC_BATCH: i64 = 1000;
const GC_BATCHES: u32 = 10;
/// How often a record is written that others write for the first time in the same moment.
const WRITES: u32 = 5;
/// For records that carry only the time of their last use, until PHP's setting is known.
const LIFETIME: Duration = Duration::from_secs(1440);

/// Sessions in a collection of MongoDB.
pub struct MongoDb {
    pub(super) driver: Driver,
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
    notice: Option<Error>,
}

impl MongoDb {
    pub(super) fn new(driver: Driver, endpoint: String, layout: Layout, clock: Clock) -> Self {
        Self {
            indexed: driver.settings().indexes.iter().any(|index| index.expires),
            driver,
            endpoint,
            layout,
            clock,
            tokens: Tokens::new(error::STORE),
            held: None,
            debts: Debts::default(),
            lease: Duration::ZERO,
            lifetime: LIFETIME,
            notice: None,
        }
    }

    /// Does something and waits for it.
    pub(super) fn ask<T, F>(&mut self, operation: Operation, work: impl FnOnce(Collections) -> F) -> Result<T>
    where
        F: Future<Output = mongodb::error::Result<T>>,
    {
        self.ask_or_fault(work).map_err(|fault| fault.told(operation, &self.endpoint))
    }

    /// As [`MongoDb::ask`], for those who look at the reason.
    pub(super) fn ask_or_fault<T, F>(&mut self, work: impl FnOnce(Collections) -> F) -> std::result::Result<T, Fault>
    where
        F: Future<Output = mongodb::error::Result<T>>,
    {
        let outcome = self.driver.ask(work);
        if let Some(well) = self.driver.take_heard() {
            self.debts.heard(well, self.lease);
        }
        if let Some(refused) = self.driver.take_unindexed() {
            self.indexed = false;
            self.notice = Some(error::unindexed(&refused, &self.endpoint));
        }
        outcome
    }

    /// Ends a session without waiting for the answer, and releases its lock if there is one.
    fn tell(&mut self, id: SessionId<'_>, token: Option<Token>, command: Document) -> Result<()> {
        let told = self.driver.tell(|to| send(to, command));
        let outcome = told.map_err(|fault| fault.told(Operation::Touch, &self.endpoint));
        if let Some(token) = token {
            match &outcome {
                Ok(()) => self.debts.sent(id, token),
                Err(_) => self.debts.owe(id, token, self.lease),
            }
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
        into: Option<&mut Vec<u8>>,
    ) -> Result<bool> {
        let (now, lifetime) = (self.clock.now_ms(), self.lifetime);
        let stored = document::stored(id.as_str());
        let update = doc! { "$set": self.layout.used(now, document::end(now, ttl)) };
        let fields = if into.is_some() { document::with_data() } else { document::without_data() };
        let there = self.ask(operation, |to| async move {
            let extended = |filter| {
                let asked = to.quick.find_one_and_update(filter, update.clone());
                asked.return_document(ReturnDocument::After).projection(fields.clone())
            };
            let there = extended(document::and_alive(stored.clone(), now)).await?;
            if there.is_some() {
                return Ok(there);
            }
            // One that does not say itself when it ends?
            let seen = to.quick.find_one(stored.clone()).projection(document::without_data()).await?;
            match seen {
                Some(seen) if !Seen(&seen).is_expired(now, lifetime) => {
                    extended(document::and_not_expired(stored, now)).await
                }
                _ => Ok(None),
            }
        })?;
        match (there, into) {
            (Some(there), Some(into)) => {
                Seen(&there).data(into).ok_or_else(|| error::unreadable(operation, &self.endpoint))
            }
            (there, _) => Ok(there.is_some()),
        }
    }

    /// Keeps an unchanged session alive, and stores it again where it vanished: one command, whose parts
    /// are carried out in order. With a token it is done under that lock, and releases it.
    fn keep(&self, id: &str, data: &[u8], ttl: Duration, token: Option<&Token>, extended: bool) -> Document {
        let now = self.clock.now_ms();
        let ends = document::end(now, ttl);
        let (record, used) = (self.layout.record(data, now), self.layout.used(now, ends));
        let base = token.map_or_else(|| document::of(id), |token| document::held(id, text(token)));
        let mut vanished = base.clone();
        vanished.insert(DATA, doc! { "$exists": false });
        let again = doc! {
            "q": vanished,
            "u": { "$set": record.clone(), "$max": { EXPIRES_AT: document::date(ends) } },
        };
        let rest = match (token, extended) {
            (Some(_), _) => doc! { "q": base, "u": { "$set": used, "$unset": { LOCK: "" } } },
            (None, false) => {
                doc! { "q": base, "u": { "$set": used, "$setOnInsert": { DATA: self.layout.data(data) } }, "upsert": true }
            }
            (None, true) => {
                let mut whole = record;
                whole.insert(EXPIRES_AT, document::date(ends));
                doc! { "q": base, "u": { "$setOnInsert": whole }, "upsert": true }
            }
        };
        let collection = self.driver.settings().collection.as_str();
        doc! { "update": collection, "updates": [again, rest], "writeConcern": { "w": 1 } }
    }
}

/// Sends a command whose parts may fail one by one.
async fn send(to: Collections, command: Document) -> mongodb::error::Result<()> {
    let answer = to.database.run_command(command).await?;
    match answer.get_array("writeErrors") {
        Ok(errors) if !errors.is_empty() => {
            Err(mongodb::error::Error::custom("a part of the command was refused".to_owned()))
        }
        _ => Ok(()),
    }
}

impl Store for MongoDb {
    fn name(&self) -> &'static str {
        error::STORE
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { self_expiring: self.indexed, ..CAPABILITIES }
    }

    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    fn take_notice(&mut self) -> Option<Error> {
        self.notice.take()
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        let (filter, fields) = (document::of(id.as_str()), document::with_data());
        let found = self.ask(Operation::Read, |to| async move { to.safe.find_one(filter).projection(fields).await })?;
        let Some(found) = found else { return Ok(false) };
        let seen = Seen(&found);
        if seen.is_expired(self.clock.now_ms(), self.lifetime) {
            return Ok(false);
        }
        seen.data(into).ok_or_else(|| error::unreadable(Operation::Read, &self.endpoint))
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.check_size(Operation::Write, data)?;
        let now = self.clock.now_ms();
        let mut record = self.layout.record(data, now);
        record.insert(EXPIRES_AT, document::date(document::end(now, ttl)));
        let update = doc! { "$set": record };
        for turn in 1.. {
            let (filter, update) = (document::of(id.as_str()), update.clone());
            match self.ask_or_fault(|to| async move { to.safe.update_one(filter, update).upsert(true).await }) {
                Ok(_) => break,
                Err(fault) if fault.is_duplicate() && turn < WRITES => {}
                Err(fault) => return Err(fault.told(Operation::Write, &self.endpoint)),
            }
        }
        Ok(())
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        self.extend(Operation::Touch, id, ttl, None)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        let free = document::and_free(document::of(id.as_str()), self.clock.now_ms());
        let (of, emptied) = (document::of(id.as_str()), doc! { "$unset": document::emptied() });
        self.ask(Operation::Destroy, |to| async move {
            // A lock that somebody holds stays.
            if to.safe.delete_one(free).await?.deleted_count == 0 {
                to.safe.update_one(of, emptied).await?;
            }
            Ok(())
        })
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let (filter, fields) = (document::stored(id.as_str()), document::without_data());
        let found =
            self.ask(Operation::Validate, |to| async move { to.safe.find_one(filter).projection(fields).await })?;
        let now = self.clock.now_ms();
        Ok(found.is_some_and(|found| !Seen(&found).is_expired(now, self.lifetime)))
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        let now = self.clock.now_ms();
        // With an index the server removes what says itself when it ends.
        let by_expiry = !self.indexed;
        let expired = document::expired(now, max_lifetime, by_expiry);
        let dated = document::dated(now);
        self.ask(Operation::Gc, |to| async move {
            to.quick.update_many(document::undated(), dated).await?;
            let mut removed = 0;
            for _ in 0..GC_BATCHES {
                let mut found = to.quick.find(expired.clone()).projection(doc! { "_id": 1 }).limit(GC_BATCH).await?;
                let mut ids = Vec::new();
                while found.advance().await? {
                    if let Ok(Some(id)) = found.current().get("_id")
                        && let Ok(id) = Bson::try_from(id)
                    {
                        ids.push(id);
                    }
                }
                if ids.is_empty() {
                    break;
                }
                let whole = ids.len() == usize::try_from(GC_BATCH).unwrap_or_default();
                let mut batch = expired.clone();
                batch.insert("_id", doc! { "$in": ids });
                removed += to.quick.delete_many(batch).await?.deleted_count;
                if !whole {
                    break;
                }
            }
            Ok(removed)
        })
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
        let until = document::end(self.clock.now_ms(), length);
        let (filter, update) = (document::held(id.as_str(), text(&lease.token)), document::renewed(until));
        let renewed = self.ask(Operation::Lock, |to| async move { to.quick.update_one(filter, update).await })?;
        Ok(renewed.matched_count > 0)
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
            Some(ttl) => self.extend(Operation::Read, id, ttl, Some(into))?,
            None => self.read(id, into)?,
        };
        Ok(Opened { found, lock: LockState::NotTaken })
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        if let Err(error) = self.check_size(Operation::Write, data) {
            self.unlock(id, lease)?;
            return Err(error);
        }
        let now = self.clock.now_ms();
        let mut record = self.layout.record(data, now);
        record.insert(EXPIRES_AT, document::date(document::end(now, ttl)));
        let filter = document::held(id.as_str(), text(&lease.token));
        let update = doc! { "$set": record, "$unset": { LOCK: "" } };
        let written = self.ask(Operation::Write, |to| async move { to.safe.update_one(filter, update).await });
        let written = self.settled(id, lease.token, written)?;
        Ok(if written.matched_count > 0 { Committed::Done } else { Committed::LeaseLost })
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        if lease.is_some() && self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        let token = lease.as_ref().map(|lease| lease.token);
        if data.len() <= SENT_ALONG {
            let keep = self.keep(id.as_str(), data, ttl, token.as_ref(), extended);
            self.tell(id, token, keep)?;
            return Ok(Committed::Done);
        }
        let Some(lease) = lease else {
            let there = if extended { self.exists(id)? } else { self.touch(id, ttl)? };
            if !there {
                let keep = self.keep(id.as_str(), data, ttl, None, true);
                self.ask(Operation::Touch, |to| send(to, keep))?;
            }
            return Ok(Committed::Done);
        };
        let now = self.clock.now_ms();
        let mut filter = document::stored(id.as_str());
        filter.extend(document::held(id.as_str(), text(&lease.token)));
        let update = doc! {
            "$set": self.layout.used(now, document::end(now, ttl)),
            "$unset": { LOCK: "" },
        };
        let kept = self.ask(Operation::Touch, |to| async move { to.quick.update_one(filter, update).await });
        let kept = self.settled(id, lease.token, kept)?;
        if kept.matched_count > 0 { Ok(Committed::Done) } else { self.write_unlock(id, data, ttl, lease) }
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return self.destroy(id);
        }
        let filter = document::held(id.as_str(), text(&lease.token));
        let ended = self.ask(Operation::Destroy, |to| async move { to.safe.delete_one(filter).await });
        if self.settled(id, lease.token, ended)?.deleted_count == 0 {
            return self.destroy(id);
        }
        Ok(())
    }
}
