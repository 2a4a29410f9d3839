//! The servers of a store, and the exchange with one of them.

use super::batch::Batch;
use super::error;
use super::protocol::Reply;
use super::ring::Ring;
use super::server::{Server, Settings, Trouble};
use crate::backend::remote::address::Address;
use crate::error::{Operation, Result};
use std::time::Instant;

/// Commands for a second server, sent along with those for the first and answered in the same wait.
/// What becomes of them is no failure of the exchange.
#[derive(Default)]
struct Mirror {
    /// `None`: there is no second server, or it is away.
    at: Option<usize>,
    batch: Batch,
    sent: bool,
    answers: Vec<Answer>,
}

/// What the second server said.
#[derive(Debug)]
pub(super) enum Answer {
    Value {
        data: Vec<u8>,
        flags: u32,
        version: u64,
    },
    Done {
        version: u64,
    },
    Missing,
    /// There is something, or something else.
    Refused,
}

pub(super) struct Cluster {
    pub(super) settings: Settings,
    servers: Vec<Server>,
    ring: Ring,
    /// Commands for the server that was last aimed at.
    pub(super) batch: Batch,
    mirror: Mirror,
    /// When a server was last aimed at: asking the clock is a good part of what a command costs.
    now: Instant,
}

impl Cluster {
    /// At least one server must be given.
    pub(super) fn new(settings: Settings, addresses: Vec<Address>, ring: Ring) -> Self {
        let servers = addresses.into_iter().map(Server::new).collect();
        Self { settings, servers, ring, batch: Batch::default(), mirror: Mirror::default(), now: Instant::now() }
    }

    /// The server that has a session.
    pub(super) fn home(&self, id: &[u8]) -> usize {
        self.ring.pick(id)
    }

    /// The server behind that one in the list: where libmemcached has its replicas, too.
    pub(super) fn after(&self, at: usize) -> usize {
        (at + 1) % self.servers.len().max(1)
    }

    pub(super) fn server(&mut self, at: usize) -> &mut Server {
        &mut self.servers[at]
    }

    pub(super) fn address(&self, at: usize) -> &Address {
        &self.servers[at].address
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.servers.iter().map(|server| &server.address)
    }

    /// When [`Cluster::aim`] or [`Cluster::again`] was last called, which is before anything was sent since.
    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// Makes sure of a connection to a server and begins a batch for it.
    pub(super) fn aim(&mut self, operation: Operation, at: usize) -> Result<()> {
        self.now = Instant::now();
        self.mirror.at = None;
        self.mirror.answers.clear();
        self.servers[at].prepare(&self.settings, operation, self.now)?;
        self.servers[at].begin(&mut self.batch);
        Ok(())
    }

    /// Aims at a second server as well, for [`Cluster::mirror`]. To be called after [`Cluster::aim`].
    pub(super) fn aim_mirror(&mut self, operation: Operation, at: usize) {
        if self.servers[at].prepare(&self.settings, operation, self.now).is_ok() {
            self.mirror.at = Some(at);
            self.begin_mirror(at);
        }
    }

    fn begin_mirror(&mut self, at: usize) {
        self.servers[at].begin(&mut self.mirror.batch);
        self.mirror.sent = false;
        self.mirror.answers.clear();
    }

    /// The commands for the second server, while it is there.
    pub(super) fn mirror(&mut self) -> Option<&mut Batch> {
        self.mirror.at.is_some().then_some(&mut self.mirror.batch)
    }

    /// What the second server said to the first of its commands. `None`: it is away.
    pub(super) fn mirrored(&mut self) -> Option<Answer> {
        if self.mirror.answers.is_empty() { None } else { Some(self.mirror.answers.swap_remove(0)) }
    }

    /// Begins another batch for a server that was aimed at.
    pub(super) fn again(&mut self, at: usize) {
        self.now = Instant::now();
        self.servers[at].go_on(self.now);
        self.servers[at].begin(&mut self.batch);
        if let Some(second) = self.mirror.at {
            self.servers[second].go_on(self.now);
            self.begin_mirror(second);
        }
    }

    /// Sends the batch without waiting for its replies. False if that is not to be: then nothing was
    /// sent, and the caller asks instead.
    pub(super) fn tell(&mut self, operation: Operation, at: usize) -> Result<bool> {
        let told = self.servers[at].tell(&self.settings, operation, &self.batch)?;
        if told
            && let Some(second) = self.mirror.at
            && self.mirror.batch.count() > 0
            && matches!(self.servers[second].tell(&self.settings, operation, &self.mirror.batch), Ok(false))
        {
            self.send_mirror(operation, b"");
            self.hear_mirror(operation, b"");
        }
        Ok(told)
    }

    /// Sends the commands for the second server, if there are any and they were not sent yet.
    fn send_mirror(&mut self, operation: Operation, body: &[u8]) {
        let Some(second) = self.mirror.at else { return };
        if self.mirror.sent || self.mirror.batch.count() == 0 {
            return;
        }
        self.mirror.sent = true;
        if self.servers[second].send(&self.settings, operation, &self.mirror.batch, body).is_err() {
            self.mirror.at = None;
        }
    }

    /// Waits for the second server's answers. Those of one that failed are none.
    fn hear_mirror(&mut self, operation: Operation, body: &[u8]) {
        let Some(second) = self.mirror.at else { return };
        if !std::mem::take(&mut self.mirror.sent) {
            return;
        }
        let mut heard = self.take_answers(operation, second);
        if matches!(heard, Err(Trouble::Closed)) {
            let server = &mut self.servers[second];
            let dialect = self.mirror.batch.dialect();
            if server.prepare(&self.settings, operation, Instant::now()).is_ok()
                && server.speaks() == dialect
                && server.send(&self.settings, operation, &self.mirror.batch, body).is_ok()
            {
                heard = self.take_answers(operation, second);
            }
        }
        if heard.is_err() {
            self.mirror.at = None;
            self.mirror.answers.clear();
        }
    }

    fn take_answers(&mut self, operation: Operation, second: usize) -> Result<(), Trouble> {
        let Mirror { batch, answers, .. } = &mut self.mirror;
        answers.clear();
        self.servers[second].receive(&self.settings, operation, batch, &mut |_, reply, address| {
            answers.push(match reply {
                Reply::Value { data, flags, version, .. } => Answer::Value { data: data.to_vec(), flags, version },
                Reply::Done { version } => Answer::Done { version },
                Reply::Number(_) => Answer::Done { version: 0 },
                Reply::Missing => Answer::Missing,
                Reply::NotStored | Reply::Changed => Answer::Refused,
                Reply::Error(text) => return Err(error::refused(operation, address, text)),
            });
            Ok(())
        })
    }

    /// Sends the batch, with `body` in its place, and hands each reply to `take` with its place in
    /// the batch. Where the server had closed the kept connection the batch is repeated on a new one,
    /// with what was told collected anew.
    pub(super) fn ask<T: Default>(
        &mut self,
        operation: Operation,
        at: usize,
        body: &[u8],
        take: impl FnMut(&mut T, u32, Reply<'_>, &Address) -> Result<()>,
    ) -> Result<T> {
        let outcome = self.ask_first(operation, at, body, take);
        self.hear_mirror(operation, body);
        outcome
    }

    fn ask_first<T: Default>(
        &mut self,
        operation: Operation,
        at: usize,
        body: &[u8],
        mut take: impl FnMut(&mut T, u32, Reply<'_>, &Address) -> Result<()>,
    ) -> Result<T> {
        let mut told = T::default();
        match self.attempt(operation, at, body, &mut |index, reply, address| take(&mut told, index, reply, address)) {
            Ok(()) => return Ok(told),
            Err(Trouble::Told(error)) => return Err(error),
            Err(Trouble::Closed) => {}
        }
        // It may have added to the number before it closed.
        if operation == Operation::Count {
            return Err(self.closed(operation, at));
        }
        // A server that closes a new connection would close the next one too.
        let dialect = self.batch.dialect();
        self.servers[at].prepare(&self.settings, operation, self.now)?;
        if self.servers[at].speaks() != dialect {
            return Err(self.closed(operation, at));
        }
        told = T::default();
        match self.attempt(operation, at, body, &mut |index, reply, address| take(&mut told, index, reply, address)) {
            Ok(()) => Ok(told),
            Err(Trouble::Told(error)) => Err(error),
            Err(Trouble::Closed) => Err(self.closed(operation, at)),
        }
    }

    fn attempt(
        &mut self,
        operation: Operation,
        at: usize,
        body: &[u8],
        take: &mut dyn FnMut(u32, Reply<'_>, &Address) -> Result<()>,
    ) -> Result<(), Trouble> {
        self.servers[at].send(&self.settings, operation, &self.batch, body)?;
        self.send_mirror(operation, body);
        self.servers[at].receive(&self.settings, operation, &self.batch, take)
    }

    fn closed(&self, operation: Operation, at: usize) -> crate::error::Error {
        error::hung_up(operation, &self.servers[at].address, self.settings.tls.is_some())
    }
}
