//! The connection to the server: how it is made, what is prepared on it, and exchanges over it.
//!
//! An exchange is a batch of statements that is sent at once, and their answers. The server works on
//! them one after the other, so that a batch is one wait however many statements it has.

use super::error::{self, After, FAILURES, code};
use super::handshake::{Greeting, Login, Step, Who};
use super::reply::{Column, Expect, Replies, Reply, Rows, Value};
use super::statements::{Batch, Given, Plan, Plans};
use crate::backend::remote::address::Address;
use crate::backend::remote::connection::{self, Fault};
use crate::backend::remote::socket::Socket;
use crate::backend::remote::tls::Tls;
use crate::backend::sql::{self, Dialect, Role, Wanted};
use crate::error::{Error, Operation, Result};
use std::time::{Duration, Instant};

type Connection = connection::Connection<Replies>;

/// More steps than any way to log in has.
const MOST_STEPS: usize = 8;

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

struct Link {
    connection: Connection,
    plans: Plans,
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

/// The server is told, so that it need not note a client that vanished.
impl Drop for Link {
    fn drop(&mut self) {
        if self.connection.is_ours() {
            let _ = self.connection.send([&[1, 0, 0, 0, 1], b"", b""]);
        }
    }
}

impl Link {
    fn open(settings: &Settings, operation: Operation) -> Result<Self> {
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

    fn knows(&self, plan: Plan) -> bool {
        matches!(self.prepared.get(self.plans.place(plan)), Some(Some(_)))
    }

    /// Prepares what is not prepared yet, in one exchange.
    fn prepare(
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

    fn write<'a>(
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
    fn hear(
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

/// Makes the connection behave alike on every server, and looks at the table. Also the longest packet.
fn set_up(settings: &Settings, operation: Operation, connection: &mut Connection) -> Result<(sql::Table, usize)> {
    let (address, limit) = (&settings.address, settings.read_timeout);
    let broken = |fault| FAILURES.broken(operation, address, limit, fault);
    // The server should give up on a locked row before we give up on the server.
    let patience = limit.as_secs().saturating_sub(1).clamp(1, 3600);
    let table = Dialect::Mysql.quote(&settings.wanted.table());
    let mut batch = Batch::default();
    batch.query("SET NAMES utf8mb4");
    // What a column holds comes as it is, whatever its character set, and a TIMESTAMP in UTC.
    batch.query(&format!(
        "SET SESSION character_set_results = NULL, SESSION time_zone = '+00:00', SESSION autocommit = 1, SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', \
         SESSION innodb_lock_wait_timeout = {patience}"
    ));
    batch.query("SELECT @@max_allowed_packet");
    batch.query(&format!("SHOW FULL COLUMNS FROM {table}"));
    connection.send(batch.parts()).map_err(broken)?;
    let mut most = usize::MAX;
    let (mut columns, mut wide, mut keys) = (None, Vec::new(), Vec::new());
    let mut refusal = None;
    for place in 0..batch.count() {
        match (place, connection.reply(limit).map_err(broken)?) {
            (2, Reply::Rows(rows)) => {
                let told = rows.texts().next().and_then(|row| row.into_iter().next().flatten());
                most = told.and_then(|text| text.parse().ok()).unwrap_or(most);
            }
            (3, Reply::Rows(rows)) => {
                columns = Some(columns_in(&rows));
                wide = columns_with(&rows, COLLATION, is_wide);
                keys = columns_with(&rows, KEY, |key| matches!(key, "PRI" | "UNI"));
            }
            (3, Reply::Refused { code: code::NO_SUCH_TABLE, .. }) => {}
            (_, Reply::Refused { code, said }) => {
                refusal.get_or_insert(error::refused(operation, address, code, said));
            }
            _ => {}
        }
    }
    connection.finish().map_err(broken)?;
    if let Some(error) = refusal {
        return Err(error);
    }
    let complain = |complaint| error::table(address, complaint);
    let existed = columns.is_some();
    let table = match columns {
        Some(columns) => settings.wanted.fit(&columns, Dialect::Mysql).map_err(complain)?,
        None if settings.wanted.create() == Some(true) => {
            let table = settings.wanted.new_table();
            define(settings, operation, connection, &table.definition(Dialect::Mysql))?;
            table
        }
        None => return Err(complain(settings.wanted.missing(Dialect::Mysql))),
    };
    if let Some(data) = table.column(Role::Data)
        && wide.iter().any(|name| data.names(name))
    {
        return Err(complain(format!(
            "the column {data} of the table \"{}\" is text of characters of two or four bytes, and a session's bytes are not; \
             make the column a LONGBLOB",
            table.name()
        )));
    }
    if let Some(id) = table.column(Role::Id)
        && existed
        && !keys.iter().any(|name| id.names(name))
        && lacks_key(settings, operation, connection, &table)?
    {
        return Err(complain(format!(
            "the column {id} of the table \"{}\" is no key, so that each write would add a row; make it the PRIMARY KEY",
            table.name()
        )));
    }
    if !settings.referred || table.column(Role::Reference).is_some() {
        return Ok((table, most));
    }
    if settings.wanted.create() != Some(true) {
        return Err(complain(settings.wanted.unreferenced(&table, Dialect::Mysql)));
    }
    define(settings, operation, connection, &settings.wanted.reference_definition(&table, Dialect::Mysql))?;
    let mut again = Batch::default();
    again.query(&format!("SHOW COLUMNS FROM {}", Dialect::Mysql.quote(&settings.wanted.table())));
    connection.send(again.parts()).map_err(broken)?;
    let columns = match connection.reply(limit).map_err(broken)? {
        Reply::Rows(rows) => columns_in(&rows),
        _ => return Err(FAILURES.unexpected(operation, address)),
    };
    connection.finish().map_err(broken)?;
    settings.wanted.fit(&columns, Dialect::Mysql).map(|table| (table, most)).map_err(complain)
}

/// Places in a row of `SHOW FULL COLUMNS`.
const COLLATION: usize = 2;
const KEY: usize = 4;

/// Whether the characters of such a text all have two or four bytes: the server fills up other lengths with zeros, in any
/// `sql_mode`.
fn is_wide(collation: &str) -> bool {
    ["ucs2", "utf16", "utf32"].iter().any(|set| collation.starts_with(set))
}

/// The names of the columns of which `SHOW FULL COLUMNS` says at `place` what fits.
fn columns_with(rows: &Rows<'_>, place: usize, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let columns = rows.texts().filter_map(|row| {
        let mut values = row.into_iter();
        let name = values.next().flatten()?;
        let said = values.nth(place - 1).flatten()?;
        fits(&said).then_some(name)
    });
    columns.collect()
}

/// Whether no unique index has the column of ids, so that `ON DUPLICATE KEY` would never find a duplicate. A view has no indexes,
/// and those of its table count.
fn lacks_key(
    settings: &Settings,
    operation: Operation,
    connection: &mut Connection,
    table: &sql::Table,
) -> Result<bool> {
    let Some(id) = table.column(Role::Id) else { return Ok(false) };
    let (address, limit) = (&settings.address, settings.read_timeout);
    let broken = |fault| FAILURES.broken(operation, address, limit, fault);
    let here = format!("TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{}'", table.name());
    let mut batch = Batch::default();
    batch.query(&format!(
        "SELECT EXISTS (SELECT 1 FROM information_schema.TABLES WHERE {here} AND TABLE_TYPE = 'BASE TABLE') \
         AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS WHERE {here} AND COLUMN_NAME = '{id}' AND NON_UNIQUE = 0)"
    ));
    connection.send(batch.parts()).map_err(broken)?;
    let told = match connection.reply(limit).map_err(broken)? {
        Reply::Rows(rows) => rows.texts().next().and_then(|row| row.into_iter().next().flatten()),
        _ => None,
    };
    connection.finish().map_err(broken)?;
    Ok(told.as_deref() == Some("1"))
}

/// What `SHOW COLUMNS` says.
fn columns_in(rows: &Rows<'_>) -> Vec<sql::Column> {
    let columns = rows.texts().filter_map(|row| {
        let mut values = row.into_iter().flatten();
        Some(sql::Column { name: values.next()?, kind: values.next()? })
    });
    columns.collect()
}

/// Creates or adds something, which another worker may do at the same time.
fn define(settings: &Settings, operation: Operation, connection: &mut Connection, statements: &[String]) -> Result<()> {
    let (address, limit) = (&settings.address, settings.read_timeout);
    let broken = |fault| FAILURES.broken(operation, address, limit, fault);
    for statement in statements {
        let mut batch = Batch::default();
        batch.query(statement);
        connection.send(batch.parts()).map_err(broken)?;
        match connection.reply(limit).map_err(broken)? {
            Reply::Refused { code, .. } if code::THERE_ALREADY.contains(&code) => {}
            Reply::Done { .. } => {}
            Reply::Refused { code, said } => return Err(error::refused(operation, address, code, said)),
            _ => return Err(FAILURES.unexpected(operation, address)),
        }
        connection.finish().map_err(broken)?;
    }
    Ok(())
}
