//! The store contract over one table.

use super::CAPABILITIES;
use super::config::{Place, Settings};
use super::connection::Database;
use super::error;
use super::locks::Locks;
use super::schema;
use super::session::{self, Given, Session};
use crate::backend::Environment;
use crate::backend::file_lock::Byte;
use crate::backend::pace::{Extent, Pace};
use crate::backend::sql::Dialect;
use crate::error::{Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal};
use crate::session::reference::{Assignment, References, Terms, Told, ended};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::time::Duration;

/// Rows that one statement of gc removes; the database is free for others in between.
const PACE: Pace = Pace::new(200, 5..=200, Duration::from_millis(5));

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
    told: Told,
    pace: Pace,
    /// The session that the present request found alive, and the time in its row: it may outlive its
    /// lifetime in its hands.
    known: Option<(Byte, i64)>,
}

impl Sqlite {
    pub(super) fn new(settings: Settings, environment: &Environment) -> Self {
        Self {
            clock: environment.clock.clone(),
            database: Database::new(environment.allow_path),
            locks: Locks::new(&settings.place),
            lifetime: PHP_LIFETIME,
            told: Told::default(),
            pace: PACE,
            known: None,
            settings,
        }
    }

    /// Does `action`, once more over a new connection if the file or the table was exchanged.
    pub(super) fn run<T>(
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

    /// The present time in milliseconds, and the lifetime in force.
    pub(super) fn present(&self) -> (u64, Duration) {
        (self.clock.now_ms(), self.lifetime)
    }

    /// Looks whether the table has got a column for references, if it had none; and adds one where a
    /// reference is to be stored.
    pub(super) fn find_references(&mut self, reference: Assignment<'_>) -> Result<()> {
        let has_any = |database: &mut Database, settings: &Settings| {
            database.connection(settings).map(|(_, schema)| schema.listing.is_some())
        };
        if matches!(reference, Assignment::Keep) || has_any(&mut self.database, &self.settings)? {
            return Ok(());
        }
        self.database.refit(&self.settings)?;
        if !matches!(reference, Assignment::Set(_)) || has_any(&mut self.database, &self.settings)? {
            return Ok(());
        }
        let (connection, schema) = self.database.connection(&self.settings)?;
        schema::add_references(connection, &self.settings, &schema.table)?;
        self.database.refit(&self.settings)
    }

    /// What is stored of the record beside its data.
    fn look(&mut self, id: SessionId<'_>, reference: Assignment<'_>, operation: Operation) -> Result<Option<Found>> {
        let (now_ms, lifetime) = self.present();
        self.run(operation, |session| {
            let statements = &session.schema.statements;
            let statement = match (&statements.references, wanted(reference)) {
                (Some(references), Some(_)) => &references.of,
                _ => &statements.time,
            };
            let mut statement = session.prepare(statement, Given::of(id))?;
            let mut rows = statement.raw_query();
            let Some(row) = rows.next()? else {
                return Ok(None);
            };
            let time = session.time(row, 0)?;
            let lives = time > session.schema.table.alive_after(now_ms, lifetime);
            let moves = match wanted(reference) {
                Some(wanted) if statements.references.is_some() => session::reference(row, 1)? != wanted,
                _ => false,
            };
            Ok(Some(Found { time, lives, moves }))
        })
    }

    /// Reads a record that has not expired; its time comes back.
    fn fetch(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<Option<i64>> {
        let (now_ms, lifetime) = self.present();
        self.run(Operation::Read, |session| {
            into.clear();
            let mut statement = session.prepare(&session.schema.statements.read, Given::of(id))?;
            let mut rows = statement.raw_query();
            let Some(row) = rows.next()? else {
                return Ok(None);
            };
            let time = session.time(row, 0)?;
            if time <= session.schema.table.alive_after(now_ms, lifetime) {
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

    /// Stores the record as the terms say. `known` is what this request found, if it found it alive.
    fn save(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, told: &Told, known: Option<i64>) -> Result<()> {
        let (now_ms, lifetime) = self.present();
        let Terms { reference, existing } = told.terms();
        self.find_references(reference)?;
        self.database.doubt();
        let stored = self.run(Operation::Write, |session| {
            let (table, statements) = (&session.schema.table, &session.schema.statements);
            let suits = table.suitable(now_ms, ttl, lifetime);
            let given = Given {
                data,
                time: *suits.end(),
                now: seconds(now_ms),
                // What was found alive may outlive its lifetime in the request's hands.
                alive: known.map_or(table.alive_after(now_ms, lifetime), |_| i64::MIN),
                reference: wanted(reference).flatten(),
                ..Given::of(id)
            };
            let (rewrite, update, write) = match (&statements.references, wanted(reference)) {
                (Some(references), Some(_)) => (&references.rewrite, &references.update, &references.write),
                _ => (&statements.rewrite, &statements.update, &statements.write),
            };
            // Most of the time the data alone is to be changed, and no index.
            if let Some(time) = known.filter(|time| suits.contains(time))
                && session.execute(rewrite, Given { time, ..given })?
            {
                return Ok(true);
            }
            session.execute(if existing { update } else { write }, given)
        })?;
        if stored || !existing { Ok(()) } else { Err(ended("sqlite", Operation::Write, id)) }
    }

    /// Moves the time and the reference of a record, unless both suit already. False if there is none
    /// any more.
    fn extend(&mut self, id: SessionId<'_>, found: &Found, ttl: Duration, reference: Assignment<'_>) -> Result<bool> {
        let (now_ms, lifetime) = self.present();
        self.run(Operation::Touch, |session| {
            let suits = session.schema.table.suitable(now_ms, ttl, lifetime);
            if suits.contains(&found.time) && !found.moves {
                return Ok(true);
            }
            let given = Given {
                time: *suits.end(),
                now: seconds(now_ms),
                reference: wanted(reference).flatten(),
                ..Given::of(id)
            };
            let statements = &session.schema.statements;
            match &statements.references {
                Some(references) if found.moves => session.execute(&references.touch, given),
                _ => session.execute(&statements.touch, given),
            }
        })
    }

    /// One worker at a time removes what expired; for the others there is nothing to do.
    fn collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        // The lock is a file beside the database: first see whether there can be one.
        let (_, schema) = self.database.connection(&self.settings)?;
        let sorts = schema.collections.len();
        let Some(_turn) = self.locks.take(Byte::GC, extent.turn())? else {
            return Ok(0);
        };
        let (now_ms, lifetime) = (self.clock.now_ms(), self.lifetime.min(max_lifetime));
        let mut pace = self.pace;
        let removed = pace.run(extent, sorts, |sort, most| {
            self.run(Operation::Gc, |session| {
                let Some(collection) = session.schema.collections.get(sort) else { return Ok(0) };
                session.collect(collection, session.schema.table.collected_until(now_ms, lifetime), most)
            })
        });
        self.pace = pace;
        removed
    }

    /// Whether a lease, if there is one, no longer means that nobody else has the session.
    fn has_lost(&mut self, lease: Option<&Lease>) -> bool {
        lease.is_some_and(|lease| !self.locks.holds(lease))
    }

    /// The time of the record that this request found alive, if it is this one. Once.
    fn take_known(&mut self, id: SessionId<'_>) -> Option<i64> {
        let known = self.known.take();
        known.filter(|(byte, _)| *byte == Byte::of(id)).map(|(_, time)| time)
    }
}

/// What is stored of a record beside its data.
struct Found {
    time: i64,
    /// Whether it has not expired.
    lives: bool,
    /// Whether it is to have another reference.
    moves: bool,
}

/// The reference that a record is to have, if anything was said.
fn wanted(reference: Assignment<'_>) -> Option<Option<&[u8]>> {
    match reference {
        Assignment::Keep => None,
        Assignment::Clear => Some(None),
        Assignment::Set(reference) => Some(Some(reference.as_bytes())),
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

    fn definition(&self) -> Option<String> {
        Some(self.settings.table.definition(Dialect::Sqlite))
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.fetch(id, into).map(|expiry| expiry.is_some())
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    fn keep_references(&mut self) {
        self.database.keep_references();
    }

    fn set_terms(&mut self, terms: &Terms<'_>) {
        self.told.set(terms);
    }

    fn references(&mut self) -> Option<&mut dyn References> {
        Some(self)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let (told, known) = (self.told.take(), self.take_known(id));
        self.save(id, data, ttl, &told, known)
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let told = self.told.take();
        let reference = told.terms().reference;
        self.find_references(reference)?;
        match self.look(id, reference, Operation::Touch)? {
            Some(found) if found.lives => self.extend(id, &found, ttl, reference),
            _ => Ok(false),
        }
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.database.doubt();
        self.run(Operation::Destroy, |session| {
            session.execute(&session.schema.statements.destroy, Given::of(id)).map(drop)
        })
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let found = self.look(id, Assignment::Keep, Operation::Validate)?;
        Ok(found.is_some_and(|found| found.lives))
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.collect(max_lifetime, Extent::Brief)
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.collect(max_lifetime, Extent::Whole)
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
        self.known = None;
        // The lock leaves no trace: it can be taken before it is known whether there is a session.
        let mut lock = LockState::NotTaken;
        if let Some(wanted) = &request.lock {
            lock = self.lock(id, wanted)?;
            if matches!(lock, LockState::Busy(_)) {
                return Ok(Opened { found: false, lock });
            }
        }
        let Some(time) = self.fetch(id, into)? else {
            if !request.lock_missing {
                lock = LockState::NotTaken;
            }
            return Ok(Opened { found: false, lock });
        };
        self.known = Some((Byte::of(id), time));
        if let Some(ttl) = request.extend {
            self.extend(id, &Found { time, lives: true, moves: false }, ttl, Assignment::Keep)?;
        }
        Ok(Opened { found: true, lock })
    }

    fn write_unlock(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, lease: Lease) -> Result<Committed> {
        let (told, known) = (self.told.take(), self.take_known(id));
        if self.has_lost(Some(&lease)) {
            return Ok(Committed::LeaseLost);
        }
        self.save(id, data, ttl, &told, known)?;
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
        let (told, known) = (self.told.take(), self.take_known(id));
        let Terms { reference, existing } = told.terms();
        self.find_references(reference)?;
        // Also when nothing needs to be extended: a record that vanished must be noticed.
        let kept = match self.look(id, reference, Operation::Touch)? {
            Some(found) if found.moves && self.has_lost(lease.as_ref()) => return Ok(Committed::LeaseLost),
            Some(found) if found.lives || known.is_some() => {
                (extended && !found.moves) || self.extend(id, &found, ttl, reference)?
            }
            _ => false,
        };
        if !kept {
            if self.has_lost(lease.as_ref()) {
                return Ok(Committed::LeaseLost);
            }
            if existing {
                return Err(ended("sqlite", Operation::Touch, id));
            }
            self.save(id, data, ttl, &told, None)?;
        }
        drop(lease);
        Ok(Committed::Done)
    }
}
