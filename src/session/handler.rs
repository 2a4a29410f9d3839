//! PHP's session protocol, once, over any store.
//!
//! PHP calls a save handler in fixed orders (`docs/session-contract.md`); what those orders mean
//! for locking, strict mode, lazy writes and regeneration is decided here and nowhere else:
//!
//! - A call of the engine takes the lock; a direct call by user code never does. The PHP layer
//!   says which it is with [`Caller`].
//! - `validate` in strict mode already locks, reads and extends; `read` hands out what it found.
//! - `write` and `touch` release in the same exchange; `close` has then nothing left to do.
//! - A lease that was lost is noticed at the write. If nobody changed the session since, the
//!   write goes through under a new lease; otherwise it is refused and the newer data stays.
//! - A write that was refused stays refused until the session is opened again: trying once more
//!   must not do what the first try was kept from.
//! - A failure in `validate` is kept for `read`: answering "unknown id" would make PHP throw the
//!   user's session away because a server was slow.
//!
//! | file | holds |
//! | --- | --- |
//! | `opening` | how a session begins: `validate` and `read` |
//! | `ending` | how it ends: `write`, `touch`, `destroy` |
//! | `lost_lease` | what becomes of an end that came too late |
//! | `holding` | the lock alone |
//! | `references` | to whom sessions belong |
//! | this one | the state that they share, `close` and gc |

mod ending;
mod holding;
mod lost_lease;
mod opening;
mod references;

use super::current::{Current, Standing};
use super::id::SessionId;
use super::lock::{LockRequest, Refusal};
pub use super::policy::{OnLockLost, OnLockTimeout, OnMaxSessions, OnUnavailable, Policy, Source};
use super::store::Store;
use crate::error::{Error, Kind, Operation, Result};
use references::Belonging;
use std::time::Duration;

/// A buffer larger than this is given back to the system when the session closes.
const KEPT_BUFFER: usize = 256 * 1024;

/// The lifetimes that every storage can count, whatever `session.gc_maxlifetime` says: some refuse
/// 0, others what does not fit after a conversion to milliseconds since 1970.
const LIFETIMES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(u32::MAX as u64));

/// Which of PHP's session functions stands behind a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// `session_start()`, or PHP itself before or after the script.
    Engine,
    /// `session_start(['read_and_close' => true])`.
    ReadAndClose,
    /// `session_reset()`.
    Reset,
    /// `session_regenerate_id()`.
    Regenerate,
    /// `session_create_id()`: asks about an id that is not the session's.
    CreateId,
    /// `session_gc()`: wants it done now, and counted.
    Gc,
    /// User code called the method itself.
    Direct,
}

/// One request's view of a store, reused from request to request.
pub struct Handler {
    store: Box<dyn Store>,
    policy: Policy,
    current: Option<Current>,
    /// The last session's id, whose buffer the next one takes.
    last_id: Vec<u8>,
    /// What was read: kept to tell whether a session changed while its lease was lost.
    snapshot: Vec<u8>,
    scratch: Vec<u8>,
    /// An id that this process just made: 128 random bits that no store can know yet.
    fresh: String,
    /// A failure in `validate` of this id, to be told by `read`.
    pending: Option<(String, Error)>,
    deferred_gc: Option<Duration>,
    holder: String,
    /// Something that went wrong and was dealt with.
    notice: Option<Error>,
    belonging: Belonging,
}

impl Handler {
    /// A handler over `store`. Nothing is connected yet.
    #[must_use]
    pub fn new(store: Box<dyn Store>, policy: Policy) -> Self {
        let mut store = store;
        if policy.reference != Source::None {
            store.keep_references();
        }
        Self {
            store,
            policy,
            current: None,
            last_id: Vec::new(),
            snapshot: Vec::new(),
            scratch: Vec::new(),
            fresh: String::new(),
            pending: None,
            deferred_gc: None,
            holder: String::new(),
            notice: None,
            belonging: Belonging::default(),
        }
    }

    /// The store, for its name, endpoint and abilities.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The user's choices.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Replaces the user's choices, from the next call on.
    pub fn set_policy(&mut self, policy: Policy) {
        if policy.reference != Source::None {
            self.store.keep_references();
        }
        self.policy = policy;
    }

    /// Says who this request is, for those that it keeps waiting: written into the text's buffer. Not asked
    /// for where nobody would be told.
    pub fn describe_holder(&mut self, describe: impl FnOnce(&mut String)) {
        if self.store.keeps_holder() {
            self.holder.clear();
            describe(&mut self.holder);
        }
    }

    /// Something that went wrong since this was last asked and was dealt with as the policy says: to be
    /// told as a warning.
    pub fn take_notice(&mut self) -> Option<Error> {
        self.notice.take().or_else(|| self.store.take_notice())
    }

    /// Notes an id that was just made from the system's random source: it cannot be stored yet.
    pub fn note_created(&mut self, id: &[u8]) {
        self.fresh.clear();
        self.fresh.push_str(std::str::from_utf8(id).unwrap_or_default());
    }

    /// Whether this request holds a session.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.standing != Standing::Unread || current.lease.is_some())
    }

    /// Removes expired sessions. `session_gc()` and direct calls do it now, until nothing is left, and get
    /// the count; the lottery at the start of a request is answered with 0 and served at `close`, a little
    /// at a time, when the session's lock is free and its user no longer waits for it. A lifetime of the policy
    /// replaces PHP's here too, or gc would take what is still alive; a direct call's is its own.
    ///
    /// # Errors
    /// The store failed.
    pub fn gc(&mut self, max_lifetime: Duration, caller: Caller) -> Result<u64> {
        let lifetime = self.policy.lifetime.unwrap_or(max_lifetime);
        self.store.set_lifetime(lifetime);
        match caller {
            Caller::Direct => self.store.gc_all(max_lifetime),
            Caller::Gc => self.store.gc_all(lifetime),
            _ => {
                self.deferred_gc = Some(lifetime);
                Ok(0)
            }
        }
    }

    /// Ends the request's work with the session, whatever came before: a lock that is still held
    /// (`session_abort()`, a failed write, an interrupted request) is given back. Connections stay.
    ///
    /// # Errors
    /// A deferred gc failed. The session is closed all the same.
    pub fn close(&mut self) -> Result<()> {
        self.release();
        if self.keeps_references() {
            self.close_reference();
        }
        self.pending = None;
        self.fresh.clear();
        for buffer in [&mut self.snapshot, &mut self.scratch] {
            buffer.clear();
            if buffer.capacity() > KEPT_BUFFER {
                *buffer = Vec::new();
            }
        }
        let collected = match self.deferred_gc.take() {
            Some(max_lifetime) => self.store.gc(max_lifetime).map(drop),
            None => Ok(()),
        };
        self.store.rest();
        collected
    }

    /// An id that came from outside, checked by the general rule and by the store's own.
    #[inline]
    fn checked<'a>(&self, id: &'a [u8], operation: Operation) -> Result<SessionId<'a>> {
        match self.current.as_ref().and_then(|current| SessionId::known(id, &current.id)) {
            Some(id) => Ok(id),
            None => self.check(id, operation),
        }
    }

    #[inline(never)]
    fn check<'a>(&self, id: &'a [u8], operation: Operation) -> Result<SessionId<'a>> {
        let id = SessionId::parse(id, operation)?;
        if self.store.accepts(id) && !references::is_reserved(id.as_bytes()) {
            return Ok(id);
        }
        Err(Error::new(Kind::InvalidId, self.store.name(), operation, self.store.refusal(id)))
    }

    fn is_current(&self, id: SessionId<'_>) -> bool {
        self.current.as_ref().is_some_and(|current| current.is(id))
    }

    /// Whether the id was just made here; from now on the store is asked about it.
    fn is_no_longer_fresh(&mut self, id: SessionId<'_>) -> bool {
        let was_fresh = !self.fresh.is_empty() && self.fresh.as_bytes() == id.as_bytes();
        if was_fresh {
            self.fresh.clear();
        }
        was_fresh
    }

    fn ttl(&self, lifetime: Duration) -> Duration {
        self.policy.lifetime.unwrap_or(lifetime).clamp(LIFETIMES.0, LIFETIMES.1)
    }

    /// Forgets the current session and gives back what it holds. A failure to unlock is not worth
    /// a warning: the lock goes with its lease.
    fn release(&mut self) {
        let Some(current) = &mut self.current else { return };
        if let Some(lease) = current.lease.take()
            && let Ok(id) = SessionId::parse(&current.id, Operation::Unlock)
        {
            let _ = self.store.unlock(id, lease);
        }
        self.last_id = std::mem::take(&mut current.id);
        self.current = None;
    }

    fn error(&self, kind: Kind, operation: Operation, reason: impl Into<String>) -> Error {
        Error::new(kind, self.store.name(), operation, reason).at(self.store.endpoint())
    }

    fn refused(&self, id: SessionId<'_>, refusal: &Refusal) -> Error {
        self.error(Kind::Locked, Operation::Lock, refusal.sentence(id, &self.policy))
    }
}

/// A lock as the policy wants it; who asks is yet to be said.
fn lock_request(policy: &Policy) -> LockRequest<'static> {
    LockRequest { wait: policy.lock_wait, lease: policy.lock_expire, holder: "", max_waiters: policy.max_waiters }
}
