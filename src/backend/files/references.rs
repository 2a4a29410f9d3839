//! References: what is written, kept and ended together with the index, and what is listed.
//!
//! A session's place in the index is locked while it is stored or ended, so that whoever removes a
//! wrong entry sees either all of it or nothing. The order of the steps is such that a crash leaves
//! an entry too many at the most.

use super::error;
use super::index::{Index, Spot};
use super::store::{Files, expiry};
use crate::backend::file_lock::{Byte, Guard};
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::reference::{Assignment, Cursor, Listed, Page, Reference, References, Terms, ended};
use crate::session::store::Store;
use nix::errno::Errno;
use std::time::Duration;

/// The most that anybody works on one session's place.
const PATIENCE: Duration = Duration::from_secs(10);

/// References that one gc looks at.
const SWEEP: usize = 50;

/// A session comes from one reference to another.
struct Change {
    before: Option<Reference>,
    after: Option<Reference>,
}

impl Files {
    /// Stores a session on its terms.
    pub(super) fn write_referred(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        terms: &Terms<'_>,
    ) -> Result<()> {
        let _place = self.lock_place(id, Operation::Write)?;
        let there = self.is_there(id)?;
        if terms.existing && !there {
            return Err(ended(self.name(), Operation::Write, id).at(self.endpoint()));
        }
        let change = self.begin_change(id, terms.reference, there)?;
        let written = self.write_record(id, data, ttl);
        self.end_change(id, change, written.is_ok())?;
        written
    }

    /// Keeps a session alive on its terms. False if it is not there.
    pub(super) fn keep_referred(&mut self, id: SessionId<'_>, ttl: Duration, terms: &Terms<'_>) -> Result<bool> {
        if terms.reference == Assignment::Keep {
            return Ok(self.is_there(id)? && self.redate(id, ttl)?);
        }
        let _place = self.lock_place(id, Operation::Touch)?;
        if !self.is_there(id)? {
            return Ok(false);
        }
        let change = self.begin_change(id, terms.reference, true)?;
        let kept = self.redate(id, ttl);
        self.end_change(id, change, matches!(kept, Ok(true)))?;
        kept
    }

    /// Ends a session and what the index has of it.
    pub(super) fn destroy_referred(&mut self, id: SessionId<'_>) -> Result<()> {
        let _place = self.lock_place(id, Operation::Destroy)?;
        self.destroy_record(id)?;
        self.forget(id)
    }

    /// Whether the session is there. One that this request found alive stays so in its hands.
    fn is_there(&mut self, id: SessionId<'_>) -> Result<bool> {
        let Some(status) = self.status(id, Operation::Validate)? else { return Ok(false) };
        Ok(self.is_live(&status, Operation::Validate)? || self.alive.is(id))
    }

    fn lock_place(&mut self, id: SessionId<'_>, operation: Operation) -> Result<Guard> {
        let place = Byte::beside(id);
        self.locks.lock(place, PATIENCE)?.ok_or_else(|| {
            let reason = format!("the index of references was locked for {} s", PATIENCE.as_secs());
            Error::new(Kind::Busy, self.name(), operation, reason).at(self.endpoint())
        })
    }

    fn index(&mut self, create: bool, operation: Operation) -> Result<Option<Index>> {
        let folder = self.folder.descriptor(&self.settings)?;
        Index::open(folder, create).map_err(|errno| self.failed(operation, errno))
    }

    fn failed(&self, operation: Operation, errno: Errno) -> Error {
        error::file(&self.settings.path, operation, "cannot use the index of references", errno)
    }

    /// Makes the session's own reference the one that the record is to have, its entry first.
    fn begin_change(&mut self, id: SessionId<'_>, assignment: Assignment<'_>, there: bool) -> Result<Option<Change>> {
        let creates = matches!(assignment, Assignment::Set(_));
        let Some(index) = self.index(creates, Operation::Write)? else { return Ok(None) };
        let failed = |errno| self.failed(Operation::Write, errno);
        let before = index.own(id).map_err(failed)?;
        let after = match assignment {
            // An id that is used again has nothing of the session that had it before.
            Assignment::Keep => before.clone().filter(|_| there),
            Assignment::Clear => None,
            Assignment::Set(reference) => Some(reference.clone()),
        };
        if before == after {
            return Ok(None);
        }
        if let Some(after) = &after {
            index.enter(after, id).map_err(failed)?;
        }
        index.set_own(id, after.as_ref()).map_err(failed)?;
        Ok(Some(Change { before, after }))
    }

    /// Removes the entry that the change has left behind, or takes it back.
    fn end_change(&mut self, id: SessionId<'_>, change: Option<Change>, done: bool) -> Result<()> {
        let Some(Change { before, after }) = change else { return Ok(()) };
        let Some(index) = self.index(false, Operation::Write)? else { return Ok(()) };
        let failed = |errno| self.failed(Operation::Write, errno);
        if !done {
            index.set_own(id, before.as_ref()).map_err(failed)?;
        }
        match if done { before } else { after } {
            Some(left) => index.strike(&left, id).map_err(failed),
            None => Ok(()),
        }
    }

    /// Removes what the index has of a session that is gone. Its place is locked.
    fn forget(&mut self, id: SessionId<'_>) -> Result<()> {
        let Some(index) = self.index(false, Operation::Destroy)? else { return Ok(()) };
        let failed = |errno| self.failed(Operation::Destroy, errno);
        if let Some(own) = index.own(id).map_err(failed)? {
            index.set_own(id, None).map_err(failed)?;
            index.strike(&own, id).map_err(failed)?;
        }
        Ok(())
    }

    /// When a session of this reference ends, in seconds since 1970. `None`: there is none, or it is
    /// another one's.
    fn look(&mut self, index: &Index, reference: &Reference, id: SessionId<'_>) -> Result<Option<u64>> {
        if index.own(id).map_err(|errno| self.failed(Operation::Read, errno))?.as_ref() != Some(reference) {
            return Ok(None);
        }
        let Some(status) = self.status(id, Operation::Read)? else { return Ok(None) };
        Ok(self.is_live(&status, Operation::Read)?.then(|| expiry(&status, self.lifetime)))
    }

    /// Looks once more at an entry that is wrong, now that nobody else works on it, and removes it.
    fn heal(&mut self, index: &Index, reference: &Reference, id: SessionId<'_>) -> Result<Option<u64>> {
        // Who has it works on it: it will be right, or found wrong the next time.
        let Some(_place) = self.locks.lock(Byte::beside(id), Duration::ZERO)? else { return Ok(None) };
        let found = self.look(index, reference, id)?;
        if found.is_none() {
            if !self.exists(id)? {
                self.forget(id)?;
            }
            index.strike(reference, id).map_err(|errno| self.failed(Operation::Read, errno))?;
        }
        Ok(found)
    }

    /// Looks at some references, and goes on there the next time, if there are more: what expired leaves the index.
    pub(super) fn sweep_references(&mut self) -> Result<bool> {
        let from = self.swept.take();
        let page = self.all(from.as_ref(), SWEEP)?;
        for reference in &page.items {
            self.sessions_of(reference, None, 1000)?;
        }
        self.swept = page.next;
        Ok(self.swept.is_some())
    }

    fn has_sessions(&mut self, reference: &Reference) -> Result<bool> {
        let mut from = None;
        loop {
            let page = self.sessions_of(reference, from.as_ref(), 10)?;
            if !page.items.is_empty() {
                return Ok(true);
            }
            from = page.next;
            if from.is_none() {
                return Ok(false);
            }
        }
    }
}

impl References for Files {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        let mut items = Vec::new();
        let Some(index) = self.index(false, Operation::Read)? else { return Ok(Page { items, next: None }) };
        let after = from.map(|cursor| cursor.0.as_slice()).unwrap_or_default();
        let ids = index.ids(reference, after, most).map_err(|errno| self.failed(Operation::Read, errno))?;
        for id in &ids {
            let session = SessionId::parse(id.as_bytes(), Operation::Read)?;
            let mut expires = self.look(&index, reference, session)?;
            if expires.is_none() {
                expires = self.heal(&index, reference, session)?;
            }
            items.extend(expires.map(|expires| Listed { id: id.clone(), expires }));
        }
        let next = ids.last().filter(|_| ids.len() == most).map(|last| Cursor(last.clone().into_bytes()));
        Ok(Page { items, next })
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        let mut items = Vec::new();
        let Some(index) = self.index(false, Operation::Read)? else { return Ok(Page { items, next: None }) };
        let after = from.and_then(|cursor| {
            let (shard, name) = cursor.0.split_first()?;
            Some(Spot { shard: *shard, name: String::from_utf8(name.to_vec()).ok()? })
        });
        let found = index.references(after.as_ref(), most).map_err(|errno| self.failed(Operation::Read, errno))?;
        let next = found
            .last()
            .filter(|_| found.len() == most)
            .map(|(spot, _)| Cursor([&[spot.shard], spot.name.as_bytes()].concat()));
        for (spot, reference) in found {
            if self.has_sessions(&reference)? {
                items.push(reference);
            } else {
                index.tidy(&spot);
            }
        }
        Ok(Page { items, next })
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        if !self.exists(id)? {
            return Ok(None);
        }
        match self.index(false, Operation::Read)? {
            Some(index) => index.own(id).map_err(|errno| self.failed(Operation::Read, errno)),
            None => Ok(None),
        }
    }
}
