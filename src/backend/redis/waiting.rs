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
use super::connection::Outgoing;
use super::exchange::is_put_off;
use super::protocol::Reply;
use super::scripts::{Acquired, Call, Holder, Step, lock_value};
use super::store::{Redis, milliseconds, record_and_reference};
use crate::backend::remote::connection::KEPT_BUFFER;
use crate::backend::remote::patience::Patience;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal, Token};
use crate::session::store::{Opened, Store};
use std::time::Duration;

/// The longest slice. The script keeps a waiter alive for that long and a margin.
const SLICE: Duration = Duration::from_secs(1);
/// The slice while a stranger holds the lock, who will wake nobody, or may.
const STRANGER_SLICE: Duration = Duration::from_millis(50);
/// How long after a lock's end it is looked for.
const MARGIN: Duration = Duration::from_millis(3);

/// What is to be had with the lock.
pub(super) struct Wanted<'a> {
    pub(super) lock: &'a LockRequest<'a>,
    /// Take it though there is no record.
    pub(super) missing: bool,
    /// As in [`Call::Acquire`].
    pub(super) read: Option<u64>,
}

/// What a waiter sends before its claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocking<'a> {
    /// The waiter.
    pub(super) token: &'a Token,
    /// It blocks until it is woken, at the most for so long.
    pub(super) time: Duration,
    /// The call with which it enters the queue, if it does not stand there yet.
    pub(super) join: Option<Call<'a>>,
}

/// [`Acquired`], with the record taken over and the holder described.
enum Outcome {
    Missing,
    Held { found: bool },
    Busy { refusal: Refusal, slice: Duration },
}

impl Redis {
    pub(super) fn acquire(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        let mut patience = Patience::of(wanted.lock.wait);
        loop {
            self.pay(operation)?;
            // A token of its own for each try: what became of the last one's may not be known yet.
            let token = self.tokens.next()?;
            self.lease = wanted.lock.lease;
            let outcome = self.acquire_as(token, operation, id, wanted, &mut patience, into);
            if is_put_off(&outcome, &mut patience) {
                into.clear();
                continue;
            }
            if outcome.is_err() && self.client.is_unanswered() {
                self.disown(id, token);
            }
            return outcome;
        }
    }

    fn acquire_as(
        &mut self,
        token: Token,
        operation: Operation,
        id: SessionId<'_>,
        wanted: &Wanted<'_>,
        patience: &mut Patience,
        into: &mut Vec<u8>,
    ) -> Result<Opened> {
        self.prepare(operation, id)?;
        let mut step = Step::Open;
        let mut slice = Duration::ZERO;
        if !self.client.is_new() {
            if let Some(opened) = self.acquire_free(operation, id, wanted, token, into)? {
                return Ok(opened);
            }
            // It is held, as a rule by one that will wake us: the place in the queue, the wait in it and
            // the claim go out together. Who has it may also be an earlier request of this very worker.
            if self.debts.is_empty() && self.client.knows_script() && !patience.left().is_zero() {
                patience.count_from(self.client.now());
                slice = STRANGER_SLICE.min(patience.left());
                step = Step::Join;
            }
        }
        let mut paid = false;
        let mut left = patience.left();
        loop {
            // The last claim leaves the queue when it gets nothing.
            let queue = wanted.lock.max_waiters.unwrap_or(0);
            let call = |step, stays: bool| Call::Acquire {
                token: &token,
                holder: wanted.lock.holder.as_bytes(),
                lease: milliseconds(wanted.lock.lease),
                missing: wanted.missing,
                read: wanted.read,
                step,
                wait: stays.then_some(queue),
            };
            let last = call(if step == Step::Join { Step::Claim } else { step }, left > slice);
            let wait = (step != Step::Open).then_some(Blocking {
                token: &token,
                time: slice,
                // Who joins waits for its slice, be it the only one.
                join: (step == Step::Join).then_some(call(Step::Join, true)),
            });
            let layout = self.layout;
            let outcome = self.run(operation, id, &last, wait, patience, |reply| match Acquired::of(reply) {
                Some(Acquired::Missing) => Ok(Outcome::Missing),
                Some(Acquired::Held(record)) => {
                    if let Some(record) = record {
                        into.extend_from_slice(layout.payload(record));
                    }
                    Ok(Outcome::Held { found: record.is_some() })
                }
                Some(Acquired::Busy { value, left, crowded }) => Ok(busy(value, left, crowded)),
                None => Err(Trouble::with(reply)),
            })?;
            self.hear();
            match outcome {
                Outcome::Missing => return Ok(Opened { found: false, lock: LockState::NotTaken }),
                Outcome::Held { found } => {
                    self.note_held(token, wanted.lock.lease);
                    return Ok(Opened { found, lock: LockState::Held(Lease { token, guard: None }) });
                }
                Outcome::Busy { refusal, slice: until_next } => {
                    // The one who has it may be an earlier request of this very worker.
                    if !self.debts.is_empty() && !std::mem::replace(&mut paid, true) {
                        self.pay(operation)?;
                        if left <= slice {
                            step = Step::Open;
                            continue;
                        }
                    }
                    if left <= slice || refusal.crowded {
                        return Ok(Opened { found: false, lock: LockState::Busy(refusal) });
                    }
                    patience.count_from(self.client.now());
                    left = patience.left();
                    slice = until_next.min(left);
                    step = Step::Claim;
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
        lock_value(&mut self.frame, &token, milliseconds(wanted.lock.lease), wanted.lock.holder.as_bytes());
        self.frame.raw(b"$2\r\nNX\r\n$2\r\nPX\r\n");
        self.frame.number(milliseconds(wanted.lock.lease));
        if extend == 0 {
            self.ask_for_record(id);
        } else {
            self.frame.raw(b"*4\r\n$5\r\nGETEX\r\n");
            self.frame.raw(self.keys.record(id));
            self.frame.raw(b"$2\r\nPX\r\n");
            self.frame.number(extend);
        }
        let seal = Some(self.client.seal(&mut self.frame));
        let command = Outgoing { head: self.frame.as_bytes(), body: b"", tail: b"", seal };
        let (layout, mut own) = (self.layout, None);
        let mut taken = false;
        let mut answer = |reply: Reply<'_>| {
            taken = matches!(reply, Reply::Status(_));
            match reply {
                Reply::Status(_) | Reply::Null => Ok(()),
                other => Err(Trouble::with(other)),
            }
        };
        let before = Before::Reply(&mut answer);
        let found = self.client.ask(operation, command, Alongside::No, before, |reply| {
            record_and_reference(layout, reply, into, &mut own)
        });
        self.hear();
        self.note_reference(id, own);
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

fn busy(value: &[u8], left_ms: i64, crowded: bool) -> Outcome {
    let left = u64::try_from(left_ms).ok().map(Duration::from_millis);
    let holder = Holder::of(value);
    let longest = if holder == Holder::Stranger { STRANGER_SLICE } else { SLICE };
    let slice = left.map_or(longest, |left| longest.min(left + MARGIN));
    let mut refusal = Refusal { crowded, ..Refusal::default() };
    match holder {
        Holder::Waiter => {}
        Holder::Stranger => refusal.holder = Some("a client that is not Seshat".to_owned()),
        Holder::Known(lease, text) => {
            refusal.held = left.and_then(|left| Duration::from_millis(lease).checked_sub(left));
            refusal.holder =
                Some(text).filter(|text| !text.is_empty()).map(|text| String::from_utf8_lossy(text).into());
        }
    }
    Outcome::Busy { refusal, slice }
}
