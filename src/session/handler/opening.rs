//! How a session begins: what strict mode asks, and what PHP reads.

use super::{Caller, Handler, OnLockTimeout, OnUnavailable, lock_request};
use crate::error::{Error, Operation, Result};
use crate::session::current::{Current, Standing};
use crate::session::id::SessionId;
use crate::session::lock::{LockRequest, LockState};
use crate::session::store::{OpenRequest, Opened};
use std::time::{Duration, Instant};

impl Handler {
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
        if self.keeps_references() {
            self.begin_reference(caller);
        }
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
            Ok(opened) => opened,
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
            Err(error) => return Err(error),
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
}
