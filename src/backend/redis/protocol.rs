//! RESP2, the part of the wire format that a session store needs: commands out, replies in.
//!
//! The parser trusts nobody. It never allocates, works on whatever part of a reply has arrived, and
//! refuses lengths, counts and depths that no answer to our commands can have.

/// The longest bulk string that is accepted, in bytes: twice the largest session.
pub const MAX_BULK: usize = 128 * 1024 * 1024;
/// The longest line (status, error or length) that is accepted, in bytes.
pub const MAX_LINE: usize = 16 * 1024;
/// The most elements of a reply, those of nested arrays included: the slots of a large cluster in
/// many pieces.
pub const MAX_ELEMENTS: usize = 64 * 1024;
/// How deep arrays may be nested.
pub const MAX_DEPTH: usize = 4;

/// A reply. Its bytes stay in the buffer that they arrived in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// `+OK`
    Status(&'a [u8]),
    /// `-ERR what went wrong`
    Error(&'a [u8]),
    /// `:1`
    Integer(i64),
    /// `$3 abc`
    Bulk(&'a [u8]),
    /// `$-1` or `*-1`
    Null,
    /// `*2 ...`
    Array(Items<'a>),
}

/// The elements of an array reply, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Items<'a> {
    left: usize,
    bytes: &'a [u8],
}

impl<'a> Iterator for Items<'a> {
    type Item = Reply<'a>;

    #[inline]
    fn next(&mut self) -> Option<Reply<'a>> {
        self.left = self.left.checked_sub(1)?;
        // An array is handed out complete and checked, so this always succeeds.
        match parse(self.bytes) {
            Ok(Parsed::Complete(reply, length)) => {
                self.bytes = self.bytes.get(length..).unwrap_or_default();
                Some(reply)
            }
            _ => None,
        }
    }
}

/// How far the bytes at hand go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// One whole reply and its length on the wire.
    Complete(Reply<'a>, usize),
    /// The reply is at least this long, which is more than there is.
    Incomplete(usize),
}

/// What arrived is not RESP2, or is larger than any answer to our commands. The connection has no
/// known state any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// A reply in the terms of its place: for those who must let go of the buffer between finding a
/// reply and using it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    kind: Kind,
    /// Where its content is.
    from: usize,
    to: usize,
    /// Its length on the wire.
    pub length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Status,
    Error,
    Integer(i64),
    Bulk,
    Null,
    Array(usize),
}

impl Extent {
    /// The reply. `bytes` must be those in which it was found.
    #[must_use]
    #[inline]
    pub fn reply<'a>(&self, bytes: &'a [u8]) -> Reply<'a> {
        let content = bytes.get(self.from..self.to).unwrap_or_default();
        match self.kind {
            Kind::Status => Reply::Status(content),
            Kind::Error => Reply::Error(content),
            Kind::Integer(number) => Reply::Integer(number),
            Kind::Bulk => Reply::Bulk(content),
            Kind::Null => Reply::Null,
            Kind::Array(left) => Reply::Array(Items { left, bytes: content }),
        }
    }
}

/// Looks at the reply that begins with the first byte.
///
/// # Errors
/// [`Malformed`] as soon as the bytes at hand cannot be the beginning of an acceptable reply.
pub fn parse(bytes: &[u8]) -> Result<Parsed<'_>, Malformed> {
    Ok(match find(bytes)? {
        Ok(extent) => Parsed::Complete(extent.reply(bytes), extent.length),
        Err(needed) => Parsed::Incomplete(needed),
    })
}

/// As [`parse`]; the inner error is the number of bytes that are needed at least.
///
/// # Errors
/// As [`parse`].
pub fn find(bytes: &[u8]) -> Result<Result<Extent, usize>, Malformed> {
    if let Some(usual) = usual(bytes) {
        return Ok(Ok(usual));
    }
    let mut budget = MAX_ELEMENTS;
    find_within(bytes, MAX_DEPTH, &mut budget)
}

/// What nearly all replies are: `+OK`, a digit, or a whole string of less than 10 000 bytes. Found in a third of
/// the time that it takes to expect everything; whatever is none of them is left to that.
fn usual(bytes: &[u8]) -> Option<Extent> {
    let line = match bytes {
        [b'$', line @ ..] => line,
        [b'+', b'O', b'K', b'\r', b'\n', ..] => {
            return Some(Extent { kind: Kind::Status, from: 1, to: 3, length: 5 });
        }
        [b':', digit @ b'0'..=b'9', b'\r', b'\n', ..] => {
            return Some(Extent { kind: Kind::Integer(i64::from(digit - b'0')), from: 1, to: 2, length: 4 });
        }
        _ => return None,
    };
    let mut length = 0;
    for (digits, byte) in line.iter().enumerate().take(5) {
        match byte {
            b'0'..=b'9' => length = 10 * length + usize::from(byte - b'0'),
            b'\r' if digits > 0 && line.get(digits + 1) == Some(&b'\n') => {
                let from = 1 + digits + 2;
                let to = from + length;
                let ends = bytes.get(to..to + 2) == Some(b"\r\n");
                return ends.then_some(Extent { kind: Kind::Bulk, from, to, length: to + 2 });
            }
            _ => return None,
        }
    }
    None
}

fn find_within(bytes: &[u8], depth: usize, budget: &mut usize) -> Result<Result<Extent, usize>, Malformed> {
    let Some((kind, rest)) = bytes.split_first() else {
        return Ok(Err(1));
    };
    if !matches!(kind, b'+' | b'-' | b':' | b'$' | b'*') {
        return Err(Malformed("a reply begins with a byte that no reply begins with"));
    }
    let Some(line) = line(rest)? else {
        // The shortest end of a line that may be missing is its line feed.
        return Ok(Err(bytes.len() + 1));
    };
    let after_line = 1 + line.len() + 2;
    let on_the_line = |kind| Ok(Ok(Extent { kind, from: 1, to: 1 + line.len(), length: after_line }));
    match kind {
        b'+' => on_the_line(Kind::Status),
        b'-' => on_the_line(Kind::Error),
        b':' => on_the_line(Kind::Integer(integer(line)?)),
        b'$' => {
            let Some(length) = length(line, MAX_BULK)? else {
                return on_the_line(Kind::Null);
            };
            let to = after_line + length;
            match bytes.get(to..to + 2) {
                Some(b"\r\n") => Ok(Ok(Extent { kind: Kind::Bulk, from: after_line, to, length: to + 2 })),
                Some(_) => Err(Malformed("a string reply is longer than announced")),
                None => Ok(Err(to + 2)),
            }
        }
        _ => {
            let Some(count) = length(line, MAX_ELEMENTS)? else {
                return on_the_line(Kind::Null);
            };
            let Some(depth) = depth.checked_sub(1) else {
                return Err(Malformed("arrays are nested too deeply"));
            };
            let mut end = after_line;
            for _ in 0..count {
                *budget = budget.checked_sub(1).ok_or(Malformed("a reply has too many elements"))?;
                match find_within(bytes.get(end..).unwrap_or_default(), depth, budget)? {
                    Ok(element) => end += element.length,
                    Err(needed) => return Ok(Err(end + needed)),
                }
            }
            Ok(Ok(Extent { kind: Kind::Array(count), from: after_line, to: end, length: end }))
        }
    }
}

/// The bytes before the first CR LF, or `None` if it has not arrived yet.
fn line(bytes: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    // Most lines are one digit.
    if let [_, b'\r', b'\n', ..] = bytes
        && bytes[0] != b'\r'
    {
        return Ok(Some(&bytes[..1]));
    }
    let window = bytes.get(..MAX_LINE + 2).unwrap_or(bytes);
    match window.iter().position(|byte| *byte == b'\r') {
        Some(end) => match window.get(end + 1) {
            Some(b'\n') => Ok(Some(&window[..end])),
            Some(_) => Err(Malformed("a line has a carriage return in its middle")),
            None if end <= MAX_LINE => Ok(None),
            None => Err(Malformed("a line is too long")),
        },
        None if window.len() > MAX_LINE => Err(Malformed("a line is too long")),
        None => Ok(None),
    }
}

fn integer(line: &[u8]) -> Result<i64, Malformed> {
    if let [digit @ b'0'..=b'9'] = line {
        return Ok(i64::from(digit - b'0'));
    }
    let (negative, digits) = match line.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, line),
    };
    let mut value: i64 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return Err(Malformed("a number has something else than digits"));
        }
        // Counted downwards, where there is one number more.
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_sub(i64::from(digit - b'0')))
            .ok_or(Malformed("a number is too large"))?;
    }
    if digits.is_empty() {
        return Err(Malformed("a number has no digits"));
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or(Malformed("a number is too large")) }
}

/// A length or count; `None` for the -1 that means null.
fn length(line: &[u8], limit: usize) -> Result<Option<usize>, Malformed> {
    match integer(line)? {
        -1 => Ok(None),
        announced => match usize::try_from(announced) {
            Ok(length) if length <= limit => Ok(Some(length)),
            _ => Err(Malformed("a reply announces more than any session holds")),
        },
    }
}

/// Commands, written one after the other into one buffer that is kept.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    bytes: Vec<u8>,
    /// Numbers that were written last, as arguments: lifetimes and leases hardly ever change.
    numbers: [Number; 2],
    next: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Number {
    value: u64,
    wire: [u8; 27],
    length: usize,
}

impl Frame {
    /// Forgets what was written; a buffer that grew beyond `keep` bytes is given back.
    pub fn clear(&mut self, keep: usize) {
        if self.bytes.capacity() > keep {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
    }

    /// Whether these bytes stand there.
    #[must_use]
    pub fn has(&self, place: usize, bytes: &[u8]) -> bool {
        self.bytes.get(place..).is_some_and(|rest| rest.starts_with(bytes))
    }

    /// Puts other bytes in the place of as many.
    pub fn replace(&mut self, place: usize, bytes: &[u8]) {
        if let Some(there) = self.bytes.get_mut(place..place + bytes.len()) {
            there.copy_from_slice(bytes);
        }
    }

    /// What was written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins a command of so many arguments, its name included.
    pub fn begin(&mut self, arguments: usize) {
        self.header(b'*', arguments);
    }

    /// AUTH.
    pub fn auth(&mut self, user: Option<&str>, password: &str) {
        self.begin(if user.is_some() { 3 } else { 2 });
        self.arg(b"AUTH");
        if let Some(user) = user {
            self.arg(user.as_bytes());
        }
        self.arg(password.as_bytes());
    }

    /// One argument.
    pub fn arg(&mut self, argument: &[u8]) {
        self.header(b'$', argument.len());
        self.bytes.extend_from_slice(argument);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// One argument, given in parts.
    pub fn arg_of(&mut self, parts: &[&[u8]]) {
        self.header(b'$', parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// One argument that has `middle` in it, and where that stands.
    pub fn arg_around(&mut self, before: &[u8], middle: &[u8], after: &[u8]) -> usize {
        self.arg_of(&[before, middle, after]);
        self.bytes.len() - 2 - after.len() - middle.len()
    }

    /// One argument, a number in decimal.
    #[inline]
    pub fn number(&mut self, value: u64) {
        for known in &self.numbers {
            if known.value == value && known.length > 0 {
                // The copy has a fixed size, which makes it cheap; what is too much of it goes again.
                let end = self.bytes.len() + known.length;
                self.bytes.extend_from_slice(&known.wire);
                self.bytes.truncate(end);
                return;
            }
        }
        self.new_number(value);
    }

    #[inline(never)]
    fn new_number(&mut self, value: u64) {
        let begin = self.bytes.len();
        let mut digits = [0u8; 20];
        self.arg(decimal(value, &mut digits));
        let mut number = Number { value, ..Number::default() };
        if let Some(written) = self.bytes.get(begin..)
            && let Some(wire) = number.wire.get_mut(..written.len())
        {
            wire.copy_from_slice(written);
            number.length = written.len();
            self.next ^= 1;
            self.numbers[self.next] = number;
        }
    }

    /// One argument, `1` or `0`.
    pub fn switch(&mut self, on: bool) {
        self.bytes.extend_from_slice(if on { b"$1\r\n1\r\n" } else { b"$1\r\n0\r\n" });
    }

    /// Bytes that are complete arguments, or the parts of one, already.
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Announces an argument of `length` bytes, which the caller adds with [`Frame::raw`] or sends
    /// after the frame, followed by CR LF.
    pub fn announce(&mut self, length: usize) {
        self.header(b'$', length);
    }

    fn header(&mut self, kind: u8, number: usize) {
        // One and two digits are all that most arguments need.
        if number < 10 {
            self.bytes.extend_from_slice(&[kind, b'0' + number as u8, b'\r', b'\n']);
        } else if number < 100 {
            self.bytes.extend_from_slice(&[kind, b'0' + (number / 10) as u8, b'0' + (number % 10) as u8, b'\r', b'\n']);
        } else {
            let mut digits = [0u8; 20];
            self.bytes.push(kind);
            self.bytes.extend_from_slice(decimal(number as u64, &mut digits));
            self.bytes.extend_from_slice(b"\r\n");
        }
    }
}

/// The decimal digits of a number, written to the end of `buffer`.
pub fn decimal(mut value: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut start = buffer.len();
    while value >= 100 {
        start -= 2;
        buffer[start..start + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    if value >= 10 {
        start -= 2;
        buffer[start..start + 2].copy_from_slice(&PAIRS[value as usize]);
    } else {
        start -= 1;
        buffer[start] = b'0' + value as u8;
    }
    &buffer[start..]
}

/// `00` to `99`.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn complete(bytes: &[u8]) -> (Reply<'_>, usize) {
        match parse(bytes).unwrap() {
            Parsed::Complete(reply, length) => (reply, length),
            Parsed::Incomplete(needed) => panic!("needs {needed} bytes"),
        }
    }

    #[test]
    fn every_kind_of_reply() {
        assert_eq!(complete(b"+OK\r\n+"), (Reply::Status(b"OK"), 5));
        assert_eq!(complete(b"-ERR no\r\n"), (Reply::Error(b"ERR no"), 9));
        assert_eq!(complete(b":-9223372036854775808\r\n").0, Reply::Integer(i64::MIN));
        assert_eq!(complete(b"$3\r\n\0\r\xff\r\n"), (Reply::Bulk(b"\0\r\xff"), 9));
        assert_eq!(complete(b"$0\r\n\r\n").0, Reply::Bulk(b""));
        assert_eq!(complete(b"$-1\r\n").0, Reply::Null);
        assert_eq!(complete(b"*-1\r\n").0, Reply::Null);
        let (Reply::Array(mut items), 21) = complete(b"*3\r\n:1\r\n$-1\r\n*1\r\n+a\r\n") else { panic!() };
        assert_eq!(items.next(), Some(Reply::Integer(1)));
        assert_eq!(items.next(), Some(Reply::Null));
        assert!(matches!(items.next(), Some(Reply::Array(_))));
        assert_eq!(items.next(), None);
    }

    #[test]
    fn what_no_answer_can_be_is_refused_before_it_costs_memory() {
        let deep = b"*1\r\n".repeat(MAX_DEPTH + 1);
        let long = [b"+".as_slice(), &vec![b'x'; MAX_LINE + 1]].concat();
        let wide = format!("*4\r\n{}", "*60000\r\n".repeat(4)).into_bytes();
        let half = [b"*40000\r\n".as_slice(), &b":1\r\n".repeat(40_000)].concat();
        let many = [b"*2\r\n".as_slice(), &half, &half].concat();
        assert!(matches!(parse(&wide), Err(_) | Ok(Parsed::Incomplete(_))));
        for bad in [
            b"$10737418240\r\n".as_slice(),
            b"$-2\r\n",
            b"*1000000\r\n",
            b"*-5\r\n",
            b":12a\r\n",
            b":\r\n",
            b":99999999999999999999\r\n",
            b"$1\r\nab\r\n",
            b"+a\rb\r\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"\0",
            &deep,
            &long,
            &many,
        ] {
            assert!(parse(bad).is_err(), "{:?}", String::from_utf8_lossy(&bad[..bad.len().min(30)]));
        }
    }

    #[test]
    fn a_command_on_the_wire() {
        let mut frame = Frame::default();
        frame.begin(3);
        frame.arg(b"SET");
        frame.arg_of(&[b"p:", b"id", b""]);
        frame.number(1_440_000);
        frame.begin(10);
        frame.announce(100);
        assert_eq!(frame.as_bytes(), b"*3\r\n$3\r\nSET\r\n$4\r\np:id\r\n$7\r\n1440000\r\n*10\r\n$100\r\n");
        for value in [7, u64::MAX, 7, 1_440_000, u64::MAX, 0, 0, 7] {
            frame.clear(usize::MAX);
            frame.number(value);
            let text = value.to_string();
            assert_eq!(frame.as_bytes(), format!("${}\r\n{text}\r\n", text.len()).as_bytes());
        }
        let mut digits = [0; 20];
        assert_eq!(decimal(u64::MAX, &mut digits), b"18446744073709551615");
    }

    fn reply() -> impl Strategy<Value = Vec<u8>> {
        let leaf = prop_oneof![
            "[ -~]{0,20}".prop_map(|text| format!("+{text}\r\n").into_bytes()),
            "[ -~]{0,20}".prop_map(|text| format!("-{text}\r\n").into_bytes()),
            any::<i64>().prop_map(|number| format!(":{number}\r\n").into_bytes()),
            proptest::collection::vec(any::<u8>(), 0..300).prop_map(|data| [
                format!("${}\r\n", data.len()).as_bytes(),
                &data,
                b"\r\n"
            ]
            .concat()),
            Just(b"$-1\r\n".to_vec()),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            proptest::collection::vec(inner, 0..5)
                .prop_map(|items| [format!("*{}\r\n", items.len()).into_bytes(), items.concat()].concat())
        })
    }

    proptest! {
        #[test]
        fn a_reply_is_the_same_however_it_is_cut(wire in reply()) {
            let (all, length) = complete(&wire);
            prop_assert_eq!(length, wire.len());
            for cut in 0..wire.len() {
                match parse(&wire[..cut]).unwrap() {
                    Parsed::Incomplete(needed) => prop_assert!(needed > cut && needed <= wire.len()),
                    Parsed::Complete(..) => prop_assert!(false, "complete after {} of {}", cut, wire.len()),
                }
            }
            let followed = [wire.as_slice(), b"+next\r\n"].concat();
            prop_assert_eq!(complete(&followed), (all, length));
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn nearly_right_never_panics_and_never_claims_more_than_there_is(
            wire in reply(), at in any::<prop::sample::Index>(), byte in any::<u8>()
        ) {
            let mut wire = wire;
            let at = at.index(wire.len());
            wire[at] = byte;
            if let Ok(Parsed::Complete(reply, length)) = parse(&wire) {
                prop_assert!(length <= wire.len());
                if let Reply::Array(items) = reply {
                    prop_assert!(items.count() <= MAX_ELEMENTS);
                }
            }
        }
    }
}
