//! What the handler does with references: what a write says of them, how many sessions one may have,
//! and finding and ending the sessions of one.

use super::{Caller, Handler, Source, Standing, lock_request};
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState};
use crate::session::policy::OnMaxSessions;
use crate::session::reference::{Assignment, Cursor, Listed, Page, Reference, References, Terms};
use std::time::Duration;

/// How many sessions are asked for at once.
const PAGE: usize = 500;

/// What the ids of references' locks begin with. No session may have such an id: a visitor who could
/// choose it would keep others from logging in.
const LOCK_PREFIX: &str = ",ref,";

/// What is known of the present session's reference. Inside: none, if it belongs to nobody.
#[derive(Debug, Default)]
pub(super) struct Belonging {
    /// What the application said in this request. It counts for all that the request writes.
    chosen: Option<Option<Reference>>,
    /// What the source says, for the next write.
    noted: Option<Option<Reference>>,
    /// What was chosen before the session got another id.
    carried: Option<Option<Reference>>,
    /// The id that the session had before.
    left: String,
}

/// A lock on a reference while its sessions are counted and one is added.
struct Seat {
    id: String,
    lease: Lease,
}

impl Handler {
    /// Whether sessions have references here. Where they have none, nothing of this file is called.
    #[inline]
    #[must_use]
    pub fn keeps_references(&self) -> bool {
        self.policy.reference != Source::None
    }

    /// Says to whom the present session belongs from now on, `None` for nobody. It is stored with the
    /// session's next write and counts until the session is closed, whatever [`Handler::note_reference`] says.
    ///
    /// # Errors
    /// [`Kind::Config`] when no references are kept here.
    pub fn set_reference(&mut self, reference: Option<Reference>) -> Result<()> {
        if !self.keeps_references() {
            let reason = "no references are kept here; option \"ref\" names the session variable that they come from, \
                          and references=on keeps those that are set";
            return Err(Error::config(reason));
        }
        self.belonging.chosen = Some(reference);
        Ok(())
    }

    /// Says what the source of references holds at the moment, in front of a `write` or `touch`.
    pub fn note_reference(&mut self, reference: Option<Reference>) {
        self.belonging.noted = Some(reference);
    }

    /// Says how long sessions live by the configuration, before any of what follows.
    pub fn set_lifetime(&mut self, lifetime: Duration) {
        let ttl = self.ttl(lifetime);
        self.store.set_lifetime(ttl);
    }

    /// The sessions of a reference that are stored and not expired.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] when the store cannot find them. Otherwise the store failed.
    pub fn sessions_of(&mut self, reference: &Reference) -> Result<Vec<Listed>> {
        let (mut sessions, mut from) = (Vec::new(), None);
        loop {
            let page = self.means(Operation::Read)?.sessions_of(reference, from.as_ref(), PAGE)?;
            sessions.extend(page.items);
            from = page.next;
            if from.is_none() {
                return Ok(sessions);
            }
        }
    }

    /// How many sessions a reference has.
    ///
    /// # Errors
    /// As [`Handler::sessions_of`].
    pub fn count_of(&mut self, reference: &Reference) -> Result<u64> {
        self.means(Operation::Count)?.count_of(reference)
    }

    /// The reference of a stored session.
    ///
    /// # Errors
    /// As [`Handler::sessions_of`], and for an id that is not acceptable.
    pub fn reference_of(&mut self, id: &[u8]) -> Result<Option<Reference>> {
        let id = self.checked(id, Operation::Read)?;
        self.means(Operation::Read)?.reference_of(id)
    }

    /// Some of the references that have sessions, and where to go on.
    ///
    /// # Errors
    /// As [`Handler::sessions_of`].
    pub fn all_references(&mut self, from: Option<&Cursor>) -> Result<Page<Reference>> {
        self.means(Operation::Read)?.all(from, PAGE)
    }

    /// Ends the sessions of a reference, but not the session `except`, and says how many they were. What
    /// other requests are working on does not come back when they write. The present session, if it is
    /// among them, ends too: this request stores nothing more of it.
    ///
    /// # Errors
    /// As [`Handler::sessions_of`], and for an id that is not acceptable; the sessions that were ended by
    /// then stay ended.
    pub fn destroy_all_of(&mut self, reference: &Reference, except: Option<&[u8]>) -> Result<u64> {
        let spared = match except {
            Some(id) => Some(self.checked(id, Operation::Destroy)?),
            None => None,
        };
        let spared = spared.map(|id| self.store.listed_as(id));
        let mut sessions = self.sessions_of(reference)?;
        sessions.retain(|listed| spared.as_ref() != Some(&listed.id));
        self.end(&sessions)?;
        Ok(u64::try_from(sessions.len()).unwrap_or(u64::MAX))
    }

    /// Ends sessions, the present one perhaps among them.
    fn end(&mut self, sessions: &[Listed]) -> Result<()> {
        let present = self.current.as_ref().map(|current| current.id.clone()).unwrap_or_default();
        let present = SessionId::parse(&present, Operation::Destroy).ok();
        let name = present.map(|id| self.store.listed_as(id));
        for listed in sessions {
            match (&mut self.current, present) {
                (Some(current), Some(id)) if name.as_ref() == Some(&listed.id) => {
                    current.standing = Standing::Ended;
                    match current.lease.take() {
                        Some(lease) => self.store.destroy_unlock(id, lease)?,
                        None => self.store.destroy(id)?,
                    }
                }
                _ => self.store.destroy_listed(&listed.id)?,
            }
        }
        Ok(())
    }

    fn means(&mut self, operation: Operation) -> Result<&mut dyn References> {
        let (name, endpoint) = (self.store.name(), self.store.endpoint());
        self.store.references().ok_or_else(|| unsupported(name, operation).at(endpoint))
    }

    /// Says the terms of the store's next write or touch of the session.
    #[inline]
    pub(super) fn say_terms(&mut self, id: SessionId<'_>, caller: Caller) {
        if self.keeps_references() {
            self.set_terms(id, caller);
        }
    }

    fn set_terms(&mut self, id: SessionId<'_>, caller: Caller) {
        let Belonging { chosen, noted, .. } = &self.belonging;
        let (said, existing) = if caller == Caller::Direct {
            (noted.as_ref(), false)
        } else {
            let current = self.current.as_ref().filter(|current| current.is(id));
            (chosen.as_ref().or(noted.as_ref()), current.is_some_and(|current| current.found))
        };
        let reference = match said {
            None => Assignment::Keep,
            Some(None) => Assignment::Clear,
            Some(Some(reference)) => Assignment::Set(reference),
        };
        self.store.set_terms(&Terms { reference, existing });
    }

    /// The session is about to get another id: what was chosen for it goes along.
    #[inline]
    pub(super) fn carry_reference(&mut self, id: SessionId<'_>, caller: Caller) {
        if caller == Caller::Regenerate && self.keeps_references() {
            self.take_along(id);
        }
    }

    fn take_along(&mut self, id: SessionId<'_>) {
        self.belonging.left.clear();
        self.belonging.left.push_str(id.as_str());
        self.belonging.carried = match self.belonging.chosen.clone() {
            None if self.policy.reference == Source::Setter => {
                let stored = self.store.references().map(|means| means.reference_of(id));
                stored.and_then(Result::ok)
            }
            chosen => chosen,
        };
    }

    /// A session begins: under another id than before, or another session.
    pub(super) fn begin_reference(&mut self, caller: Caller) {
        let carried = self.belonging.carried.take();
        if caller == Caller::Regenerate {
            self.belonging.chosen = carried.or(self.belonging.chosen.take());
        } else {
            self.belonging.left.clear();
        }
    }

    /// The session is closed.
    pub(super) fn close_reference(&mut self) {
        self.belonging.chosen = None;
        self.belonging.noted = None;
    }

    /// Ends the session by `work` where its reference has room for it.
    #[inline]
    pub(super) fn seated(
        &mut self,
        id: &[u8],
        caller: Caller,
        changed: bool,
        work: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        if !self.keeps_references() {
            return work(self);
        }
        let seat = self.take_seat(id, caller, changed)?;
        let done = work(self);
        // What the source said counted for one write.
        self.belonging.noted = None;
        self.leave_seat(seat);
        done
    }

    /// Makes room for the session among those of its reference if it comes to that one now, and keeps
    /// others out until it is stored. Nothing to do without a limit.
    ///
    /// # Errors
    /// [`Kind::Refused`] when there is no room and nobody is to make any. Otherwise the store failed.
    fn take_seat(&mut self, id: &[u8], caller: Caller, changed: bool) -> Result<Option<Seat>> {
        let (Some(most), false) = (self.policy.max_sessions_per_ref, caller == Caller::Direct) else { return Ok(None) };
        let said = self.belonging.chosen.as_ref().or(self.belonging.noted.as_ref());
        let Some(Some(reference)) = said.cloned() else { return Ok(None) };
        let id = self.checked(id, Operation::Write)?;
        let Some(current) = self.current.as_ref().filter(|current| current.is(id)) else { return Ok(None) };
        if current.standing != Standing::Writable {
            return Ok(None);
        }
        let stays = current.found && !changed && self.belonging.chosen.is_none();
        let stays = stays && matches!(self.policy.reference, Source::Variable(_));
        if stays || (current.found && self.means(Operation::Read)?.reference_of(id)?.as_ref() == Some(&reference)) {
            return Ok(None);
        }
        let seat = self.lock_reference(&reference)?;
        let room = self.make_room(id, &reference, usize::try_from(most).unwrap_or(usize::MAX));
        match room {
            Ok(()) => Ok(seat),
            Err(error) => {
                self.leave_seat(seat);
                Err(error)
            }
        }
    }

    fn make_room(&mut self, id: SessionId<'_>, reference: &Reference, most: usize) -> Result<()> {
        let mut others = self.sessions_of(reference)?;
        // An id that was just exchanged for this one is the same visitor's.
        let mut own = vec![self.store.listed_as(id)];
        if let Ok(left) = SessionId::parse(self.belonging.left.as_bytes(), Operation::Write) {
            own.push(self.store.listed_as(left));
        }
        others.retain(|listed| !own.contains(&listed.id));
        let too_many = (others.len() + 1).saturating_sub(most);
        if too_many == 0 {
            return Ok(());
        }
        if self.policy.on_max_sessions == OnMaxSessions::Refuse {
            let reason = format!(
                "the reference that session {id} should get has {} sessions and may have {most} \
                 (max_sessions_per_ref); the session stays as it was stored",
                others.len()
            );
            return Err(self.error(Kind::Refused, Operation::Write, reason));
        }
        others.sort_by(|one, other| (one.expires, &one.id).cmp(&(other.expires, &other.id)));
        others.truncate(too_many);
        self.end(&others)
    }

    /// Two sessions that come to one reference at the same time must see each other.
    fn lock_reference(&mut self, reference: &Reference) -> Result<Option<Seat>> {
        if !self.store.capabilities().locks {
            return Ok(None);
        }
        let id = lock_id(reference);
        let session = SessionId::parse(id.as_bytes(), Operation::Lock)?;
        let request = LockRequest { holder: &self.holder, ..lock_request(&self.policy) };
        match self.store.lock(session, &request)? {
            LockState::Held(lease) => Ok(Some(Seat { id, lease })),
            LockState::NotTaken => Ok(None),
            LockState::Busy(_) => {
                let reason = "others log in under the same reference, and it was not this session's turn in time \
                              (lock_wait)";
                Err(self.error(Kind::Locked, Operation::Lock, reason))
            }
        }
    }

    fn leave_seat(&mut self, seat: Option<Seat>) {
        let Some(seat) = seat else { return };
        if let Ok(id) = SessionId::parse(seat.id.as_bytes(), Operation::Unlock) {
            // A lock that could not be given back goes with its lease.
            let _ = self.store.unlock(id, seat.lease);
        }
    }
}

/// The refusal of references by a store that has none.
fn unsupported(store: &'static str, operation: Operation) -> Error {
    let reason = "this store cannot find sessions by a reference; docs/references.md lists those that can";
    Error::new(Kind::Unsupported, store, operation, reason)
}

/// Whether the id is one of a reference's lock.
pub(super) fn is_reserved(id: &[u8]) -> bool {
    id.starts_with(LOCK_PREFIX.as_bytes())
}

/// The id under which a reference is locked: a hash, the same in every process. References that share
/// one wait for each other, and nothing else.
fn lock_id(reference: &Reference) -> String {
    let hash = reference
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{LOCK_PREFIX}{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_of_a_reference_is_the_same_everywhere_and_no_visitor_s() {
        let id = lock_id(&Reference::parse(b"42", Operation::Lock).unwrap());
        assert_eq!(id, ",ref,07ee7e07b4b19223");
        assert!(is_reserved(id.as_bytes()) && SessionId::parse(id.as_bytes(), Operation::Lock).is_ok());
        assert!(!is_reserved(b"ref,") && !is_reserved(b",re"));
    }
}
