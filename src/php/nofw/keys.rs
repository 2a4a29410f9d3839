//! Keys that every PSR cache must accept.
//!
//! PSR-6 and PSR-16 promise only keys of up to 64 of `A-Z a-z 0-9 _ .`. An id of PHP's may hold `,`
//! and `-` and be longer. Here `_` and two digits stand for any other byte, `_` included, so that
//! different ids never get the same key. What is too long for that becomes `__` and a SHA-256 in
//! the 64 allowed characters; `__` begins no other key.

/// The longest key that PSR-6 and PSR-16 promise.
const LONGEST: usize = 64;
/// `__` and 256 bits, six to a character.
const HASHED: usize = 2 + 43;
/// The longest prefix that leaves room for a hashed id.
pub(super) const LONGEST_PREFIX: usize = LONGEST - HASHED;

const HEX: &[u8; 16] = b"0123456789ABCDEF";
const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// Whether a byte may stand in every key.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
}

/// The key of an id with its prefix; `None` if it is too long and needs [`hashed`].
pub(super) fn escaped(prefix: &[u8], id: &[u8]) -> Option<Vec<u8>> {
    let mut key = Vec::with_capacity(prefix.len() + id.len());
    key.extend_from_slice(prefix);
    for &byte in id {
        if byte != b'_' && is_plain(byte) {
            key.push(byte);
        } else {
            key.extend_from_slice(&[b'_', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    (key.len() <= LONGEST).then_some(key)
}

/// The key of an id whose SHA-256 is `hash`.
pub(super) fn hashed(prefix: &[u8], hash: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(prefix.len() + HASHED);
    key.extend_from_slice(prefix);
    key.extend_from_slice(b"__");
    for bytes in hash.chunks(3) {
        let mut group = 0u32;
        for place in 0..3 {
            group = group << 8 | u32::from(bytes.get(place).copied().unwrap_or(0));
        }
        for place in 0..=bytes.len() {
            key.push(SYMBOLS[(group >> (18 - 6 * place) & 63) as usize]);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn text(key: Option<Vec<u8>>) -> String {
        String::from_utf8(key.unwrap()).unwrap()
    }

    #[test]
    fn what_every_cache_accepts_stays_as_it_is() {
        assert_eq!(text(escaped(b"", b"4jq2fgh8b0n9k1")), "4jq2fgh8b0n9k1");
        assert_eq!(text(escaped(b"sess_", b"abc")), "sess_abc");
    }

    #[test]
    fn other_bytes_are_written_out_and_stay_different() {
        assert_eq!(text(escaped(b"", b"a,b-c_d")), "a_2Cb_2Dc_5Fd");
        let ids: [&[u8]; 6] = [b"a,", b"a_2C", b"a_", b"a__", b"a_5F", b"a\0"];
        let keys: HashSet<_> = ids.iter().map(|id| escaped(b"", id)).collect();
        assert_eq!(keys.len(), ids.len());
    }

    #[test]
    fn long_ids_are_hashed_into_keys_that_no_other_id_has() {
        let long = [b'a'; 65];
        assert_eq!(escaped(b"", &long), None);
        assert_eq!(escaped(b"", &[b','; 22]), None);
        let prefix = [b'p'; LONGEST_PREFIX];
        let key = hashed(&prefix, &[0xff; 32]);
        assert_eq!(key.len(), LONGEST);
        assert!(key.iter().all(|byte| is_plain(*byte)));
        assert!(!escaped(b"", b"_").unwrap().starts_with(b"__"));
        // Every bit of the hash counts.
        let keys: HashSet<_> = (0..256)
            .map(|bit| {
                let mut hash = [0; 32];
                hash[bit / 8] = 1 << (bit % 8);
                hashed(b"", &hash)
            })
            .collect();
        assert_eq!(keys.len(), 256);
    }
}
