//! One of the server's two ports: its connection, made when it is needed, with the table opened on
//! it, and replaced when it was closed.

use super::error::{self, FAILURES};
use super::protocol::{Batch, Malformed, Refusal, Reply, find};
use super::rows::Rows;
use crate::backend::remote::address::Address;
use crate::backend::remote::connection::{Connection, Fault, KEPT_BUFFER, Protocol};
use crate::backend::remote::socket::Socket;
use crate::error::{Error, Operation, Result};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// How patient to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
}

/// Not printable: it holds the secret.
pub(super) struct Port {
    pub(super) address: Address,
    secret: Option<String>,
    limits: Limits,
    connection: Option<Connection<Lines>>,
    /// Tells this connection from earlier ones.
    epoch: u64,
    /// What is sent next.
    pub(super) batch: Batch,
}

/// Replies are lines.
#[derive(Debug, Default)]
struct Lines {
    /// So many bytes of the next reply are known to hold no end.
    scanned: Cell<usize>,
}

impl Protocol for Lines {
    const MAX_OWED: u32 = 16;
    type Extent = usize;
    type Reply<'a> = Result<Reply<'a>, Malformed>;

    fn find(&self, bytes: &[u8]) -> Result<Result<usize, usize>, &'static str> {
        let found = find(bytes, self.scanned.get()).map_err(|malformed| malformed.0)?;
        self.scanned.set(if found.is_ok() { 0 } else { bytes.len() });
        Ok(found)
    }

    fn length(extent: &usize) -> usize {
        *extent
    }

    fn reply<'a>(extent: &usize, bytes: &'a [u8]) -> Self::Reply<'a> {
        Reply::parse(bytes.get(..*extent).unwrap_or_default())
    }

    /// Requests that nobody waits for may find nothing to do, or a row that is there.
    fn note(&mut self, _late: Self::Reply<'_>) {}

    fn has_failed(&self) -> bool {
        false
    }
}

/// What is wrong with a reply, said by whoever knows the request.
pub(super) enum Complaint<'r> {
    /// The server refused; the connection is in step.
    Refused(Refusal<'r>),
    /// It belongs to no such request.
    Malformed,
}

impl From<Malformed> for Complaint<'_> {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// What stood in the way of an exchange.
enum Trouble {
    Told(Error),
    /// The server had closed the connection before it said anything.
    Closed,
}

impl Port {
    pub(super) fn new(address: Address, secret: Option<String>, limits: Limits) -> Self {
        Self { address, secret, limits, connection: None, epoch: 0, batch: Batch::default() }
    }

    /// Makes sure of a connection with the table open, and begins the batch.
    pub(super) fn begin(&mut self, rows: &Rows, operation: Operation) -> Result<()> {
        self.connect(rows, operation)?;
        self.batch.begin(KEPT_BUFFER);
        Ok(())
    }

    /// Tells the connection from all others that this port had.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(super) fn disconnect(&mut self) {
        self.connection = None;
    }

    fn connect(&mut self, rows: &Rows, operation: Operation) -> Result<()> {
        let now = Instant::now();
        if let Some(connection) = &mut self.connection
            && connection.is_ours()
            && connection.is_usable(now)
        {
            return Ok(());
        }
        self.disconnect();
        let Limits { connect_timeout, read_timeout } = self.limits;
        let socket = Socket::connect(&self.address, None, connect_timeout, read_timeout)
            .map_err(|cause| FAILURES.not_connected(operation, &self.address, connect_timeout, cause))?;
        self.connection = Some(Connection::new(socket, Lines::default()));
        self.epoch += 1;
        let mut greeting = Batch::default();
        if let Some(secret) = &self.secret {
            greeting.request(b"A").word(b"1").value(secret.as_bytes()).end();
        }
        rows.open(&mut greeting);
        let outcome = self.exchange(&greeting, rows, operation, &mut |_, reply| reply.accepted().map(drop));
        outcome.map_err(|trouble| {
            self.disconnect();
            self.told(operation, trouble)
        })
    }

    /// Sends the batch and hands each reply to `take`, with its place in the batch. Where the server had
    /// closed the kept connection the batch is repeated on a new one, with what was told collected anew.
    pub(super) fn ask<T: Default>(
        &mut self,
        rows: &Rows,
        operation: Operation,
        mut take: impl for<'r> FnMut(&mut T, u32, Reply<'r>) -> Result<(), Complaint<'r>>,
    ) -> Result<T> {
        let batch = std::mem::take(&mut self.batch);
        let mut told = T::default();
        let mut outcome = self.exchange(&batch, rows, operation, &mut |index, reply| take(&mut told, index, reply));
        if matches!(outcome, Err(Trouble::Closed)) {
            outcome = match self.connect(rows, operation) {
                Ok(()) => {
                    told = T::default();
                    self.exchange(&batch, rows, operation, &mut |index, reply| take(&mut told, index, reply))
                }
                Err(error) => Err(Trouble::Told(error)),
            };
        }
        self.batch = batch;
        outcome.map(|()| told).map_err(|trouble| self.told(operation, trouble))
    }

    /// Sends the batch without waiting for its replies. False if that is not to be: then nothing was sent,
    /// and the caller asks instead.
    pub(super) fn tell(&mut self, operation: Operation) -> Result<bool> {
        let Some(connection) = &mut self.connection else { return Ok(false) };
        match connection.send_unawaited([self.batch.bytes(), b"", b""], self.batch.count()) {
            Ok(sent) => Ok(sent),
            Err(fault) => {
                self.disconnect();
                match fault {
                    Fault::Closed => Ok(false),
                    fault => Err(FAILURES.broken(operation, &self.address, self.limits.read_timeout, fault)),
                }
            }
        }
    }

    fn told(&self, operation: Operation, trouble: Trouble) -> Error {
        match trouble {
            Trouble::Told(error) => error,
            Trouble::Closed => FAILURES.broken(operation, &self.address, self.limits.read_timeout, Fault::Closed),
        }
    }

    fn exchange(
        &mut self,
        batch: &Batch,
        rows: &Rows,
        operation: Operation,
        take: &mut dyn for<'r> FnMut(u32, Reply<'r>) -> Result<(), Complaint<'r>>,
    ) -> Result<(), Trouble> {
        let patience = self.limits.read_timeout;
        let Some(connection) = &mut self.connection else { return Err(Trouble::Closed) };
        let mut outcome = Ok(());
        let fault = 'exchange: {
            if let Err(fault) = connection.send([batch.bytes(), b"", b""]) {
                break 'exchange fault;
            }
            for index in 0..batch.count() {
                let reply = match connection.reply(patience) {
                    Ok(Ok(reply)) => reply,
                    Ok(Err(malformed)) => break 'exchange Fault::Garbage(malformed.0),
                    // Something was answered: the server may have done any of it.
                    Err(Fault::Closed) if index > 0 => break 'exchange Fault::Cut,
                    Err(fault) => break 'exchange fault,
                };
                match take(index, reply) {
                    Ok(()) => {}
                    Err(Complaint::Malformed) => break 'exchange Fault::Stray,
                    // The first refusal is the cause of those that follow.
                    Err(Complaint::Refused(refusal)) if outcome.is_ok() => {
                        outcome = Err(Trouble::Told(error::refused(operation, &self.address, rows, refusal)));
                    }
                    Err(Complaint::Refused(_)) => {}
                }
            }
            match connection.finish() {
                Ok(()) => return outcome,
                Err(fault) => fault,
            }
        };
        self.disconnect();
        Err(match fault {
            Fault::Closed => Trouble::Closed,
            fault => Trouble::Told(FAILURES.broken(operation, &self.address, patience, fault)),
        })
    }
}

impl<'r> Reply<'r> {
    /// A reply that must be no refusal.
    pub(super) fn accepted(self) -> Result<Self, Complaint<'r>> {
        match self.refusal() {
            Some(refusal) => Err(Complaint::Refused(refusal)),
            None => Ok(self),
        }
    }

    /// A reply that may be a refusal because there is such a row already: None then.
    pub(super) fn accepted_unless_duplicate(self) -> Result<Option<Self>, Complaint<'r>> {
        match self.refusal() {
            Some(Refusal { word: error::DUPLICATE, .. }) => Ok(None),
            _ => self.accepted().map(Some),
        }
    }
}
