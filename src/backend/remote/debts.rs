//! Locks that are nobody's business any more and that the server may still hold for us.
//!
//! A lock is given back by its release. That one may be refused (a replica, a password that was set
//! meanwhile), go unheard (the server is down, the connection was closed, the script was forgotten), or
//! the answer to the taking of the lock may never arrive. The lock would then stop the session's
//! other requests until its lease is over. So such locks are remembered here and given back before
//! this store takes another one. A release names its owner's token: one too many does nothing.

use crate::session::id::SessionId;
use crate::session::lock::Token;
use std::time::{Duration, Instant};

/// More than a worker can have with a server that is there now and then.
const MOST: usize = 16;

/// A lock to be given back, until it goes with its lease.
#[derive(Debug)]
pub(in crate::backend) struct Debt {
    pub(in crate::backend) id: Vec<u8>,
    pub(in crate::backend) token: Token,
    until: Instant,
}

#[derive(Debug, Default)]
pub(in crate::backend) struct Debts {
    owed: Vec<Debt>,
    /// The last release that nobody waited for, while it is not known whether it was carried out.
    sent: Option<Token>,
    /// Its session: kept apart, for the sake of the buffer.
    sent_id: Vec<u8>,
}

impl Debts {
    /// A lock was not given back. `lease` is the most that the server keeps it.
    pub(in crate::backend) fn owe(&mut self, id: SessionId<'_>, token: Token, lease: Duration) {
        self.push(id.as_bytes().to_vec(), token, lease);
    }

    fn push(&mut self, id: Vec<u8>, token: Token, lease: Duration) {
        let Some(until) = Instant::now().checked_add(lease) else { return };
        if self.owed.len() >= MOST {
            self.owed.remove(0);
        }
        self.owed.push(Debt { id, token, until });
    }

    /// A release was sent and nobody waits for the answer.
    pub(in crate::backend) fn sent(&mut self, id: SessionId<'_>, token: Token) {
        self.sent_id.clear();
        self.sent_id.extend_from_slice(id.as_bytes());
        self.sent = Some(token);
    }

    /// All late answers of the server that the last release was sent to are in, and `well` says what
    /// they were.
    pub(in crate::backend) fn heard(&mut self, well: bool, lease: Duration) {
        if let Some(token) = self.sent.take()
            && !well
        {
            let id = std::mem::take(&mut self.sent_id);
            self.push(id, token, lease);
        }
    }

    /// The next lock to give back.
    pub(in crate::backend) fn next(&mut self) -> Option<Debt> {
        while let Some(debt) = self.owed.pop() {
            if debt.until > Instant::now() {
                return Some(debt);
            }
        }
        None
    }

    /// It could not be given back this time.
    pub(in crate::backend) fn keep(&mut self, debt: Debt) {
        self.owed.push(debt);
    }

    pub(in crate::backend) fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }
}
