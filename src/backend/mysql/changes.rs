//! How a row is changed: by itself, with the release of its lock, or if it is as it was.

use super::error::{self, code};
use super::locks::{Fingerprint, Name};
use super::reply::Value;
use super::server::{Answer, Trouble};
use super::statements::{Change, Given, Plan};
use super::store::Mysql;
use crate::backend::sql::Role;
use crate::error::{Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::reference::{Assignment, Terms};
use crate::session::store::Committed;
use std::time::Duration;

/// A statement that a deadlock was resolved by is tried again so often.
const TRIES: u32 = 5;

/// How a session is written that this request found alive, if `seen`.
pub(super) fn writing(terms: &Terms<'_>, seen: Option<i64>) -> Change {
    match seen {
        _ if terms.existing => Change::Update,
        Some(_) => Change::Overwrite,
        None => Change::Write,
    }
}

impl Mysql {
    /// The statement that does this to a row, and with which reference.
    pub(super) fn changing<'a>(&self, change: Change, terms: &Terms<'a>, given: Given<'a>) -> (Plan, Given<'a>) {
        let has_any = self.server.plans().is_some_and(|plans| plans.table.column(Role::Reference).is_some());
        let said = match terms.reference {
            _ if !has_any => None,
            Assignment::Keep => None,
            Assignment::Clear => Some(None),
            Assignment::Set(reference) => Some(Some(reference.as_bytes())),
        };
        // Without references, or with one that is said, both are one statement.
        let change = if change == Change::Overwrite && !(has_any && said.is_none()) { Change::Write } else { change };
        (Plan::Change(change, said.is_some()), Given { reference: said.flatten(), ..given })
    }

    /// What replaces a row. One that this request found alive may outlive its lifetime in the request's hands,
    /// and keeps its time if that suits still: then no index has anything to do with it.
    pub(super) fn replacing<'a>(
        &self,
        id: SessionId<'a>,
        stored: &'a [u8],
        ttl: Duration,
        seen: Option<i64>,
    ) -> Given<'a> {
        let given = self.given(id.as_bytes());
        let alive = if seen.is_some() { 0 } else { given.alive };
        Given { data: stored, time: self.times(ttl, seen).0, alive, ..given }
    }

    /// One statement, over another connection if need be, again if the server resolves a deadlock by it.
    /// How many rows it found.
    pub(super) fn change(&mut self, operation: Operation, plan: Plan, given: &Given<'_>) -> Result<u64> {
        let limit = self.read_timeout();
        let address = self.server.settings.address.clone();
        let mut tries = 0;
        loop {
            let (mut rows, mut again) = (0, false);
            tries += 1;
            self.server.exchange(operation, &[(plan, *given)], true, limit, &mut |_, answer, _| {
                match answer {
                    Answer::Done(found) => rows = found,
                    Answer::Refused(code::DEADLOCK, _) if tries < TRIES => again = true,
                    Answer::Refused(code, said) => return Err(error::refused(operation, &address, code, said)),
                    Answer::Row(_) => {}
                }
                Ok(())
            })?;
            if !again {
                return Ok(rows);
            }
        }
    }

    /// Sends `plans` without waiting, unless something went wrong that nobody was told of.
    pub(super) fn tell(&mut self, operation: Operation, plans: &[(Plan, Given<'_>)]) -> Result<bool> {
        if self.server.take_doubt() {
            return Ok(false);
        }
        self.server.tell(operation, plans)
    }

    /// Carries out `plan` under a lock and gives the lock back, in one exchange that is waited for. Also how
    /// many rows there were.
    pub(super) fn commit(
        &mut self,
        operation: Operation,
        plan: Plan,
        given: Given<'_>,
        name: &Name,
    ) -> Result<(Committed, u64)> {
        let limit = self.read_timeout();
        let address = self.server.settings.address.clone();
        let release = Given { lock: name, ..Given::default() };
        let (mut heard, mut ours, mut deadlock, mut rows) = (false, false, false, 0);
        let outcome = self.server.exchange(
            operation,
            &[(plan, given), (Plan::Release, release)],
            false,
            limit,
            &mut |place, answer, _| {
                match (place, answer) {
                    (0, Answer::Refused(code::DEADLOCK, _)) => deadlock = true,
                    (_, Answer::Refused(code, said)) => return Err(error::refused(operation, &address, code, said)),
                    (0, Answer::Done(found)) => rows = found,
                    (0, _) => {}
                    (_, Answer::Row(values)) => {
                        heard = true;
                        ours = values == [Value::Number(1)];
                    }
                    _ => {}
                }
                Ok(())
            },
        );
        match outcome {
            Ok(()) if deadlock => Ok((Committed::LeaseLost, 0)),
            Ok(()) if ours => Ok((Committed::Done, rows)),
            Ok(()) => Err(error::foreign_lock(operation, &address)),
            // Whether it was done is not known; whoever asks looks under a new lock.
            Err(Trouble::Lost(error)) if !matches!(error.kind(), Kind::Timeout | Kind::TooLarge) => {
                Ok((Committed::LeaseLost, 0))
            }
            Err(trouble) => {
                if !heard {
                    self.let_go(name);
                }
                Err(trouble.into())
            }
        }
    }

    /// Replaces the row if it is as it was, without a lock.
    pub(super) fn swap(
        &mut self,
        operation: Operation,
        terms: &Terms<'_>,
        given: Given<'_>,
        version: Option<Fingerprint>,
    ) -> Result<Committed> {
        let (limit, address) = (self.read_timeout(), self.server.settings.address.clone());
        let change = if version.is_some() { Change::Swap } else { Change::Insert };
        let (plan, given) = self.changing(change, terms, given);
        let given = Given { fingerprint: version.as_ref().map_or(&[], |digits| digits), ..given };
        let mut committed = Committed::LeaseLost;
        let outcome = self.server.exchange(operation, &[(plan, given)], true, limit, &mut |_, answer, _| {
            match answer {
                Answer::Done(rows) if rows > 0 => committed = Committed::Done,
                Answer::Refused(code::DEADLOCK | code::DUPLICATE, _) => {}
                Answer::Refused(code, said) => return Err(error::refused(operation, &address, code, said)),
                _ => {}
            }
            Ok(())
        });
        outcome?;
        Ok(committed)
    }

    /// Ends a session that is not locked and did not change. One that vanished was ended by another request.
    pub(super) fn touch_version(
        &mut self,
        terms: &Terms<'_>,
        given: Given<'_>,
        seen: Option<i64>,
        version: Option<Fingerprint>,
    ) -> Result<Committed> {
        if seen.is_none() {
            return self.swap(Operation::Touch, terms, given, version);
        }
        let (plan, given) = self.changing(Change::Touch, terms, given);
        let suits = seen == Some(given.time) && plan == Plan::Change(Change::Touch, false);
        if suits || self.tell(Operation::Touch, &[(plan, given)])? {
            return Ok(Committed::Done);
        }
        let rows = self.change(Operation::Touch, plan, &given)?;
        Ok(if rows > 0 { Committed::Done } else { Committed::LeaseLost })
    }
}
