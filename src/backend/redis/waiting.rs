//! Taking a session's lock: at once if it is free, else in order of arrival, woken by the release.
//!
//! A waiter stands in the queue and blocks on a list of its own. Whoever releases the lock gives it
//! to the first in the queue for a short time and pushes something onto that one's list; the claim
//! that the waiter sent behind its blocking command then takes the lock for good and reads. So a
//! waiter costs the server nothing while it waits, and one wait from the release to the data.
//!
//! It blocks in slices. Each slice ends with the same claim, which shows that the waiter is alive
//! and finds what nobody wakes for: a lock that ran out with its holder, a waiter that died with the
//! lock in its hands, and the release of a client that knows of no queue.

use super::client::Trouble;
use super::scripts::{Acquired, Call, holder_text};
use super::store::{Redis, milliseconds};
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState};
use crate::session::store::Opened;
use std::time::{Duration, Instant};

/// The longest slice. The script keeps a waiter alive for 3.5 s, a slice and a margin.
const SLICE: Duration = Duration::from_secs(2);
/// The slice while a stranger holds the lock, who will wake nobody.
const STRANGER_SLICE: Duration = Duration::from_millis(50);
/// How long after a lock's end it is looked for.
const MARGIN: Duration = Duration::from_millis(3);
/// The longest wait; longer ones are cut to it.
const FOR_EVER: Duration = Duration::from_secs(7 * 86_400);

/// What is to be had with the lock.
pub(super) struct Wanted<'a> {
    pub(super) lock: &'a LockRequest<'a>,
    /// Take it though there is no record.
    pub(super) missing: bool,
    /// As in [`Call::Acquire`].
    pub(super) read: Option<u64>,
}

/// [`Acquired`], with the record taken over and the holder described.
enum Outcome {
    Missing,
    Held { found: bool },
    Busy { holder: Option<String>, slice: Duration },
}

impl Redis {
    pub(super) fn acquire(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        let token = self.tokens.next()?;
        let mut deadline = None;
        let mut left = wanted.lock.wait.min(FOR_EVER);
        let mut claim = false;
        let mut slice = Duration::ZERO;
        loop {
            let call = Call::Acquire {
                token: &token,
                holder: wanted.lock.holder.as_bytes(),
                lease: milliseconds(wanted.lock.lease),
                missing: wanted.missing,
                read: wanted.read,
                claim,
                // The last claim leaves the queue when it gets nothing.
                stay: left > slice,
            };
            let wait = claim.then_some((&token, slice));
            let layout = self.layout;
            let outcome = self.run(operation, id, &call, wait, |reply| match Acquired::of(reply) {
                Some(Acquired::Missing) => Ok(Outcome::Missing),
                Some(Acquired::Held(record)) => {
                    if let Some(record) = record {
                        into.extend_from_slice(layout.payload(record));
                    }
                    Ok(Outcome::Held { found: record.is_some() })
                }
                Some(Acquired::Busy(value, left_ms)) => Ok(busy(value, left_ms)),
                None => Err(Trouble::with(reply)),
            })?;
            match outcome {
                Outcome::Missing => return Ok(Opened { found: false, lock: LockState::NotTaken }),
                Outcome::Held { found } => {
                    self.note_held(token, wanted.lock.lease);
                    return Ok(Opened { found, lock: LockState::Held(Lease { token, guard: None }) });
                }
                Outcome::Busy { holder, slice: until_next } => {
                    if left <= slice {
                        return Ok(Opened { found: false, lock: LockState::Busy(holder) });
                    }
                    let deadline = *deadline.get_or_insert(self.client.now() + left);
                    left = deadline.saturating_duration_since(Instant::now());
                    slice = until_next.min(left);
                    claim = true;
                }
            }
        }
    }
}

fn busy(value: &[u8], left_ms: i64) -> Outcome {
    let text = holder_text(value);
    let longest = if text.is_some() { SLICE } else { STRANGER_SLICE };
    let slice = match u64::try_from(left_ms) {
        Ok(left) => longest.min(Duration::from_millis(left) + MARGIN),
        Err(_) => longest,
    };
    let holder = match text {
        Some([]) => None,
        Some(text) => Some(String::from_utf8_lossy(text).into_owned()),
        None => Some("a client that is not Seshat".to_owned()),
    };
    Outcome::Busy { holder, slice }
}
