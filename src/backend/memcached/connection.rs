//! A connection to a memcached server.

use super::protocol::{Extent, Reply, find};
use crate::backend::remote::connection::{self, Fault, Protocol};

pub(super) type Connection = connection::Connection<Numbered>;

/// Replies, each with its number where the server repeats it.
#[derive(Debug, Default)]
pub(in crate::backend) struct Numbered {
    /// The number of the command whose reply comes next.
    next: u32,
    /// A command that was not waited for was refused.
    late_refusal: bool,
}

impl Protocol for Numbered {
    const MAX_OWED: u32 = 48;
    type Extent = Extent;
    type Reply<'a> = Reply<'a>;

    #[inline]
    fn find(&self, bytes: &[u8]) -> Result<Result<Extent, usize>, &'static str> {
        match find(bytes) {
            Ok(Ok(Extent { number: Some(number), .. })) if number != self.next => Err("the answer to another question"),
            found => found.map_err(|malformed| malformed.0),
        }
    }

    #[inline]
    fn length(extent: &Extent) -> usize {
        extent.length
    }

    #[inline]
    fn reply<'a>(extent: &Extent, bytes: &'a [u8]) -> Reply<'a> {
        extent.reply(bytes)
    }

    fn note(&mut self, late: Reply<'_>) {
        self.late_refusal |= matches!(late, Reply::Error(_));
    }

    #[inline]
    fn advance(&mut self) {
        self.next = self.next.wrapping_add(1);
    }

    #[inline]
    fn has_failed(&self) -> bool {
        self.late_refusal
    }
}

impl Connection {
    /// Sends commands, the first of which has the number `first`, to be waited for.
    pub(super) fn send_numbered(&mut self, parts: [&[u8]; 3], first: u32) -> Result<(), Fault> {
        self.number(first);
        self.send(parts)
    }

    /// Sends `count` commands, the first of which has the number `first`, whose replies nobody waits
    /// for. False without having sent anything if too many are owed already.
    pub(super) fn tell_numbered(&mut self, parts: [&[u8]; 3], first: u32, count: u32) -> Result<bool, Fault> {
        self.number(first);
        self.send_unawaited(parts, count)
    }

    /// Replies that are owed come first, and the numbers go on behind theirs.
    fn number(&mut self, first: u32) {
        if self.is_even() {
            self.protocol.next = first;
        }
    }

    /// Whether one that was not waited for was refused since this was last asked.
    pub(super) fn take_late_refusal(&mut self) -> bool {
        std::mem::take(&mut self.protocol.late_refusal)
    }
}
