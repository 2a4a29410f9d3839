//! The store contract over a map.

use super::CAPABILITIES;
use crate::backend::fork;
use crate::error::Result;
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal, Token};
use crate::session::store::{Capabilities, Committed, Store};
use parking_lot::{Condvar, Mutex};
use std::collections::{HashMap, VecDeque};
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
}

struct Record {
    data: Vec<u8>,
    expires_ms: u64,
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
}

impl Memory {
    /// The memory of that name; the same for every caller in the process.
    #[must_use]
    pub fn named(name: &str, clock: Clock) -> Self {
        let generation = fork::generation();
        Self { name: name.to_owned(), generation, shared: shared(name, generation), clock }
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
                    let copy = Record { data: record.data.clone(), expires_ms: record.expires_ms };
                    tables.records.entry(id.clone()).or_insert(copy);
                }
            }
            self.shared = own;
            self.generation = generation;
        }
        Arc::clone(&self.shared)
    }

    fn expiry(&self, ttl: Duration) -> u64 {
        self.clock.now_ms().saturating_add(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX))
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

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        let now = self.clock.now_ms();
        let shared = self.tables();
        let tables = shared.tables.lock();
        let record = tables.records.get(id.as_str()).filter(|record| record.expires_ms > now);
        if let Some(record) = record {
            into.extend_from_slice(&record.data);
        }
        Ok(record.is_some())
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let record = Record { data: data.to_vec(), expires_ms: self.expiry(ttl) };
        self.tables().tables.lock().records.insert(id.as_str().to_owned(), record);
        Ok(())
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let (now, expires_ms) = (self.clock.now_ms(), self.expiry(ttl));
        let shared = self.tables();
        let mut tables = shared.tables.lock();
        let record = tables.records.get_mut(id.as_str()).filter(|record| record.expires_ms > now);
        Ok(record.map(|record| record.expires_ms = expires_ms).is_some())
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.tables().tables.lock().records.remove(id.as_str());
        Ok(())
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let now = self.clock.now_ms();
        let shared = self.tables();
        let tables = shared.tables.lock();
        Ok(tables.records.get(id.as_str()).is_some_and(|record| record.expires_ms > now))
    }

    fn gc(&mut self, _max_lifetime: Duration) -> Result<u64> {
        let now = self.clock.now_ms();
        let shared = self.tables();
        let mut tables = shared.tables.lock();
        let before = tables.records.len();
        tables.records.retain(|_, record| record.expires_ms > now);
        let removed = before - tables.records.len();
        // What holders that died left behind.
        let now = Instant::now();
        tables.locks.retain(|_, queue| {
            !queue.waiting.is_empty() || queue.holder.as_ref().is_some_and(|holder| holder.until > now)
        });
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
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
        let record = Record { data: data.to_vec(), expires_ms: self.expiry(ttl) };
        let shared = self.tables();
        let committed = {
            let mut tables = shared.tables.lock();
            let committed = tables.release(id, &lease);
            if committed == Committed::Done {
                tables.records.insert(id.as_str().to_owned(), record);
            }
            committed
        };
        shared.released.notify_all();
        Ok(committed)
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        _extended: bool,
    ) -> Result<Committed> {
        let (now, expires_ms) = (self.clock.now_ms(), self.expiry(ttl));
        let shared = self.tables();
        let committed = {
            let mut tables = shared.tables.lock();
            let committed = lease.map_or(Committed::Done, |lease| tables.release(id, &lease));
            if committed == Committed::Done {
                match tables.records.get_mut(id.as_str()).filter(|record| record.expires_ms > now) {
                    Some(record) => record.expires_ms = expires_ms,
                    None => {
                        tables.records.insert(id.as_str().to_owned(), Record { data: data.to_vec(), expires_ms });
                    }
                }
            }
            committed
        };
        shared.released.notify_all();
        Ok(committed)
    }
}
