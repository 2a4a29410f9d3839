//! The store contract over one table.

use super::CAPABILITIES;
use super::config::{Place, Settings};
use super::connection::Database;
use super::error;
use super::locks::Locks;
use super::schema::Statements;
use crate::backend::Environment;
use crate::backend::file_lock::Byte;
use crate::error::{Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use rusqlite::{Connection, OptionalExtension, params};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// Rows that one statement of gc removes; the database is free for others in between.
const BATCH: u32 = 500;

/// Such statements in one call of gc.
const BATCHES: u32 = 20;

/// The longest that one call of gc takes.
const GC_LIMIT: Duration = Duration::from_secs(1);

/// A statement of gc that took longer makes the following ones smaller.
const GC_STEP: Duration = Duration::from_millis(20);

/// The most that a session is stored to live beyond its lifetime.
const MOST_SLACK: i64 = 60;

/// A hundred years: longer lifetimes are cut.
const LONGEST: i64 = 100 * 365 * 86_400;

/// Sessions as rows of a table.
///
/// Every operation is one statement that commits by itself: no transaction is ever open between
/// two calls, so a request that sleeps stops nobody.
///
/// A row's expiry lies a little beyond its session's lifetime. A request that changes nothing then
/// finds it far enough away most of the time, and needs no commit; and no session ends early.
pub struct Sqlite {
    settings: Settings,
    statements: Statements,
    clock: Clock,
    database: Database,
    locks: Locks,
    /// The session that the present request found alive: it may outlive its lifetime in its hands.
    alive: Option<Byte>,
}

impl Sqlite {
    pub(super) fn new(settings: Settings, environment: &Environment) -> Self {
        Self {
            statements: Statements::new(&settings.table),
            clock: environment.clock.clone(),
            database: Database::new(environment.allow_path),
            locks: Locks::new(&settings.place),
            alive: None,
            settings,
        }
    }

    /// Does `action`, once more over a new connection if the file or the table was exchanged.
    fn run<T>(
        &mut self,
        operation: Operation,
        mut action: impl FnMut(&Connection, &Statements) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let connection = self.database.connection(&self.settings, &self.statements)?;
        let mut outcome = action(connection, &self.statements);
        if outcome.as_ref().is_err_and(error::is_stale) {
            self.database.close();
            let connection = self.database.connection(&self.settings, &self.statements)?;
            outcome = action(connection, &self.statements);
        }
        outcome.map_err(|failure| error::sqlite(&self.settings.endpoint(), operation, failure))
    }

    fn now(&self) -> i64 {
        i64::try_from(self.clock.now()).unwrap_or(i64::MAX)
    }

    /// The expiries that suit a record that is to live for `ttl` from now; the last one is what is stored.
    fn expiry(&self, ttl: Duration) -> RangeInclusive<i64> {
        let up = |ms: u128| i64::try_from(ms.div_ceil(1000)).unwrap_or(LONGEST);
        let ttl = up(ttl.as_millis()).min(LONGEST);
        let earliest = up(self.clock.now_ms().into()).saturating_add(ttl);
        earliest..=earliest.saturating_add((ttl / 20).min(MOST_SLACK))
    }

    /// The record's expiry, whether or not it lies in the past.
    fn stored_expiry(&mut self, id: SessionId<'_>, operation: Operation) -> Result<Option<i64>> {
        self.run(operation, |connection, statements| {
            connection.prepare_cached(&statements.expiry)?.query_row([id.as_str()], |row| row.get(0)).optional()
        })
    }

    /// Reads a record that has not expired; its expiry comes back.
    fn fetch(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<Option<i64>> {
        let now = self.now();
        self.run(Operation::Read, |connection, statements| {
            into.clear();
            let mut statement = connection.prepare_cached(&statements.read)?;
            let mut rows = statement.query([id.as_str()])?;
            let Some(row) = rows.next()? else {
                return Ok(None);
            };
            let expires: i64 = row.get(0)?;
            if expires <= now {
                return Ok(None);
            }
            // Lent by SQLite: the only copy is the one into the caller's buffer.
            into.extend_from_slice(row.get_ref(1)?.as_bytes()?);
            Ok(Some(expires))
        })
    }

    /// Moves a record's expiry unless it suits already. False if there is none any more.
    fn extend(&mut self, id: SessionId<'_>, stored: i64, ttl: Duration) -> Result<bool> {
        let suits = self.expiry(ttl);
        if suits.contains(&stored) {
            return Ok(true);
        }
        self.run(Operation::Touch, |connection, statements| {
            connection.prepare_cached(&statements.touch)?.execute(params![id.as_str(), suits.end()])
        })
        .map(|changed| changed > 0)
    }
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

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let expires = *self.expiry(ttl).end();
        self.database.doubt();
        self.run(Operation::Write, |connection, statements| {
            connection.prepare_cached(&statements.write)?.execute(params![id.as_str(), expires, data]).map(drop)
        })
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        match self.stored_expiry(id, Operation::Touch)? {
            Some(stored) if stored > self.now() => self.extend(id, stored, ttl),
            _ => Ok(false),
        }
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.database.doubt();
        self.run(Operation::Destroy, |connection, statements| {
            connection.prepare_cached(&statements.destroy)?.execute([id.as_str()]).map(drop)
        })
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let stored = self.stored_expiry(id, Operation::Validate)?;
        Ok(stored.is_some_and(|expires| expires > self.now()))
    }

    /// One worker at a time; for the others there is nothing to do.
    fn gc(&mut self, _max_lifetime: Duration) -> Result<u64> {
        // The lock is a file beside the database: first see whether there can be one.
        self.database.connection(&self.settings, &self.statements)?;
        let Some(_turn) = self.locks.take(Byte::GC, Duration::ZERO)? else {
            return Ok(0);
        };
        let (now, until) = (self.now(), Instant::now() + GC_LIMIT);
        let (mut removed, mut batch) = (0, BATCH);
        for _ in 0..BATCHES {
            let began = Instant::now();
            let count = self.run(Operation::Gc, |connection, statements| {
                connection.prepare_cached(&statements.collect)?.execute(params![now, batch])
            })?;
            removed += u64::try_from(count).unwrap_or(0);
            if u32::try_from(count).unwrap_or(0) < batch || Instant::now() >= until {
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
        self.database.connection(&self.settings, &self.statements)?;
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
        let stored = self.stored_expiry(id, Operation::Touch)?;
        let kept = match stored.filter(|expires| alive || *expires > self.now()) {
            Some(_) if extended => true,
            Some(stored) => self.extend(id, stored, ttl)?,
            None => false,
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
