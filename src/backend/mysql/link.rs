//! One connection: how it is made, what is prepared on it, and how a batch is written and its answers are heard.

use super::error::{self, After, FAILURES};
use super::handshake::{Greeting, Login, Step, Who};
use super::reply::{Column, Expect, Replies, Reply};
use super::schema::set_up;
use super::server::{Answer, Settings, Take, Trouble};
use super::statements::{Batch, Given, Plan, Plans};
use crate::backend::remote::address::Address;
use crate::backend::remote::connection::{self, Fault};
use crate::backend::remote::socket::Socket;
use crate::error::{Error, Operation, Result};
use std::time::{Duration, Instant};

pub(super) type Connection = connection::Connection<Replies>;

/// More steps than any way to log in has.
const MOST_STEPS: usize = 8;

pub(super) struct Link {
    pub(super) connection: Connection,
    pub(super) plans: Plans,
    /// By the statement's place among the plans.
    prepared: Vec<Option<Prepared>>,
    /// The longest packet that the server takes.
    most: usize,
}

#[derive(Debug, Default)]
struct Prepared {
    number: u32,
    columns: Vec<Column>,
}

/// The server is told, so that it need not note a client that vanished.
impl Drop for Link {
    fn drop(&mut self) {
        if self.connection.is_ours() {
            let _ = self.connection.send([&[1, 0, 0, 0, 1], b"", b""]);
        }
    }
}

impl Link {
    pub(super) fn open(settings: &Settings, operation: Operation) -> Result<Self> {
        let began = Instant::now();
        let (address, limit) = (&settings.address, settings.connect_timeout);
        let not_connected = |cause| FAILURES.not_connected(operation, address, limit, cause);
        let mut socket = Socket::connect(address, None, limit, limit).map_err(not_connected)?;
        let mut number = 0;
        let mut greeting = None;
        if let Some(tls) = &settings.tls {
            // What is agreed upon in clear text; what follows is not.
            let said = read_packet(&mut socket).map_err(not_connected)?;
            let first = Self::greeting(settings, said.get(4..).unwrap_or_default())?;
            if !first.offers_tls() {
                return Err(error::no_tls(address));
            }
            let mut out = Vec::new();
            let mark = super::packet::begin(1, &mut out);
            out.extend_from_slice(&first.ask_for_tls());
            super::packet::end(mark, 0, &mut out);
            socket.send(&out, false).map_err(not_connected)?;
            let host = match address {
                Address::Tcp { host, .. } => host,
                Address::Unix(_) => "",
            };
            socket.secure(tls, host, began + limit, limit).map_err(not_connected)?;
            number = 1;
            greeting = Some(first);
        }
        let mut connection = Connection::new(socket, Replies::default());
        // Who is not greeted is not connected.
        let broken = |fault| match fault {
            Fault::TimedOut => not_connected(std::io::ErrorKind::TimedOut.into()),
            fault => FAILURES.broken(operation, address, limit, fault),
        };
        let greeting = match greeting {
            Some(greeting) => greeting,
            None => {
                let Reply::Packet(payload, _) = connection.reply(limit).map_err(broken)? else {
                    return Err(FAILURES.unexpected(operation, address));
                };
                Self::greeting(settings, payload)?
            }
        };
        Self::log_in(settings, &greeting, &mut connection, number, broken)?;
        connection.finish().map_err(broken)?;
        connection.protocol.manners = greeting.manners();
        connection.protocol.expect = Expect::Results;
        connection.be_patient(settings.read_timeout).map_err(not_connected)?;
        let (table, most) = set_up(settings, operation, &mut connection)?;
        let plans = Plans::new(table, greeting.is_mariadb());
        let prepared = (0..plans.count()).map(|_| None).collect();
        Ok(Self { connection, plans, prepared, most })
    }

    fn greeting(settings: &Settings, payload: &[u8]) -> Result<Greeting> {
        if payload.first() == Some(&0xff) {
            let (code, said) = super::reply::refusal(payload);
            return Err(error::refused(Operation::Open, &settings.address, code, said));
        }
        let garbage = || error::login(&settings.address, super::handshake::Refusal::Garbage);
        Greeting::parse(payload).ok_or_else(garbage)
    }

    fn log_in(
        settings: &Settings,
        greeting: &Greeting,
        connection: &mut Connection,
        number: u8,
        broken: impl Fn(Fault) -> Error,
    ) -> Result<()> {
        let who = Who {
            user: &settings.user,
            password: &settings.password,
            database: &settings.database,
            tls: settings.tls.is_some(),
            local: matches!(settings.address, Address::Unix(_)),
        };
        let refused = |refusal| error::login(&settings.address, refusal);
        let (mut login, first) = Login::begin(greeting, who).map_err(refused)?;
        let mut step = Step::Send(first);
        let mut number = number + 1;
        for _ in 0..MOST_STEPS {
            if let Step::Send(payload) = step {
                let mut out = Vec::with_capacity(payload.len() + 4);
                let mark = super::packet::begin(number, &mut out);
                out.extend_from_slice(&payload);
                super::packet::end(mark, 0, &mut out);
                connection.send([&out, b"", b""]).map_err(&broken)?;
            }
            let reply = connection.reply(settings.connect_timeout).map_err(&broken)?;
            let Reply::Packet(payload, said) = reply else { break };
            number = said.wrapping_add(1);
            step = login.answer(payload).map_err(refused)?;
            if step == Step::Done {
                return Ok(());
            }
        }
        Err(refused(super::handshake::Refusal::Garbage))
    }

    pub(super) fn knows(&self, plan: Plan) -> bool {
        matches!(self.prepared.get(self.plans.place(plan)), Some(Some(_)))
    }

    /// Prepares what is not prepared yet, in one exchange.
    pub(super) fn prepare(
        &mut self,
        settings: &Settings,
        operation: Operation,
        plans: &[(Plan, Given<'_>)],
    ) -> Result<bool, Trouble> {
        let mut missing: Vec<Plan> = plans.iter().map(|(plan, _)| *plan).filter(|plan| !self.knows(*plan)).collect();
        if missing.is_empty() {
            return Ok(false);
        }
        if self.prepared.iter().all(Option::is_none) {
            let usual = settings.usual.iter().filter(|plan| self.plans.has(**plan) && !missing.contains(plan));
            missing.extend(usual.copied().collect::<Vec<_>>());
        }
        let (address, limit) = (&settings.address, settings.read_timeout);
        let broken = |fault| Trouble::Lost(FAILURES.broken(operation, address, limit, fault));
        let mut batch = Batch::default();
        for plan in &missing {
            self.plans.prepare(*plan, &mut batch);
        }
        self.connection.send(batch.parts()).map_err(broken)?;
        self.connection.protocol.expect = Expect::Prepared;
        let mut refusal = None;
        for plan in missing {
            match self.connection.reply(limit).map_err(broken)? {
                Reply::Prepared { statement, columns } => {
                    if let Some(place) = self.prepared.get_mut(self.plans.place(plan)) {
                        *place = Some(Prepared { number: statement, columns });
                    }
                }
                Reply::Refused { code, said } => {
                    let error = error::refused(operation, address, code, said);
                    let lost = error::after(code) != After::Kept;
                    refusal.get_or_insert(if lost { Trouble::Lost(error) } else { Trouble::Told(error) });
                }
                _ => return Err(Trouble::Lost(FAILURES.unexpected(operation, address))),
            }
        }
        self.connection.protocol.expect = Expect::Results;
        self.connection.finish().map_err(broken)?;
        refusal.map_or(Ok(false), Err)
    }

    pub(super) fn write<'a>(
        &self,
        settings: &Settings,
        operation: Operation,
        plans: &[(Plan, Given<'a>)],
        batch: &mut Batch<'a>,
    ) -> Result<bool, Trouble> {
        for (plan, given) in plans {
            let prepared = self.prepared.get(self.plans.place(*plan)).and_then(Option::as_ref);
            let number = prepared.map_or(0, |prepared| prepared.number);
            self.plans.execute(*plan, number, given, batch);
            if given.data.len().saturating_add(error::AROUND_DATA) > self.most {
                let error = error::too_large(operation, &settings.address, given.data.len(), self.most);
                return Err(Trouble::Told(error));
            }
        }
        Ok(false)
    }

    /// Hands the answers to `take`. The first failure is what is returned, after all of them were heard. True: the
    /// connection has to go all the same.
    pub(super) fn hear(
        &mut self,
        settings: &Settings,
        operation: Operation,
        plans: &[(Plan, Given<'_>)],
        patience: Duration,
        take: Take<'_>,
    ) -> Result<bool, Trouble> {
        let address = &settings.address;
        let broken = |fault| Trouble::Lost(FAILURES.broken(operation, address, patience, fault));
        let mut outcome = Ok(());
        let mut goes = false;
        for (place, (plan, _)) in plans.iter().enumerate() {
            let prepared = self.prepared.get_mut(self.plans.place(*plan)).and_then(Option::as_mut);
            let said = match self.connection.reply(patience).map_err(broken)? {
                Reply::Done { rows } => take(place, Answer::Done(rows), &self.plans),
                Reply::Refused { code, said } => {
                    match error::after(code) {
                        After::Kept => {}
                        After::Lost | After::Stale => {
                            return Err(Trouble::Lost(error::refused(operation, address, code, said)));
                        }
                    }
                    goes |= error::is_read_only(code);
                    take(place, Answer::Refused(code, said), &self.plans)
                }
                Reply::Rows(rows) => {
                    let Some(prepared) = prepared else {
                        return Err(Trouble::Lost(FAILURES.unexpected(operation, address)));
                    };
                    if let Some(columns) = rows.columns() {
                        prepared.columns = columns;
                    }
                    if rows.is_empty() {
                        take(place, Answer::Row(&[]), &self.plans)
                    } else {
                        let mut said = Ok(());
                        let whole = rows.each(&prepared.columns, |values| {
                            if said.is_ok() {
                                said = take(place, Answer::Row(values), &self.plans);
                            }
                        });
                        whole.map_or_else(|| Err(FAILURES.unexpected(operation, address)), |()| said)
                    }
                }
                Reply::Packet(..) | Reply::Prepared { .. } => {
                    return Err(Trouble::Lost(FAILURES.unexpected(operation, address)));
                }
            };
            if outcome.is_ok() {
                outcome = said;
            }
        }
        self.connection.finish().map_err(broken)?;
        outcome.map(|()| goes).map_err(Trouble::Told)
    }
}

/// The first packet of a connection, before anything can be in a buffer behind it.
fn read_packet(socket: &mut Socket) -> std::io::Result<Vec<u8>> {
    let mut said = Vec::with_capacity(512);
    loop {
        let mut cursor = super::packet::Cursor(&said);
        if let Some(length) = cursor.fixed(3)
            && said.len() as u64 >= length + 4
        {
            return Ok(said);
        }
        if said.len() > 64 * 1024 || socket.receive(&mut said)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        said.reserve(512);
    }
}
