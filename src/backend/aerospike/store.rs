//! The store contract over a cluster.

use super::CAPABILITIES;
use super::cluster::{Answer, Cluster};
use super::error;
use super::locks::{Held, Wanted};
use super::record::{self, Command};
use crate::backend::remote::debts::Debts;
use crate::backend::remote::tokens::Tokens;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Token};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use aerospike::{Key, Value};
use std::time::{Duration, Instant};

/// An unchanged session up to this size is sent along with the command that keeps it alive, in case
/// it vanished. A larger one costs less when the server is asked first.
const SENT_ALONG: usize = 16 * 1024;

/// Sessions in an Aerospike cluster.
pub struct Aerospike {
    pub(super) cluster: Cluster,
    namespace: String,
    set: String,
    prefix: String,
    pub(super) tokens: Tokens,
    /// The last lock that was taken.
    pub(super) held: Option<Held>,
    pub(super) debts: Debts,
    /// The lease of the last lock that was asked for: the most that a server keeps one of ours.
    pub(super) lease: Duration,
    /// The session that was last asked about: a connection to its server lies ready.
    last: Vec<u8>,
}

impl Aerospike {
    pub(super) fn new(cluster: Cluster, namespace: String, set: String, prefix: String) -> Self {
        Self {
            cluster,
            namespace,
            set,
            prefix,
            tokens: Tokens::new(error::STORE),
            held: None,
            debts: Debts::default(),
            lease: Duration::ZERO,
            last: Vec::new(),
        }
    }

    fn key(&self, operation: Operation, id: SessionId<'_>) -> Result<Key> {
        let name = format!("{}{}", self.prefix, id.as_str());
        Key::new(self.namespace.clone(), self.set.clone(), Value::String(name))
            .map_err(|cause| self.cluster.place.failed(operation, &cause))
    }

    pub(super) fn ask(&mut self, operation: Operation, id: SessionId<'_>, command: &Command) -> Result<Answer> {
        let key = self.key(operation, id)?;
        let mut heard = None;
        self.last.clear();
        let answer = self.cluster.ask(operation, &key, command, &mut heard);
        if let Some(well) = heard {
            self.debts.heard(well, self.lease);
        }
        if answer.is_ok() {
            self.last.extend_from_slice(id.as_bytes());
        }
        answer
    }

    /// Has a command carried out that ends a session: without waiting for the answer, where it is sure to
    /// leave at once. `token` is the lock that it gives back.
    pub(super) fn finish(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        command: Command,
        token: Option<Token>,
    ) -> Result<Option<Answer>> {
        if self.last == id.as_bytes() && self.cluster.listens() {
            let key = self.key(operation, id)?;
            self.cluster.tell(&key, command);
            if let Some(token) = token {
                self.debts.sent(id, token);
            }
            return Ok(None);
        }
        let answer = self.ask(operation, id, &command);
        if let (Err(_), Some(token)) = (&answer, token) {
            self.debts.owe(id, token, self.lease);
        }
        answer.map(Some)
    }

    /// Reads, and extends the lifetime if that is wanted.
    fn load(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        extend: Option<Duration>,
        into: &mut Vec<u8>,
    ) -> Result<bool> {
        let command = match extend {
            Some(ttl) => {
                Command::update(vec![record::touch(), record::read()]).only_if(record::is_session()).living(ttl)
            }
            None => Command::update(vec![record::read()]),
        };
        match self.ask(operation, id, &command)? {
            Answer::Done(answer) => {
                record::session(&answer, into).map_err(|reason| self.cluster.place.unreadable(operation, reason))
            }
            _ => Ok(false),
        }
    }

    /// Whether the command found a record in the state that it asks for.
    fn found(&mut self, operation: Operation, id: SessionId<'_>, command: &Command) -> Result<bool> {
        Ok(matches!(self.ask(operation, id, command)?, Answer::Done(_)))
    }

    fn write_as(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, token: &Token) -> Result<Committed> {
        let operation = Operation::Write;
        let sure = self.is_sure(token);
        let mut operations = vec![record::store(data), record::sign(token)];
        operations.extend(record::unlock());
        let command = Command::update(operations).only_if(record::is_locked_by(token)).living(ttl);
        match self.ask(operation, id, &command)? {
            Answer::Done(_) => Ok(Committed::Done),
            Answer::Filtered => {
                // Not ours any more; unless this is the second try of a command that was carried out.
                let writer = self.ask(operation, id, &Command::update(vec![record::ask_for_writer()]))?;
                let ours = matches!(&writer, Answer::Done(answer) if record::is_written_by(answer, token));
                Ok(if ours { Committed::Done } else { Committed::LeaseLost })
            }
            // The storage lost the record, with the lock. Nobody else can have had it in the meantime.
            Answer::Missing if sure => {
                let command = Command::update(vec![record::store(data), record::sign(token)]).create().living(ttl);
                Ok(match self.ask(operation, id, &command)? {
                    Answer::Done(_) => Committed::Done,
                    _ => Committed::LeaseLost,
                })
            }
            Answer::Missing | Answer::Exists => Ok(Committed::LeaseLost),
        }
    }

    /// Ends an unchanged session under a lock whose lease is running by our own clock.
    fn touch_surely(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, token: Token) -> Result<Committed> {
        if !is_sent_along(data) {
            let there = self.found(
                Operation::Touch,
                id,
                &Command::update(vec![record::look_at_it()]).only_if(record::is_session()),
            )?;
            if !there {
                return self.write_as(id, data, ttl, &token);
            }
        }
        let mut operations = record::unlock();
        if is_sent_along(data) {
            operations.push(record::restore(data));
        }
        let mut command = Command::update(operations).only_if(record::is_locked_by(&token)).living(ttl);
        if is_sent_along(data) {
            command = command.or_create();
        }
        match self.finish(Operation::Touch, id, command, Some(token))? {
            None | Some(Answer::Done(_)) => Ok(Committed::Done),
            Some(_) => Ok(Committed::LeaseLost),
        }
    }

    fn touch_as(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, token: Token) -> Result<Committed> {
        if self.held.as_ref().is_some_and(|held| held.is_running(&token)) {
            return self.touch_surely(id, data, ttl, token);
        }
        // Somebody else may have had the session: only what is there is kept.
        let command = Command::update(record::unlock()).only_if(record::is_locked_by(&token)).living(ttl);
        Ok(if self.found(Operation::Touch, id, &command)? { Committed::Done } else { Committed::LeaseLost })
    }

    fn touch_unlocked(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, extended: bool) -> Result<()> {
        let operation = Operation::Touch;
        if is_sent_along(data) {
            let command = if extended {
                // Refused as a rule: the record is there.
                Command::update(vec![record::store(data)]).create().living(ttl)
            } else {
                Command::update(vec![record::restore(data)]).or_create().living(ttl)
            };
            return self.finish(operation, id, command, None).map(drop);
        }
        let there = if extended { self.exists(id) } else { self.touch(id, ttl) }?;
        if there { Ok(()) } else { self.write(id, data, ttl) }
    }

    /// Notes a lock whose release failed.
    fn settled<T>(&mut self, id: SessionId<'_>, token: Token, outcome: Result<T>) -> Result<T> {
        outcome.inspect_err(|_| self.debts.owe(id, token, self.lease))
    }
}

/// Nothing is not sent along: whether servers of all versions write it this way is not documented.
fn is_sent_along(data: &[u8]) -> bool {
    (1..=SENT_ALONG).contains(&data.len())
}

impl Store for Aerospike {
    fn name(&self) -> &'static str {
        error::STORE
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn endpoint(&self) -> String {
        self.cluster.place.endpoint.clone()
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.load(Operation::Read, id, None, into)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let command = Command::update(vec![record::store(data)]).or_create().living(ttl);
        match self.ask(Operation::Write, id, &command)? {
            Answer::Done(_) => Ok(()),
            _ => Err(self.cluster.place.unexpected(Operation::Write)),
        }
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let command = Command::update(vec![record::touch()]).only_if(record::is_session()).living(ttl);
        self.found(Operation::Touch, id, &command)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        // The lock stays, if there is one; without it the record goes with its last bin.
        self.ask(Operation::Destroy, id, &Command::update(record::destroy())).map(drop)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let command = Command::update(vec![record::look_at_it()]).only_if(record::is_session());
        self.found(Operation::Validate, id, &command)
    }

    fn gc(&mut self, _max_lifetime: Duration) -> Result<u64> {
        Ok(0)
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        let wanted = Wanted { operation: Operation::Lock, lock: request, missing: true, read: false, extend: None };
        self.acquire(id, &wanted, &mut Vec::new()).map(|opened| opened.lock)
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return Ok(());
        }
        self.release(id, lease)
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, length: Duration) -> Result<bool> {
        if self.is_inherited() {
            return Ok(false);
        }
        let asked = Instant::now();
        let command = Command::update(record::lease_of(length)).only_if(record::is_locked_by(&lease.token));
        let ours = self.found(Operation::Lock, id, &command)?;
        if ours {
            self.note_renewed(&lease.token, asked, length);
        }
        Ok(ours)
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        let Some(lock) = &request.lock else {
            let found = self.load(Operation::Open, id, request.extend, into)?;
            return Ok(Opened { found, lock: LockState::NotTaken });
        };
        let wanted = Wanted {
            operation: Operation::Open,
            lock,
            missing: request.lock_missing,
            read: true,
            extend: request.extend,
        };
        self.acquire(id, &wanted, into)
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        let outcome = self.write_as(id, data, ttl, &lease.token);
        if let Err(failure) = &outcome
            && !failure.is_outage()
        {
            // It was refused, so that the lock is still there.
            let _ = self.release(id, lease);
            return outcome;
        }
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
        let Some(lease) = lease else {
            self.touch_unlocked(id, data, ttl, extended)?;
            return Ok(Committed::Done);
        };
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        let outcome = self.touch_as(id, data, ttl, lease.token);
        self.settled(id, lease.token, outcome)
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return self.destroy(id);
        }
        self.held.take_if(|held| held.is(&lease.token));
        let mut operations = record::destroy();
        operations.extend(record::unlock());
        let command = Command::update(operations).only_if(record::is_locked_by(&lease.token));
        let outcome = match self.ask(Operation::Destroy, id, &command) {
            // Somebody else has the lock by now, and keeps it.
            Ok(Answer::Filtered) => self.destroy(id),
            other => other.map(drop),
        };
        self.settled(id, lease.token, outcome)
    }
}
