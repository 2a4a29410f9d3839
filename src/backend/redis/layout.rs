//! How a session's bytes stand in the record: as they are, or as PHP's `serialize()` would write
//! one string, which is what adapters that store through a serializing cache leave behind.

use super::protocol::{Frame, decimal};

/// Data larger than this is sent from where it is instead of being copied behind the command.
pub(super) const INLINE: usize = 16 * 1024;

/// The form of stored records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Layout {
    /// The session's bytes.
    #[default]
    Raw,
    /// `s:LENGTH:"BYTES";`. Records that are not in this form are read as they are.
    Serialized,
    /// The session's bytes, but records in the serialized form are understood. Bytes that look like it
    /// are wrapped, so that what is written is read.
    Either,
}

impl Layout {
    /// Writes the last argument of a command. Large data is left out and returned with what follows
    /// it.
    pub(super) fn last_argument<'a>(self, frame: &mut Frame, data: &'a [u8]) -> (&'a [u8], &'static [u8]) {
        let tail = self.before(frame, data);
        if data.len() > INLINE {
            return (data, tail);
        }
        frame.raw(data);
        frame.raw(tail);
        (b"", b"")
    }

    /// Writes an argument in the middle of a command.
    pub(super) fn argument(self, frame: &mut Frame, data: &[u8]) {
        let tail = self.before(frame, data);
        frame.raw(data);
        frame.raw(tail);
    }

    fn before(self, frame: &mut Frame, data: &[u8]) -> &'static [u8] {
        match self {
            Self::Either if unserialized(data).is_some() => Self::Serialized.before(frame, data),
            Self::Raw | Self::Either => {
                frame.announce(data.len());
                b"\r\n"
            }
            Self::Serialized => {
                let mut buffer = [0; 20];
                let digits = decimal(data.len() as u64, &mut buffer);
                frame.announce(2 + digits.len() + 2 + data.len() + 2);
                frame.raw(b"s:");
                frame.raw(digits);
                frame.raw(b":\"");
                b"\";\r\n"
            }
        }
    }

    /// The session's bytes in a record.
    pub(super) fn payload(self, stored: &[u8]) -> &[u8] {
        match self {
            Self::Raw => stored,
            Self::Serialized | Self::Either => unserialized(stored).unwrap_or(stored),
        }
    }
}

/// The string in `s:LENGTH:"BYTES";`, if that is exactly what it is.
fn unserialized(stored: &[u8]) -> Option<&[u8]> {
    let rest = stored.strip_prefix(b"s:")?;
    let colon = rest.iter().take(20).position(|byte| *byte == b':')?;
    let (digits, rest) = rest.split_at(colon);
    let inner = rest.strip_prefix(b":\"")?.strip_suffix(b"\";")?;
    let mut buffer = [0; 20];
    (digits == decimal(inner.len() as u64, &mut buffer)).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_layer_is_taken_off_and_only_if_it_is_exact() {
        let serialized = Layout::Serialized;
        assert_eq!(serialized.payload(b"s:5:\"a|i:1\";"), b"a|i:1");
        assert_eq!(serialized.payload(b"s:0:\"\";"), b"");
        assert_eq!(serialized.payload(b"s:8:\"s:1:\"a\";\";"), b"s:1:\"a\";");
        for raw in
            [b"a|i:1;".as_slice(), b"s:6:\"a|i:1\";", b"s:05:\"a|i:1\";", b"s:5:\"a|i:1\"", b"s:1:\"", b"s::\"\";", b""]
        {
            assert_eq!(serialized.payload(raw), raw);
        }
        assert_eq!(Layout::Raw.payload(b"s:0:\"\";"), b"s:0:\"\";");
        assert_eq!(Layout::Either.payload(b"a|i:1;"), b"a|i:1;");
        assert_eq!(Layout::Either.payload(b"s:5:\"a|i:1\";"), b"a|i:1");
    }

    #[test]
    fn bytes_that_look_serialized_are_told_from_those_that_are() {
        let mut frame = Frame::default();
        Layout::Either.argument(&mut frame, b"s:1:\"a\";");
        assert_eq!(frame.as_bytes(), b"$15\r\ns:8:\"s:1:\"a\";\";\r\n");
        let mut frame = Frame::default();
        Layout::Either.argument(&mut frame, b"a|i:1;");
        assert_eq!(frame.as_bytes(), b"$6\r\na|i:1;\r\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            for layout in [Layout::Raw, Layout::Serialized, Layout::Either] {
                let mut frame = Frame::default();
                prop_assert_eq!(layout.last_argument(&mut frame, &data), (b"".as_slice(), b"".as_slice()));
                let Ok(super::super::protocol::Parsed::Complete(super::super::protocol::Reply::Bulk(stored), length)) =
                    super::super::protocol::parse(frame.as_bytes())
                else {
                    return Err(TestCaseError::fail("not a bulk string"));
                };
                prop_assert_eq!(length, frame.as_bytes().len());
                prop_assert_eq!(layout.payload(stored), &data);
            }
        }
    }
}
