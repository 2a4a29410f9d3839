//! A connection to a Redis server.
//!
//! Replies carry no number: the only thing that says which command a reply answers is the order, so
//! that what hands out a session or a lock is sealed ([`super::seal`]).

use super::protocol::{Extent, Reply, find};
use super::seal::Seal;
use crate::backend::remote::connection::{self, Fault, Protocol};
use std::time::Duration;

pub(super) type Connection = connection::Connection<Resp>;

/// A command, ready to be sent: a frame, and for large records the data and the end of the last
/// argument, so that the data is not copied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outgoing<'a> {
    pub(super) head: &'a [u8],
    pub(super) body: &'a [u8],
    pub(super) tail: &'a [u8],
    /// What the last reply must be, if the last command asks for it.
    pub(super) seal: Option<Seal>,
}

impl<'a> Outgoing<'a> {
    /// The bytes, in the order in which they are sent.
    pub(super) fn parts(&self) -> [&'a [u8]; 3] {
        [self.head, self.body, self.tail]
    }
}

/// What a late answer said, when it was no "yes".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Late {
    /// A command that was not waited for failed.
    pub(super) failed: bool,
    /// It failed because the server did not know the script.
    pub(super) no_script: bool,
}

/// Replies in RESP2, and what late ones said.
#[derive(Debug, Default)]
pub(in crate::backend) struct Resp(Late);

impl Protocol for Resp {
    const MAX_OWED: u32 = 32;
    type Extent = Extent;
    type Reply<'a> = Reply<'a>;

    #[inline]
    fn find(&self, bytes: &[u8]) -> Result<Result<Extent, usize>, &'static str> {
        find(bytes).map_err(|malformed| malformed.0)
    }

    #[inline]
    fn length(extent: &Extent) -> usize {
        extent.length
    }

    #[inline]
    fn reply<'a>(extent: &Extent, bytes: &'a [u8]) -> Reply<'a> {
        extent.reply(bytes)
    }

    /// A SET NX that found the session, a number from the script.
    #[inline]
    fn usual(&self, bytes: &[u8]) -> Option<usize> {
        match bytes {
            [b'$', b'-', b'1', b'\r', b'\n', ..] => Some(5),
            [b':', b'0'..=b'9', b'\r', b'\n', ..] => Some(4),
            _ => None,
        }
    }

    fn note(&mut self, late: Reply<'_>) {
        if let Reply::Error(text) = late {
            self.0.failed = true;
            self.0.no_script |= text.starts_with(b"NOSCRIPT");
        }
    }

    #[inline]
    fn has_failed(&self) -> bool {
        self.0.failed
    }
}

impl Connection {
    /// What late answers said since this was last asked.
    pub(super) fn take_late(&mut self) -> Late {
        std::mem::take(&mut self.protocol.0)
    }

    /// Takes the reply that says that the ones before it were the answers to our commands. A server
    /// that refuses to give it says why.
    pub(super) fn confirm(&mut self, seal: &Seal, patience: Duration) -> Result<Option<String>, Fault> {
        if self.take(seal.wire()) {
            return Ok(None);
        }
        match self.reply(patience)? {
            Reply::Bulk(mark) if mark == seal.mark() => Ok(None),
            Reply::Error(text) => Ok(Some(String::from_utf8_lossy(text).into_owned())),
            _ => Err(Fault::Stray),
        }
    }
}
