//! A store that never learns the ids of its sessions: it knows them by a digest.
//!
//! Who can read the storage, a back-up of it or its slow log, finds no id there that would open a
//! session. It is also how DALMP names its records, so that its sessions are found.
//!
//! A listing of such a store yields digests. They are good for ending what was listed; for everything
//! else an id is an id, so that knowing a digest opens nothing.

use crate::error::{Error, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState};
use crate::session::reference::{Cursor, Listed, Page, Reference, References, Terms};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use sha1_smol::Sha1;
use std::time::Duration;

/// A store under digests: the option `hash_ids`, which every store has.
pub struct Hashed {
    store: Box<dyn Store>,
    /// What is hashed before the id, so that two applications' digests differ.
    salt: Vec<u8>,
    /// The id that was hashed last, and what came of it: a request asks for one session many times.
    last: (Vec<u8>, String),
}

impl Hashed {
    /// The store `store`, in which a session is called by the SHA-1 digest of `salt` and its id.
    #[must_use]
    pub fn new(store: Box<dyn Store>, salt: impl Into<Vec<u8>>) -> Self {
        Self { store, salt: salt.into(), last: (Vec::new(), String::new()) }
    }

    /// Calls the store with the session's digest.
    fn with<T>(
        &mut self,
        id: SessionId<'_>,
        operation: Operation,
        work: impl FnOnce(&mut dyn Store, SessionId<'_>) -> Result<T>,
    ) -> Result<T> {
        if self.last.0 != id.as_bytes() {
            self.last = (id.as_bytes().to_vec(), digest(&self.salt, id));
        }
        work(&mut *self.store, SessionId::parse(self.last.1.as_bytes(), operation)?)
    }
}

/// In lower-case hexadecimal digits, which is a good id.
fn digest(salt: &[u8], id: SessionId<'_>) -> String {
    let mut hash = Sha1::new();
    hash.update(salt);
    hash.update(id.as_bytes());
    hash.digest().to_string()
}

impl Store for Hashed {
    fn name(&self) -> &'static str {
        self.store.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn endpoint(&self) -> String {
        self.store.endpoint()
    }

    fn definition(&self) -> Option<String> {
        self.store.definition()
    }

    fn accepts(&self, id: SessionId<'_>) -> bool {
        let digest = digest(&self.salt, id);
        SessionId::parse(digest.as_bytes(), Operation::Validate).is_ok_and(|digest| self.store.accepts(digest))
    }

    fn refusal(&self, id: SessionId<'_>) -> String {
        let digest = digest(&self.salt, id);
        SessionId::parse(digest.as_bytes(), Operation::Validate)
            .map_or_else(|error| error.reason().to_owned(), |digest| self.store.refusal(digest))
    }

    fn early_loss(&self) -> Option<&'static str> {
        self.store.early_loss()
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.store.set_lifetime(lifetime);
    }

    fn keep_references(&mut self) {
        self.store.keep_references();
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.store.set_terms(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        if self.store.capabilities().references { Some(self) } else { None }
    }

    fn listed_as(&mut self, id: SessionId<'_>) -> String {
        digest(&self.salt, id)
    }

    fn destroy_listed(&mut self, listed: &str) -> Result<()> {
        self.store.destroy_listed(listed)
    }

    fn take_notice(&mut self) -> Option<Error> {
        self.store.take_notice()
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.with(id, Operation::Read, |store, id| store.read(id, into))
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.with(id, Operation::Write, |store, id| store.write(id, data, ttl))
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        self.with(id, Operation::Touch, |store, id| store.touch(id, ttl))
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.with(id, Operation::Destroy, |store, id| store.destroy(id))
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        self.with(id, Operation::Validate, |store, id| store.exists(id))
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.store.gc(max_lifetime)
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.store.gc_all(max_lifetime)
    }

    fn rest(&mut self) {
        self.store.rest();
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        self.with(id, Operation::Lock, |store, id| store.lock(id, request))
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.with(id, Operation::Unlock, |store, id| store.unlock(id, lease))
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        self.with(id, Operation::Lock, |store, id| store.renew(id, lease, length))
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        self.with(id, Operation::Read, |store, id| store.open(id, request, into))
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        self.with(id, Operation::Write, |store, id| store.write_unlock(id, data, ttl, lease))
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        self.with(id, Operation::Touch, |store, id| store.touch_unlock(id, data, ttl, lease, extended))
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.with(id, Operation::Destroy, |store, id| store.destroy_unlock(id, lease))
    }
}

impl References for Hashed {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        match self.store.references() {
            Some(references) => references.sessions_of(reference, from, most),
            None => Ok(Page { items: Vec::new(), next: None }),
        }
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        match self.store.references() {
            Some(references) => references.all(from, most),
            None => Ok(Page { items: Vec::new(), next: None }),
        }
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        self.with(id, Operation::Read, |store, id| store.references().map_or(Ok(None), |found| found.reference_of(id)))
    }
}
