//! What becomes of the end of a session whose lease was lost, or that another request ended.

use super::{Caller, Handler, OnLockLost, lock_request};
use crate::error::{Error, Kind, Operation, Result};
use crate::session::current::{Current, Standing};
use crate::session::id::SessionId;
use crate::session::late::{Late, Loss, Since};
use crate::session::lock::{LockRequest, LockState};
use crate::session::store::Committed;
use std::time::Duration;

impl Handler {
    /// The lease ran out, and there was nothing to change. Somebody has the session now and keeps
    /// it alive, or it is gone and to be stored again, if that is right.
    pub(super) fn touch_after_lost_lease(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.say_terms(id, Caller::Engine);
        if self.store.touch(id, ttl)? { Ok(()) } else { self.write_after_lost_lease(id, data, ttl) }
    }

    /// The lease ran out before the write. Under a new one: if what is stored is what we read (or
    /// already what we write), nobody came between, and the write goes through. Otherwise the
    /// newer data stays, unless the policy says otherwise.
    pub(super) fn write_after_lost_lease(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
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

    /// The refusal to bring back what another request ended, now and for the rest of this session.
    pub(super) fn ended(&mut self, id: SessionId<'_>) -> Error {
        let late = Late { loss: Loss::Ended, since: Since::Unknown, lease: self.policy.lock_expire };
        if let Some(current) = self.current.as_mut().filter(|current| current.is(id)) {
            current.standing = Standing::Overtaken;
            current.late = Some(late);
        }
        self.error(Kind::Ended, Operation::Write, late.sentence(id))
    }

    /// The refusal of a late write, now and for the rest of this session.
    pub(super) fn overtaken(&mut self, id: SessionId<'_>, since: Since) -> Error {
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
