//! A store whose server may be away: what is asked of it while it is, and what another store does for
//! it meanwhile.
//!
//! A session ends in the store in which it began: what was read from the first store is never written
//! to the second one, where nobody would look for it afterwards. So only the beginning of a session
//! asks the [`Breaker`], and only it goes to the second store. Its end always goes where it belongs,
//! and fails aloud if that is away.

use super::breaker::Breaker;
use super::union::Union;
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState};
use crate::session::reference::{Cursor, Listed, Page, Reference, References, Terms, Told};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::sync::Arc;
use std::time::Duration;

/// A store, its breaker, and perhaps a second store.
pub(super) struct Guarded {
    first: Box<dyn Store>,
    second: Option<Box<dyn Store>>,
    breaker: Arc<Breaker>,
    /// The session that is in the second store, or empty.
    away: String,
    /// A lock of its is held there.
    leased: bool,
    /// Why the first store was last of no use.
    reason: String,
    notice: Option<Error>,
    told: Told,
}

impl Guarded {
    pub(super) fn new(first: Box<dyn Store>, second: Option<Box<dyn Store>>) -> Self {
        let breaker = Breaker::of(first.name(), &first.endpoint());
        Self {
            first,
            second,
            breaker,
            away: String::new(),
            leased: false,
            reason: String::new(),
            notice: None,
            told: Told::default(),
        }
    }

    /// The store in which the session is.
    fn home(&mut self, id: SessionId<'_>) -> &mut dyn Store {
        match &mut self.second {
            Some(second) if self.away == id.as_str() => &mut **second,
            _ => &mut *self.first,
        }
    }

    fn is_away(&self, id: SessionId<'_>) -> bool {
        self.second.is_some() && self.away == id.as_str()
    }

    /// Whether it has to be read again where it is, since it is locked there.
    fn stays_away(&self, id: SessionId<'_>) -> bool {
        self.leased && self.is_away(id)
    }

    /// What comes next begins in the first store, unless that turns out to be of no use.
    fn come_home(&mut self) {
        self.away.clear();
        self.leased = false;
    }

    /// Learns from what came of asking the first store.
    #[inline]
    fn learn<T>(&mut self, outcome: &Result<T>) {
        match outcome {
            Err(error) if error.is_outage() => {
                self.breaker.failed(error);
                self.reason.clear();
                self.reason.push_str(error.reason());
            }
            _ => self.breaker.succeeded(),
        }
    }

    /// Asks the first store, unless it is left alone at the moment.
    fn ask<T>(&mut self, operation: Operation, work: impl FnOnce(&mut dyn Store) -> Result<T>) -> Result<T> {
        if let Err(pause) = self.breaker.admit() {
            let reason = if self.reason.is_empty() { "it did not answer a moment ago" } else { &self.reason };
            let reason = format!("{reason}; it is not asked again for {:.1} s", pause.as_secs_f64().max(0.1));
            return Err(Error::new(Kind::Unavailable, self.first.name(), operation, reason).at(self.first.endpoint()));
        }
        let was_asked = work(&mut *self.first);
        self.learn(&was_asked);
        if let (Err(error), Some(second)) = (&was_asked, &self.second)
            && error.is_outage()
        {
            // Told once for each time that it was asked in vain, not for each request.
            let meanwhile = format!("{}; {} at {} is used meanwhile", error.reason(), second.name(), second.endpoint());
            self.notice =
                Some(Error::new(error.kind(), self.first.name(), operation, meanwhile).at(self.first.endpoint()));
        }
        was_asked
    }

    fn gc_of_both(&mut self, mut gc: impl FnMut(&mut dyn Store) -> Result<u64>) -> Result<u64> {
        let removed = self.ask(Operation::Gc, &mut gc);
        match &mut self.second {
            Some(second) => {
                let more = gc(&mut **second)?;
                removed.map(|removed| removed + more)
            }
            None => removed,
        }
    }

    /// Ends work in the store where it was begun.
    fn end<T>(&mut self, id: SessionId<'_>, work: impl FnOnce(&mut dyn Store) -> Result<T>) -> Result<T> {
        if self.is_away(id) {
            return work(self.home(id));
        }
        let outcome = work(&mut *self.first);
        self.learn(&outcome);
        outcome
    }

    /// Ends work as [`Guarded::end`], on the terms that were said for it.
    fn end_on_terms<T>(&mut self, id: SessionId<'_>, work: impl FnOnce(&mut dyn Store) -> Result<T>) -> Result<T> {
        let told = self.told.take();
        self.end(id, |store| {
            store.set_terms(&told.terms());
            work(store)
        })
    }

    fn union(&mut self) -> Union<'_> {
        let second = self.second.as_mut().and_then(|second| second.references());
        Union(self.first.references().into_iter().chain(second).collect())
    }

    /// Whether a failure of the first store sends the session to the second one.
    fn moves<T>(&mut self, id: SessionId<'_>, outcome: &Result<T>) -> bool {
        let moves = self.second.is_some() && matches!(outcome, Err(error) if error.is_outage());
        if moves {
            self.away.push_str(id.as_str());
        }
        moves
    }

    /// An ended session must not come back with the next change of stores: it ends in both. What the
    /// first store has while it is away stays there, and that is said.
    fn end_elsewhere(&mut self, id: SessionId<'_>) -> Result<()> {
        if self.is_away(id) {
            if let Err(error) = self.ask(Operation::Destroy, |first| first.destroy(id)) {
                let reason = format!("session {id} was ended in the second store only ({})", error.reason());
                self.notice = Some(
                    Error::new(error.kind(), self.first.name(), Operation::Destroy, reason).at(self.first.endpoint()),
                );
            }
            return Ok(());
        }
        self.second.as_mut().map_or(Ok(()), |second| second.destroy(id))
    }
}

impl Store for Guarded {
    fn name(&self) -> &'static str {
        self.first.name()
    }

    fn capabilities(&self) -> Capabilities {
        let second = self.second.as_ref().is_none_or(|second| second.capabilities().references);
        let first = self.first.capabilities();
        Capabilities { references: first.references && second, ..first }
    }

    fn endpoint(&self) -> String {
        self.first.endpoint()
    }

    fn definition(&self) -> Option<String> {
        self.first.definition()
    }

    fn accepts(&self, id: SessionId<'_>) -> bool {
        self.first.accepts(id) && self.second.as_ref().is_none_or(|second| second.accepts(id))
    }

    fn refusal(&self, id: SessionId<'_>) -> String {
        match &self.second {
            Some(second) if self.first.accepts(id) => second.refusal(id),
            _ => self.first.refusal(id),
        }
    }

    fn keeps_holder(&self) -> bool {
        self.first.keeps_holder() || self.second.as_ref().is_some_and(|second| second.keeps_holder())
    }

    fn early_loss(&self) -> Option<&'static str> {
        match &self.second {
            Some(second) if !self.away.is_empty() => second.early_loss(),
            _ => self.first.early_loss(),
        }
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.first.set_lifetime(lifetime);
        if let Some(second) = &mut self.second {
            second.set_lifetime(lifetime);
        }
    }

    fn keep_references(&mut self) {
        self.first.keep_references();
        if let Some(second) = &mut self.second {
            second.keep_references();
        }
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        self.capabilities().references.then_some(self as &mut dyn References)
    }

    fn take_notice(&mut self) -> Option<Error> {
        let second = self.second.as_mut();
        self.notice.take().or_else(|| self.first.take_notice()).or_else(|| second?.take_notice())
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        if !self.stays_away(id) {
            self.come_home();
            let outcome = self.ask(Operation::Read, |first| first.read(id, into));
            if !self.moves(id, &outcome) {
                return outcome;
            }
            into.clear();
        }
        self.home(id).read(id, into)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.end_on_terms(id, |store| store.write(id, data, ttl))
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        self.end_on_terms(id, |store| store.touch(id, ttl))
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.end(id, |store| store.destroy(id))?;
        self.end_elsewhere(id)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        if !self.stays_away(id) {
            let outcome = self.ask(Operation::Validate, |first| first.exists(id));
            match (&outcome, &mut self.second) {
                (Err(error), Some(second)) if error.is_outage() => return second.exists(id),
                _ => return outcome,
            }
        }
        self.home(id).exists(id)
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.gc_of_both(|store| store.gc(max_lifetime))
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.gc_of_both(|store| store.gc_all(max_lifetime))
    }

    fn rest(&mut self) {
        self.come_home();
        self.first.rest();
        if let Some(second) = &mut self.second {
            second.rest();
        }
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        self.end(id, |store| store.renew(id, lease, length))
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        let state = self.end(id, |store| store.lock(id, request))?;
        self.leased |= self.is_away(id) && matches!(state, LockState::Held(_));
        Ok(state)
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.end(id, |store| store.unlock(id, lease))
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        if request.lock.is_some() || !self.stays_away(id) {
            self.come_home();
            let outcome = self.ask(Operation::Open, |first| first.open(id, request, into));
            if !self.moves(id, &outcome) {
                return outcome;
            }
            into.clear();
        }
        let opened = self.home(id).open(id, request, into)?;
        self.leased |= matches!(opened.lock, LockState::Held(_));
        Ok(opened)
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        self.end_on_terms(id, |store| store.write_unlock(id, data, ttl, lease))
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        self.end_on_terms(id, |store| store.touch_unlock(id, data, ttl, lease, extended))
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.end(id, |store| store.destroy_unlock(id, lease))?;
        self.end_elsewhere(id)
    }
}

impl References for Guarded {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        self.union().sessions_of(reference, from, most)
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        self.union().all(from, most)
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        self.union().reference_of(id)
    }

    fn count_of(&mut self, reference: &Reference) -> Result<u64> {
        self.union().count_of(reference)
    }
}
