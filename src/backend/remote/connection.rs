//! One connection, and the discipline that keeps replies with their commands.
//!
//! A connection is `clean` only while nothing is missing and nothing is left over. It is marked dirty
//! before a byte is sent and clean after the last reply was read to its end; whatever happens between
//! (a timeout, garbage, a cut) leaves it dirty, and a dirty connection is closed.
//!
//! Some commands are sent without waiting. Their replies are owed: they arrive before any later
//! reply and are taken off first.

use super::socket::Socket;
use crate::backend::fork;
use std::io;
use std::time::{Duration, Instant};

/// Idle for longer than this, a connection is looked at before it is trusted with a command: the
/// server may have closed it, or said something that nobody asked for. The look is a system call,
/// which a request with any work of its own does not notice; without it a release that nobody
/// waits for would go unheard into a closed connection.
const TRUSTED_FOR: Duration = Duration::from_millis(1);
/// A buffer larger than this is given back after use.
pub(in crate::backend) const KEPT_BUFFER: usize = 64 * 1024;
const FIRST_BUFFER: usize = 8 * 1024;

/// What a store's protocol says about replies. The server sends nothing that was not asked for.
pub(in crate::backend) trait Protocol {
    /// So many replies may be owed before one must be waited for.
    const MAX_OWED: u32;
    /// A reply in the terms of its place, so that the buffer can be let go of in between.
    type Extent;
    /// A reply, in the bytes that it arrived in.
    type Reply<'a>;

    /// Finds the reply that begins with the first byte. The inner error says how many bytes it needs at
    /// least, which is more than there are; the outer one what is wrong with it.
    fn find(&self, bytes: &[u8]) -> Result<Result<Self::Extent, usize>, &'static str>;

    /// How long it is on the wire.
    fn length(extent: &Self::Extent) -> usize;

    /// The reply, in the bytes in which it was found.
    fn reply<'a>(extent: &Self::Extent, bytes: &'a [u8]) -> Self::Reply<'a>;

    /// The length of what replies to commands that nobody waits for mostly are, as a short cut.
    fn usual(&self, bytes: &[u8]) -> Option<usize> {
        let _ = bytes;
        None
    }

    /// Takes note of a reply that nobody waited for.
    fn note(&mut self, late: Self::Reply<'_>);

    /// A reply was taken; the next one belongs to the next command.
    fn advance(&mut self) {}

    /// Whether a reply that nobody waited for said that its command failed, and nobody asked since.
    fn has_failed(&self) -> bool;
}

/// Why an exchange came to nothing. The connection is of no use any more.
#[derive(Debug)]
pub(in crate::backend) enum Fault {
    /// The server closed before the first byte of the reply: what may be repeated can be.
    Closed,
    /// The server closed, or the connection broke, in the middle of a reply.
    Cut,
    /// No answer within the limit.
    TimedOut,
    /// Sending or receiving failed.
    Failed(io::Error),
    /// What came is no reply, or more than was asked for.
    Garbage(&'static str),
    /// What came answers another command than ours.
    Stray,
}

/// A connected server, what has arrived from it, and what it still owes.
#[derive(Debug)]
pub(in crate::backend) struct Connection<P> {
    socket: Socket,
    /// What the protocol keeps of this connection.
    pub(in crate::backend) protocol: P,
    generation: u64,
    incoming: Vec<u8>,
    /// Where the next reply begins in `incoming`.
    start: usize,
    owed: u32,
    clean: bool,
    /// When the present command was asked for. The clock is read once for each command: that is a good part
    /// of what a command costs.
    asked: Instant,
    /// Until when a command may go over the connection without a look at it.
    trusted: Instant,
}

impl<P: Protocol> Connection<P> {
    pub(in crate::backend) fn new(socket: Socket, protocol: P) -> Self {
        let now = Instant::now();
        Self {
            socket,
            protocol,
            generation: fork::generation(),
            incoming: Vec::with_capacity(FIRST_BUFFER),
            start: 0,
            owed: 0,
            clean: true,
            asked: now,
            trusted: now + TRUSTED_FOR,
        }
    }

    /// Whether this connection belongs to this process, rather than to the parent of a fork.
    pub(in crate::backend) fn is_ours(&self) -> bool {
        self.generation == fork::generation()
    }

    /// Whether the next command, sent `now`, may go over this connection. After a pause this
    /// looks, without waiting, at what the server did meanwhile.
    pub(in crate::backend) fn is_usable(&mut self, now: Instant) -> bool {
        self.asked = now;
        self.clean && (now < self.trusted || self.is_quiet())
    }

    /// The next command is sent `now`, right after the replies to another one.
    pub(in crate::backend) fn go_on(&mut self, now: Instant) {
        self.asked = now;
    }

    /// Takes in the replies that are owed and have arrived. False if the server closed the
    /// connection or sent more than it owed.
    pub(in crate::backend) fn is_quiet(&mut self) -> bool {
        loop {
            match self.skip_owed() {
                Ok(_) if self.owed == 0 && self.start < self.incoming.len() => return false,
                Ok(_) => {}
                Err(_) => return false,
            }
            self.make_room(1);
            match self.socket.receive_now(&mut self.incoming) {
                Ok(0) => return false,
                Ok(_) => {}
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
    }

    /// Sends a command whose replies are waited for with [`Connection::reply`]. It may be in three parts,
    /// so that large data in its middle need not be copied. Without a middle there is no end either.
    pub(in crate::backend) fn send(&mut self, parts: [&[u8]; 3]) -> Result<(), Fault> {
        self.clean = false;
        let [head, body, tail] = parts;
        let large = !body.is_empty();
        let outcome = self.socket.send(head, large).and_then(|()| {
            if large {
                self.socket.send(body, !tail.is_empty())?;
                self.socket.send(tail, false)?;
            }
            Ok(())
        });
        outcome.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected => Fault::Closed,
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Fault::TimedOut,
            _ => Fault::Failed(error),
        })
    }

    /// Sends a command whose replies, `count` of them, nobody waits for. False without having sent
    /// anything if too many are owed already.
    pub(in crate::backend) fn send_unawaited(&mut self, parts: [&[u8]; 3], count: u32) -> Result<bool, Fault> {
        if self.owed + count > P::MAX_OWED {
            return Ok(false);
        }
        self.send(parts)?;
        self.owed += count;
        self.clean = true;
        self.trusted = self.asked + TRUSTED_FOR;
        Ok(true)
    }

    /// The next reply to what was sent with [`Connection::send`]. What is owed is read first.
    pub(in crate::backend) fn reply(&mut self, patience: Duration) -> Result<P::Reply<'_>, Fault> {
        let mut waited = false;
        let found = loop {
            let needed = if self.start == self.incoming.len() {
                1
            } else {
                match self.skip_owed()? {
                    Some(needed) => needed,
                    None => match self.find()? {
                        Ok(found) => break found,
                        Err(needed) => needed,
                    },
                }
            };
            // A server that sends a byte now and then is as slow as one that sends nothing.
            if std::mem::replace(&mut waited, true) && self.asked.elapsed() > patience {
                return Err(Fault::TimedOut);
            }
            self.make_room(needed);
            let nothing_yet = self.start == self.incoming.len();
            match self.socket.receive(&mut self.incoming) {
                Ok(0) if nothing_yet => return Err(Fault::Closed),
                Ok(0) => return Err(Fault::Cut),
                Ok(_) => {}
                Err(error) => {
                    return Err(match error.kind() {
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Fault::TimedOut,
                        io::ErrorKind::ConnectionReset if nothing_yet => Fault::Closed,
                        io::ErrorKind::ConnectionReset => Fault::Cut,
                        _ => Fault::Failed(error),
                    });
                }
            }
        };
        let begin = self.start;
        self.start += P::length(&found);
        self.protocol.advance();
        Ok(P::reply(&found, &self.incoming[begin..]))
    }

    fn find(&self) -> Result<Result<P::Extent, usize>, Fault> {
        self.protocol.find(&self.incoming[self.start..]).map_err(Fault::Garbage)
    }

    /// Takes the next reply if it has arrived and is exactly this.
    pub(in crate::backend) fn take(&mut self, wire: &[u8]) -> bool {
        let is_it = self.owed == 0 && self.incoming[self.start..].starts_with(wire);
        if is_it {
            self.start += wire.len();
            self.protocol.advance();
        }
        is_it
    }

    /// Says that all replies were taken. Anything that is left over means that replies and
    /// commands do not belong together any more.
    pub(in crate::backend) fn finish(&mut self) -> Result<(), Fault> {
        if self.start != self.incoming.len() {
            self.clean = false;
            return Err(Fault::Garbage("the server sent more than it was asked for"));
        }
        self.incoming.clear();
        if self.incoming.capacity() > KEPT_BUFFER {
            self.incoming = Vec::with_capacity(FIRST_BUFFER);
        }
        self.start = 0;
        self.clean = true;
        self.trusted = self.asked + TRUSTED_FOR;
        Ok(())
    }

    /// Whether nothing is owed, so that the next reply belongs to what is sent next.
    pub(in crate::backend) fn is_even(&self) -> bool {
        self.owed == 0
    }

    /// Whether a command that was not waited for failed, or may have: its answer did not arrive yet.
    pub(in crate::backend) fn is_unsettled(&self) -> bool {
        self.owed > 0 || self.protocol.has_failed()
    }

    /// The most that one wait for a part of a reply takes from now on.
    pub(in crate::backend) fn be_patient(&mut self, patience: Duration) -> io::Result<()> {
        self.socket.be_patient(patience)
    }

    /// Takes off the owed replies that have arrived. If one has not, says how many bytes it needs.
    fn skip_owed(&mut self) -> Result<Option<usize>, Fault> {
        while self.owed > 0 {
            let rest = &self.incoming[self.start..];
            let length = match self.protocol.usual(rest) {
                Some(length) => length,
                None => match self.protocol.find(rest).map_err(Fault::Garbage)? {
                    Err(needed) => return Ok(Some(needed)),
                    Ok(found) => {
                        self.protocol.note(P::reply(&found, rest));
                        P::length(&found)
                    }
                },
            };
            self.start += length;
            self.protocol.advance();
            self.owed -= 1;
        }
        Ok(None)
    }

    /// Makes room for a reply of `needed` bytes, but never for much more than twice what has
    /// arrived: an announced length alone must not cost memory.
    fn make_room(&mut self, needed: usize) {
        if self.start == self.incoming.len() {
            self.incoming.clear();
            self.start = 0;
        }
        let arrived = self.incoming.len() - self.start;
        let missing = needed.saturating_sub(arrived).clamp(1, arrived.max(FIRST_BUFFER));
        if self.incoming.capacity() - self.incoming.len() < missing {
            self.incoming.drain(..self.start);
            self.start = 0;
            self.incoming.reserve(missing.max(FIRST_BUFFER));
        }
    }
}
