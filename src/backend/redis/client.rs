//! The connections of a store: made when they are needed, kept between requests, and replaced
//! without a word when the server had closed them.
//!
//! Every command that a session store sends may be repeated: reads, a write of the same value, and
//! script calls, which recognise their own token. With one server a command is repeated only on a
//! connection that had been used before and was closed without a byte of the reply; a server that
//! closes a new connection would close the next one too. Where another server may take over, or
//! says that another one has the session, the search for it goes on for some tries ([`route`]).
//! Adding to a number, which only `commands` does, is not repeated.

mod route;

use super::cluster::Direction;
use super::connection::{Connection, Outgoing};
use super::error::{self, Step};
use super::link::Link;
use super::protocol::{Frame, Reply};
use super::seal::{Seal, Seals};
use super::topology::{Search, Topology};
use crate::backend::remote::address::Address;
use crate::backend::remote::backoff::Retries;
use crate::backend::remote::connection::Fault;
use crate::backend::remote::tls::Tls;
use crate::error::{Error, Operation, Result};
use std::io;
use std::time::{Duration, Instant};

/// The most that [`Client::leave_word`] takes to connect, and to send.
const LEAVING_WORD: Duration = Duration::from_millis(100);

/// Where the server is and as whom to go there. Not printable: it holds the password.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) topology: Topology,
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
    search: Search,
    /// The servers that are known: one, or a cluster's nodes.
    links: Vec<Link>,
    /// The one that the next command goes to.
    current: usize,
    /// The one that the last answer came from.
    answered: usize,
    /// In a cluster: the slot of what the next commands are about.
    slot: u16,
    /// A command that was not waited for failed, or its answer was lost with the connection.
    unheard: bool,
    /// The last command that was waited for was sent and its answer is not known.
    unanswered: bool,
    /// When [`Client::prepare`] was last called: asking the clock is a good part of what a command costs.
    now: Instant,
    seals: Seals,
}

/// What the server answers before the reply that counts.
pub(super) enum Before<'a> {
    /// Nothing: there is one reply.
    Nothing,
    /// A command that it may hold back for so long, and before it perhaps another one. Their answers
    /// say nothing, unless they are refusals.
    Blocking { time: Duration, after_another: bool },
    /// A command with an answer of its own.
    Reply(&'a mut dyn FnMut(Reply<'_>) -> Result<(), Trouble>),
}

enum Failure {
    Fault(Fault),
    Told(Error),
    /// Nothing was carried out, and the connection is fine: the error says where else to go.
    Directed(Direction, Error),
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
            setup.auth(settings.user.as_deref(), password);
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
        let first = settings.topology.first();
        Self {
            setup: setup.as_bytes().to_vec(),
            steps,
            search: settings.topology.search(),
            settings,
            links: vec![Link::to(first)],
            current: 0,
            answered: 0,
            slot: 0,
            unheard: false,
            unanswered: false,
            now: Instant::now(),
            seals: Seals::default(),
        }
    }

    /// The server that the next command goes to.
    fn link(&mut self) -> &mut Link {
        &mut self.links[self.current]
    }

    /// Where that is.
    pub(super) fn address(&self) -> &Address {
        &self.links[self.current].address
    }

    /// Says which slot the next commands are about.
    pub(super) fn set_slot(&mut self, slot: u16) {
        self.slot = slot;
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
    /// until the set-up was granted. After a refused AUTH a server with a password refuses the call too, and
    /// one without carries it out as its default user: a lock that was taken so is given back.
    pub(super) fn prepare(&mut self, operation: Operation) -> Result<bool> {
        self.now = Instant::now();
        self.unanswered = false;
        if matches!(self.search, Search::Cluster { .. }) {
            self.go_to_owner(operation)?;
            // Finding the owner may have taken its time.
            self.now = Instant::now();
        }
        let now = self.now;
        let link = self.link();
        let usable = link.is_usable(now);
        if usable && !link.unsent {
            return Ok(false);
        }
        if !usable {
            self.connect(operation, &mut self.settings.retries.begin())?;
        }
        Ok(self.link().unsent && (self.settings.password.is_some() || self.settings.database != 0))
    }

    /// The request is over: closes the connections unless they are to be kept.
    pub(super) fn rest(&mut self) {
        if !self.settings.persistent {
            for link in &mut self.links {
                self.unheard |= link.close();
            }
        }
    }

    fn disconnect(&mut self) {
        self.unheard |= self.links[self.current].close();
    }

    /// Puts a seal behind the commands in a frame. To be called after [`Client::prepare`].
    pub(super) fn seal(&mut self, frame: &mut Frame) -> Seal {
        self.seals.close(frame)
    }

    /// When [`Client::prepare`] was last called, which is before anything was sent since.
    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// Whether the connection was made and nothing sent over it yet.
    pub(super) fn is_new(&self) -> bool {
        self.links[self.current].unsent
    }

    /// Whether the script may be called without waiting for the answer.
    pub(super) fn knows_script(&self) -> bool {
        self.links[self.current].knows_script
    }

    /// Notes that the server that answered last carried out the script.
    pub(super) fn note_script_known(&mut self) {
        if let Some(link) = self.links.get_mut(self.answered) {
            link.knows_script = true;
        }
    }

    /// Whether the server forgot the script since this was last asked.
    pub(super) fn take_forgotten(&mut self) -> bool {
        std::mem::take(&mut self.link().forgotten)
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
        if let Ok(mut socket) = self.links[self.current].socket(&self.settings, limit, limit) {
            let _ = socket.send(&self.setup, true).and_then(|()| socket.send(command.head, false));
        }
    }

    /// Sends a command without waiting for its replies, `count` of them. False if that is not to
    /// be: then it has not been carried out, and the caller asks instead.
    pub(super) fn tell(&mut self, operation: Operation, command: Outgoing<'_>, count: u32) -> Result<bool> {
        let persistent = self.settings.persistent;
        let link = self.link();
        if link.unsent || link.doubtful || link.forgotten || !persistent {
            return Ok(false);
        }
        let Some(connection) = &mut link.connection else { return Ok(false) };
        match connection.send_unawaited(command.parts(), count) {
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
        let mut tries = self.settings.retries.begin();
        // On a connection that was used before and was closed, a command is repeated at once.
        let new = self.link().unsent;
        let repeatable = operation != Operation::Count;
        let mut fresh = new || !repeatable;
        let (mut alongside, mut asking) = (alongside, false);
        self.unanswered = false;
        loop {
            let home = self.current;
            match self.attempt(operation, command, (alongside, asking), &mut before, &mut take) {
                Ok(outcome) => {
                    if asking {
                        self.go_to_owner(operation)?;
                    }
                    return outcome;
                }
                Err(Failure::Told(error)) => {
                    // What travels with a refused AUTH may have been carried out.
                    self.unanswered = alongside == Alongside::Yes;
                    self.disconnect();
                    return Err(error);
                }
                Err(Failure::Directed(direction, told)) => {
                    let pair = !matches!(before, Before::Nothing);
                    self.links[home].doubtful = true;
                    asking = self.follow(operation, direction, pair, told, &mut tries)?;
                }
                Err(Failure::Fault(fault)) => {
                    self.disconnect();
                    self.unanswered = true;
                    let broke = match &fault {
                        Fault::Closed | Fault::Cut => true,
                        Fault::Failed(cause) => cause.kind() != io::ErrorKind::InvalidData,
                        Fault::TimedOut | Fault::Garbage(_) | Fault::Stray => false,
                    };
                    let again = matches!(fault, Fault::Closed) && !std::mem::replace(&mut fresh, true)
                        || broke && repeatable && self.search.has_others() && tries.pause();
                    if !again {
                        return Err(match fault {
                            Fault::Closed if new && self.settings.tls.is_none() => {
                                error::hung_up(operation, self.address())
                            }
                            fault => self.broken(operation, self.patience(&before), fault),
                        });
                    }
                    asking = false;
                    if matches!(self.search, Search::Cluster { .. }) {
                        self.go_to_owner(operation)?;
                    }
                    self.make_usable(operation, &mut tries)?;
                }
            }
            alongside = Alongside::No;
        }
    }

    /// The outer result says whether the connection is still good; the inner one is the command's.
    /// The switch beside [`Alongside`] says that the node was named by another one for this command alone.
    fn attempt<T>(
        &mut self,
        operation: Operation,
        command: Outgoing<'_>,
        (alongside, asking): (Alongside, bool),
        before: &mut Before<'_>,
        take: &mut impl FnMut(Reply<'_>) -> Result<T, Trouble>,
    ) -> Result<Result<T>, Failure> {
        let patience = self.patience(before);
        let (settings, search) = (&self.settings, &self.search);
        let link = &mut self.links[self.current];
        let address = &link.address;
        let Some(connection) = &mut link.connection else { return Err(Fault::Closed.into()) };
        let setting_up = std::mem::take(&mut link.unsent) && !self.steps.is_empty();
        if setting_up {
            let alone = alongside == Alongside::No;
            connection.send([&self.setup, b"", b""])?;
            if alone {
                settle_setup(connection, operation, settings, address, &self.steps)?;
                connection.finish()?;
            }
            connection.send(command.parts())?;
            if !alone {
                settle_setup(connection, operation, settings, address, &self.steps)?;
            }
        } else {
            if asking {
                connection.send([b"*1\r\n$6\r\nASKING\r\n", b"", b""])?;
            }
            connection.send(command.parts())?;
            if asking {
                connection.reply(patience)?;
            }
        }
        let directed = |reply: &Reply<'_>| match reply {
            // Boxed: it is looked at for each reply, and there is hardly ever one.
            Reply::Error(text) => search.direction(text, address).map(|direction| {
                Box::new((direction, error::refused(operation, address, &String::from_utf8_lossy(text))))
            }),
            _ => None,
        };
        let mut outcome = Ok(());
        let mut direction = None;
        match before {
            Before::Nothing => {}
            Before::Blocking { after_another, .. } => {
                connection.be_patient(patience).map_err(Fault::Failed)?;
                for _ in 0..1 + usize::from(*after_another) {
                    let reply = connection.reply(patience)?;
                    let told = directed(&reply);
                    if let Reply::Error(text) = reply
                        && told.is_none()
                        && !text.starts_with(b"NOSCRIPT")
                    {
                        outcome = Err(error::refused(operation, address, &String::from_utf8_lossy(text)));
                    }
                    direction = told.or(direction);
                }
                connection.be_patient(settings.read_timeout).map_err(Fault::Failed)?;
            }
            Before::Reply(take_first) => {
                let reply = connection.reply(patience)?;
                direction = directed(&reply);
                match if direction.is_some() { Ok(()) } else { take_first(reply) } {
                    Ok(()) => {}
                    Err(Trouble::Refused(text)) => outcome = Err(error::refused(operation, address, &text)),
                    Err(Trouble::Unexpected) => return Err(Fault::Stray.into()),
                }
            }
        }
        let reply = connection.reply(patience)?;
        let redirected = directed(&reply);
        let taken = match (direction, redirected) {
            // Who was not held back, because its list is elsewhere, asks again a little later.
            (Some(_), None) if matches!(before, Before::Blocking { .. }) => {
                std::thread::sleep(settings.retries.interval);
                take(reply)
            }
            (None, None) => take(reply),
            (_, Some(told)) | (Some(told), None) => {
                let (direction, told) = *told;
                if let Some(seal) = &command.seal {
                    connection.confirm(seal, patience)?;
                }
                connection.finish()?;
                self.unheard |= link.take_late();
                return Err(Failure::Directed(direction, told));
            }
        };
        let mut taken = match taken {
            Ok(value) => Ok(value),
            Err(Trouble::Refused(text)) => Err(error::refused(operation, address, &text)),
            Err(Trouble::Unexpected) => return Err(Fault::Stray.into()),
        };
        if let Some(seal) = &command.seal {
            taken = match (taken, connection.confirm(seal, patience)) {
                (taken, Ok(None)) => taken,
                // What refused the command refuses the seal, too, or hangs up before it gets to it.
                (Err(refusal), Ok(Some(_))) => Err(refusal),
                (Err(refusal), Err(_)) => return Err(Failure::Told(refusal)),
                (Ok(_), Err(fault)) => return Err(fault.into()),
                (Ok(_), Ok(Some(text))) => {
                    self.unanswered = true;
                    Err(error::refused(operation, address, &text))
                }
            };
        }
        connection.finish()?;
        self.answered = self.current;
        let failed = link.take_late();
        self.unheard |= failed;
        // Doubt begins with a refusal and ends with a write that went through.
        let proof = taken.is_ok() && matches!(operation, Operation::Write | Operation::Touch | Operation::Unlock);
        link.doubtful = failed || taken.is_err() || (link.doubtful && !proof);
        Ok(outcome.and(taken))
    }

    fn patience(&self, before: &Before<'_>) -> Duration {
        match before {
            Before::Blocking { time, .. } => self.settings.read_timeout + *time,
            _ => self.settings.read_timeout,
        }
    }

    fn broken(&self, operation: Operation, limit: Duration, fault: Fault) -> Error {
        error::FAILURES.broken(operation, self.address(), limit, fault)
    }
}

/// Reads the replies to the set-up. A client name that is refused is no reason to refuse sessions.
fn settle_setup(
    connection: &mut Connection,
    operation: Operation,
    settings: &Settings,
    address: &Address,
    steps: &[Step],
) -> Result<(), Failure> {
    for step in steps {
        match connection.reply(settings.read_timeout)? {
            Reply::Error(text) if *step != Step::Name => {
                let with_user = settings.user.is_some();
                let told = error::not_set_up(operation, address, *step, with_user, text);
                return Err(Failure::Told(told));
            }
            Reply::Status(_) | Reply::Error(_) => {}
            _ => return Err(Failure::Told(error::FAILURES.unexpected(operation, address))),
        }
    }
    Ok(())
}
