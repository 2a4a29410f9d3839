//! The store contract over a table of a server.
//!
//! Every statement commits by itself: no transaction is open between two of them, so a request that
//! sleeps stops nobody.

use super::CAPABILITIES;
use super::changes::writing;
use super::error;
use super::gc::PACE;
use super::locks::{Held, Hold, Names};
use super::reply::Value;
use super::server::{Answer, Server, Settings, Trouble};
use super::statements::{Change, Given, Plan};
use crate::backend::pace::{Extent, Pace};
use crate::backend::sql::{Dialect, Role};
use crate::error::{Error, Kind, Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState};
use crate::session::reference::{References, Terms, Told, ended};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::time::Duration;

/// What PHP's `session.gc_maxlifetime` is when nobody sets it.
const PHP_LIFETIME: Duration = Duration::from_secs(1440);

/// Sessions as rows of a table.
pub struct Mysql {
    pub(super) server: Server,
    /// Sessions are not locked; a write finds out whether another came first.
    pub(super) optimistic: bool,
    pub(super) clock: Clock,
    /// How long a session lives whose row does not say it.
    pub(super) lifetime: Duration,
    pub(super) names: Names,
    pub(super) held: Held,
    /// The session that the present request found alive.
    alive: Option<Alive>,
    told: Told,
    pub(super) pace: Pace,
}

struct Alive {
    id: Vec<u8>,
    time: i64,
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
    pub(super) fn times(&self, ttl: Duration, stored: Option<i64>) -> (i64, bool) {
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

    /// The time of the record that this request found alive, if it is this one. Once.
    fn take_seen(&mut self, id: SessionId<'_>) -> Option<i64> {
        self.alive.take().filter(|alive| alive.id == id.as_bytes()).map(|alive| alive.time)
    }

    /// Whether a lock that was taken on the connection with this epoch is still held, as far as can be told here.
    fn is_held(&mut self, epoch: u64) -> bool {
        self.server.still_has(epoch)
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
}
