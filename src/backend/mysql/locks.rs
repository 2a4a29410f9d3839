//! The sessions' locks: their names on the server, and which of them are held here.
//!
//! A lock belongs to a connection, and the server frees it when that ends. So it is ours exactly as
//! long as the connection is the one that it was taken on.

use crate::backend::fork;
use crate::session::id::SessionId;
use crate::session::lock::Token;
use sha2::{Digest, Sha256};

/// `seshat.` and the first 40 digits of a hash: servers take 64 characters.
pub(super) type Name = [u8; 47];

const PREFIX: &[u8; 7] = b"seshat.";
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Names of locks, which a server has once for all its databases, and of which some do not tell `a` from `A`.
#[derive(Clone)]
pub(super) struct Names(Sha256);

impl Names {
    pub(super) fn of(database: &str, table: &str) -> Self {
        let mut state = Sha256::new();
        // Servers on some systems do not look at the case of either.
        for part in [database, table] {
            state.update(part.to_lowercase().as_bytes());
            state.update([0]);
        }
        Self(state)
    }

    /// The lock of a session.
    pub(super) fn session(&self, id: SessionId<'_>) -> Name {
        self.named(id.as_bytes())
    }

    /// The lock of whoever removes expired sessions: no session has this id.
    pub(super) fn gc(&self) -> Name {
        self.named(b"gc!")
    }

    fn named(&self, what: &[u8]) -> Name {
        let mut state = self.0.clone();
        state.update(what);
        let mut name = [0; 47];
        let (prefix, digits) = name.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX);
        digits.copy_from_slice(&hexadecimal::<40>(&state.finalize()));
        name
    }
}

/// The first digits of a hash, as SQL's `SHA2()` writes them. MySQL has no `SHA1()` any more.
fn hexadecimal<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    let mut digits = [0; LENGTH];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    digits
}

/// SHA-256 of data as it is stored: what tells one version of a row from another.
pub(super) type Fingerprint = [u8; 64];

pub(super) fn fingerprint(stored: &[u8]) -> Fingerprint {
    hexadecimal(&Sha256::digest(stored))
}

/// What a lease stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// The lock of this name, on the connection with this epoch.
    Lock(Name, u64),
    /// No lock: the row, as it was when it was read. `None`: there was no row.
    Version(Option<Fingerprint>),
}

/// What is held here.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<(Token, u64, Hold)>);

impl Held {
    pub(super) fn add(&mut self, hold: Hold) -> Token {
        let token = Token::counted();
        self.0.push((token, fork::generation(), hold));
        token
    }

    /// Takes a lease out. `None`: it is somebody else's, or its parent's.
    pub(super) fn take(&mut self, token: &Token) -> Option<Hold> {
        let place = self.0.iter().position(|(known, ..)| known == token)?;
        let (_, generation, hold) = self.0.swap_remove(place);
        (generation == fork::generation()).then_some(hold)
    }

    /// The lease, which stays.
    pub(super) fn get(&self, token: &Token) -> Option<Hold> {
        let held = self.0.iter().find(|(known, ..)| known == token);
        held.filter(|(_, generation, _)| *generation == fork::generation()).map(|(.., hold)| *hold)
    }

    /// Whether this very connection has the lock. The server would give it once more.
    pub(super) fn has(&self, name: &Name, epoch: u64) -> bool {
        self.0.iter().any(|(.., hold)| *hold == Hold::Lock(*name, epoch))
    }

    /// Forgets the locks of other connections.
    pub(super) fn keep_only(&mut self, epoch: u64) {
        self.0.retain(|(.., hold)| !matches!(hold, Hold::Lock(_, of) if *of != epoch));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Operation;

    #[test]
    fn names_tell_sessions_tables_and_databases_apart_and_have_one_length() {
        let id = |text: &'static str| SessionId::parse(text.as_bytes(), Operation::Lock).unwrap();
        let long: &'static str = "x".repeat(256).leak();
        let here = Names::of("shop", "sessions");
        let names = [
            here.session(id("abc")),
            here.session(id("ABC")),
            here.session(id(long)),
            here.gc(),
            Names::of("shop2", "sessions").session(id("abc")),
            Names::of("shop", "ssessions").session(id("abc")),
            Names::of("shops", "essions").session(id("abc")),
        ];
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name));
            assert!(name.is_ascii() && !name.iter().any(u8::is_ascii_uppercase));
        }
        assert_eq!(Names::of("Shop", "SESSIONS").session(id("abc")), names[0]);
        assert_eq!(&fingerprint(b"abc"), b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
