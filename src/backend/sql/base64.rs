//! Base64 with padding (RFC 4648), as Laravel keeps its sessions.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What marks a byte that stands for nothing.
const NONE: u8 = 0xff;

const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
};

pub(super) fn encode(data: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len().div_ceil(3) * 4);
    for group in data.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) as usize & 63;
            text.push(if place > group.len() { b'=' } else { ALPHABET[digit] });
        }
    }
    text
}

/// Appends what the text stands for. False: it is no base64, and `into` may hold anything.
pub(super) fn decode(text: &[u8], into: &mut Vec<u8>) -> bool {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let digits = text.get(..text.len() - padding).unwrap_or_default();
    into.reserve(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let mut bits = 0;
        for digit in group {
            let value = VALUES[usize::from(*digit)];
            if value == NONE {
                return false;
            }
            bits = bits << 6 | u32::from(value);
        }
        let [_, bytes @ ..] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        into.extend(bytes.iter().take(group.len() - 1));
    }
    // One digit alone is six bits: no byte.
    digits.len() % 4 != 1 && (padding == 0 || text.len().is_multiple_of(4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_standard() {
        for (data, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(data.as_bytes()), text.as_bytes());
            let mut back = Vec::new();
            assert!(decode(text.as_bytes(), &mut back));
            assert_eq!(back, data.as_bytes());
        }
        for bad in ["Z", "Zg=", "Zm9v!", "=", "Zm9vY", "Z===", "Zm 9v"] {
            assert!(!decode(bad.as_bytes(), &mut Vec::new()), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(data in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut back = Vec::new();
            prop_assert!(decode(&encode(&data), &mut back));
            prop_assert_eq!(back, data);
        }
    }
}
