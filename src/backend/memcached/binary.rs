//! Memcached's binary protocol, the part that a session store needs: the third dialect, for servers that
//! speak nothing else because they ask for a password by SASL.
//!
//! Every command and every reply begins with a header of 24 bytes. Like the meta commands it carries a
//! number that the reply repeats.

use super::protocol::{Extent, Kind, MAX_KEY, MAX_VALUE, Mode};

/// What replies begin with, and none in the other dialects.
pub(super) const REPLY: u8 = 0x81;
const REQUEST: u8 = 0x80;
const HEADER: usize = 24;
/// "Do not create it", where a number is added to.
const NOT_ANEW: u32 = u32::MAX;

/// Commands, by their numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Get = 0x00,
    Set = 0x01,
    Add = 0x02,
    Replace = 0x03,
    Delete = 0x04,
    Increment = 0x05,
    Decrement = 0x06,
    Flush = 0x08,
    Nothing = 0x0a,
    Append = 0x0e,
    Touch = 0x1c,
    GetAndTouch = 0x1d,
    Authenticate = 0x21,
}

/// What stands between header and key.
pub(super) enum Extras {
    None,
    Expiry(u64),
    FlagsAndExpiry(u32, u64),
    By(u64),
}

impl Extras {
    fn length(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Expiry(_) => 4,
            Self::FlagsAndExpiry(..) => 8,
            Self::By(_) => 20,
        }
    }
}

/// Writes a command as far as its value, which has `value` bytes.
pub(super) fn begin(
    into: &mut Vec<u8>,
    command: Command,
    number: u32,
    version: u64,
    extras: &Extras,
    key: &[u8],
    value: usize,
) {
    let length = usize::from(extras.length()) + key.len() + value;
    into.push(REQUEST);
    into.push(command as u8);
    // Keys and values were checked; what is too long here is refused by the server.
    into.extend_from_slice(&u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes());
    into.extend_from_slice(&[extras.length(), 0, 0, 0]);
    into.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    into.extend_from_slice(&number.to_be_bytes());
    into.extend_from_slice(&version.to_be_bytes());
    let seconds = |expiry: u64| u32::try_from(expiry).unwrap_or(0).to_be_bytes();
    match extras {
        Extras::None => {}
        Extras::Expiry(expiry) => into.extend_from_slice(&seconds(*expiry)),
        Extras::FlagsAndExpiry(flags, expiry) => {
            into.extend_from_slice(&flags.to_be_bytes());
            into.extend_from_slice(&seconds(*expiry));
        }
        Extras::By(by) => {
            into.extend_from_slice(&by.to_be_bytes());
            into.extend_from_slice(&0_u64.to_be_bytes());
            into.extend_from_slice(&NOT_ANEW.to_be_bytes());
        }
    }
    into.extend_from_slice(key);
}

/// The command that stores on a condition, and the version that it names.
pub(super) fn storing(mode: Mode) -> (Command, u64) {
    match mode {
        Mode::Set => (Command::Set, 0),
        Mode::Add => (Command::Add, 0),
        Mode::Version(version) => (Command::Set, version),
        Mode::Replace => (Command::Replace, 0),
        Mode::Append => (Command::Append, 0),
    }
}

/// User and password, as SASL's mechanism PLAIN has them.
pub(super) fn authenticate(user: &str, password: &str) -> Vec<u8> {
    let mut said = Vec::new();
    let value = [b"\0", user.as_bytes(), b"\0", password.as_bytes()].concat();
    begin(&mut said, Command::Authenticate, 0, 0, &Extras::None, b"PLAIN", value.len());
    said.extend_from_slice(&value);
    said
}

/// Finds the reply that begins with the first byte, which is [`REPLY`]. The inner error says how many bytes
/// it needs at least.
pub(super) fn find(bytes: &[u8]) -> Result<Result<Extent, usize>, &'static str> {
    let Some(header) = bytes.first_chunk::<HEADER>() else { return Ok(Err(HEADER)) };
    let [_, command, key_high, key_low, extras, _, status_high, status_low, rest @ ..] = *header;
    let [l0, l1, l2, l3, n0, n1, n2, n3, version @ ..] = rest;
    let length = usize::try_from(u32::from_be_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
    let key = usize::from(u16::from_be_bytes([key_high, key_low]));
    let before = usize::from(extras) + key;
    if length > MAX_VALUE + MAX_KEY || before > length {
        return Err("a reply that is larger than any session");
    }
    let (from, to) = (HEADER + before, HEADER + length);
    if bytes.len() < to {
        return Ok(Err(to));
    }
    let mut extent = Extent::of(Kind::Done, to);
    extent.number = Some(u32::from_be_bytes([n0, n1, n2, n3]));
    extent.version = u64::from_be_bytes(version);
    (extent.from, extent.to) = (from, to);
    let is = |one: Command| command == one as u8;
    extent.kind = match u16::from_be_bytes([status_high, status_low]) {
        0 if is(Command::Get) || is(Command::GetAndTouch) => {
            let flags = bytes.get(HEADER..HEADER + 4).and_then(<[u8]>::first_chunk::<4>).filter(|_| extras == 4);
            extent.flags = u32::from_be_bytes(*flags.ok_or("a value without its flags")?);
            Kind::Value
        }
        0 if is(Command::Increment) || is(Command::Decrement) => {
            let sum = bytes.get(from..to).and_then(<[u8]>::first_chunk::<8>).ok_or("a sum that is no number")?;
            extent.version = u64::from_be_bytes(*sum);
            Kind::Number
        }
        0 => Kind::Done,
        1 => Kind::Missing,
        2 if is(Command::Add) => Kind::NotStored,
        2 => Kind::Changed,
        5 => Kind::NotStored,
        _ => Kind::Error,
    };
    Ok(Ok(extent))
}

#[cfg(test)]
mod tests {
    use super::super::protocol::{Reply, find as find_any};
    use super::*;
    use proptest::prelude::*;

    fn reply(command: Command, status: u16, extras: &[u8], value: &[u8]) -> Vec<u8> {
        let mut wire = vec![REPLY, command as u8, 0, 0, extras.len() as u8, 0];
        wire.extend_from_slice(&status.to_be_bytes());
        wire.extend_from_slice(&((extras.len() + value.len()) as u32).to_be_bytes());
        wire.extend_from_slice(&7_u32.to_be_bytes());
        wire.extend_from_slice(&9_u64.to_be_bytes());
        wire.extend_from_slice(extras);
        wire.extend_from_slice(value);
        wire
    }

    #[test]
    fn every_answer() {
        let value = Reply::Value { data: b"data", flags: 256, version: 9, key: b"" };
        for (wire, expected) in [
            (reply(Command::Get, 0, &[0, 0, 1, 0], b"data"), value),
            (reply(Command::GetAndTouch, 0, &[0, 0, 1, 0], b"data"), value),
            (reply(Command::Touch, 0, &[0, 0, 1, 0], b""), Reply::Done { version: 9 }),
            (reply(Command::Set, 0, b"", b""), Reply::Done { version: 9 }),
            (reply(Command::Increment, 0, b"", &42_u64.to_be_bytes()), Reply::Number(42)),
            (reply(Command::Get, 1, b"", b"Not found"), Reply::Missing),
            (reply(Command::Set, 2, b"", b"Data exists for key."), Reply::Changed),
            (reply(Command::Delete, 2, b"", b"Data exists for key."), Reply::Changed),
            (reply(Command::Add, 2, b"", b"Data exists for key."), Reply::NotStored),
            (reply(Command::Set, 3, b"", b"Too large."), Reply::Error(b"Too large.")),
            (reply(Command::Get, 0x20, b"", b"Auth failure."), Reply::Error(b"Auth failure.")),
        ] {
            let extent = find_any(&wire).unwrap().unwrap();
            assert_eq!((extent.reply(&wire), extent.number, extent.length), (expected, Some(7), wire.len()));
            for cut in 1..wire.len() {
                let needed = find_any(&wire[..cut]).unwrap().unwrap_err();
                assert!(needed > cut && needed <= wire.len());
            }
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut large = reply(Command::Get, 0, &[0; 4], b"");
        large[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        let mut short = reply(Command::Get, 0, &[0; 4], b"");
        short[4] = 5;
        for wire in [large, short, reply(Command::Get, 0, b"", b"data"), reply(Command::Increment, 0, b"", b"42")] {
            assert!(find_any(&wire).is_err(), "{wire:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(rest in proptest::collection::vec(any::<u8>(), 0..100)) {
            let wire = [&[REPLY][..], &rest].concat();
            if let Ok(Ok(extent)) = find_any(&wire) {
                prop_assert!(extent.length <= wire.len());
                let _ = extent.reply(&wire);
            }
        }
    }
}
