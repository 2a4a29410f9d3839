//! One connection, and the discipline that keeps replies with their commands.
//!
//! Replies carry no number: the only thing that says which command a reply answers is the order.
//! A connection is therefore `clean` only while nothing is missing and nothing is left over. It is
//! marked dirty before a byte is sent and clean after the last reply was read to its end; whatever
//! happens between (a timeout, garbage, a cut) leaves it dirty, and a dirty connection is closed.
//!
//! Some commands are sent without waiting. Their replies are owed: they arrive before any later
//! reply and are taken off first.

use super::protocol::{Malformed, Reply, find};
use super::seal::Seal;
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
pub(super) const KEPT_BUFFER: usize = 64 * 1024;
const FIRST_BUFFER: usize = 8 * 1024;
/// So many replies may be owed before one must be waited for.
const MAX_OWED: u32 = 32;

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

/// Why an exchange came to nothing. The connection is of no use any more.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server closed before the first byte of the reply: the command may be repeated.
    Closed,
    /// The server closed, or the connection broke, in the middle of a reply.
    Cut,
    /// No answer within the limit.
    TimedOut,
    /// Sending or receiving failed.
    Failed(io::Error),
    /// What came is no reply, or more than was asked for.
    Garbage(Malformed),
    /// What came answers another command than ours.
    Stray,
}

/// What a late answer said, when it was no "yes".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Late {
    /// A command that was not waited for failed.
    pub(super) failed: bool,
    /// It failed because the server did not know the script.
    pub(super) no_script: bool,
}

#[derive(Debug)]
pub(super) struct Connection {
    socket: Socket,
    generation: u64,
    incoming: Vec<u8>,
    /// Where the next reply begins in `incoming`.
    start: usize,
    owed: u32,
    clean: bool,
    late: Late,
    /// When the present command was asked for. The clock is read once for each command: that is a good part
    /// of what a command costs.
    asked: Instant,
    /// Until when a command may go over the connection without a look at it.
    trusted: Instant,
}

impl Connection {
    pub(super) fn new(socket: Socket) -> Self {
        let now = Instant::now();
        Self {
            socket,
            generation: fork::generation(),
            incoming: Vec::with_capacity(FIRST_BUFFER),
            start: 0,
            owed: 0,
            clean: true,
            late: Late::default(),
            asked: now,
            trusted: now + TRUSTED_FOR,
        }
    }

    /// Whether this connection belongs to this process, rather than to the parent of a fork.
    pub(super) fn is_ours(&self) -> bool {
        self.generation == fork::generation()
    }

    /// Whether the next command, sent `now`, may go over this connection. After a pause this
    /// looks, without waiting, at what the server did meanwhile.
    pub(super) fn is_usable(&mut self, now: Instant) -> bool {
        self.asked = now;
        self.clean && (now < self.trusted || self.is_quiet())
    }

    /// Takes in the replies that are owed and have arrived. False if the server closed the
    /// connection or sent more than it owed.
    pub(super) fn is_quiet(&mut self) -> bool {
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

    /// Sends a command whose reply is waited for with [`Connection::reply`].
    pub(super) fn send(&mut self, command: Outgoing<'_>) -> Result<(), Fault> {
        self.clean = false;
        self.transmit(command)
    }

    /// Sends a command whose replies, `count` of them, nobody waits for. False without having sent
    /// anything if too many are owed already.
    pub(super) fn send_unawaited(&mut self, command: Outgoing<'_>, count: u32) -> Result<bool, Fault> {
        if self.owed + count > MAX_OWED {
            return Ok(false);
        }
        self.clean = false;
        self.transmit(command)?;
        self.owed += count;
        self.clean = true;
        self.trusted = self.asked + TRUSTED_FOR;
        Ok(true)
    }

    fn transmit(&mut self, command: Outgoing<'_>) -> Result<(), Fault> {
        let large = !command.body.is_empty();
        let outcome = self.socket.send(command.head, large).and_then(|()| {
            if large {
                self.socket.send(command.body, true)?;
                self.socket.send(command.tail, false)?;
            }
            Ok(())
        });
        outcome.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected => Fault::Closed,
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Fault::TimedOut,
            _ => Fault::Failed(error),
        })
    }

    /// The next reply to what was sent with [`Connection::send`]. What is owed is read first.
    pub(super) fn reply(&mut self, patience: Duration) -> Result<Reply<'_>, Fault> {
        let mut waited = false;
        let found = loop {
            let needed = if self.start == self.incoming.len() {
                1
            } else {
                match self.skip_owed()? {
                    Some(needed) => needed,
                    None => match find(&self.incoming[self.start..]).map_err(Fault::Garbage)? {
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
        self.start += found.length;
        Ok(found.reply(&self.incoming[begin..]))
    }

    /// Takes the reply that says that the ones before it were the answers to our commands. A server
    /// that refuses to give it says why.
    pub(super) fn confirm(&mut self, seal: &Seal, patience: Duration) -> Result<Option<String>, Fault> {
        if self.incoming.get(self.start..).and_then(|rest| rest.first_chunk()) == Some(seal.wire()) {
            self.start += seal.wire().len();
            return Ok(None);
        }
        match self.reply(patience)? {
            Reply::Bulk(mark) if mark == seal.mark() => Ok(None),
            Reply::Error(text) => Ok(Some(String::from_utf8_lossy(text).into_owned())),
            _ => Err(Fault::Stray),
        }
    }

    /// Says that all replies were taken. Anything that is left over means that replies and
    /// commands do not belong together any more.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        if self.start != self.incoming.len() {
            self.clean = false;
            return Err(Fault::Garbage(Malformed("the server sent more than it was asked for")));
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

    /// What late answers said since this was last asked.
    pub(super) fn take_late(&mut self) -> Late {
        std::mem::take(&mut self.late)
    }

    /// Whether a command that was not waited for failed, or may have: its answer did not arrive yet.
    pub(super) fn is_unsettled(&self) -> bool {
        self.owed > 0 || self.late.failed
    }

    /// Lets the next replies take longer by `extra`.
    pub(super) fn be_patient(&mut self, patience: Duration) -> io::Result<()> {
        self.socket.be_patient(patience)
    }

    /// Takes off the owed replies that have arrived. If one has not, says how many bytes it needs.
    fn skip_owed(&mut self) -> Result<Option<usize>, Fault> {
        while self.owed > 0 {
            let rest = &self.incoming[self.start..];
            // What most of them are: a SET NX that found the session, a number from the script.
            let usual = match rest {
                [b'$', b'-', b'1', b'\r', b'\n', ..] => 5,
                [b':', b'0'..=b'9', b'\r', b'\n', ..] => 4,
                _ => 0,
            };
            if usual > 0 {
                self.start += usual;
                self.owed -= 1;
                continue;
            }
            match find(rest).map_err(Fault::Garbage)? {
                Err(needed) => return Ok(Some(needed)),
                Ok(found) => {
                    if let Reply::Error(text) = found.reply(rest) {
                        self.late.failed = true;
                        self.late.no_script |= text.starts_with(b"NOSCRIPT");
                    }
                    self.start += found.length;
                    self.owed -= 1;
                }
            }
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
