//! The wire's smallest pieces: packets, and the numbers and texts in them.
//!
//! A packet is three bytes of length, one of its place in the exchange, and the payload. A payload of
//! 16 MB or more goes into several packets; the last one is shorter than the longest, if need be empty.

/// What a packet begins with.
pub(super) const HEADER: usize = 4;
/// The longest payload of one packet.
pub(super) const LONGEST: usize = 0xff_ff_ff;

/// Appends a number of a length that depends on it.
pub(super) fn put_number(number: u64, into: &mut Vec<u8>) {
    let bytes = number.to_le_bytes();
    match number {
        0..=250 => into.extend_from_slice(&bytes[..1]),
        251..=0xffff => {
            into.push(0xfc);
            into.extend_from_slice(&bytes[..2]);
        }
        0x1_0000..=0xff_ffff => {
            into.push(0xfd);
            into.extend_from_slice(&bytes[..3]);
        }
        _ => {
            into.push(0xfe);
            into.extend_from_slice(&bytes);
        }
    }
}

/// Appends a text with its length before it.
pub(super) fn put_text(text: &[u8], into: &mut Vec<u8>) {
    put_number(text.len() as u64, into);
    into.extend_from_slice(text);
}

/// Appends the header of a packet.
pub(super) fn put_header(length: usize, number: u8, into: &mut Vec<u8>) {
    let length = u32::try_from(length.min(LONGEST)).unwrap_or_default().to_le_bytes();
    into.extend_from_slice(&[length[0], length[1], length[2], number]);
}

/// Begins a command whose payload is appended next; [`end`] gets what this returns.
pub(super) fn begin(number: u8, into: &mut Vec<u8>) -> (usize, u8) {
    let start = into.len();
    put_header(0, number, into);
    (start, number)
}

/// Ends what [`begin`] began: writes the length, `more` bytes that are sent behind it included, and cuts a payload
/// that is too long for one packet. `more` must be 0 for such a one.
pub(super) fn end((start, number): (usize, u8), more: usize, into: &mut Vec<u8>) {
    let length = into.len().saturating_sub(start + HEADER) + more;
    if length < LONGEST {
        let bytes = u32::try_from(length).unwrap_or_default().to_le_bytes();
        if let Some(place) = into.get_mut(start..start + 3) {
            place.copy_from_slice(&bytes[..3]);
        }
        return;
    }
    let payload = into.split_off(start + HEADER);
    into.truncate(start);
    let mut number = number;
    for part in payload.chunks(LONGEST) {
        put_header(part.len(), number, into);
        into.extend_from_slice(part);
        number = number.wrapping_add(1);
    }
    if payload.len().is_multiple_of(LONGEST) {
        put_header(0, number, into);
    }
}

/// A place in a payload. Each step takes from its beginning; `None` when it ends too early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next `length` bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn skip(&mut self, length: usize) -> Option<()> {
        self.bytes(length).map(drop)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number of `length` bytes, eight at most, the lowest first.
    pub(super) fn fixed(&mut self, length: usize) -> Option<u64> {
        let taken = self.bytes(length)?;
        Some(taken.iter().rev().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A number of a length that depends on it. `None` also for what stands for NULL.
    pub(super) fn number(&mut self) -> Option<u64> {
        match self.byte()? {
            small @ 0..=250 => Some(u64::from(small)),
            0xfc => self.fixed(2),
            0xfd => self.fixed(3),
            0xfe => self.fixed(8),
            _ => None,
        }
    }

    /// A text with its length before it.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.bytes(usize::try_from(length).ok()?)
    }

    /// A text up to the next NUL; the rest if there is none.
    pub(super) fn until_nul(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = self.0.get(..end.unwrap_or(self.0.len())).unwrap_or_default();
        self.0 = self.0.get(text.len() + 1..).unwrap_or_default();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(payload: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mark = begin(0, &mut out);
        out.resize(HEADER + payload, b'x');
        end(mark, 0, &mut out);
        out
    }

    #[test]
    fn a_long_payload_goes_into_several_packets() {
        for (payload, lengths) in [
            (0, vec![0]),
            (1, vec![1]),
            (LONGEST - 1, vec![LONGEST - 1]),
            (LONGEST, vec![LONGEST, 0]),
            (LONGEST + 1, vec![LONGEST, 1]),
            (2 * LONGEST, vec![LONGEST, LONGEST, 0]),
        ] {
            let out = whole(payload);
            let mut cursor = Cursor(&out);
            for (number, length) in lengths.iter().enumerate() {
                assert_eq!(cursor.fixed(3), Some(*length as u64), "{payload}");
                assert_eq!(cursor.byte(), u8::try_from(number).ok());
                assert!(cursor.skip(*length).is_some());
            }
            assert!(cursor.0.is_empty());
        }
        let mut out = Vec::new();
        let mark = begin(0, &mut out);
        out.push(b'a');
        end(mark, 9, &mut out);
        assert_eq!(out, [10, 0, 0, 0, b'a']);
    }

    proptest! {
        #[test]
        fn numbers_come_back(number: u64) {
            for number in [number, number >> 40, number >> 56, number & 0xffff] {
                let mut bytes = Vec::new();
                put_number(number, &mut bytes);
                let mut cursor = Cursor(&bytes);
                prop_assert_eq!(cursor.number(), Some(number));
                prop_assert!(cursor.0.is_empty());
            }
        }

        #[test]
        fn what_ends_too_early_is_none(text in proptest::collection::vec(any::<u8>(), 1..600), cut in 0usize..600) {
            let mut bytes = Vec::new();
            put_text(&text, &mut bytes);
            let cut = cut % bytes.len();
            prop_assert_eq!(Cursor(&bytes[..cut]).text(), None);
            prop_assert_eq!(Cursor(&bytes).text(), Some(&text[..]));
        }
    }
}
