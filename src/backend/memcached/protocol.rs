//! What memcached answers, as far as a session store asks (`batch.rs`), in its dialects: the meta commands
//! (`mg`, `ms`, `md`), the older text commands for servers without them, and the binary protocol for servers
//! that want SASL (`binary.rs`).
//!
//! Every command has exactly one reply, and replies come in the order of the commands. A meta command
//! also carries a number that its reply repeats, so that a reply cannot be taken for another one's. The
//! text commands have no such thing; a value among their replies at least says whose it is.
//!
//! The parser trusts nobody. It never allocates, works on whatever part of a reply has arrived, and
//! refuses lengths that no answer to our commands can have.

use super::binary;

/// The longest value that is accepted, in bytes: twice the largest session.
pub const MAX_VALUE: usize = 128 * 1024 * 1024;
/// The longest line that is accepted, in bytes.
pub const MAX_LINE: usize = 2048;
/// The longest key that a server takes, in bytes.
pub const MAX_KEY: usize = 250;
/// What a value begins with in the text dialect.
const VALUE: &[u8] = b"VALUE ";

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// `mg`, `ms`, `md`: memcached 1.6 and newer.
    #[default]
    Meta,
    /// `get`, `set`, `delete`: every memcached, and what imitates one.
    Text,
    /// The binary protocol: every memcached, and with SASL nothing else.
    Binary,
}

/// On what condition a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On none.
    Set,
    /// Nothing is stored under the key.
    Add,
    /// What is stored has this version.
    Version(u64),
    /// Something is stored under the key.
    Replace,
    /// The same: the value goes behind it. Flags and lifetime stay.
    Append,
}

/// A reply. Its bytes stay in the buffer that they arrived in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// What is stored, if it was asked for; a version of 0 means that none was told.
    Value {
        /// The bytes.
        data: &'a [u8],
        /// The client's flags.
        flags: u32,
        /// The version: memcached's CAS.
        version: u64,
        /// Its key, where the reply says so: in the text dialect.
        key: &'a [u8],
    },
    /// The sum, after adding.
    Number(u64),
    /// Done, and which version the value has now, where that was told.
    Done {
        /// The version, or 0.
        version: u64,
    },
    /// There is nothing under that key.
    Missing,
    /// Not stored: there is something under that key already.
    NotStored,
    /// Not done: what is stored has another version.
    Changed,
    /// Refused, with the server's words.
    Error(&'a [u8]),
}

/// What arrived is no reply, or is larger than any answer to our commands. The connection has no
/// known state any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// A reply in the terms of its place: for those who must let go of the buffer between finding a
/// reply and using it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub(super) kind: Kind,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) flags: u32,
    /// The sum, if that is what it is.
    pub(super) version: u64,
    /// Where the key ends that follows the word `VALUE`.
    key_end: usize,
    /// The command's number, if the reply repeats it.
    pub number: Option<u32>,
    /// Its length on the wire.
    pub length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Value,
    Number,
    Done,
    Missing,
    NotStored,
    Changed,
    Error,
}

impl Extent {
    pub(super) const fn of(kind: Kind, length: usize) -> Self {
        Self { kind, from: 0, to: 0, flags: 0, version: 0, key_end: 0, number: None, length }
    }

    /// Whether the server refused the command, or did not understand it.
    #[must_use]
    pub fn is_complaint(&self) -> bool {
        self.kind == Kind::Error
    }

    /// The reply, in the bytes that it was found in.
    #[must_use]
    pub fn reply<'a>(&self, bytes: &'a [u8]) -> Reply<'a> {
        let content = bytes.get(self.from..self.to).unwrap_or_default();
        match self.kind {
            Kind::Value => {
                let key = bytes.get(VALUE.len()..self.key_end).unwrap_or_default();
                Reply::Value { data: content, flags: self.flags, version: self.version, key }
            }
            Kind::Number => Reply::Number(self.version),
            Kind::Done => Reply::Done { version: self.version },
            Kind::Missing => Reply::Missing,
            Kind::NotStored => Reply::NotStored,
            Kind::Changed => Reply::Changed,
            Kind::Error => Reply::Error(content),
        }
    }
}

/// Finds the first reply. The inner error says how many bytes it needs at least, which is more than
/// there are.
///
/// # Errors
/// [`Malformed`].
pub fn find(bytes: &[u8]) -> Result<Result<Extent, usize>, Malformed> {
    let mut line = Line { bytes, at: 0 };
    let found = match bytes.first_chunk::<2>() {
        Some(b"HD") => line.flags(2, Extent::of(Kind::Done, 0)),
        Some(b"VA") if bytes.get(2) == Some(&b' ') => line.value(),
        Some(b"EN") if bytes.get(2) != Some(&b'D') => line.flags(2, Extent::of(Kind::Missing, 0)),
        Some(b"NS") => line.flags(2, Extent::of(Kind::NotStored, 0)),
        Some([binary::REPLY, _]) => return binary::find(bytes).map_err(Malformed),
        Some(b"NF") => line.flags(2, Extent::of(Kind::Missing, 0)),
        Some(b"EX") if bytes.get(2) != Some(&b'I') => line.flags(2, Extent::of(Kind::Changed, 0)),
        _ => line.words(),
    };
    match found {
        Ok(extent) => Ok(Ok(extent)),
        Err(Stop::Malformed(what)) => Err(Malformed(what)),
        Err(Stop::Needs(_)) if bytes.len() >= MAX_LINE && !bytes.iter().take(MAX_LINE).any(|byte| *byte == b'\n') => {
            Err(Malformed("a line without an end"))
        }
        Err(Stop::Needs(length)) => Ok(Err(length)),
    }
}

/// Why there is no reply yet.
enum Stop {
    /// It has at least so many bytes.
    Needs(usize),
    Malformed(&'static str),
}

/// A reply's first line while it is being read. The two dialects differ in their words: those of the
/// newer have two letters and are read byte by byte, since nearly all replies are such ones.
struct Line<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Line<'_> {
    /// The byte at which the line is, unless it has not arrived.
    fn here(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::Needs(self.at + 1))
    }

    /// A number, which ends at whatever is no digit.
    fn number<T: TryFrom<u64>>(&mut self) -> Result<T, Stop> {
        let begin = self.at;
        let mut number = 0_u64;
        loop {
            let digit = self.here()?.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            let next = number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit)));
            number = next.ok_or(Stop::Malformed("a number that is too large"))?;
            self.at += 1;
        }
        if self.at == begin {
            return Err(Stop::Malformed("something else where a number should be"));
        }
        T::try_from(number).map_err(|_| Stop::Malformed("a number that is too large"))
    }

    /// Takes in the flags that mean something here, from `at` to the end of the line.
    fn flags(&mut self, at: usize, mut extent: Extent) -> Result<Extent, Stop> {
        self.at = at;
        loop {
            match self.here()? {
                b' ' => self.at += 1,
                b'\r' => {
                    self.at += 1;
                    if self.here()? != b'\n' {
                        return Err(Stop::Malformed("a line that does not end as one should"));
                    }
                    extent.length = self.at + 1;
                    return Ok(extent);
                }
                _ => return Err(Stop::Malformed("an answer that memcached does not give")),
            }
            let flag = self.here()?;
            if flag != b'\r' {
                self.at += 1;
            }
            match flag {
                b'f' => extent.flags = self.number()?,
                b'c' => extent.version = self.number()?,
                b'O' => extent.number = Some(self.number()?),
                _ => {
                    while !matches!(self.here()?, b' ' | b'\r') {
                        self.at += 1;
                    }
                }
            }
        }
    }

    /// `VA SIZE FLAGS`, and the value.
    fn value(&mut self) -> Result<Extent, Stop> {
        self.at = b"VA ".len();
        let size = self.number()?;
        let extent = self.flags(self.at, Extent::of(Kind::Value, 0))?;
        self.complete(extent, size, b"\r\n")
    }

    /// The words of the older commands, and what both have in common.
    fn words(&mut self) -> Result<Extent, Stop> {
        let end = self.bytes.iter().take(MAX_LINE).position(|byte| *byte == b'\n');
        let end = end.ok_or(Stop::Needs(self.bytes.len() + 1))?;
        let line = self.bytes.get(..end).and_then(|line| line.strip_suffix(b"\r"));
        let line = line.ok_or(Stop::Malformed("a line that does not end as one should"))?;
        let length = end + 1;
        let word = line.split(|byte| *byte == b' ').next().unwrap_or_default();
        let kind = match word {
            b"MN" | b"STORED" | b"TOUCHED" | b"DELETED" | b"VERSION" | b"OK" => Kind::Done,
            b"NOT_FOUND" | b"END" => Kind::Missing,
            b"NOT_STORED" => Kind::NotStored,
            b"EXISTS" => Kind::Changed,
            b"ERROR" | b"CLIENT_ERROR" | b"SERVER_ERROR" => {
                return Ok(Extent { to: line.len(), ..Extent::of(Kind::Error, length) });
            }
            b"VALUE" => return self.old_value(length),
            // The sum, where the older commands counted.
            digits if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
                return Ok(Extent { to: digits.len(), ..Extent::of(Kind::Value, length) });
            }
            _ => return Err(Stop::Malformed("an answer that memcached does not give")),
        };
        Ok(Extent::of(kind, length))
    }

    /// `VALUE KEY FLAGS SIZE VERSION`, and the value. All of the line has arrived.
    fn old_value(&mut self, length: usize) -> Result<Extent, Stop> {
        let mut extent = Extent::of(Kind::Value, length);
        self.at = VALUE.len();
        while self.here()? > b' ' {
            self.at += 1;
        }
        extent.key_end = self.at;
        self.at += 1;
        extent.flags = self.number()?;
        self.at += 1;
        let size = self.number()?;
        if self.here()? == b' ' {
            self.at += 1;
            extent.version = self.number()?;
        }
        if self.at + 2 != length {
            return Err(Stop::Malformed("a value without a length"));
        }
        self.complete(extent, size, b"\r\nEND\r\n")
    }

    /// The whole of a reply with a value of `size` bytes behind its first line.
    fn complete(&self, mut extent: Extent, size: usize, end: &[u8]) -> Result<Extent, Stop> {
        if size > MAX_VALUE {
            return Err(Stop::Malformed("a value that is larger than any session"));
        }
        extent.from = extent.length;
        extent.to = extent.from + size;
        extent.length = extent.to + end.len();
        match self.bytes.get(extent.to..extent.length) {
            Some(found) if found == end => Ok(extent),
            Some(_) => Err(Stop::Malformed("a value that does not end where it should")),
            None => Err(Stop::Needs(extent.length)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(bytes: &[u8]) -> (Reply<'_>, Option<u32>, usize) {
        let extent = find(bytes).unwrap().unwrap();
        (extent.reply(bytes), extent.number, extent.length)
    }

    #[test]
    fn every_answer_of_both_dialects() {
        let keyed = |data, flags, version, key| Reply::Value { data, flags, version, key };
        let value = |data, flags, version| keyed(data, flags, version, &b""[..]);
        for (wire, reply, number) in [
            (&b"HD c7 O3\r\n"[..], Reply::Done { version: 7 }, Some(3)),
            (b"HD\r\n", Reply::Done { version: 0 }, None),
            (b"EN\r\n", Reply::Missing, None),
            (b"EN O4294967295\r\n", Reply::Missing, Some(u32::MAX)),
            (b"NF O1\r\n", Reply::Missing, Some(1)),
            (b"NS c0 O2\r\n", Reply::NotStored, Some(2)),
            (b"EX O2\r\n", Reply::Changed, Some(2)),
            (b"VA 3 f16 c2 O13 t50\r\na\nc\r\n", value(b"a\nc", 16, 2), Some(13)),
            (b"VA 0 O1\r\n\r\n", value(b"", 0, 0), Some(1)),
            (b"MN\r\n", Reply::Done { version: 0 }, None),
            (b"STORED\r\n", Reply::Done { version: 0 }, None),
            (b"NOT_STORED\r\n", Reply::NotStored, None),
            (b"EXISTS\r\n", Reply::Changed, None),
            (b"NOT_FOUND\r\n", Reply::Missing, None),
            (b"END\r\n", Reply::Missing, None),
            (b"VALUE k 48 5 9\r\nEND\r\n\r\nEND\r\n", keyed(b"END\r\n", 48, 9, b"k"), None),
            (b"VALUE k 0 0\r\n\r\nEND\r\n", keyed(b"", 0, 0, b"k"), None),
            (b"SERVER_ERROR out of memory\r\n", Reply::Error(b"SERVER_ERROR out of memory"), None),
            (b"ERROR\r\n", Reply::Error(b"ERROR"), None),
            (b"OK\r\n", Reply::Done { version: 0 }, None),
            (b"42  \r\n", value(b"42", 0, 0), None),
            (b"VERSION 1.4.0\r\n", Reply::Done { version: 0 }, None),
        ] {
            assert_eq!(whole(wire), (reply, number, wire.len()));
            for cut in 0..wire.len() {
                let needed = find(&wire[..cut]).unwrap().expect_err("not yet whole");
                assert!(needed > cut && needed <= wire.len(), "{cut} of {wire:?}: {needed}");
            }
        }
    }

    #[test]
    fn what_memcached_does_not_say_is_refused() {
        for wire in [
            &b"+OK\r\n"[..],
            b"HTTP/1.1 400 Bad Request\r\n",
            b"HD\n",
            b"VA\r\n",
            b"VA -1\r\n",
            b"VA 99999999999999999999 O1\r\n",
            b"VA 3\r\nabcde",
            b"VA 1 f4294967296\r\n",
            b"VA 1 c-1\r\n",
            b"VALUE k x 1\r\n",
            b"VALUE k 1 1\r\na\r\nNED\r\n",
            &[b'x'; MAX_LINE],
        ] {
            assert!(find(wire).is_err(), "{:?}", String::from_utf8_lossy(wire));
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = find(&bytes);
        }

        #[test]
        fn nearly_right_answers_neither(text in "(VA|VALUE|HD|EN|END|NS) ?[0-9a-zO ]{0,30}\r\n[a-z\r\n]{0,20}") {
            if let Ok(Ok(extent)) = find(text.as_bytes()) {
                prop_assert!(extent.length <= text.len());
                let _ = extent.reply(text.as_bytes());
            }
        }

        #[test]
        fn a_value_comes_back_whatever_it_holds(data in proptest::collection::vec(any::<u8>(), 0..100), rest in "[a-z]{0,9}") {
            let mut meta = format!("VA {} f1 c2 O3\r\n", data.len()).into_bytes();
            let mut text = format!("VALUE k 1 {} 2\r\n", data.len()).into_bytes();
            meta.extend_from_slice(&data);
            text.extend_from_slice(&data);
            meta.extend_from_slice(b"\r\n");
            text.extend_from_slice(b"\r\nEND\r\n");
            for mut wire in [meta, text] {
                let length = wire.len();
                wire.extend_from_slice(rest.as_bytes());
                let (reply, _, found) = whole(&wire);
                prop_assert_eq!(found, length);
                let key: &[u8] = if wire.starts_with(b"VALUE") { b"k" } else { b"" };
                prop_assert_eq!(reply, Reply::Value { data: &data, flags: 1, version: 2, key });
            }
        }
    }
}
