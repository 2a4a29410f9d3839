//! A [`Store`] over a connection of the application's.
//!
//! The connection is a PHP object, and so not in here: it is in a declared property of the adapter's
//! object, where PHP's cycle collector sees it and a subclass may exchange it. The store knows that
//! object's number, and takes the connection from there for each statement. It runs PHP code, which may
//! call the adapter again; such a call finds the object busy (`Call::with_state`).
//!
//! The transactions of the connection are the application's. What cannot be done in one statement is
//! not done in a transaction of ours, but in steps that check what they rely on.

use super::connection::{Connection, Row, Value};
use super::failure::{Failure, STORE};
use super::named_lock;
use super::plan::{Choice, Given, Plan, binary, current, moment};
use crate::backend::pace::{Extent, Pace};
use crate::backend::sql::{Column, Dialect, Moment, Parameter, Role, Table, Wanted};
use crate::error::{Error, Kind, Operation, Result};
use crate::php::engine;
use crate::session::clock::Clock;
use crate::session::fork;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState};
use crate::session::reference;
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::time::Duration;

/// Rows that one statement of gc removes. Each waits for the disk, so that small ones are no faster.
const PACE: Pace = Pace::new(200, 100..=500, Duration::from_millis(10));

/// How often a statement is tried that the database gave up in favour of another.
const TRIES: u32 = 3;

/// Where the connection is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The number of the adapter's object, which has this store in its state and so outlives it.
    pub adapter: u32,
    /// The position of the property.
    pub property: usize,
}

impl Place {
    fn connection(self) -> Option<Connection> {
        let adapter = engine::object_of(self.adapter)?;
        Connection::of(engine::property_of(adapter.object()?, self.property))
    }
}

/// What the user decided about changes that come between.
#[derive(Clone, Copy)]
pub(super) struct Fencing {
    /// A session is compared with what was read of it before it is replaced, where it cannot be locked.
    pub compares: bool,
    /// A session that was changed since is replaced all the same.
    pub overwrites: bool,
}

/// The session that the present request has open.
struct Seen {
    id: Vec<u8>,
    /// Its row was there and had not expired.
    alive: bool,
    /// The data as it stands in the row, if there is one. Kept where it will be compared.
    stored: Option<Vec<u8>>,
}

/// The sessions of a table, by a connection of the application's.
pub(super) struct Foreign {
    place: Place,
    dialect: Dialect,
    /// What the connection is and where the sessions are, for messages.
    endpoint: String,
    wanted: Wanted,
    plan: Option<Plan>,
    fencing: Fencing,
    lifetime: Duration,
    clock: Clock,
    /// The process that made the object, among those that fork from one another.
    generation: u64,
    seen: Option<Seen>,
    /// It was said already that a transaction of the application's is open.
    warned: bool,
    notice: Option<Error>,
    pace: Pace,
}

impl Foreign {
    pub(super) fn new(
        place: Place,
        connection: &Connection,
        dialect: Dialect,
        wanted: Wanted,
        fencing: Fencing,
    ) -> Self {
        Self {
            place,
            dialect,
            endpoint: format!("{} of {}", wanted.table(), connection.name()),
            wanted,
            plan: None,
            fencing,
            lifetime: Duration::ZERO,
            clock: Clock::System,
            generation: fork::generation(),
            seen: None,
            warned: false,
            notice: None,
            pace: PACE,
        }
    }

    /// A failure of the connection's, in our words.
    fn failed(&self, failure: &Failure, operation: Operation) -> Error {
        if failure.is_missing_table(self.dialect) {
            return self.refusal(Kind::Storage, operation, self.missing_table());
        }
        failure.error(self.dialect, operation).at(self.endpoint.clone())
    }

    fn missing_table(&self) -> String {
        let definition = self.wanted.creation(self.dialect).join("; ");
        format!("there is no table \"{}\"; create it: {definition}", self.wanted.table())
    }

    fn refusal(&self, kind: Kind, operation: Operation, reason: impl Into<String>) -> Error {
        Error::new(kind, STORE, operation, reason).at(self.endpoint.clone())
    }

    fn connection(&self, operation: Operation) -> Result<Connection> {
        if self.is_inherited() {
            let reason = "the connection is that of the process that this one was forked from, which keeps the session";
            return Err(self.refusal(Kind::ReadOnly, operation, reason));
        }
        let connection = self.place.connection();
        connection.ok_or_else(|| self.refusal(Kind::Config, operation, "the adapter has no connection any more"))
    }

    /// Whether this is a child of the process that made the object, whose connection it must not use.
    fn is_inherited(&self) -> bool {
        self.generation != fork::generation()
    }

    /// The first row of a query.
    pub(super) fn ask(&self, operation: Operation, sql: &str, values: &[Value<'_>]) -> Result<Option<Row>> {
        let connection = self.connection(operation)?;
        connection.first(sql, values).map_err(|failure| self.failed(&failure.without(values), operation))
    }

    /// The table, looked at once for each object where that costs no wait.
    fn plan(&mut self, operation: Operation) -> Result<&Plan> {
        let plan = match self.plan.take() {
            Some(plan) => plan,
            None => {
                let mut table = match self.dialect {
                    Dialect::Sqlite => self.existing_table(operation)?,
                    // A look at the columns would be a wait with each request.
                    Dialect::Mysql => self.wanted.new_table(),
                };
                if self.dialect == Dialect::Mysql && table.has_text_times() && !table.has_zone() {
                    // The zone is the connection's, which is the application's to set.
                    let row = self.ask(operation, "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW())", &[])?;
                    table.assume_zone(row.and_then(|row| row.int(0)).unwrap_or(0));
                }
                Plan::new(table, self.dialect)
            }
        };
        Ok(self.plan.insert(plan))
    }

    /// The table with the columns that it has. SQLite takes a name in quotes that no column has for a
    /// text, so that a table that does not fit would go unnoticed.
    fn existing_table(&self, operation: Operation) -> Result<Table> {
        let sql = "SELECT group_concat(name || char(9) || type, char(10)) FROM pragma_table_info(?)";
        let name = self.wanted.table();
        let row = self.ask(operation, sql, &[Value::Text(name.as_str().as_bytes())])?;
        let listed = row.map(|row| row.text(0)).unwrap_or_default();
        let columns: Vec<Column> = listed
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, kind)| Column { name: name.to_owned(), kind: kind.to_owned() })
            .collect();
        if columns.is_empty() {
            return Err(self.refusal(Kind::Storage, operation, self.missing_table()));
        }
        let fitting = self.wanted.fit(&columns, self.dialect);
        fitting.map_err(|complaint| self.refusal(Kind::Storage, operation, complaint))
    }

    /// Executes one of the table's statements, with a further condition perhaps, and says how many rows
    /// it changed.
    fn run(&mut self, operation: Operation, choose: Choice, more: &str, given: &Given<'_>) -> Result<i64> {
        let (now, lifetime, dialect) = (self.clock.now_ms(), self.lifetime, self.dialect);
        let plan = self.plan(operation)?;
        let statement = choose(plan);
        let time = plan.table.moment(*plan.table.suitable(now, given.ttl, lifetime).end());
        let present = plan.table.moment(i64::try_from(now / 1000).unwrap_or(i64::MAX));
        let alive = plan.table.moment(plan.table.alive_after(now, lifetime));
        let mut values: Vec<Value<'_>> = statement
            .parameters
            .iter()
            .map(|parameter| match parameter {
                Parameter::Id => Value::Text(given.id.as_bytes()),
                Parameter::Data => binary(given.data, dialect),
                Parameter::Time => moment(&time),
                Parameter::Now => moment(&present),
                Parameter::Alive => moment(&alive),
                Parameter::Reference => Value::Null,
            })
            .collect();
        values.extend(given.former.map(|former| binary(former, dialect)));
        let sql = match more {
            "" => statement.sql.clone(),
            more => format!("{}{more}", statement.sql),
        };
        self.change(operation, &sql, &values)
    }

    fn change(&self, operation: Operation, sql: &str, values: &[Value<'_>]) -> Result<i64> {
        let connection = self.connection(operation)?;
        let failed = |failure: Failure| self.failed(&failure.without(values), operation);
        let in_transaction = connection.is_in_transaction().map_err(failed)?;
        let mut outcome = connection.change(sql, values);
        for _ in 1..TRIES {
            match &outcome {
                // With it a transaction of the application's is gone, and that must show.
                Err(failure) if failure.is_deadlock(self.dialect) && !in_transaction => {
                    outcome = connection.change(sql, values);
                }
                _ => break,
            }
        }
        match outcome.map_err(failed)? {
            Some(count) => Ok(count),
            None => {
                let count = match self.dialect {
                    Dialect::Sqlite => "SELECT changes()",
                    Dialect::Mysql => "SELECT ROW_COUNT()",
                };
                Ok(self.ask(operation, count, &[])?.and_then(|row| row.int(0)).unwrap_or(0))
            }
        }
    }

    /// The row's data as it is stored, and whether it is alive. None: there is none.
    fn row(&mut self, id: SessionId<'_>, operation: Operation, locked: bool) -> Result<Option<(Vec<u8>, bool)>> {
        let (now, lifetime) = (self.clock.now_ms(), self.lifetime);
        let mut sql = self.plan(operation)?.statements.read.sql.clone();
        if locked && self.dialect == Dialect::Mysql {
            // What others have committed by now, not what the application's transaction sees.
            sql = current(&sql) + " LOCK IN SHARE MODE";
        }
        let Some(row) = self.ask(operation, &sql, &[Value::Text(id.as_bytes())])? else { return Ok(None) };
        let table = &self.plan(operation)?.table;
        let stored = table.seconds(&Moment::Text(row.text(0)));
        let Some(stored) = stored else {
            let reason = format!("session {id} has a time that is none; does option \"timestamps\" fit the table?");
            return Err(self.refusal(Kind::Corrupt, operation, reason));
        };
        let alive = stored > table.alive_after(now, lifetime);
        Ok(Some((row.bytes(1), alive)))
    }

    fn decoded(&mut self, id: SessionId<'_>, stored: &[u8], into: &mut Vec<u8>) -> Result<()> {
        if self.plan(Operation::Read)?.table.decode(stored, into) {
            return Ok(());
        }
        Err(self.refusal(Kind::Corrupt, Operation::Read, format!("session {id} holds what is no session")))
    }

    fn encoded(&mut self, data: &[u8]) -> Result<Vec<u8>> {
        Ok(self.plan(Operation::Write)?.table.encode(data).into_owned())
    }

    /// What is known of the session since this request opened it.
    fn seen(&self, id: SessionId<'_>) -> Option<&Seen> {
        self.seen.as_ref().filter(|seen| seen.id == id.as_bytes())
    }

    /// Whether a write of this session compares first.
    fn is_fenced(&self, id: SessionId<'_>) -> bool {
        self.fencing.compares && !self.locks() && self.seen(id).is_some()
    }

    fn locks(&self) -> bool {
        self.dialect == Dialect::Mysql
    }

    /// Says once that what is stored depends on the application's transaction.
    fn look_for_transaction(&mut self, operation: Operation) -> Result<()> {
        if self.warned {
            return Ok(());
        }
        let connection = self.connection(operation)?;
        if connection.is_in_transaction().map_err(|failure| self.failed(&failure, operation))? {
            self.warned = true;
            let reason = "a transaction of the application's is open on this connection: what was done to the session \
                          counts when it is committed, and is lost when it is rolled back; end it before the session";
            self.notice = Some(self.refusal(Kind::Storage, operation, reason));
        }
        Ok(())
    }

    /// In a transaction of the application's nothing is removed: its rows would stay locked until the end.
    fn collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let now = self.clock.now_ms();
        let connection = self.connection(Operation::Gc)?;
        if connection.is_in_transaction().map_err(|failure| self.failed(&failure, Operation::Gc))? {
            return Ok(0);
        }
        let dialect = self.dialect;
        let plan = self.plan(Operation::Gc)?;
        let until = plan.table.moment(plan.table.collected_until(now, max_lifetime));
        let name = dialect.quote(plan.table.name());
        let id = plan.table.column(Role::Id).map(|id| dialect.quote(id)).unwrap_or_default();
        let conditions: Vec<String> = plan.statements.expired.iter().map(|expired| expired.condition.clone()).collect();
        let mut pace = self.pace;
        let removed = pace.run(extent, conditions.len(), |sort, most| {
            let Some(condition) = conditions.get(sort) else { return Ok(0) };
            let sql = match dialect {
                Dialect::Mysql => current(&format!("DELETE FROM {name} WHERE {condition} LIMIT {most}")),
                Dialect::Sqlite => {
                    format!("DELETE FROM {name} WHERE {id} IN (SELECT {id} FROM {name} WHERE {condition} LIMIT {most})")
                }
            };
            let count = self.change(Operation::Gc, &sql, &[moment(&until)])?;
            Ok(u64::try_from(count).unwrap_or(0))
        });
        self.pace = pace;
        removed
    }

    /// Replaces what was read, and nothing else.
    fn compare_and_write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let (former, alive) = match self.seen(id) {
            Some(Seen { stored, alive, .. }) => (stored.clone(), *alive),
            None => (None, false),
        };
        let given = Given { former: former.as_deref(), ..Given::new(id, data, ttl) };
        // One that is gone by now was ended, and stays so; one that had expired may be gone.
        let choose: Choice = if alive { |plan| &plan.replace } else { |plan| &plan.statements.write };
        let condition = match former {
            Some(_) => {
                // As bytes: a text and the same bytes as a blob are the same session.
                let column = self.plan(Operation::Write)?.table.column(Role::Data).cloned();
                let column = column.map(|column| self.dialect.quote(&column)).unwrap_or_default();
                let joint = if alive { "AND" } else { "WHERE" };
                format!(" {joint} CAST({column} AS BLOB) = CAST(? AS BLOB)")
            }
            None => " WHERE 0".to_owned(),
        };
        if self.run(Operation::Write, choose, &condition, &given)? > 0 {
            return Ok(());
        }
        match self.row(id, Operation::Write, false)? {
            Some((stored, _)) if stored == data => self.write_over(id, data, ttl),
            Some(_) if self.fencing.overwrites => self.write_over(id, data, ttl),
            Some(_) => {
                let reason = format!(
                    "session {id} was changed by another request since it was read (sessions cannot be locked by this \
                     connection); this write was refused, and what is stored stays as it is"
                );
                Err(self.refusal(Kind::LockLost, Operation::Write, reason))
            }
            None => Err(reference::ended(STORE, Operation::Write, id).at(self.endpoint.clone())),
        }
    }

    fn write_over(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let given = Given::new(id, data, ttl);
        self.run(Operation::Write, |plan| &plan.statements.write, "", &given).map(drop)
    }
}

impl Store for Foreign {
    fn name(&self) -> &'static str {
        STORE
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            locks: self.locks(),
            lock_dies_with_holder: false,
            counts_waiters: false,
            remote: false,
            shared: true,
            durable: true,
            self_expiring: false,
            extends_on_read: false,
            references: false,
        }
    }

    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    /// A named lock has no lease: it goes with its connection, or when the application gives all of its locks up.
    fn early_loss(&self) -> Option<&'static str> {
        self.locks().then_some("lost its lock on the application's connection")
    }

    fn take_notice(&mut self) -> Option<Error> {
        self.notice.take()
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        match self.row(id, Operation::Read, false)? {
            Some((stored, true)) => self.decoded(id, &stored, into).map(|()| true),
            _ => Ok(false),
        }
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let data = self.encoded(data)?;
        if self.is_fenced(id) {
            self.compare_and_write(id, &data, ttl)?;
        } else {
            self.write_over(id, &data, ttl)?;
        }
        if let Some(seen) = self.seen.as_mut().filter(|seen| seen.id == id.as_bytes()) {
            seen.alive = true;
            seen.stored = self.fencing.compares.then_some(data);
        }
        self.look_for_transaction(Operation::Write)
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let is_open = self.seen(id).is_some_and(|seen| seen.alive);
        if !is_open && !self.exists(id)? {
            return Ok(false);
        }
        let given = Given::new(id, b"", ttl);
        let changed = self.run(Operation::Touch, |plan| &plan.statements.touch, "", &given)?;
        // Within the same second there is nothing to change.
        Ok(changed > 0 || (self.dialect == Dialect::Mysql && self.exists(id)?))
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.seen.take_if(|seen| seen.id == id.as_bytes());
        let given = Given::new(id, b"", Duration::ZERO);
        self.run(Operation::Destroy, |plan| &plan.statements.destroy, "", &given)?;
        self.look_for_transaction(Operation::Destroy)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let (now, lifetime) = (self.clock.now_ms(), self.lifetime);
        let sql = self.plan(Operation::Validate)?.statements.time.sql.clone();
        let Some(row) = self.ask(Operation::Validate, &sql, &[Value::Text(id.as_bytes())])? else { return Ok(false) };
        let table = &self.plan(Operation::Validate)?.table;
        Ok(table.seconds(&Moment::Text(row.text(0))).is_some_and(|stored| stored > table.alive_after(now, lifetime)))
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.collect(max_lifetime, Extent::Brief)
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.collect(max_lifetime, Extent::Whole)
    }

    fn rest(&mut self) {
        self.seen = None;
        // The zone of a connection may change.
        self.plan.take_if(|plan| plan.table.has_text_times());
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        if !self.locks() {
            return Ok(LockState::NotTaken);
        }
        named_lock::take(self, self.wanted.table().as_str(), id, request.wait)
    }

    fn unlock(&mut self, _id: SessionId<'_>, lease: Lease) -> Result<()> {
        if self.is_inherited() {
            return Ok(());
        }
        named_lock::give_back(self, &lease)
    }

    fn renew(&mut self, _id: SessionId<'_>, lease: &Lease, _length: Duration) -> Result<bool> {
        named_lock::is_held(self, lease)
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        self.seen = None;
        // The lock leaves no trace: it can be taken before it is known whether there is a session.
        let lock = match &request.lock {
            Some(wanted) => self.lock(id, wanted)?,
            None => LockState::NotTaken,
        };
        if matches!(lock, LockState::Busy(_)) {
            return Ok(Opened { found: false, lock });
        }
        let is_held = matches!(lock, LockState::Held(_));
        let outcome = (|| {
            let row = self.row(id, Operation::Read, is_held)?;
            let alive = row.as_ref().is_some_and(|(_, alive)| *alive);
            let stored = row.map(|(stored, _)| stored);
            if let Some(stored) = stored.as_ref().filter(|_| alive) {
                self.decoded(id, stored, into)?;
            }
            let stored = stored.filter(|_| self.fencing.compares && !is_held);
            self.seen = Some(Seen { id: id.as_bytes().to_vec(), alive, stored });
            if let Some(ttl) = request.extend.filter(|_| alive) {
                self.touch(id, ttl)?;
            }
            Ok(alive)
        })();
        match (outcome, lock) {
            (Ok(found), LockState::Held(lease)) if !found && !request.lock_missing => {
                self.unlock(id, lease)?;
                Ok(Opened { found, lock: LockState::NotTaken })
            }
            (Ok(found), lock) => Ok(Opened { found, lock }),
            (Err(error), lock) => {
                if let LockState::Held(lease) = lock {
                    // The read's failure is the one worth telling.
                    let _ = self.unlock(id, lease);
                }
                Err(error)
            }
        }
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        if !named_lock::is_held(self, &lease)? {
            return Ok(Committed::LeaseLost);
        }
        let written = self.write(id, data, ttl);
        let released = self.unlock(id, lease);
        written?;
        released.map(|()| Committed::Done)
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        if self.is_inherited() {
            return Ok(Committed::Done);
        }
        let was_there = self.seen(id).is_some_and(|seen| seen.alive);
        let kept = if extended { self.exists(id) } else { self.touch(id, ttl) };
        let outcome = match (kept, &lease) {
            (Ok(true), _) => Ok(Committed::Done),
            // Without a lock another request may have ended it.
            (Ok(false), None) if was_there && self.is_fenced(id) => Ok(Committed::Done),
            (Ok(false), None) => self.write(id, data, ttl).map(|()| Committed::Done),
            (Ok(false), Some(lease)) => match named_lock::is_held(self, lease) {
                Ok(true) => self.write(id, data, ttl).map(|()| Committed::Done),
                Ok(false) => Ok(Committed::LeaseLost),
                Err(error) => Err(error),
            },
            (Err(error), _) => Err(error),
        };
        let released = lease.map_or(Ok(()), |lease| self.unlock(id, lease));
        let outcome = outcome?;
        released.map(|()| outcome)
    }

    fn destroy_unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        let destroyed = self.destroy(id);
        let released = self.unlock(id, lease);
        destroyed?;
        released
    }
}
