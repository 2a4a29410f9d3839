//! Where Phalcon's Stream adapter has the file of a key.
//!
//! In the folder of the prefix, under folders made of the key without its extension and its last two
//! characters, two characters each: `abcdef.x` is `ab/cd/abcdef.x`. Dots of the folders are dashes. Of a
//! key too short for that the first character is the folder. Characters are those of UTF-8, as in
//! Phalcon 5.

use super::tree::TEMPORARY;
use std::borrow::Cow;

/// A key's folders and its file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) folders: Vec<Vec<u8>>,
    pub(super) name: Vec<u8>,
}

/// Where the key is. None for one that can be no file's name: Phalcon would leave the folder with some of
/// them.
pub(super) fn place(key: &[u8]) -> Option<Place> {
    let is_name = !matches!(key, b"" | b"." | b"..") && !key.contains(&b'/') && !key.contains(&0);
    if !is_name || key.starts_with(TEMPORARY) {
        return None;
    }
    let stem = key.iter().rposition(|byte| *byte == b'.').map_or(key, |dot| &key[..dot]);
    let characters: Vec<&[u8]> = characters(stem);
    let folders = match characters.len() {
        0 => Vec::new(),
        // A dot would be the folder itself.
        1 | 2 if characters[0] == b"." => Vec::new(),
        1 | 2 => vec![characters[0].to_vec()],
        length => characters[..length - 2].chunks(2).map(|pair| without_dots(&pair.concat()).into_owned()).collect(),
    };
    Some(Place { folders, name: key.to_vec() })
}

fn without_dots(folder: &[u8]) -> Cow<'_, [u8]> {
    if folder.contains(&b'.') {
        folder.iter().map(|byte| if *byte == b'.' { b'-' } else { *byte }).collect::<Vec<u8>>().into()
    } else {
        folder.into()
    }
}

/// The characters of UTF-8; a byte that belongs to none is one by itself.
fn characters(text: &[u8]) -> Vec<&[u8]> {
    let mut characters = Vec::new();
    for chunk in text.utf8_chunks() {
        let valid = chunk.valid();
        characters.extend(valid.char_indices().map(|(at, character)| &valid.as_bytes()[at..at + character.len_utf8()]));
        characters.extend(chunk.invalid().chunks(1));
    }
    characters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(key: &str) -> Option<String> {
        let place = place(key.as_bytes())?;
        let mut parts = place.folders;
        parts.push(place.name);
        Some(String::from_utf8(parts.join(&b'/')).unwrap())
    }

    #[test]
    fn keys_are_where_phalcon_has_them() {
        for (key, expected) in [
            ("a", "a/a"),
            ("ab", "a/ab"),
            ("abc", "a/abc"),
            ("abcd", "ab/abcd"),
            ("abcdef.x", "ab/cd/abcdef.x"),
            ("abcde", "ab/c/abcde"),
            ("a.b.c.d", "a-/a.b.c.d"),
            (".abc", ".abc"),
            ("..abc", "..abc"),
            ("ééabé", "éé/a/ééabé"),
        ] {
            assert_eq!(path(key).as_deref(), Some(expected), "{key}");
        }
        for key in ["", ".", "..", "a/b", "../a", "a\0", ".seshat-tmp-1"] {
            assert_eq!(path(key), None, "{key:?}");
        }
    }
}
