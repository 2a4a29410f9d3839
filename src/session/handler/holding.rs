//! The lock alone, for a session that is kept elsewhere.

use super::{Handler, lock_request};
use crate::error::{Kind, Operation, Result};
use crate::session::current::{Current, Standing};
use crate::session::fork;
use crate::session::id::SessionId;
use crate::session::late::Since;
use crate::session::lock::{LockRequest, LockState};
use std::time::Instant;

impl Handler {
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
}
