//! Taking a session's lock, in the command that reads it.
//!
//! The lock is in the session's own record, so that the command which takes it, reads and extends is
//! one; its filter lets it pass only if the lock is free. Whether a lease is over is decided by the
//! clock of the server that has the record, and by no other.
//!
//! Aerospike wakes nobody, so that who waits asks again: after a short pause first, then after longer
//! ones, of a length that differs by chance. There is no queue.

use super::cluster::Answer;
use super::record::{self, Command, Holder};
use super::store::Aerospike;
use crate::backend::fork;
use crate::backend::remote::pauses::Pauses;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal, Token};
use crate::session::store::Opened;
use std::time::{Duration, Instant};

/// The longest wait; longer ones are cut to it.
const FOR_EVER: Duration = Duration::from_secs(7 * 86_400);
/// A lock on a session that does not exist is a record of its own, and that one outlives its lease: a
/// lease may be renewed, and a record that is gone takes its lock with it.
pub(super) const SPARE: Duration = Duration::from_secs(3600);

/// What is to be had with the lock.
pub(super) struct Wanted<'a> {
    /// What failures are called.
    pub(super) operation: Operation,
    pub(super) lock: &'a LockRequest<'a>,
    /// Take it though there is no session.
    pub(super) missing: bool,
    /// Read the session.
    pub(super) read: bool,
    /// Extend its lifetime to this.
    pub(super) extend: Option<Duration>,
}

/// What is known here of a lock.
#[derive(Debug)]
pub(super) struct Held {
    token: Token,
    /// By our own clock it holds at least until then.
    until: Instant,
    generation: u64,
}

impl Held {
    pub(super) fn is(&self, token: &Token) -> bool {
        self.token == *token
    }

    /// Its lease is running by our own clock, so that nobody else can have had the session since.
    pub(super) fn is_running(&self, token: &Token) -> bool {
        self.is(token) && self.until > Instant::now()
    }
}

impl Aerospike {
    pub(super) fn acquire(&mut self, id: SessionId<'_>, wanted: &Wanted<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        self.pay(wanted.operation)?;
        let token = self.tokens.next()?;
        self.lease = wanted.lock.lease;
        let outcome = self.acquire_as(&token, id, wanted, into);
        if let Err(error) = &outcome
            && error.is_outage()
        {
            // It may be ours, or become ours when the server goes on.
            self.debts.owe(id, token, wanted.lock.lease);
        }
        outcome
    }

    fn acquire_as(
        &mut self,
        token: &Token,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        let began = Instant::now();
        let limit = wanted.lock.wait.min(FOR_EVER);
        let mut pauses = Pauses::new();
        let mut is_first = true;
        let mut paid = false;
        loop {
            let asked = Instant::now();
            let command = taking(token, wanted, self.kept);
            let answer = match self.ask(wanted.operation, id, &command)? {
                Answer::Missing if wanted.missing => {
                    self.ask(wanted.operation, id, &command.create().living(SPARE.saturating_add(wanted.lock.lease)))?
                }
                answer => answer,
            };
            match answer {
                Answer::Done(record) => return self.taken(*token, id, wanted, asked, &record, into),
                Answer::Missing => return Ok(Opened { found: false, lock: LockState::NotTaken }),
                // Held; or somebody was quicker in making the record.
                Answer::Filtered | Answer::Exists => {}
            }
            if !paid && !self.debts.is_empty() {
                // The last release of ours is known only now not to have arrived: the holder would be us.
                paid = true;
                self.pay(wanted.operation)?;
                continue;
            }
            let waited = began.elapsed();
            if std::mem::take(&mut is_first) || waited >= limit {
                let Some(holder) = self.holder(wanted.operation, id)? else { continue };
                if !wanted.missing && !holder.has_session {
                    return Ok(Opened { found: false, lock: LockState::NotTaken });
                }
                if began.elapsed() >= limit {
                    let refusal = Refusal { holder: holder.name, held: holder.held, crowded: false };
                    return Ok(Opened { found: false, lock: LockState::Busy(refusal) });
                }
            }
            std::thread::sleep(pauses.next(token, waited).min(limit.saturating_sub(waited)));
        }
    }

    /// The lock is ours: notes it, and hands out the session.
    fn taken(
        &mut self,
        token: Token,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        asked: Instant,
        answer: &aerospike::Record,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        let until = asked.checked_add(wanted.lock.lease).unwrap_or(asked);
        self.held = Some(Held { token, until, generation: fork::generation() });
        let lease = Lease { token, guard: None };
        if wanted.read {
            self.note_reference(id, record::reference(answer));
        }
        let found = match record::session(answer, into) {
            Ok(found) => wanted.read && found,
            Err(reason) => {
                // The failure to read is the one worth telling.
                let _ = self.release(id, lease);
                return Err(self.cluster.place.unreadable(wanted.operation, reason));
            }
        };
        Ok(Opened { found, lock: LockState::Held(lease) })
    }

    /// Who has the lock; none if the record is gone.
    fn holder(&mut self, operation: Operation, id: SessionId<'_>) -> Result<Option<Holder>> {
        match self.ask(operation, id, &Command::update(record::ask_for_holder()))? {
            Answer::Done(answer) => Ok(Some(Holder::of(&answer))),
            _ => Ok(None),
        }
    }

    /// Gives back a lock, without waiting where that can be.
    pub(super) fn release(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.held.take_if(|held| held.is(&lease.token));
        let command = Command::update(record::unlock()).only_if(record::is_locked_by(&lease.token));
        self.finish(Operation::Unlock, id, command, Some(lease.token)).map(drop)
    }

    /// Gives back what was not given back.
    fn pay(&mut self, operation: Operation) -> Result<()> {
        while let Some(debt) = self.debts.next() {
            let Ok(id) = SessionId::parse(&debt.id, operation) else { continue };
            let command = Command::update(record::unlock()).only_if(record::is_locked_by(&debt.token));
            if let Err(error) = self.ask(operation, id, &command) {
                self.debts.keep(debt);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Whether a child of a fork got the lease from its parent. It is the parent's to release.
    pub(super) fn is_inherited(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.generation != fork::generation())
    }

    /// Takes what is known of the lock, and says whether its lease is running.
    pub(super) fn is_sure(&mut self, token: &Token) -> bool {
        self.held.take_if(|held| held.is(token)).is_some_and(|held| held.is_running(token))
    }

    /// The lease runs for so long from `asked`.
    pub(super) fn note_renewed(&mut self, token: &Token, asked: Instant, length: Duration) {
        if let Some(held) = self.held.as_mut().filter(|held| held.is(token)) {
            held.until = asked.checked_add(length).unwrap_or(asked);
        }
    }
}

fn taking(token: &Token, wanted: &Wanted<'_>, referred: bool) -> Command {
    let mut operations = record::lock(token, wanted.lock.holder, wanted.lock.lease);
    if wanted.read {
        operations.push(record::read());
        if referred {
            operations.push(record::read_reference());
        }
    }
    let command = Command::update(operations);
    let command = if wanted.missing {
        command.only_if(record::is_free_for(token))
    } else {
        command.only_if(record::is_free_session_for(token))
    };
    match wanted.extend {
        // The record must not go before its lock.
        Some(ttl) if wanted.missing => command.or_create().living(ttl.max(wanted.lock.lease)),
        Some(ttl) => command.living(ttl.max(wanted.lock.lease)),
        None => command,
    }
}
