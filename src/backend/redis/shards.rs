//! Several servers that share the sessions among them, as phpredis's `session.save_path` lists them.
//!
//! Which server has a session follows from its id and the weights, in phpredis's way: workers of
//! both find the same sessions. There is no fail-over in it: a server that is down takes its
//! sessions with it, and a server more moves most of them.

use super::CAPABILITIES;
use super::error::STORE;
use super::store::Redis;
use crate::backend::union::Union;
use crate::error::{Error, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState};
use crate::session::reference::{Cursor, Listed, Page, Reference, References, Terms, Told};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::time::Duration;

/// The servers, the last one of the list first: that is the order in which phpredis counts.
pub(super) struct Shards {
    members: Vec<(u32, Redis)>,
    total: u32,
    told: Told,
}

impl Shards {
    /// From the list's order.
    pub(super) fn new(mut members: Vec<(u32, Redis)>) -> Result<Self> {
        let total = members.iter().try_fold(0u32, |sum, (weight, _)| sum.checked_add(*weight));
        let total = total.filter(|total| *total > 0 && i32::try_from(*total).is_ok());
        let total = total.ok_or_else(|| Error::config("the weights are larger than 2147483647 together"))?;
        members.reverse();
        Ok(Self { members, total, told: Told::default() })
    }

    fn position(&self, id: SessionId<'_>) -> usize {
        let mut left = number(id.as_bytes()) % self.total;
        for (position, (weight, _)) in self.members.iter().enumerate() {
            if left < *weight {
                return position;
            }
            left -= weight;
        }
        0
    }

    fn of(&mut self, id: SessionId<'_>) -> &mut Redis {
        let position = self.position(id);
        &mut self.members[position].1
    }

    /// The session's server, which has been told the terms.
    fn on_terms(&mut self, id: SessionId<'_>) -> &mut Redis {
        let told = self.told.take();
        let server = self.of(id);
        server.set_terms(&told.terms());
        server
    }

    /// Each server has the index of its own sessions.
    fn union(&mut self) -> Union<'_> {
        Union(self.members.iter_mut().filter_map(|(_, member)| member.references()).collect())
    }
}

/// The id's first four bytes, as the machine's own integer.
fn number(id: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    for (to, from) in bytes.iter_mut().zip(id) {
        *to = *from;
    }
    u32::from_ne_bytes(bytes)
}

impl Store for Shards {
    fn name(&self) -> &'static str {
        STORE
    }

    fn capabilities(&self) -> Capabilities {
        self.members.first().map_or(CAPABILITIES, |(_, member)| member.capabilities())
    }

    fn endpoint(&self) -> String {
        let all: Vec<String> = self.members.iter().rev().map(|(_, member)| member.endpoint()).collect();
        all.join(", ")
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.members.iter_mut().for_each(|(_, member)| member.set_lifetime(lifetime));
    }

    fn keep_references(&mut self) {
        self.members.iter_mut().for_each(|(_, member)| member.keep_references());
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        Some(self)
    }

    fn accepts(&self, id: SessionId<'_>) -> bool {
        self.members[self.position(id)].1.accepts(id)
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.of(id).read(id, into)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.on_terms(id).write(id, data, ttl)
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        self.on_terms(id).touch(id, ttl)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.of(id).destroy(id)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        self.of(id).exists(id)
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.members.iter_mut().map(|(_, member)| member.gc(max_lifetime)).sum()
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.members.iter_mut().map(|(_, member)| member.gc_all(max_lifetime)).sum()
    }

    fn rest(&mut self) {
        self.members.iter_mut().for_each(|(_, member)| member.rest());
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        self.of(id).lock(id, request)
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.of(id).unlock(id, lease)
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        self.of(id).renew(id, lease, length)
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        self.of(id).open(id, request, into)
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        self.on_terms(id).write_unlock(id, data, ttl, lease)
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        self.on_terms(id).touch_unlock(id, data, ttl, lease, extended)
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.of(id).destroy_unlock(id, lease)
    }
}

impl References for Shards {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        self.union().sessions_of(reference, from, most)
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        self.union().all(from, most)
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        self.of(id).reference_of(id)
    }

    fn count_of(&mut self, reference: &Reference) -> Result<u64> {
        self.union().count_of(reference)
    }
}
