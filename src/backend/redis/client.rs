//! The one connection of a store: made when it is needed, kept between requests, and replaced once,
//! without a word, when the server had closed it.
//!
//! Every command that a session store sends may be repeated: reads, a write of the same value, and
//! script calls, which recognise their own token. A command is repeated only on a connection that
//! had been used before and was closed without a byte of the reply; a server that closes a new
//! connection would close the next one too. Adding to a number, which only `commands` does, is not
//! repeated.

use super::backoff::Retries;
use super::connection::{Connection, Fault, Outgoing};
use super::error::{self, Step};
use super::protocol::{Frame, Reply};
use super::socket::{Address, Socket};
use super::tls::Tls;
use crate::error::{Error, Operation, Result};
use std::io;
use std::time::{Duration, Instant};

/// The most that [`Client::leave_word`] takes to connect, and to send.
const LEAVING_WORD: Duration = Duration::from_millis(100);

/// Where the server is and as whom to go there. Not printable: it holds the password.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) address: Address,
    pub(super) tls: Option<Tls>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: u32,
    pub(super) client_name: Option<String>,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    /// Keep the connection between requests.
    pub(super) persistent: bool,
    pub(super) retries: Retries,
}

/// A reply that was not the wanted one.
#[derive(Debug)]
pub(super) enum Trouble {
    /// An error reply, with its text. The connection is fine.
    Refused(String),
    /// A reply that this command never gets: commands and replies are out of step.
    Unexpected,
}

impl Trouble {
    /// What is wrong with a reply that was none of the wanted ones.
    pub(super) fn with(reply: Reply<'_>) -> Self {
        match reply {
            Reply::Error(text) => Self::Refused(String::from_utf8_lossy(text).into_owned()),
            _ => Self::Unexpected,
        }
    }
}

/// Whether a command may share its journey with the setting-up of a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alongside {
    /// It changes nothing, or makes sure of its database itself. See [`Client::prepare`].
    Yes,
    /// Only after AUTH and SELECT were granted.
    No,
}

pub(super) struct Client {
    settings: Settings,
    /// AUTH, SELECT and CLIENT SETNAME, as they are sent, and what each reply answers.
    setup: Vec<u8>,
    steps: Vec<Step>,
    connection: Option<Connection>,
    /// The connection is new and `setup` was not sent yet.
    unsent: bool,
    /// The last thing heard was a refusal, perhaps a late one: the next end of a session waits for its
    /// answer, so that there is somebody to tell.
    doubtful: bool,
    /// A late answer was that the server does not know the script.
    forgotten: bool,
    /// The server has carried out the script over this connection. Before that it may not know it,
    /// since a lock can be taken without, and a call that nobody waits for would come to nothing.
    knows_script: bool,
    /// A command that was not waited for failed, or its answer was lost with the connection.
    unheard: bool,
    /// The last command that was waited for was sent and got no answer.
    unanswered: bool,
    /// When [`Client::prepare`] was last called: asking the clock is a good part of what a command costs.
    now: Instant,
}

/// What the server answers before the reply that counts.
pub(super) enum Before<'a> {
    /// Nothing: there is one reply.
    Nothing,
    /// A command that it may hold back for so long, and whose answer says nothing.
    Blocking(Duration),
    /// A command with an answer of its own.
    Reply(&'a mut dyn FnMut(Reply<'_>) -> Result<(), Trouble>),
}

enum Failure {
    Fault(Fault),
    Told(Error),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Client {
    pub(super) fn new(settings: Settings) -> Self {
        let mut setup = Frame::default();
        let mut steps = Vec::new();
        if let Some(password) = &settings.password {
            setup.begin(if settings.user.is_some() { 3 } else { 2 });
            setup.arg(b"AUTH");
            if let Some(user) = &settings.user {
                setup.arg(user.as_bytes());
            }
            setup.arg(password.as_bytes());
            steps.push(Step::Auth);
        }
        if settings.database != 0 {
            setup.begin(2);
            setup.arg(b"SELECT");
            setup.number(u64::from(settings.database));
            steps.push(Step::Select);
        }
        if let Some(name) = &settings.client_name {
            setup.begin(3);
            setup.arg(b"CLIENT");
            setup.arg(b"SETNAME");
            setup.arg(name.as_bytes());
            steps.push(Step::Name);
        }
        let setup = setup.as_bytes().to_vec();
        Self {
            settings,
            setup,
            steps,
            connection: None,
            unsent: false,
            doubtful: false,
            forgotten: false,
            knows_script: false,
            unheard: false,
            unanswered: false,
            now: Instant::now(),
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes sure of a connection before a command is written. True if it is one that was not set
    /// up yet and where a refusal of the set-up would matter.
    ///
    /// AUTH and SELECT travel with the first command, so that a new connection costs no wait more.
    /// They may be refused, and then the server still carries out what follows: in database 0, or
    /// as its default user. So what goes along either changes nothing or is a script call that
    /// selects the database itself and comes to nothing where it cannot; all other commands wait
    /// until the set-up was granted. A refused AUTH is harmless to a script call: a server with a
    /// password refuses the call too, and one without lets its default user do anything anyway.
    pub(super) fn prepare(&mut self, operation: Operation) -> Result<bool> {
        self.now = Instant::now();
        self.unanswered = false;
        let usable = match &mut self.connection {
            Some(connection) => connection.is_ours() && connection.is_usable(self.now),
            None => false,
        };
        if !usable {
            self.connect(operation)?;
        }
        Ok(self.unsent && (self.settings.password.is_some() || self.settings.database != 0))
    }

    /// The request is over: closes the connection unless it is to be kept.
    pub(super) fn rest(&mut self) {
        if !self.settings.persistent {
            self.disconnect();
        }
    }

    fn disconnect(&mut self) {
        self.unheard |= self.connection.take().is_some_and(|connection| connection.is_unsettled());
    }

    fn socket(&self, limit: Duration, patience: Duration) -> io::Result<Socket> {
        Socket::connect(&self.settings.address, self.settings.tls.as_ref(), limit, patience)
    }

    fn connect(&mut self, operation: Operation) -> Result<()> {
        self.disconnect();
        // Behind the address may be a server that was started again since.
        self.knows_script = false;
        let settings = &self.settings;
        let mut tries = settings.retries.begin();
        let socket = loop {
            match self.socket(settings.connect_timeout, settings.read_timeout) {
                Ok(socket) => break socket,
                Err(cause) if !is_worth_a_try(&cause) || !tries.pause() => {
                    return Err(error::not_connected(operation, &settings.address, settings.connect_timeout, cause));
                }
                Err(_) => {}
            }
        };
        self.connection = Some(Connection::new(socket));
        self.unsent = true;
        Ok(())
    }

    /// When [`Client::prepare`] was last called, which is before anything was sent since.
    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// Whether the connection was made and nothing sent over it yet.
    pub(super) fn is_new(&self) -> bool {
        self.unsent
    }

    /// Whether the script may be called without waiting for the answer.
    pub(super) fn knows_script(&self) -> bool {
        self.knows_script
    }

    /// Notes that the server carried out the script.
    pub(super) fn note_script_known(&mut self) {
        self.knows_script = true;
    }

    /// Whether the server forgot the script since this was last asked.
    pub(super) fn take_forgotten(&mut self) -> bool {
        std::mem::take(&mut self.forgotten)
    }

    /// Whether a command that was not waited for came to nothing, or may have, since this was last
    /// asked. To be asked after a reply was waited for: then all earlier ones are in.
    pub(super) fn take_unheard(&mut self) -> bool {
        std::mem::take(&mut self.unheard)
    }

    /// Whether it is unknown what became of the last command that was waited for.
    pub(super) fn is_unanswered(&self) -> bool {
        self.unanswered
    }

    /// Sends a command over a connection of its own and leaves. A server that is stopped, or busy,
    /// carries it out when it goes on, after what it was sent before; one that is not there is no loss.
    pub(super) fn leave_word(&self, command: Outgoing<'_>) {
        let limit = self.settings.connect_timeout.min(LEAVING_WORD);
        if let Ok(mut socket) = self.socket(limit, limit) {
            let _ = socket.send(&self.setup, true).and_then(|()| socket.send(command.head, false));
        }
    }

    /// Sends a command without waiting for its replies, `count` of them. False if that is not to
    /// be: then it has not been carried out, and the caller asks instead.
    pub(super) fn tell(&mut self, operation: Operation, command: Outgoing<'_>, count: u32) -> Result<bool> {
        if self.unsent || self.doubtful || self.forgotten || !self.settings.persistent {
            return Ok(false);
        }
        let Some(connection) = &mut self.connection else { return Ok(false) };
        match connection.send_unawaited(command, count, self.now) {
            Ok(sent) => Ok(sent),
            Err(fault) => {
                self.disconnect();
                match fault {
                    Fault::Closed => Ok(false),
                    fault => Err(self.broken(operation, self.settings.read_timeout, fault)),
                }
            }
        }
    }

    /// Sends what [`Client::prepare`] made sure of a connection for, and hands the last reply to
    /// `take`.
    pub(super) fn ask<T>(
        &mut self,
        operation: Operation,
        command: Outgoing<'_>,
        alongside: Alongside,
        mut before: Before<'_>,
        mut take: impl FnMut(Reply<'_>) -> Result<T, Trouble>,
    ) -> Result<T> {
        let kept = !self.unsent && operation != Operation::Count;
        self.unanswered = false;
        let mut failure = match self.attempt(operation, command, alongside, &mut before, &mut take) {
            Ok(outcome) => return outcome,
            Err(failure) => failure,
        };
        self.disconnect();
        if kept && matches!(failure, Failure::Fault(Fault::Closed)) {
            self.unanswered = true;
            self.connect(operation)?;
            failure = match self.attempt(operation, command, Alongside::No, &mut before, &mut take) {
                Ok(outcome) => return outcome,
                Err(failure) => failure,
            };
            self.disconnect();
        }
        self.unanswered = matches!(failure, Failure::Fault(_));
        Err(match failure {
            Failure::Told(error) => error,
            Failure::Fault(Fault::Closed) if !kept && self.settings.tls.is_none() => {
                error::hung_up(operation, &self.settings.address)
            }
            Failure::Fault(fault) => self.broken(operation, self.patience(&before), fault),
        })
    }

    /// The outer result says whether the connection is still good; the inner one is the command's.
    fn attempt<T>(
        &mut self,
        operation: Operation,
        command: Outgoing<'_>,
        alongside: Alongside,
        before: &mut Before<'_>,
        take: &mut impl FnMut(Reply<'_>) -> Result<T, Trouble>,
    ) -> Result<Result<T>, Failure> {
        let patience = self.patience(before);
        let Some(connection) = &mut self.connection else { return Err(Fault::Closed.into()) };
        let setting_up = std::mem::take(&mut self.unsent) && !self.steps.is_empty();
        if setting_up {
            let alone = alongside == Alongside::No;
            connection.send(Outgoing { head: &self.setup, body: b"", tail: b"" })?;
            if alone {
                settle_setup(connection, operation, &self.settings, &self.steps)?;
                connection.finish()?;
            }
            connection.send(command)?;
            if !alone {
                settle_setup(connection, operation, &self.settings, &self.steps)?;
            }
        } else {
            connection.send(command)?;
        }
        let mut outcome = Ok(());
        match before {
            Before::Nothing => {}
            Before::Blocking(_) => {
                connection.be_patient(patience).map_err(Fault::Failed)?;
                if let Reply::Error(text) = connection.reply(patience)? {
                    let text = String::from_utf8_lossy(text);
                    outcome = Err(error::refused(operation, &self.settings.address, &text));
                }
                connection.be_patient(self.settings.read_timeout).map_err(Fault::Failed)?;
            }
            Before::Reply(take_first) => match take_first(connection.reply(patience)?) {
                Ok(()) => {}
                Err(Trouble::Refused(text)) => {
                    outcome = Err(error::refused(operation, &self.settings.address, &text));
                }
                Err(Trouble::Unexpected) => {
                    return Err(Failure::Told(error::unexpected(operation, &self.settings.address)));
                }
            },
        }
        let taken = match take(connection.reply(patience)?) {
            Ok(value) => Ok(value),
            Err(Trouble::Refused(text)) => Err(error::refused(operation, &self.settings.address, &text)),
            Err(Trouble::Unexpected) => {
                return Err(Failure::Told(error::unexpected(operation, &self.settings.address)));
            }
        };
        connection.finish()?;
        let late = connection.take_late();
        self.forgotten |= late.no_script;
        self.knows_script &= !late.no_script;
        self.unheard |= late.failed;
        // Doubt begins with a refusal and ends with a write that went through.
        let proof = taken.is_ok() && matches!(operation, Operation::Write | Operation::Touch | Operation::Unlock);
        self.doubtful = late.failed || taken.is_err() || (self.doubtful && !proof);
        Ok(outcome.and(taken))
    }

    fn patience(&self, before: &Before<'_>) -> Duration {
        match before {
            Before::Blocking(time) => self.settings.read_timeout + *time,
            _ => self.settings.read_timeout,
        }
    }

    fn broken(&self, operation: Operation, limit: Duration, fault: Fault) -> Error {
        error::broken(operation, &self.settings.address, limit, fault)
    }
}

/// One that is there and does not answer has had its time, and a certificate stays as it is.
fn is_worth_a_try(cause: &io::Error) -> bool {
    !matches!(cause.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::InvalidData)
}

/// Reads the replies to the set-up. A client name that is refused is no reason to refuse sessions.
fn settle_setup(
    connection: &mut Connection,
    operation: Operation,
    settings: &Settings,
    steps: &[Step],
) -> Result<(), Failure> {
    for step in steps {
        match connection.reply(settings.read_timeout)? {
            Reply::Error(text) if *step != Step::Name => {
                let with_user = settings.user.is_some();
                let told = error::not_set_up(operation, &settings.address, *step, with_user, text);
                return Err(Failure::Told(told));
            }
            Reply::Status(_) | Reply::Error(_) => {}
            _ => return Err(Failure::Told(error::unexpected(operation, &settings.address))),
        }
    }
    Ok(())
}
