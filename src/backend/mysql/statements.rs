//! What is said to the server, and how it is put on the wire.
//!
//! A statement is prepared when a connection needs it for the first time, and lives as long as the
//! connection. Ids, data, times and the names of locks are parameters, never text.

use super::packet::{LONGEST, begin, end, put_number, put_text};
use crate::backend::sql::{Dialect, Moment, Parameter, Role, Statement, Statements, Table};

const EXECUTE: u8 = 0x17;
const PREPARE: u8 = 0x16;
const QUERY: u8 = 0x03;

/// Data up to this size is copied into the command; more is sent from where it is.
const COPIED: usize = 8 * 1024;

/// The types of parameters.
mod kind {
    pub(super) const DOUBLE: u8 = 0x05;
    pub(super) const LONGLONG: u8 = 0x08;
    pub(super) const BLOB: u8 = 0xfc;
    pub(super) const TEXT: u8 = 0xfd;
}

/// The statements, by what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Time and data.
    Read,
    /// The time alone.
    Time,
    /// Time and reference.
    Owner,
    Destroy,
    /// A change, which sets the reference too or leaves it as it is.
    Change(Change, bool),
    /// Takes the lock: 1, 0, or NULL.
    Lock,
    /// Gives it back: 1, 0, or NULL.
    Release,
    /// Gives it back and says nothing.
    ReleaseQuietly,
    /// Whether the lock is this connection's.
    Holds,
    /// Removes some expired rows, of the first or second sort.
    Collect(usize),
    /// Ids and times of some sessions of a reference.
    Sessions,
    /// The first reference behind another.
    NextReference,
    /// Whether a reference has a session that is alive.
    Lives,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It is created or replaced.
    Write,
    /// The same when it was alive a moment ago.
    Overwrite,
    /// It is replaced if it is alive.
    Update,
    /// It is created.
    Insert,
    /// It is replaced if its data is as it was.
    Swap,
    /// It is created, or extended if it is there.
    Restore,
    /// It is extended if it is there.
    Touch,
}

/// What stands for a question mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Argument {
    Of(Parameter),
    /// The name of a lock.
    Lock,
    /// How long to wait for it.
    Wait,
    /// SHA-1 of the data as it was stored.
    Fingerprint,
    /// How many rows at most.
    Most,
    /// Behind which reference.
    Behind,
}

/// What a statement is given, whichever of it that wants.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given<'a> {
    pub(super) id: &'a [u8],
    pub(super) data: &'a [u8],
    pub(super) time: i64,
    pub(super) now: i64,
    pub(super) lock: &'a [u8],
    pub(super) wait: f64,
    pub(super) fingerprint: &'a [u8],
    pub(super) most: i64,
    /// Times that are not later are those of expired sessions.
    pub(super) alive: i64,
    pub(super) reference: Option<&'a [u8]>,
}

/// A statement's text and parameters.
#[derive(Clone, Debug)]
struct Text {
    plan: Plan,
    sql: String,
    arguments: Vec<Argument>,
}

/// All statements on one table.
#[derive(Clone, Debug)]
pub(super) struct Plans {
    pub(super) table: Table,
    texts: Vec<Text>,
    /// The server waits for locks in fractions of a second.
    fine_waits: bool,
}

impl Plans {
    pub(super) fn new(table: Table, fine_waits: bool) -> Self {
        let column = |role| table.column(role).map(|name| Dialect::Mysql.quote(name)).unwrap_or_default();
        let (data, reference) = (column(Role::Data), column(Role::Reference));
        let statements = Statements::new(&table, Dialect::Mysql);
        let unchanged = |statement: Statement| Statement {
            sql: format!("{} AND SHA2({data}, 256) = ?", statement.sql),
            parameters: statement.parameters,
        };
        let mut texts = Vec::new();
        let mut of_table = |plan, statement: Statement, more: &[Argument]| {
            let given = statement.parameters.into_iter().map(Argument::Of);
            texts.push(Text { plan, sql: statement.sql, arguments: given.chain(more.iter().copied()).collect() });
        };
        of_table(Plan::Read, statements.read, &[]);
        of_table(Plan::Time, statements.time, &[]);
        of_table(Plan::Destroy, statements.destroy, &[]);
        of_table(Plan::Change(Change::Write, false), statements.write, &[]);
        if statements.references.is_some() {
            of_table(Plan::Change(Change::Overwrite, false), statements.overwrite, &[]);
        }
        of_table(Plan::Change(Change::Update, false), statements.update, &[]);
        of_table(Plan::Change(Change::Insert, false), statements.insert, &[]);
        of_table(Plan::Change(Change::Swap, false), unchanged(statements.replace), &[Argument::Fingerprint]);
        of_table(Plan::Change(Change::Restore, false), statements.restore, &[]);
        of_table(Plan::Change(Change::Touch, false), statements.touch, &[]);
        if let Some(with) = statements.references {
            let name = Dialect::Mysql.quote(table.name());
            of_table(Plan::Owner, with.of, &[]);
            of_table(Plan::Change(Change::Write, true), with.write, &[]);
            of_table(Plan::Change(Change::Update, true), with.update, &[]);
            of_table(Plan::Change(Change::Insert, true), with.insert, &[]);
            of_table(Plan::Change(Change::Swap, true), unchanged(with.replace), &[Argument::Fingerprint]);
            of_table(Plan::Change(Change::Restore, true), with.restore, &[]);
            of_table(Plan::Change(Change::Touch, true), with.touch, &[]);
            let listing = format!("{} LIMIT ?", with.sessions.sql);
            of_table(Plan::Sessions, Statement { sql: listing, ..with.sessions }, &[Argument::Most]);
            let next = format!("SELECT {reference} FROM {name} WHERE {reference} > ? ORDER BY {reference} LIMIT 1");
            of_table(Plan::NextReference, Statement { sql: next, parameters: Vec::new() }, &[Argument::Behind]);
            let time = &statements.time_of_row;
            let lives = format!("SELECT 1 FROM {name} WHERE {reference} = ? AND {time} > ? LIMIT 1");
            let parameters = vec![Parameter::Reference, Parameter::Alive];
            of_table(Plan::Lives, Statement { sql: lives, parameters }, &[]);
        }
        let name = Dialect::Mysql.quote(table.name());
        for (sort, expired) in statements.expired.iter().enumerate() {
            let sql = format!("DELETE FROM {name} WHERE {} ORDER BY {} LIMIT ?", expired.condition, expired.column);
            of_table(Plan::Collect(sort), Statement { sql, parameters: vec![Parameter::Time] }, &[Argument::Most]);
        }
        let mut of_locks = |plan, sql: &str, arguments: &[Argument]| {
            texts.push(Text { plan, sql: sql.to_owned(), arguments: arguments.to_vec() });
        };
        of_locks(Plan::Lock, "SELECT GET_LOCK(?, ?)", &[Argument::Lock, Argument::Wait]);
        of_locks(Plan::Release, "SELECT RELEASE_LOCK(?)", &[Argument::Lock]);
        of_locks(Plan::ReleaseQuietly, "DO RELEASE_LOCK(?)", &[Argument::Lock]);
        of_locks(Plan::Holds, "SELECT IS_USED_LOCK(?) = CONNECTION_ID()", &[Argument::Lock]);
        Self { table, texts, fine_waits }
    }

    /// What most requests need, prepared with the first of it.
    pub(super) const USUAL: [Plan; 7] = [
        Plan::Read,
        Plan::Change(Change::Write, false),
        Plan::Change(Change::Overwrite, false),
        Plan::Change(Change::Restore, false),
        Plan::Change(Change::Touch, false),
        Plan::Release,
        Plan::ReleaseQuietly,
    ];
    /// The same for requests that take no locks.
    pub(super) const USUAL_UNLOCKED: [Plan; 3] =
        [Plan::Read, Plan::Change(Change::Swap, false), Plan::Change(Change::Touch, false)];

    /// Where the statement stands among all.
    pub(super) fn place(&self, plan: Plan) -> usize {
        self.texts.iter().position(|text| text.plan == plan).unwrap_or(usize::MAX)
    }

    /// Whether there is such a statement on this table.
    pub(super) fn has(&self, plan: Plan) -> bool {
        self.texts.iter().any(|text| text.plan == plan)
    }

    /// How many statements there are.
    pub(super) fn count(&self) -> usize {
        self.texts.len()
    }

    /// How many sorts of expired rows gc looks for.
    pub(super) fn sorts(&self) -> usize {
        self.texts.iter().filter(|text| matches!(text.plan, Plan::Collect(_))).count()
    }

    /// Appends the command that prepares a statement.
    pub(super) fn prepare(&self, plan: Plan, batch: &mut Batch<'_>) {
        let sql = self.texts.get(self.place(plan)).map_or("", |text| &text.sql);
        batch.text(PREPARE, sql);
    }

    /// Appends the command that executes a prepared statement.
    pub(super) fn execute<'a>(&self, plan: Plan, statement: u32, given: &Given<'a>, batch: &mut Batch<'a>) {
        let Some(text) = self.texts.get(self.place(plan)) else { return };
        let is_first = batch.body.is_empty();
        let out = if is_first { &mut batch.head } else { &mut batch.tail };
        let mark = begin(0, out);
        out.push(EXECUTE);
        out.extend_from_slice(&statement.to_le_bytes());
        out.extend_from_slice(&[0, 1, 0, 0, 0]);
        // Only a reference can be NULL. The types follow.
        let nulls = out.len();
        out.resize(nulls + text.arguments.len().div_ceil(8), 0);
        let no_reference = given.reference.is_none();
        for (place, argument) in text.arguments.iter().enumerate() {
            if *argument == Argument::Of(Parameter::Reference)
                && no_reference
                && let Some(byte) = out.get_mut(nulls + place / 8)
            {
                *byte |= 1 << (place % 8);
            }
        }
        out.push(1);
        for argument in &text.arguments {
            out.extend_from_slice(&[self.kind(*argument), 0]);
        }
        let mut apart: &'a [u8] = &[];
        let mut rest = Vec::new();
        for argument in &text.arguments {
            let to = if apart.is_empty() { &mut *out } else { &mut rest };
            match argument {
                Argument::Of(Parameter::Id) => put_text(given.id, to),
                Argument::Of(Parameter::Data) => {
                    put_number(given.data.len() as u64, to);
                    if is_first && given.data.len() > COPIED && given.data.len() < LONGEST / 2 {
                        apart = given.data;
                    } else {
                        to.extend_from_slice(given.data);
                    }
                }
                Argument::Of(Parameter::Time) => put_moment(&self.table.moment(given.time), to),
                Argument::Of(Parameter::Alive) => put_moment(&self.table.moment(given.alive), to),
                Argument::Of(Parameter::Reference) => {
                    if let Some(reference) = given.reference {
                        put_text(reference, to);
                    }
                }
                Argument::Behind => put_text(given.reference.unwrap_or_default(), to),
                Argument::Of(Parameter::Now) => put_moment(&self.table.moment(given.now), to),
                Argument::Lock => put_text(given.lock, to),
                Argument::Wait if self.fine_waits => to.extend_from_slice(&given.wait.to_le_bytes()),
                // The other servers round, so that it is cut here.
                #[allow(clippy::cast_possible_truncation, reason = "seconds of a wait for a lock")]
                Argument::Wait => to.extend_from_slice(&(given.wait as i64).to_le_bytes()),
                Argument::Fingerprint => put_text(given.fingerprint, to),
                Argument::Most => to.extend_from_slice(&given.most.to_le_bytes()),
            }
        }
        end(mark, apart.len() + rest.len(), out);
        if !apart.is_empty() {
            batch.body = apart;
            batch.tail = rest;
        }
        batch.count += 1;
    }

    fn kind(&self, argument: Argument) -> u8 {
        match argument {
            Argument::Of(Parameter::Data | Parameter::Reference) | Argument::Behind => kind::BLOB,
            Argument::Of(Parameter::Time | Parameter::Now | Parameter::Alive) if self.table.has_text_times() => {
                kind::TEXT
            }
            Argument::Of(Parameter::Time | Parameter::Now | Parameter::Alive) | Argument::Most => kind::LONGLONG,
            Argument::Wait if self.fine_waits => kind::DOUBLE,
            Argument::Wait => kind::LONGLONG,
            Argument::Of(Parameter::Id) | Argument::Lock | Argument::Fingerprint => kind::TEXT,
        }
    }

    /// How long the server may be asked to wait for a lock, of so many seconds.
    pub(super) fn waits(&self, seconds: f64) -> f64 {
        if self.fine_waits { seconds } else { seconds.floor() }
    }
}

fn put_moment(moment: &Moment, to: &mut Vec<u8>) {
    match moment {
        Moment::Unix(seconds) => to.extend_from_slice(&seconds.to_le_bytes()),
        Moment::Text(text) => put_text(text.as_bytes(), to),
    }
}

/// Commands that are sent together. One of them may have large data, which stays where it is.
#[derive(Debug, Default)]
pub(super) struct Batch<'a> {
    head: Vec<u8>,
    body: &'a [u8],
    tail: Vec<u8>,
    count: u32,
}

impl<'a> Batch<'a> {
    /// An empty one in a buffer that was used before.
    pub(super) fn within(mut head: Vec<u8>) -> Self {
        head.clear();
        Self { head, ..Self::default() }
    }

    /// The buffer, for the next one.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        if self.head.capacity() > 8 * COPIED { Vec::new() } else { self.head }
    }

    /// Appends a statement that is carried out as it stands.
    pub(super) fn query(&mut self, sql: &str) {
        self.text(QUERY, sql);
    }

    fn text(&mut self, command: u8, sql: &str) {
        let mark = begin(0, &mut self.head);
        self.head.push(command);
        self.head.extend_from_slice(sql.as_bytes());
        end(mark, 0, &mut self.head);
        self.count += 1;
    }

    pub(super) fn parts(&self) -> [&[u8]; 3] {
        [&self.head, self.body, &self.tail]
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }
}
