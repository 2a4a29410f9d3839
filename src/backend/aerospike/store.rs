//! The store contract over a cluster.

use super::CAPABILITIES;
use super::cluster::{Answer, Cluster};
use super::error;
use super::locks::{Held, SPARE, Wanted};
use super::record::{self, Command};
use crate::backend::pace::Extent;
use crate::backend::remote::debts::Debts;
use crate::backend::remote::tokens::Tokens;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Token};
use crate::session::reference::{Cursor, Reference, References, Terms, Told};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use aerospike::{Key, Value};
use std::time::{Duration, Instant};

/// An unchanged session up to this size is sent along with the command that keeps it alive, in case
/// it vanished. A larger one costs less when the server is asked first.
const SENT_ALONG: usize = 16 * 1024;

/// Sessions in an Aerospike cluster.
pub struct Aerospike {
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
    pub(super) set: String,
    pub(super) prefix: String,
    pub(super) tokens: Tokens,
    /// The last lock that was taken.
    pub(super) held: Option<Held>,
    pub(super) debts: Debts,
    /// The lease of the last lock that was asked for: the most that a server keeps one of ours.
    pub(super) lease: Duration,
    /// The session that was last asked about: a connection to its server lies ready.
    last: Vec<u8>,
    /// The sessions have references.
    pub(super) kept: bool,
    /// The terms of the next write.
    told: Told,
    /// The session that was last opened or written, and the reference that it had then.
    pub(super) known: Option<(Vec<u8>, Option<Reference>)>,
    /// Where the next look at the index goes on.
    pub(super) swept: Option<Cursor>,
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
            kept: false,
            told: Told::default(),
            known: None,
            swept: None,
        }
    }

    fn key(&self, operation: Operation, id: SessionId<'_>) -> Result<Key> {
        let name = format!("{}{}", self.prefix, id.as_str());
        Key::new(self.namespace.clone(), self.set.clone(), Value::String(name))
            .map_err(|cause| self.cluster.place.failed(operation, &cause))
    }

    pub(super) fn ask(&mut self, operation: Operation, id: SessionId<'_>, command: &Command) -> Result<Answer> {
        let key = self.key(operation, id)?;
        let answer = self.ask_at(operation, &key, command);
        if answer.is_ok() {
            self.last.extend_from_slice(id.as_bytes());
        }
        answer
    }

    /// The same about a record that is no session.
    pub(super) fn ask_at(&mut self, operation: Operation, key: &Key, command: &Command) -> Result<Answer> {
        let mut heard = None;
        self.last.clear();
        let answer = self.cluster.ask(operation, key, command, &mut heard);
        if let Some(well) = heard {
            self.debts.heard(well, self.lease);
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
        let mut operations = vec![record::read()];
        if self.kept {
            operations.push(record::read_reference());
        }
        let command = match extend {
            Some(ttl) => {
                operations.insert(0, record::touch());
                Command::update(operations).only_if(record::is_session()).living(ttl)
            }
            None => Command::update(operations),
        };
        match self.ask(operation, id, &command)? {
            Answer::Done(answer) => {
                self.note_reference(id, record::reference(&answer));
                record::session(&answer, into).map_err(|reason| self.cluster.place.unreadable(operation, reason))
            }
            _ => Ok(false),
        }
    }

    /// Whether the command found a record in the state that it asks for.
    pub(super) fn found(&mut self, operation: Operation, id: SessionId<'_>, command: &Command) -> Result<bool> {
        Ok(matches!(self.ask(operation, id, command)?, Answer::Done(_)))
    }

    fn write_unlocked(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, terms: &Terms<'_>) -> Result<()> {
        let operation = Operation::Write;
        let entered = self.enter(operation, id, terms)?;
        let mut operations = vec![record::store(data)];
        operations.extend(record::assign(terms.reference));
        let command = Command::update(operations).living(ttl);
        let command = if terms.existing { command.only_if(record::is_session()) } else { command.or_create() };
        match self.ask(operation, id, &command)? {
            Answer::Done(answer) => self.arrive(operation, id, terms, &answer, entered),
            _ if terms.existing => Err(self.ended(operation, id)),
            _ => Err(self.cluster.place.unexpected(operation)),
        }
    }

    pub(super) fn write_as(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        token: &Token,
        terms: &Terms<'_>,
    ) -> Result<Committed> {
        let operation = Operation::Write;
        let entered = self.enter(operation, id, terms)?;
        let sure = self.is_sure(token);
        let mut stored = vec![record::store(data), record::sign(token)];
        stored.extend(record::assign(terms.reference));
        let mut operations = stored.clone();
        operations.extend(record::unlock());
        let filter = if terms.existing { record::is_session_locked_by(token) } else { record::is_locked_by(token) };
        let command = Command::update(operations).only_if(filter).living(ttl);
        match self.ask(operation, id, &command)? {
            Answer::Done(answer) => {
                self.arrive(operation, id, terms, &answer, entered)?;
                Ok(Committed::Done)
            }
            Answer::Filtered => {
                // Not ours any more; unless this is the second try of a command that was carried out.
                let Answer::Done(answer) = self.ask(operation, id, &Command::update(record::ask_for_writer()))? else {
                    return Ok(Committed::LeaseLost);
                };
                if terms.existing && record::has_lock(&answer, token) {
                    return Err(self.ended(operation, id));
                }
                if !record::is_written_by(&answer, token) {
                    return Ok(Committed::LeaseLost);
                }
                self.confirm(operation, id, terms)?;
                Ok(Committed::Done)
            }
            Answer::Missing if sure && terms.existing => Err(self.ended(operation, id)),
            // The storage lost the record, with the lock. Nobody else can have had it in the meantime.
            Answer::Missing if sure => {
                let command = Command::update(stored).create().living(ttl);
                let Answer::Done(answer) = self.ask(operation, id, &command)? else {
                    return Ok(Committed::LeaseLost);
                };
                self.arrive(operation, id, terms, &answer, entered)?;
                Ok(Committed::Done)
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
                return self.write_as(id, data, ttl, &token, &Terms::default());
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
        if there { Ok(()) } else { self.write_unlocked(id, data, ttl, &Terms::default()) }
    }

    /// Keeps a session alive whose data stays, as the terms say.
    fn touch_referred(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        token: Option<Token>,
        extended: bool,
        terms: &Terms<'_>,
    ) -> Result<Committed> {
        let operation = Operation::Touch;
        let running = token.is_some_and(|token| self.held.as_ref().is_some_and(|held| held.is_running(&token)));
        let mut operations = vec![record::touch()];
        if token.is_some() {
            operations.extend(record::unlock());
        }
        if terms.existing && self.is_as_known(id, terms) {
            // Nothing is stored if the session is gone, so that no answer is needed.
            let filter = match &token {
                Some(token) => record::is_locked_by(token),
                None if extended => return Ok(Committed::Done),
                None => record::is_session(),
            };
            let command = Command::update(operations).only_if(filter).living(ttl);
            return match (self.finish(operation, id, command, token)?, token) {
                (None | Some(Answer::Done(_)), _) => Ok(Committed::Done),
                (_, Some(_)) => Ok(Committed::LeaseLost),
                (_, None) => Err(self.ended(operation, id)),
            };
        }
        let entered = self.enter(operation, id, terms)?;
        operations.extend(record::assign(terms.reference));
        let filter = match &token {
            Some(token) => record::is_session_locked_by(token),
            None => record::is_session(),
        };
        let answer = self.ask(operation, id, &Command::update(operations).only_if(filter).living(ttl))?;
        match (answer, token) {
            (Answer::Done(answer), _) => {
                self.arrive(operation, id, terms, &answer, entered)?;
                Ok(Committed::Done)
            }
            (_, Some(token)) if running => self.write_as(id, data, ttl, &token, terms),
            (_, Some(_)) => Ok(Committed::LeaseLost),
            (_, None) => self.write_unlocked(id, data, ttl, terms).map(|()| Committed::Done),
        }
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

    fn keep_references(&mut self) {
        self.kept = true;
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        Some(self)
    }

    fn rest(&mut self) {
        self.known = None;
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.load(Operation::Read, id, None, into)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let told = self.told.take();
        self.write_unlocked(id, data, ttl, &told.terms())
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let told = self.told.take();
        let (operation, terms) = (Operation::Touch, told.terms());
        let entered = self.enter(operation, id, &terms)?;
        let mut operations = vec![record::touch()];
        operations.extend(record::assign(terms.reference));
        let command = Command::update(operations).only_if(record::is_session()).living(ttl);
        let Answer::Done(answer) = self.ask(operation, id, &command)? else { return Ok(false) };
        self.arrive(operation, id, &terms, &answer, entered)?;
        Ok(true)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.known = None;
        // The lock stays, if there is one; without it the record goes with its last bin.
        self.ask(Operation::Destroy, id, &Command::update(record::destroy())).map(drop)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let command = Command::update(vec![record::look_at_it()]).only_if(record::is_session());
        self.found(Operation::Validate, id, &command)
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
        let renewal = || Command::update(record::lease_of(length));
        let alone = renewal().only_if(record::is_lock_alone_of(&lease.token)).living(SPARE.saturating_add(length));
        let ours = self.found(Operation::Lock, id, &alone)?
            || self.found(Operation::Lock, id, &renewal().only_if(record::is_locked_by(&lease.token)))?;
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
        let told = self.told.take();
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        let outcome = self.write_as(id, data, ttl, &lease.token, &told.terms());
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
        let told = self.told.take();
        let terms = told.terms();
        let is_plain = terms == Terms::default();
        let Some(lease) = lease else {
            if is_plain {
                self.touch_unlocked(id, data, ttl, extended)?;
                return Ok(Committed::Done);
            }
            return self.touch_referred(id, data, ttl, None, extended, &terms);
        };
        if self.is_inherited() {
            return Ok(Committed::LeaseLost);
        }
        let outcome = if is_plain {
            self.touch_as(id, data, ttl, lease.token)
        } else {
            self.touch_referred(id, data, ttl, Some(lease.token), extended, &terms)
        };
        if let Err(failure) = &outcome
            && !failure.is_outage()
        {
            // It was refused, so that the lock is still there.
            let _ = self.release(id, lease);
            return outcome;
        }
        self.settled(id, lease.token, outcome)
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return self.destroy(id);
        }
        self.held.take_if(|held| held.is(&lease.token));
        self.known = None;
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
