//! The store contract over one server, or several of which each has its share of the sessions.

use super::CAPABILITIES;
use super::cluster::Cluster;
use super::copies::{Copies, Item};
use super::error;
use super::expiry;
use super::format::{Encoded, Format};
use super::keys::Keys;
use super::locks::{Held, Seen, Wanted};
use super::protocol::{Mode, Reply};
use crate::backend::pace::Extent;
use crate::backend::remote::debts::Debts;
use crate::backend::remote::tokens::Tokens;
use crate::error::{Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Token};
use crate::session::reference::{Cursor, References, Terms, Told};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::time::Duration;

/// The largest session that is stored, in bytes.
pub(super) const MAX_RECORD: usize = super::protocol::MAX_VALUE - 64;
/// An unchanged session up to this size is sent along with the command that keeps it alive, in case
/// it vanished. A larger one costs less when the server is asked first and is sent if it is missing.
pub(super) const SENT_ALONG: usize = 16 * 1024;

/// Sessions on memcached servers.
pub struct Memcached {
    pub(super) cluster: Cluster,
    pub(super) keys: Keys,
    pub(super) format: Format,
    pub(super) tokens: Tokens,
    /// The last lock that was taken.
    pub(super) held: Option<Held>,
    /// Its session: kept apart, for the sake of the buffer.
    pub(super) held_id: String,
    pub(super) debts: Debts,
    /// The server that the last release went to that nobody waited for.
    pub(super) told_to: Option<usize>,
    /// The lease of the last lock that was asked for: the most that a server keeps one of ours.
    pub(super) lease: Duration,
    pub(super) copies: Copies,
    /// Sessions have references.
    pub(super) kept: bool,
    /// How the next write is meant.
    told: Told,
    /// Where the next gc goes on to look for references without sessions.
    pub(super) swept: Option<Cursor>,
    /// The item in which DALMP has noted references.
    pub(super) dalmp_references: Option<String>,
    pub(super) clock: Clock,
}

impl Memcached {
    /// With `replicas` sessions have a second copy.
    pub(super) fn new(cluster: Cluster, keys: Keys, format: Format, replicas: bool, clock: Clock) -> Self {
        Self {
            cluster,
            keys,
            format,
            tokens: Tokens::new(error::STORE),
            held: None,
            held_id: String::new(),
            debts: Debts::default(),
            told_to: None,
            lease: Duration::ZERO,
            copies: Copies::new(replicas),
            kept: false,
            told: Told::default(),
            swept: None,
            dalmp_references: None,
            clock,
        }
    }

    /// Makes sure of a connection to the session's server, and begins a batch of commands for it; if there
    /// are copies, to both of them.
    pub(super) fn aim(&mut self, operation: Operation, id: SessionId<'_>) -> Result<usize> {
        self.keys.aim(id);
        let at = self.cluster.home(id.as_bytes());
        if self.copies.wanted {
            return self.aim_at_copies(operation, id, at);
        }
        self.cluster.aim(operation, at)?;
        Ok(at)
    }

    /// A lifetime as a server takes it: seconds, or the time after which it is over.
    pub(super) fn expiry(&self, ttl: Duration) -> u64 {
        expiry::of(ttl, &self.clock)
    }

    /// Sends what ends a session without waiting, or waits where that cannot be.
    pub(super) fn release(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        at: usize,
        token: Option<Token>,
    ) -> Result<()> {
        if self.cluster.tell(operation, at)? {
            if let Some(token) = token {
                self.debts.sent(id, token);
                self.told_to = Some(at);
            }
            return Ok(());
        }
        // The connection that the batch was written for may be gone; what it says stands all the same.
        self.cluster.ask(operation, at, b"", |_: &mut (), _, _, _| Ok(()))?;
        self.hear(at);
        Ok(())
    }

    /// Notes a lock whose release failed.
    pub(super) fn settled<T>(&mut self, id: SessionId<'_>, token: Token, outcome: Result<T>) -> Result<T> {
        outcome.inspect_err(|_| self.debts.owe(id, token, self.lease))
    }

    pub(super) fn check_size(&self, id: SessionId<'_>, data: &[u8]) -> Result<()> {
        if data.len() > MAX_RECORD {
            let at = self.cluster.home(id.as_bytes());
            return Err(error::FAILURES.too_large(Operation::Write, self.cluster.address(at), MAX_RECORD));
        }
        Ok(())
    }

    /// Reads, and extends the lifetime if that is wanted.
    pub(super) fn load(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        extend: Option<Duration>,
        into: &mut Vec<u8>,
    ) -> Result<bool> {
        let at = self.aim(operation, id)?;
        let expiry = extend.map(|ttl| self.expiry(ttl));
        self.ask_for_record(expiry);
        self.extend_own(expiry);
        let format = &self.format;
        let item =
            self.cluster.ask(operation, at, b"", |item: &mut Option<Item>, index, reply, address| match reply {
                Reply::Value { data, flags, version, .. } => {
                    into.clear();
                    let found = item.insert(Item::of(data, flags, version));
                    if found.ended {
                        return Ok(());
                    }
                    format.decode(data, flags, into).map_err(|reason| error::unreadable(operation, address, reason))
                }
                Reply::Missing => Ok(()),
                Reply::Done { .. } if index > 0 => Ok(()),
                _ => Err(error::FAILURES.unexpected(operation, address)),
            })?;
        self.hear(at);
        if self.holds(id) {
            self.note_seen(item.map(|item| item.version));
        }
        self.compare_copies(operation, id, at, item, into)
    }

    /// Asks for the record, on both servers if there are copies.
    pub(super) fn ask_for_record(&mut self, expiry: Option<u64>) {
        self.cluster.batch.get(self.keys.record(), expiry);
        if let Some(mirror) = self.cluster.mirror() {
            mirror.get(self.keys.record(), expiry);
        }
    }

    /// Stores a record. One that is written past the lock that we hold must not look like another
    /// request's when the session is written at its end.
    fn store(&mut self, operation: Operation, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.check_size(id, data)?;
        let at = self.aim(operation, id)?;
        let expiry = self.expiry(ttl);
        self.stamp_anew(id);
        let Encoded { flags, parts } = self.format.encode(data);
        let body = self.cluster.batch.store(self.keys.record(), Mode::Set, flags, expiry, parts);
        if let Some(mirror) = self.cluster.mirror() {
            mirror.store(self.keys.record(), Mode::Set, flags, expiry, parts);
        }
        let stored = self.cluster.ask(operation, at, body, |stored: &mut u64, _, reply, address| match reply {
            Reply::Done { version } => {
                *stored = version;
                Ok(())
            }
            _ => Err(error::FAILURES.unexpected(operation, address)),
        });
        self.hear(at);
        let is_copied = self.copies.wanted && self.note_copies(id);
        let version = match stored {
            Err(error) if is_copied && error.is_outage() => 0,
            stored => stored?,
        };
        if self.holds(id)
            && let Some(held) = &mut self.held
        {
            held.record = if version == 0 { Seen::Nothing } else { Seen::Version(version) };
        }
        Ok(())
    }

    /// What is known of the lease, from here or from the server. `None` if the lock is lost. Then, or
    /// when the server was asked, another batch is begun.
    pub(super) fn prove(&mut self, operation: Operation, at: usize, token: &Token) -> Result<Option<Held>> {
        if let Some(held) = self.take_sure(at, token) {
            return Ok(Some(held));
        }
        let held = self.verify(operation, at, token);
        self.cluster.again(at);
        held
    }

    /// Ends an unchanged session of more than [`SENT_ALONG`] bytes: whether it is still there is asked first.
    fn touch_large(&mut self, id: SessionId<'_>, at: usize, data: &[u8], ttl: Duration, extended: bool) -> Result<()> {
        self.touch_or_look(ttl, extended);
        let there = self.found(Operation::Touch, at)?;
        self.cluster.again(at);
        if !there {
            self.check_size(id, data)?;
            let expiry = self.expiry(ttl);
            let Encoded { flags, parts } = self.format.encode(data);
            let body = self.cluster.batch.store(self.keys.record(), Mode::Add, flags, expiry, parts);
            self.cluster.ask(Operation::Touch, at, body, |_: &mut (), _, reply, address| match reply {
                Reply::Done { .. } | Reply::NotStored => Ok(()),
                _ => Err(error::FAILURES.unexpected(Operation::Touch, address)),
            })?;
            self.hear(at);
            self.cluster.again(at);
        }
        Ok(())
    }

    /// A command that says whether there is a record, and extends its lifetime unless that was done.
    pub(super) fn touch_or_look(&mut self, ttl: Duration, extended: bool) {
        if extended {
            self.cluster.batch.version(self.keys.record());
        } else {
            let expiry = self.expiry(ttl);
            self.cluster.batch.touch(self.keys.record(), expiry);
        }
    }

    /// Sends the batch and says whether its one command found something.
    pub(super) fn found(&mut self, operation: Operation, at: usize) -> Result<bool> {
        let found = self.cluster.ask(operation, at, b"", |found: &mut bool, _, reply, address| {
            *found = match reply {
                Reply::Done { .. } | Reply::Value { .. } => true,
                Reply::Missing => false,
                _ => return Err(error::FAILURES.unexpected(operation, address)),
            };
            Ok(())
        })?;
        self.hear(at);
        Ok(found)
    }

    /// The end of an unchanged session, with its lock's release if it has one.
    fn finish_unchanged(
        &mut self,
        id: SessionId<'_>,
        at: usize,
        data: &[u8],
        ttl: Duration,
        extended: bool,
        held: Option<Held>,
    ) -> Result<()> {
        if self.copies.wanted {
            return self.finish_copies(id, at, data, ttl, extended, held);
        }
        if data.len() > SENT_ALONG {
            self.touch_large(id, at, data, ttl, extended)?;
        } else {
            let expiry = self.expiry(ttl);
            if !extended {
                self.cluster.batch.touch(self.keys.record(), expiry);
            }
            // Only where there is none: a newer one stays.
            let Encoded { flags, parts } = self.format.encode(data);
            self.cluster.batch.store(self.keys.record(), Mode::Add, flags, expiry, parts);
        }
        let token = held.as_ref().map(|held| held.token);
        if let Some(held) = held {
            self.cluster.batch.delete(self.keys.lock(), Some(held.version));
        }
        if self.cluster.batch.count() == 0 { Ok(()) } else { self.release(Operation::Touch, id, at, token) }
    }

    fn write_as(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, token: &Token) -> Result<Committed> {
        let operation = Operation::Write;
        let at = self.aim(operation, id)?;
        let Some(held) = self.prove(operation, at, token)? else { return Ok(Committed::LeaseLost) };
        if self.copies.wanted {
            return self.write_copies(id, at, data, ttl, &held);
        }
        let mode = match held.record {
            Seen::Nothing => Mode::Set,
            Seen::Absent => Mode::Add,
            Seen::Version(version) => Mode::Version(version),
        };
        let expiry = self.expiry(ttl);
        let Encoded { flags, parts } = self.format.encode(data);
        let body = self.cluster.batch.store(self.keys.record(), mode, flags, expiry, parts);
        self.cluster.batch.delete(self.keys.lock(), Some(held.version));
        let stored = self.cluster.ask(operation, at, body, |stored: &mut bool, index, reply, address| {
            match (index, reply) {
                (0, Reply::Done { .. }) => *stored = true,
                (0, Reply::NotStored | Reply::Changed | Reply::Missing) => {}
                (1, Reply::Done { .. } | Reply::Missing | Reply::Changed) => {}
                _ => return Err(error::FAILURES.unexpected(operation, address)),
            }
            Ok(())
        })?;
        self.hear(at);
        Ok(if stored { Committed::Done } else { Committed::LeaseLost })
    }

    fn touch_as(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        token: Token,
        extended: bool,
    ) -> Result<Committed> {
        let at = self.aim(Operation::Touch, id)?;
        let Some(held) = self.prove(Operation::Touch, at, &token)? else { return Ok(Committed::LeaseLost) };
        self.finish_unchanged(id, at, data, ttl, extended, Some(held))?;
        Ok(Committed::Done)
    }

    fn destroy_as(&mut self, id: SessionId<'_>, token: &Token) -> Result<()> {
        let operation = Operation::Destroy;
        let at = self.aim(operation, id)?;
        let held = self.prove(operation, at, token)?;
        if self.copies.wanted {
            return self.end_copies(operation, id, at, held);
        }
        self.delete_session();
        if let Some(held) = held {
            self.cluster.batch.delete(self.keys.lock(), Some(held.version));
        }
        self.gone(operation, at)
    }

    /// Deletes the record. Its reference goes first: so none is left without one by a write that
    /// comes between the two.
    fn delete_session(&mut self) {
        if self.kept {
            self.cluster.batch.delete(self.keys.own(), None);
        }
        self.cluster.batch.delete(self.keys.record(), None);
    }

    /// Sends a batch of deletions.
    pub(super) fn gone(&mut self, operation: Operation, at: usize) -> Result<()> {
        self.cluster.ask(operation, at, b"", |_: &mut (), _, reply, address| match reply {
            Reply::Done { .. } | Reply::Missing | Reply::Changed => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        })?;
        self.hear(at);
        Ok(())
    }

    /// Whether the lock that was last taken is this session's.
    pub(super) fn holds(&self, id: SessionId<'_>) -> bool {
        self.held.is_some() && self.held_id == id.as_str()
    }
}

impl Store for Memcached {
    fn name(&self) -> &'static str {
        error::STORE
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { references: !self.copies.wanted, ..CAPABILITIES }
    }

    fn endpoint(&self) -> String {
        self.cluster.addresses().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    fn accepts(&self, id: SessionId<'_>) -> bool {
        self.keys.accepts(id)
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.copies.lifetime = lifetime;
    }

    fn keep_references(&mut self) {
        self.kept = !self.copies.wanted;
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        if self.copies.wanted { None } else { Some(self) }
    }

    fn references_ruled_out_by(&self) -> Option<&'static str> {
        self.copies.wanted.then_some("with replicas=1")
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.either(|store| {
            into.clear();
            store.load(Operation::Read, id, None, into)
        })
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let told = self.told.take();
        if self.kept {
            return self.write_referred(id, data, ttl, &told.terms());
        }
        self.either(|store| store.store(Operation::Write, id, data, ttl))
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let told = self.told.take();
        if self.kept {
            return self.touch_referred(id, ttl, &told.terms());
        }
        if self.copies.wanted {
            return self.either(|store| store.load(Operation::Touch, id, Some(ttl), &mut Vec::new()));
        }
        let at = self.aim(Operation::Touch, id)?;
        self.touch_or_look(ttl, false);
        self.found(Operation::Touch, at)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.either(|store| {
            let at = store.aim(Operation::Destroy, id)?;
            if store.copies.wanted {
                return store.end_copies(Operation::Destroy, id, at, None);
            }
            store.delete_session();
            store.gone(Operation::Destroy, at)
        })?;
        if self.holds(id) {
            self.note_seen(None);
        }
        Ok(())
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        if self.copies.wanted {
            return self.either(|store| store.load(Operation::Validate, id, None, &mut Vec::new()));
        }
        let at = self.aim(Operation::Validate, id)?;
        self.cluster.batch.version(self.keys.record());
        self.found(Operation::Validate, at)
    }

    fn gc(&mut self, _max_lifetime: Duration) -> Result<u64> {
        if self.kept {
            self.sweep()?;
        }
        Ok(0)
    }

    fn gc_all(&mut self, _max_lifetime: Duration) -> Result<u64> {
        if self.kept {
            self.swept = None;
            Extent::Whole.repeat(|| self.sweep())?;
        }
        Ok(0)
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        let wanted = Wanted { operation: Operation::Lock, missing: true, read: None, lock: request };
        self.either(|store| store.acquire(id, &wanted, &mut Vec::new())).map(|opened| opened.lock)
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return Ok(());
        }
        let token = lease.token;
        let operation = Operation::Unlock;
        let outcome = self.aim(operation, id).and_then(|at| match self.take_sure(at, &token) {
            Some(held) => {
                self.cluster.batch.delete(self.keys.lock(), Some(held.version));
                self.release(operation, id, at, Some(token))
            }
            None => self.free(operation, id, &token),
        });
        self.settled(id, token, outcome)
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        if self.is_inherited() {
            return Ok(false);
        }
        let at = self.aim(Operation::Lock, id)?;
        let Some(mut held) = self.verify(Operation::Lock, at, &lease.token)? else { return Ok(false) };
        if self.held_id == id.as_str() {
            held.until = self.cluster.now().checked_add(length).unwrap_or(held.until);
            self.held = Some(held);
        }
        self.cluster.again(at);
        let expiry = self.expiry(length);
        self.cluster.batch.touch(self.keys.lock(), expiry);
        self.found(Operation::Lock, at)
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        if let Some(lock) = &request.lock {
            let wanted =
                Wanted { operation: Operation::Read, missing: request.lock_missing, read: Some(request.extend), lock };
            return self.either(|store| {
                into.clear();
                store.acquire(id, &wanted, into)
            });
        }
        let found = self.either(|store| {
            into.clear();
            store.load(Operation::Read, id, request.extend, into)
        })?;
        Ok(Opened { found, lock: LockState::NotTaken })
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        let told = self.told.take();
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        if let Err(error) = self.check_size(id, data) {
            self.unlock(id, lease)?;
            return Err(error);
        }
        if self.kept {
            let outcome = self.write_referred_as(id, data, ttl, &lease.token, &told.terms());
            return self.settled(id, lease.token, outcome);
        }
        let outcome = self.either(|store| store.write_as(id, data, ttl, &lease.token));
        self.settled(id, lease.token, outcome)
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        let told = self.told.take();
        if self.kept {
            if lease.is_some() && self.is_inherited() {
                return Ok(Committed::LeaseLost);
            }
            let token = lease.map(|lease| lease.token);
            let outcome = self.touch_referred_as(id, data, ttl, token, extended, &told.terms());
            return match token {
                Some(token) => self.settled(id, token, outcome),
                None => outcome,
            };
        }
        let Some(lease) = lease else {
            return self.either(|store| {
                let at = store.aim(Operation::Touch, id)?;
                store.finish_unchanged(id, at, data, ttl, extended, None).map(|()| Committed::Done)
            });
        };
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        let outcome = self.either(|store| store.touch_as(id, data, ttl, lease.token, extended));
        self.settled(id, lease.token, outcome)
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return self.destroy(id);
        }
        let outcome = self.either(|store| store.destroy_as(id, &lease.token));
        self.settled(id, lease.token, outcome)
    }
}
