//! The value of an item that is a set: entries of 1 to 255 bytes, each behind its length, in the order
//! in which they were appended. One may be there many times.

use std::collections::BTreeSet;

/// An entry as it is appended. What is longer than 255 bytes cannot be one, and is cut.
pub(super) fn encode(entry: &[u8]) -> Vec<u8> {
    let length = u8::try_from(entry.len()).unwrap_or(u8::MAX);
    let mut encoded = vec![length];
    encoded.extend(entry.iter().take(usize::from(length)));
    encoded
}

/// The entries of a value, and how many there are with repetitions. What is no entry ends it.
pub(super) fn decode(mut value: &[u8]) -> (BTreeSet<Vec<u8>>, usize) {
    let (mut entries, mut count) = (BTreeSet::new(), 0);
    while let Some((length, rest)) = value.split_first()
        && let Some((entry, rest)) = rest.split_at_checked(usize::from(*length))
    {
        if !entry.is_empty() {
            entries.insert(entry.to_vec());
            count += 1;
        }
        value = rest;
    }
    (entries, count)
}

/// A value of these entries.
pub(super) fn join(entries: &BTreeSet<Vec<u8>>) -> Vec<u8> {
    entries.iter().flat_map(|entry| encode(entry)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn entries_come_back(wanted in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..256), 0..20)) {
            let value: Vec<u8> = wanted.iter().flat_map(|entry| encode(entry)).collect();
            let (entries, count) = decode(&value);
            prop_assert_eq!(count, wanted.len());
            prop_assert_eq!(&entries, &wanted.into_iter().collect());
            prop_assert_eq!(decode(&join(&entries)).0, entries);
        }

        #[test]
        fn anything_is_read_without_harm(value in proptest::collection::vec(any::<u8>(), 0..600)) {
            let (entries, count) = decode(&value);
            prop_assert!(entries.len() <= count && count <= value.len());
        }
    }
}
