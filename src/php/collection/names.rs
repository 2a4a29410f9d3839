//! Names of elements, told apart without regard to case.
//!
//! ASCII letters fold as in Phalcon 4, others as Unicode says, as in Phalcon 5. In what is no UTF-8
//! only ASCII letters do.

use std::borrow::Cow;

/// A name in lower case.
pub(super) fn fold(name: &[u8]) -> Cow<'_, [u8]> {
    if name.is_ascii() {
        let has_upper = name.iter().any(u8::is_ascii_uppercase);
        return if has_upper { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) };
    }
    match std::str::from_utf8(name) {
        Ok(text) => Cow::Owned(text.to_lowercase().into_bytes()),
        Err(_) => Cow::Owned(name.to_ascii_lowercase()),
    }
}

/// A test for names that are the same as this one.
///
/// It runs over all names of a bag: most are told apart by their length. One sign beyond ASCII folds to
/// a letter of ASCII, that of Kelvin, three bytes, to k.
pub(super) fn same_as(name: &[u8]) -> impl Fn(&[u8]) -> bool {
    let is_ascii = name.is_ascii();
    let longer = 2 * name.iter().filter(|byte| matches!(byte, b'k' | b'K')).count();
    let folded = fold(name);
    move |other| match other.len().checked_sub(name.len()) {
        Some(0) if is_ascii => other.eq_ignore_ascii_case(name),
        None if is_ascii => false,
        Some(more) if is_ascii && more > longer => false,
        _ => fold(other) == folded,
    }
}

/// Whether another name may be the same as this one.
pub(super) fn has_variants(name: &[u8]) -> bool {
    name.iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
}
