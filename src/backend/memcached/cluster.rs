//! The servers of a store, and the exchange with one of them.

use super::error;
use super::protocol::{Batch, Reply};
use super::ring::Ring;
use super::server::{Server, Settings, Trouble};
use crate::backend::remote::address::Address;
use crate::error::{Operation, Result};
use std::time::Instant;

pub(super) struct Cluster {
    pub(super) settings: Settings,
    servers: Vec<Server>,
    ring: Ring,
    /// Commands for the server that was last aimed at.
    pub(super) batch: Batch,
    /// When a server was last aimed at: asking the clock is a good part of what a command costs.
    now: Instant,
}

impl Cluster {
    /// At least one server must be given.
    pub(super) fn new(settings: Settings, addresses: Vec<Address>, ring: Ring) -> Self {
        let servers = addresses.into_iter().map(Server::new).collect();
        Self { settings, servers, ring, batch: Batch::default(), now: Instant::now() }
    }

    /// The server that has a session.
    pub(super) fn home(&self, id: &[u8]) -> usize {
        self.ring.pick(id)
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
        self.servers[at].prepare(&self.settings, operation, self.now)?;
        self.servers[at].begin(&mut self.batch);
        Ok(())
    }

    /// Begins another batch for a server that was aimed at.
    pub(super) fn again(&mut self, at: usize) {
        self.now = Instant::now();
        self.servers[at].go_on(self.now);
        self.servers[at].begin(&mut self.batch);
    }

    /// Sends the batch without waiting for its replies. False if that is not to be: then nothing was
    /// sent, and the caller asks instead.
    pub(super) fn tell(&mut self, operation: Operation, at: usize) -> Result<bool> {
        self.servers[at].tell(&self.settings, operation, &self.batch)
    }

    /// Sends the batch, with `body` in its place, and hands each reply to `take` with its place in
    /// the batch. Where the server had closed the kept connection the batch is repeated on a new one,
    /// with what was told collected anew.
    pub(super) fn ask<T: Default>(
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
        let server = &mut self.servers[at];
        server.send(&self.settings, operation, &self.batch, body)?;
        server.receive(&self.settings, operation, &self.batch, take)
    }

    fn closed(&self, operation: Operation, at: usize) -> crate::error::Error {
        error::hung_up(operation, &self.servers[at].address, self.settings.tls.is_some())
    }
}
