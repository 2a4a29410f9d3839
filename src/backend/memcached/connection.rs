//! A connection to a memcached server.

use super::batch::Batch;
use super::protocol::{Extent, Reply, find};
use crate::backend::remote::connection::{self, Fault, Protocol};

pub(super) type Connection = connection::Connection<Numbered>;

/// Replies, each with its number where the server repeats it.
#[derive(Debug, Default)]
pub(in crate::backend) struct Numbered {
    /// The number of the command whose reply comes next.
    next: u32,
    /// A reply without a number is none of ours, unless it is a complaint.
    strict: bool,
    /// A command that was not waited for was refused.
    late_refusal: bool,
}

impl Protocol for Numbered {
    const MAX_OWED: u32 = 48;
    type Extent = Extent;
    type Reply<'a> = Reply<'a>;

    #[inline]
    fn find(&self, bytes: &[u8]) -> Result<Result<Extent, usize>, &'static str> {
        let found = find(bytes).map_err(|malformed| malformed.0)?;
        match &found {
            Ok(extent) if !self.is_next(extent) => Err("the answer to another question"),
            _ => Ok(found),
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

impl Numbered {
    fn is_next(&self, extent: &Extent) -> bool {
        match extent.number {
            Some(number) => number == self.next,
            None => !self.strict || extent.is_complaint(),
        }
    }
}

impl Connection {
    /// Sends a batch, with a large value's bytes in their place, to be waited for.
    pub(super) fn send_batch(&mut self, batch: &Batch, body: &[u8]) -> Result<(), Fault> {
        self.expect(batch);
        let (head, tail) = batch.parts();
        self.send([head, if batch.is_split() { body } else { b"" }, tail])
    }

    /// Sends a batch whose replies nobody waits for. False without having sent anything if too many are
    /// owed already.
    pub(super) fn tell_batch(&mut self, batch: &Batch) -> Result<bool, Fault> {
        self.expect(batch);
        let (head, tail) = batch.parts();
        self.send_unawaited([head, b"", tail], batch.count())
    }

    /// Replies that are owed come first, and the numbers go on behind theirs.
    fn expect(&mut self, batch: &Batch) {
        if self.is_even() {
            self.protocol.next = batch.first();
        }
        self.protocol.strict = batch.is_numbered();
    }

    /// Whether one that was not waited for was refused since this was last asked.
    pub(super) fn take_late_refusal(&mut self) -> bool {
        std::mem::take(&mut self.protocol.late_refusal)
    }
}
