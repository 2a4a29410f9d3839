//! What a session looks like in its collection, and what is asked of it there.
//!
//! One document is one session: `{_id, data, time, expires_at}`, and while it is locked
//! `lock: {token, until, holder}` in the same document, so that one command takes the lock and reads. A
//! document without `data` is no session: it is the lock of one that is not stored yet.
//!
//! A session that belongs to somebody has that reference in `ref`.
//!
//! `expires_at` is when the document may go; an index may remove it then, and a lock in it too: its holder
//! finds nothing at the end, which is told from a session that somebody ended.
//!
//! All conditions are plain ones, without aggregation: servers that speak MongoDB's protocol differ
//! most in that.

use super::uri;
use crate::error::Operation;
use crate::options::reader::Reader;
use crate::session::reference::{Assignment, Reference};
use mongodb::bson::raw::RawBsonRef;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document, RawDocument, doc};
use std::time::Duration;

pub(super) const DATA: &str = "data";
pub(super) const EXPIRES_AT: &str = "expires_at";
/// When the session was last used: as Symfony's handler calls it, and as the adapters for Phalcon do.
const TIME: &str = "time";
const MODIFIED: &str = "modified";
pub(super) const LOCK: &str = "lock";
/// To whom the session belongs.
pub(super) const REFERENCE: &str = "ref";
const TOKEN: &str = "lock.token";
const UNTIL: &str = "lock.until";

/// The longest lifetime that is stored, about 3000 years.
const LONGEST_MS: u64 = 100_000_000_000_000;
/// Dates before this one, in March 1973, are seconds that were taken for milliseconds: the adapters for
/// Phalcon store such ones.
const FIRST_MS: i64 = 100_000_000_000;

/// Whose documents are written. All are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// As Symfony's `MongoDbSessionHandler`: `data` is binary, `time` the last use.
    #[default]
    Symfony,
    /// As Phalcon's adapters of the incubator: `data` is a string wherever it can be one, `modified`
    /// the last use.
    Incubator,
}

impl Layout {
    /// The option `layout`.
    pub(crate) fn take(reader: &mut Reader) -> Option<Self> {
        reader.choice(&["layout"], &[("symfony", Self::Symfony), ("incubator", Self::Incubator)])
    }

    fn time(self) -> &'static str {
        match self {
            Self::Symfony => TIME,
            Self::Incubator => MODIFIED,
        }
    }

    /// The changes that a write makes, to which others may be added. It says itself when the session ends.
    pub(super) fn written(self, data: &[u8], now: u64, expires_at: u64) -> Document {
        let mut record = self.record(data, now);
        record.insert(EXPIRES_AT, date(expires_at));
        doc! { "$set": record }
    }

    /// The session as its field holds it. Bytes that are no UTF-8 are no string.
    pub(super) fn data(self, data: &[u8]) -> Bson {
        match (self, std::str::from_utf8(data)) {
            (Self::Incubator, Ok(text)) => Bson::String(text.to_owned()),
            _ => Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: data.to_vec() }),
        }
    }

    /// The fields of a record but its expiry.
    pub(super) fn record(self, data: &[u8], now: u64) -> Document {
        doc! { DATA: self.data(data), self.time(): date(now) }
    }

    /// The fields that say that the session was used and how long it lives.
    pub(super) fn used(self, now: u64, expires_at: u64) -> Document {
        doc! { self.time(): date(now), EXPIRES_AT: date(expires_at) }
    }
}

/// A point in time, in milliseconds since 1970.
pub(super) fn date(ms: u64) -> DateTime {
    DateTime::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Adds to changes what becomes of the session's reference.
pub(super) fn assign(changes: Document, reference: Assignment<'_>) -> Document {
    match reference {
        Assignment::Keep => changes,
        Assignment::Clear => and(changes, "$unset", doc! { REFERENCE: "" }),
        Assignment::Set(reference) => and(changes, "$set", doc! { REFERENCE: reference_value(reference) }),
    }
}

/// Adds to changes that the lock is free again.
pub(super) fn unlocked(changes: Document) -> Document {
    and(changes, "$unset", doc! { LOCK: "" })
}

/// More of a kind of change.
fn and(mut changes: Document, kind: &str, more: Document) -> Document {
    match changes.get_document_mut(kind) {
        Ok(there) => there.extend(more),
        Err(_) => {
            changes.insert(kind, more);
        }
    }
    changes
}

/// A reference as it is stored: a text, with what is no letter or digit percent-encoded. Servers do not
/// agree on the order of binary values.
pub(super) fn reference_value(reference: &Reference) -> String {
    let mut text = String::with_capacity(reference.as_bytes().len());
    uri::encode(reference.as_bytes(), &mut text);
    text
}

/// The bytes of such a text.
fn reference_bytes(text: &str) -> Vec<u8> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        if let Some((digits, rest)) = piece.split_at_checked(2) {
            bytes.extend(u8::from_str_radix(digits, 16));
            bytes.extend_from_slice(rest.as_bytes());
        }
    }
    bytes
}

/// When what lives for `ttl` from `now` ends. Zero would have ended already.
pub(super) fn end(now: u64, ttl: Duration) -> u64 {
    now.saturating_add(u64::try_from(ttl.as_millis()).unwrap_or(LONGEST_MS).clamp(1, LONGEST_MS))
}

/// The document of a session, whatever is in it.
pub(super) fn of(id: &str) -> Document {
    doc! { "_id": id }
}

/// A session that is stored.
pub(super) fn stored(id: &str) -> Document {
    doc! { "_id": id, DATA: { "$exists": true } }
}

/// The lock of a session that is not stored.
pub(super) fn lock_alone(id: &str, token: &str) -> Document {
    doc! { "_id": id, TOKEN: token, DATA: { "$exists": false } }
}

/// A session whose lock is ours.
pub(super) fn held(id: &str, token: &str) -> Document {
    doc! { "_id": id, TOKEN: token }
}

/// Adds that it says itself that it has not expired.
pub(super) fn and_alive(mut filter: Document, now: u64) -> Document {
    filter.insert(EXPIRES_AT, doc! { "$gt": date(now) });
    filter
}

/// Adds that it does not say so.
pub(super) fn and_not_alive(mut filter: Document, now: u64) -> Document {
    filter.insert(EXPIRES_AT, doc! { "$not": { "$gt": date(now) } });
    filter
}

/// Adds that it does not say itself that it has expired. One that carries no expiry passes: see
/// [`Seen::expires_at`].
pub(super) fn and_not_expired(mut filter: Document, now: u64) -> Document {
    filter.insert(EXPIRES_AT, doc! { "$not": { "$lte": date(now) } });
    filter
}

/// Adds that nobody holds it.
pub(super) fn and_free(mut filter: Document, now: u64) -> Document {
    filter.insert(UNTIL, doc! { "$not": { "$gt": date(now) } });
    filter
}

/// Records that expired: by their own word, or by the time of their last use where they carry no other.
/// Only those that nobody holds; without `by_expiry` only the second kind.
pub(super) fn expired(now: u64, max_lifetime: Duration, by_expiry: bool) -> Document {
    let cutoff = now.saturating_sub(u64::try_from(max_lifetime.as_millis()).unwrap_or(u64::MAX));
    let cutoff_seconds = date(cutoff / 1000);
    let mut kinds = vec![
        doc! { EXPIRES_AT: null, MODIFIED: { "$gte": DateTime::from_millis(FIRST_MS), "$lte": date(cutoff) } },
        doc! { EXPIRES_AT: null, MODIFIED: { "$lte": cutoff_seconds } },
        doc! { EXPIRES_AT: null, TIME: { "$lte": date(cutoff) } },
    ];
    if by_expiry {
        kinds.push(doc! { EXPIRES_AT: { "$lte": date(now) } });
    }
    and_free(doc! { "$or": kinds }, now)
}

/// Records that do not say when they were last used: the first write of an adapter for Phalcon.
pub(super) fn undated() -> Document {
    doc! { EXPIRES_AT: null, MODIFIED: { "$type": "null" } }
}

/// Says of such records that they were used now, so that they end some day.
pub(super) fn dated(now: u64) -> Document {
    doc! { "$set": { MODIFIED: date(now) } }
}

/// The lock as it is stored.
pub(super) fn lock(token: &str, until: u64, holder: &str) -> Document {
    doc! { "token": token, "until": date(until), "holder": holder }
}

/// The change that makes a lock run longer. `alone`: perhaps nothing else is in its document, which must not
/// go before it.
pub(super) fn renewed(until: u64, alone: bool) -> Document {
    let mut changes = doc! { "$set": { UNTIL: date(until) } };
    if alone {
        changes.insert("$max", doc! { EXPIRES_AT: date(until) });
    }
    changes
}

/// What a record without its session leaves: the lock alone.
pub(super) fn emptied() -> Document {
    doc! { DATA: "", TIME: "", MODIFIED: "", REFERENCE: "" }
}

/// All fields that are needed to judge a record, without its data.
pub(super) fn without_data() -> Document {
    doc! { EXPIRES_AT: 1, TIME: 1, MODIFIED: 1, LOCK: 1 }
}

/// The same with its data.
pub(super) fn with_data() -> Document {
    doc! { DATA: 1, EXPIRES_AT: 1, TIME: 1, MODIFIED: 1 }
}

/// A document as it was found.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a>(pub(super) &'a RawDocument);

/// Who has a lock.
pub(super) struct Holder<'a> {
    pub(super) token: &'a str,
    pub(super) until: u64,
    pub(super) name: &'a str,
}

impl<'a> Seen<'a> {
    fn date(self, field: &str) -> Option<i64> {
        self.0.get_datetime(field).ok().map(DateTime::timestamp_millis)
    }

    /// When the session ends. One without an expiry of its own ends `lifetime` after its last use, and
    /// one that says nothing of either is not known to end.
    pub(super) fn expires_at(self, lifetime: Duration) -> Option<u64> {
        if let Some(own) = self.date(EXPIRES_AT) {
            return Some(u64::try_from(own).unwrap_or(0));
        }
        let used = match self.date(MODIFIED) {
            Some(seconds) if seconds < FIRST_MS => seconds.saturating_mul(1000),
            Some(modified) => modified,
            None => self.date(TIME)?,
        };
        Some(end(u64::try_from(used).unwrap_or(0), lifetime))
    }

    /// Whether it has ended.
    pub(super) fn is_expired(self, now: u64, lifetime: Duration) -> bool {
        self.expires_at(lifetime).is_some_and(|end| end <= now)
    }

    /// Appends the session to `into` and says whether there is one: [`None`] if what is stored in its
    /// place is none.
    pub(super) fn data(self, into: &mut Vec<u8>) -> Option<bool> {
        match self.0.get(DATA) {
            Ok(None) => return Some(false),
            Ok(Some(RawBsonRef::Binary(binary))) => into.extend_from_slice(binary.bytes),
            Ok(Some(RawBsonRef::String(text))) => into.extend_from_slice(text.as_bytes()),
            Ok(Some(_)) | Err(_) => return None,
        }
        Some(true)
    }

    /// To whom it belongs.
    pub(super) fn reference(self) -> Option<Reference> {
        Reference::parse(&reference_bytes(self.0.get_str(REFERENCE).ok()?), Operation::Read).ok()
    }

    /// Whose document it is.
    pub(super) fn id(self) -> Option<&'a str> {
        self.0.get_str("_id").ok()
    }

    /// Who has the lock.
    pub(super) fn holder(self) -> Option<Holder<'a>> {
        let lock = self.0.get_document(LOCK).ok()?;
        let until = lock.get_datetime("until").ok().map(DateTime::timestamp_millis)?;
        Some(Holder {
            token: lock.get_str("token").unwrap_or_default(),
            until: u64::try_from(until).unwrap_or(0),
            name: lock.get_str("holder").unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::RawDocumentBuf;

    const HOUR: Duration = Duration::from_secs(3600);
    const NOW: u64 = 1_700_000_000_000;

    fn raw(document: Document) -> RawDocumentBuf {
        RawDocumentBuf::try_from(&document).unwrap()
    }

    #[test]
    fn the_end_of_every_kind_of_record() {
        let modified = DateTime::from_millis(1_699_999_000_000);
        for (document, end) in [
            (doc! { "expires_at": date(NOW), "modified": modified }, Some(NOW)),
            (doc! { "modified": modified }, Some(1_699_999_000_000 + 3_600_000)),
            // Seconds that were taken for milliseconds.
            (doc! { "modified": DateTime::from_millis(1_699_999_000) }, Some(1_699_999_000_000 + 3_600_000)),
            (doc! { "time": modified }, Some(1_699_999_000_000 + 3_600_000)),
            (doc! { "modified": null }, None),
            (doc! { "expires_at": DateTime::from_millis(-5) }, Some(0)),
        ] {
            assert_eq!(Seen(&raw(document.clone())).expires_at(HOUR), end, "{document}");
        }
    }

    #[test]
    fn a_reference_is_any_bytes_and_readable_where_it_can_be() {
        for (bytes, text) in [(&b"42"[..], "42"), (b"ann@example.org", "ann%40example.org"), (b"\0%\xff", "%00%25%FF")]
        {
            let reference = Reference::parse(bytes, Operation::Write).unwrap();
            assert_eq!(reference_value(&reference), text);
            assert_eq!(Seen(&raw(doc! { "ref": text })).reference(), Some(reference));
        }
    }

    #[test]
    fn data_of_every_writer() {
        for (value, expected) in [
            (Layout::Symfony.data(b"a\0\xff"), Some((true, b"a\0\xff".to_vec()))),
            (Layout::Incubator.data(b"a|i:1;"), Some((true, b"a|i:1;".to_vec()))),
            (Layout::Incubator.data(b"\xff"), Some((true, b"\xff".to_vec()))),
            (Bson::Int32(1), None),
        ] {
            let mut into = Vec::new();
            let found = Seen(&raw(doc! { "data": value })).data(&mut into);
            assert_eq!(found.map(|found| (found, into)), expected);
        }
        assert!(matches!(Layout::Incubator.data(b"text"), Bson::String(_)));
        assert_eq!(Seen(&raw(doc! {})).data(&mut Vec::new()), Some(false));
    }
}
