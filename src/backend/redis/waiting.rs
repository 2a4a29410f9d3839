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

use super::client::{Alongside, Before, Trouble};
use super::connection::{KEPT_BUFFER, Outgoing};
use super::protocol::Reply;
use super::scripts::{Acquired, Call, holder_text};
use super::store::{Redis, milliseconds, record};
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Token};
use crate::session::store::{Opened, Store};
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
        self.pay(operation)?;
        let token = self.tokens.next()?;
        self.lease = wanted.lock.lease;
        let outcome = self.acquire_as(token, operation, id, wanted, into);
        if outcome.is_err() && self.client.is_unanswered() {
            self.disown(id, token);
        }
        outcome
    }

    fn acquire_as(
        &mut self,
        token: Token,
        operation: Operation,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        self.prepare(operation, id)?;
        if !self.client.is_new()
            && let Some(opened) = self.acquire_free(operation, id, wanted, token, into)?
        {
            return Ok(opened);
        }
        let mut paid = false;
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
            self.hear();
            match outcome {
                Outcome::Missing => return Ok(Opened { found: false, lock: LockState::NotTaken }),
                Outcome::Held { found } => {
                    self.note_held(token, wanted.lock.lease);
                    return Ok(Opened { found, lock: LockState::Held(Lease { token, guard: None }) });
                }
                Outcome::Busy { holder, slice: until_next } => {
                    // The one who has it may be an earlier request of this very worker.
                    if !self.debts.is_empty() && !std::mem::replace(&mut paid, true) {
                        self.pay(operation)?;
                        if left <= slice {
                            continue;
                        }
                    }
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

impl Redis {
    /// The usual case, without the script's price: takes a lock that is free and reads, in one
    /// exchange of plain commands. None if it is held: then the script decides, and waits in line.
    ///
    /// Who waits for a lock is handed it by its release, so that it is not free in between. Only one
    /// that ran out with its holder can be taken here before those who wait look again.
    ///
    /// Only on a connection that was set up before: a refused SELECT would have these commands
    /// carried out in another database.
    fn acquire_free(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        token: Token,
        into: &mut Vec<u8>,
    ) -> Result<Option<Opened>> {
        let Some(extend) = wanted.read else { return Ok(None) };
        self.frame.clear(KEPT_BUFFER);
        self.frame.raw(b"*6\r\n$3\r\nSET\r\n");
        self.frame.raw(self.keys.lock(id));
        self.frame.arg_of(&[token.as_bytes(), b" ", wanted.lock.holder.as_bytes()]);
        self.frame.raw(b"$2\r\nNX\r\n$2\r\nPX\r\n");
        self.frame.number(milliseconds(wanted.lock.lease));
        if extend == 0 {
            self.frame.raw(b"*2\r\n$3\r\nGET\r\n");
            self.frame.raw(self.keys.record(id));
        } else {
            self.frame.raw(b"*4\r\n$5\r\nGETEX\r\n");
            self.frame.raw(self.keys.record(id));
            self.frame.raw(b"$2\r\nPX\r\n");
            self.frame.number(extend);
        }
        let command = Outgoing { head: self.frame.as_bytes(), body: b"", tail: b"" };
        let layout = self.layout;
        let mut taken = false;
        let mut answer = |reply: Reply<'_>| {
            taken = matches!(reply, Reply::Status(_));
            match reply {
                Reply::Status(_) | Reply::Null => Ok(()),
                other => Err(Trouble::with(other)),
            }
        };
        let before = Before::Reply(&mut answer);
        let found = self.client.ask(operation, command, Alongside::No, before, |reply| record(layout, reply, into));
        self.hear();
        if !taken {
            into.clear();
            return found.map(|_| None);
        }
        self.note_held(token, wanted.lock.lease);
        let lease = Lease { token, guard: None };
        match found {
            Ok(found) if found || wanted.missing => Ok(Some(Opened { found, lock: LockState::Held(lease) })),
            // An id that nobody stored must not leave a lock behind.
            Ok(_) => {
                self.unlock(id, lease)?;
                Ok(Some(Opened { found: false, lock: LockState::NotTaken }))
            }
            Err(error) => {
                // The failure to read is the one worth telling.
                let _ = self.unlock(id, lease);
                Err(error)
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
