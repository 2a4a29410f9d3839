//! The sessions' locks: bytes of a file beside the database, or a list for a database in memory.

use super::config::Place;
use crate::backend::file_lock::{Byte, LockFile};
use crate::error::Result;
use crate::session::lock::{Lease, Token};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

pub(super) enum Locks {
    File(LockFile),
    /// Nobody but this store can see the sessions, and so it alone can ask for their locks.
    Memory(Arc<Mutex<Vec<Byte>>>),
}

struct Held {
    byte: Byte,
    list: Arc<Mutex<Vec<Byte>>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.list.lock().retain(|byte| *byte != self.byte);
    }
}

impl Locks {
    /// One lock file for each user beside the database, named after it.
    pub(super) fn new(place: &Place) -> Self {
        match place {
            Place::Memory => Self::Memory(Arc::default()),
            Place::File(path) => {
                let mut name = path.as_os_str().to_owned();
                name.push(format!("-lock-{}", nix::unistd::geteuid()));
                Self::File(LockFile::new("sqlite", name.into()))
            }
        }
    }

    /// Takes the lock, waiting at most `wait`. `None`: somebody else has it.
    pub(super) fn take(&mut self, byte: Byte, wait: Duration) -> Result<Option<Lease>> {
        let guard: Box<dyn std::any::Any + Send> = match self {
            Self::File(file) => match file.lock(byte, wait)? {
                Some(guard) => Box::new(guard),
                None => return Ok(None),
            },
            Self::Memory(list) => {
                // Waiting would be for oneself.
                let mut held = list.lock();
                if held.contains(&byte) {
                    return Ok(None);
                }
                held.push(byte);
                Box::new(Held { byte, list: Arc::clone(list) })
            }
        };
        Ok(Some(Lease { token: Token::counted(), guard: Some(guard) }))
    }

    /// Whether a lease still means that nobody else has the session.
    pub(super) fn holds(&mut self, lease: &Lease) -> bool {
        match self {
            Self::File(file) => file.holds(lease),
            Self::Memory(_) => lease.guard.as_ref().is_some_and(|guard| guard.is::<Held>()),
        }
    }
}
