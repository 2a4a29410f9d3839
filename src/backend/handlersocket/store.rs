//! The store contract over one table.

mod gc;
mod writing;

use super::CAPABILITIES;
use super::error;
use super::port::{Complaint, Port};
use super::protocol::{Field, MAX_RECORD};
use super::rows::Rows;
use crate::backend::pace::{Extent, Pace};
use crate::backend::sql::{Dialect, Moment};
use crate::error::{Error, Operation, Result};
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
