//! How Phalcon says things in its options, for all adapters over servers.

use crate::options::value::Value;

/// A complaint about one of our options, with the names that the user wrote.
pub(in crate::php) fn in_users_words(message: &str, renamed: &[(&str, &str)]) -> String {
    renamed.iter().fold(message.to_owned(), |message, (theirs, ours)| {
        message.replace(&format!("\"{ours}\""), &format!("\"{theirs}\""))
    })
}

/// Whether a value is no password: what PHP's `empty()` says, as Phalcon asks it. "000" is one.
pub(in crate::php) fn is_no_password(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty() || text == b"0",
        other => is_nothing(other),
    }
}

/// Whether a value is Phalcon's "no limit" or "nothing": zero, in any spelling, or empty.
pub(in crate::php) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Int(0) => true,
        Value::Float(number) => *number == 0.0,
        Value::Text(text) => text.is_empty() || text.iter().all(|b| matches!(b, b'0' | b'.')),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}
