//! References: what a write says of them, and the index that finds the sessions of one.
//!
//! A session's own reference is a key beside its record, in the same slot, written by the same script
//! and with the same lifetime. The index is a sorted set for each reference and one of all
//! references; it has no lifetime. On one server the script that stores a session keeps the index, too.
//!
//! In a cluster the index is on other nodes. There a session's own reference is read along with the
//! session: while it stays the same there is nothing to do. A session that comes to a reference waits
//! for its entry before it is written, and once more behind that: the first makes sure that a crash in
//! between leaves an entry too many and no session without one, the second that no listing has taken
//! the entry for a wrong one meanwhile. Entries that became wrong stay until a
//! listing comes upon them; it removes what it has seen and nothing newer: by the place of an entry in
//! the set, which is the time at which it was made, and by the mark of a reference, which is another
//! one each time that a session comes to it.

use super::client::{Alongside, Before, Trouble};
use super::cluster;
use super::connection::Outgoing;
use super::exchange::{is_put_off, number};
use super::protocol::{Items, Reply};
use super::scripts::{Call, Referred, What};
use super::store::Redis;
use crate::backend::remote::connection::KEPT_BUFFER;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::Token;
use crate::session::reference::{Assignment, Cursor, Listed, Page, Reference, References, Terms, ended};
use crate::session::store::{Committed, Store};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LIST: &[u8] = include_bytes!("index/list.lua");
const ALL: &[u8] = include_bytes!("index/all.lua");

/// Removes an entry if it is in its place still.
const STRIKE: &[u8] = b"if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end \
    return redis.call('ZREM', KEYS[1], ARGV[1])";
/// Removes a reference if no session came to it since its mark was looked at.
const FORGET: &[u8] = b"if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end \
    redis.call('HDEL', KEYS[2], ARGV[1]) return redis.call('ZREM', KEYS[1], ARGV[1])";

/// The most that one page holds: the server serves nobody else while it is made.
const MOST: usize = 1000;
/// References that one gc looks at.
const SWEEP: usize = 50;

/// An entry as it stands in the index.
struct Entry {
    id: String,
    place: Vec<u8>,
    /// Milliseconds. Negative: the session is gone, or somebody else's.
    left: i64,
}

impl Redis {
    /// Stores, keeps alive or ends a session as its terms say, and waits for the answer.
    pub(super) fn referred(&mut self, operation: Operation, id: SessionId<'_>, what: Referred<'_>) -> Result<i64> {
        self.enter(operation, id, &what.terms, false)?;
        let answer = self.run_for_number(operation, id, &Call::Referred(what))?;
        if answer == 4 {
            self.enter(operation, id, &what.terms, true)?;
        }
        self.note_entered(id, &what.terms, answer);
        Ok(answer)
    }

    /// Keeps a session alive without waiting for the answer, if that can be.
    pub(super) fn keep_unawaited(&mut self, id: SessionId<'_>, what: Referred<'_>) -> Result<i64> {
        self.enter(Operation::Touch, id, &what.terms, false)?;
        let call = Call::Referred(what);
        self.prepare(Operation::Touch, id)?;
        if let Some(token) = what.token {
            return self.run_unawaited(Operation::Touch, id, *token, &call).map(|answer| answer.unwrap_or(1));
        }
        self.frame.clear(KEPT_BUFFER);
        let (body, tail) = self.write_call(id, &call, false);
        let command = Outgoing { head: self.frame.as_bytes(), body, tail, seal: None };
        if self.client.knows_script() && self.client.tell(Operation::Touch, command, 1)? {
            return Ok(1);
        }
        self.run_for_number(Operation::Touch, id, &call)
    }

    /// What the script's answer means for a write.
    pub(super) fn committed(&self, operation: Operation, id: SessionId<'_>, answer: i64) -> Result<Committed> {
        match answer {
            0 => Ok(Committed::LeaseLost),
            3 => Err(ended(self.name(), operation, id).at(self.endpoint())),
            _ => Ok(Committed::Done),
        }
    }

    /// Lets a session's own reference live as long as the session that was just extended.
    pub(super) fn extend_own_reference(&mut self, id: SessionId<'_>, ttl: u64) -> Result<()> {
        self.prepare(Operation::Touch, id)?;
        self.begin(b"*3\r\n$7\r\nPEXPIRE\r\n");
        self.frame.arg_of(&self.keys.own_reference(&id));
        self.frame.number(ttl);
        self.say(Operation::Touch, false)
    }

    /// In a cluster: makes the entry that a session must not be without, unless it is known to be there.
    /// `anew`: whether it is or not.
    fn enter(&mut self, operation: Operation, id: SessionId<'_>, terms: &Terms<'_>, anew: bool) -> Result<()> {
        let Assignment::Set(reference) = terms.reference else { return Ok(()) };
        let known = self.entered.as_ref().is_some_and(|(known, of)| known == id.as_bytes() && of == reference);
        if !self.keys.is_in_cluster() || (known && !anew) {
            return Ok(());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let place = u64::try_from(now.as_micros()).unwrap_or_default();
        self.go_to(operation, &Place::Index(reference))?;
        self.begin(if anew { b"*4\r\n$4\r\nZADD\r\n" } else { b"*5\r\n$4\r\nZADD\r\n" });
        self.frame.arg_of(&self.keys.index(reference));
        if !anew {
            self.frame.arg(b"NX");
        }
        self.frame.number(place);
        self.frame.arg(id.as_bytes());
        self.say(operation, true)?;
        let mark = self.tokens.next()?;
        self.go_to(operation, &Place::All)?;
        self.begin(b"*4\r\n$4\r\nHSET\r\n");
        self.frame.arg_of(&self.keys.marks());
        self.frame.arg(reference.as_bytes());
        self.frame.arg(mark.as_bytes());
        self.say(operation, true)?;
        self.begin(b"*4\r\n$4\r\nZADD\r\n");
        self.frame.arg_of(&self.keys.references());
        self.frame.arg(b"0");
        self.frame.arg(reference.as_bytes());
        self.say(operation, true)
    }

    /// Notes what came along with a session.
    pub(super) fn note_reference(&mut self, id: SessionId<'_>, own: Option<Reference>) {
        self.entered = own.map(|own| (id.as_bytes().to_vec(), own));
    }

    fn note_entered(&mut self, id: SessionId<'_>, terms: &Terms<'_>, answer: i64) {
        if !self.keys.is_in_cluster() {
            return;
        }
        let own = match terms.reference {
            Assignment::Set(reference) if matches!(answer, 1 | 4) => Some(reference.clone()),
            _ => None,
        };
        self.note_reference(id, own);
    }

    /// Sends the frame, one command that is answered with a number, and waits for the answer if it must.
    fn say(&mut self, operation: Operation, wait: bool) -> Result<()> {
        let command = Outgoing { head: self.frame.as_bytes(), body: b"", tail: b"", seal: None };
        if !wait && self.client.tell(operation, command, 1)? {
            return Ok(());
        }
        self.ask(operation, (b"", b""), None, Alongside::No, number).map(drop)
    }

    /// Makes sure of a connection to the server that has a part of the index.
    fn go_to(&mut self, operation: Operation, place: &Place<'_>) -> Result<()> {
        if self.keys.is_in_cluster() {
            self.client.set_slot(match place {
                Place::Index(reference) => cluster::slot(&self.keys.index(reference)),
                Place::All => cluster::slot(&self.keys.references()),
            });
        }
        self.client.prepare(operation).map(drop)
    }

    /// Begins the call of a script with keys, which are then to be written.
    fn begin_script(&mut self, text: &[u8], keys: u64, arguments: usize) {
        self.frame.clear(KEPT_BUFFER);
        self.frame.begin(3 + usize::try_from(keys).unwrap_or_default() + arguments);
        self.frame.arg(b"EVAL");
        self.frame.arg(text);
        self.frame.number(keys);
    }

    /// Sends what hands out ids or references.
    fn look<T>(&mut self, take: impl FnMut(Reply<'_>) -> Result<T, Trouble>) -> Result<T> {
        let seal = Some(self.client.seal(&mut self.frame));
        self.ask(Operation::Read, (b"", b""), seal, Alongside::No, take)
    }

    /// The entries of a reference from a place on.
    fn entries(&mut self, reference: &Reference, from: &[u8], most: usize) -> Result<Vec<Entry>> {
        self.go_to(Operation::Read, &Place::Index(reference))?;
        if self.keys.is_in_cluster() {
            self.begin(b"*8\r\n$13\r\nZRANGEBYSCORE\r\n");
            self.frame.arg_of(&self.keys.index(reference));
            for argument in [from, b"+inf", b"WITHSCORES", b"LIMIT", b"0"] {
                self.frame.arg(argument);
            }
            self.frame.number(most as u64);
            let mut entries = self.look(|reply| {
                let Reply::Array(items) = reply else { return Err(Trouble::with(reply)) };
                pairs(items).ok_or(Trouble::Unexpected)
            })?;
            self.examine(reference, &mut entries)?;
            return Ok(entries);
        }
        self.begin_script(LIST, 2, 6);
        self.frame.arg_of(&self.keys.index(reference));
        self.frame.arg_of(&self.keys.references());
        self.frame.arg(reference.as_bytes());
        self.frame.arg(from);
        self.frame.number(most as u64);
        for part in self.keys.around_ids() {
            self.frame.arg(part);
        }
        self.look(|reply| {
            let Reply::Array(mut parts) = reply else { return Err(Trouble::with(reply)) };
            let (Some(Reply::Array(found)), Some(Reply::Array(lefts))) = (parts.next(), parts.next()) else {
                return Err(Trouble::Unexpected);
            };
            let mut entries = pairs(found).ok_or(Trouble::Unexpected)?;
            for (entry, left) in entries.iter_mut().zip(lefts) {
                let Reply::Integer(left) = left else { return Err(Trouble::Unexpected) };
                entry.left = left;
            }
            Ok(entries)
        })
    }

    /// In a cluster: looks at the sessions of entries, and removes the entries that are wrong.
    fn examine(&mut self, reference: &Reference, entries: &mut [Entry]) -> Result<()> {
        let mut gone = false;
        for entry in entries {
            let Ok(id) = SessionId::parse(entry.id.as_bytes(), Operation::Read) else {
                entry.left = -2;
                continue;
            };
            let (left, own) = self.session(id)?;
            entry.left = left;
            if left != -2 && own.as_ref() == Some(reference) {
                continue;
            }
            entry.left = -2;
            gone = true;
            self.go_to(Operation::Destroy, &Place::Index(reference))?;
            self.begin_script(STRIKE, 1, 2);
            self.frame.arg_of(&self.keys.index(reference));
            self.frame.arg(entry.id.as_bytes());
            self.frame.arg(&entry.place);
            self.say(Operation::Destroy, true)?;
        }
        if gone { self.forget_if_empty(reference) } else { Ok(()) }
    }

    /// In a cluster: removes a reference that has no entries from the set of all.
    fn forget_if_empty(&mut self, reference: &Reference) -> Result<()> {
        self.go_to(Operation::Destroy, &Place::All)?;
        self.begin(b"*3\r\n$4\r\nHGET\r\n");
        self.frame.arg_of(&self.keys.marks());
        self.frame.arg(reference.as_bytes());
        let mark = self.look(text)?.unwrap_or_default();
        self.go_to(Operation::Destroy, &Place::Index(reference))?;
        self.begin(b"*2\r\n$6\r\nEXISTS\r\n");
        self.frame.arg_of(&self.keys.index(reference));
        if self.look(number)? == 1 {
            return Ok(());
        }
        self.go_to(Operation::Destroy, &Place::All)?;
        self.begin_script(FORGET, 2, 2);
        self.frame.arg_of(&self.keys.references());
        self.frame.arg_of(&self.keys.marks());
        self.frame.arg(reference.as_bytes());
        self.frame.arg(&mark);
        self.say(Operation::Destroy, true)
    }

    /// How many milliseconds a session has left, -2 if it is gone, and its own reference.
    pub(super) fn session(&mut self, id: SessionId<'_>) -> Result<(i64, Option<Reference>)> {
        let mut patience = self.patience();
        loop {
            self.prepare(Operation::Read, id)?;
            // Nothing is written here, but in the wrong database something would be found.
            self.begin(b"*2\r\n$4\r\nPTTL\r\n");
            self.frame.raw(self.keys.record(id));
            self.frame.raw(b"*2\r\n$3\r\nGET\r\n");
            self.frame.arg_of(&self.keys.own_reference(&id));
            let seal = Some(self.client.seal(&mut self.frame));
            let command = Outgoing { head: self.frame.as_bytes(), body: b"", tail: b"", seal };
            let mut left = -2;
            let mut first = |reply: Reply<'_>| number(reply).map(|number| left = number);
            let own = self.client.ask(Operation::Read, command, Alongside::No, Before::Reply(&mut first), text);
            if is_put_off(&own, &mut patience) {
                continue;
            }
            self.hear();
            let own = own?.and_then(|own| Reference::parse(&own, Operation::Read).ok());
            return Ok((left, own));
        }
    }

    /// Names from the set of all references, whether there may be more, and the last that was looked at.
    fn names(&mut self, from: &[u8], most: usize) -> Result<(Vec<Reference>, bool, Vec<u8>)> {
        self.go_to(Operation::Read, &Place::All)?;
        if self.keys.is_in_cluster() {
            self.begin(b"*7\r\n$11\r\nZRANGEBYLEX\r\n");
            self.frame.arg_of(&self.keys.references());
            for argument in [from, b"+", b"LIMIT", b"0"] {
                self.frame.arg(argument);
            }
            self.frame.number(most as u64);
            let names = self.look(|reply| match reply {
                Reply::Array(items) => Ok(references(items)),
                other => Err(Trouble::with(other)),
            })?;
            let more = names.len() == most;
            let last = names.last().map(|last| last.as_bytes().to_vec()).unwrap_or_default();
            let mut found = Vec::new();
            for name in names {
                if self.has_sessions(&name)? {
                    found.push(name);
                }
            }
            return Ok((found, more, last));
        }
        self.begin_script(ALL, 1, 5);
        self.frame.arg_of(&self.keys.references());
        self.frame.arg(from);
        self.frame.number(most as u64);
        for part in self.keys.around_ids() {
            self.frame.arg(part);
        }
        self.look(|reply| {
            let Reply::Array(mut parts) = reply else { return Err(Trouble::with(reply)) };
            match (parts.next(), parts.next(), parts.next()) {
                (Some(Reply::Array(found)), Some(Reply::Integer(more)), Some(Reply::Bulk(last))) => {
                    Ok((references(found), more == 1, last.to_vec()))
                }
                _ => Err(Trouble::Unexpected),
            }
        })
    }

    fn has_sessions(&mut self, reference: &Reference) -> Result<bool> {
        let mut from = None;
        loop {
            let page = self.sessions_of(reference, from.as_ref(), 10)?;
            if !page.items.is_empty() {
                return Ok(true);
            }
            from = page.next;
            if from.is_none() {
                self.forget_if_empty(reference)?;
                return Ok(false);
            }
        }
    }

    /// Looks at some references, and goes on there the next time, if there are more: what expired leaves the index.
    pub(super) fn sweep(&mut self) -> Result<bool> {
        let from = self.swept.take();
        let page = self.all(from.as_ref(), SWEEP)?;
        for reference in &page.items {
            self.sessions_of(reference, None, MOST)?;
        }
        self.swept = page.next;
        Ok(self.swept.is_some())
    }
}

/// A part of the index.
enum Place<'a> {
    Index(&'a Reference),
    All,
}

impl References for Redis {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        if from.is_none() {
            self.take_over()?;
        }
        // A cursor is a place and the last id there: now and then two have the same.
        let (place, last) = from.and_then(|cursor| split(&cursor.0)).unwrap_or((b"-inf", b""));
        let most = most.clamp(1, MOST);
        let mut limit = most;
        loop {
            let entries = self.entries(reference, place, limit)?;
            let full = entries.len() == limit;
            let is_new = |entry: &&Entry| entry.place != place || entry.id.as_bytes() > last;
            let new: Vec<&Entry> = entries.iter().filter(is_new).take(most).collect();
            if new.is_empty() && full {
                limit *= 2;
                continue;
            }
            let next = new.last().filter(|_| full).map(|last| {
                let mut cursor = last.place.clone();
                cursor.push(b' ');
                cursor.extend_from_slice(last.id.as_bytes());
                Cursor(cursor)
            });
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let items = new.iter().filter(|entry| entry.left != -2).map(|entry| {
                // A session without a lifetime, which we never make, is one for a long time.
                let left = Duration::from_millis(u64::try_from(entry.left).unwrap_or(u64::MAX / 4));
                Listed { id: entry.id.clone(), expires: now.saturating_add(left).as_secs() }
            });
            return Ok(Page { items: items.collect(), next });
        }
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        if from.is_none() {
            self.take_over()?;
        }
        let from = from.map(|cursor| cursor.0.as_slice()).unwrap_or(b"-");
        let (items, more, last) = self.names(from, most.clamp(1, MOST))?;
        let next = more.then(|| match last.as_slice() {
            // It was busy with the first one's entries.
            [] => Cursor(from.to_vec()),
            last => Cursor([b"(", last].concat()),
        });
        Ok(Page { items, next })
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        let (left, own) = self.session(id)?;
        Ok(own.filter(|_| left != -2))
    }
}

fn split(cursor: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = cursor.iter().position(|byte| *byte == b' ')?;
    Some((cursor.get(..space)?, cursor.get(space + 1..)?))
}

/// Ids and places, in turn.
fn pairs(mut items: Items<'_>) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    while let Some(id) = items.next() {
        let (Reply::Bulk(id), Some(Reply::Bulk(place))) = (id, items.next()) else { return None };
        let id = String::from_utf8(id.to_vec()).ok()?;
        entries.push(Entry { id, place: place.to_vec(), left: -2 });
    }
    Some(entries)
}

fn references(items: Items<'_>) -> Vec<Reference> {
    let bytes = items.filter_map(|item| match item {
        Reply::Bulk(bytes) => Some(bytes),
        _ => None,
    });
    bytes.filter_map(|bytes| Reference::parse(bytes, Operation::Read).ok()).collect()
}

fn text(reply: Reply<'_>) -> Result<Option<Vec<u8>>, Trouble> {
    match reply {
        Reply::Bulk(bytes) => Ok(Some(bytes.to_vec())),
        Reply::Null => Ok(None),
        other => Err(Trouble::with(other)),
    }
}

/// A call of the script that keeps references, without a lock.
pub(super) fn unlocked<'a>(what: What, ttl: u64, terms: Terms<'a>, data: Option<&'a [u8]>) -> Referred<'a> {
    Referred { what, token: None, ttl, terms, running: false, data }
}

/// The same under a lock.
pub(super) fn locked<'a>(token: &'a Token, referred: Referred<'a>, running: bool) -> Referred<'a> {
    Referred { token: Some(token), running, ..referred }
}
