//! A server's public key, as far as it has to be looked at before it is used.

use super::packet::Cursor;
use mysql_common::crypto::der::{PubKeyFileType, pem_to_der};

/// Keys of fewer bits are no protection; of more than that a server makes none.
const BITS: std::ops::RangeInclusive<usize> = 1024..=16_384;
/// What the padding takes of the modulus.
const PADDING: usize = 42;

/// Whether the text is an RSA key that `length` bytes can be encrypted with.
pub(super) fn is_sound(pem: &[u8], length: usize) -> bool {
    let Ok((der, kind)) = pem_to_der(pem) else { return false };
    modulus(&der, kind).is_some_and(|bits| BITS.contains(&bits) && length + PADDING < bits / 8)
}

/// The bits of the modulus, if the key is put together as it should be.
fn modulus(der: &[u8], kind: PubKeyFileType) -> Option<usize> {
    let key = match kind {
        PubKeyFileType::Pkcs1 => der,
        PubKeyFileType::Pkcs8 => {
            let mut cursor = Cursor(element(&mut Cursor(der), 0x30)?);
            element(&mut cursor, 0x30)?;
            let (unused, key) = element(&mut cursor, 0x03)?.split_first()?;
            if *unused != 0 {
                return None;
            }
            key
        }
    };
    let mut cursor = Cursor(element(&mut Cursor(key), 0x30)?);
    let modulus = element(&mut cursor, 0x02)?;
    let exponent = element(&mut cursor, 0x02)?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let modulus = modulus.get(zeros..)?;
    let first = modulus.first()?;
    (1..=8).contains(&exponent.len()).then(|| modulus.len() * 8 - first.leading_zeros() as usize)
}

/// The content of the next element, which must have this tag.
fn element<'a>(cursor: &mut Cursor<'a>, tag: u8) -> Option<&'a [u8]> {
    if cursor.byte()? != tag {
        return None;
    }
    let length = match cursor.byte()? {
        short @ 0..=0x7f => usize::from(short),
        long => {
            let bytes = cursor.bytes(usize::from(long & 0x7f)).filter(|bytes| (1..=4).contains(&bytes.len()))?;
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
    };
    cursor.bytes(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2048 bits.
    const KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAKEYBYTES\n-----END PUBLIC KEY-----\n";

    fn der(bits: usize) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            let length = u16::try_from(content.len()).unwrap().to_be_bytes();
            [&[tag, 0x82, length[0], length[1]], content].concat()
        };
        let integers = [wrap(2, &vec![0xff; bits / 8]), wrap(2, &[1, 0, 1])].concat();
        let key = [vec![0], wrap(0x30, &integers)].concat();
        wrap(0x30, &[wrap(0x30, b""), wrap(3, &key)].concat())
    }

    #[test]
    fn only_a_key_that_is_large_enough_is_sound() {
        assert_eq!(modulus(&der(2048), PubKeyFileType::Pkcs8), Some(2048));
        assert!(!is_sound(KEY.as_bytes(), 10), "cut off");
        assert!(!is_sound(b"no key", 10));
        for cut in 0..der(1024).len() {
            assert_eq!(modulus(&der(1024)[..cut], PubKeyFileType::Pkcs8), None, "{cut}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = modulus(&bytes, PubKeyFileType::Pkcs1);
            let _ = modulus(&bytes, PubKeyFileType::Pkcs8);
            let _ = is_sound(&bytes, 5);
        }
    }
}
