//! What memcached is asked: commands, in the dialect that the server speaks.

use super::binary::{self, Command, Extras};
use super::protocol::{Dialect, Mode};
use std::ops::Range;

/// Data larger than this is sent from where it is instead of being copied behind its command.
const INLINE: usize = 16 * 1024;

/// Commands for one server, sent together. Their replies come in the same order.
#[derive(Debug, Default)]
pub(super) struct Batch {
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
    pub(super) fn begin(&mut self, dialect: Dialect, first: u32, kept: usize) {
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
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How many commands there are, and so replies.
    #[must_use]
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The number of the first command.
    #[must_use]
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// Whether each reply must have its command's number, unless it is a complaint.
    #[must_use]
    pub(super) fn is_numbered(&self) -> bool {
        !self.unnumbered
    }

    /// Whether a value of `key` is what the command in that place asked for.
    #[must_use]
    pub(super) fn asked_for(&self, place: u32, key: &[u8]) -> bool {
        let asked = self.asked.iter().find(|(asked, _)| *asked == place);
        asked.is_some_and(|(_, range)| self.head.get(range.clone()) == Some(key))
    }

    /// Whether a large value was left out.
    #[must_use]
    pub(super) fn is_split(&self) -> bool {
        self.split.is_some()
    }

    /// The bytes before a large value that is sent from where it is, and those after it.
    #[must_use]
    pub(super) fn parts(&self) -> (&[u8], &[u8]) {
        self.head.split_at_checked(self.split.unwrap_or(self.head.len())).unwrap_or((&self.head, &[]))
    }

    /// Asks for value, flags and version, and with `expiry` extends the lifetime.
    pub(super) fn get(&mut self, key: &[u8], expiry: Option<u64>) {
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
    pub(super) fn version(&mut self, key: &[u8]) {
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
    pub(super) fn touch(&mut self, key: &[u8], expiry: u64) {
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
    pub(super) fn store<'d>(
        &mut self,
        key: &[u8],
        mode: Mode,
        flags: u32,
        expiry: u64,
        value: [&'d [u8]; 4],
    ) -> &'d [u8] {
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
    pub(super) fn delete(&mut self, key: &[u8], version: Option<u64>) {
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
    pub(super) fn add(&mut self, key: &[u8], down: bool, by: u64) {
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
    pub(super) fn flush(&mut self) {
        if self.dialect == Dialect::Binary {
            self.binary(Command::Flush, 0, &Extras::None, b"", 0);
        } else {
            self.head.extend_from_slice(b"flush_all\r\n");
            self.unnumbered = true;
        }
        self.count += 1;
    }

    /// Something that every server of the dialect answers.
    pub(super) fn hello(&mut self) {
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
pub(super) fn decimal(mut number: u64, buffer: &mut [u8; 20]) -> &[u8] {
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
}
