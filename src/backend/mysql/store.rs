//! The store contract over a table of a server.
//!
//! Every statement commits by itself: no transaction is open between two of them, so a request that
//! sleeps stops nobody.

use super::CAPABILITIES;
use super::error::{self, code};
use super::locks::{Fingerprint, Held, Hold, Name, Names, fingerprint};
use super::reply::Value;
use super::server::{Answer, Server, Settings, Trouble};
use super::statements::{Change, Given, Plan, Plans};
use crate::backend::pace::{Extent, Pace};
use crate::backend::remote::address::Address;
use crate::backend::remote::patience::Patience;
use crate::backend::sql::{Dialect, Moment, Role};
use crate::error::{Error, Kind, Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal};
use crate::session::reference::{Assignment, References, Terms, Told, ended};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::time::{Duration, Instant};

/// The longest wait for a lock; longer ones are cut to it.
const FOR_EVER: Duration = Duration::from_secs(7 * 86_400);
/// A statement that a deadlock was resolved by is tried again so often.
const TRIES: u32 = 5;
/// Rows that one statement of gc removes. Each waits for the disk, so that small ones are no faster.
const PACE: Pace = Pace::new(200, 50..=2000, Duration::from_millis(10));
/// What PHP's `session.gc_maxlifetime` is when nobody sets it.
const PHP_LIFETIME: Duration = Duration::from_secs(1440);

/// Sessions as rows of a table.
pub struct Mysql {
    pub(super) server: Server,
    /// Sessions are not locked; a write finds out whether another came first.
    optimistic: bool,
    clock: Clock,
    /// How long a session lives whose row does not say it.
    lifetime: Duration,
    names: Names,
    held: Held,
    /// The session that the present request found alive.
    alive: Option<Alive>,
    told: Told,
    pace: Pace,
}

struct Alive {
    id: Vec<u8>,
    time: i64,
}

/// A row, as far as it is not data.
#[derive(Clone, Copy, Debug)]
struct Row {
    time: i64,
    alive: bool,
    fingerprint: Option<Fingerprint>,
}

/// What came of asking for the lock and the row in one exchange.
#[derive(Debug, Default)]
struct Attempt {
    granted: bool,
    row: Option<Row>,
}

impl Mysql {
    pub(super) fn new(settings: Settings, optimistic: bool, clock: Clock) -> Self {
        let names = Names::of(&settings.database, settings.wanted.table().as_str());
        Self {
            server: Server::new(settings),
            optimistic,
            clock,
            lifetime: PHP_LIFETIME,
            names,
            held: Held::default(),
            alive: None,
            told: Told::default(),
            pace: PACE,
        }
    }

    pub(super) fn read_timeout(&self) -> Duration {
        self.server.settings.read_timeout
    }

    /// The times that suit a record that is to live for `ttl`: what is stored, and whether `stored` does.
    fn times(&self, ttl: Duration, stored: Option<i64>) -> (i64, bool) {
        let Some(plans) = self.server.plans() else { return (0, false) };
        let suitable = plans.table.suitable(self.clock.now_ms(), ttl, self.lifetime);
        match stored {
            Some(stored) if suitable.contains(&stored) => (stored, true),
            _ => (*suitable.end(), false),
        }
    }

    /// What every statement may want.
    pub(super) fn given<'a>(&self, id: &'a [u8]) -> Given<'a> {
        Given {
            id,
            now: i64::try_from(self.clock.now()).unwrap_or(i64::MAX),
            alive: self.alive_after(),
            ..Given::default()
        }
    }

    /// The time after which records are alive.
    pub(super) fn alive_after(&self) -> i64 {
        self.server.plans().map_or(i64::MAX, |plans| plans.table.alive_after(self.clock.now_ms(), self.lifetime))
    }

    /// When a record with this time ends.
    pub(super) fn ends(&self, stored: i64) -> u64 {
        self.server.plans().map_or(0, |plans| plans.table.ends(stored, self.lifetime))
    }

    /// The statement that does this to a row, and with which reference.
    fn changing<'a>(&self, change: Change, terms: &Terms<'a>, given: Given<'a>) -> (Plan, Given<'a>) {
        let has_any = self.server.plans().is_some_and(|plans| plans.table.column(Role::Reference).is_some());
        let said = match terms.reference {
            _ if !has_any => None,
            Assignment::Keep => None,
            Assignment::Clear => Some(None),
            Assignment::Set(reference) => Some(Some(reference.as_bytes())),
        };
        // Without references, or with one that is said, both are one statement.
        let change = if change == Change::Overwrite && !(has_any && said.is_none()) { Change::Write } else { change };
        (Plan::Change(change, said.is_some()), Given { reference: said.flatten(), ..given })
    }

    /// The time of the record that this request found alive, if it is this one. Once.
    fn take_seen(&mut self, id: SessionId<'_>) -> Option<i64> {
        self.alive.take().filter(|alive| alive.id == id.as_bytes()).map(|alive| alive.time)
    }

    /// The row, its data in `into` if it is alive and the data was asked for.
    fn fetch(
        &mut self,
        operation: Operation,
        plan: Plan,
        id: SessionId<'_>,
        into: &mut Vec<u8>,
    ) -> Result<Option<Row>> {
        let mut row = None;
        self.server.connect(operation)?;
        let reader = self.reader(operation);
        let (given, limit) = (self.given(id.as_bytes()), self.read_timeout());
        self.server.exchange(operation, &[(plan, given)], true, limit, &mut |_, answer, plans| {
            row = reader.read(answer, plans, into)?;
            Ok(())
        })?;
        Ok(row)
    }

    pub(super) fn reader(&self, operation: Operation) -> Reader {
        Reader {
            operation,
            address: self.server.settings.address.clone(),
            alive_after: self.alive_after(),
            optimistic: self.optimistic,
        }
    }

    /// One statement, over another connection if need be, again if the server resolves a deadlock by it.
    /// How many rows it found.
    fn change(&mut self, operation: Operation, plan: Plan, given: &Given<'_>) -> Result<u64> {
        let limit = self.read_timeout();
        let address = self.server.settings.address.clone();
        let mut tries = 0;
        loop {
            let (mut rows, mut again) = (0, false);
            tries += 1;
            self.server.exchange(operation, &[(plan, *given)], true, limit, &mut |_, answer, _| {
                match answer {
                    Answer::Done(found) => rows = found,
                    Answer::Refused(code::DEADLOCK, _) if tries < TRIES => again = true,
                    Answer::Refused(code, said) => return Err(error::refused(operation, &address, code, said)),
                    Answer::Row(_) => {}
                }
                Ok(())
            })?;
            if !again {
                return Ok(rows);
            }
        }
    }

    /// Asks for the lock, and for the row under it if `into` is there. `wait` seconds at most.
    fn ask(&mut self, id: SessionId<'_>, name: &Name, wait: f64, into: Option<&mut Vec<u8>>) -> Result<Attempt> {
        let mut attempt = Attempt::default();
        let reader = self.reader(Operation::Read);
        let lock = Given { lock: name, wait, ..Given::default() };
        let plans = [(Plan::Lock, lock), (Plan::Read, self.given(id.as_bytes()))];
        let wanted = if into.is_some() { 2 } else { 1 };
        let mut nothing = Vec::new();
        let into = into.unwrap_or(&mut nothing);
        let limit = self.read_timeout().saturating_add(Duration::from_secs_f64(wait));
        if wait > 0.0 {
            self.server.connect(Operation::Lock)?;
            self.server.be_patient(limit);
        }
        let mut refused = false;
        let outcome = self.server.exchange(
            Operation::Lock,
            plans.get(..wanted).unwrap_or_default(),
            // Another connection would not be as patient.
            wait <= 0.0,
            limit,
            &mut |place, answer, plans| {
                match (place, &answer) {
                    (0, Answer::Row([Value::Number(1)])) => attempt.granted = true,
                    (0, Answer::Row([Value::Number(0)])) => {}
                    (0, Answer::Refused(code, said)) => {
                        return Err(error::refused(Operation::Lock, &reader.address, *code, said));
                    }
                    (0, _) => refused = true,
                    _ if attempt.granted => attempt.row = reader.read(answer, plans, into)?,
                    _ => {}
                }
                Ok(())
            },
        );
        if wait > 0.0 {
            self.server.be_patient(self.server.settings.read_timeout);
        }
        match outcome {
            Ok(()) => {}
            // Whoever waits asks again.
            Err(Trouble::Lost(error)) if wait > 0.0 && error.kind() == Kind::Unavailable => {
                return Ok(Attempt::default());
            }
            Err(trouble) => {
                if attempt.granted {
                    self.let_go(name);
                }
                return Err(trouble.into());
            }
        }
        if refused {
            return Err(error::no_lock(&self.server.settings.address));
        }
        Ok(attempt)
    }

    /// Takes the lock, waiting as long as the request says, and reads the row under it if `into` is there.
    fn acquire(
        &mut self,
        id: SessionId<'_>,
        request: &LockRequest<'_>,
        mut into: Option<&mut Vec<u8>>,
    ) -> Result<(LockState, Option<Row>)> {
        let busy = || Ok((LockState::Busy(Refusal::default()), None));
        let name = self.names.session(id);
        let epoch = self.server.connect(Operation::Lock)?;
        self.held.keep_only(epoch);
        if self.held.has(&name, epoch) {
            // The server would give it to its holder again. Waiting would be for oneself.
            return busy();
        }
        let limit = request.wait.min(FOR_EVER);
        let started = Instant::now();
        let mut pauses = Patience::of(limit);
        let mut attempt = self.ask(id, &name, 0.0, into.as_deref_mut())?;
        while !attempt.granted {
            let left = limit.saturating_sub(started.elapsed());
            if left.is_zero() {
                return busy();
            }
            let wait = self.server.plans().map_or(0.0, |plans| plans.waits(left.as_secs_f64()));
            // Servers that count in whole seconds are asked again for the rest.
            if wait <= 0.0 && !pauses.pause() {
                return busy();
            }
            attempt = self.ask(id, &name, wait, into.as_deref_mut())?;
        }
        let token = self.held.add(Hold::Lock(name, self.server.epoch()));
        Ok((LockState::Held(Lease { token, guard: None }), attempt.row))
    }

    /// Gives a lock of the present connection back, without waiting for the answer. When that fails the
    /// connection is closed, and the lock is gone with it.
    fn let_go(&mut self, name: &Name) {
        let given = Given { lock: name, ..Given::default() };
        if matches!(self.server.tell(Operation::Unlock, &[(Plan::ReleaseQuietly, given)]), Ok(true)) {
            return;
        }
        let limit = self.read_timeout();
        let plans = [(Plan::ReleaseQuietly, given)];
        if self.server.exchange(Operation::Unlock, &plans, false, limit, &mut |_, _, _| Ok(())).is_err() {
            self.server.disconnect();
        }
    }

    /// Carries out `plan` under a lock and gives the lock back, in one exchange that is waited for. Also how
    /// many rows there were.
    fn commit(&mut self, operation: Operation, plan: Plan, given: Given<'_>, name: &Name) -> Result<(Committed, u64)> {
        let limit = self.read_timeout();
        let address = self.server.settings.address.clone();
        let release = Given { lock: name, ..Given::default() };
        let (mut heard, mut ours, mut deadlock, mut rows) = (false, false, false, 0);
        let outcome = self.server.exchange(
            operation,
            &[(plan, given), (Plan::Release, release)],
            false,
            limit,
            &mut |place, answer, _| {
                match (place, answer) {
                    (0, Answer::Refused(code::DEADLOCK, _)) => deadlock = true,
                    (_, Answer::Refused(code, said)) => return Err(error::refused(operation, &address, code, said)),
                    (0, Answer::Done(found)) => rows = found,
                    (0, _) => {}
                    (_, Answer::Row(values)) => {
                        heard = true;
                        ours = values == [Value::Number(1)];
                    }
                    _ => {}
                }
                Ok(())
            },
        );
        match outcome {
            Ok(()) if deadlock => Ok((Committed::LeaseLost, 0)),
            Ok(()) if ours => Ok((Committed::Done, rows)),
            Ok(()) => Err(error::foreign_lock(operation, &address)),
            // Whether it was done is not known; whoever asks looks under a new lock.
            Err(Trouble::Lost(error)) if !matches!(error.kind(), Kind::Timeout | Kind::TooLarge) => {
                Ok((Committed::LeaseLost, 0))
            }
            Err(trouble) => {
                if !heard {
                    self.let_go(name);
                }
                Err(trouble.into())
            }
        }
    }

    /// Replaces the row if it is as it was, without a lock.
    fn swap(
        &mut self,
        operation: Operation,
        terms: &Terms<'_>,
        given: Given<'_>,
        version: Option<Fingerprint>,
    ) -> Result<Committed> {
        let (limit, address) = (self.read_timeout(), self.server.settings.address.clone());
        let change = if version.is_some() { Change::Swap } else { Change::Insert };
        let (plan, given) = self.changing(change, terms, given);
        let given = Given { fingerprint: version.as_ref().map_or(&[], |digits| digits), ..given };
        let mut committed = Committed::LeaseLost;
        let outcome = self.server.exchange(operation, &[(plan, given)], true, limit, &mut |_, answer, _| {
            match answer {
                Answer::Done(rows) if rows > 0 => committed = Committed::Done,
                Answer::Refused(code::DEADLOCK | code::DUPLICATE, _) => {}
                Answer::Refused(code, said) => return Err(error::refused(operation, &address, code, said)),
                _ => {}
            }
            Ok(())
        });
        outcome?;
        Ok(committed)
    }

    /// Whether a lock that was taken on the connection with this epoch is still held, as far as can be told here.
    fn is_held(&mut self, epoch: u64) -> bool {
        self.server.still_has(epoch)
    }

    /// Sends `plans` without waiting, unless something went wrong that nobody was told of.
    fn tell(&mut self, operation: Operation, plans: &[(Plan, Given<'_>)]) -> Result<bool> {
        if self.server.take_doubt() {
            return Ok(false);
        }
        self.server.tell(operation, plans)
    }
}

/// How a session is written that this request found alive, if `seen`.
fn writing(terms: &Terms<'_>, seen: Option<i64>) -> Change {
    match seen {
        _ if terms.existing => Change::Update,
        Some(_) => Change::Overwrite,
        None => Change::Write,
    }
}

/// Reads a row's values, wherever they come from.
pub(super) struct Reader {
    pub(super) operation: Operation,
    pub(super) address: Address,
    alive_after: i64,
    optimistic: bool,
}

impl Reader {
    /// The time in a row.
    pub(super) fn time(&self, value: &Value<'_>, plans: &Plans) -> Result<i64> {
        let moment = match value {
            Value::Number(seconds) => Moment::Unix(*seconds),
            Value::Bytes(text) => Moment::Text(String::from_utf8_lossy(text).into_owned()),
            Value::Null => Moment::Unix(0),
        };
        plans.table.seconds(&moment).ok_or_else(|| error::unreadable(self.operation, &self.address))
    }

    fn read(&self, answer: Answer<'_>, plans: &Plans, into: &mut Vec<u8>) -> Result<Option<Row>> {
        let unreadable = || error::unreadable(self.operation, &self.address);
        let (time, data) = match answer {
            Answer::Row([]) => return Ok(None),
            Answer::Row([time]) => (time, None),
            Answer::Row([time, data]) => (time, Some(data)),
            Answer::Refused(code, said) => return Err(error::refused(self.operation, &self.address, code, said)),
            _ => return Err(unreadable()),
        };
        let time = self.time(time, plans)?;
        let alive = time > self.alive_after;
        let mut row = Row { time, alive, fingerprint: None };
        let stored: &[u8] = match data {
            Some(Value::Bytes(stored)) => stored,
            Some(Value::Null) => &[],
            Some(Value::Number(_)) => return Err(unreadable()),
            None => return Ok(Some(row)),
        };
        row.fingerprint = self.optimistic.then(|| fingerprint(stored));
        into.clear();
        if alive && !plans.table.decode(stored, into) {
            return Err(unreadable());
        }
        Ok(Some(row))
    }
}

impl Store for Mysql {
    fn name(&self) -> &'static str {
        error::STORE
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn endpoint(&self) -> String {
        self.server.settings.endpoint()
    }

    fn definition(&self) -> Option<String> {
        Some(self.server.settings.wanted.definition(Dialect::Mysql))
    }

    fn accepts(&self, id: SessionId<'_>) -> bool {
        let longest = self.server.plans().and_then(|plans| plans.table.longest_id());
        longest.is_none_or(|longest| id.as_bytes().len() <= longest)
    }

    fn refusal(&self, id: SessionId<'_>) -> String {
        let table = self.server.plans().map(|plans| &plans.table);
        let column = table.and_then(|table| table.column(Role::Id)).map_or("id", |column| column.as_str());
        let longest = table.and_then(|table| table.longest_id()).unwrap_or_default();
        error::long_id(id.as_bytes().len(), column, longest)
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    fn early_loss(&self) -> Option<&'static str> {
        Some(if self.optimistic {
            "is not locked (locking=optimistic)"
        } else {
            "lost its lock with the connection to the server"
        })
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        Ok(self.fetch(Operation::Read, Plan::Read, id, into)?.is_some_and(|row| row.alive))
    }

    fn keep_references(&mut self) {
        self.server.keep_references();
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        Some(self)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.server.connect(Operation::Write)?;
        let (told, seen) = (self.told.take(), self.take_seen(id));
        self.check(id)?;
        let terms = told.terms();
        let stored = self.encoded(data);
        let given = self.replacing(id, &stored, ttl, seen);
        let (plan, given) = self.changing(writing(&terms, seen), &terms, given);
        let rows = self.change(Operation::Write, plan, &given)?;
        if terms.existing && rows == 0 { Err(ended(error::STORE, Operation::Write, id)) } else { Ok(()) }
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let told = self.told.take();
        match self.fetch(Operation::Touch, Plan::Time, id, &mut Vec::new())? {
            Some(row) if row.alive => {
                let (time, suits) = self.times(ttl, Some(row.time));
                let given = Given { time, ..self.given(id.as_bytes()) };
                let (plan, given) = self.changing(Change::Touch, &told.terms(), given);
                let suits = suits && plan == Plan::Change(Change::Touch, false);
                Ok(suits || self.change(Operation::Touch, plan, &given)? > 0)
            }
            _ => Ok(false),
        }
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        let given = self.given(id.as_bytes());
        self.change(Operation::Destroy, Plan::Destroy, &given).map(drop)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let row = self.fetch(Operation::Validate, Plan::Time, id, &mut Vec::new())?;
        Ok(row.is_some_and(|row| row.alive))
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.take_turn_and_collect(max_lifetime, Extent::Brief)
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.take_turn_and_collect(max_lifetime, Extent::Whole)
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        if self.optimistic {
            let row = self.fetch(Operation::Lock, Plan::Read, id, &mut Vec::new())?;
            let token = self.held.add(Hold::Version(row.and_then(|row| row.fingerprint)));
            return Ok(LockState::Held(Lease { token, guard: None }));
        }
        self.acquire(id, request, None).map(|(state, _)| state)
    }

    fn unlock(&mut self, _id: SessionId<'_>, lease: Lease) -> Result<()> {
        if let Some(Hold::Lock(name, epoch)) = self.held.take(&lease.token)
            && self.is_held(epoch)
        {
            self.let_go(&name);
        }
        Ok(())
    }

    fn renew(&mut self, id: SessionId<'_>, lease: &Lease, _length: Duration) -> Result<bool> {
        let (name, epoch) = match self.held.get(&lease.token) {
            Some(Hold::Lock(name, epoch)) => (name, epoch),
            Some(Hold::Version(version)) => {
                let row = self.fetch(Operation::Lock, Plan::Read, id, &mut Vec::new())?;
                return Ok(row.and_then(|row| row.fingerprint) == version);
            }
            None => return Ok(false),
        };
        if !self.is_held(epoch) {
            return Ok(false);
        }
        let given = Given { lock: &name, ..Given::default() };
        let (limit, mut ours) = (self.read_timeout(), false);
        let outcome =
            self.server.exchange(Operation::Lock, &[(Plan::Holds, given)], false, limit, &mut |_, answer, _| {
                ours = matches!(answer, Answer::Row([Value::Number(1)]));
                Ok(())
            });
        match outcome {
            Ok(()) => Ok(ours),
            Err(Trouble::Lost(error)) if error.kind() != Kind::Timeout => Ok(false),
            Err(trouble) => Err(trouble.into()),
        }
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        self.alive = None;
        let (mut lock, row) = match &request.lock {
            Some(wanted) if !self.optimistic => self.acquire(id, wanted, Some(into))?,
            wanted => {
                let row = self.fetch(Operation::Read, Plan::Read, id, into)?;
                let token = wanted.map(|_| self.held.add(Hold::Version(row.and_then(|row| row.fingerprint))));
                (token.map_or(LockState::NotTaken, |token| LockState::Held(Lease { token, guard: None })), row)
            }
        };
        if matches!(lock, LockState::Busy(_)) {
            return Ok(Opened { found: false, lock });
        }
        let Some(row) = row.filter(|row| row.alive) else {
            into.clear();
            if !request.lock_missing
                && let LockState::Held(lease) = std::mem::replace(&mut lock, LockState::NotTaken)
            {
                self.unlock(id, lease)?;
            }
            return Ok(Opened { found: false, lock });
        };
        self.alive = Some(Alive { id: id.as_bytes().to_vec(), time: row.time });
        if let Some(ttl) = request.extend {
            let (time, suits) = self.times(ttl, Some(row.time));
            let given = Given { time, ..self.given(id.as_bytes()) };
            let plan = Plan::Change(Change::Touch, false);
            if !suits && !self.tell(Operation::Touch, &[(plan, given)])? {
                self.change(Operation::Touch, plan, &given)?;
            }
        }
        Ok(Opened { found: true, lock })
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        let (told, seen) = (self.told.take(), self.take_seen(id));
        if let Err(error) = self.check(id) {
            let _ = self.unlock(id, lease);
            return Err(error);
        }
        let terms = told.terms();
        let hold = self.held.take(&lease.token);
        match hold {
            Some(Hold::Lock(name, epoch)) if self.is_held(epoch) => {
                let stored = self.encoded(data);
                let given = self.replacing(id, &stored, ttl, seen);
                let (plan, given) = self.changing(writing(&terms, seen), &terms, given);
                let (committed, rows) = self.commit(Operation::Write, plan, given, &name)?;
                let gone = terms.existing && rows == 0 && committed == Committed::Done;
                if gone { Err(ended(error::STORE, Operation::Write, id)) } else { Ok(committed) }
            }
            Some(Hold::Version(version)) => {
                self.server.connect(Operation::Write)?;
                let stored = self.encoded(data);
                let given = self.replacing(id, &stored, ttl, seen);
                if terms.existing && version.is_none() {
                    return Err(ended(error::STORE, Operation::Write, id));
                }
                match self.swap(Operation::Write, &terms, given, version)? {
                    // Changed, or ended? The first may be written under a new lease, the second may not.
                    Committed::LeaseLost if terms.existing && !self.exists(id)? => {
                        Err(ended(error::STORE, Operation::Write, id))
                    }
                    committed => Ok(committed),
                }
            }
            _ => Ok(Committed::LeaseLost),
        }
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        _extended: bool,
    ) -> Result<Committed> {
        let (told, seen) = (self.told.take(), self.take_seen(id));
        let terms = told.terms();
        let hold = match lease {
            Some(lease) => match self.held.take(&lease.token) {
                Some(Hold::Lock(_, epoch)) if !self.is_held(epoch) => return Ok(Committed::LeaseLost),
                Some(hold) => Some(hold),
                None => return Ok(Committed::LeaseLost),
            },
            None => None,
        };
        if !matches!(hold, Some(Hold::Lock(..))) {
            self.server.connect(Operation::Touch)?;
        }
        let stored = self.encoded(data);
        let given = Given { data: &stored, time: self.times(ttl, seen).0, ..self.given(id.as_bytes()) };
        if let Some(Hold::Version(version)) = hold {
            return self.touch_version(&terms, given, seen, version);
        }
        let name = match hold {
            Some(Hold::Lock(name, _)) => Some(name),
            _ => None,
        };
        // Data of an expired row must not come back to life.
        let kept = if seen.is_some() { Ok(true) } else { self.kept(id) };
        let change = match kept {
            Ok(true) if terms.existing => Change::Touch,
            Ok(true) => Change::Restore,
            Ok(false) if terms.existing => Change::Update,
            Ok(false) => Change::Write,
            Err(trouble) => {
                name.iter().for_each(|name| self.let_go(name));
                return Err(trouble);
            }
        };
        let (plan, given) = self.changing(change, &terms, given);
        let Some(name) = name else {
            if !self.tell(Operation::Touch, &[(plan, given)])? {
                self.change(Operation::Touch, plan, &given)?;
            }
            return Ok(Committed::Done);
        };
        let release = Given { lock: &name, ..Given::default() };
        let epoch = self.server.epoch();
        match self.tell(Operation::Touch, &[(plan, given), (Plan::ReleaseQuietly, release)]) {
            Ok(true) => Ok(Committed::Done),
            Ok(false) => self.commit(Operation::Touch, plan, given, &name).map(|(committed, _)| committed),
            Err(_) if !self.is_held(epoch) => Ok(Committed::LeaseLost),
            Err(error) => {
                self.let_go(&name);
                Err(error)
            }
        }
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.alive = None;
        if let Some(Hold::Lock(name, epoch)) = self.held.take(&lease.token)
            && self.is_held(epoch)
            && self.commit(Operation::Destroy, Plan::Destroy, self.given(id.as_bytes()), &name)?.0 == Committed::Done
        {
            return Ok(());
        }
        self.destroy(id)
    }
}

impl Mysql {
    /// What replaces a row. One that this request found alive may outlive its lifetime in the request's hands,
    /// and keeps its time if that suits still: then no index has anything to do with it.
    fn replacing<'a>(&self, id: SessionId<'a>, stored: &'a [u8], ttl: Duration, seen: Option<i64>) -> Given<'a> {
        let given = self.given(id.as_bytes());
        let alive = if seen.is_some() { 0 } else { given.alive };
        Given { data: stored, time: self.times(ttl, seen).0, alive, ..given }
    }

    /// That the id fits into its column. Nobody could know before there was a connection.
    fn check(&self, id: SessionId<'_>) -> Result<()> {
        if self.accepts(id) {
            return Ok(());
        }
        let error = Error::new(Kind::InvalidId, error::STORE, Operation::Write, self.refusal(id));
        Err(error.at(self.server.settings.endpoint()))
    }

    /// The data as the table keeps it.
    fn encoded<'a>(&self, data: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
        self.server.plans().map_or(std::borrow::Cow::Borrowed(data), |plans| plans.table.encode(data))
    }

    /// Whether there is a live row, for whoever has not looked yet.
    fn kept(&mut self, id: SessionId<'_>) -> Result<bool> {
        let limit = self.read_timeout();
        let (reader, given) = (self.reader(Operation::Touch), self.given(id.as_bytes()));
        let mut alive = false;
        self.server.exchange(Operation::Touch, &[(Plan::Time, given)], false, limit, &mut |_, answer, plans| {
            alive = reader.read(answer, plans, &mut Vec::new())?.is_some_and(|row| row.alive);
            Ok(())
        })?;
        Ok(alive)
    }

    /// Ends a session that is not locked and did not change. One that vanished was ended by another request.
    fn touch_version(
        &mut self,
        terms: &Terms<'_>,
        given: Given<'_>,
        seen: Option<i64>,
        version: Option<Fingerprint>,
    ) -> Result<Committed> {
        if seen.is_none() {
            return self.swap(Operation::Touch, terms, given, version);
        }
        let (plan, given) = self.changing(Change::Touch, terms, given);
        let suits = seen == Some(given.time) && plan == Plan::Change(Change::Touch, false);
        if suits || self.tell(Operation::Touch, &[(plan, given)])? {
            return Ok(Committed::Done);
        }
        let rows = self.change(Operation::Touch, plan, &given)?;
        Ok(if rows > 0 { Committed::Done } else { Committed::LeaseLost })
    }

    /// One worker at a time removes what expired; for the others there is nothing to do.
    fn take_turn_and_collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        self.server.connect(Operation::Gc)?;
        if self.optimistic {
            return self.collect(max_lifetime, extent);
        }
        let name = self.names.gc();
        let wait = self.server.plans().map_or(0.0, |plans| plans.waits(extent.turn().as_secs_f64()));
        let turn = Given { lock: &name, wait, ..Given::default() };
        let (limit, mut ours) = (self.read_timeout().saturating_add(extent.turn()), false);
        self.server.be_patient(limit);
        let asked = self.server.exchange(Operation::Gc, &[(Plan::Lock, turn)], true, limit, &mut |_, answer, _| {
            ours = matches!(answer, Answer::Row([Value::Number(1)]));
            Ok(())
        });
        self.server.be_patient(self.read_timeout());
        asked?;
        if !ours {
            return Ok(0);
        }
        let outcome = self.collect(max_lifetime, extent);
        self.let_go(&name);
        outcome
    }

    fn collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let Some(plans) = self.server.plans() else { return Ok(0) };
        let lifetime = self.lifetime.min(max_lifetime);
        let (until, sorts) = (plans.table.collected_until(self.clock.now_ms(), lifetime), plans.sorts());
        let mut pace = self.pace;
        let removed = pace.run(extent, sorts, |sort, most| {
            let given = Given { time: until, most: most.into(), ..Given::default() };
            self.change(Operation::Gc, Plan::Collect(sort), &given)
        });
        self.pace = pace;
        removed
    }
}
