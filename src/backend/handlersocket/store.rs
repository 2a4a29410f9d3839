//! The store contract over one table.

use super::CAPABILITIES;
use super::error;
use super::port::{Complaint, Port};
use super::protocol::{Field, MAX_RECORD};
use super::rows::{Row, Rows};
use crate::backend::pace::{Extent, Pace};
use crate::backend::remote::patience::Patience;
use crate::backend::sql::{Dialect, Moment};
use crate::error::{Error, Kind, Operation, Result};
use crate::session::clock::Clock;
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState};
use crate::session::store::{Capabilities, Committed, OpenRequest, Opened, Store};
use std::time::Duration;

/// What PHP's `session.gc_maxlifetime` is when nobody sets it.
const PHP_LIFETIME: Duration = Duration::from_secs(1440);

/// An unchanged session up to this size is sent along with the request that keeps it alive, in case
/// it vanished. A larger one costs less when the server is asked first and is sent if it is missing.
const SENT_ALONG: usize = 16 * 1024;

/// Rows that one request of gc removes. The server writes with one thread: sessions come in between.
const PACE: Pace = Pace::new(200, 10..=500, Duration::from_millis(10));
/// The row that says that a worker is at gc. No session has such an id.
const GC_TURN: &[u8] = b"_gc";
/// A worker that is at it for longer than this has died.
const GC_LEASE: Duration = Extent::Whole.limit().saturating_add(Duration::from_secs(30));

/// Sessions as rows of a table, without SQL.
///
/// HandlerSocket stores what fits and says nothing about the rest: a value that is longer than its
/// column is cut, bytes that are none of the column's character set become question marks. So each
/// write asks in the same exchange what was stored, and what was there before; if the session did
/// not survive, the former row is put back and the write fails.
pub struct HandlerSocket {
    writer: Port,
    /// The port for reading, if it is used.
    reader: Option<Port>,
    rows: Rows,
    persistent: bool,
    clock: Clock,
    lifetime: Duration,
    /// The connection on which a row showed how the table writes times. As long as it lasts nobody can
    /// change the table's columns. Dating a row before would perhaps store something else.
    settled: Option<u64>,
    /// The session of the present request, and whether it was found alive.
    seen: String,
    alive: bool,
    /// A session is open: the connection is needed for its end.
    open: bool,
    pace: Pace,
}

/// What came of looking.
#[derive(Default)]
struct Found {
    /// The time of the session's row, if there is one.
    time: Option<String>,
}

impl Found {
    /// Says whether the row is the session's own.
    fn take<'r>(&mut self, id: SessionId<'_>, stored: Field<'r>, time: Field<'r>) -> Result<bool, Complaint<'r>> {
        let is_ours = is_ours(id, stored)?;
        if is_ours {
            self.time = Some(time.text()?);
        }
        Ok(is_ours)
    }
}

/// Whether a row that answers for a session is its own. A column of ids may take another session's id for
/// the same, which differs in upper and lower case or in being shorter. A row of any other session
/// answers another question.
fn is_ours<'r>(id: SessionId<'_>, stored: Field<'r>) -> Result<bool, Complaint<'r>> {
    if stored.is(id.as_bytes()) {
        return Ok(true);
    }
    let stored = stored.text()?;
    let is_like = id.as_str().get(..stored.len()).is_some_and(|start| start.eq_ignore_ascii_case(&stored));
    if is_like { Ok(false) } else { Err(Complaint::Malformed) }
}

/// What came of writing.
#[derive(Default)]
struct Stored {
    /// The row was inserted, or there was one to replace.
    done: bool,
    before: Option<Row>,
    after: Option<Row>,
}

/// How a row is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Insert,
    Replace,
}

impl Way {
    fn other(self) -> Self {
        match self {
            Self::Insert => Self::Replace,
            Self::Replace => Self::Insert,
        }
    }
}

impl HandlerSocket {
    pub(super) fn new(writer: Port, reader: Option<Port>, rows: Rows, persistent: bool, clock: Clock) -> Self {
        Self {
            writer,
            reader,
            rows,
            persistent,
            clock,
            lifetime: PHP_LIFETIME,
            settled: None,
            seen: String::new(),
            alive: false,
            open: false,
            pace: PACE,
        }
    }

    /// Work that is no session's is over: a connection that is not to be kept goes at once.
    fn alone<T>(&mut self, outcome: Result<T>) -> Result<T> {
        if !self.open && !self.persistent {
            self.disconnect();
        }
        outcome
    }

    fn disconnect(&mut self) {
        self.writer.disconnect();
        if let Some(reader) = &mut self.reader {
            reader.disconnect();
        }
    }

    fn note(&mut self, id: SessionId<'_>, alive: bool) {
        self.seen.clear();
        self.seen.push_str(id.as_str());
        self.alive = alive;
    }

    /// Whether the request found the session alive.
    fn saw(&self, id: SessionId<'_>) -> bool {
        self.alive && self.seen == id.as_str()
    }

    /// Whether it is known how the table writes times.
    fn is_settled(&self) -> bool {
        self.settled == Some(self.writer.epoch())
    }

    /// Learns from a time that came over the writer's connection how the table writes times.
    fn settle(&mut self, operation: Operation, time: &str) -> Result<()> {
        let is_text = time.parse::<i64>().is_err();
        if is_text != self.rows.table.has_text_times() {
            let Some(table) = self.rows.table.with_text_times(is_text) else {
                let what = "has text in the column of times, which are seconds since 1970 in this schema";
                return Err(self.corrupt(operation, what));
            };
            self.rows.table = table;
        }
        self.settled = Some(self.writer.epoch());
        Ok(())
    }

    /// The first and the last time that suit a record which is to live for `ttl` from now.
    fn suitable(&self, ttl: Duration) -> (String, String) {
        let suits = self.rows.table.suitable(self.clock.now_ms(), ttl, self.lifetime);
        (self.rows.time(*suits.start()), self.rows.time(*suits.end()))
    }

    fn corrupt(&self, operation: Operation, what: &str) -> Error {
        error::record(operation, &self.writer.address, &self.rows, what)
    }

    /// Looks for a session, appends its data to `into` if there is one, and extends its lifetime if that is
    /// wanted: in the same exchange, once it is known how the table writes times.
    fn look(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        extend: Option<Duration>,
        into: Option<&mut Vec<u8>>,
    ) -> Result<bool> {
        let changes = extend.is_some();
        let port = match &mut self.reader {
            Some(reader) if !changes => reader,
            _ => &mut self.writer,
        };
        port.begin(&self.rows, operation)?;
        match &into {
            Some(_) => Rows::find(&mut port.batch, id.as_bytes()),
            None => Rows::look(&mut port.batch, id.as_bytes()),
        }
        let mut missing = extend;
        if let Some(ttl) = extend.filter(|_| self.is_settled()) {
            self.extend(id, ttl);
            missing = None;
        }
        let mut unused = Vec::new();
        let (wants_data, into) = (into.is_some(), into.unwrap_or(&mut unused));
        let (port, by_writer) = match &mut self.reader {
            Some(reader) if !changes => (reader, false),
            _ => (&mut self.writer, true),
        };
        let found = port.ask(&self.rows, operation, |found: &mut Found, index, reply| {
            let reply = reply.accepted()?;
            match index {
                0 if wants_data => {
                    into.clear();
                    if let Some([stored, time, data]) = reply.row::<3>()?
                        && found.take(id, stored, time)?
                    {
                        data.decode(into)?;
                    }
                }
                0 => {
                    if let Some([stored, time]) = reply.row::<2>()? {
                        found.take(id, stored, time)?;
                    }
                }
                _ => drop(reply.count()?),
            }
            Ok(())
        })?;
        let alive = match &found.time {
            Some(time) => self.is_alive(operation, time, by_writer)?,
            None => false,
        };
        if !alive {
            into.clear();
            return Ok(false);
        }
        if !self.rows.table.keeps_data_plain() {
            let stored = std::mem::take(into);
            if !self.rows.table.decode(&stored, into) {
                return Err(self.corrupt(operation, "holds no data of this schema"));
            }
        }
        if let Some(ttl) = missing {
            self.writer.begin(&self.rows, operation)?;
            self.extend(id, ttl);
            self.count(operation)?;
        }
        Ok(true)
    }

    /// Whether a row with this time is one of a session that lives.
    fn is_alive(&mut self, operation: Operation, time: &str, by_writer: bool) -> Result<bool> {
        if by_writer && !self.is_settled() {
            self.settle(operation, time)?;
        }
        match self.rows.table.seconds(&Moment::Text(time.to_owned())) {
            Some(stored) => Ok(stored > self.rows.table.alive_after(self.clock.now_ms(), self.lifetime)),
            None => Err(self.corrupt(operation, "has a time that is none")),
        }
    }

    /// Adds the requests that date a row to live for `ttl` from now, if it is alive and does not do so already.
    fn extend(&mut self, id: SessionId<'_>, ttl: Duration) {
        let (first, last) = self.suitable(ttl);
        let expired = self.rows.time(self.rows.table.alive_after(self.clock.now_ms(), self.lifetime));
        let batch = &mut self.writer.batch;
        if first == last {
            Rows::date(batch, id.as_bytes(), Some(&expired), None, &last);
        } else {
            // Too early, or too late: a lifetime may also become shorter.
            Rows::date(batch, id.as_bytes(), Some(&expired), Some(&first), &last);
            Rows::date(batch, id.as_bytes(), Some(&last), None, &last);
        }
    }

    /// Sends the batch, whose replies are all counts, and returns the last.
    fn count(&mut self, operation: Operation) -> Result<u64> {
        self.writer.ask(&self.rows, operation, |count: &mut u64, _, reply| {
            *count = reply.accepted()?.count()?;
            Ok(())
        })
    }

    /// Stores a record. Which way is tried first follows from whether the session was found; another
    /// request may have stored or removed it since, and then it is the other way.
    fn store(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        let data = self.rows.table.encode(data);
        let mut way = if self.saw(id) { Way::Replace } else { Way::Insert };
        // How what is stored first is undone.
        let mut undo = None;
        for _ in 0..4 {
            let (_, time) = self.suitable(ttl);
            let stored = self.attempt(way, id, &time, &data)?;
            if stored.done && undo.is_none() {
                undo = Some((way, stored.before));
            }
            let after = match (&stored.after, stored.done) {
                (Some(after), true) => after,
                (Some(theirs), false) if way == Way::Insert && !theirs.id().is(id.as_bytes()) => {
                    return Err(self.foreign(id, theirs.id()));
                }
                // Stored and removed at once, by somebody else: it is to be stored again.
                (None, true) => {
                    way = Way::Insert;
                    continue;
                }
                (_, false) => {
                    way = way.other();
                    continue;
                }
            };
            let [kept_id, kept_time, kept_data] = after.fields();
            if kept_id.is(id.as_bytes()) && kept_data.is(&data) {
                if kept_time.is(time.as_bytes()) {
                    self.settled = Some(self.writer.epoch());
                    self.note(id, true);
                    return Ok(());
                }
                if self.learns_from(kept_time) {
                    way = Way::Replace;
                    continue;
                }
            }
            let (kind, mut reason) = self.explain(id, after, &time, &data);
            if self.put_back(after, &undo).is_err() {
                reason.push_str("; and the former session could not be put back");
            }
            return Err(error::altered(&self.writer.address, kind, reason));
        }
        let reason = "others stored and removed the session all the while";
        Err(error::altered(&self.writer.address, Kind::Busy, reason.to_owned()))
    }

    /// Whether a time that reads otherwise than it was written shows that times are to be written in the other way.
    fn learns_from(&mut self, kept: Field<'_>) -> bool {
        let was_text = self.rows.table.has_text_times();
        !self.is_settled()
            && kept.text().is_ok_and(|time| self.settle(Operation::Write, &time).is_ok())
            && was_text != self.rows.table.has_text_times()
    }

    /// Stores a row and asks for what it is then.
    fn attempt(&mut self, way: Way, id: SessionId<'_>, time: &str, data: &[u8]) -> Result<Stored> {
        self.writer.begin(&self.rows, Operation::Write)?;
        match way {
            Way::Insert => Rows::insert(&mut self.writer.batch, id.as_bytes(), time, data),
            Way::Replace => Rows::replace(&mut self.writer.batch, id.as_bytes(), time, data),
        }
        Rows::find(&mut self.writer.batch, id.as_bytes());
        self.writer.ask(&self.rows, Operation::Write, |stored: &mut Stored, index, reply| {
            if (index, way) == (0, Way::Insert) {
                stored.done = reply.accepted_unless_duplicate()?.is_some();
                return Ok(());
            }
            let row = reply.accepted()?.row::<3>()?;
            if let Some([stored, ..]) = row {
                is_ours(id, stored)?;
            }
            let row = row.map(Row::keep);
            if index == 0 {
                stored.done = row.is_some();
                stored.before = row;
            } else {
                stored.after = row;
            }
            Ok(())
        })
    }

    /// Makes a row what it was before something was stored that did not survive.
    fn put_back(&mut self, now: &Row, undo: &Option<(Way, Option<Row>)>) -> Result<()> {
        self.writer.begin(&self.rows, Operation::Write)?;
        match undo {
            Some((Way::Replace, Some(before))) => Rows::restore(&mut self.writer.batch, now, before),
            _ => Rows::retract(&mut self.writer.batch, now),
        }
        self.count(Operation::Write).map(drop)
    }

    /// Why what was stored is not what was written.
    fn explain(&self, id: SessionId<'_>, after: &Row, time: &str, data: &[u8]) -> (Kind, String) {
        let [kept_id, kept_time, kept_data] = after.fields();
        let [_, time_column, data_column] = self.rows.names();
        let table = self.rows.table.name();
        let mut kept = Vec::new();
        if !kept_id.is(id.as_bytes()) {
            let _ = kept_id.decode(&mut kept);
            return (Kind::Config, self.cut_id(id, kept.len()));
        }
        if !kept_time.is(time.as_bytes()) {
            let reason = format!(
                "the column {time_column} of the table {table} does not keep times as they are written; make it \
                 DATETIME or BIGINT (a TIMESTAMP is in the server's zone, which may have hours that do not exist)"
            );
            return (Kind::Config, reason);
        }
        let _ = kept_data.decode(&mut kept);
        if data.starts_with(&kept) {
            let reason = format!(
                "the column {data_column} of the table {table} holds only {} of the session's {} bytes; make it \
                 LONGBLOB",
                kept.len(),
                data.len()
            );
            return (Kind::TooLarge, reason);
        }
        let reason = format!(
            "the column {data_column} of the table {table} is text, and not all bytes of the session are characters \
             there; make it LONGBLOB"
        );
        (Kind::Config, reason)
    }

    fn cut_id(&self, id: SessionId<'_>, length: usize) -> String {
        let [column, ..] = self.rows.names();
        format!(
            "the column {column} of the table {} holds only {length} of the id's {} characters; make it VARCHAR(256) \
             CHARACTER SET ascii COLLATE ascii_bin",
            self.rows.table.name(),
            id.as_bytes().len()
        )
    }

    /// The row under the session's id is another session's.
    fn foreign(&self, id: SessionId<'_>, theirs: Field<'_>) -> Error {
        let theirs = theirs.text().unwrap_or_default();
        let [column, ..] = self.rows.names();
        let reason = if id.as_str().starts_with(&theirs) {
            self.cut_id(id, theirs.len())
        } else {
            format!(
                "the column {column} of the table {} does not tell upper from lower case, and there is a session \
                 whose id differs from this one's in that alone; give it COLLATE ascii_bin",
                self.rows.table.name()
            )
        };
        error::altered(&self.writer.address, Kind::Config, reason)
    }

    /// Says that this worker is at gc, or that another one is. What comes back is how to say that it is no more.
    fn take_gc_turn(&mut self) -> Result<Option<String>> {
        let operation = Operation::Gc;
        for _ in 0..2 {
            let now = i64::try_from(self.clock.now()).unwrap_or(i64::MAX);
            let lease = i64::try_from(GC_LEASE.as_secs()).unwrap_or(0);
            // In the future, so that it is not collected.
            let (turn, died) = (self.rows.time(now.saturating_add(lease)), self.rows.time(now));
            self.writer.begin(&self.rows, operation)?;
            Rows::date(&mut self.writer.batch, GC_TURN, None, Some(&died), &turn);
            Rows::insert(&mut self.writer.batch, GC_TURN, &turn, b"");
            Rows::look(&mut self.writer.batch, GC_TURN);
            let (taken, row) =
                self.writer.ask(&self.rows, operation, |told: &mut (bool, Option<String>), index, reply| {
                    match index {
                        0 => told.0 = reply.accepted()?.count()? > 0,
                        1 => told.0 |= reply.accepted_unless_duplicate()?.is_some(),
                        _ => told.1 = reply.accepted()?.row::<2>()?.map(|[_, time]| time.text()).transpose()?,
                    }
                    Ok(())
                })?;
            if self.is_settled() || row.as_deref() == Some(&turn) {
                return Ok(taken.then_some(turn));
            }
            // Written in another way than the table writes times, it would never seem to have died.
            if let Some(row) = row {
                self.settle(operation, &row)?;
            }
            if taken {
                self.writer.begin(&self.rows, operation)?;
                Rows::delete(&mut self.writer.batch, GC_TURN, None);
                self.count(operation)?;
            }
        }
        Ok(None)
    }

    /// One worker at a time, whatever machine it is on; for the others there is nothing to do.
    fn take_turn_and_collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let mut patience = Patience::of(extent.turn());
        let turn = loop {
            match self.take_gc_turn()? {
                Some(turn) => break turn,
                None if !patience.pause() => return Ok(0),
                None => {}
            }
        };
        let collected = self.collect(max_lifetime, extent);
        self.writer.begin(&self.rows, Operation::Gc)?;
        Rows::delete(&mut self.writer.batch, GC_TURN, Some(&turn));
        let released = self.count(Operation::Gc);
        let removed = collected?;
        released?;
        Ok(removed)
    }

    fn collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let operation = Operation::Gc;
        let lifetime = self.lifetime.min(max_lifetime);
        let until = self.rows.time(self.rows.table.collected_until(self.clock.now_ms(), lifetime));
        let mut pace = self.pace;
        let removed = pace.run(extent, 1, |_, most| {
            self.writer.begin(&self.rows, operation)?;
            self.rows.collect(&mut self.writer.batch, &until, most);
            self.writer.ask(&self.rows, operation, |count: &mut u64, index, reply| {
                let reply = reply.accepted()?;
                if index > 0 {
                    *count = reply.count()?;
                }
                Ok(())
            })
        });
        self.pace = pace;
        removed
    }

    fn delete(&mut self, id: SessionId<'_>) -> Result<()> {
        self.writer.begin(&self.rows, Operation::Destroy)?;
        Rows::delete(&mut self.writer.batch, id.as_bytes(), None);
        self.count(Operation::Destroy).map(drop)
    }

    /// Ends an unchanged session of which it is known that it was alive.
    fn keep(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration, extended: bool) -> Result<()> {
        let operation = Operation::Touch;
        let (_, time) = self.suitable(ttl);
        if !extended {
            // It may have outlived its lifetime in the request's hands.
            Rows::date(&mut self.writer.batch, id.as_bytes(), None, None, &time);
        }
        // Only where there is none: a newer one stays. It came from this table, which can hold it.
        let data = self.rows.table.encode(data);
        Rows::insert(&mut self.writer.batch, id.as_bytes(), &time, &data);
        if self.persistent && self.writer.tell(operation)? {
            return Ok(());
        }
        self.writer.ask(&self.rows, operation, |_: &mut (), _, reply| reply.accepted_unless_duplicate().map(drop))
    }
}

impl Store for HandlerSocket {
    fn name(&self) -> &'static str {
        error::STORE
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn endpoint(&self) -> String {
        format!("{}/{}.{}", self.writer.address, self.rows.database, self.rows.table.name())
    }

    fn definition(&self) -> Option<String> {
        Some(self.rows.table.definition(Dialect::Mysql).iter().map(|statement| format!("{statement};\n")).collect())
    }

    fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        let found = self.look(Operation::Read, id, None, Some(into));
        self.note(id, matches!(found, Ok(true)));
        self.alone(found)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        if data.len() > MAX_RECORD {
            return Err(error::FAILURES.too_large(Operation::Write, &self.writer.address, MAX_RECORD));
        }
        let stored = self.store(id, data, ttl);
        self.alone(stored)
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        let found = self.look(Operation::Touch, id, Some(ttl), None);
        self.alone(found)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.note(id, false);
        let destroyed = self.delete(id);
        self.alone(destroyed)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        let found = self.look(Operation::Validate, id, None, None);
        self.alone(found)
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        let removed = self.take_turn_and_collect(max_lifetime, Extent::Brief);
        self.alone(removed)
    }

    fn gc_all(&mut self, max_lifetime: Duration) -> Result<u64> {
        let removed = self.take_turn_and_collect(max_lifetime, Extent::Whole);
        self.alone(removed)
    }

    /// While a connection is open nobody can change the table's definition: some want it closed.
    fn rest(&mut self) {
        (self.alive, self.open) = (false, false);
        if !self.persistent {
            self.disconnect();
        }
    }

    fn lock(&mut self, _id: SessionId<'_>, _request: &LockRequest<'_>) -> Result<LockState> {
        Err(error::no_locks(Operation::Lock, &self.writer.address))
    }

    fn unlock(&mut self, _id: SessionId<'_>, _lease: Lease) -> Result<()> {
        Ok(())
    }

    fn renew(&mut self, _id: SessionId<'_>, _lease: &Lease, _length: Duration) -> Result<bool> {
        Ok(false)
    }

    fn open(&mut self, id: SessionId<'_>, request: &OpenRequest<'_>, into: &mut Vec<u8>) -> Result<Opened> {
        if request.lock.is_some() {
            return Err(error::no_locks(Operation::Open, &self.writer.address));
        }
        self.open = true;
        let found = self.look(Operation::Open, id, request.extend, Some(into));
        self.note(id, matches!(found, Ok(true)));
        let found = found?;
        Ok(Opened { found, lock: LockState::NotTaken })
    }

    fn touch_unlock(
        &mut self,
        id: SessionId<'_>,
        data: &[u8],
        ttl: Duration,
        _lease: Option<Lease>,
        extended: bool,
    ) -> Result<Committed> {
        if self.saw(id) && data.len() <= SENT_ALONG {
            self.writer.begin(&self.rows, Operation::Touch)?;
            if self.is_settled() {
                self.keep(id, data, ttl, extended)?;
                return Ok(Committed::Done);
            }
        }
        if !self.touch(id, ttl)? {
            self.write(id, data, ttl)?;
        }
        Ok(Committed::Done)
    }
}
