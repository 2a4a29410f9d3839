//! The store contract over one table.

use super::CAPABILITIES;
use super::config::{Place, Settings};
use super::connection::Database;
use super::error;
use super::locks::Locks;
use super::schema::{Collection, Schema};
use crate::backend::Environment;
use crate::backend::file_lock::Byte;
use crate::backend::sql::{Moment, Parameter, Statement};
use crate::error::{Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{CachedStatement, Connection, Row};
use std::time::{Duration, Instant};

/// Rows that one statement of gc removes; the database is free for others in between.
const BATCH: u32 = 500;

/// Such statements in one call of gc.
const BATCHES: u32 = 20;

/// The longest that one call of gc takes.
const GC_LIMIT: Duration = Duration::from_secs(1);

/// A statement of gc that took longer makes the following ones smaller.
const GC_STEP: Duration = Duration::from_millis(20);

/// What PHP's `session.gc_maxlifetime` is when nobody sets it.
const PHP_LIFETIME: Duration = Duration::from_secs(1440);

/// Sessions as rows of a table.
///
/// Every operation is one statement that commits by itself: no transaction is ever open between
/// two calls, so a request that sleeps stops nobody.
pub struct Sqlite {
    settings: Settings,
    clock: Clock,
    database: Database,
    locks: Locks,
    /// How long a session lives whose row does not say it.
    lifetime: Duration,
    /// The session that the present request found alive: it may outlive its lifetime in its hands.
    alive: Option<Byte>,
}

/// What a statement is given, whichever of it the table's flavour wants.
#[derive(Clone, Copy, Default)]
struct Given<'a> {
    id: &'a str,
    data: &'a [u8],
    time: i64,
    now: i64,
}

/// The connection with the table that it works on.
#[derive(Clone, Copy)]
struct Session<'a> {
    connection: &'a Connection,
    schema: &'a Schema,
}

impl<'a> Session<'a> {
    /// The statement, ready to be run.
    fn prepare(self, statement: &Statement, given: Given<'_>) -> rusqlite::Result<CachedStatement<'a>> {
        let table = &self.schema.table;
        let mut prepared = self.connection.prepare_cached(&statement.sql)?;
        for (index, parameter) in statement.parameters.iter().enumerate() {
            let index = index + 1;
            match parameter {
                Parameter::Id => prepared.raw_bind_parameter(index, given.id)?,
                Parameter::Data => prepared.raw_bind_parameter(index, table.encode(given.data).as_ref())?,
                Parameter::Time => prepared.raw_bind_parameter(index, bound(table.moment(given.time)))?,
                Parameter::Now => prepared.raw_bind_parameter(index, bound(table.moment(given.now)))?,
            }
        }
        Ok(prepared)
    }

    /// Runs a statement that changes at most one row. Whether it did.
    fn execute(self, statement: &Statement, given: Given<'_>) -> rusqlite::Result<bool> {
        self.prepare(statement, given)?.raw_execute().map(|changed| changed > 0)
    }

    /// The time in a row's first column.
    fn time(self, row: &Row<'_>) -> rusqlite::Result<i64> {
        let value = row.get_ref(0)?;
        let moment = match value {
            ValueRef::Integer(seconds) => Some(Moment::Unix(seconds)),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().map(|text| Moment::Text(text.to_owned())),
            _ => None,
        };
        moment
            .and_then(|moment| self.schema.table.seconds(&moment))
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(0, "time".into(), value.data_type()))
    }

    /// Removes at most `batch` rows that expired before `until`. How many there were.
    fn collect(self, collection: &Collection, until: &Moment, batch: u32) -> rusqlite::Result<usize> {
        let mut find = self.connection.prepare_cached(&collection.find)?;
        find.raw_bind_parameter(1, bound(until.clone()))?;
        find.raw_bind_parameter(2, batch)?;
        let mut list = String::from("[");
        let mut rows = find.raw_query();
        while let Some(row) = rows.next()? {
            if list.len() > 1 {
                list.push(',');
            }
            list.push_str(&row.get::<_, i64>(0)?.to_string());
        }
        drop(rows);
        if list.len() == 1 {
            return Ok(0);
        }
        list.push(']');
        let mut remove = self.connection.prepare_cached(&collection.remove)?;
        remove.raw_bind_parameter(1, list)?;
        remove.raw_bind_parameter(2, bound(until.clone()))?;
        remove.raw_execute()
    }
}

fn bound(moment: Moment) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(match moment {
        Moment::Unix(seconds) => Value::Integer(seconds),
        Moment::Text(text) => Value::Text(text),
    })
}

impl Sqlite {
    pub(super) fn new(settings: Settings, environment: &Environment) -> Self {
        Self {
            clock: environment.clock.clone(),
            database: Database::new(environment.allow_path),
            locks: Locks::new(&settings.place),
            lifetime: PHP_LIFETIME,
            alive: None,
            settings,
        }
    }

    /// Does `action`, once more over a new connection if the file or the table was exchanged.
    fn run<T>(
        &mut self,
        operation: Operation,
        mut action: impl FnMut(Session<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let (connection, schema) = self.database.connection(&self.settings)?;
        let mut outcome = action(Session { connection, schema });
        if outcome.as_ref().is_err_and(error::is_stale) {
            self.database.close();
            let (connection, schema) = self.database.connection(&self.settings)?;
            outcome = action(Session { connection, schema });
        }
        outcome.map_err(|failure| error::sqlite(&self.settings.endpoint(), operation, failure))
    }

    /// The record's time, and whether it is alive by that.
    fn stored(&mut self, id: SessionId<'_>, operation: Operation) -> Result<Option<(i64, bool)>> {
        let (now, lifetime) = (self.clock.now_ms(), self.lifetime);
        self.run(operation, |session| {
            let given = Given { id: id.as_str(), ..Given::default() };
            let mut statement = session.prepare(&session.schema.statements.time, given)?;
            let mut rows = statement.raw_query();
            let Some(row) = rows.next()? else {
                return Ok(None);
            };
            let time = session.time(row)?;
            Ok(Some((time, session.schema.table.is_alive(time, now, lifetime))))
        })
    }

    /// Reads a record that has not expired; its time comes back.
    fn fetch(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<Option<i64>> {
        let (now, lifetime) = (self.clock.now_ms(), self.lifetime);
        self.run(Operation::Read, |session| {
            into.clear();
            let given = Given { id: id.as_str(), ..Given::default() };
            let mut statement = session.prepare(&session.schema.statements.read, given)?;
            let mut rows = statement.raw_query();
            let Some(row) = rows.next()? else {
                return Ok(None);
            };
            let time = session.time(row)?;
            if !session.schema.table.is_alive(time, now, lifetime) {
                return Ok(None);
            }
            // Lent by SQLite: the only copy is the one into the caller's buffer.
            let data = row.get_ref(1)?;
            if !session.schema.table.decode(data.as_bytes()?, into) {
                return Err(rusqlite::Error::InvalidColumnType(1, "data".into(), data.data_type()));
            }
            Ok(Some(time))
        })
    }

    /// Moves a record's time unless it suits already. False if there is none any more.
    fn extend(&mut self, id: SessionId<'_>, stored: i64, ttl: Duration) -> Result<bool> {
        let (now_ms, lifetime) = (self.clock.now_ms(), self.lifetime);
        self.run(Operation::Touch, |session| {
            let suits = session.schema.table.suitable(now_ms, ttl, lifetime);
            if suits.contains(&stored) {
                return Ok(true);
            }
            let given = Given { id: id.as_str(), data: &[], time: *suits.end(), now: seconds(now_ms) };
            session.execute(&session.schema.statements.touch, given)
        })
    }
}

fn seconds(millis: u64) -> i64 {
    i64::try_from(millis / 1000).unwrap_or(i64::MAX)
}

impl Store for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn capabilities(&self) -> Capabilities {
        match self.settings.place {
            Place::Memory => Capabilities { locks: true, shared: false, durable: false, ..CAPABILITIES },
            Place::File(_) => CAPABILITIES,
        }
    }

    fn endpoint(&self) -> String {
        self.settings.endpoint()
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.fetch(id, into).map(|expiry| expiry.is_some())
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let (now_ms, lifetime) = (self.clock.now_ms(), self.lifetime);
        self.database.doubt();
        self.run(Operation::Write, |session| {
            let time = *session.schema.table.suitable(now_ms, ttl, lifetime).end();
            let given = Given { id: id.as_str(), data, time, now: seconds(now_ms) };
            session.execute(&session.schema.statements.write, given).map(drop)
        })
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        match self.stored(id, Operation::Touch)? {
            Some((stored, true)) => self.extend(id, stored, ttl),
            _ => Ok(false),
        }
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.database.doubt();
        self.run(Operation::Destroy, |session| {
            let given = Given { id: id.as_str(), ..Given::default() };
            session.execute(&session.schema.statements.destroy, given).map(drop)
        })
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        Ok(matches!(self.stored(id, Operation::Validate)?, Some((_, true))))
    }

    /// One worker at a time; for the others there is nothing to do.
    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        // The lock is a file beside the database: first see whether there can be one.
        let (_, schema) = self.database.connection(&self.settings)?;
        let sorts = schema.collections.len();
        let Some(_turn) = self.locks.take(Byte::GC, Duration::ZERO)? else {
            return Ok(0);
        };
        let (now, lifetime) = (self.clock.now_ms(), self.lifetime.min(max_lifetime));
        let until = Instant::now() + GC_LIMIT;
        let (mut removed, mut batch, mut sort) = (0, BATCH, 0);
        for _ in 0..BATCHES {
            let began = Instant::now();
            let count = self.run(Operation::Gc, |session| {
                let Some(collection) = session.schema.collections.get(sort) else { return Ok(0) };
                let until = session.schema.table.expired_until(now, lifetime);
                session.collect(collection, &until, batch)
            })?;
            removed += u64::try_from(count).unwrap_or(0);
            if u32::try_from(count).unwrap_or(0) < batch {
                sort += 1;
            }
            if sort >= sorts || Instant::now() >= until {
                break;
            }
            let took = began.elapsed();
            if took > GC_STEP {
                batch = (batch / 2).max(1);
            }
            // Who waits to write polls, and would never find the database free between two batches.
            std::thread::sleep(took.clamp(Duration::from_millis(1), GC_STEP));
        }
        Ok(removed)
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        // For the errors that name the database instead of the lock file.
        self.database.connection(&self.settings)?;
        Ok(match self.locks.take(Byte::of(id), request.wait)? {
            Some(lease) => LockState::Held(lease),
            None => LockState::Busy(Refusal::default()),
        })
    }

    fn unlock(&mut self, _id: SessionId<'_>, lease: Lease) -> Result<()> {
        drop(lease);
        Ok(())
    }

    fn renew(&mut self, _id: SessionId<'_>, lease: &Lease, _length: Duration) -> Result<bool> {
        Ok(self.locks.holds(lease))
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        self.alive = None;
        // The lock leaves no trace: it can be taken before it is known whether there is a session.
        let mut lock = LockState::NotTaken;
        if let Some(wanted) = &request.lock {
            lock = self.lock(id, wanted)?;
            if matches!(lock, LockState::Busy(_)) {
                return Ok(Opened { found: false, lock });
            }
        }
        let stored = self.fetch(id, into)?;
        match (stored, request.extend) {
            (Some(stored), Some(ttl)) => {
                self.alive = Some(Byte::of(id));
                self.extend(id, stored, ttl)?;
            }
            (Some(_), None) => self.alive = Some(Byte::of(id)),
            (None, _) if !request.lock_missing => lock = LockState::NotTaken,
            (None, _) => {}
        }
        Ok(Opened { found: stored.is_some(), lock })
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        self.alive = None;
        if !self.locks.holds(&lease) {
            return Ok(Committed::LeaseLost);
        }
        self.write(id, data, ttl)?;
        Ok(Committed::Done)
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        let alive = self.alive.take() == Some(Byte::of(id));
        // Also when nothing needs to be extended: a record that vanished must be noticed.
        let kept = match self.stored(id, Operation::Touch)? {
            Some((stored, lives)) if alive || lives => extended || self.extend(id, stored, ttl)?,
            _ => false,
        };
        if !kept {
            if lease.as_ref().is_some_and(|lease| !self.locks.holds(lease)) {
                return Ok(Committed::LeaseLost);
            }
            self.write(id, data, ttl)?;
        }
        drop(lease);
        Ok(Committed::Done)
    }
}
