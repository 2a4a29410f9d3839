//! Storing a record, and what becomes of one that the table does not keep as it is.

use super::{HandlerSocket, is_ours};
use crate::backend::handlersocket::error;
use crate::backend::handlersocket::protocol::Field;
use crate::backend::handlersocket::rows::{Row, Rows};
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use std::time::Duration;

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
    /// Stores a record. Which way is tried first follows from whether the session was found; another
    /// request may have stored or removed it since, and then it is the other way.
    pub(super) fn store(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
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
}
