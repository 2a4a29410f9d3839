//! From ids to file names and back, without an allocation.

use crate::error::{Operation, Result};
use crate::session::id::SessionId;

/// The longest name that Linux's and macOS's file systems take.
const NAME_MAX: usize = 255;

/// What temporary files begin and end with. No id ends in `~`, so none of these names can ever be
/// taken for a session's, whatever the prefix.
const TEMPORARY: (&str, &str) = (".seshat-", "~");

/// The names of one store's files, relative to its folder.
#[derive(Debug)]
pub(super) struct Names {
    prefix: String,
    depth: usize,
    name: String,
    temporary: String,
    random: u64,
    count: u64,
    generation: u64,
}

impl Names {
    pub(super) fn new(prefix: String, depth: usize) -> Self {
        Self { prefix, depth, name: String::new(), temporary: String::new(), random: 0, count: 0, generation: 0 }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The name of the lock file: one for each user, so that several can share a folder.
    pub(super) fn lock_file() -> String {
        format!(".seshat-lock-{}~", nix::unistd::geteuid())
    }

    /// Whether there can be a file for `id`: PHP wants it longer than the folders are deep, and the
    /// system has its limit.
    pub(super) fn can_spell(&self, id: SessionId<'_>) -> bool {
        let length = id.as_bytes().len();
        length > self.depth && self.prefix.len() + length <= NAME_MAX
    }

    /// Spells the file of `id`, with its folders: `a/b/sess_abc`. `None`: there can be no such file.
    pub(super) fn spell(&mut self, id: SessionId<'_>) -> Option<&str> {
        if !self.can_spell(id) {
            return None;
        }
        // The folders are letters of the id: with the same id behind them they are the same.
        let length = 2 * self.depth + self.prefix.len() + id.as_bytes().len();
        if self.name.len() == length && self.name.as_bytes().ends_with(id.as_bytes()) {
            return Some(&self.name);
        }
        let text = id.as_str();
        self.name.clear();
        // Ids are ASCII.
        for letter in text.chars().take(self.depth) {
            self.name.push(letter);
            self.name.push('/');
        }
        self.name.push_str(&self.prefix);
        self.name.push_str(text);
        Some(&self.name)
    }

    /// The name that was spelled last.
    pub(super) fn spelled(&self) -> &str {
        &self.name
    }

    /// A new temporary name beside the name that was spelled last. Nobody can foresee the first
    /// one; `afresh` makes it a first one again.
    pub(super) fn next_temporary(&mut self, generation: u64, afresh: bool) -> Result<()> {
        use std::fmt::Write as _;
        if afresh || self.random == 0 || generation != self.generation {
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(|cause| {
                let reason = format!("no random bytes for a temporary name: {cause}");
                crate::error::Error::new(crate::error::Kind::Storage, "files", Operation::Write, reason)
            })?;
            self.random = u64::from_ne_bytes(random) | 1;
            self.count = 0;
            self.generation = generation;
        }
        self.count += 1;
        self.temporary.clear();
        self.temporary.push_str(&self.name[..2 * self.depth]);
        let (begin, end) = TEMPORARY;
        // Writing to a string cannot fail.
        let _ = write!(self.temporary, "{begin}{:016x}-{:x}{end}", self.random, self.count);
        Ok(())
    }

    /// The temporary name that was made last.
    pub(super) fn temporary(&self) -> &str {
        &self.temporary
    }

    /// The id that a file's name in a listing stands for, if it is a session's.
    pub(super) fn id_of<'a>(&self, name: &'a [u8]) -> Option<SessionId<'a>> {
        let id = name.strip_prefix(self.prefix.as_bytes())?;
        SessionId::parse(id, Operation::Gc).ok()
    }

    /// Whether a name in a listing is one that [`Names::next_temporary`] makes.
    pub(super) fn is_temporary(name: &[u8]) -> bool {
        let (begin, end) = TEMPORARY;
        let middle = name.strip_prefix(begin.as_bytes()).and_then(|rest| rest.strip_suffix(end.as_bytes()));
        middle.is_some_and(|middle| {
            middle.len() > 17 && middle[16] == b'-' && middle.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> SessionId<'_> {
        SessionId::parse(text.as_bytes(), Operation::Read).unwrap()
    }

    #[test]
    fn an_id_becomes_folders_and_a_name_as_php_spells_them() {
        let mut names = Names::new("sess_".into(), 2);
        assert_eq!(names.spell(id("a,cde")), Some("a/,/sess_a,cde"));
        assert_eq!(names.spell(id("ab")), None, "PHP wants more characters than folders");
        assert_eq!(names.spell(id(&"x".repeat(251))), None, "longer than a name can be");
        assert_eq!(names.id_of(b"sess_abc").unwrap().as_str(), "abc");
        for foreign in [&b"sess_"[..], b"sess_a.b", b"other", b".seshat-lock-0~"] {
            assert!(names.id_of(foreign).is_none(), "{foreign:?}");
        }
    }

    #[test]
    fn a_temporary_name_is_never_a_session_nor_the_lock_file() {
        for prefix in ["", "sess_", ".seshat-", ".seshat-lock-"] {
            let mut names = Names::new(prefix.into(), 0);
            names.spell(id("abc"));
            names.next_temporary(1, false).unwrap();
            let first = names.temporary().to_owned();
            names.next_temporary(1, false).unwrap();
            assert_ne!(first, names.temporary());
            names.next_temporary(2, false).unwrap();
            assert_ne!(first[..24], names.temporary()[..24], "a child of a fork has names of its own");
            assert!(Names::is_temporary(first.as_bytes()) && names.id_of(first.as_bytes()).is_none(), "{first}");
            let lock = Names::lock_file();
            assert!(!Names::is_temporary(lock.as_bytes()) && names.id_of(lock.as_bytes()).is_none(), "{lock}");
        }
    }
}
