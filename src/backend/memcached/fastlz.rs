//! FastLZ, the compression that php-memcached uses unless it is told otherwise: blocks of level 1
//! are written, both levels are read.
//!
//! A block is a row of instructions. One byte with its upper three bits clear announces up to 32
//! literal bytes. Otherwise those bits are a match's length less 2 (7: more follows), and the lower
//! five with the next byte its distance less 1. The level stands in the first byte's upper bits, which
//! the first instruction does not need: it is always a literal run. Level 2 has longer lengths, and
//! longer distances behind the largest short one.

const MAX_LITERALS: usize = 32;
const MAX_MATCH: usize = 264;
const MAX_DISTANCE: usize = 8192;
const HASH_BITS: u32 = 13;
/// The short distance of level 2 that says that a long one follows.
const FAR: usize = 8191;

/// Appends the block of `data`.
pub(super) fn compress(data: &[u8], into: &mut Vec<u8>) {
    let mut seen = [0_usize; 1 << HASH_BITS];
    let mut literals = 0;
    let mut at = 0;
    while let Some(key) = data.get(at..).and_then(<[u8]>::first_chunk::<3>) {
        let slot = &mut seen[hash(*key)];
        // Places are counted from 1, so that 0 is none.
        let before = std::mem::replace(slot, at + 1).checked_sub(1);
        let length = before.filter(|before| at - before <= MAX_DISTANCE).map_or(0, |before| {
            data[at..].iter().zip(&data[before..]).take(MAX_MATCH).take_while(|(new, old)| new == old).count()
        });
        match before {
            Some(before) if length >= 3 && at > 0 => {
                copy_literals(&data[literals..at], into);
                put_match(length, at - before, into);
                at += length;
                literals = at;
            }
            _ => at += 1,
        }
    }
    copy_literals(&data[literals..], into);
}

fn hash(key: [u8; 3]) -> usize {
    let number = u32::from_le_bytes([key[0], key[1], key[2], 0]);
    (number.wrapping_mul(2_654_435_769) >> (32 - HASH_BITS)) as usize
}

fn copy_literals(literals: &[u8], into: &mut Vec<u8>) {
    for run in literals.chunks(MAX_LITERALS) {
        into.push((run.len() - 1) as u8);
        into.extend_from_slice(run);
    }
}

fn put_match(length: usize, distance: usize, into: &mut Vec<u8>) {
    let (length, distance) = (length - 2, distance - 1);
    let high = (distance >> 8) as u8;
    if length < 7 {
        into.push((length as u8) << 5 | high);
    } else {
        into.push(7 << 5 | high);
        into.push((length - 7) as u8);
    }
    into.push(distance as u8);
}

/// Appends what is in the block, at most `most` bytes. `None` if it is damaged or holds more.
pub(super) fn decompress(block: &[u8], most: usize, into: &mut Vec<u8>) -> Option<()> {
    let start = into.len();
    let mut rest = block;
    let Some(first) = take(&mut rest) else { return Some(()) };
    let level_2 = match first >> 5 {
        0 => false,
        1 => true,
        _ => return None,
    };
    let mut control = first & 31;
    loop {
        if control < MAX_LITERALS {
            let (run, after) = rest.split_at_checked(control + 1)?;
            into.extend_from_slice(run);
            rest = after;
        } else {
            let mut length = (control >> 5) + 2;
            if length == 9 {
                loop {
                    let more = take(&mut rest)?;
                    length += more;
                    if !level_2 || more != 255 {
                        break;
                    }
                }
            }
            let mut distance = ((control & 31) << 8) + take(&mut rest)?;
            if level_2 && distance == FAR {
                distance += (take(&mut rest)? << 8) + take(&mut rest)?;
            }
            if into.len() - start + length > most {
                return None;
            }
            // A match may reach into what it makes itself.
            let from = into.len().checked_sub(distance + 1).filter(|from| *from >= start)?;
            for place in from..from + length {
                into.push(*into.get(place)?);
            }
        }
        if into.len() - start > most {
            return None;
        }
        match take(&mut rest) {
            Some(next) => control = next,
            None => return Some(()),
        }
    }
}

fn take(rest: &mut &[u8]) -> Option<usize> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(usize::from(*first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn back(block: &[u8], most: usize) -> Option<Vec<u8>> {
        let mut into = Vec::new();
        decompress(block, most, &mut into).map(|()| into)
    }

    #[test]
    fn a_match_may_overlap_itself_and_be_long() {
        let data = vec![b'a'; 5000];
        let mut block = Vec::new();
        compress(&data, &mut block);
        assert!(block.len() < 100, "{}", block.len());
        assert_eq!(back(&block, data.len()).unwrap(), data);
        assert_eq!(back(&block, data.len() - 1), None, "no more than was announced");
    }

    #[test]
    fn level_2_is_read() {
        // A literal, a match of 2 + 7 + 255 + 3 - 2 bytes at distance 1, and a far one that is damaged.
        let block = [1 << 5, b'x', 7 << 5, 255, 3, 0];
        assert_eq!(back(&block, 1000).unwrap(), vec![b'x'; 1 + 6 + 255 + 3 + 3]);
        assert_eq!(back(&[1 << 5, b'x', 2 << 5 | 31, 255, 0, 0], 1000), None);
        assert_eq!(back(&[2 << 5, b'x'], 10), None, "no such level");
    }

    proptest! {
        #[test]
        fn what_is_compressed_comes_back(data in proptest::collection::vec(0_u8..6, 0..3000)) {
            let mut block = Vec::new();
            compress(&data, &mut block);
            prop_assert_eq!(back(&block, data.len()).unwrap(), data);
        }

        #[test]
        fn random_bytes_come_back_too(data in proptest::collection::vec(any::<u8>(), 0..500)) {
            let mut block = Vec::new();
            compress(&data, &mut block);
            prop_assert_eq!(back(&block, data.len()).unwrap(), data);
        }

        #[test]
        fn damage_is_noticed_or_harmless(block in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Some(data) = back(&block, 1000) {
                prop_assert!(data.len() <= 1000);
            }
        }
    }
}
