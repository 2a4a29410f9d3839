//! The server, and exchanges with it over the connection that is there, or is made for them.
//!
//! An exchange is a batch of statements that is sent at once, and their answers. The server works on
//! them one after the other, so that a batch is one wait however many statements it has.

use super::error::FAILURES;
use super::link::Link;
use super::reply::Value;
use super::statements::{Batch, Given, Plan, Plans};
use crate::backend::remote::address::Address;
use crate::backend::remote::connection::Fault;
use crate::backend::remote::tls::Tls;
use crate::backend::sql::{Role, Wanted};
use crate::error::{Error, Operation, Result};
use std::time::{Duration, Instant};

/// What the user decided.
pub(super) struct Settings {
    pub(super) address: Address,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) database: String,
    pub(super) tls: Option<Tls>,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) wanted: Wanted,
    /// What is prepared on a new connection at once.
    pub(super) usual: &'static [Plan],
    /// The sessions have references, which the table must have a column for.
    pub(super) referred: bool,
}

impl Settings {
    /// The table, for messages.
    pub(super) fn endpoint(&self) -> String {
        format!("{}/{}.{}", self.address, self.database, self.wanted.table())
    }
}

/// The server, as far as one store has to do with it.
pub(super) struct Server {
    pub(super) settings: Settings,
    link: Option<Link>,
    /// Tells the connection from all others that this server had.
    epoch: u64,
    buffer: Vec<u8>,
    /// A command that nobody waited for failed, or its answer was lost: somebody should wait for the next one.
    doubtful: bool,
}

/// What a statement was answered with.
#[derive(Debug)]
pub(super) enum Answer<'a> {
    /// So many rows were found and are now as they should be.
    Done(u64),
    /// The values of a row; of each row in turn. None, once, if there is no row.
    Row(&'a [Value<'a>]),
    Refused(u16, &'a [u8]),
}

/// Why an exchange came to nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// An error, to be told. The connection is gone if it had to go.
    Told(Error),
    /// The connection was lost, and with it all of its locks. The server may have done what it was asked.
    Lost(Error),
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Told(error) | Trouble::Lost(error) => error,
        }
    }
}

/// Takes the answers of an exchange, each with its place in it.
pub(super) type Take<'a> = &'a mut dyn FnMut(usize, Answer<'_>, &Plans) -> Result<(), Error>;

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, link: None, epoch: 0, buffer: Vec::new(), doubtful: false }
    }

    /// Tells the present connection from all others; its locks are gone with it.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Makes sure of a connection, and says which it is.
    pub(super) fn connect(&mut self, operation: Operation) -> Result<u64> {
        self.make_sure(operation)?;
        Ok(self.epoch)
    }

    /// Whether the connection with this epoch is there, as far as can be told without asking the server.
    pub(super) fn still_has(&mut self, epoch: u64) -> bool {
        if self.epoch != epoch {
            return false;
        }
        let now = Instant::now();
        let usable = self.link.as_mut().is_some_and(|link| link.connection.is_ours() && link.connection.is_usable(now));
        if !usable {
            self.disconnect();
        }
        usable
    }

    /// The table, and what is known of it; there is one when there is a connection.
    pub(super) fn plans(&self) -> Option<&Plans> {
        self.link.as_ref().map(|link| &link.plans)
    }

    /// From now on the table must have a column for references.
    pub(super) fn keep_references(&mut self) {
        self.settings.referred = true;
        if self.plans().is_some_and(|plans| plans.table.column(Role::Reference).is_none()) {
            self.disconnect();
        }
    }

    /// Whether something went wrong that nobody was told of, since this was last asked.
    pub(super) fn take_doubt(&mut self) -> bool {
        let late = self.link.as_mut().and_then(|link| link.connection.protocol.late.take());
        std::mem::take(&mut self.doubtful) | late.is_some()
    }

    /// Gives the connection up. In a child of a fork that says nothing to the server.
    pub(super) fn disconnect(&mut self) {
        if let Some(link) = self.link.take() {
            self.doubtful |= link.connection.is_ours() && link.connection.is_unsettled();
        }
    }

    fn make_sure(&mut self, operation: Operation) -> Result<()> {
        let epoch = self.epoch;
        if self.link.is_some() && self.still_has(epoch) {
            return Ok(());
        }
        self.disconnect();
        self.epoch += 1;
        self.link = Some(Link::open(&self.settings, operation)?);
        Ok(())
    }

    /// Carries out `plans` in one exchange. `patience` is the most that each answer takes.
    ///
    /// `anew`: over another connection too, once, if the present one turns out to be of no use. Not under a lock,
    /// which would be lost with it.
    pub(super) fn exchange(
        &mut self,
        operation: Operation,
        plans: &[(Plan, Given<'_>)],
        anew: bool,
        patience: Duration,
        take: Take<'_>,
    ) -> Result<(), Trouble> {
        let had_one = self.link.is_some();
        if !anew && !had_one {
            // Whoever asks holds a lock of a connection that is gone.
            let fault = FAILURES.broken(operation, &self.settings.address, patience, Fault::Closed);
            return Err(Trouble::Lost(fault));
        }
        if anew {
            self.make_sure(operation).map_err(Trouble::Told)?;
        }
        match self.attempt(operation, plans, patience, take) {
            Err(Trouble::Lost(error)) if anew && had_one && !matches!(error.kind(), crate::error::Kind::Timeout) => {
                self.make_sure(operation).map_err(Trouble::Told)?;
                self.attempt(operation, plans, patience, take)
            }
            outcome => outcome,
        }
    }

    fn attempt(
        &mut self,
        operation: Operation,
        plans: &[(Plan, Given<'_>)],
        patience: Duration,
        take: Take<'_>,
    ) -> Result<(), Trouble> {
        let settings = &self.settings;
        let broken = |fault| Trouble::Lost(FAILURES.broken(operation, &settings.address, patience, fault));
        let Some(link) = &mut self.link else { return Err(broken(Fault::Closed)) };
        let mut outcome = link.prepare(settings, operation, plans);
        if outcome.is_ok() {
            let mut batch = Batch::within(std::mem::take(&mut self.buffer));
            outcome = link.write(settings, operation, plans, &mut batch);
            if outcome.is_ok() {
                outcome = match link.connection.send(batch.parts()) {
                    Ok(()) => link.hear(settings, operation, plans, patience, take),
                    // What the server said before it hung up is worth more than that it did.
                    Err(Fault::Closed) => {
                        let said = link.hear(settings, operation, plans, patience, take);
                        Err(said.err().unwrap_or_else(|| broken(Fault::Closed)))
                    }
                    Err(fault) => Err(broken(fault)),
                };
            }
            self.buffer = batch.into_buffer();
        }
        match outcome {
            Ok(false) => Ok(()),
            // The connection goes, and the answer stands.
            Ok(true) => {
                self.disconnect();
                Ok(())
            }
            Err(trouble) => {
                if !matches!(trouble, Trouble::Told(_)) || !self.is_in_step() {
                    self.disconnect();
                }
                Err(trouble)
            }
        }
    }

    fn is_in_step(&mut self) -> bool {
        let now = Instant::now();
        self.link.as_mut().is_some_and(|link| link.connection.is_usable(now))
    }

    /// Sends `plans` and waits for nothing. False if that is not to be: then nothing was sent, and the caller
    /// waits instead.
    pub(super) fn tell(&mut self, operation: Operation, plans: &[(Plan, Given<'_>)]) -> Result<bool> {
        let settings = &self.settings;
        let Some(link) = &mut self.link else { return Ok(false) };
        if !plans.iter().all(|(plan, _)| link.knows(*plan)) {
            return Ok(false);
        }
        let mut batch = Batch::within(std::mem::take(&mut self.buffer));
        let written = link.write(settings, operation, plans, &mut batch);
        let count = batch.count();
        let outcome = match written {
            Ok(_) => link.connection.send_unawaited(batch.parts(), count),
            Err(trouble) => {
                self.buffer = batch.into_buffer();
                return Err(trouble.into());
            }
        };
        self.buffer = batch.into_buffer();
        match outcome {
            Ok(sent) => {
                link.connection.protocol.unheard += if sent { count } else { 0 };
                Ok(sent)
            }
            Err(fault) => {
                let error = FAILURES.broken(operation, &self.settings.address, self.settings.read_timeout, fault);
                self.disconnect();
                Err(error)
            }
        }
    }

    /// The most that one wait for a part of an answer takes from now on.
    pub(super) fn be_patient(&mut self, patience: Duration) {
        let failed = self.link.as_mut().is_some_and(|link| link.connection.be_patient(patience).is_err());
        if failed {
            self.disconnect();
        }
    }
}
