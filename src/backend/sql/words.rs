//! What a database says of a failure, as far as it may be repeated: it quotes ids, data and statements.

/// The most that is repeated.
const LONGEST: usize = 200;

/// A driver's words without what they quote, unless that can only be a name. What comes behind `near`
/// is a piece of the statement.
pub(crate) fn harmless(text: &str) -> String {
    let text = text.split(" near ").next().unwrap_or_default();
    let text = text.split(" for key").next().unwrap_or_default();
    let quotes_data = text.contains("Duplicate") || text.contains("string value");
    let mut words = String::new();
    let mut parts = quoted_parts(text).into_iter();
    while let Some(outside) = parts.next() {
        words.push_str(outside);
        if let Some(inside) = parts.next() {
            let is_name = inside.len() <= 64
                && inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.@%".contains(&byte));
            words.push_str(if is_name && !quotes_data { inside } else { "..." });
        }
    }
    let words: String = words.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    words.trim().to_owned()
}

/// A text cut at its quotation marks. One between two letters is an apostrophe.
fn quoted_parts(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let is_letter =
        |place: Option<usize>| place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_alphabetic);
    let mut parts = Vec::new();
    let mut from = 0;
    for (place, _) in text.match_indices('\'') {
        if is_letter(place.checked_sub(1)) && is_letter(Some(place + 1)) {
            continue;
        }
        parts.push(text.get(from..place).unwrap_or_default());
        from = place + 1;
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_ids_nor_data_are_repeated() {
        for (said, told) in [
            ("Table 'app.session_data' doesn't exist", "Table app.session_data doesn't exist"),
            ("no such table: session_data", "no such table: session_data"),
            ("Duplicate entry 'abcdef0123456789' for key 'PRIMARY'", "Duplicate entry ..."),
            ("Incorrect string value: '\\xFFabc' for column `a`.`b`.`data` at row 1", "Incorrect string value: ..."),
            ("You have an error in your SQL syntax; check the manual near 'hunter2' at line 1", "You have an error"),
        ] {
            let words = harmless(said);
            assert!(words.starts_with(told), "{words}");
            for secret in ["abcdef0123456789", "hunter2", "abc'", "xFF"] {
                assert!(!words.contains(secret), "{words}");
            }
        }
    }
}
