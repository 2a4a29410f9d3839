//! The lines of HandlerSocket: requests out, replies in.
//!
//! A line is fields with a tab between them and a line feed behind them. Bytes below 0x10 are
//! written as 0x01 and the byte plus 0x40, so that no value can end a field or a line; NULL is the
//! single byte 0. A reply begins with 0 or the number of an error, and with how many columns its
//! rows have.

/// The largest session that is stored, in bytes, as the store's contract has it.
pub const MAX_RECORD: usize = 64 * 1024 * 1024;
/// Each byte may take two on the wire, base64 a third more; and there are other fields in the line.
const MAX_LINE: usize = 3 * MAX_RECORD;

const NULL: u8 = 0;
const ESCAPE: u8 = 1;
const FIRST_PLAIN: u8 = 0x10;
const SHIFT: u8 = 0x40;

/// What a reply says is wrong: an error's number and its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The number before the word.
    pub status: u32,
    /// A word of HandlerSocket's such as `unauth`, or the storage engine's number.
    pub word: &'a [u8],
}

/// A reply, in the bytes that it arrived in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    status: u32,
    columns: usize,
    /// The fields, each with the tab before it.
    fields: &'a [u8],
}

/// A line that is none of HandlerSocket's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// Finds the line that begins with the first byte, and says how long it is. `scanned` bytes are known
/// to hold no end. The inner error: it has not arrived as a whole.
///
/// # Errors
/// No reply has that many bytes.
pub fn find(bytes: &[u8], scanned: usize) -> Result<Result<usize, usize>, Malformed> {
    let scanned = scanned.min(bytes.len());
    match bytes.get(scanned..).unwrap_or_default().iter().position(|byte| *byte == b'\n') {
        Some(end) => Ok(Ok(scanned + end + 1)),
        None if bytes.len() > MAX_LINE => Err(Malformed("a line that is longer than any session")),
        None => Ok(Err(bytes.len() + 1)),
    }
}

impl<'a> Reply<'a> {
    /// The reply of a whole line.
    ///
    /// # Errors
    /// It does not begin as a reply does.
    pub fn parse(line: &'a [u8]) -> Result<Self, Malformed> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let (status, rest) = head(line);
        let Some((columns, fields)) = rest.split_first().filter(|(tab, _)| **tab == b'\t').map(|(_, rest)| head(rest))
        else {
            return Err(Malformed("a line without a number of columns"));
        };
        if !(fields.is_empty() || fields.starts_with(b"\t")) {
            return Err(Malformed("a number of columns that is none"));
        }
        match (number(status), number(columns)) {
            (Some(status), Some(columns)) if columns > 0 => Ok(Self { status, columns: columns as usize, fields }),
            _ => Err(Malformed("a line that does not begin with two numbers")),
        }
    }

    /// What is wrong, if something is.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal<'a>> {
        (self.status != 0)
            .then(|| Refusal { status: self.status, word: self.fields.strip_prefix(b"\t").unwrap_or(self.fields) })
    }

    /// The only row, if there is one. What was asked for has `N` columns.
    ///
    /// # Errors
    /// There are other columns, or more rows than one.
    pub fn row<const N: usize>(&self) -> Result<Option<[Field<'a>; N]>, Malformed> {
        if self.columns != N {
            return Err(Malformed("rows of another number of columns than was asked for"));
        }
        let Some(fields) = self.fields.strip_prefix(b"\t") else { return Ok(None) };
        let mut parts = fields.split(|byte| *byte == b'\t');
        let mut row = [Field(&[]); N];
        for field in &mut row {
            *field = Field(parts.next().ok_or(Malformed("a row that ends early"))?);
        }
        if parts.next().is_some() {
            return Err(Malformed("more rows than one session has"));
        }
        Ok(Some(row))
    }

    /// How many rows were changed or removed.
    ///
    /// # Errors
    /// It does not say so.
    pub fn count(&self) -> Result<u64, Malformed> {
        let count = self.fields.strip_prefix(b"\t").and_then(number);
        count.map(u64::from).ok_or(Malformed("an answer without the number of rows"))
    }
}

/// A field of a row, as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a>(&'a [u8]);

impl<'a> Field<'a> {
    /// A field that was kept as it came, by [`Field::wire`].
    #[must_use]
    pub fn of(wire: &'a [u8]) -> Self {
        Self(wire)
    }

    /// Whether it is SQL's NULL.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.0 == [NULL]
    }

    /// Appends the value. NULL appends nothing.
    ///
    /// # Errors
    /// It is no field of HandlerSocket's.
    pub fn decode(&self, into: &mut Vec<u8>) -> Result<(), Malformed> {
        if self.is_null() {
            return Ok(());
        }
        let mut rest = self.0;
        while let Some(at) = rest.iter().position(|byte| *byte < FIRST_PLAIN) {
            let (plain, special) = rest.split_at(at);
            into.extend_from_slice(plain);
            match special {
                [ESCAPE, shifted, after @ ..] if (SHIFT..SHIFT + FIRST_PLAIN).contains(shifted) => {
                    into.push(shifted - SHIFT);
                    rest = after;
                }
                _ => return Err(Malformed("a field with a byte that is never sent")),
            }
        }
        into.extend_from_slice(rest);
        Ok(())
    }

    /// Whether this is how `value` is sent.
    #[must_use]
    pub fn is(&self, value: &[u8]) -> bool {
        let mut rest = self.0;
        let mut value = value;
        while let Some(at) = value.iter().position(|byte| *byte < FIRST_PLAIN) {
            let (plain, special) = value.split_at(at);
            let Some((sent, after)) = rest.split_at_checked(at) else { return false };
            match (special, after) {
                ([byte, values @ ..], [ESCAPE, shifted, after @ ..]) if sent == plain && *shifted == byte + SHIFT => {
                    (value, rest) = (values, after);
                }
                _ => return false,
            }
        }
        rest == value
    }

    /// The value as text, for numbers and times.
    ///
    /// # Errors
    /// It is no field of HandlerSocket's.
    pub fn text(&self) -> Result<String, Malformed> {
        let mut bytes = Vec::new();
        self.decode(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The field as it came.
    #[must_use]
    pub fn wire(&self) -> &'a [u8] {
        self.0
    }
}

/// The leading digits, and what follows.
fn head(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len()))
}

fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

/// Requests that are sent together. Their replies come in the same order.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    count: u32,
}

impl Batch {
    /// Begins anew. A buffer of more than `kept` bytes is given back.
    pub fn begin(&mut self, kept: usize) {
        if self.bytes.capacity() > kept {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.count = 0;
    }

    /// What is to be sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many replies there will be.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Begins a request with its first field. [`Batch::end`] ends it.
    pub fn request(&mut self, first: &[u8]) -> &mut Self {
        self.push(first);
        self.count += 1;
        self
    }

    /// A field that stands in this program, or a number.
    pub fn word(&mut self, word: &[u8]) -> &mut Self {
        self.bytes.push(b'\t');
        self.push(word);
        self
    }

    /// A field with a value, whatever its bytes.
    pub fn value(&mut self, value: &[u8]) -> &mut Self {
        self.word(value)
    }

    /// A field as it came.
    pub fn raw(&mut self, field: Field<'_>) -> &mut Self {
        self.bytes.push(b'\t');
        self.bytes.extend_from_slice(field.0);
        self
    }

    /// Ends a request.
    pub fn end(&mut self) {
        self.bytes.push(b'\n');
    }

    fn push(&mut self, value: &[u8]) {
        self.bytes.reserve(value.len() + 2);
        let mut rest = value;
        while let Some(at) = rest.iter().position(|byte| *byte < FIRST_PLAIN) {
            let (plain, special) = rest.split_at(at);
            self.bytes.extend_from_slice(plain);
            let Some((byte, after)) = special.split_first() else { break };
            self.bytes.extend_from_slice(&[ESCAPE, byte + SHIFT]);
            rest = after;
        }
        self.bytes.extend_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn field(bytes: &[u8]) -> Vec<u8> {
        let mut into = Vec::new();
        Field(bytes).decode(&mut into).unwrap();
        into
    }

    #[test]
    fn what_a_server_said() {
        for (line, status, columns) in [
            (&b"0\t1\n"[..], 0, 1),
            (b"0\t3\n", 0, 3),
            (b"1\t1\t121\n", 1, 1),
            (b"3\t1\tunauth\n", 3, 1),
            (b"0\t1\t42\n", 0, 1),
        ] {
            assert_eq!(find(line, 0), Ok(Ok(line.len())));
            for cut in 0..line.len() {
                assert_eq!(find(&line[..cut], 0), Ok(Err(cut + 1)), "{cut} of {line:?}");
            }
            let reply = Reply::parse(line).unwrap();
            assert_eq!((reply.status, reply.columns), (status, columns), "{line:?}");
        }
        assert_eq!(Reply::parse(b"0\t1\t42\n").unwrap().count(), Ok(42));
        assert!(Reply::parse(b"0\t1\n").unwrap().count().is_err());
        let refusal = Reply::parse(b"1\t1\t121\n").unwrap().refusal().unwrap();
        assert_eq!((refusal.status, refusal.word), (1, &b"121"[..]));
        let row = Reply::parse(b"0\t3\tabc\t2026-11-22 10:00:00\thello\x01Iworld\x01J\x01@\x01O\x10\n").unwrap();
        let [id, time, data] = row.row::<3>().unwrap().unwrap();
        assert_eq!((id.text().unwrap(), time.text().unwrap()), ("abc".into(), "2026-11-22 10:00:00".into()));
        assert_eq!(field(data.wire()), b"hello\tworld\n\0\x0f\x10");
        assert_eq!(Reply::parse(b"0\t3\n").unwrap().row::<3>(), Ok(None));
        // A row of one empty field, and of one that is NULL.
        let [empty] = Reply::parse(b"0\t1\t\n").unwrap().row::<1>().unwrap().unwrap();
        assert!(!empty.is_null() && field(empty.wire()).is_empty());
        let [null] = Reply::parse(b"0\t1\t\0\n").unwrap().row::<1>().unwrap().unwrap();
        assert!(null.is_null() && field(null.wire()).is_empty());
    }

    #[test]
    fn what_handlersocket_does_not_say_is_refused() {
        for line in [
            &b"\n"[..],
            b"0\n",
            b"0 1\n",
            b"x\t1\n",
            b"0\t0\n",
            b"0\t1x\n",
            b"-1\t1\n",
            b"99999999999\t1\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"Y\0\0\0\n5.5.5-10.11.19-MariaDB\n",
        ] {
            assert!(Reply::parse(line).is_err(), "{:?}", String::from_utf8_lossy(line));
        }
        assert!(Reply::parse(b"0\t2\ta\n").unwrap().row::<2>().is_err(), "half a row");
        assert!(Reply::parse(b"0\t2\ta\tb\tc\td\n").unwrap().row::<2>().is_err(), "two rows");
        assert!(Reply::parse(b"0\t2\ta\tb\n").unwrap().row::<3>().is_err(), "other columns");
        for bytes in [&b"\x01"[..], b"\x01a", b"a\x02", b"\0\0", b"\x01P"] {
            assert!(Field(bytes).decode(&mut Vec::new()).is_err(), "{bytes:?}");
        }
        assert!(find(&vec![b'x'; MAX_LINE + 1], 0).is_err());
    }

    #[test]
    fn no_value_ends_a_field_or_a_line() {
        let mut batch = Batch::default();
        batch.request(b"1").word(b"+").word(b"2").value(b"a\tb\n1\tD\0").value(b"").end();
        batch.request(b"1").word(b"=").raw(Field(b"\0")).end();
        assert_eq!(batch.bytes(), b"1\t+\t2\ta\x01Ib\x01J1\x01ID\x01@\t\n1\t=\t\0\n");
        assert_eq!(batch.count(), 2);
        batch.begin(4);
        assert_eq!((batch.bytes(), batch.count()), (&b""[..], 0));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), scanned in 0..300_usize) {
            let _ = find(&bytes, scanned);
            if let Ok(reply) = Reply::parse(&bytes) {
                let _ = (reply.count(), reply.refusal());
                if let Ok(Some(row)) = reply.row::<3>() {
                    for field in row {
                        let _ = field.text();
                    }
                }
            }
        }

        #[test]
        fn nearly_right_lines_neither(text in "[0-3]\t[0-4](\t[a-z0-9\x01@AIJ\x00]{0,6}){0,5}\n?") {
            if let Ok(reply) = Reply::parse(text.as_bytes()) {
                let _ = (reply.count(), reply.row::<2>().map(|row| row.map(|row| row.map(|field| field.text()))));
            }
        }

        #[test]
        fn a_row_comes_back_whatever_it_holds(values in proptest::array::uniform3(proptest::collection::vec(any::<u8>(), 0..100))) {
            let mut batch = Batch::default();
            batch.request(b"0").word(b"3");
            for value in &values {
                batch.value(value);
            }
            batch.end();
            let line = batch.bytes();
            prop_assert_eq!(find(line, 0), Ok(Ok(line.len())));
            let row = Reply::parse(line).unwrap().row::<3>().unwrap().unwrap();
            for (sent, value) in row.iter().zip(&values) {
                prop_assert_eq!(&field(sent.wire()), value);
                prop_assert!(sent.is(value));
                let mut other = value.clone();
                other.push(0);
                prop_assert!(!sent.is(&other));
                other = value.clone();
                if other.pop().is_some() {
                    prop_assert!(!sent.is(&other));
                }
            }
        }

        #[test]
        fn only_what_was_sent_is_taken_for_it(one in "[\x00\x01@ab]{0,5}", two in "[\x00\x01@ab]{0,5}") {
            let mut batch = Batch::default();
            batch.request(one.as_bytes());
            prop_assert_eq!(Field(batch.bytes()).is(two.as_bytes()), one == two);
        }
    }
}
