//! A memory store that writes down every call, and fails when it is told to.

use seshat::backend::memory::Memory;
use seshat::error::{Error, Kind, Operation, Result};
use seshat::session::clock::Clock;
use seshat::session::handler::{Handler, Policy};
use seshat::session::id::SessionId;
use seshat::session::lock::{Lease, LockRequest, LockState, Token};
use seshat::session::reference::{References, Terms};
use seshat::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The lifetime that PHP hands in with each call.
pub const LIFETIME: Duration = Duration::from_secs(1440);

static NEXT: AtomicU64 = AtomicU64::new(0);

#[derive(Default)]
struct Tape {
    calls: Vec<String>,
    /// Calls that are to fail, by their first word.
    faults: Vec<(&'static str, Kind)>,
    vanishing: Option<&'static str>,
    leases: Vec<(String, Token)>,
    /// Of the buffer that the last read was given.
    capacity: usize,
}

/// A storage, the workers on it, and what they asked of it.
pub struct World {
    name: String,
    clock: Clock,
    tape: Arc<Mutex<Tape>>,
    pub abilities: Capabilities,
}

impl World {
    pub fn new() -> Self {
        let name = format!("protocol-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let clock = Clock::manual(1_700_000_000);
        let abilities = Memory::named(&name, clock.clone()).capabilities();
        Self { name, clock, tape: Arc::default(), abilities }
    }

    /// A world whose session `id` holds `data`.
    pub fn with(id: &str, data: &[u8]) -> Self {
        let world = Self::new();
        world.other().write(sid(id), data, LIFETIME).unwrap();
        world
    }

    /// A worker with these choices of its user.
    pub fn handler_with(&self, policy: Policy) -> Handler {
        Handler::new(self.store(), policy)
    }

    /// The store of a worker, whose calls are written down.
    pub fn store(&self) -> Box<dyn Store> {
        let inner = Memory::named(&self.name, self.clock.clone());
        Box::new(Double { inner, tape: Arc::clone(&self.tape), abilities: self.abilities })
    }

    pub fn handler(&self) -> Handler {
        self.handler_with(Policy { lock_wait: Duration::ZERO, ..Policy::default() })
    }

    /// Another worker's store, whose calls are not written down.
    pub fn other(&self) -> Memory {
        Memory::named(&self.name, self.clock.clone())
    }

    /// The calls since the last time this was asked.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.tape.lock().unwrap().calls)
    }

    /// The next call of this kind fails.
    pub fn fail(&self, call: &'static str, kind: Kind) {
        self.tape.lock().unwrap().faults.push((call, kind));
    }

    /// Another worker destroys the session just before the next call of this kind.
    pub fn vanish_before(&self, call: &'static str) {
        self.tape.lock().unwrap().vanishing = Some(call);
    }

    /// How much memory the handler brought to the last read.
    pub fn capacity(&self) -> usize {
        self.tape.lock().unwrap().capacity
    }

    /// The storage forgets its locks, as a server that was started again.
    pub fn lose_locks(&self) {
        for (id, token) in std::mem::take(&mut self.tape.lock().unwrap().leases) {
            self.other().unlock(sid(&id), Lease { token, guard: None }).unwrap();
        }
    }

    /// What is stored.
    pub fn stored(&self, id: &str) -> Option<Vec<u8>> {
        let mut data = Vec::new();
        self.other().read(sid(id), &mut data).unwrap().then_some(data)
    }

    /// Whether somebody holds the session's lock.
    pub fn is_locked(&self, id: &str) -> bool {
        let mut other = self.other();
        match other.lock(sid(id), &now("a look")).unwrap() {
            LockState::Held(lease) => {
                other.unlock(sid(id), lease).unwrap();
                false
            }
            _ => true,
        }
    }

    /// Another request takes the lock, waiting for the lease of a late holder to end.
    pub fn lock_as_other(&self, id: &str) -> Lease {
        let request = LockRequest { wait: Duration::from_secs(20), ..now("pid 7 GET /other") };
        match self.other().lock(sid(id), &request).unwrap() {
            LockState::Held(lease) => lease,
            other => panic!("{other:?}"),
        }
    }

    /// Lets time pass for records.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }
}

pub fn sid(id: &str) -> SessionId<'_> {
    SessionId::parse(id.as_bytes(), Operation::Read).unwrap()
}

fn now(holder: &str) -> LockRequest<'_> {
    LockRequest { wait: Duration::ZERO, lease: Duration::from_secs(1000), holder, max_waiters: None }
}

struct Double {
    inner: Memory,
    tape: Arc<Mutex<Tape>>,
    abilities: Capabilities,
}

impl Double {
    fn note(&mut self, call: &'static str, id: &str, more: &str) -> Result<()> {
        let mut tape = self.tape.lock().unwrap();
        if tape.vanishing.take_if(|when| *when == call).is_some() {
            self.inner.destroy(sid(id))?;
        }
        let line = [call, id, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        tape.calls.push(line);
        match tape.faults.iter().position(|(fault, _)| *fault == call) {
            Some(position) => {
                let (_, kind) = tape.faults.remove(position);
                Err(Error::new(kind, "double", Operation::Read, "told to fail").at("nowhere"))
            }
            None => Ok(()),
        }
    }

    fn remember(&self, id: SessionId<'_>, state: &LockState) {
        if let LockState::Held(lease) = state {
            self.tape.lock().unwrap().leases.push((id.as_str().to_owned(), lease.token));
        }
    }
}

impl Store for Double {
    fn name(&self) -> &'static str {
        "double"
    }

    fn capabilities(&self) -> Capabilities {
        self.abilities
    }

    fn endpoint(&self) -> String {
        "nowhere".into()
    }

    fn keep_references(&mut self) {
        self.inner.keep_references();
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.inner.set_terms(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        self.inner.references()
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.tape.lock().unwrap().capacity = into.capacity();
        self.note("read", id.as_str(), "")?;
        let found = self.inner.read(id, into)?;
        if !found {
            into.extend_from_slice(b"rubbish");
        }
        Ok(found)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.note("write", id.as_str(), &ttl.as_secs().to_string())?;
        self.inner.write(id, data, ttl)
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        self.note("touch", id.as_str(), &ttl.as_secs().to_string())?;
        self.inner.touch(id, ttl)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.note("destroy", id.as_str(), "")?;
        self.inner.destroy(id)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        self.note("exists", id.as_str(), "")?;
        self.inner.exists(id)
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.note("gc", "", &max_lifetime.as_secs().to_string())?;
        self.inner.gc(max_lifetime)
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.note("gc_all", "", &max_lifetime.as_secs().to_string())?;
        self.inner.gc_all(max_lifetime)
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        self.note("lock", id.as_str(), &format!("wait={}", request.wait.as_millis()))?;
        let state = self.inner.lock(id, request)?;
        self.remember(id, &state);
        Ok(state)
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        self.note("renew", id.as_str(), "")?;
        self.inner.renew(id, lease, length)
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.note("unlock", id.as_str(), "")?;
        self.inner.unlock(id, lease)
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        assert!(into.is_empty(), "the buffer arrives empty");
        self.tape.lock().unwrap().capacity = into.capacity();
        let mut said = Vec::new();
        if request.lock.is_some() {
            said.push(if request.lock_missing { "lock".to_owned() } else { "lock-if-known".to_owned() });
        }
        said.extend(request.extend.map(|ttl| format!("extend={}", ttl.as_secs())));
        self.note("open", id.as_str(), &said.join(" ")).inspect_err(|_| into.extend_from_slice(b"rubbish"))?;
        let opened = self.inner.open(id, request, into)?;
        self.remember(id, &opened.lock);
        if !opened.found {
            // Without a record the buffer's content has no meaning.
            into.extend_from_slice(b"rubbish");
        }
        Ok(opened)
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        if let Err(error) = self.note("write_unlock", id.as_str(), &ttl.as_secs().to_string()) {
            self.inner.unlock(id, lease)?;
            return Err(error);
        }
        self.inner.write_unlock(id, data, ttl, lease)
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        let mut said = vec![ttl.as_secs().to_string()];
        said.extend(lease.as_ref().map(|_| "leased".to_owned()));
        said.extend(extended.then(|| "extended".to_owned()));
        self.note("touch_unlock", id.as_str(), &said.join(" "))?;
        self.inner.touch_unlock(id, data, ttl, lease, extended)
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.note("destroy_unlock", id.as_str(), "")?;
        self.inner.destroy_unlock(id, lease)
    }
}
