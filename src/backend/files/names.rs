//! From ids to file names and back, without an allocation.

use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use std::ffi::{CStr, CString};

/// The longest name that Linux's and macOS's file systems take.
const NAME_MAX: usize = 255;

/// What temporary files begin and end with. No id ends in `~`, so none of these names can ever be
/// taken for a session's, whatever the prefix.
const TEMPORARY: (&str, &str) = (".seshat-", "~");

/// The digits of a temporary name, behind what it begins with: a random number, a hyphen, a count.
const DIGITS: usize = 16;

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
    pub(super) fn branches<'a>(&self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let step = self.width + 1;
        (1..=self.depth).filter_map(move |level| name.get(..level * step - 1))
    }
}

/// The names of one store's files, relative to its folder, as the system takes them. It is given each of them
/// more than once, and they are checked when they are made.
#[derive(Debug)]
pub(super) struct Names {
    style: Style,
    name: Option<CString>,
    temporary: Option<CString>,
    /// The process for which the temporary name was drawn.
    generation: u64,
}

impl Names {
    pub(super) fn new(style: Style) -> Self {
        Self { style, name: None, temporary: None, generation: 0 }
    }

    pub(super) fn depth(&self) -> usize {
        self.style.depth
    }

    /// Where the name that was spelled last goes on behind its folders.
    fn branch_end(&self) -> usize {
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

    /// Spells the file of `id`, with its folders: `a/b/sess_abc`. False: there can be no such file.
    pub(super) fn spell(&mut self, id: SessionId<'_>) -> bool {
        let Style { prefix, suffix, depth, width } = &self.style;
        // The folders are letters of the id: with the same id behind them they are the same.
        let start = depth * (width + 1) + prefix.len();
        let end = start + id.as_bytes().len();
        let length = end + suffix.len();
        let known = self.spelled().to_bytes();
        if known.len() == length && known.get(start..end) == Some(id.as_bytes()) {
            return true;
        }
        if !self.can_spell(id) {
            return false;
        }
        let mut name = bytes_of(self.name.take());
        // As a rule all ids have one length, and only their letters differ.
        if name.len() != length + 1 {
            name.clear();
            name.resize(start - prefix.len(), b'/');
            name.extend_from_slice(prefix.as_bytes());
            name.resize(end, 0);
            name.extend_from_slice(suffix.as_bytes());
            name.push(0);
        }
        put(&mut name, start, id.as_bytes());
        if *depth > 0 {
            for (level, folder) in id.as_bytes().chunks((*width).max(1)).enumerate().take(*depth) {
                put(&mut name, level * (width + 1), folder);
            }
        }
        self.name = CString::from_vec_with_nul(name).ok();
        self.name.is_some()
    }

    /// The name that was spelled last.
    pub(super) fn spelled(&self) -> &CStr {
        self.name.as_deref().unwrap_or_default()
    }

    /// The folders in front of the name that was spelled last, with a slash behind each.
    pub(super) fn branch(&self) -> &[u8] {
        self.spelled().to_bytes().get(..self.branch_end()).unwrap_or_default()
    }

    /// A new temporary name beside the name that was spelled last: the next one, or with `afresh`, and in
    /// another process, one that nobody can foresee.
    pub(super) fn next_temporary(&mut self, generation: u64, afresh: bool) -> Result<()> {
        let mut name = bytes_of(self.temporary.take());
        if afresh || generation != self.generation || name.is_empty() {
            let (begin, end) = TEMPORARY;
            let digits = format!("{begin}{:016x}-{:016x}{end}\0", random()?, 0);
            name = [self.branch(), digits.as_bytes()].concat();
            self.generation = generation;
        } else {
            // As long for every id.
            put(&mut name, 0, self.branch());
        }
        let end = name.len().saturating_sub(TEMPORARY.1.len() + 1);
        increment(name.get_mut(end.saturating_sub(DIGITS)..end).unwrap_or_default());
        self.temporary = CString::from_vec_with_nul(name).ok();
        Ok(())
    }

    /// The temporary name that was made last.
    pub(super) fn temporary(&self) -> &CStr {
        self.temporary.as_deref().unwrap_or_default()
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

/// The bytes of a name that is to be changed, its NUL included.
fn bytes_of(name: Option<CString>) -> Vec<u8> {
    name.map(CString::into_bytes_with_nul).unwrap_or_default()
}

/// Writes over a part of a name.
fn put(name: &mut [u8], place: usize, letters: &[u8]) {
    if let Some(place) = name.get_mut(place..place + letters.len()) {
        place.copy_from_slice(letters);
    }
}

fn random() -> Result<u64> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|cause| {
        let reason = format!("no random bytes for a temporary name: {cause}");
        Error::new(Kind::Storage, "files", Operation::Write, reason)
    })?;
    Ok(u64::from_ne_bytes(random))
}

/// Adds one to a number in hexadecimal digits.
fn increment(digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        *digit = match *digit {
            b'9' => b'a',
            b'f' => b'0',
            other => other + 1,
        };
        if *digit != b'0' {
            return;
        }
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

    fn spelled<'a>(names: &'a mut Names, text: &str) -> Option<&'a str> {
        names.spell(id(text)).then(|| names.spelled().to_str().unwrap())
    }

    fn temporary(names: &mut Names, generation: u64) -> String {
        names.next_temporary(generation, false).unwrap();
        names.temporary().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_count_goes_on_in_sixteens() {
        for (now, next) in [(b"00", b"01"), (b"09", b"0a"), (b"0f", b"10"), (b"9f", b"a0"), (b"ff", b"00")] {
            let mut digits = *now;
            increment(&mut digits);
            assert_eq!(&digits, next);
        }
    }

    #[test]
    fn folders_may_take_more_characters_and_files_may_end_in_something() {
        let mut names = Names::new(Style { prefix: String::new(), suffix: ".sess".into(), depth: 3, width: 2 });
        assert_eq!(spelled(&mut names, "abcdefgh"), Some("ab/cd/ef/abcdefgh.sess"));
        assert_eq!(spelled(&mut names, "abcdefgi"), Some("ab/cd/ef/abcdefgi.sess"));
        assert!(temporary(&mut names, 1).starts_with("ab/cd/ef/.seshat-"));
        assert_eq!(spelled(&mut names, "xyzdefghij"), Some("xy/zd/ef/xyzdefghij.sess"));
        assert!(temporary(&mut names, 1).starts_with("xy/zd/ef/.seshat-"), "beside the one that was spelled last");
        assert_eq!(spelled(&mut names, "abcdef"), None);
        assert_eq!(names.id_of(b"abcdefgh.sess").unwrap().as_str(), "abcdefgh");
        assert!(names.id_of(b"abcdefgh").is_none());
        assert!(names.is_branch(b"a,") && !names.is_branch(b"a") && !names.is_branch(b".."));
    }

    #[test]
    fn an_id_becomes_folders_and_a_name_as_php_spells_them() {
        let mut names = names("sess_", 2);
        assert_eq!(spelled(&mut names, "a,cde"), Some("a/,/sess_a,cde"));
        assert_eq!(spelled(&mut names, "ab"), None, "PHP wants more characters than folders");
        assert_eq!(spelled(&mut names, &"x".repeat(251)), None, "longer than a name can be");
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
            let first = temporary(&mut names, 1);
            let second = temporary(&mut names, 1);
            assert_ne!(first, second);
            assert_eq!(first[..24], second[..24]);
            assert_ne!(first[..24], temporary(&mut names, 2)[..24], "a child of a fork has names of its own");
            names.next_temporary(2, true).unwrap();
            assert_ne!(first[..24], names.temporary().to_str().unwrap()[..24]);
            assert!(Names::is_temporary(first.as_bytes()) && names.id_of(first.as_bytes()).is_none(), "{first}");
            let lock = Names::lock_file();
            assert!(!Names::is_temporary(lock.as_bytes()) && names.id_of(lock.as_bytes()).is_none(), "{lock}");
        }
    }
}
