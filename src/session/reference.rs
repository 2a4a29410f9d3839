//! References: to whom a session belongs, and finding all sessions that belong to the same.
//!
//! A reference is a name that the application gives to sessions, as a rule the id of a user. A
//! session has one or none. [`References`] finds the sessions of a reference; `docs/references.md`
//! says what for, `docs/adr/0019-references.md` why it is as it is.
//!
//! **The record's own reference is the truth.** A store keeps it with the record (a column, a field,
//! a key in the same slot), so that both are written together. Where it also keeps an index apart
//! from the records, that index may hold too much and never too little:
//!
//! - an entry is made before the record that it is for, and removed after; a crash in between leaves
//!   an entry too many, never a session that is not found;
//! - a listing believes no entry: it yields a session only if its record is alive and has that very
//!   reference. An entry that fails this is removed on the occasion;
//! - what is removed is the entry that was looked at. One that another request made meanwhile for the
//!   same session stays: look and removal are one transaction, one script, under one lock, or the
//!   removal compares;
//! - nothing is removed from an index because of a date in it. Dates say where it is worth looking.

use super::id::SessionId;
use crate::error::{Error, Kind, Operation, Result};
use std::fmt;

/// The longest reference, in bytes.
pub const MAX_LENGTH: usize = 255;

/// The name that sessions are found by: 1 to 255 bytes of any value. Equal bytes are the same
/// reference; a number is its decimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(Box<[u8]>);

impl Reference {
    /// Checks bytes that came from the application.
    ///
    /// # Errors
    /// [`Kind::Config`] when there are none, or more than 255.
    pub fn parse(bytes: &[u8], operation: Operation) -> Result<Self> {
        let reason = match bytes.len() {
            0 => "the reference of a session is empty; a session without one has none at all".to_owned(),
            1..=MAX_LENGTH => return Ok(Self(bytes.into())),
            length => format!("the reference of a session has {length} bytes and may have {MAX_LENGTH}"),
        };
        Err(Error::new(Kind::Config, "session", operation, reason))
    }

    /// The bytes. For keys, columns and the application; never for messages: they may be an address.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({} bytes)", self.0.len())
    }
}

/// What a write or a touch does to the session's reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignment<'a> {
    /// It stays as it is; a new session has none.
    #[default]
    Keep,
    /// The session belongs to nobody from now on.
    Clear,
    /// The session belongs to this one from now on.
    Set(&'a Reference),
}

/// How the next write or touch is meant; see `Store::set_terms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms<'a> {
    /// What becomes of the session's reference.
    pub reference: Assignment<'a>,
    /// The session was there when it was opened. If it is gone, somebody ended it: it must not come
    /// back, so nothing is stored and the answer is an error of [`Kind::Ended`].
    pub existing: bool,
}

/// [`Terms`] as a store remembers them until the write.
#[derive(Clone, Debug, Default)]
pub struct Told {
    reference: Option<Option<Reference>>,
    existing: bool,
}

impl Told {
    /// Remembers what was said last.
    pub fn set(&mut self, terms: &Terms<'_>) {
        self.existing = terms.existing;
        self.reference = match terms.reference {
            Assignment::Keep => None,
            Assignment::Clear => Some(None),
            Assignment::Set(reference) => Some(Some(reference.clone())),
        };
    }

    /// The terms of the write that takes them: they count for no other.
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> Terms<'_> {
        let reference = match &self.reference {
            None => Assignment::Keep,
            Some(None) => Assignment::Clear,
            Some(Some(reference)) => Assignment::Set(reference),
        };
        Terms { reference, existing: self.existing }
    }
}

/// The refusal to bring back a session that was ended.
#[must_use]
pub fn ended(store: &'static str, operation: Operation, id: SessionId<'_>) -> Error {
    let reason = format!("session {id} was ended by another request since it was opened, and stays ended");
    Error::new(Kind::Ended, store, operation, reason)
}

/// Where a listing goes on. What the bytes mean is the store's own, and there is at least one; they stay
/// good while entries come and go, and when the process is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// A part of a listing. It may be empty and still not be the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What was found, in the store's order.
    pub items: Vec<T>,
    /// Where to go on; none at the end.
    pub next: Option<Cursor>,
}

/// A session as it stands in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What the storage calls the session: its id, unless `Store::listed_as` says otherwise.
    pub id: String,
    /// When it ends if nobody uses it, in seconds since 1970.
    pub expires: u64,
}

/// What a store that keeps references can be asked.
///
/// A session or reference that is there from the first page to the last comes exactly once; one that
/// comes or goes meanwhile may or may not. Expired sessions are not there. `most` (at least 1) is how
/// many items a page should have at most; the work for a page is bounded by it too.
pub trait References {
    /// The sessions of a reference. The cost depends on how many it has, not on how many there are.
    ///
    /// # Errors
    /// When the storage failed.
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>>;

    /// The references that have at least one session. Loads no more than a page.
    ///
    /// # Errors
    /// When the storage failed.
    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>>;

    /// The reference of a session; none as well if there is no such session.
    ///
    /// # Errors
    /// When the storage failed.
    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>>;

    /// How many sessions a reference has.
    ///
    /// # Errors
    /// When the storage failed.
    fn count_of(&mut self, reference: &Reference) -> Result<u64> {
        let (mut count, mut from) = (0, None);
        loop {
            let page = self.sessions_of(reference, from.as_ref(), 1000)?;
            count += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
            from = page.next;
            if from.is_none() {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_up_to_255_and_none_shown() {
        for good in [b"42".to_vec(), b"a|b".to_vec(), vec![0], vec![0xff; MAX_LENGTH]] {
            assert_eq!(Reference::parse(&good, Operation::Write).unwrap().as_bytes(), good);
        }
        for bad in [Vec::new(), vec![b'x'; MAX_LENGTH + 1]] {
            assert_eq!(Reference::parse(&bad, Operation::Write).unwrap_err().kind(), Kind::Config);
        }
        let shown = format!("{:?}", Reference::parse(b"ann@example.org", Operation::Write).unwrap());
        assert!(!shown.contains("ann"), "{shown}");
    }

    #[test]
    fn terms_are_remembered_for_one_write() {
        let reference = Reference::parse(b"42", Operation::Write).unwrap();
        let mut told = Told::default();
        for assignment in [Assignment::Set(&reference), Assignment::Clear, Assignment::Keep] {
            let terms = Terms { reference: assignment, existing: true };
            told.set(&terms);
            assert_eq!(told.take().terms(), terms);
            assert_eq!(told.take().terms(), Terms::default());
        }
    }
}
