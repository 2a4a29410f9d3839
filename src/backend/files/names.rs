//! From ids to file names and back, without an allocation.

use crate::error::{Operation, Result};
use crate::session::id::SessionId;

/// The longest name that Linux's and macOS's file systems take.
const NAME_MAX: usize = 255;

/// What temporary files begin and end with. No id ends in `~`, so none of these names can ever be
/// taken for a session's, whatever the prefix.
const TEMPORARY: (&str, &str) = (".seshat-", "~");

/// How a session's file is called, as the user decided.
#[derive(Clone, Debug)]
pub(super) struct Style {
    /// What stands before the id.
    pub(super) prefix: String,
    /// And behind it.
    pub(super) suffix: String,
    /// How many folders there are above the file, each named after the next characters of the id.
    pub(super) depth: usize,
    /// How many characters each of them takes.
    pub(super) width: usize,
}

impl Style {
    /// The folders on the way to a file that is called `name`, the outermost first.
    pub(super) fn branches<'a>(&self, name: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
        let step = self.width + 1;
        (1..=self.depth).filter_map(move |level| name.get(..level * step - 1))
    }
}

/// The names of one store's files, relative to its folder.
#[derive(Debug)]
pub(super) struct Names {
    style: Style,
    name: String,
    temporary: String,
    random: u64,
    count: u64,
    generation: u64,
}

impl Names {
    pub(super) fn new(style: Style) -> Self {
        Self { style, name: String::new(), temporary: String::new(), random: 0, count: 0, generation: 0 }
    }

    pub(super) fn depth(&self) -> usize {
        self.style.depth
    }

    /// Where the name that was spelled last goes on behind its folders.
    pub(super) fn branch_end(&self) -> usize {
        self.style.depth * (self.style.width + 1)
    }

    /// Whether a name in a listing is that of a folder for sessions.
    pub(super) fn is_branch(&self, name: &[u8]) -> bool {
        name.len() == self.style.width
            && name.iter().all(|letter| letter.is_ascii_alphanumeric() || b",-".contains(letter))
    }

    /// The name of the lock file: one for each user, so that several can share a folder.
    pub(super) fn lock_file() -> String {
        format!(".seshat-lock-{}~", nix::unistd::geteuid())
    }

    /// Whether there can be a file for `id`: PHP wants it longer than what names its folders, and the
    /// system has its limit.
    pub(super) fn can_spell(&self, id: SessionId<'_>) -> bool {
        let length = id.as_bytes().len();
        let Style { prefix, suffix, depth, width } = &self.style;
        length > depth * width && prefix.len() + length + suffix.len() <= NAME_MAX
    }

    /// Spells the file of `id`, with its folders: `a/b/sess_abc`. `None`: there can be no such file.
    pub(super) fn spell(&mut self, id: SessionId<'_>) -> Option<&str> {
        if !self.can_spell(id) {
            return None;
        }
        // The folders are letters of the id: with the same id behind them they are the same.
        let text = id.as_str();
        let start = self.branch_end() + self.style.prefix.len();
        let end = start + text.len();
        if self.name.len() == end + self.style.suffix.len() && self.name.get(start..end) == Some(text) {
            return Some(&self.name);
        }
        self.name.clear();
        let mut rest = text;
        for _ in 0..self.style.depth {
            // Ids are ASCII.
            let (folder, behind) = rest.split_at_checked(self.style.width)?;
            self.name.push_str(folder);
            self.name.push('/');
            rest = behind;
        }
        self.name.push_str(&self.style.prefix);
        self.name.push_str(text);
        self.name.push_str(&self.style.suffix);
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
        self.temporary.push_str(self.name.get(..self.branch_end()).unwrap_or_default());
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
        let id = name.strip_prefix(self.style.prefix.as_bytes())?.strip_suffix(self.style.suffix.as_bytes())?;
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

    fn names(prefix: &str, depth: usize) -> Names {
        Names::new(Style { prefix: prefix.into(), suffix: String::new(), depth, width: 1 })
    }

    #[test]
    fn folders_may_take_more_characters_and_files_may_end_in_something() {
        let mut names = Names::new(Style { prefix: String::new(), suffix: ".sess".into(), depth: 3, width: 2 });
        assert_eq!(names.spell(id("abcdefgh")), Some("ab/cd/ef/abcdefgh.sess"));
        assert_eq!(names.spell(id("abcdefgi")), Some("ab/cd/ef/abcdefgi.sess"));
        names.next_temporary(1, false).unwrap();
        assert!(names.temporary().starts_with("ab/cd/ef/.seshat-"), "{}", names.temporary());
        assert_eq!(names.spell(id("abcdef")), None);
        assert_eq!(names.id_of(b"abcdefgh.sess").unwrap().as_str(), "abcdefgh");
        assert!(names.id_of(b"abcdefgh").is_none());
        assert!(names.is_branch(b"a,") && !names.is_branch(b"a") && !names.is_branch(b".."));
    }

    #[test]
    fn an_id_becomes_folders_and_a_name_as_php_spells_them() {
        let mut names = names("sess_", 2);
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
            let mut names = names(prefix, 0);
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
