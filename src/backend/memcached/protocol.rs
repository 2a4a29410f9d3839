//! Memcached's wire format, the part that a session store needs, in its dialects: the meta commands
//! (`mg`, `ms`, `md`), the older text commands for servers without them, and the binary protocol for servers
//! that want SASL (`binary.rs`).
//!
//! Every command has exactly one reply, and replies come in the order of the commands. A meta command
//! also carries a number that its reply repeats, so that a reply cannot be taken for another one's. The
//! text commands have no such thing; a value among their replies at least says whose it is.
//!
//! The parser trusts nobody. It never allocates, works on whatever part of a reply has arrived, and
//! refuses lengths that no answer to our commands can have.

use super::binary::{self, Command, Extras};
use std::ops::Range;

/// The longest value that is accepted, in bytes: twice the largest session.
pub const MAX_VALUE: usize = 128 * 1024 * 1024;
/// The longest line that is accepted, in bytes.
pub const MAX_LINE: usize = 2048;
/// The longest key that a server takes, in bytes.
pub const MAX_KEY: usize = 250;
/// Data larger than this is sent from where it is instead of being copied behind its command.
const INLINE: usize = 16 * 1024;
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

/// Commands for one server, sent together. Their replies come in the same order.
#[derive(Debug, Default)]
pub struct Batch {
    dialect: Dialect,
    head: Vec<u8>,
    /// Where a large value belongs that is sent from where it is: at the end of `head` as it was then.
    split: Option<usize>,
    first: u32,
    count: u32,
    /// In the text dialect: which commands ask for a value, and where in `head` their keys are.
    asked: Vec<(u32, Range<usize>)>,
    /// A command is among them whose reply has no number.
    unnumbered: bool,
}

impl Batch {
    /// Begins anew, for a server that speaks `dialect`. `first` is the number of the first command.
    pub fn begin(&mut self, dialect: Dialect, first: u32, kept: usize) {
        if self.head.capacity() > kept {
            self.head = Vec::new();
        }
        self.head.clear();
        self.split = None;
        self.asked.clear();
        (self.dialect, self.first, self.count) = (dialect, first, 0);
        self.unnumbered = dialect == Dialect::Text;
    }

    /// How it is written.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How many commands there are, and so replies.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The number of the first command.
    #[must_use]
    pub fn first(&self) -> u32 {
        self.first
    }

    /// Whether each reply must have its command's number, unless it is a complaint.
    #[must_use]
    pub fn is_numbered(&self) -> bool {
        !self.unnumbered
    }

    /// Whether a value of `key` is what the command in that place asked for.
    #[must_use]
    pub fn asked_for(&self, place: u32, key: &[u8]) -> bool {
        let asked = self.asked.iter().find(|(asked, _)| *asked == place);
        asked.is_some_and(|(_, range)| self.head.get(range.clone()) == Some(key))
    }

    /// Whether a large value was left out.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.split.is_some()
    }

    /// The bytes before a large value that is sent from where it is, and those after it.
    #[must_use]
    pub fn parts(&self) -> (&[u8], &[u8]) {
        self.head.split_at_checked(self.split.unwrap_or(self.head.len())).unwrap_or((&self.head, &[]))
    }

    /// Asks for value, flags and version, and with `expiry` extends the lifetime.
    pub fn get(&mut self, key: &[u8], expiry: Option<u64>) {
        match (self.dialect, expiry) {
            (Dialect::Meta, expiry) => {
                self.words(&[b"mg ", key, b" v f c"]);
                self.expiry(expiry);
                self.end_meta();
            }
            (Dialect::Binary, None) => self.binary(Command::Get, 0, &Extras::None, key, 0),
            (Dialect::Binary, Some(expiry)) => self.binary(Command::GetAndTouch, 0, &Extras::Expiry(expiry), key, 0),
            (Dialect::Text, None) => self.ask_for(b"gets ", key),
            (Dialect::Text, Some(expiry)) => {
                self.head.extend_from_slice(b"gats ");
                self.decimal(expiry);
                self.ask_for(b" ", key);
            }
        }
        self.count += 1;
    }

    /// Asks for the version alone.
    pub fn version(&mut self, key: &[u8]) {
        match self.dialect {
            Dialect::Meta => {
                self.words(&[b"mg ", key, b" c"]);
                self.end_meta();
            }
            Dialect::Binary => self.binary(Command::Get, 0, &Extras::None, key, 0),
            Dialect::Text => self.ask_for(b"gets ", key),
        }
        self.count += 1;
    }

    /// Extends the lifetime.
    pub fn touch(&mut self, key: &[u8], expiry: u64) {
        match self.dialect {
            Dialect::Meta => {
                self.words(&[b"mg ", key]);
                self.expiry(Some(expiry));
                self.end_meta();
            }
            Dialect::Binary => self.binary(Command::Touch, 0, &Extras::Expiry(expiry), key, 0),
            Dialect::Text => {
                self.words(&[b"touch ", key, b" "]);
                self.decimal(expiry);
                self.head.extend_from_slice(b"\r\n");
            }
        }
        self.count += 1;
    }

    /// Stores the parts of a value, one behind the other. If the third part is large it is left out and
    /// returned: it is to be sent between the two [`Batch::parts`]. One in a batch may be.
    pub fn store<'d>(&mut self, key: &[u8], mode: Mode, flags: u32, expiry: u64, value: [&'d [u8]; 4]) -> &'d [u8] {
        let [stamp, before, data, after] = value;
        let length = (stamp.len() + before.len() + data.len() + after.len()) as u64;
        match self.dialect {
            Dialect::Meta => {
                self.words(&[b"ms ", key, b" "]);
                self.decimal(length);
                if flags != 0 {
                    self.head.extend_from_slice(b" F");
                    self.decimal(u64::from(flags));
                }
                match mode {
                    Mode::Set => {}
                    Mode::Add => self.head.extend_from_slice(b" ME"),
                    Mode::Version(version) => {
                        self.head.extend_from_slice(b" C");
                        self.decimal(version);
                    }
                    Mode::Replace => self.head.extend_from_slice(b" MR"),
                    Mode::Append => self.head.extend_from_slice(b" MA"),
                }
                self.head.extend_from_slice(b" c");
                self.expiry(Some(expiry));
                self.end_meta();
            }
            Dialect::Binary => {
                let (command, version) = binary::storing(mode);
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                let extras = if mode == Mode::Append { Extras::None } else { Extras::FlagsAndExpiry(flags, expiry) };
                self.binary(command, version, &extras, key, length);
            }
            Dialect::Text => {
                let command: &[u8] = match mode {
                    Mode::Set => b"set ",
                    Mode::Add => b"add ",
                    Mode::Version(_) => b"cas ",
                    Mode::Replace => b"replace ",
                    Mode::Append => b"append ",
                };
                self.words(&[command, key, b" "]);
                self.decimal(u64::from(flags));
                self.head.push(b' ');
                self.decimal(expiry);
                self.head.push(b' ');
                self.decimal(length);
                if let Mode::Version(version) = mode {
                    self.head.push(b' ');
                    self.decimal(version);
                }
                self.head.extend_from_slice(b"\r\n");
            }
        }
        self.count += 1;
        self.words(&[stamp, before]);
        let left_out = data.len() > INLINE && self.split.is_none();
        if left_out {
            self.split = Some(self.head.len());
        } else {
            self.head.extend_from_slice(data);
        }
        self.words(&[after, if self.dialect == Dialect::Binary { b"" } else { b"\r\n" }]);
        if left_out { data } else { b"" }
    }

    /// Deletes; with a version only what has it.
    pub fn delete(&mut self, key: &[u8], version: Option<u64>) {
        match (self.dialect, version) {
            (Dialect::Meta, version) => {
                self.words(&[b"md ", key]);
                if let Some(version) = version {
                    self.head.extend_from_slice(b" C");
                    self.decimal(version);
                }
                self.end_meta();
            }
            (Dialect::Binary, version) => {
                self.binary(Command::Delete, version.unwrap_or_default(), &Extras::None, key, 0);
            }
            (Dialect::Text, None) => self.words(&[b"delete ", key, b"\r\n"]),
            (Dialect::Text, Some(version)) => {
                // There is no such command; a value that is over when it is stored does the same.
                self.words(&[b"cas ", key, b" 0 -1 0 "]);
                self.decimal(version);
                self.head.extend_from_slice(b"\r\n\r\n");
            }
        }
        self.count += 1;
    }

    /// Adds to the number that is stored, or takes away from it, and asks for the result.
    pub fn add(&mut self, key: &[u8], down: bool, by: u64) {
        match self.dialect {
            Dialect::Meta => {
                self.words(&[b"ma ", key, if down { b" MD v D" } else { b" MI v D" }]);
                self.decimal(by);
                self.end_meta();
            }
            Dialect::Binary => {
                let command = if down { Command::Decrement } else { Command::Increment };
                self.binary(command, 0, &Extras::By(by), key, 0);
            }
            Dialect::Text => {
                self.words(&[if down { b"decr " } else { b"incr " }, key, b" "]);
                self.decimal(by);
                self.head.extend_from_slice(b"\r\n");
            }
        }
        self.count += 1;
    }

    /// Forgets all that the server has, whoever stored it.
    pub fn flush(&mut self) {
        if self.dialect == Dialect::Binary {
            self.binary(Command::Flush, 0, &Extras::None, b"", 0);
        } else {
            self.head.extend_from_slice(b"flush_all\r\n");
            self.unnumbered = true;
        }
        self.count += 1;
    }

    /// Something that every server of the dialect answers.
    pub fn hello(&mut self) {
        match self.dialect {
            Dialect::Meta => self.head.extend_from_slice(b"mn\r\n"),
            Dialect::Text => self.head.extend_from_slice(b"version\r\n"),
            Dialect::Binary => self.binary(Command::Nothing, 0, &Extras::None, b"", 0),
        }
        self.unnumbered = self.dialect != Dialect::Binary;
        self.count += 1;
    }

    fn expiry(&mut self, expiry: Option<u64>) {
        if let Some(expiry) = expiry {
            self.head.extend_from_slice(b" T");
            self.decimal(expiry);
        }
    }

    fn end_meta(&mut self) {
        self.head.extend_from_slice(b" O");
        self.decimal(u64::from(self.first.wrapping_add(self.count)));
        self.head.extend_from_slice(b"\r\n");
    }

    fn binary(&mut self, command: Command, version: u64, extras: &Extras, key: &[u8], value: usize) {
        let number = self.first.wrapping_add(self.count);
        binary::begin(&mut self.head, command, number, version, extras, key, value);
    }

    /// The end of a text command that asks for a value.
    fn ask_for(&mut self, before: &[u8], key: &[u8]) {
        self.head.extend_from_slice(before);
        let begin = self.head.len();
        self.asked.push((self.count, begin..begin + key.len()));
        self.words(&[key, b"\r\n"]);
    }

    fn words(&mut self, words: &[&[u8]]) {
        for word in words {
            self.head.extend_from_slice(word);
        }
    }

    fn decimal(&mut self, number: u64) {
        let mut buffer = [0; 20];
        self.head.extend_from_slice(decimal(number, &mut buffer));
    }
}

/// The digits of a number.
pub fn decimal(mut number: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut start = buffer.len();
    for slot in buffer.iter_mut().rev() {
        *slot = b'0' + (number % 10) as u8;
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    buffer.get(start..).unwrap_or_default()
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

    #[test]
    fn commands_are_written_as_they_should() {
        let mut batch = Batch::default();
        batch.begin(Dialect::Meta, 7, 1024);
        batch.get(b"k", Some(60));
        batch.touch(b"k", 5);
        batch.version(b"k");
        assert_eq!(batch.store(b"k", Mode::Add, 0, 9, [b"", b"a", b"b", b"c"]), b"");
        assert_eq!(batch.store(b"k", Mode::Version(3), 16, 9, [b"", b"", b"", b""]), b"");
        batch.delete(b"k", Some(4));
        batch.delete(b"k", None);
        batch.add(b"k", false, 5);
        let expected = b"mg k v f c T60 O7\r\nmg k T5 O8\r\nmg k c O9\r\nms k 3 ME c T9 O10\r\nabc\r\n\
            ms k 0 F16 C3 c T9 O11\r\n\r\nmd k C4 O12\r\nmd k O13\r\nma k MI v D5 O14\r\n";
        assert_eq!(batch.parts(), (expected.as_slice(), b"".as_slice()));
        assert_eq!(batch.count(), 8);
        batch.begin(Dialect::Text, 7, 1024);
        batch.get(b"k", Some(60));
        batch.get(b"k", None);
        batch.touch(b"k", 5);
        batch.store(b"k", Mode::Set, 16, 9, [b"", b"", b"b", b""]);
        batch.store(b"k", Mode::Version(3), 0, 9, [b"", b"", b"b", b""]);
        batch.delete(b"k", Some(4));
        batch.add(b"k", true, 5);
        batch.flush();
        let expected = b"gats 60 k\r\ngets k\r\ntouch k 5\r\nset k 16 9 1\r\nb\r\ncas k 0 9 1 3\r\nb\r\n\
            cas k 0 -1 0 4\r\n\r\ndecr k 5\r\nflush_all\r\n";
        assert_eq!(batch.parts().0, expected);
    }

    #[test]
    fn a_large_value_is_left_where_it_is() {
        let large = vec![b'x'; INLINE + 1];
        let mut batch = Batch::default();
        batch.begin(Dialect::Meta, 0, 1024);
        let body = batch.store(b"k", Mode::Set, 0, 9, [b"", b"<", &large, b">"]);
        batch.delete(b"l", None);
        assert_eq!(body, large);
        let (head, tail) = batch.parts();
        assert!(head.ends_with(b"O0\r\n<"));
        assert_eq!(tail, b">\r\nmd l O1\r\n");
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
