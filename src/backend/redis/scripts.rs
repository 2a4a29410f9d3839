//! The calls of the session script: how they are written, and what its answers mean.

use super::keys::Keys;
use super::layout::Layout;
use super::protocol::{Frame, Reply, decimal};
use crate::session::id::SessionId;
use crate::session::lock::Token;
use crate::session::reference::{Assignment, Terms};
use std::sync::LazyLock;

const TEXT: &str = include_str!("session.lua");

/// The part of a call that never changes, up to the number of keys.
static BY_HASH: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut frame = Frame::default();
    frame.arg(b"EVALSHA");
    frame.arg(sha1_smol::Sha1::from(TEXT).digest().to_string().as_bytes());
    frame.as_bytes().to_vec()
});

static BY_TEXT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut frame = Frame::default();
    frame.arg(b"EVAL");
    frame.arg(TEXT.as_bytes());
    frame.as_bytes().to_vec()
});

const EMPTY: &[u8] = b"$0\r\n\r\n";

/// What the script is asked to do. Times are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call<'a> {
    /// Take the lock and read.
    Acquire {
        token: &'a Token,
        /// Who asks, for those that are refused.
        holder: &'a [u8],
        lease: u64,
        /// Take it though there is no record.
        missing: bool,
        /// `None`: lock only. Zero: read. Otherwise read and extend the lifetime.
        read: Option<u64>,
        step: Step,
        /// Queue up, or stay in the queue, when the lock is held: `Some` with the most that may wait.
        wait: Option<u32>,
    },
    /// Write if the lock is still ours, and release it.
    Write { token: &'a Token, ttl: u64, data: &'a [u8] },
    /// Keep the record alive, store it again if it vanished, and release the lock.
    Touch {
        token: &'a Token,
        ttl: u64,
        extended: bool,
        /// By our own clock the lease has not run out: a lock that is gone was lost by the server.
        running: bool,
        /// Left out for a large record: the answer then says whether it is needed.
        data: Option<&'a [u8]>,
    },
    /// Delete the record and release the lock.
    Destroy { token: &'a Token },
    /// Let the lock run for another lease if it is still ours.
    Renew { token: &'a Token, lease: u64 },
    /// Release the lock.
    Free { token: &'a Token },
    /// Read, and extend the lifetime unless it is zero.
    Read { extend: u64 },
    /// Store, keep alive or end a session that may have a reference.
    Referred(Referred<'a>),
}

/// [`Call::Referred`]: with a token under the lock, which is then released.
#[derive(Clone, Copy, Debug)]
pub(super) struct Referred<'a> {
    pub(super) what: What,
    pub(super) token: Option<&'a Token>,
    pub(super) ttl: u64,
    pub(super) terms: Terms<'a>,
    /// As in [`Call::Touch`].
    pub(super) running: bool,
    pub(super) data: Option<&'a [u8]>,
}

/// What is done to such a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It is stored.
    Store,
    /// It is kept alive, and stored if it vanished.
    Keep,
    /// It is ended.
    End,
}

/// Where the way to a lock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A first try, with an answer.
    Open,
    /// A first try by one that blocks right behind it: the claim after that gets the answer.
    Join,
    /// One that waits tries again.
    Claim,
}

impl<'a> Call<'a> {
    /// Writes the call. The bytes of a large record are left out and returned: they and the end of
    /// the argument are to be sent after the frame.
    pub(super) fn write_to(
        &self,
        frame: &mut Frame,
        keys: &mut Keys,
        id: SessionId<'_>,
        layout: Layout,
        by_text: bool,
        database: Option<u32>,
    ) -> (&'a [u8], &'static [u8]) {
        let more = if matches!(self, Self::Referred(_)) { keys.of_references() } else { 0 };
        frame.begin(8 + more + self.arguments());
        frame.raw(if by_text { &BY_TEXT } else { &BY_HASH });
        frame.raw(match more {
            0 => b"$1\r\n3\r\n",
            1 => b"$1\r\n4\r\n",
            _ => b"$1\r\n5\r\n",
        });
        frame.raw(keys.all(id));
        if more > 0 {
            frame.arg_of(&keys.own_reference(&id));
        }
        if more > 1 {
            frame.arg_of(&keys.references());
        }
        frame.raw(self.action());
        match database {
            Some(database) => frame.number(u64::from(database)),
            None => frame.raw(EMPTY),
        }
        match *self {
            Self::Acquire { token, holder, lease, missing, read, wait, .. } => {
                lock_value(frame, token, lease, holder);
                frame.number(lease);
                frame.switch(missing);
                match read {
                    Some(extend) => frame.number(extend),
                    None => frame.raw(EMPTY),
                }
                match wait {
                    Some(most) => frame.number(u64::from(most)),
                    None => frame.raw(EMPTY),
                }
            }
            Self::Write { token, ttl, data } => {
                token_argument(frame, token);
                frame.number(ttl);
                return layout.last_argument(frame, data);
            }
            Self::Touch { token, ttl, extended, running, data } => {
                token_argument(frame, token);
                frame.number(ttl);
                frame.switch(extended);
                frame.switch(running);
                if let Some(data) = data {
                    return layout.last_argument(frame, data);
                }
            }
            Self::Renew { token, lease } => {
                token_argument(frame, token);
                frame.number(lease);
            }
            Self::Destroy { token } | Self::Free { token } => token_argument(frame, token),
            Self::Read { extend } => frame.number(extend),
            Self::Referred(Referred { what: _, token, ttl, terms, running, data }) => {
                match token {
                    Some(token) => token_argument(frame, token),
                    None => frame.raw(EMPTY),
                }
                frame.number(ttl);
                let (letter, reference) = match terms.reference {
                    Assignment::Keep => (b'k', b"".as_slice()),
                    Assignment::Clear => (b'c', b"".as_slice()),
                    Assignment::Set(reference) => (b's', reference.as_bytes()),
                };
                frame.arg(&[letter, digit(terms.existing), digit(running)]);
                frame.arg(id.as_bytes());
                frame.arg(reference);
                if let Some(data) = data {
                    return layout.last_argument(frame, data);
                }
            }
        }
        (b"", b"")
    }

    /// Whether the answer hands out a session or a lock: then it must be sealed.
    pub(super) fn hands_out(&self) -> bool {
        matches!(self, Self::Acquire { .. } | Self::Read { .. })
    }

    fn arguments(&self) -> usize {
        match self {
            Self::Acquire { .. } => 5,
            Self::Write { .. } => 3,
            Self::Touch { data, .. } => 4 + usize::from(data.is_some()),
            Self::Renew { .. } => 2,
            Self::Destroy { .. } | Self::Free { .. } | Self::Read { .. } => 1,
            Self::Referred(Referred { data, .. }) => 5 + usize::from(data.is_some()),
        }
    }

    /// The action, as an argument.
    fn action(&self) -> &'static [u8] {
        match self {
            Self::Acquire { step: Step::Open, .. } => b"$4\r\nopen\r\n",
            Self::Acquire { step: Step::Join, .. } => b"$4\r\njoin\r\n",
            Self::Acquire { step: Step::Claim, .. } => b"$5\r\nclaim\r\n",
            Self::Write { .. } => b"$5\r\nwrite\r\n",
            Self::Touch { .. } => b"$5\r\ntouch\r\n",
            Self::Destroy { .. } => b"$7\r\ndestroy\r\n",
            Self::Renew { .. } => b"$5\r\nrenew\r\n",
            Self::Free { .. } => b"$4\r\nfree\r\n",
            Self::Read { .. } => b"$4\r\nread\r\n",
            Self::Referred(Referred { what: What::Store, .. }) => b"$5\r\nstore\r\n",
            Self::Referred(Referred { what: What::Keep, .. }) => b"$4\r\nkeep\r\n",
            Self::Referred(Referred { what: What::End, .. }) => b"$3\r\nend\r\n",
        }
    }
}

/// The answer to [`Call::Acquire`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acquired<'a> {
    /// There is no record, and the lock was wanted for an existing one only.
    Missing,
    /// It is ours; the record as it is stored, if there is one and it was asked for.
    Held(Option<&'a [u8]>),
    /// Another one has it.
    Busy {
        /// What the lock holds.
        value: &'a [u8],
        /// For how many milliseconds. Negative for a lock without a limit.
        left: i64,
        /// So many wait for it that this one may not.
        crowded: bool,
    },
}

impl<'a> Acquired<'a> {
    /// `None` for an answer that the script does not give.
    pub(super) fn of(reply: Reply<'a>) -> Option<Self> {
        match reply {
            Reply::Integer(0) => Some(Self::Missing),
            Reply::Integer(1) => Some(Self::Held(None)),
            Reply::Bulk(data) => Some(Self::Held(Some(data))),
            Reply::Array(mut items) => match (items.next()?, items.next()?, items.next(), items.next()) {
                (Reply::Bulk(value), Reply::Integer(left), None, None) => {
                    Some(Self::Busy { value, left, crowded: false })
                }
                (Reply::Bulk(value), Reply::Integer(left), Some(Reply::Integer(1)), None) => {
                    Some(Self::Busy { value, left, crowded: true })
                }
                _ => None,
            },
            _ => None,
        }
    }
}

const fn digit(on: bool) -> u8 {
    if on { b'1' } else { b'0' }
}

/// A token, as an argument.
fn token_argument(frame: &mut Frame, token: &Token) {
    frame.raw(b"$32\r\n");
    frame.raw(token.as_bytes());
    frame.raw(b"\r\n");
}

/// A lock's value, as an argument: whose it is, for how long it was taken, and who that is.
pub(super) fn lock_value(frame: &mut Frame, token: &Token, lease: u64, holder: &[u8]) {
    let mut digits = [0; 20];
    let lease = decimal(lease, &mut digits);
    frame.announce(token.as_bytes().len() + 1 + lease.len() + 1 + holder.len());
    frame.raw(token.as_bytes());
    frame.raw(b" ");
    frame.raw(lease);
    frame.raw(b" ");
    frame.raw(holder);
    frame.raw(b"\r\n");
}

/// What a lock's value says of its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder<'a> {
    /// The lease in milliseconds, and the holder's own words.
    Known(u64, &'a [u8]),
    /// The lock is on its way to a waiter.
    Waiter,
    /// The lock was taken by another kind of client.
    Stranger,
}

impl<'a> Holder<'a> {
    pub(super) fn of(value: &'a [u8]) -> Self {
        let Some((token, rest)) = value.split_at_checked(33) else { return Self::Stranger };
        let Some((b' ', token)) = token.split_last() else { return Self::Stranger };
        if !token.iter().all(u8::is_ascii_hexdigit) {
            return Self::Stranger;
        }
        if rest.is_empty() {
            return Self::Waiter;
        }
        let mut parts = rest.splitn(2, |byte| *byte == b' ');
        let lease = parts.next().and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        match (lease, parts.next()) {
            (Some(lease), Some(text)) => Self::Known(lease, text),
            _ => Self::Stranger,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_ours_is_told_from_a_stranger_s() {
        let token = "0123456789abcdef0123456789abcdef";
        let of = |text: &str| format!("{token}{text}").into_bytes();
        assert_eq!(Holder::of(&of(" 30000 pid 1 GET /")), Holder::Known(30_000, b"pid 1 GET /"));
        assert_eq!(Holder::of(&of(" 1000 ")), Holder::Known(1000, b""));
        assert_eq!(Holder::of(&of(" ")), Holder::Waiter);
        for stranger in [of(""), of(" pid 1"), of(" 5"), of("0 5 x"), b"web1|2771".to_vec(), Vec::new()] {
            assert_eq!(Holder::of(&stranger), Holder::Stranger);
        }
    }

    #[test]
    fn answers_that_the_script_does_not_give_are_not_understood() {
        for wire in [
            b"*0\r\n".as_slice(),
            b":2\r\n",
            b"*2\r\n:0\r\n:0\r\n",
            b"*3\r\n$0\r\n\r\n:0\r\n:0\r\n",
            b"+OK\r\n",
            b"*1\r\n$1\r\n1\r\n",
            b"$-1\r\n",
        ] {
            let Ok(super::super::protocol::Parsed::Complete(reply, _)) = super::super::protocol::parse(wire) else {
                panic!()
            };
            assert_eq!(Acquired::of(reply), None, "{reply:?}");
        }
    }
}
