//! Session ids: checked once, before anything makes a path or a key of them.

use crate::error::{Error, Kind, Operation};
use std::fmt;

/// The longest id that is accepted, as in PHP's own session module.
pub const MAX_LENGTH: usize = 256;

/// An id that is safe in a path and in a key: 1 to 256 of `a-z A-Z 0-9 , -`, as PHP's files
/// handler demands it.
///
/// The underscore stays out on purpose: a store may keep the lock of `ID` under `ID_LOCK`, and
/// nobody may choose an id that names another session's lock.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId<'a>(&'a [u8]);

impl<'a> SessionId<'a> {
    /// Checks bytes that came from outside.
    ///
    /// # Errors
    /// [`Kind::InvalidId`], with a reason that says which rule is broken and does not repeat the id.
    pub fn parse(bytes: &'a [u8], operation: Operation) -> Result<Self, Error> {
        let reject = |reason: &str| Err(Error::new(Kind::InvalidId, "session", operation, reason));
        if bytes.is_empty() {
            return reject("the session id is empty");
        }
        if bytes.len() > MAX_LENGTH {
            return reject("the session id is longer than 256 characters");
        }
        if !bytes.iter().fold(true, |valid, byte| valid & is_valid(*byte)) {
            return reject("the session id contains characters other than a-z, A-Z, 0-9, \",\" and \"-\"");
        }
        Ok(Self(bytes))
    }

    /// The id that has these bytes, if `checked` has them too: an id that was parsed before.
    /// Comparing costs a third of checking.
    pub(super) fn known(bytes: &'a [u8], checked: &[u8]) -> Option<Self> {
        (bytes == checked).then_some(Self(bytes))
    }

    /// The whole id. For keys and paths, never for messages.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        // Never empty: the characters of an id are ASCII.
        std::str::from_utf8(self.0).unwrap_or_default()
    }

    /// The id's bytes.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

/// Without branches, so that the compiler checks many bytes at once: ids are checked at every call.
const fn is_valid(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10) | (byte == b',') | (byte == b'-')
}

/// Enough of the id to find it in a log, too little to use it: the first five characters.
impl fmt::Display for SessionId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.as_str();
        let shown = id.len().min(5).min(id.len() / 2);
        write!(f, "{}...", &id[..shown])
    }
}

impl fmt::Debug for SessionId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_the_folder_or_name_a_lock_is_refused() {
        for bad in ["", "../etc", "a/b", "a\\b", "a.b", "a b", "a\0b", "abc_LOCK", "é", &"x".repeat(257)] {
            assert!(SessionId::parse(bad.as_bytes(), Operation::Read).is_err(), "{bad:?}");
        }
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || matches!(byte, b',' | b'-');
            assert_eq!(SessionId::parse(&[byte], Operation::Read).is_ok(), expected, "{byte}");
        }
        for good in ["a", "A-z,9", &"x".repeat(256)] {
            assert!(SessionId::parse(good.as_bytes(), Operation::Read).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn exactly_the_characters_that_php_accepts() {
        for byte in 0..=u8::MAX {
            let wanted = byte.is_ascii_alphanumeric() || byte == b',' || byte == b'-';
            // At the start, in the middle and behind the last full vector.
            for place in [0, 20, 32] {
                let mut id = [b'a'; 33];
                id[place] = byte;
                assert_eq!(SessionId::parse(&id, Operation::Read).is_ok(), wanted, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn a_message_never_shows_the_whole_id() {
        let id = SessionId::parse(b"abcdefghijklmnopqrstuvwxyz", Operation::Read).unwrap();
        assert_eq!(id.to_string(), "abcde...");
        let short = SessionId::parse(b"abc", Operation::Read).unwrap();
        assert_eq!(short.to_string(), "a...");
    }
}
