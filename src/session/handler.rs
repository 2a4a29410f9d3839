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

mod references;

use super::current::{Current, Standing};
use super::fork;
use super::id::SessionId;
use super::late::{Late, Loss, Since};
use super::lock::{LockRequest, LockState, Refusal};
pub use super::policy::{OnLockLost, OnLockTimeout, OnMaxSessions, OnUnavailable, Policy, Source};
use super::store::{Committed, OpenRequest, Opened, Store};
use crate::error::{Error, Kind, Operation, Result};
use references::Belonging;
use std::time::{Duration, Instant};

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

    /// Says who this request is, for those that it keeps waiting: written into the text's buffer.
    pub fn describe_holder(&mut self, describe: impl FnOnce(&mut String)) {
        self.holder.clear();
        describe(&mut self.holder);
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

    /// Whether the id names a session, for strict mode.
    ///
    /// # Errors
    /// Only for a direct call. For the engine a failure waits until `read`; for
    /// `session_create_id()`, which reads nothing, it counts as "not taken".
    pub fn validate(&mut self, id: &[u8], caller: Caller, lifetime: Duration) -> Result<bool> {
        let Ok(id) = self.checked(id, Operation::Validate) else {
            return Ok(false);
        };
        self.store.set_lifetime(self.ttl(lifetime));
        match caller {
            Caller::Direct => return self.store.exists(id),
            Caller::CreateId | Caller::Regenerate if self.fresh == id.as_str() => return Ok(false),
            Caller::CreateId => return Ok(self.store.exists(id).unwrap_or(false)),
            // session_reset() of the session that is open, stored or not yet: it stays ours, and
            // `read` reads it again.
            _ if self.is_current(id) => return Ok(true),
            _ => {}
        }
        self.release();
        let regenerates = caller == Caller::Regenerate;
        match self.begin(id, caller, regenerates, lifetime) {
            Ok(true) if regenerates => {
                // Taken: PHP will make another id. This one's session is not ours to hold.
                self.release();
                Ok(true)
            }
            Ok(found) => {
                if !found && !regenerates {
                    self.current = None;
                }
                Ok(found)
            }
            Err(error) => {
                // The answer that makes PHP go on to `read` with this very id.
                self.pending = Some((id.as_str().to_owned(), error));
                Ok(!regenerates)
            }
        }
    }

    /// The session's data; empty if there is none.
    ///
    /// # Errors
    /// The store failed, the id is not acceptable, or the lock was not to be had.
    pub fn read(&mut self, id: &[u8], caller: Caller, lifetime: Duration) -> Result<&[u8]> {
        let id = self.checked(id, Operation::Read)?;
        self.store.set_lifetime(self.ttl(lifetime));
        if caller == Caller::Direct {
            self.scratch.clear();
            let found = self.store.read(id, &mut self.scratch);
            self.notice = self.store.take_notice();
            if !found? {
                self.scratch.clear();
            }
            return Ok(&self.scratch);
        }
        match self.read_for_engine(id, caller, lifetime) {
            Ok(()) => Ok(&self.snapshot),
            Err(error) => {
                // A handler of the user's may turn the failure into an empty session and go on. What
                // is stored was never seen then, and must not be replaced.
                match &mut self.current {
                    Some(current) if current.is(id) => current.standing = Standing::Unread,
                    current => *current = Some(Current::new(id, Vec::new(), Standing::Unread)),
                }
                Err(error)
            }
        }
    }

    /// Reads into the snapshot.
    fn read_for_engine(&mut self, id: SessionId<'_>, caller: Caller, lifetime: Duration) -> Result<()> {
        if let Some((failed, error)) = self.pending.take()
            && failed == id.as_str()
        {
            return Err(error);
        }
        let again = match &mut self.current {
            Some(current) if current.is(id) => {
                if std::mem::take(&mut current.prefetched) {
                    return Ok(());
                }
                // session_reset(): PHP reads again without having closed. A lock is ours already,
                // and one that was waited for in vain is not waited for again.
                current.lease.is_some() || current.standing == Standing::ReadOnly
            }
            _ => false,
        };
        if again {
            return self.reread(id, self.ttl(lifetime));
        }
        self.release();
        self.begin(id, caller, true, lifetime)?;
        if let Some(current) = &mut self.current {
            current.prefetched = false;
        }
        Ok(())
    }

    /// Lends out the bytes that the last `read` by this caller found, so that the handler is free
    /// while PHP makes a string of them. [`Handler::give_back`] returns the buffer. A fatal error may
    /// keep it from coming back (the session is larger than the memory limit): PHP then closes a
    /// session of which it never saw the data, with an empty one, and that is not written.
    pub fn lend(&mut self, caller: Caller) -> Vec<u8> {
        self.change_standing(caller, Standing::Writable, Standing::Unread);
        std::mem::take(self.buffer_of(caller))
    }

    /// Takes the buffer back that [`Handler::lend`] lent.
    pub fn give_back(&mut self, caller: Caller, bytes: Vec<u8>) {
        self.change_standing(caller, Standing::Unread, Standing::Writable);
        *self.buffer_of(caller) = bytes;
    }

    fn change_standing(&mut self, caller: Caller, from: Standing, to: Standing) {
        if let Some(current) = self.current.as_mut().filter(|current| current.standing == from)
            && caller != Caller::Direct
        {
            current.standing = to;
        }
    }

    fn buffer_of(&mut self, caller: Caller) -> &mut Vec<u8> {
        if caller == Caller::Direct { &mut self.scratch } else { &mut self.snapshot }
    }

    /// Stores the session's data and gives its lock back.
    ///
    /// # Errors
    /// The store failed, or the write was refused: because the session was opened read-only, or
    /// because another request changed it after our lease had run out.
    pub fn write(&mut self, id: &[u8], data: &[u8], caller: Caller, lifetime: Duration) -> Result<()> {
        let seat = self.take_seat(id, caller, true)?;
        let written = self.write_seated(id, data, caller, lifetime);
        self.use_up_reference();
        self.leave_seat(seat);
        written
    }

    fn write_seated(&mut self, id: &[u8], data: &[u8], caller: Caller, lifetime: Duration) -> Result<()> {
        let id = self.checked(id, Operation::Write)?;
        let ttl = self.ttl(lifetime);
        self.store.set_lifetime(ttl);
        self.is_no_longer_fresh(id);
        if caller == Caller::Direct {
            self.say_terms(id, caller);
            return self.store.write(id, data, ttl);
        }
        self.carry_reference(id, caller);
        let Some(current) = self.current.as_mut().filter(|current| current.is(id)) else {
            // A wrapper that writes an id it never read: locked for the length of the write.
            return self.write_under_new_lease(id, data, ttl);
        };
        // PHP writes unchanged data too: always without lazy_write, and an empty session.
        let (found, extended) = (current.found, current.extended);
        match current.standing {
            Standing::Writable => {}
            Standing::ReadOnly if self.snapshot == data => return self.extend(id, found && !extended, ttl),
            Standing::ReadOnly => {
                let reason = format!("session {id} was opened without its lock and is read-only in this request");
                return Err(self.error(Kind::ReadOnly, Operation::Write, reason));
            }
            Standing::Overtaken => return Err(self.overtaken(id, Since::Unknown)),
            Standing::Ended => return Ok(()),
            // Said when it began.
            Standing::Absent if caller != Caller::Regenerate => return Ok(()),
            Standing::Absent => return Err(self.keeps_id(id, Operation::Write)),
            Standing::Unread => {
                let reason = format!("session {id} could not be read, so it stays as it was stored");
                return Err(self.error(Kind::ReadOnly, Operation::Write, reason));
            }
        }
        let lease = current.lease.take();
        if self.is_unborn(id, data) {
            return lease.map_or(Ok(()), |lease| self.store.unlock(id, lease));
        }
        let unchanged = found && self.snapshot == data;
        let written = match lease {
            Some(lease) => {
                self.say_terms(id, caller);
                match self.store.write_unlock(id, data, ttl, lease) {
                    Ok(Committed::Done) => Ok(()),
                    Ok(Committed::LeaseLost) if unchanged => self.touch_after_lost_lease(id, data, ttl),
                    Ok(Committed::LeaseLost) => self.write_after_lost_lease(id, data, ttl),
                    Err(error) => Err(error),
                }
            }
            None => self.write_under_new_lease(id, data, ttl),
        };
        self.stays_ended(id, written, unchanged)
    }

    /// What a write comes to that found the session ended by another request: refused from now on, and
    /// told if a change is lost by that.
    fn stays_ended(&mut self, id: SessionId<'_>, outcome: Result<()>, unchanged: bool) -> Result<()> {
        match outcome {
            Err(error) if error.kind() == Kind::Ended => {
                let refusal = self.ended(id);
                if unchanged { Ok(()) } else { Err(refusal) }
            }
            outcome => outcome,
        }
    }

    /// Ends a session whose data did not change: extends its lifetime, stores it again if it
    /// vanished, and gives its lock back.
    ///
    /// # Errors
    /// As [`Handler::write`], but never because the session is read-only.
    pub fn touch(&mut self, id: &[u8], data: &[u8], caller: Caller, lifetime: Duration) -> Result<()> {
        let seat = self.take_seat(id, caller, false)?;
        let touched = self.touch_seated(id, data, caller, lifetime);
        self.use_up_reference();
        self.leave_seat(seat);
        touched
    }

    fn touch_seated(&mut self, id: &[u8], data: &[u8], caller: Caller, lifetime: Duration) -> Result<()> {
        let id = self.checked(id, Operation::Touch)?;
        let ttl = self.ttl(lifetime);
        self.store.set_lifetime(ttl);
        self.is_no_longer_fresh(id);
        if caller != Caller::Direct {
            self.carry_reference(id, caller);
        }
        let current = self.current.as_mut().filter(|current| current.is(id));
        let (lease, extended) = match current {
            Some(current) if caller != Caller::Direct => {
                if matches!(current.standing, Standing::Absent | Standing::Ended) {
                    return Ok(());
                }
                if current.standing != Standing::Writable {
                    let missing = current.found && !current.extended;
                    return self.extend(id, missing, ttl);
                }
                (current.lease.take(), current.extended)
            }
            _ => (None, false),
        };
        if caller != Caller::Direct && self.is_unborn(id, data) {
            return lease.map_or(Ok(()), |lease| self.store.unlock(id, lease));
        }
        self.say_terms(id, caller);
        let touched = match self.store.touch_unlock(id, data, ttl, lease, extended) {
            Ok(Committed::Done) => Ok(()),
            Ok(Committed::LeaseLost) => self.touch_after_lost_lease(id, data, ttl),
            Err(error) => Err(error),
        };
        self.stays_ended(id, touched, true)
    }

    /// Ends the session. One that does not exist is fine.
    ///
    /// # Errors
    /// It is not certain that the record is gone.
    pub fn destroy(&mut self, id: &[u8], caller: Caller) -> Result<()> {
        let id = self.checked(id, Operation::Destroy)?;
        if caller == Caller::Direct {
            return self.store.destroy(id);
        }
        self.carry_reference(id, caller);
        let lease = match self.current.take() {
            Some(current) if current.is(id) => {
                if current.standing == Standing::Absent && caller == Caller::Regenerate {
                    self.current = Some(current);
                    return Err(self.keeps_id(id, Operation::Destroy));
                }
                current.lease
            }
            other => {
                self.current = other;
                None
            }
        };
        let destroyed = match lease {
            Some(lease) => self.store.destroy_unlock(id, lease),
            None => self.store.destroy(id),
        };
        self.notice = self.store.take_notice();
        destroyed
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
        self.close_reference();
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

    /// Takes the lock of `id` and reads nothing, for a session that is kept elsewhere. One that this
    /// handler holds already stays; [`Handler::close`] gives it back. The policy's `locking` does not
    /// count here.
    ///
    /// # Errors
    /// [`Kind::Locked`] when the lock was not to be had within the wait limit. Otherwise the store
    /// failed or cannot lock, or another session is held.
    pub fn hold(&mut self, id: &[u8]) -> Result<()> {
        let id = self.checked(id, Operation::Lock)?;
        if self.is_open() {
            if !self.is_current(id) {
                let reason = "this lock holds another session, and one at a time; release it first";
                return Err(self.error(Kind::Unsupported, Operation::Lock, reason));
            }
            match self.confirm(id) {
                Err(error) if error.kind() == Kind::LockLost => {}
                outcome => return outcome,
            }
        }
        self.release();
        let request = LockRequest { holder: &self.holder, ..lock_request(&self.policy) };
        let locks = self.store.capabilities().locks;
        match if locks { self.store.lock(id, &request)? } else { LockState::NotTaken } {
            LockState::Held(lease) => {
                let mut current = Current::new(id, std::mem::take(&mut self.last_id), Standing::Writable);
                current.lease = Some(lease);
                current.taken_at = Some(Instant::now());
                self.current = Some(current);
                Ok(())
            }
            LockState::Busy(refusal) => Err(self.refused(id, &refusal)),
            LockState::NotTaken => {
                Err(self.error(Kind::Unsupported, Operation::Lock, "this store cannot lock sessions here"))
            }
        }
    }

    /// Makes sure that what [`Handler::hold`] took is still ours, and lets it run for another lease.
    ///
    /// # Errors
    /// [`Kind::LockLost`], from then on until the lock is taken anew. Otherwise the store failed.
    pub fn confirm_hold(&mut self, id: &[u8]) -> Result<()> {
        let id = self.checked(id, Operation::Lock)?;
        if !self.is_open() || !self.is_current(id) {
            return Err(self.error(Kind::LockLost, Operation::Lock, format!("session {id} is not locked here")));
        }
        self.confirm(id)
    }

    fn confirm(&mut self, id: SessionId<'_>) -> Result<()> {
        let length = self.policy.lock_expire;
        let renewed = match &mut self.current {
            Some(Current { standing: Standing::Writable, lease: Some(lease), generation, taken_at, .. })
                if *generation == fork::generation() =>
            {
                let asked = Instant::now();
                let renewed = self.store.renew(id, lease, length)?;
                if renewed {
                    *taken_at = Some(asked);
                }
                renewed
            }
            _ => false,
        };
        if renewed { Ok(()) } else { Err(self.overtaken(id, Since::Unknown)) }
    }

    /// The id whose lock is held, or was before it was lost.
    #[must_use]
    pub fn held_id(&self) -> Option<&str> {
        let held = self.current.as_ref().filter(|current| current.lease.is_some())?;
        std::str::from_utf8(&held.id).ok()
    }

    /// An id that came from outside, checked by the general rule and by the store's own.
    fn checked<'a>(&self, id: &'a [u8], operation: Operation) -> Result<SessionId<'a>> {
        if let Some(id) = self.current.as_ref().and_then(|current| SessionId::known(id, &current.id)) {
            return Ok(id);
        }
        let id = SessionId::parse(id, operation)?;
        if self.store.accepts(id) && !references::is_reserved(id.as_bytes()) {
            return Ok(id);
        }
        Err(Error::new(Kind::InvalidId, self.store.name(), operation, self.store.refusal(id)))
    }

    /// Opens `id` in the store and makes it the current session. Says whether it exists.
    fn begin(&mut self, id: SessionId<'_>, caller: Caller, lock_missing: bool, lifetime: Duration) -> Result<bool> {
        let ttl = self.ttl(lifetime);
        let abilities = self.store.capabilities();
        let reads_only = caller == Caller::ReadAndClose;
        let extend_now = reads_only || (abilities.extends_on_read && self.policy.early_refresh);
        let wants_lock = self.policy.locking && abilities.locks && !reads_only;
        let buffer = std::mem::take(&mut self.last_id);
        let mut current = Current { prefetched: true, ..Current::new(id, buffer, Standing::Writable) };
        self.snapshot.clear();
        self.begin_reference(caller);
        // Once only: by the next time others may have heard of the id.
        let is_fresh = self.is_no_longer_fresh(id);
        if is_fresh && !wants_lock {
            self.current = Some(current);
            return Ok(false);
        }
        let mut request = OpenRequest {
            lock: wants_lock.then_some(LockRequest { holder: &self.holder, ..lock_request(&self.policy) }),
            lock_missing,
            extend: extend_now.then_some(ttl),
        };
        let outcome = self.store.open(id, &request, &mut self.snapshot);
        self.notice = self.store.take_notice();
        let mut opened = match outcome {
            Err(error) if self.goes_on_without(&error, caller) => {
                let reason = format!("{}; the session is empty and nothing of it is stored", error.reason());
                self.notice = Some(self.error(error.kind(), Operation::Read, reason));
                self.snapshot.clear();
                current.standing = Standing::Absent;
                // Nobody knows whether there is such a session. PHP keeps the visitor's id, so that the
                // session is found again when the storage is back.
                let found = !is_fresh;
                self.current = Some(current);
                return Ok(found);
            }
            outcome => outcome?,
        };
        if let LockState::Busy(refusal) = opened.lock {
            if self.policy.on_lock_timeout == OnLockTimeout::Fail {
                return Err(self.refused(id, &refusal));
            }
            current.standing = Standing::ReadOnly;
            request.lock = None;
            self.snapshot.clear();
            opened = self.store.open(id, &request, &mut self.snapshot)?;
        }
        current.found = opened.found;
        current.extended = opened.found && extend_now;
        if !opened.found {
            self.snapshot.clear();
        }
        if let LockState::Held(lease) = opened.lock {
            current.lease = Some(lease);
            current.taken_at = Some(Instant::now());
        }
        self.current = Some(current);
        Ok(opened.found)
    }

    /// Whether a failure to open is answered with an empty session. While an id is exchanged, the old
    /// session is gone from the request: it must not be followed by one that is not stored.
    fn goes_on_without(&self, error: &Error, caller: Caller) -> bool {
        self.policy.on_unavailable == OnUnavailable::EmptyReadOnly && error.is_outage() && caller != Caller::Regenerate
    }

    /// The refusal to give a session another id that could not be looked at under the present one.
    fn keeps_id(&self, id: SessionId<'_>, operation: Operation) -> Error {
        let reason = format!(
            "session {id} keeps its id: the storage was away when this request began, and under another id the \
             session would not be found again"
        );
        self.error(Kind::ReadOnly, operation, reason)
    }

    /// Reads the current session again, under the lock that it has or without the one that it did not get.
    fn reread(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<()> {
        let Some(current) = &mut self.current else { return Ok(()) };
        self.snapshot.clear();
        current.found = false;
        let request = OpenRequest { extend: current.extended.then_some(ttl), ..OpenRequest::default() };
        match self.store.open(id, &request, &mut self.snapshot) {
            Ok(Opened { found: true, .. }) => {
                current.found = true;
                Ok(())
            }
            other => {
                self.snapshot.clear();
                current.extended = false;
                other.map(drop)
            }
        }
    }

    /// Writes without a lease of our own: takes one for the length of the write where the policy locks.
    fn write_under_new_lease(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        if !(self.policy.locking && self.store.capabilities().locks) {
            self.say_terms(id, Caller::Engine);
            return self.store.write(id, data, ttl);
        }
        let request = LockRequest { holder: &self.holder, ..lock_request(&self.policy) };
        match self.store.lock(id, &request)? {
            LockState::Held(lease) => {
                self.say_terms(id, Caller::Engine);
                match self.store.write_unlock(id, data, ttl, lease)? {
                    Committed::Done => Ok(()),
                    Committed::LeaseLost => Err(self.overtaken(id, Since::Unknown)),
                }
            }
            LockState::Busy(refusal) => Err(self.refused(id, &refusal)),
            LockState::NotTaken => {
                self.say_terms(id, Caller::Engine);
                self.store.write(id, data, ttl)
            }
        }
    }

    /// The lease ran out, and there was nothing to change. Somebody has the session now and keeps
    /// it alive, or it is gone and to be stored again, if that is right.
    fn touch_after_lost_lease(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.say_terms(id, Caller::Engine);
        if self.store.touch(id, ttl)? { Ok(()) } else { self.write_after_lost_lease(id, data, ttl) }
    }

    /// Extends the lifetime of a session that we may not write, if that is still `missing`.
    fn extend(&mut self, id: SessionId<'_>, missing: bool, ttl: Duration) -> Result<()> {
        if missing { self.store.touch(id, ttl).map(drop) } else { Ok(()) }
    }

    /// Whether the session never held anything and the policy does not want such sessions stored.
    fn is_unborn(&self, id: SessionId<'_>, data: &[u8]) -> bool {
        data.is_empty()
            && !self.policy.store_empty
            && self.current.as_ref().is_some_and(|current| current.is(id) && !current.found)
    }

    fn is_current(&self, id: SessionId<'_>) -> bool {
        self.current.as_ref().is_some_and(|current| current.is(id))
    }

    /// Whether the id was just made here; from now on the store is asked about it.
    fn is_no_longer_fresh(&mut self, id: SessionId<'_>) -> bool {
        let was_fresh = self.fresh.as_bytes() == id.as_bytes();
        if was_fresh {
            self.fresh.clear();
        }
        was_fresh
    }

    fn ttl(&self, lifetime: Duration) -> Duration {
        self.policy.lifetime.unwrap_or(lifetime).clamp(LIFETIMES.0, LIFETIMES.1)
    }

    /// The lease ran out before the write. Under a new one: if what is stored is what we read (or
    /// already what we write), nobody came between, and the write goes through. Otherwise the
    /// newer data stays, unless the policy says otherwise.
    fn write_after_lost_lease(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let now_or_never = LockRequest { wait: Duration::ZERO, holder: &self.holder, ..lock_request(&self.policy) };
        let LockState::Held(lease) = self.store.lock(id, &now_or_never)? else {
            if self.policy.on_lock_lost == OnLockLost::Overwrite
                && (!self.may_have_been_ended() || self.store.exists(id)?)
            {
                self.say_terms(id, Caller::Engine);
                return self.store.write(id, data, ttl);
            }
            return Err(self.overtaken(id, Since::Held));
        };
        self.scratch.clear();
        let found = match self.store.read(id, &mut self.scratch) {
            Ok(found) => found,
            Err(error) => {
                let _ = self.store.unlock(id, lease);
                return Err(error);
            }
        };
        let may_write = if found {
            self.policy.on_lock_lost == OnLockLost::Overwrite || self.scratch == self.snapshot || self.scratch == data
        } else {
            !self.may_have_been_ended()
        };
        if !may_write {
            let _ = self.store.unlock(id, lease);
            return Err(self.overtaken(id, if found { Since::Changed } else { Since::Ended }));
        }
        self.say_terms(id, Caller::Engine);
        match self.store.write_unlock(id, data, ttl, lease)? {
            Committed::Done => Ok(()),
            Committed::LeaseLost => Err(self.overtaken(id, Since::Unknown)),
        }
    }

    /// Whether a record that is gone may have been destroyed by another request: a log-out must not be
    /// undone. Gone with a lease that was still running, the storage lost both, and it is stored again.
    fn may_have_been_ended(&self) -> bool {
        self.current.as_ref().is_some_and(|current| {
            let held = current.taken_at.map_or(self.policy.lock_expire, |at| at.elapsed());
            current.found && (held >= self.policy.lock_expire || self.store.early_loss().is_some())
        })
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

    /// The refusal to bring back what another request ended, now and for the rest of this session.
    fn ended(&mut self, id: SessionId<'_>) -> Error {
        let late = Late { loss: Loss::Ended, since: Since::Unknown, lease: self.policy.lock_expire };
        if let Some(current) = self.current.as_mut().filter(|current| current.is(id)) {
            current.standing = Standing::Overtaken;
            current.late = Some(late);
        }
        self.error(Kind::Ended, Operation::Write, late.sentence(id))
    }

    /// The refusal of a late write, now and for the rest of this session.
    fn overtaken(&mut self, id: SessionId<'_>, since: Since) -> Error {
        let lease = self.policy.lock_expire;
        let early = match self.store.early_loss() {
            Some(words) => Some(Loss::Early(words)),
            None => self.store.capabilities().lock_dies_with_holder.then_some(Loss::LockFile),
        };
        let late = match self.current.as_mut().filter(|current| current.is(id)) {
            Some(current) => current.refuse(since, lease, early),
            None => Current::new(id, Vec::new(), Standing::Writable).refuse(since, lease, early),
        };
        self.error(Kind::LockLost, Operation::Write, late.sentence(id))
    }
}

/// A lock as the policy wants it; who asks is yet to be said.
fn lock_request(policy: &Policy) -> LockRequest<'static> {
    LockRequest { wait: policy.lock_wait, lease: policy.lock_expire, holder: "", max_waiters: policy.max_waiters }
}
