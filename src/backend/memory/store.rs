//! The store contract over a map.

use super::CAPABILITIES;
use crate::backend::fork;
use crate::error::{Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal, Token};
use crate::session::reference::{Assignment, Cursor, Listed, Page, Reference, References, Terms, Told, ended};
use crate::session::store::{Capabilities, Committed, Store};
use parking_lot::{Condvar, Mutex};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// The memories of this process, by name. A lost worker leaves its memory behind, as a server would.
static MEMORIES: LazyLock<Mutex<Memories>> = LazyLock::new(Mutex::default);

const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// By fork generation and name.
type Memories = HashMap<(u64, String), Arc<Shared>>;

#[derive(Default)]
struct Shared {
    tables: Mutex<Tables>,
    released: Condvar,
}

#[derive(Default)]
struct Tables {
    records: HashMap<String, Record>,
    /// The ids of the records that have a reference: exactly those.
    referred: BTreeMap<Reference, BTreeSet<String>>,
    locks: HashMap<String, Queue>,
    next_ticket: u64,
}

impl Tables {
    /// Gives the lock back and says whether it was still the lease's: one that ran out stays with
    /// its holder until somebody asks for it.
    fn release(&mut self, id: SessionId<'_>, lease: &Lease) -> Committed {
        let Some(queue) = self.locks.get_mut(id.as_str()) else {
            return Committed::LeaseLost;
        };
        let ours = queue.holder.take_if(|holder| holder.token == lease.token);
        if queue.holder.is_none() && queue.waiting.is_empty() {
            self.locks.remove(id.as_str());
        }
        if ours.is_some() { Committed::Done } else { Committed::LeaseLost }
    }

    fn live(&self, id: SessionId<'_>, now_ms: u64) -> Option<&Record> {
        self.records.get(id.as_str()).filter(|record| record.expires_ms > now_ms)
    }

    /// Creates or replaces a record. False if it should have been there and is not.
    fn put(&mut self, id: SessionId<'_>, data: &[u8], life: Life, told: &Told) -> bool {
        let terms = told.terms();
        let known = self.live(id, life.now_ms);
        if terms.existing && known.is_none() {
            return false;
        }
        let kept = known.and_then(|record| record.reference.clone());
        self.remove(id.as_str());
        let record = Record { data: data.to_vec(), expires_ms: life.until_ms, reference: None };
        self.records.insert(id.as_str().to_owned(), record);
        self.assign(id, kept.as_ref().map_or(Assignment::Keep, Assignment::Set));
        self.assign(id, terms.reference);
        true
    }

    /// Extends a record's lifetime. False if there is none.
    fn keep(&mut self, id: SessionId<'_>, life: Life, told: &Told) -> bool {
        let record = self.records.get_mut(id.as_str()).filter(|record| record.expires_ms > life.now_ms);
        let known = record.map(|record| record.expires_ms = life.until_ms).is_some();
        if known {
            self.assign(id, told.terms().reference);
        }
        known
    }

    fn remove(&mut self, id: &str) {
        if let Some(Record { reference: Some(reference), .. }) = self.records.remove(id) {
            self.strike(&reference, id);
        }
    }

    fn strike(&mut self, reference: &Reference, id: &str) {
        if let Some(ids) = self.referred.get_mut(reference) {
            ids.remove(id);
            if ids.is_empty() {
                self.referred.remove(reference);
            }
        }
    }

    fn assign(&mut self, id: SessionId<'_>, assignment: Assignment<'_>) {
        let reference = match assignment {
            Assignment::Keep => return,
            Assignment::Clear => None,
            Assignment::Set(reference) => Some(reference.clone()),
        };
        let Some(record) = self.records.get_mut(id.as_str()) else { return };
        if let Some(left) = std::mem::replace(&mut record.reference, reference.clone()) {
            self.strike(&left, id.as_str());
        }
        if let Some(reference) = reference {
            self.referred.entry(reference).or_default().insert(id.as_str().to_owned());
        }
    }
}

#[derive(Clone)]
struct Record {
    data: Vec<u8>,
    expires_ms: u64,
    reference: Option<Reference>,
}

/// The present moment, and the end of a lifetime that begins with it.
#[derive(Clone, Copy)]
struct Life {
    now_ms: u64,
    until_ms: u64,
}

#[derive(Default)]
struct Queue {
    holder: Option<Holder>,
    waiting: VecDeque<u64>,
}

struct Holder {
    token: Token,
    since: Instant,
    until: Instant,
    who: String,
}

impl Queue {
    fn refusal(&self, crowded: bool) -> Refusal {
        let holder = self.holder.as_ref();
        Refusal {
            holder: holder.map(|holder| holder.who.clone()).filter(|who| !who.is_empty()),
            held: holder.map(|holder| holder.since.elapsed()),
            crowded,
        }
    }
}

/// Sessions in this process's memory.
pub struct Memory {
    name: String,
    generation: u64,
    shared: Arc<Shared>,
    clock: Clock,
    told: Told,
}

impl Memory {
    /// The memory of that name; the same for every caller in the process.
    #[must_use]
    pub fn named(name: &str, clock: Clock) -> Self {
        let generation = fork::generation();
        Self { name: name.to_owned(), generation, shared: shared(name, generation), clock, told: Told::default() }
    }

    /// The tables, without the locks that a fork copied from the parent.
    fn tables(&mut self) -> Arc<Shared> {
        let generation = fork::generation();
        if generation != self.generation {
            let own = shared(&self.name, generation);
            {
                let inherited = self.shared.tables.lock();
                let mut tables = own.tables.lock();
                for (id, record) in &inherited.records {
                    if tables.records.contains_key(id) {
                        continue;
                    }
                    if let Some(reference) = &record.reference {
                        tables.referred.entry(reference.clone()).or_default().insert(id.clone());
                    }
                    tables.records.insert(id.clone(), record.clone());
                }
            }
            self.shared = own;
            self.generation = generation;
        }
        Arc::clone(&self.shared)
    }

    fn life(&self, ttl: Duration) -> Life {
        let now_ms = self.clock.now_ms();
        Life { now_ms, until_ms: now_ms.saturating_add(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)) }
    }
}

/// A moment later; as late as can be told, if that cannot be told.
fn after(start: Instant, by: Duration) -> Instant {
    start.checked_add(by).unwrap_or(start + FOR_EVER)
}

fn shared(name: &str, generation: u64) -> Arc<Shared> {
    Arc::clone(MEMORIES.lock().entry((generation, name.to_owned())).or_default())
}

impl Store for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn endpoint(&self) -> String {
        if self.name.is_empty() { "this process".into() } else { self.name.clone() }
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        Some(self)
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        let now = self.clock.now_ms();
        let shared = self.tables();
        let tables = shared.tables.lock();
        let record = tables.live(id, now);
        if let Some(record) = record {
            into.extend_from_slice(&record.data);
        }
        Ok(record.is_some())
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let (life, told) = (self.life(ttl), self.told.take());
        let written = self.tables().tables.lock().put(id, data, life, &told);
        if written { Ok(()) } else { Err(ended(self.name(), Operation::Write, id)) }
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let (life, told) = (self.life(ttl), self.told.take());
        Ok(self.tables().tables.lock().keep(id, life, &told))
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.tables().tables.lock().remove(id.as_str());
        Ok(())
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let now = self.clock.now_ms();
        Ok(self.tables().tables.lock().live(id, now).is_some())
    }

    fn gc(&mut self, _max_lifetime: Duration) -> Result<u64> {
        let now = self.clock.now_ms();
        let shared = self.tables();
        let mut tables = shared.tables.lock();
        let expired = tables.records.iter().filter(|(_, record)| record.expires_ms <= now);
        let expired: Vec<String> = expired.map(|(id, _)| id.clone()).collect();
        expired.iter().for_each(|id| tables.remove(id));
        // What holders that died left behind.
        let now = Instant::now();
        tables.locks.retain(|_, queue| {
            !queue.waiting.is_empty() || queue.holder.as_ref().is_some_and(|holder| holder.until > now)
        });
        Ok(u64::try_from(expired.len()).unwrap_or(u64::MAX))
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        let token = Token::new()?;
        let deadline = after(Instant::now(), request.wait);
        let shared = self.tables();
        let mut tables = shared.tables.lock();
        tables.next_ticket += 1;
        let ticket = tables.next_ticket;
        let queue = tables.locks.entry(id.as_str().to_owned()).or_default();
        let is_held = queue.holder.as_ref().is_some_and(|holder| holder.until > Instant::now());
        let most = request.max_waiters.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        if is_held && !request.wait.is_zero() && queue.waiting.len() >= most {
            return Ok(LockState::Busy(queue.refusal(true)));
        }
        queue.waiting.push_back(ticket);
        loop {
            let queue = tables.locks.entry(id.as_str().to_owned()).or_default();
            let now = Instant::now();
            let free_at = queue.holder.as_ref().map_or(now, |holder| holder.until);
            if queue.waiting.front() == Some(&ticket) && free_at <= now {
                queue.waiting.pop_front();
                let until = after(now, request.lease);
                queue.holder = Some(Holder { token, since: now, until, who: request.holder.to_owned() });
                // The new head waits for this lease's end, not for the last one's.
                shared.released.notify_all();
                return Ok(LockState::Held(Lease { token, guard: None }));
            }
            if now >= deadline {
                queue.waiting.retain(|waiting| *waiting != ticket);
                let refusal = queue.refusal(false);
                shared.released.notify_all();
                return Ok(LockState::Busy(refusal));
            }
            // Not at the head: only a departure from the queue changes that, and each notifies.
            let wake_at = if free_at > now { free_at.min(deadline) } else { deadline };
            shared.released.wait_until(&mut tables, wake_at);
        }
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        let shared = self.tables();
        shared.tables.lock().release(id, &lease);
        shared.released.notify_all();
        Ok(())
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        let shared = self.tables();
        let mut tables = shared.tables.lock();
        let holder = tables.locks.get_mut(id.as_str()).and_then(|queue| queue.holder.as_mut());
        let ours = holder.filter(|holder| holder.token == lease.token);
        Ok(ours.map(|holder| holder.until = after(Instant::now(), length)).is_some())
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        let (life, told) = (self.life(ttl), self.told.take());
        self.commit(id, Some(lease), Operation::Write, |tables| tables.put(id, data, life, &told))
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        _extended: bool,
    ) -> Result<Committed> {
        let (life, told) = (self.life(ttl), self.told.take());
        self.commit(id, lease, Operation::Touch, |tables| {
            tables.keep(id, life, &told) || tables.put(id, data, life, &told)
        })
    }
}

impl Memory {
    /// Releases the lease and, if it still held, does `work`, which is false for a session that was ended.
    fn commit(
        &mut self,
        id: SessionId<'_>,
        lease: Option<Lease>,
        operation: Operation,
        work: impl FnOnce(&mut Tables) -> bool,
    ) -> Result<Committed> {
        let shared = self.tables();
        let outcome = {
            let mut tables = shared.tables.lock();
            match lease.map_or(Committed::Done, |lease| tables.release(id, &lease)) {
                Committed::Done if !work(&mut tables) => Err(ended(self.name(), operation, id)),
                committed => Ok(committed),
            }
        };
        shared.released.notify_all();
        outcome
    }
}

impl References for Memory {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        let now = self.clock.now_ms();
        let shared = self.tables();
        let tables = shared.tables.lock();
        let after = from.map(|cursor| String::from_utf8_lossy(&cursor.0).into_owned());
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let ids =
            tables.referred.get(reference).into_iter().flat_map(|ids| ids.range((start.clone(), Bound::Unbounded)));
        let seen: Vec<&String> = ids.take(most).collect();
        let items = seen.iter().filter_map(|id| {
            let record = tables.records.get(*id).filter(|record| record.expires_ms > now)?;
            Some(Listed { id: (*id).clone(), expires: record.expires_ms / 1000 })
        });
        Ok(Page { items: items.collect(), next: next(&seen, most, |id| id.as_bytes()) })
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        let now = self.clock.now_ms();
        let shared = self.tables();
        let tables = shared.tables.lock();
        let after = from.and_then(|cursor| Reference::parse(&cursor.0, Operation::Read).ok());
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let seen: Vec<_> = tables.referred.range((start, Bound::Unbounded)).take(most).collect();
        let lives = |id: &String| tables.records.get(id).is_some_and(|record| record.expires_ms > now);
        let items = seen.iter().filter(|(_, ids)| ids.iter().any(lives)).map(|(reference, _)| (*reference).clone());
        Ok(Page { items: items.collect(), next: next(&seen, most, |(reference, _)| reference.as_bytes()) })
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        let now = self.clock.now_ms();
        Ok(self.tables().tables.lock().live(id, now).and_then(|record| record.reference.clone()))
    }
}

/// Behind the last of a page that is full.
fn next<T>(seen: &[T], most: usize, name: impl Fn(&T) -> &[u8]) -> Option<Cursor> {
    seen.last().filter(|_| seen.len() == most).map(|last| Cursor(name(last).to_vec()))
}
