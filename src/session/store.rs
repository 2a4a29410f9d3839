//! The contract of a storage.
//!
//! A store moves bytes; it knows nothing of PHP's protocol. What each method does in the awkward
//! cases is part of the contract and is held by the conformance suite in `tests/conformance`:
//!
//! - absent and expired read as "not there"; an error is reserved for a storage that failed;
//! - data is bytes: NUL, invalid UTF-8 and the empty string survive, up to 64 MB;
//! - `write` replaces value and lifetime together: a reader sees the old record or the new one;
//! - `destroy` and `unlock` of what is not there are fine;
//! - a connection that timed out, broke or was interrupted is never used again;
//! - a child of a fork never touches its parent's connections or locks.
//!
//! The plain operations come first. The combined ones exist because a session costs what its
//! waits for the server cost; their defaults compose the plain ones, and a store that can do
//! better in one exchange overrides them.

use super::id::SessionId;
use super::lock::{Lease, LockRequest, LockState};
use super::reference::{References, Terms};
use crate::error::{Error, Operation, Result};
use std::time::Duration;

/// What a store can do, as data: documentation, error messages and tests read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Sessions can be locked for the length of a request.
    pub locks: bool,
    /// The system frees a lock when its holder ends, and never before: `LockRequest::lease` has
    /// no meaning, and no write comes too late. Without this a lock goes with its lease.
    pub lock_dies_with_holder: bool,
    /// The store keeps the queue for a lock itself, and knows how many wait: `LockRequest::max_waiters`.
    pub counts_waiters: bool,
    /// The sessions are on a server, which may be away while this process is not.
    pub remote: bool,
    /// Other processes see the same sessions.
    pub shared: bool,
    /// Sessions are still there after the process, or the server, was started again.
    pub durable: bool,
    /// Expired records disappear by themselves; `gc` has nothing to do.
    pub self_expiring: bool,
    /// `open` extends the lifetime in the same exchange as the read, at no extra cost.
    pub extends_on_read: bool,
    /// Sessions can be found by their reference: [`Store::references`].
    pub references: bool,
}

/// How a session is to be opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenRequest<'a> {
    /// Take the lock first; `None` reads without.
    pub lock: Option<LockRequest<'a>>,
    /// Take the lock even if there is no such session yet. Otherwise an unknown id leaves no
    /// trace: strict mode must not let strangers create locks.
    pub lock_missing: bool,
    /// Extend the lifetime to this, counted from now, if the session exists.
    pub extend: Option<Duration>,
}

/// What came of opening.
#[derive(Debug)]
pub struct Opened {
    /// Whether the session exists; its data is in the caller's buffer.
    pub found: bool,
    /// What came of the lock. With [`LockState::Busy`] nothing was read.
    pub lock: LockState,
}

/// What came of writing or touching under a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Done, and the lock is free again.
    Done,
    /// Nothing was changed: the lease ran out before, and perhaps another request had the session
    /// since. The lease is void.
    LeaseLost,
}

/// A storage of sessions. Calls block; one store belongs to one thread at a time.
pub trait Store: Send {
    /// The store's kind, as in a DSN: "redis".
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Where the sessions are, for messages: no credentials.
    fn endpoint(&self) -> String;

    /// What creates the store's table, in the storage's own language, for people who want to run it
    /// themselves. Connects to nothing.
    fn definition(&self) -> Option<String> {
        None
    }

    /// Whether a session may have this id here. False for one that would name something else of the
    /// store's, another session's lock for instance.
    fn accepts(&self, _id: SessionId<'_>) -> bool {
        true
    }

    /// Why a session may not have this id here, for one that [`Store::accepts`] refuses. In words
    /// that do not repeat it.
    fn refusal(&self, _id: SessionId<'_>) -> String {
        "the session id cannot be stored here: it is too short for the levels of folders, too long for a file's name, or \
         like the name of a lock"
            .to_owned()
    }

    /// Says how long a session lives by the configuration in force, before any other call of a
    /// request. For stores whose records carry only the time of their last use; the others ignore it.
    fn set_lifetime(&mut self, _lifetime: Duration) {}

    /// How a lease can be lost though nobody took the lock and its time is not over, in words for the
    /// session that lost it ("lost its lock with the connection to the server"). The records are there
    /// still when that happens, so that one that is gone was ended by another request. `None`: it cannot,
    /// or the storage loses the records as well.
    fn early_loss(&self) -> Option<&'static str> {
        None
    }

    /// Whether a lock here has room for who holds it: [`LockRequest::holder`].
    fn keeps_holder(&self) -> bool {
        !self.capabilities().lock_dies_with_holder
    }

    /// Says that the sessions have references, before any other call that concerns them. From then on a
    /// session that is opened, written, touched or destroyed keeps or loses its entry in an index
    /// that the store keeps apart, and `open` may fetch in the same exchange what the write will need
    /// for that. Never taken back. A store whose records carry their reference ignores it; a handle
    /// that was not told may leave entries of destroyed sessions behind, which heal
    /// ([`super::reference`]).
    fn keep_references(&mut self) {}

    /// Says how the next write or touch is meant: the next of `write`, `touch`, `write_unlock` and
    /// `touch_unlock`, and no other. Comes after [`Store::keep_references`], and only to stores with the
    /// ability. For the store this means:
    ///
    /// - once the call succeeded, the record has the reference that was said. `touch` and
    ///   `touch_unlock` too may bring another one than the record had;
    /// - said nothing, or [`Assignment::Keep`](super::reference::Assignment::Keep): the reference the
    ///   record has stays, through a write as well, and its entry lives as long as the record;
    /// - a call that fails, or answers [`Committed::LeaseLost`], changes no record's reference;
    /// - `existing`: if there is no live record, nothing is stored, a lease is given up, and the
    ///   answer is [`ended`](super::reference::ended). There is no moment between looking and
    ///   writing: `UPDATE` instead of an upsert, `SET XX`, an exchange of names. `touch` answers
    ///   false as always;
    /// - the default of `touch_unlock` knows no terms: a store with the ability has one of its own;
    /// - none of it costs a further wait where the storage allows that. To move an entry, a store needs
    ///   the reference that the record had; it learns it with `open` or as the answer of the write.
    fn set_terms(&mut self, _terms: &Terms<'_>) {}

    /// What finds sessions by their reference. `Some` exactly with [`Capabilities::references`].
    fn references(&mut self) -> Option<&mut dyn References> {
        None
    }

    /// What a listing calls the session: its id, unless the storage knows it by another name.
    fn listed_as(&mut self, id: SessionId<'_>) -> String {
        id.as_str().to_owned()
    }

    /// Removes the record of a session that was listed, by what the listing called it.
    ///
    /// # Errors
    /// As [`Store::destroy`].
    fn destroy_listed(&mut self, listed: &str) -> Result<()> {
        self.destroy(SessionId::parse(listed.as_bytes(), Operation::Destroy)?)
    }

    /// What was said that keeps this store from having references, in words for who wants some
    /// ("with replicas=1"). `None`: nothing, or its kind never has any.
    fn references_ruled_out_by(&self) -> Option<&'static str> {
        None
    }

    /// Something that went wrong and was dealt with, to be told to whoever watches. Once.
    fn take_notice(&mut self) -> Option<Error> {
        None
    }

    /// Appends the record's data to `into` (which arrives empty) and says whether there was one.
    ///
    /// # Errors
    /// Only when the storage itself failed. Then `into` may hold anything.
    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool>;

    /// Creates or replaces the record, value and lifetime together, atomically.
    ///
    /// # Errors
    /// When it is not certain that the record is stored. The old one is then whole or gone, never torn.
    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()>;

    /// Extends the lifetime to `ttl` from now. False if there is no such record.
    ///
    /// # Errors
    /// When the storage failed.
    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool>;

    /// Removes the record. True whether or not there was one.
    ///
    /// # Errors
    /// When it is not certain that the record is gone.
    fn destroy(&mut self, id: SessionId<'_>) -> Result<()>;

    /// Whether there is such a record, without loading it where the storage allows that.
    ///
    /// # Errors
    /// When the storage failed.
    fn exists(&mut self, id: SessionId<'_>) -> Result<bool>;

    /// Removes expired records and says how many: as many as fit in less than 50 ms, since the request
    /// that draws the lottery waits for it. The next call goes on. `max_lifetime` counts for records that
    /// do not carry a lifetime of their own. A store whose records vanish by themselves answers 0; so
    /// does one that another worker is clearing just now, if one at a time does it.
    ///
    /// # Errors
    /// When the storage failed; what was removed by then stays removed.
    fn gc(&mut self, max_lifetime: Duration) -> Result<u64>;

    /// As [`Store::gc`], and goes on until nothing that has expired is left, for a minute at most; others
    /// are kept waiting no more by it than by `gc`. The default is for stores whose `gc` leaves nothing
    /// behind.
    ///
    /// # Errors
    /// As [`Store::gc`].
    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.gc(max_lifetime)
    }

    /// The session is closed, and as a rule nothing more comes before the end of the request. A store
    /// that is not to keep its connection closes it.
    fn rest(&mut self) {}

    /// Takes the session's lock, waiting at most `request.wait`, woken by its release where the
    /// storage can do that. Locks of a process that died become free by themselves.
    ///
    /// # Errors
    /// When the storage failed, or cannot lock at all. Not getting the lock is
    /// [`LockState::Busy`], not an error.
    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState>;

    /// Gives a lock back; one that is no longer ours is left alone. May be sent without waiting
    /// for the answer.
    ///
    /// # Errors
    /// When the storage failed. The lock then goes with its lease.
    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()>;

    /// Whether the lock is still the lease's. It then runs for `length` from now. For data that is kept
    /// elsewhere: it is asked before such data is written. The default does not look at the lease: it
    /// is for stores whose locks die with their holder and cannot be lost otherwise.
    ///
    /// # Errors
    /// When the storage failed: it is not known then whose the lock is.
    fn renew(&mut self, _id: SessionId<'_>, _lease: &Lease, _length: Duration) -> Result<bool> {
        Ok(true)
    }

    /// Lock, read and extend. The data is in `into` (which arrives empty) when `found`.
    ///
    /// # Errors
    /// When the storage failed. No lock is held then.
    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        let mut lock = LockState::NotTaken;
        if let Some(wanted) = &request.lock {
            if !request.lock_missing && !self.exists(id)? {
                return Ok(Opened { found: false, lock });
            }
            lock = self.lock(id, wanted)?;
            if matches!(lock, LockState::Busy(_)) {
                return Ok(Opened { found: false, lock });
            }
        }
        let outcome = match self.read(id, into) {
            Ok(true) => match request.extend {
                Some(ttl) => self.touch(id, ttl).map(|_| true),
                None => Ok(true),
            },
            other => other,
        };
        match (outcome, lock) {
            (Ok(found), LockState::Held(lease)) if found || request.lock_missing => {
                Ok(Opened { found, lock: LockState::Held(lease) })
            }
            (Ok(found), LockState::Held(lease)) => {
                self.unlock(id, lease)?;
                Ok(Opened { found, lock: LockState::NotTaken })
            }
            (Ok(found), lock) => Ok(Opened { found, lock }),
            (Err(error), lock) => {
                if let LockState::Held(lease) = lock {
                    // The read's failure is the one worth telling.
                    let _ = self.unlock(id, lease);
                }
                Err(error)
            }
        }
    }

    /// Writes if the lease still holds, and releases it. The default does not look at the lease: it
    /// is for stores whose locks die with their holder.
    ///
    /// # Errors
    /// When it is not certain that the record is stored. The lock is given up all the same.
    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        let written = self.write(id, data, ttl);
        let released = self.unlock(id, lease);
        written?;
        released?;
        Ok(Committed::Done)
    }

    /// Ends a session whose data did not change: the record lives for `ttl` from now, one that
    /// vanished is stored again, and the lease, if there is one, is released. `extended` says that
    /// `open` extended the lifetime already. Under a lease that was lost nothing is stored: whoever
    /// had the session since may have ended it. May be sent without waiting for the answer, which
    /// is then [`Committed::Done`].
    ///
    /// # Errors
    /// When the storage failed. The lock is given up all the same.
    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        let kept = match if extended { self.exists(id) } else { self.touch(id, ttl) } {
            Ok(true) => Ok(()),
            Ok(false) => self.write(id, data, ttl),
            Err(error) => Err(error),
        };
        let released = match lease {
            Some(lease) => self.unlock(id, lease),
            None => Ok(()),
        };
        kept?;
        released?;
        Ok(Committed::Done)
    }

    /// Destroys and releases.
    ///
    /// # Errors
    /// When it is not certain that the record is gone. The lock is given up all the same.
    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        let destroyed = self.destroy(id);
        let released = self.unlock(id, lease);
        destroyed?;
        released
    }
}
