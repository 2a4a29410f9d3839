//! What the server answers: where an answer ends, and what is in it.
//!
//! An answer is one packet (done, or refused), the description of a prepared statement, or rows: the number
//! of columns, the columns, and a packet for each row. Which it is shows in its first byte; only what was
//! prepared looks like "done", so that the connection says what it expects.

use super::packet::{Cursor, HEADER, LONGEST};
use crate::backend::remote::connection::Protocol;
use std::borrow::Cow;
use std::ops::Range;

/// More columns than any table has that sessions are kept in.
const MOST_COLUMNS: u64 = 64;
/// The longest answer: more than any session.
const LONGEST_REPLY: usize = 1 << 31;

const OK: u8 = 0x00;
const ERROR: u8 = 0xff;
const END: u8 = 0xfe;
const LOCAL_FILE: u8 = 0xfb;

/// What the next answers are to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Expect {
    /// The handshake: single packets.
    #[default]
    Packets,
    /// Statements to be prepared.
    Prepared,
    /// Text statements, and prepared ones that are executed.
    Results,
}

/// What was agreed upon in the handshake, as far as answers look different by it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manners {
    /// Columns end without a packet that says so.
    pub(super) no_end_of_columns: bool,
    /// Columns are described only when they are not what they were.
    pub(super) columns_once: bool,
}

/// The answers of one connection.
#[derive(Debug, Default)]
pub(super) struct Replies {
    pub(super) expect: Expect,
    pub(super) manners: Manners,
    /// So many answers come first that nobody waits for. They are results, whatever is expected behind them.
    pub(super) unheard: u32,
    /// What a command failed with that nobody waited for. The first one, until it is asked for.
    pub(super) late: Option<(u16, Vec<u8>)>,
}

/// An answer in the terms of its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    length: usize,
    kind: Kind,
    /// Payload or, of rows, all packets.
    content: Range<usize>,
    /// Of rows: the packets that describe the columns.
    columns: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Packet,
    Done,
    Refused,
    Prepared,
    Rows,
}

/// An answer.
#[derive(Debug)]
pub(super) enum Reply<'a> {
    /// The payload of a packet of the handshake, and its number.
    Packet(&'a [u8], u8),
    /// Done; so many rows were changed, or found to be as they should.
    Done { rows: u64 },
    /// Refused: the error's number and what the server says about it.
    Refused { code: u16, said: &'a [u8] },
    /// A statement is prepared: its number, and the columns of its rows.
    Prepared { statement: u32, columns: Vec<Column> },
    /// Rows.
    Rows(Rows<'a>),
}

/// The rows of an answer. Nothing is decoded yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    columns: &'a [u8],
    rows: &'a [u8],
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    kind: u8,
    unsigned: bool,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Number(i64),
    Bytes(Cow<'a, [u8]>),
}

impl Protocol for Replies {
    const MAX_OWED: u32 = 48;
    type Extent = Extent;
    type Reply<'a> = Reply<'a>;

    fn find(&self, bytes: &[u8]) -> Result<Result<Extent, usize>, &'static str> {
        let mut walk = Walk { bytes, at: 0 };
        let first = match walk.packet()? {
            Ok(packet) => packet,
            Err(needed) => return Ok(Err(needed)),
        };
        let one = |kind, packet: &Packet, length| {
            Ok(Ok(Extent { length, kind, content: packet.payload.clone(), columns: 0..0 }))
        };
        let marker = bytes.get(first.payload.start).copied().filter(|_| !first.payload.is_empty());
        let expect = if self.unheard > 0 { Expect::Results } else { self.expect };
        if expect == Expect::Packets {
            return one(Kind::Packet, &first, walk.at);
        }
        match marker {
            None => Err("an empty answer"),
            Some(ERROR) => one(Kind::Refused, &first, walk.at),
            Some(LOCAL_FILE) => Err("the server asks for a file"),
            Some(OK) if expect == Expect::Prepared => {
                let payload = bytes.get(first.payload.clone()).unwrap_or_default();
                let mut cursor = Cursor(payload);
                let numbers = (cursor.skip(5), cursor.fixed(2), cursor.fixed(2));
                let (Some(()), Some(columns), Some(parameters)) = numbers else { return Err("a short answer") };
                let end = u64::from(!self.manners.no_end_of_columns);
                if let Err(needed) = walk.packets(if parameters > 0 { parameters + end } else { 0 })? {
                    return Ok(Err(needed));
                }
                let start = walk.at;
                if let Err(needed) = walk.packets(columns)? {
                    return Ok(Err(needed));
                }
                let described = start..walk.at;
                if let Err(needed) = walk.packets(if columns > 0 { end } else { 0 })? {
                    return Ok(Err(needed));
                }
                Ok(Ok(Extent { length: walk.at, kind: Kind::Prepared, content: first.payload, columns: described }))
            }
            Some(OK) => one(Kind::Done, &first, walk.at),
            Some(_) => self.find_rows(walk, first),
        }
    }

    fn length(extent: &Extent) -> usize {
        extent.length
    }

    fn reply<'a>(extent: &Extent, bytes: &'a [u8]) -> Reply<'a> {
        let content = bytes.get(extent.content.clone()).unwrap_or_default();
        match extent.kind {
            Kind::Packet => {
                let number = extent.content.start.checked_sub(1).and_then(|place| bytes.get(place));
                Reply::Packet(content, number.copied().unwrap_or_default())
            }
            Kind::Done => {
                let mut cursor = Cursor(content);
                cursor.byte();
                Reply::Done { rows: cursor.number().unwrap_or_default() }
            }
            Kind::Refused => {
                let (code, said) = refusal(content);
                Reply::Refused { code, said }
            }
            Kind::Prepared => {
                let mut cursor = Cursor(content);
                cursor.byte();
                let statement = cursor.fixed(4).and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
                let described = bytes.get(extent.columns.clone()).unwrap_or_default();
                let columns = Payloads(described).map(|payload| Column::parse(&payload)).collect::<Option<Vec<_>>>();
                Reply::Prepared { statement, columns: columns.unwrap_or_default() }
            }
            Kind::Rows => {
                Reply::Rows(Rows { columns: bytes.get(extent.columns.clone()).unwrap_or_default(), rows: content })
            }
        }
    }

    /// "Done" is what commands that nobody waits for are mostly answered with: one small packet.
    fn usual(&self, bytes: &[u8]) -> Option<usize> {
        match bytes {
            [length @ 0..=250, 0, 0, _, OK, ..] => {
                let length = usize::from(*length) + HEADER;
                (bytes.len() >= length).then_some(length)
            }
            _ => None,
        }
    }

    fn note(&mut self, late: Reply<'_>) {
        if let Reply::Refused { code, said } = late {
            self.late.get_or_insert((code, said.to_vec()));
        }
    }

    fn advance(&mut self) {
        self.unheard = self.unheard.saturating_sub(1);
    }

    fn has_failed(&self) -> bool {
        self.late.is_some()
    }
}

impl Replies {
    fn find_rows(&self, mut walk: Walk<'_>, first: Packet) -> Result<Result<Extent, usize>, &'static str> {
        let bytes = walk.bytes;
        let mut cursor = Cursor(bytes.get(first.payload).unwrap_or_default());
        let count = cursor.number().filter(|count| (1..=MOST_COLUMNS).contains(count)).ok_or("too many columns")?;
        let described = !self.manners.columns_once || cursor.byte() != Some(0);
        let start = walk.at;
        if described && let Err(needed) = walk.packets(count)? {
            return Ok(Err(needed));
        }
        let columns = start..walk.at;
        if !self.manners.no_end_of_columns
            && let Err(needed) = walk.packets(1)?
        {
            return Ok(Err(needed));
        }
        let rows = walk.at;
        loop {
            let before = walk.at;
            let packet = match walk.packet()? {
                Ok(packet) => packet,
                Err(needed) => return Ok(Err(needed)),
            };
            let marker = bytes.get(packet.payload.start).copied();
            let kind = match marker {
                Some(END) if packet.payload.len() < LONGEST => Kind::Rows,
                Some(ERROR) => Kind::Refused,
                _ if walk.at - rows > LONGEST_REPLY => return Err("an answer without an end"),
                _ => continue,
            };
            let content = if kind == Kind::Rows { rows..before } else { packet.payload };
            return Ok(Ok(Extent { length: walk.at, kind, content, columns }));
        }
    }
}

/// What a refusal says: the number and the text, without the state.
pub(super) fn refusal(payload: &[u8]) -> (u16, &[u8]) {
    let mut cursor = Cursor(payload);
    cursor.byte();
    let code = cursor.fixed(2).and_then(|code| u16::try_from(code).ok()).unwrap_or_default();
    if cursor.0.first() == Some(&b'#') {
        cursor.skip(6);
    }
    (code, cursor.0)
}

struct Packet {
    /// Where its payload is; of a long one in several packets, from the first one's on.
    payload: Range<usize>,
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    /// Steps over a payload, which may be in several packets. The inner error says how many bytes there must be.
    fn packet(&mut self) -> Result<Result<Packet, usize>, &'static str> {
        let start = self.at + HEADER;
        loop {
            let mut cursor = Cursor(self.bytes.get(self.at..).unwrap_or_default());
            let Some(length) = cursor.fixed(3).and_then(|length| usize::try_from(length).ok()) else {
                return Ok(Err(self.at + HEADER));
            };
            let end = self.at + HEADER + length;
            if end > LONGEST_REPLY {
                return Err("an answer that is too long");
            }
            if self.bytes.len() < end {
                return Ok(Err(end));
            }
            self.at = end;
            if length < LONGEST {
                return Ok(Ok(Packet { payload: start..end }));
            }
        }
    }

    fn packets(&mut self, count: u64) -> Result<Result<(), usize>, &'static str> {
        for _ in 0..count {
            if let Err(needed) = self.packet()? {
                return Ok(Err(needed));
            }
        }
        Ok(Ok(()))
    }
}

/// The payloads in a sequence of packets; one that is in several is put together.
struct Payloads<'a>(&'a [u8]);

impl<'a> Iterator for Payloads<'a> {
    type Item = Cow<'a, [u8]>;

    fn next(&mut self) -> Option<Cow<'a, [u8]>> {
        let mut whole: Option<Vec<u8>> = None;
        loop {
            let mut cursor = Cursor(self.0);
            let length = usize::try_from(cursor.fixed(3)?).ok()?;
            cursor.byte()?;
            let part = cursor.bytes(length)?;
            self.0 = cursor.0;
            match whole {
                None if length < LONGEST => return Some(Cow::Borrowed(part)),
                _ => whole.get_or_insert_default().extend_from_slice(part),
            }
            if length < LONGEST {
                return whole.map(Cow::Owned);
            }
        }
    }
}

impl<'a> Rows<'a> {
    /// The columns, if the server described them.
    pub(super) fn columns(&self) -> Option<Vec<Column>> {
        if self.columns.is_empty() {
            return None;
        }
        Payloads(self.columns).map(|payload| Column::parse(&payload)).collect()
    }

    /// Hands the values of each row of a prepared statement to `take`. `None`: one of them is no row.
    pub(super) fn each(&self, columns: &[Column], mut take: impl FnMut(&[Value<'_>])) -> Option<()> {
        for payload in Payloads(self.rows) {
            let mut cursor = Cursor(&payload);
            cursor.byte()?;
            let nulls = cursor.bytes((columns.len() + 9) / 8)?;
            let mut values = Vec::with_capacity(columns.len());
            for (place, column) in columns.iter().enumerate() {
                let is_null = nulls.get((place + 2) / 8).is_some_and(|byte| byte >> ((place + 2) % 8) & 1 == 1);
                values.push(if is_null { Value::Null } else { column.value(&mut cursor)? });
            }
            take(&values);
        }
        Some(())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows of a text statement: each value as text, `None` for NULL.
    pub(super) fn texts(&self) -> impl Iterator<Item = Vec<Option<String>>> + 'a {
        Payloads(self.rows).map(|payload| {
            let mut cursor = Cursor(&payload);
            let mut values = Vec::new();
            while let Some(first) = cursor.0.first() {
                if *first == LOCAL_FILE {
                    cursor.byte();
                    values.push(None);
                    continue;
                }
                let Some(text) = cursor.text() else { break };
                values.push(Some(String::from_utf8_lossy(text).into_owned()));
            }
            values
        })
    }
}

impl Column {
    fn parse(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        // Catalog, schema, table, its real name, name, its real name.
        for _ in 0..6 {
            cursor.text()?;
        }
        // Of MariaDB's extended types nothing was asked for. Length of the rest, character set, width.
        cursor.number()?;
        cursor.skip(6)?;
        let kind = cursor.byte()?;
        let flags = cursor.fixed(2)?;
        Some(Self { kind, unsigned: flags & 0x20 != 0 })
    }

    fn value<'a>(self, cursor: &mut Cursor<'a>) -> Option<Value<'a>> {
        let number = |length: usize, cursor: &mut Cursor<'a>| {
            let raw = cursor.fixed(length)?;
            let unused = 64 - 8 * u32::try_from(length).ok()?;
            Some(Value::Number(if self.unsigned {
                i64::try_from(raw).unwrap_or(i64::MAX)
            } else {
                (raw << unused).cast_signed() >> unused
            }))
        };
        match self.kind {
            0x01 => number(1, cursor),
            0x02 | 0x0d => number(2, cursor),
            0x03 | 0x09 => number(4, cursor),
            0x08 => number(8, cursor),
            0x04 => cursor.skip(4).map(|()| Value::Null),
            0x05 => cursor.skip(8).map(|()| Value::Null),
            0x06 => Some(Value::Null),
            0x07 | 0x0a | 0x0c => {
                let length = cursor.byte()?;
                date(cursor.bytes(usize::from(length))?).map(|text| Value::Bytes(Cow::Owned(text.into_bytes())))
            }
            0x0b => {
                let length = cursor.byte()?;
                cursor.skip(usize::from(length)).map(|()| Value::Null)
            }
            _ => cursor.text().map(|text| Value::Bytes(Cow::Borrowed(text))),
        }
    }
}

/// A date, with its time if it has one, as it is written in text.
fn date(bytes: &[u8]) -> Option<String> {
    let mut cursor = Cursor(bytes);
    if bytes.is_empty() {
        return Some("0000-00-00 00:00:00".into());
    }
    let (year, month, day) = (cursor.fixed(2)?, cursor.byte()?, cursor.byte()?);
    let (hour, minute, second) = match (cursor.byte(), cursor.byte(), cursor.byte()) {
        (Some(hour), Some(minute), Some(second)) => (hour, minute, second),
        _ => (0, 0, 0),
    };
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packets(payloads: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        for (number, payload) in payloads.iter().enumerate() {
            super::super::packet::put_header(payload.len(), u8::try_from(number).unwrap() + 1, &mut out);
            out.extend_from_slice(payload);
        }
        out
    }

    fn column(kind: u8, flags: u8) -> Vec<u8> {
        let mut out = b"\x03def\x00\x00\x00\x01a\x00\x0c".to_vec();
        out.extend_from_slice(&[63, 0, 0, 0, 0, 0, kind, flags, 0, 0, 0, 0]);
        out
    }

    fn results(manners: Manners) -> Replies {
        Replies { expect: Expect::Results, manners, ..Replies::default() }
    }

    const NEW: Manners = Manners { no_end_of_columns: true, columns_once: true };

    #[test]
    fn rows_of_both_manners() {
        let (text, number) = (column(0xfc, 0), column(0x03, 0));
        let row: &[u8] = b"\x00\x00\x03a\0b\xff\xff\xff\xff";
        let end: &[u8] = b"\xfe\0\0\x02\0";
        for (manners, bytes) in [
            (Manners::default(), packets(&[b"\x02", &text, &number, end, row, end])),
            (Manners { columns_once: false, ..NEW }, packets(&[b"\x02", &text, &number, row, b"\xfe\0\0\x02\0\0\0"])),
            (NEW, packets(&[b"\x02\x01", &text, &number, row, b"\xfe\0\0\x02\0\0\0"])),
        ] {
            let replies = results(manners);
            for cut in 0..bytes.len() {
                let needed = replies.find(&bytes[..cut]).unwrap().unwrap_err();
                assert!(needed > cut && needed <= bytes.len(), "{needed} of {}", bytes.len());
            }
            let extent = replies.find(&bytes).unwrap().unwrap();
            assert_eq!(extent.length, bytes.len());
            let Reply::Rows(rows) = Replies::reply(&extent, &bytes) else { panic!("rows") };
            let columns = rows.columns().unwrap();
            let mut found = Vec::new();
            rows.each(&columns, |values| found.push(format!("{values:?}"))).unwrap();
            assert_eq!(found, [format!("{:?}", [Value::Bytes(b"a\0b"[..].into()), Value::Number(-1)])]);
        }
        let none = packets(&[b"\x02\x00", b"\xfe\0\0\x02\0\0\0"]);
        let extent = results(NEW).find(&none).unwrap().unwrap();
        let Reply::Rows(rows) = Replies::reply(&extent, &none) else { panic!("rows") };
        assert!(rows.is_empty() && rows.columns().is_none());
    }

    #[test]
    fn refusals_in_every_place() {
        let bytes = packets(&[b"\xff\x7a\x04#42S02Table 'a.b' doesn't exist"]);
        for expect in [Expect::Results, Expect::Prepared] {
            let replies = Replies { expect, ..Replies::default() };
            let extent = replies.find(&bytes).unwrap().unwrap();
            let Reply::Refused { code: 1146, said } = Replies::reply(&extent, &bytes) else { panic!() };
            assert_eq!(said, b"Table 'a.b' doesn't exist");
        }
        let late = packets(&[b"\x01\x00", b"\x00\x00\x01a", b"\xff\x25\x05#70100Query interrupted"]);
        let extent = results(NEW).find(&late).unwrap().unwrap();
        assert!(matches!(Replies::reply(&extent, &late), Reply::Refused { code: 1317, .. }));
    }

    #[test]
    fn numbers_of_every_width() {
        for (kind, flags, bytes, expected) in [
            (0x01, 0, &b"\xff"[..], -1),
            (0x01, 0x20, b"\xff", 255),
            (0x02, 0, b"\x00\x80", -32_768),
            (0x03, 0x20, b"\xff\xff\xff\xff", 4_294_967_295),
            (0x08, 0, b"\xfe\xff\xff\xff\xff\xff\xff\xff", -2),
            (0x08, 0x20, b"\xff\xff\xff\xff\xff\xff\xff\xff", i64::MAX),
        ] {
            let column = Column { kind, unsigned: flags != 0 };
            assert_eq!(column.value(&mut Cursor(bytes)), Some(Value::Number(expected)));
        }
        let date = Column { kind: 0x0c, unsigned: false };
        let text = date.value(&mut Cursor(b"\x07\xeb\x07\x01\x0f\x08\x00\x01"));
        assert_eq!(text, Some(Value::Bytes(b"2027-01-15 08:00:01"[..].into())));
        assert_eq!(date.value(&mut Cursor(b"\x00")), Some(Value::Bytes(b"0000-00-00 00:00:00"[..].into())));
    }

    #[test]
    fn a_row_in_several_packets_is_put_together() {
        let data = vec![b'z'; LONGEST + 10];
        let mut row = vec![0, 0];
        super::super::packet::put_text(&data, &mut row);
        let mut bytes = packets(&[b"\x01\x01", &column(0xfb, 0)]);
        let mark = super::super::packet::begin(3, &mut bytes);
        bytes.extend_from_slice(&row);
        super::super::packet::end(mark, 0, &mut bytes);
        bytes.extend(packets(&[b"\xfe\0\0\x02\0\0\0"]));
        let extent = results(NEW).find(&bytes).unwrap().unwrap();
        assert_eq!(extent.length, bytes.len());
        let Reply::Rows(rows) = Replies::reply(&extent, &bytes) else { panic!("rows") };
        let columns = rows.columns().unwrap();
        let mut whole = false;
        rows.each(&columns, |values| whole = values == [Value::Bytes(data.clone().into())]).unwrap();
        assert!(whole);
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(
            bytes in proptest::collection::vec(prop_oneof![Just(0u8), Just(1), Just(0xfe), Just(0xff), any::<u8>()], 0..200),
            flags in 0u8..12,
        ) {
            let manners = Manners { no_end_of_columns: flags & 1 != 0, columns_once: flags & 2 != 0 };
            let expect = [Expect::Packets, Expect::Prepared, Expect::Results][usize::from(flags >> 2)];
            let replies = Replies { expect, manners, ..Replies::default() };
            let _ = replies.usual(&bytes);
            match replies.find(&bytes) {
                Ok(Ok(extent)) => {
                    prop_assert!(extent.length <= bytes.len());
                    if let Reply::Rows(rows) = Replies::reply(&extent, &bytes) {
                        let columns = rows.columns().unwrap_or_else(|| vec![Column { kind: 3, unsigned: false }; 3]);
                        let _ = rows.each(&columns, |_| ());
                        prop_assert!(rows.texts().take(1000).count() <= bytes.len());
                    }
                }
                Ok(Err(needed)) => prop_assert!(needed > bytes.len()),
                Err(_) => {}
            }
        }

        #[test]
        fn any_row_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), kind: u8) {
            let row = packets(&[&bytes]);
            let rows = Rows { columns: &[], rows: &row };
            let columns = vec![Column { kind, unsigned: false }; 3];
            let _ = rows.each(&columns, |_| ());
            let _ = Column::parse(&bytes);
            let _ = rows.texts().count();
        }
    }
}
