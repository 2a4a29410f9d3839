//! Taking a session's lock, and giving it back.
//!
//! The lock is part of the session's document: the command that takes it reads the session and extends its
//! life. It fails without a trace where somebody else holds the session, and then that document is looked
//! at until it is free. MongoDB wakes nobody, and there is no queue.
//!
//! Whoever has the token has the lock: it is overwritten by the next holder and removed with the lock. A
//! lease that ran out is still good as long as nobody took the lock, and the same command sent twice
//! does what it does once.

use super::collection::{Collection, Heard};
use super::document::{self, EXPIRES_AT, LOCK, Seen};
use super::error;
use super::store::MongoDb;
use crate::backend::fork;
use crate::backend::remote::pauses::Pauses;
use crate::error::{Error, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal, Token};
use crate::session::store::Opened;
use mongodb::bson::doc;
use std::time::{Duration, Instant};

/// The longest wait; longer ones are cut to it.
const FOR_EVER: Duration = Duration::from_secs(7 * 86_400);
/// A lock is left to its holder for so long after its lease: by the time that its answer took on the way
/// the holder's own count began later, and the clocks of two machines differ by a little.
pub(super) const GRACE: Duration = Duration::from_millis(500);
/// How often in a row a document that is there already may turn out not to be the session's.
const COLLISIONS: u32 = 20;
/// What a holder may be called.
const LONGEST_HOLDER: usize = 512;

/// What is to be had with the lock.
pub(super) struct Wanted<'a> {
    /// What failures are called.
    pub(super) operation: Operation,
    pub(super) lock: &'a LockRequest<'a>,
    /// Take it though there is no record.
    pub(super) missing: bool,
    /// Read the record too.
    pub(super) read: bool,
    /// Extend the lifetime to this.
    pub(super) extend: Option<Duration>,
}

/// What is known here of a lock.
#[derive(Debug)]
pub(super) struct Held {
    token: Token,
    /// There is a session with it.
    stored: bool,
    generation: u64,
}

impl Held {
    /// There was a session when this lock was taken, and it was read.
    pub(super) fn has_session(&self, token: &Token) -> bool {
        self.token == *token && self.stored
    }
}

/// What came of one try.
enum Tried {
    Taken {
        found: bool,
    },
    /// It is held, or it has expired, or there is none.
    Refused,
    /// There is a document with this id, or with something else that may be there once.
    Duplicate(Error),
}

/// What was found instead of a lock to be had.
enum Look {
    /// Nobody looked yet.
    Unknown,
    /// No session, and no lock.
    Nothing,
    /// The lock of somebody, of that name.
    Held(Option<String>),
    /// What is left of a session, or of the lock of one that never was.
    Expired,
    /// It became free since.
    Free,
    /// Ours: the answer did not say so.
    Ours,
}

impl<C: Collection> MongoDb<C> {
    pub(super) fn acquire(&mut self, id: SessionId<'_>, wanted: &Wanted<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        let token = self.tokens.next()?;
        self.lease = wanted.lock.lease;
        self.pay(wanted.operation);
        let outcome = self.acquire_as(token, id, wanted, into);
        // It may be ours, or become ours when the server goes on.
        outcome.inspect_err(|_| self.debts.owe(id, token, wanted.lock.lease))
    }

    fn acquire_as(
        &mut self,
        token: Token,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        let started = Instant::now();
        let limit = wanted.lock.wait.min(FOR_EVER);
        let mut pauses = Pauses::new();
        let mut look = Look::Unknown;
        let mut paid = false;
        let mut collisions = 0;
        loop {
            let mut collision = None;
            if !matches!(look, Look::Held(_)) {
                match self.try_lock(token, id, wanted, &look, into)? {
                    Tried::Taken { found } => return self.taken(id, token, wanted, found),
                    Tried::Duplicate(error) => collision = Some(error),
                    Tried::Refused => {}
                }
            }
            look = self.look(token, id, wanted)?;
            // Others come and go; but it may also be another field's value that is there already.
            match (&look, collision) {
                (Look::Nothing, Some(error)) if collisions >= COLLISIONS => return Err(error),
                (Look::Nothing, Some(_)) => collisions += 1,
                _ => collisions = 0,
            }
            let waited = started.elapsed();
            match &mut look {
                Look::Nothing if !wanted.missing => return Ok(Opened { found: false, lock: LockState::NotTaken }),
                Look::Expired if !wanted.missing => return Ok(Opened { found: false, lock: LockState::NotTaken }),
                // The last release of ours may be known only now not to have arrived: the holder would be us.
                Look::Held(_) if !paid && !self.debts.is_empty() => {
                    paid = true;
                    self.pay(wanted.operation);
                    look = Look::Unknown;
                }
                Look::Held(holder) if waited >= limit => {
                    let refusal = Refusal { holder: holder.take(), ..Refusal::default() };
                    return Ok(Opened { found: false, lock: LockState::Busy(refusal) });
                }
                Look::Held(_) => {
                    std::thread::sleep(pauses.next(&token, waited).min(limit.saturating_sub(waited)));
                }
                // Others come and go faster than this one.
                _ if waited >= limit.saturating_add(self.collection.timeout()) => {
                    return Ok(Opened { found: false, lock: LockState::Busy(Refusal::default()) });
                }
                _ => {}
            }
        }
    }

    /// One try, for what was found. The answer is the document as the command left it: it is ours by then.
    fn try_lock(
        &mut self,
        token: Token,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        look: &Look,
        into: &mut Vec<u8>,
    ) -> Result<Tried> {
        let now = self.clock.now_ms();
        let until = document::end(now, wanted.lock.lease.saturating_add(GRACE));
        let lock = document::lock(text(&token), until, holder_name(wanted.lock.holder));
        let id = id.as_str();
        let mut update = match (look, wanted.extend) {
            (Look::Expired, _) => doc! { "$set": { EXPIRES_AT: document::date(until) }, "$unset": document::emptied() },
            (_, Some(ttl)) => doc! { "$set": { EXPIRES_AT: document::date(document::end(now, ttl)) } },
            (_, None) => doc! { "$set": {}, "$setOnInsert": { EXPIRES_AT: document::date(until) } },
        };
        if let Ok(set) = update.get_document_mut("$set") {
            set.insert(LOCK, lock);
        }
        let filter = if wanted.missing { document::of(id) } else { document::stored(id) };
        let filter = match look {
            Look::Unknown | Look::Nothing => document::and_free(document::and_alive(filter, now), now),
            Look::Expired => document::and_free(document::and_not_alive(filter, now), now),
            Look::Ours => document::held(id, text(&token)),
            Look::Free | Look::Held(_) => document::and_free(document::and_not_expired(filter, now), now),
        };
        let makes = wanted.missing && matches!(look, Look::Unknown | Look::Nothing);
        let fields = if wanted.read { document::with_data() } else { document::without_data() };
        let asked = self.ask_or_fault(|to| to.find_and_update(filter, update, fields, makes));
        let there = match asked {
            Ok(Some(there)) => there,
            // To a command that makes a document this is no answer: a server that gives it, because somebody
            // else made the document in that moment, may have done the work all the same.
            Ok(None) => return Ok(Tried::Refused),
            Err(fault) if fault.is_duplicate() => {
                return Ok(Tried::Duplicate(fault.told(wanted.operation, &self.endpoint)));
            }
            Err(fault) => return Err(fault.told(wanted.operation, &self.endpoint)),
        };
        let found = !matches!(look, Look::Expired)
            && wanted.read
            && Seen(&there).data(into).ok_or_else(|| error::unreadable(wanted.operation, &self.endpoint))?;
        self.held = Some(Held { token, stored: found, generation: fork::generation() });
        Ok(Tried::Taken { found })
    }

    /// Whose the lock is, or why there was none to be had.
    fn look(&mut self, token: Token, id: SessionId<'_>, wanted: &Wanted<'_>) -> Result<Look> {
        let filter = if wanted.missing { document::of(id.as_str()) } else { document::stored(id.as_str()) };
        let fields = document::without_data();
        let found = self.ask(wanted.operation, |to| to.find(filter, fields))?;
        let Some(found) = found else { return Ok(Look::Nothing) };
        let (seen, now) = (Seen(&found), self.clock.now_ms());
        Ok(match seen.holder() {
            Some(holder) if holder.token == text(&token) => Look::Ours,
            Some(holder) if holder.until > now => {
                Look::Held(Some(holder.name.to_owned()).filter(|name| !name.is_empty()))
            }
            _ if seen.is_expired(now, self.lifetime) => Look::Expired,
            _ => Look::Free,
        })
    }

    /// The lock is ours: what else was wanted decides whether it stays.
    fn taken(&mut self, id: SessionId<'_>, token: Token, wanted: &Wanted<'_>, found: bool) -> Result<Opened> {
        let lease = Lease { token, guard: None };
        if wanted.read && !found && !wanted.missing {
            // An id that nobody stored must not leave a lock behind.
            self.release(Operation::Unlock, id, &token)?;
            return Ok(Opened { found: false, lock: LockState::NotTaken });
        }
        Ok(Opened { found, lock: LockState::Held(lease) })
    }

    /// Whether a child of a fork got the lease from its parent. It is the parent's to release.
    pub(super) fn is_inherited(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.generation != fork::generation())
    }

    /// Gives a lock back. The lock of a session that was never stored goes with its document.
    pub(super) fn release(&mut self, operation: Operation, id: SessionId<'_>, token: &Token) -> Result<()> {
        let stored = self.held.take_if(|held| held.token == *token).is_some_and(|held| held.stored);
        let (held, alone) = (document::held(id.as_str(), text(token)), document::lock_alone(id.as_str(), text(token)));
        self.ask(operation, |to| {
            if stored || !to.delete(alone, Heard::ByOne)? {
                to.update(held, doc! { "$unset": { LOCK: "" } }, false, Heard::ByOne)?;
            }
            Ok(())
        })
    }

    /// Gives back the locks whose releases failed, as far as that goes.
    pub(super) fn pay(&mut self, operation: Operation) {
        while let Some(debt) = self.debts.next() {
            let Ok(id) = SessionId::parse(&debt.id, operation) else { continue };
            let paid = self.release(operation, id, &debt.token);
            if paid.is_err() {
                self.debts.keep(debt);
                return;
            }
        }
    }
}

/// A token as it is stored.
pub(super) fn text(token: &Token) -> &str {
    // Hexadecimal digits.
    std::str::from_utf8(token.as_bytes()).unwrap_or_default()
}

/// A holder's name, not longer than it may be.
fn holder_name(name: &str) -> &str {
    let mut end = name.len().min(LONGEST_HOLDER);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default()
}
