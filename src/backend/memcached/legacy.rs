//! Taking over the references that DALMP has noted: one item with an array of all sessions, as PHP serializes
//! `[KEY => [REFERENCE => EXPIRY]]`.
//!
//! The item is read in front of each listing, in case a program of DALMP's still writes it, and removed once it was
//! taken over, unless it was written again meanwhile. A session that has a reference of its own by then keeps that.
//! Every server is asked: which one DALMP's client has picked for the item depends on that client's settings.

use super::error;
use super::format;
use super::protocol::Reply;
use super::store::Memcached;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::reference::{Assignment, Reference, Terms};
use std::time::Duration;

/// pecl-memcache's flag of a value that PHP's `serialize()` made.
const PECL_SERIALIZED: u32 = 1;
/// The longest decimal number that is read.
const DIGITS: usize = 19;

/// What DALMP has noted of one session.
#[derive(Debug, PartialEq, Eq)]
struct Note<'a> {
    key: &'a [u8],
    reference: &'a [u8],
    expires: u64,
}

/// The item as it was read.
struct Item {
    value: Vec<u8>,
    version: u64,
}

impl Memcached {
    /// Gives the sessions in DALMP's item the references that it notes.
    pub(super) fn take_over(&mut self) -> Result<()> {
        let Some(key) = self.dalmp_references.clone() else { return Ok(()) };
        for at in 0..self.cluster.addresses().count() {
            match self.take_over_from(key.as_bytes(), at) {
                // What is there comes with a later listing; the sessions on other servers are listed all the same.
                Err(error) if error.is_outage() => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    fn take_over_from(&mut self, key: &[u8], at: usize) -> Result<()> {
        let Some(item) = self.noted(key, at)? else { return Ok(()) };
        // Whatever else it is, it is not ours to remove.
        let Some(notes) = notes(&item.value) else { return Ok(()) };
        let operation = Operation::Touch;
        let now = self.clock.now();
        let mut sessions = Vec::new();
        for note in notes {
            let id = self.keys.id_in(note.key).filter(|id| SessionId::parse(id, operation).is_ok());
            let left = note.expires.checked_sub(now).filter(|left| *left > 0);
            if let (Some(id), Some(left), Ok(reference)) = (id, left, Reference::parse(note.reference, operation)) {
                sessions.push((id.to_vec(), reference, Duration::from_secs(left)));
            }
        }
        let ids: Vec<Vec<u8>> = sessions.iter().map(|(id, ..)| id.clone()).collect();
        let referred = self.are_referred(operation, &ids)?;
        for ((id, reference, left), _) in sessions.iter().zip(referred).filter(|(_, referred)| !*referred) {
            let id = SessionId::parse(id, operation)?;
            if self.keys.accepts(id) {
                let terms = Terms { reference: Assignment::Set(reference), existing: true };
                self.touch_referred(id, *left, &terms)?;
            }
        }
        // A server without versions cannot say whether it is still the same: it lets go of it by itself.
        if item.version != 0 {
            self.cluster.aim(operation, at)?;
            self.cluster.batch.delete(key, Some(item.version));
            self.gone(operation, at)?;
        }
        Ok(())
    }

    /// The item, if there is one that can be unpacked.
    fn noted(&mut self, key: &[u8], at: usize) -> Result<Option<Item>> {
        let operation = Operation::Read;
        self.cluster.aim(operation, at)?;
        self.cluster.batch.get(key, None);
        let item = self.cluster.ask(operation, at, b"", |item: &mut Option<Item>, _, reply, address| match reply {
            Reply::Value { data, flags, version, .. } => {
                let mut value = Vec::new();
                let unpacked = format::unpack(data, flags & !PECL_SERIALIZED, &mut value);
                *item = unpacked.is_ok().then_some(Item { value, version });
                Ok(())
            }
            Reply::Missing => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        })?;
        self.hear(at);
        Ok(item)
    }
}

/// The notes in a value, if it is an array of exactly that shape. One key with no reference is none.
fn notes(value: &[u8]) -> Option<Vec<Note<'_>>> {
    let mut rest = Rest(value);
    let mut notes = Vec::new();
    // Numbers of entries are believed only as far as there are bytes.
    for _ in 0..rest.array()? {
        let key = rest.scalar()?;
        let mut note = None;
        for _ in 0..rest.array()? {
            let reference = rest.scalar()?;
            note = Some(Note { key, reference, expires: number(rest.scalar()?)? });
        }
        rest.token(b"}")?;
        notes.extend(note);
    }
    rest.token(b"}")?;
    rest.0.is_empty().then_some(notes)
}

/// A decimal number that is not negative.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.len() > DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// What is still to be read of a serialized value.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn token(&mut self, token: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(token)?;
        Some(())
    }

    /// What stands in front of a byte, which is within reach of a number.
    fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let length = self.0.iter().take(DIGITS + 2).position(|byte| *byte == end)?;
        let (found, rest) = self.0.split_at_checked(length)?;
        self.0 = rest.get(1..)?;
        Some(found)
    }

    /// The beginning of an array: how many entries it says to have.
    fn array(&mut self) -> Option<u64> {
        self.token(b"a:")?;
        let count = number(self.until(b':')?)?;
        self.token(b"{")?;
        Some(count)
    }

    /// A number as its digits, or the bytes of a text.
    fn scalar(&mut self) -> Option<&'a [u8]> {
        if self.token(b"i:").is_some() {
            let digits = self.until(b';')?;
            number(digits.strip_prefix(b"-").unwrap_or(digits))?;
            return Some(digits);
        }
        self.token(b"s:")?;
        let length = usize::try_from(number(self.until(b':')?)?).ok()?;
        self.token(b"\"")?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        self.token(b"\";")?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_and_numbers_are_references() {
        let value =
            b"a:3:{s:7:\"DALMP_a\";a:1:{i:42;i:1700000000;}s:7:\"DALMP_b\";a:1:{s:3:\"x\";\";s:10:\"1700000001\";}\
            s:7:\"DALMP_c\";a:1:{i:-7;i:5;}}";
        let expected = [
            (b"DALMP_a", b"42".as_slice(), 1_700_000_000),
            (b"DALMP_b", b"x\";", 1_700_000_001),
            (b"DALMP_c", b"-7", 5),
        ]
        .map(|(key, reference, expires)| Note { key, reference, expires });
        assert_eq!(notes(value).unwrap(), expected);
        assert_eq!(notes(b"a:0:{}").unwrap(), []);
        assert_eq!(notes(b"a:1:{s:1:\"k\";a:0:{}}").unwrap(), []);
    }

    #[test]
    fn what_has_another_shape_is_none() {
        for value in [
            b"".as_slice(),
            b"s:1:\"a\";",
            b"a:1:{}",
            b"a:0:{}x",
            b"a:-1:{}",
            b"a:99999999999999999999999:{}",
            b"a:9999999999999999999:{",
            b"a:1:{s:1:\"k\";i:1;}",
            b"a:1:{s:1:\"k\";a:1:{i:42;i:-5;}}",
            b"a:1:{s:1:\"k\";a:1:{i:42;d:5;}}",
            b"a:1:{s:1:\"k\";a:1:{i:42;s:1:\"x\";}}",
            b"a:1:{s:9:\"k\";a:1:{i:42;i:5;}}",
            b"a:1:{s:1:\"k\";a:1:{i:;i:5;}}",
            b"a:1:{s:1:\"k\";a:1:{i:42;i:5;}",
            b"a:1:{s:1:\"k\";O:1:\"X\":0:{}}",
        ] {
            assert_eq!(notes(value), None, "{}", String::from_utf8_lossy(value));
        }
    }

    proptest! {
        #[test]
        fn anything_is_read_without_harm(
            value in proptest::collection::vec(proptest::sample::select(b"a:1:{s:1:\"k\";i:42;}09-\0".to_vec()), 0..80),
            cut in 0_usize..60,
        ) {
            let _ = notes(&value);
            let good = b"a:1:{s:7:\"DALMP_a\";a:1:{i:42;i:1700000000;}}";
            let (front, _) = good.split_at(cut.min(good.len() - 1));
            prop_assert_eq!(notes(front), None);
            let _ = notes(&[front, value.as_slice()].concat());
        }
    }
}
