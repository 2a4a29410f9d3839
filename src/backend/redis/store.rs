//! The store contract over one server.

use super::CAPABILITIES;
use super::client::{Alongside, Client, Settings, Trouble};
use super::cluster;
use super::connection::Outgoing;
use super::error;
use super::exchange::number;
use super::keys::Keys;
use super::layout::Layout;
use super::protocol::{Frame, Reply};
use super::references::{locked, unlocked};
use super::scripts::{Call, Referred, What};
use super::topology::Topology;
use super::waiting::Wanted;
use crate::backend::fork;
use crate::backend::pace::Extent;
use crate::backend::remote::address::Address;
use crate::backend::remote::connection::KEPT_BUFFER;
use crate::backend::remote::debts::Debts;
use crate::backend::remote::tokens::Tokens;
use crate::error::{Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Token};
use crate::session::reference::{Cursor, Reference, References, Terms, Told};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::time::{Duration, Instant};

/// The largest session that is stored, in bytes.
const MAX_RECORD: usize = super::protocol::MAX_BULK - 64;
/// An unchanged session up to this size is sent along with the command that keeps it alive, in case
/// it vanished. A larger one costs less when the server is asked first and is sent if it is missing.
const SENT_ALONG: usize = 16 * 1024;
/// The longest lifetime that is asked for, about 3000 years: the server adds its clock to it.
const LONGEST_MS: u64 = 100_000_000_000_000;

/// Sessions on a Redis or Valkey server.
pub struct Redis {
    pub(super) client: Client,
    pub(super) keys: Keys,
    pub(super) layout: Layout,
    /// The set that lists what is stored, if one is kept.
    members: Option<Members>,
    /// The hash in which DALMP has noted references.
    pub(super) dalmp_references: Option<String>,
    pub(super) frame: Frame,
    pub(super) tokens: Tokens,
    /// The last lock that was taken.
    held: Option<Held>,
    pub(super) debts: Debts,
    /// The lease of the last lock that was asked for: the most that the server keeps one of ours.
    pub(super) lease: Duration,
    /// Sessions have references.
    pub(super) kept: bool,
    /// What was said for the next write.
    told: Told,
    /// In a cluster: a session and its own reference, whose entry is in the index.
    pub(super) entered: Option<(Vec<u8>, Reference)>,
    /// Where the next look at the index goes on.
    pub(super) swept: Option<Cursor>,
}

/// A set that lists what is stored, for statistics: members leave it when a session is destroyed, and
/// stay when one expires.
#[derive(Clone, Debug)]
pub(super) struct Members {
    pub(super) key: String,
    /// What a member begins with, before the id.
    pub(super) prefix: String,
}

/// What is known here of a lock.
#[derive(Debug)]
struct Held {
    token: Token,
    until: Instant,
    generation: u64,
}

impl Redis {
    pub(super) fn new(settings: Settings, keys: Keys, layout: Layout, members: Option<Members>) -> Self {
        Self {
            client: Client::new(settings),
            keys,
            layout,
            members,
            dalmp_references: None,
            frame: Frame::default(),
            tokens: Tokens::new(error::STORE),
            held: None,
            debts: Debts::default(),
            lease: Duration::ZERO,
            kept: false,
            told: Told::default(),
            entered: None,
            swept: None,
        }
    }

    /// Notes a lock that was just taken: by our own clock it holds from before it was asked for.
    pub(super) fn note_held(&mut self, token: Token, lease: Duration) {
        let asked = self.client.now();
        let until = asked.checked_add(lease).unwrap_or(asked);
        self.held = Some(Held { token, until, generation: fork::generation() });
    }

    /// Whether a child of a fork got the lease from its parent. It is the parent's to release.
    fn is_inherited(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.generation != fork::generation())
    }

    /// Whether the lease has not run out by our own clock, as of the last [`Client::prepare`].
    fn is_running(&self, token: &Token) -> bool {
        self.held.as_ref().is_some_and(|held| held.token == *token && held.until > self.client.now())
    }

    /// Adds the session to the set of what is stored, or removes it, if there is such a set.
    fn list(&mut self, operation: Operation, id: SessionId<'_>, command: &[u8]) -> Result<()> {
        let Some(members) = &self.members else { return Ok(()) };
        if self.keys.slot(id).is_some() {
            self.client.set_slot(cluster::slot(&[members.key.as_bytes()]));
        }
        self.client.prepare(operation)?;
        self.begin(command);
        if let Some(members) = &self.members {
            self.frame.arg(members.key.as_bytes());
            self.frame.arg_of(&[members.prefix.as_bytes(), id.as_bytes()]);
        }
        self.ask(operation, (b"", b""), None, Alongside::No, number).map(drop)
    }

    fn check_size(&self, data: &[u8]) -> Result<()> {
        if data.len() > MAX_RECORD {
            return Err(error::FAILURES.too_large(Operation::Write, self.client.address(), MAX_RECORD));
        }
        Ok(())
    }
}

impl Store for Redis {
    fn name(&self) -> &'static str {
        error::STORE
    }

    fn capabilities(&self) -> Capabilities {
        // The session's own reference would have to be extended, too: at the end that costs nothing.
        Capabilities { extends_on_read: !self.kept, ..CAPABILITIES }
    }

    fn endpoint(&self) -> String {
        let Settings { topology, database, .. } = self.client.settings();
        match (topology, database) {
            (topology, 0) => topology.to_string(),
            (Topology::One(Address::Unix(_)) | Topology::Sentinel(_), database) => {
                format!("{topology}, database {database}")
            }
            (topology, database) => format!("{topology}/{database}"),
        }
    }

    fn accepts(&self, id: SessionId<'_>) -> bool {
        self.keys.accepts(id)
    }

    fn keep_references(&mut self) {
        self.kept = true;
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        Some(self)
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.prepare(Operation::Read, id)?;
        self.frame.clear(KEPT_BUFFER);
        self.ask_for_record(id);
        let (layout, mut own) = (self.layout, None);
        let seal = Some(self.client.seal(&mut self.frame));
        let found = self.ask(Operation::Read, (b"", b""), seal, Alongside::Yes, |reply| {
            record_and_reference(layout, reply, into, &mut own)
        });
        self.note_reference(id, own);
        found
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.check_size(data)?;
        if self.kept {
            let told = self.told.take();
            let what = unlocked(What::Store, milliseconds(ttl), told.terms(), Some(data));
            let answer = self.referred(Operation::Write, id, what)?;
            self.committed(Operation::Write, id, answer)?;
            return self.list(Operation::Write, id, b"*3\r\n$4\r\nSADD\r\n");
        }
        self.prepare(Operation::Write, id)?;
        // Older than SET with PX and otherwise the same; here for having the data last.
        self.begin(b"*4\r\n$6\r\nPSETEX\r\n");
        self.frame.raw(self.keys.record(id));
        self.frame.number(milliseconds(ttl));
        let rest = self.layout.last_argument(&mut self.frame, data);
        self.ask(Operation::Write, rest, None, Alongside::No, |reply| match reply {
            Reply::Status(_) => Ok(()),
            other => Err(Trouble::with(other)),
        })?;
        self.list(Operation::Write, id, b"*3\r\n$4\r\nSADD\r\n")
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        if self.kept {
            let told = self.told.take();
            let what = unlocked(What::Keep, milliseconds(ttl), told.terms(), None);
            return self.referred(Operation::Touch, id, what).map(|answer| matches!(answer, 1 | 4));
        }
        self.prepare(Operation::Touch, id)?;
        self.begin(b"*3\r\n$7\r\nPEXPIRE\r\n");
        self.frame.raw(self.keys.record(id));
        self.frame.number(milliseconds(ttl));
        self.ask(Operation::Touch, (b"", b""), None, Alongside::No, number).map(|known| known == 1)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        if self.kept {
            self.referred(Operation::Destroy, id, unlocked(What::End, 0, Terms::default(), None))?;
            return self.list(Operation::Destroy, id, b"*3\r\n$4\r\nSREM\r\n");
        }
        self.prepare(Operation::Destroy, id)?;
        self.begin(b"*2\r\n$3\r\nDEL\r\n");
        self.frame.raw(self.keys.record(id));
        self.ask(Operation::Destroy, (b"", b""), None, Alongside::No, number)?;
        self.list(Operation::Destroy, id, b"*3\r\n$4\r\nSREM\r\n")
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        self.prepare(Operation::Validate, id)?;
        self.begin(b"*2\r\n$6\r\nEXISTS\r\n");
        self.frame.raw(self.keys.record(id));
        self.ask(Operation::Validate, (b"", b""), None, Alongside::Yes, number).map(|known| known == 1)
    }

    fn gc(&mut self, _max_lifetime: Duration) -> Result<u64> {
        // Sessions vanish by themselves; what is left of them in the index does not.
        if self.kept { self.sweep().map(|_| 0) } else { Ok(0) }
    }

    fn gc_all(&mut self, _max_lifetime: Duration) -> Result<u64> {
        if self.kept {
            self.swept = None;
            Extent::Whole.repeat(|| self.sweep())?;
        }
        Ok(0)
    }

    fn rest(&mut self) {
        self.client.rest();
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        let wanted = Wanted { missing: true, read: None, lock: request };
        self.acquire(Operation::Lock, id, &wanted, &mut Vec::new()).map(|opened| opened.lock)
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return Ok(());
        }
        let token = lease.token;
        let outcome = self
            .prepare(Operation::Unlock, id)
            .and_then(|_| self.run_unawaited(Operation::Unlock, id, token, &Call::Free { token: &token }));
        self.settled(id, token, outcome.map(drop))
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        if self.is_inherited() {
            return Ok(false);
        }
        let call = Call::Renew { token: &lease.token, lease: milliseconds(length) };
        let ours = self.run_for_number(Operation::Lock, id, &call)? == 1;
        if ours {
            self.note_held(lease.token, length);
        }
        Ok(ours)
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        let opened = self.open_record(id, request, into)?;
        let (true, true, Some(ttl)) = (self.kept, opened.found, request.extend) else { return Ok(opened) };
        match (self.extend_own_reference(id, milliseconds(ttl)), opened.lock) {
            (Ok(()), lock) => Ok(Opened { lock, ..opened }),
            (Err(error), LockState::Held(lease)) => {
                // The failure to extend is the one worth telling.
                let _ = self.unlock(id, lease);
                Err(error)
            }
            (Err(error), _) => Err(error),
        }
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        if let Err(error) = self.check_size(data) {
            self.unlock(id, lease)?;
            return Err(error);
        }
        let committed = if self.kept {
            let told = self.told.take();
            let what = unlocked(What::Store, milliseconds(ttl), told.terms(), Some(data));
            let outcome = self.referred(Operation::Write, id, locked(&lease.token, what, false));
            let answer = self.settled(id, lease.token, outcome)?;
            self.committed(Operation::Write, id, answer)?
        } else {
            let call = Call::Write { token: &lease.token, ttl: milliseconds(ttl), data };
            let outcome = self.run_for_number(Operation::Write, id, &call);
            self.settled(id, lease.token, outcome.map(committed))?
        };
        if committed == Committed::Done {
            self.list(Operation::Write, id, b"*3\r\n$4\r\nSADD\r\n")?;
        }
        Ok(committed)
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        let Some(lease) = lease else {
            return if self.kept {
                self.touch_referred(id, data, ttl, None)
            } else {
                self.touch_unlocked(id, data, ttl, extended)
            };
        };
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        if self.kept {
            let outcome = self.touch_referred(id, data, ttl, Some(&lease.token));
            if matches!(&outcome, Err(error) if error.kind() == Kind::Ended) {
                return outcome;
            }
            return self.settled(id, lease.token, outcome);
        }
        let prepared = self.prepare(Operation::Touch, id);
        self.settled(id, lease.token, prepared)?;
        let small = data.len() <= SENT_ALONG;
        let call = Call::Touch {
            token: &lease.token,
            ttl: milliseconds(ttl),
            extended,
            running: self.is_running(&lease.token),
            data: small.then_some(data),
        };
        let answer = if small {
            self.run_unawaited(Operation::Touch, id, lease.token, &call).map(|answer| answer.unwrap_or(1))
        } else {
            self.run_for_number(Operation::Touch, id, &call)
        };
        let answer = self.settled(id, lease.token, answer)?;
        if answer == 2 {
            return self.write_unlock(id, data, ttl, lease);
        }
        Ok(committed(answer))
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return self.destroy(id);
        }
        let outcome = if self.kept {
            let what = unlocked(What::End, 0, Terms::default(), None);
            self.referred(Operation::Destroy, id, locked(&lease.token, what, false))
        } else {
            self.run_for_number(Operation::Destroy, id, &Call::Destroy { token: &lease.token })
        };
        self.settled(id, lease.token, outcome.map(drop))?;
        self.list(Operation::Destroy, id, b"*3\r\n$4\r\nSREM\r\n")
    }
}

impl Redis {
    fn open_record(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        let extend = request.extend.map_or(0, milliseconds);
        if let Some(lock) = &request.lock {
            let wanted = Wanted { missing: request.lock_missing, read: Some(extend), lock };
            return self.acquire(Operation::Read, id, &wanted, into);
        }
        if !self.debts.is_empty() {
            self.pay(Operation::Read)?;
        }
        let layout = self.layout;
        let found = if extend == 0 {
            self.read(id, into)?
        } else if self.prepare(Operation::Read, id)? {
            let mut patience = self.patience();
            self.run(Operation::Read, id, &Call::Read { extend }, None, &mut patience, |reply| {
                record(layout, reply, into)
            })?
        } else {
            self.begin(b"*4\r\n$5\r\nGETEX\r\n");
            self.frame.raw(self.keys.record(id));
            self.frame.raw(b"$2\r\nPX\r\n");
            self.frame.number(extend);
            let seal = Some(self.client.seal(&mut self.frame));
            self.ask(Operation::Read, (b"", b""), seal, Alongside::No, |reply| record(layout, reply, into))?
        };
        Ok(Opened { found, lock: LockState::NotTaken })
    }

    /// An unchanged session that may have a reference.
    fn touch_referred(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        token: Option<&Token>,
    ) -> Result<Committed> {
        let told = self.told.take();
        let small = data.len() <= SENT_ALONG;
        let what = unlocked(What::Keep, milliseconds(ttl), told.terms(), small.then_some(data));
        let what = match token {
            Some(token) => locked(token, what, self.is_running(token)),
            None => what,
        };
        let mut answer = if small { self.keep_unawaited(id, what) } else { self.referred(Operation::Touch, id, what) }?;
        if answer == 2 {
            self.check_size(data)?;
            answer = self.referred(Operation::Write, id, Referred { data: Some(data), ..what })?;
        }
        self.committed(Operation::Touch, id, answer)
    }

    /// An unchanged session without a lock. The record is stored again only where there is none, so
    /// that a newer one of another request stays.
    fn touch_unlocked(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, extended: bool) -> Result<Committed> {
        if data.len() <= SENT_ALONG {
            self.prepare(Operation::Touch, id)?;
            self.frame.clear(KEPT_BUFFER);
            if !extended {
                self.frame.raw(b"*3\r\n$7\r\nPEXPIRE\r\n");
                self.frame.raw(self.keys.record(id));
                self.frame.number(milliseconds(ttl));
            }
            self.write_if_missing(id, data, ttl);
            let command = Outgoing { head: self.frame.as_bytes(), body: b"", tail: b"", seal: None };
            if self.client.tell(Operation::Touch, command, if extended { 1 } else { 2 })? {
                return Ok(Committed::Done);
            }
        }
        let known = if extended { self.exists(id)? } else { self.touch(id, ttl)? };
        if !known {
            self.prepare(Operation::Touch, id)?;
            self.frame.clear(KEPT_BUFFER);
            self.write_if_missing(id, data, ttl);
            self.ask(Operation::Touch, (b"", b""), None, Alongside::No, |reply| match reply {
                Reply::Status(_) | Reply::Null => Ok(()),
                other => Err(Trouble::with(other)),
            })?;
        }
        Ok(Committed::Done)
    }

    fn write_if_missing(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) {
        self.frame.raw(b"*6\r\n$3\r\nSET\r\n");
        self.frame.raw(self.keys.record(id));
        self.layout.argument(&mut self.frame, data);
        self.frame.raw(b"$2\r\nNX\r\n$2\r\nPX\r\n");
        self.frame.number(milliseconds(ttl));
    }
}

/// A lifetime as the server takes it: zero would be refused, so that it becomes the shortest.
pub(super) fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(LONGEST_MS).clamp(1, LONGEST_MS)
}

fn committed(answer: i64) -> Committed {
    if answer == 0 { Committed::LeaseLost } else { Committed::Done }
}

/// The answer to [`Redis::ask_for_record`].
pub(super) fn record_and_reference(
    layout: Layout,
    reply: Reply<'_>,
    into: &mut Vec<u8>,
    own: &mut Option<Reference>,
) -> Result<bool, Trouble> {
    let Reply::Array(mut parts) = reply else { return record(layout, reply, into) };
    let (Some(stored), Some(reference)) = (parts.next(), parts.next()) else { return Err(Trouble::Unexpected) };
    let found = record(layout, stored, into)?;
    if let (true, Reply::Bulk(bytes)) = (found, reference) {
        *own = Reference::parse(bytes, Operation::Read).ok();
    }
    Ok(found)
}

pub(super) fn record(layout: Layout, reply: Reply<'_>, into: &mut Vec<u8>) -> Result<bool, Trouble> {
    match reply {
        Reply::Bulk(stored) => {
            into.extend_from_slice(layout.payload(stored));
            Ok(true)
        }
        Reply::Null => Ok(false),
        other => Err(Trouble::with(other)),
    }
}
