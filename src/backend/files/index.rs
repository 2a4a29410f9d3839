//! The index of references, beside the sessions' files.
//!
//! ```text
//! .seshat-refs-UID~/own/ID            the reference of a session, its bytes
//! .seshat-refs-UID~/of/7f/3432=/ID    an empty file: perhaps a session of reference "42" (34 32)
//! ```
//!
//! Nothing of a reference gets into a path but hexadecimal digits: two for each byte, so that no two
//! references meet, in pieces of 200, of which all but the last end in `+` and the last in `=`. Above
//! them stands a byte of a hash, so that listing all references reads one small folder at a time. Ids
//! are letters, digits, `,` and `-`. The folder belongs to one user and nobody else may enter it.

use crate::error::Operation;
use crate::session::id::SessionId;
use crate::session::reference::Reference;
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::{Mode, fstat, mkdirat};
use nix::unistd::{UnlinkatFlags, geteuid, read, unlinkat, write};
use std::fmt::Write as _;
use std::os::fd::{AsFd, OwnedFd};

/// Hexadecimal digits in one name: with the sign behind them well below the system's limit.
const PIECE: usize = 200;

/// Tries to make a file in a folder that others remove when it is empty.
const ATTEMPTS: usize = 50;

/// The open index.
pub(super) struct Index(OwnedFd);

/// A reference's place among all: by shard, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) shard: u8,
    pub(super) name: String,
}

impl Index {
    /// The index of the present user in the sessions' folder. `None` if there is none and none is to be made.
    pub(super) fn open(folder: impl AsFd, create: bool) -> nix::Result<Option<Self>> {
        let name = format!(".seshat-refs-{}~", geteuid());
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let descriptor = match openat(&folder, name.as_str(), flags, Mode::empty()) {
            Err(Errno::ENOENT) if create => {
                make(&folder, &name)?;
                openat(&folder, name.as_str(), flags, Mode::empty())?
            }
            Err(Errno::ENOENT) => return Ok(None),
            other => other?,
        };
        let status = fstat(&descriptor)?;
        // Planted by somebody else, or opened to others since.
        if status.st_uid != geteuid().as_raw() || status.st_mode & 0o022 != 0 {
            return Err(Errno::EPERM);
        }
        Ok(Some(Self(descriptor)))
    }

    /// The reference of a session.
    pub(super) fn own(&self, id: SessionId<'_>) -> nix::Result<Option<Reference>> {
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = match openat(&self.0, format!("own/{}", id.as_str()).as_str(), flags, Mode::empty()) {
            Err(Errno::ENOENT) => return Ok(None),
            other => other?,
        };
        let mut bytes = [0; 256];
        let length = read(&file, &mut bytes)?;
        Ok(Reference::parse(bytes.get(..length).unwrap_or_default(), Operation::Read).ok())
    }

    /// Sets or removes the reference of a session. A reader sees the old one or the new one.
    pub(super) fn set_own(&self, id: SessionId<'_>, reference: Option<&Reference>) -> nix::Result<()> {
        let name = format!("own/{}", id.as_str());
        let Some(reference) = reference else {
            return gone(unlinkat(&self.0, name.as_str(), UnlinkatFlags::NoRemoveDir));
        };
        // Nobody else makes one of this name: the session's place in the index is locked.
        let temporary = format!("{name}~");
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_TRUNC | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mode = Mode::from_bits_truncate(0o600);
        let file = match openat(&self.0, temporary.as_str(), flags, mode) {
            Err(Errno::ENOENT) => {
                make(&self.0, "own")?;
                openat(&self.0, temporary.as_str(), flags, mode)?
            }
            other => other?,
        };
        if write(&file, reference.as_bytes())? != reference.as_bytes().len() {
            return Err(Errno::ENOSPC);
        }
        renameat(&self.0, temporary.as_str(), &self.0, name.as_str())
    }

    /// Adds an entry. One that is there is fine.
    pub(super) fn enter(&self, reference: &Reference, id: SessionId<'_>) -> nix::Result<()> {
        let spot = Spot::of(reference);
        let path = format!("{}/{}", spot.path(), id.as_str());
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mut failure = Errno::ENOENT;
        for _ in 0..ATTEMPTS {
            match openat(&self.0, path.as_str(), flags, Mode::from_bits_truncate(0o600)) {
                Ok(_) => return Ok(()),
                // Not made yet, or removed since, because it was empty.
                Err(Errno::ENOENT) => spot.folders().iter().try_for_each(|folder| match make(&self.0, folder) {
                    Err(Errno::ENOENT) => Ok(()),
                    made => made,
                })?,
                Err(errno) => {
                    failure = errno;
                    break;
                }
            }
        }
        Err(failure)
    }

    /// Removes an entry, and the folders that are empty without it.
    pub(super) fn strike(&self, reference: &Reference, id: SessionId<'_>) -> nix::Result<()> {
        let spot = Spot::of(reference);
        let path = format!("{}/{}", spot.path(), id.as_str());
        gone(unlinkat(&self.0, path.as_str(), UnlinkatFlags::NoRemoveDir))?;
        self.tidy(&spot);
        Ok(())
    }

    /// Removes the folders of a reference as far as they are empty; the shards stay.
    pub(super) fn tidy(&self, spot: &Spot) {
        for folder in spot.folders().iter().skip(2).rev() {
            if unlinkat(&self.0, folder.as_str(), UnlinkatFlags::RemoveDir).is_err() {
                return;
            }
        }
    }

    /// The first ids among the entries of a reference that come after `after`, in order.
    pub(super) fn ids(&self, reference: &Reference, after: &[u8], most: usize) -> nix::Result<Vec<String>> {
        let mut ids: Vec<String> = Vec::new();
        for name in self.names(&Spot::of(reference).path())? {
            if name.as_bytes() > after && SessionId::parse(name.as_bytes(), Operation::Read).is_ok() {
                ids.push(name);
            }
            if ids.len() > most.saturating_mul(2) + 64 {
                keep_first(&mut ids, most);
            }
        }
        keep_first(&mut ids, most);
        Ok(ids)
    }

    /// The first references that come after a place, in order.
    pub(super) fn references(&self, after: Option<&Spot>, most: usize) -> nix::Result<Vec<(Spot, Reference)>> {
        let mut found = Vec::new();
        for shard in after.map_or(0, |spot| spot.shard)..=u8::MAX {
            let mut names = Vec::new();
            self.collect(shard, "", &mut names)?;
            let after = after.filter(|spot| spot.shard == shard);
            names.retain(|name| after.is_none_or(|spot| *name > spot.name));
            names.sort();
            for name in names {
                if let Some(reference) = decode(&name) {
                    found.push((Spot { shard, name }, reference));
                }
                if found.len() >= most {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// The names of a shard, those of long references with their slashes.
    fn collect(&self, shard: u8, above: &str, into: &mut Vec<String>) -> nix::Result<()> {
        for name in self.names(&format!("of/{shard:02x}/{above}"))? {
            let name = format!("{above}{name}");
            if name.ends_with('=') {
                into.push(name);
            } else if name.ends_with('+') && name.len() < 3 * PIECE {
                self.collect(shard, &format!("{name}/"), into)?;
            }
        }
        Ok(())
    }

    /// The names in a folder; none if it is not there.
    fn names(&self, path: &str) -> nix::Result<Vec<String>> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let folder = match Dir::openat(&self.0, path, flags, Mode::empty()) {
            Err(Errno::ENOENT) => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in folder {
            if let Ok(name) = entry?.file_name().to_str() {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }
}

impl Spot {
    pub(super) fn of(reference: &Reference) -> Self {
        let bytes = reference.as_bytes();
        let shard = bytes.iter().fold(0xc5_u8, |hash, byte| (hash ^ byte).wrapping_mul(167).rotate_left(3));
        let mut name = String::with_capacity(2 * bytes.len() + 5);
        for (number, byte) in bytes.iter().enumerate() {
            if number > 0 && number % (PIECE / 2) == 0 {
                name.push_str("+/");
            }
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name.push('=');
        Self { shard, name }
    }

    fn path(&self) -> String {
        format!("of/{:02x}/{}", self.shard, self.name)
    }

    /// The folders on the way to it, and its own, the outermost first.
    fn folders(&self) -> Vec<String> {
        let path = self.path();
        let mut folders: Vec<String> =
            path.match_indices('/').filter_map(|(end, _)| path.get(..end)).map(str::to_owned).collect();
        folders.push(path);
        folders
    }
}

fn decode(name: &str) -> Option<Reference> {
    let digits: String = name.strip_suffix('=')?.split("+/").collect();
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let bytes: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect();
    Reference::parse(&bytes?, Operation::Read).ok().filter(|reference| Spot::of(reference).name == name)
}

fn keep_first(ids: &mut Vec<String>, most: usize) {
    ids.sort_unstable();
    ids.truncate(most);
}

fn make(folder: impl AsFd, name: &str) -> nix::Result<()> {
    match mkdirat(folder, name, Mode::from_bits_truncate(0o700)) {
        Err(Errno::EEXIST) => Ok(()),
        made => made,
    }
}

/// What is not there is removed.
fn gone(outcome: nix::Result<()>) -> nix::Result<()> {
    match outcome {
        Err(Errno::ENOENT) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_reference_is_its_path_and_nothing_else(bytes in proptest::collection::vec(any::<u8>(), 1..=255)) {
            let reference = Reference::parse(&bytes, Operation::Read).unwrap();
            let spot = Spot::of(&reference);
            for piece in spot.name.split('/') {
                prop_assert!(piece.len() <= PIECE + 1);
                let (digits, sign) = piece.split_at(piece.len() - 1);
                prop_assert!(digits.bytes().all(|b| b.is_ascii_hexdigit()) && matches!(sign, "+" | "="), "{}", piece);
            }
            prop_assert_eq!(decode(&spot.name), Some(reference));
        }
    }

    #[test]
    fn what_somebody_put_there_is_no_reference() {
        for name in ["", "=", "3=", "zz=", "34+/=", "3432", "../..=", "34\u{e9}="] {
            assert_eq!(decode(name), None, "{name}");
        }
        let reference = Reference::parse(b"42", Operation::Read).unwrap();
        assert_eq!(
            Spot::of(&reference).folders().join(" "),
            format!("of of/{0:02x} of/{0:02x}/3432=", Spot::of(&reference).shard)
        );
    }
}
