//! The requests on the table's rows.
//!
//! A connection opens the table's primary key three times, with the columns that differing requests
//! need: a change replaces all columns of the index that it goes through. gc opens the index by
//! which it finds what is expired, and only then must there be one.

use super::protocol::{Batch, Field};
use crate::backend::sql::{Identifier, Moment, Role, Table};

/// What the opened indexes are called on the wire, and their columns.
mod index {
    /// id, time, data.
    pub(super) const ROW: &[u8] = b"0";
    /// id, time.
    pub(super) const LOOK: &[u8] = b"1";
    /// time.
    pub(super) const TIME: &[u8] = b"2";
    /// time, in its own order.
    pub(super) const ORDER: &[u8] = b"3";
}

/// The table that is worked on.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) database: Identifier,
    pub(super) table: Table,
    /// The index of the column of times, by name.
    pub(super) gc_index: Identifier,
}

/// A row, as it came.
#[derive(Debug)]
pub(super) struct Row {
    id: Vec<u8>,
    time: Vec<u8>,
    data: Vec<u8>,
}

impl Row {
    /// Keeps a row.
    pub(super) fn keep([id, time, data]: [Field<'_>; 3]) -> Self {
        Self { id: id.wire().to_vec(), time: time.wire().to_vec(), data: data.wire().to_vec() }
    }

    /// Its id.
    pub(super) fn id(&self) -> Field<'_> {
        Field::of(&self.id)
    }

    /// Id, time and data.
    pub(super) fn fields(&self) -> [Field<'_>; 3] {
        [&self.id, &self.time, &self.data].map(|field| Field::of(field))
    }
}

impl Rows {
    /// The name of the column for this. Every table that this store takes has these three.
    fn column(&self, role: Role) -> &str {
        self.table.column(role).map_or("", Identifier::as_str)
    }

    /// A time, in seconds since 1970, as it is sent.
    pub(super) fn time(&self, seconds: i64) -> String {
        match self.table.moment(seconds) {
            Moment::Unix(seconds) => seconds.to_string(),
            Moment::Text(text) => text,
        }
    }

    fn time_column(&self) -> &str {
        if self.table.column(Role::Expiry).is_some() { self.column(Role::Expiry) } else { self.column(Role::Used) }
    }

    /// The columns of id, time and data.
    pub(super) fn names(&self) -> [&str; 3] {
        [self.column(Role::Id), self.time_column(), self.column(Role::Data)]
    }

    /// Opens what all requests but gc's go through.
    pub(super) fn open(&self, batch: &mut Batch) {
        let [id, time, data] = self.names();
        self.open_index(batch, index::ROW, "PRIMARY", &format!("{id},{time},{data}"));
        self.open_index(batch, index::LOOK, "PRIMARY", &format!("{id},{time}"));
        self.open_index(batch, index::TIME, "PRIMARY", time);
    }

    /// The column of times may be part of conditions.
    fn open_index(&self, batch: &mut Batch, number: &[u8], key: &str, columns: &str) {
        batch.request(b"P").word(number).word(self.database.as_str().as_bytes());
        batch.word(self.table.name().as_str().as_bytes()).word(key.as_bytes()).word(columns.as_bytes());
        batch.word(self.time_column().as_bytes()).end();
    }

    /// The row: [`protocol::Reply::row`](super::protocol::Reply::row) of three.
    pub(super) fn find(batch: &mut Batch, id: &[u8]) {
        only(batch, index::ROW, id).end();
    }

    /// Its id and time.
    pub(super) fn look(batch: &mut Batch, id: &[u8]) {
        only(batch, index::LOOK, id).end();
    }

    /// A new row. Refused with [`super::error::DUPLICATE`] where there is one.
    pub(super) fn insert(batch: &mut Batch, id: &[u8], time: &str, data: &[u8]) {
        batch.request(index::ROW).word(b"+").word(b"3").value(id).word(time.as_bytes()).value(data).end();
    }

    /// Replaces a row that is there, and asks for what it was: none or one row of three columns.
    pub(super) fn replace(batch: &mut Batch, id: &[u8], time: &str, data: &[u8]) {
        only(batch, index::ROW, id).word(b"U?").value(id).word(time.as_bytes()).value(data).end();
    }

    /// Dates a row, if its time is later than one and earlier than another: a count.
    pub(super) fn date(batch: &mut Batch, id: &[u8], later_than: Option<&str>, earlier_than: Option<&str>, time: &str) {
        let request = only(batch, index::TIME, id);
        if let Some(bound) = later_than {
            condition(request, b">", bound.as_bytes());
        }
        if let Some(bound) = earlier_than {
            condition(request, b"<", bound.as_bytes());
        }
        request.word(b"U").word(time.as_bytes()).end();
    }

    /// Removes a row: a count. With a time only if it has that one.
    pub(super) fn delete(batch: &mut Batch, id: &[u8], time: Option<&str>) {
        let request = only(batch, index::ROW, id);
        if let Some(time) = time {
            condition(request, b"=", time.as_bytes());
        }
        request.word(b"D").end();
    }

    /// Puts back what a row was before it was replaced by `now`: a count.
    pub(super) fn restore(batch: &mut Batch, now: &Row, before: &Row) {
        let request = again(batch, now).word(b"U");
        for field in before.fields() {
            request.raw(field);
        }
        request.end();
    }

    /// Removes a row that was just made and reads so now: a count.
    pub(super) fn retract(batch: &mut Batch, now: &Row) {
        again(batch, now).word(b"D").end();
    }

    /// Removes at most `most` rows with a time up to `until`, by the index of times: two requests, whose
    /// second answers with a count. Whatever the index that was named is one of, the condition
    /// holds for each row that goes.
    pub(super) fn collect(&self, batch: &mut Batch, until: &str, most: u32) {
        self.open_index(batch, index::ORDER, self.gc_index.as_str(), self.time_column());
        let request = batch.request(index::ORDER).word(b"<=").word(b"1").word(until.as_bytes());
        request.word(most.to_string().as_bytes()).word(b"0");
        condition(request, b"<=", until.as_bytes());
        request.word(b"D").end();
    }
}

/// Begins a request for the one row with this id.
fn only<'b>(batch: &'b mut Batch, number: &[u8], id: &[u8]) -> &'b mut Batch {
    batch.request(number).word(b"=").word(b"1").value(id).word(b"1").word(b"0")
}

/// Begins a request for a row that was read. Its id may not be what was asked for.
fn again<'b>(batch: &'b mut Batch, row: &Row) -> &'b mut Batch {
    batch.request(index::ROW).word(b"=").word(b"1").raw(row.id()).word(b"1").word(b"0")
}

/// A condition on the time: rows that do not meet it are passed over.
fn condition(batch: &mut Batch, comparison: &[u8], bound: &[u8]) {
    batch.word(b"F").word(comparison).word(b"0").word(bound);
}
