//! How a session ends: written, touched or destroyed, and its lock given back.

use super::{Caller, Handler, lock_request};
use crate::error::{Error, Kind, Operation, Result};
use crate::session::current::Standing;
use crate::session::id::SessionId;
use crate::session::late::Since;
use crate::session::lock::{LockRequest, LockState};
use crate::session::store::Committed;
use std::time::Duration;

impl Handler {
    /// Stores the session's data and gives its lock back.
    ///
    /// # Errors
    /// The store failed, or the write was refused: because the session was opened read-only, or
    /// because another request changed it after our lease had run out.
    pub fn write(&mut self, id: &[u8], data: &[u8], caller: Caller, lifetime: Duration) -> Result<()> {
        self.seated(id, caller, true, |handler| handler.write_seated(id, data, caller, lifetime))
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
        let written = match lease {
            Some(lease) => {
                self.say_terms(id, caller);
                match self.store.write_unlock(id, data, ttl, lease) {
                    Ok(Committed::Done) => Ok(()),
                    Ok(Committed::LeaseLost) if found && self.snapshot == data => {
                        self.touch_after_lost_lease(id, data, ttl)
                    }
                    Ok(Committed::LeaseLost) => self.write_after_lost_lease(id, data, ttl),
                    Err(error) => Err(error),
                }
            }
            None => self.write_under_new_lease(id, data, ttl),
        };
        written.or_else(|error| self.stays_ended(id, error, found && self.snapshot == data))
    }

    /// Ends a session whose data did not change: extends its lifetime, stores it again if it
    /// vanished, and gives its lock back.
    ///
    /// # Errors
    /// As [`Handler::write`], but never because the session is read-only.
    pub fn touch(&mut self, id: &[u8], data: &[u8], caller: Caller, lifetime: Duration) -> Result<()> {
        self.seated(id, caller, false, |handler| handler.touch_seated(id, data, caller, lifetime))
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
        touched.or_else(|error| self.stays_ended(id, error, true))
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

    /// What a failed end comes to if it failed because another request ended the session: refused from now
    /// on, and told if a change is lost by that.
    #[cold]
    fn stays_ended(&mut self, id: SessionId<'_>, error: Error, unchanged: bool) -> Result<()> {
        if error.kind() != Kind::Ended {
            return Err(error);
        }
        let refusal = self.ended(id);
        if unchanged { Ok(()) } else { Err(refusal) }
    }

    /// The refusal to give a session another id that could not be looked at under the present one.
    pub(super) fn keeps_id(&self, id: SessionId<'_>, operation: Operation) -> Error {
        let reason = format!(
            "session {id} keeps its id: the storage was away when this request began, and under another id the \
             session would not be found again"
        );
        self.error(Kind::ReadOnly, operation, reason)
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

    /// Writes without a lease of our own: takes one for the length of the write where the policy locks.
    pub(super) fn write_under_new_lease(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
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
}
