//! A session's record, and what is done to it in one command.
//!
//! | bin | holds |
//! | --- | --- |
//! | `value` | the session, as a blob; a string is read too |
//! | `lock` | the owner's token, while the session is locked |
//! | `lock_holder` | who that is, in words |
//! | `lock_length` | the length of the lease, in milliseconds |
//! | `lock_until` | when the lease ends, in milliseconds since 1970, by the server's clock |
//! | `written_by` | the token of the lock under which `value` was last written |
//! | `ref` | the session's own reference, as a blob |
//!
//! The key is prefix and id, and is stored with the record. A record without `value` is a lock on a
//! session that does not exist: it reads as nothing, and vanishes with its last bin.
//!
//! Each command names the state in which it may be carried out, as a filter; in another one the server
//! does nothing and says so. So a command that is sent twice, since the first answer did not
//! arrive, is carried out once.

use crate::error::Operation as Doing;
use crate::session::lock::Token;
use crate::session::reference::{Assignment, Reference};
use aerospike::expressions::{
    Expression, and, bin_exists, blob_val, eq, int_bin, int_val, last_update, le, not, num_add, num_div, or,
    since_update, string_bin, string_val,
};
use aerospike::operations::exp::{ExpReadFlags, ExpWriteFlags, read_exp, write_exp};
use aerospike::operations::{Operation, get_bin, put, scalar};
use aerospike::{Bin, Expiration, RecordExistsAction, Value};
use std::time::Duration;

const VALUE: &str = "value";
const LOCK: &str = "lock";
const HOLDER: &str = "lock_holder";
const LENGTH: &str = "lock_length";
const UNTIL: &str = "lock_until";
const WRITTEN_BY: &str = "written_by";
const REFERENCE: &str = "ref";
/// A name for the server's time in an answer; no bin.
const NOW: &str = "now";

/// What a holder may be called, in characters.
const LONGEST_HOLDER: usize = 512;
/// The longest lifetime that servers take.
const LONGEST_TTL: u32 = 10 * 365 * 86_400;

/// What is done to one record, in one exchange.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) operations: Vec<Operation>,
    /// The state in which it is carried out.
    pub(super) filter: Option<Expression>,
    pub(super) action: RecordExistsAction,
    pub(super) expiration: Expiration,
    /// The record must not have been changed since it had this generation.
    pub(super) generation: Option<u32>,
}

impl Command {
    /// On a record that exists, whose lifetime stays as it is.
    pub(super) fn update(operations: Vec<Operation>) -> Self {
        let (action, expiration) = (RecordExistsAction::UpdateOnly, Expiration::DontUpdate);
        Self { operations, filter: None, action, expiration, generation: None }
    }

    pub(super) fn only_if(mut self, filter: Expression) -> Self {
        self.filter = Some(filter);
        self
    }

    /// The filter counts for a record that exists; one that does not is created.
    pub(super) fn or_create(mut self) -> Self {
        self.action = RecordExistsAction::Update;
        self
    }

    /// Only if there is no record.
    pub(super) fn create(mut self) -> Self {
        self.action = RecordExistsAction::CreateOnly;
        self
    }

    /// Only if the record is as it was when it had this generation.
    pub(super) fn unchanged_since(mut self, generation: u32) -> Self {
        self.generation = Some(generation);
        self
    }

    /// The record stays until it is removed.
    pub(super) fn for_good(mut self) -> Self {
        self.expiration = Expiration::Never;
        self
    }

    /// The record lives for `ttl` from now.
    pub(super) fn living(mut self, ttl: Duration) -> Self {
        self.expiration = Expiration::Seconds(seconds(ttl));
        self
    }
}

/// Whole seconds, upwards: a record lives until the second of its end is over. 0 would be the
/// namespace's default.
fn seconds(ttl: Duration) -> u32 {
    let seconds = ttl.as_secs().saturating_add(u64::from(ttl.subsec_nanos() > 0));
    u32::try_from(seconds).unwrap_or(u32::MAX).clamp(1, LONGEST_TTL)
}

fn bin(name: &str, value: Value) -> Operation {
    put(&Bin::new(name, value))
}

fn integer(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

/// The server's time, in milliseconds: when the record was written, and how long ago that was. In a
/// record that is being written or created the second is nothing or all of it.
fn now() -> Expression {
    num_add(vec![num_div(vec![last_update(), int_val(1_000_000)]), since_update()])
}

// What is done.

pub(super) fn read() -> Operation {
    get_bin(VALUE)
}

/// Whether there is a record, without loading it.
pub(super) fn look_at_it() -> Operation {
    scalar::get_header()
}

pub(super) fn touch() -> Operation {
    scalar::touch()
}

pub(super) fn store(data: &[u8]) -> Operation {
    bin(VALUE, Value::Blob(data.to_vec()))
}

/// Stores the session if it is not there; one that is there stays.
pub(super) fn restore(data: &[u8]) -> Operation {
    write_exp(VALUE, blob_val(data.to_vec()), ExpWriteFlags::CREATE_ONLY | ExpWriteFlags::POLICY_NO_FAIL)
}

pub(super) fn sign(token: &Token) -> Operation {
    bin(WRITTEN_BY, text(token))
}

/// The session's own reference.
pub(super) fn read_reference() -> Operation {
    get_bin(REFERENCE)
}

/// Reads the session's reference, and makes it what it is to be.
pub(super) fn assign(assignment: Assignment<'_>) -> Vec<Operation> {
    let value = match assignment {
        Assignment::Keep => return Vec::new(),
        Assignment::Clear => Value::Nil,
        Assignment::Set(reference) => Value::Blob(reference.as_bytes().to_vec()),
    };
    vec![read_reference(), bin(REFERENCE, value)]
}

/// Removes the session and leaves its lock.
pub(super) fn destroy() -> Vec<Operation> {
    [VALUE, WRITTEN_BY, REFERENCE].map(|name| bin(name, Value::Nil)).to_vec()
}

pub(super) fn lock(token: &Token, holder: &str, lease: Duration) -> Vec<Operation> {
    let holder = holder.chars().take(LONGEST_HOLDER).collect();
    let mut operations = lease_of(lease);
    operations.push(bin(LOCK, text(token)));
    operations.push(bin(HOLDER, Value::String(holder)));
    operations
}

/// The lease runs for so long from now.
pub(super) fn lease_of(length: Duration) -> Vec<Operation> {
    let length = integer(length);
    let until = num_add(vec![now(), int_val(length)]);
    vec![write_exp(UNTIL, until, ExpWriteFlags::DEFAULT), bin(LENGTH, Value::Int(length))]
}

pub(super) fn unlock() -> Vec<Operation> {
    [LOCK, HOLDER, LENGTH, UNTIL].map(|name| bin(name, Value::Nil)).to_vec()
}

/// What [`Holder`] is made of.
pub(super) fn ask_for_holder() -> Vec<Operation> {
    let exists = read_exp(VALUE, bin_exists(VALUE), ExpReadFlags::DEFAULT);
    let now = read_exp(NOW, now(), ExpReadFlags::DEFAULT);
    vec![exists, now, get_bin(HOLDER), get_bin(LENGTH), get_bin(UNTIL)]
}

pub(super) fn ask_for_writer() -> Vec<Operation> {
    vec![get_bin(WRITTEN_BY), get_bin(LOCK)]
}

// In which state.

/// There is a session, not only a lock.
pub(super) fn is_session() -> Expression {
    bin_exists(VALUE)
}

/// The lock is this token's.
pub(super) fn is_locked_by(token: &Token) -> Expression {
    eq(string_bin(LOCK), string_val(hex(token)))
}

/// Nobody has the lock, its lease is over, or it is this token's already.
pub(super) fn is_free_for(token: &Token) -> Expression {
    or(vec![not(bin_exists(UNTIL)), le(int_bin(UNTIL), now()), is_locked_by(token)])
}

/// There is no session, but its lock, which is this token's.
pub(super) fn is_lock_alone_of(token: &Token) -> Expression {
    and(vec![not(is_session()), is_locked_by(token)])
}

/// The session is there, and its lock is this token's.
pub(super) fn is_session_locked_by(token: &Token) -> Expression {
    and(vec![is_session(), is_locked_by(token)])
}

/// A session that can be locked.
pub(super) fn is_free_session_for(token: &Token) -> Expression {
    and(vec![is_session(), is_free_for(token)])
}

// What is answered.

/// The session in an answer, appended to `into`. False if there is none.
///
/// # Errors
/// For a `value` that is neither blob nor string.
pub(super) fn session(answer: &aerospike::Record, into: &mut Vec<u8>) -> Result<bool, &'static str> {
    match answer.bins.get(VALUE) {
        None | Some(Value::Nil) => return Ok(false),
        Some(Value::Blob(data)) => into.extend_from_slice(data),
        Some(Value::String(text)) => into.extend_from_slice(text.as_bytes()),
        Some(_) => return Err("the record's bin \"value\" is neither bytes nor text, so it is no session"),
    }
    Ok(true)
}

/// Whether the session was last written under this lock.
pub(super) fn is_written_by(answer: &aerospike::Record, token: &Token) -> bool {
    matches!(answer.bins.get(WRITTEN_BY), Some(Value::String(writer)) if writer.as_bytes() == token.as_bytes())
}

/// Whether the answer to [`ask_for_writer`] says that the lock is still this one.
pub(super) fn has_lock(answer: &aerospike::Record, token: &Token) -> bool {
    matches!(answer.bins.get(LOCK), Some(Value::String(owner)) if owner.as_bytes() == token.as_bytes())
}

/// The reference that a session has, or had before the command that assigned another one.
pub(super) fn reference(answer: &aerospike::Record) -> Option<Reference> {
    let value = match answer.bins.get(REFERENCE)? {
        // What was read, and the nothing that writing answers.
        Value::MultiResult(values) => values.first()?,
        value => value,
    };
    match value {
        Value::Blob(bytes) => Reference::parse(bytes, Doing::Read).ok(),
        _ => None,
    }
}

/// What a record says about its lock.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    /// There is a session.
    pub(super) has_session: bool,
    /// Who has the lock.
    pub(super) name: Option<String>,
    /// For how long.
    pub(super) held: Option<Duration>,
    /// Its lease has so long to run.
    pub(super) left: Duration,
}

impl Holder {
    pub(super) fn of(answer: &aerospike::Record) -> Self {
        let number = |name| match answer.bins.get(name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        };
        let name = match answer.bins.get(HOLDER) {
            Some(Value::String(holder)) if !holder.is_empty() => Some(holder.clone()),
            _ => None,
        };
        let left = number(UNTIL).zip(number(NOW)).map_or(0, |(until, now)| until.saturating_sub(now));
        let held = number(LENGTH).and_then(|length| u64::try_from(length.saturating_sub(left)).ok());
        Self {
            has_session: matches!(answer.bins.get(VALUE), Some(Value::Bool(true) | Value::Int(1))),
            name,
            held: held.map(Duration::from_millis),
            left: Duration::from_millis(u64::try_from(left).unwrap_or_default()),
        }
    }
}

fn text(token: &Token) -> Value {
    Value::String(hex(token))
}

fn hex(token: &Token) -> String {
    String::from_utf8_lossy(token.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_whole_seconds_that_a_server_takes() {
        for (milliseconds, expected) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (u64::MAX, LONGEST_TTL)] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), expected, "{milliseconds}");
        }
    }

    #[test]
    fn names_of_bins_are_short_enough() {
        for name in [VALUE, LOCK, HOLDER, LENGTH, UNTIL, WRITTEN_BY, REFERENCE] {
            assert!(name.len() <= 15, "{name}");
        }
    }
}
