//! One server: its connection, made when it is needed, kept between requests, and replaced when it
//! was closed; and the pause after it could not be reached.

use super::batch::Batch;
use super::binary;
use super::connection::{Connection, Numbered};
use super::error;
use super::protocol::{Dialect, Reply};
use crate::backend::remote::address::Address;
use crate::backend::remote::connection::{Fault, KEPT_BUFFER};
use crate::backend::remote::socket::Socket;
use crate::backend::remote::tls::Tls;
use crate::error::{Error, Operation, Result};
use std::io::ErrorKind;
use std::time::{Duration, Instant};

/// As whom to go there, and how patient to be. Not printable: it holds the password.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) tls: Option<Tls>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// `None` finds out with the first contact.
    pub(super) dialect: Option<Dialect>,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    /// So long a server that did not answer in time is left alone.
    pub(super) retry_after: Duration,
}

pub(super) struct Server {
    pub(super) address: Address,
    connection: Option<Connection>,
    dialect: Option<Dialect>,
    /// Tells this connection from earlier ones.
    epoch: u64,
    /// The number of the next command. Each connection's begin somewhere else, so that a reply to somebody
    /// else does not fit by chance.
    number: u32,
    dead_until: Option<Instant>,
    /// A command that was not waited for failed, or its answer was lost with the connection.
    unheard: bool,
}

/// What stood in the way.
pub(super) enum Trouble {
    /// An error, to be told. The connection is gone if it had to go.
    Told(Error),
    /// The server had closed the kept connection before it said anything. There is no other yet.
    Closed,
}

impl Server {
    pub(super) fn new(address: Address) -> Self {
        Self { address, connection: None, dialect: None, epoch: 0, number: 0, dead_until: None, unheard: false }
    }

    /// Makes sure of a connection before commands are written, and begins `batch`.
    pub(super) fn prepare(&mut self, settings: &Settings, operation: Operation, now: Instant) -> Result<()> {
        if let Some(connection) = &mut self.connection
            && connection.is_ours()
            && connection.is_usable(now)
        {
            return Ok(());
        }
        self.connect(settings, operation, now)
    }

    /// Begins a batch for the connection that [`Server::prepare`] made sure of.
    pub(super) fn begin(&self, batch: &mut Batch) {
        batch.begin(self.speaks(), self.number, KEPT_BUFFER);
    }

    /// Commands follow, sent `now`, over the connection that [`Server::prepare`] made sure of.
    pub(super) fn go_on(&mut self, now: Instant) {
        if let Some(connection) = &mut self.connection {
            connection.go_on(now);
        }
    }

    /// How the server that [`Server::prepare`] made sure of is spoken to.
    pub(super) fn speaks(&self) -> Dialect {
        self.dialect.unwrap_or_default()
    }

    /// Tells the connection from all others that this server had.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether a command that was not waited for came to nothing, or may have, since this was last asked.
    pub(super) fn take_unheard(&mut self) -> bool {
        let late = self.connection.as_mut().is_some_and(Connection::take_late_refusal);
        std::mem::take(&mut self.unheard) || late
    }

    pub(super) fn disconnect(&mut self) {
        self.unheard |= self.connection.take().is_some_and(|connection| connection.is_unsettled());
    }

    fn connect(&mut self, settings: &Settings, operation: Operation, now: Instant) -> Result<()> {
        self.disconnect();
        if let Some(until) = self.dead_until
            && now < until
        {
            return Err(error::still_dead(operation, &self.address, until - now));
        }
        match self.meet(settings, operation) {
            // One with SASL speaks the binary protocol alone.
            Err(Trouble::Closed)
                if settings.dialect.is_none() && self.dialect.is_none() && settings.password.is_some() =>
            {
                self.dialect = Some(Dialect::Binary);
                let met = self.meet(settings, operation);
                if met.is_err() {
                    self.dialect = None;
                }
                met
            }
            met => met,
        }
        .map_err(|trouble| match trouble {
            Trouble::Told(error) => error,
            Trouble::Closed => error::hung_up(operation, &self.address, settings.tls.is_some()),
        })
    }

    /// Connects and greets.
    fn meet(&mut self, settings: &Settings, operation: Operation) -> Result<(), Trouble> {
        match Socket::connect(&self.address, settings.tls.as_ref(), settings.connect_timeout, settings.read_timeout) {
            Ok(socket) => {
                self.dead_until = None;
                self.epoch += 1;
                // Without randomness, which a system hardly ever lacks, they go on.
                self.number = getrandom::u32().unwrap_or(self.number);
                self.connection = Some(Connection::new(socket, Numbered::default()));
                self.greet(settings, operation)
            }
            Err(cause) => {
                // One that refuses costs nothing to ask again, and a certificate stays wrong.
                use ErrorKind::{ConnectionRefused, InvalidData, NotFound};
                if !matches!(cause.kind(), ConnectionRefused | InvalidData | NotFound) {
                    self.mark_dead(settings);
                }
                let limit = settings.connect_timeout;
                Err(Trouble::Told(error::FAILURES.not_connected(operation, &self.address, limit, cause)))
            }
        }
    }

    fn mark_dead(&mut self, settings: &Settings) {
        self.dead_until = Instant::now().checked_add(settings.retry_after);
    }

    /// Gives user and password, and finds out which commands the server knows. Nothing of a session is
    /// sent to a server before that: an old one would take the data for commands.
    fn greet(&mut self, settings: &Settings, operation: Operation) -> Result<(), Trouble> {
        let login =
            settings.password.as_deref().map(|password| (settings.user.as_deref().unwrap_or_default(), password));
        let known = settings.dialect.or(self.dialect);
        let mut said = match (login, known) {
            (Some((user, password)), Some(Dialect::Binary)) => binary::authenticate(user, password),
            (Some((user, password)), _) => {
                let length = user.len() + 1 + password.len();
                format!("set auth 0 0 {length}\r\n{user} {password}\r\n").into_bytes()
            }
            (None, _) => Vec::new(),
        };
        if known.is_none() {
            let mut batch = Batch::default();
            batch.hello();
            said.extend_from_slice(batch.parts().0);
        }
        let heard =
            if said.is_empty() { Ok(None) } else { self.heard(settings, operation, &said, login.is_some(), known) };
        match heard {
            Ok(dialect) => {
                self.dialect = known.or(dialect);
                Ok(())
            }
            Err(trouble) => {
                self.disconnect();
                Err(trouble)
            }
        }
    }

    /// The answers to the greeting.
    fn heard(
        &mut self,
        settings: &Settings,
        operation: Operation,
        said: &[u8],
        with_password: bool,
        known: Option<Dialect>,
    ) -> Result<Option<Dialect>, Trouble> {
        let address = &self.address;
        let Some(connection) = &mut self.connection else { return Err(Trouble::Closed) };
        let broken = |fault| match fault {
            Fault::Closed => Trouble::Closed,
            // To a server that speaks TLS a greeting is the beginning of something longer.
            Fault::TimedOut if known.is_none() && settings.tls.is_none() => {
                Trouble::Told(error::no_greeting(operation, address, settings.read_timeout))
            }
            fault => Trouble::Told(error::FAILURES.broken(operation, address, settings.read_timeout, fault)),
        };
        connection.send([said, b"", b""]).map_err(broken)?;
        if with_password {
            match connection.reply(settings.read_timeout).map_err(broken)? {
                Reply::Done { .. } => {}
                Reply::Error(b"Unknown command") => {
                    return Err(Trouble::Told(error::without_sasl(operation, address)));
                }
                // What it says differs, and is also what one without a password hears.
                Reply::Error(_) => return Err(Trouble::Told(error::wrong_password(operation, address))),
                _ => return Err(Trouble::Told(error::FAILURES.unexpected(operation, address))),
            }
        }
        let mut dialect = None;
        if known.is_none() {
            dialect = match connection.reply(settings.read_timeout).map_err(broken)? {
                Reply::Done { .. } => Some(Dialect::Meta),
                Reply::Error(b"ERROR") => Some(Dialect::Text),
                Reply::Error(text) => return Err(Trouble::Told(error::refused(operation, address, text))),
                _ => return Err(Trouble::Told(error::FAILURES.unexpected(operation, address))),
            };
        }
        connection.finish().map_err(broken)?;
        Ok(dialect)
    }

    /// Sends a batch without waiting for its replies. False if that is not to be: then nothing was
    /// sent, and the caller asks instead.
    pub(super) fn tell(&mut self, settings: &Settings, operation: Operation, batch: &Batch) -> Result<bool> {
        let Some(connection) = &mut self.connection else { return Ok(false) };
        match connection.tell_batch(batch) {
            Ok(sent) => {
                if sent {
                    self.number = batch.first().wrapping_add(batch.count());
                }
                Ok(sent)
            }
            Err(fault) => {
                self.disconnect();
                match fault {
                    Fault::Closed => Ok(false),
                    fault => Err(error::FAILURES.broken(operation, &self.address, settings.read_timeout, fault)),
                }
            }
        }
    }

    /// Sends a batch, with a large value's bytes in their place.
    pub(super) fn send(
        &mut self,
        settings: &Settings,
        operation: Operation,
        batch: &Batch,
        body: &[u8],
    ) -> Result<(), Trouble> {
        self.number = batch.first().wrapping_add(batch.count());
        let Some(connection) = &mut self.connection else { return Err(Trouble::Closed) };
        connection.send_batch(batch, body).map_err(|fault| self.lost(settings, operation, fault))
    }

    /// Hands the replies to a batch that was sent to `take`, each with its place in the batch.
    pub(super) fn receive(
        &mut self,
        settings: &Settings,
        operation: Operation,
        batch: &Batch,
        take: &mut dyn FnMut(u32, Reply<'_>, &Address) -> Result<(), Error>,
    ) -> Result<(), Trouble> {
        let mut outcome = Ok(());
        let mut doubtful = false;
        for index in 0..batch.count() {
            let Some(connection) = &mut self.connection else { return Err(Trouble::Closed) };
            match connection.reply(settings.read_timeout) {
                Ok(Reply::Value { key, .. }) if !key.is_empty() && !batch.asked_for(index, key) => {
                    return Err(self.lost(settings, operation, Fault::Stray));
                }
                Ok(Reply::Error(text)) => {
                    // After a complaint about the command itself nobody knows what the server took
                    // for the next one.
                    doubtful |= !text.starts_with(b"SERVER_ERROR");
                    if outcome.is_ok() {
                        outcome = Err(error::refused(operation, &self.address, text));
                    }
                    if doubtful {
                        break;
                    }
                }
                Ok(reply) => {
                    if let Err(error) = take(index, reply, &self.address)
                        && outcome.is_ok()
                    {
                        outcome = Err(error);
                    }
                }
                Err(fault) => {
                    // What was answered before counts for nothing; the server may have done any of it.
                    return Err(self.lost(settings, operation, fault));
                }
            }
        }
        if doubtful {
            self.disconnect();
        } else if let Some(connection) = &mut self.connection
            && let Err(fault) = connection.finish()
        {
            return Err(self.lost(settings, operation, fault));
        }
        outcome.map_err(Trouble::Told)
    }

    fn lost(&mut self, settings: &Settings, operation: Operation, fault: Fault) -> Trouble {
        self.disconnect();
        match fault {
            Fault::Closed => Trouble::Closed,
            fault => {
                if matches!(fault, Fault::TimedOut) {
                    self.mark_dead(settings);
                }
                Trouble::Told(error::FAILURES.broken(operation, &self.address, settings.read_timeout, fault))
            }
        }
    }
}
