//! References: what a write says of them, and the index that finds the sessions of one.
//!
//! A session's own reference is a bin of its record, read and written in the command that reads or
//! writes the session. The index is in a set of its own, in two sorts of records, each with one map
//! that is ordered by its keys:
//!
//! | record | its key | the map's keys |
//! | --- | --- | --- |
//! | one for each reference | a blob: the prefix' length, the prefix, the reference | ids of sessions |
//! | 256 directories, made when needed | a text: number, space, prefix | references, as blobs |
//!
//! The directory of a reference is the first byte of its record's digest. Index records have no lifetime.
//!
//! The index is in other records than the sessions, and no command reaches two. So a session that
//! **comes to** a reference waits for its entries before it is written, and once more behind that: the
//! first makes sure that a crash in between leaves an entry too many, the second that no listing has
//! taken the entry for a wrong one meanwhile. One that keeps its reference, as the answer
//! to the write says, needs neither. Entries that became wrong stay until a listing comes
//! upon them; it removes them only from a record that nobody wrote since it was looked at (by its generation).

use super::cluster::Answer;
use super::record::{self, Command};
use super::store::Aerospike;
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::reference::{Assignment, Cursor, Listed, Page, Reference, References, Terms, ended};
use crate::session::store::Store;
use aerospike::operations::maps::{self, MapOrder};
use aerospike::{Bin, CITRUSLEAF_EPOCH_UNIX_SECS, Key, MapPolicy, MapReturnType, MapWriteFlags, Value};

/// What the index' set is called, behind the name of the sessions' one.
pub(super) const SUFFIX: &str = "_refs";
/// The bin with the map.
const ENTRIES: &str = "entries";
/// The most that one page holds.
const MOST: usize = 1000;
/// References that one gc looks at.
const SWEEP: usize = 50;

/// Entries of an index record, from a place on.
struct Entries {
    keys: Vec<Value>,
    /// There are more behind them.
    more: bool,
    /// How many the record has in all.
    total: usize,
    generation: u32,
}

impl Aerospike {
    /// Notes the reference that a session has.
    pub(super) fn note_reference(&mut self, id: SessionId<'_>, own: Option<Reference>) {
        if self.kept {
            self.known = Some((id.as_bytes().to_vec(), own));
        }
    }

    /// Whether the session had that reference when it was last looked at.
    pub(super) fn is_as_known(&self, id: SessionId<'_>, terms: &Terms<'_>) -> bool {
        let known = self.known.as_ref().filter(|(known, _)| known == id.as_bytes()).map(|(_, own)| own.as_ref());
        match terms.reference {
            Assignment::Keep => true,
            Assignment::Clear => known == Some(None),
            Assignment::Set(reference) => known == Some(Some(reference)),
        }
    }

    /// Makes the entries that a session must not be without, unless they are known to be there. True if it did.
    pub(super) fn enter(&mut self, operation: Operation, id: SessionId<'_>, terms: &Terms<'_>) -> Result<bool> {
        if matches!(terms.reference, Assignment::Set(_)) && !self.is_as_known(id, terms) {
            return self.confirm(operation, id, terms).map(|()| true);
        }
        Ok(false)
    }

    /// The session was written: makes sure of its entries, if it came to its reference.
    pub(super) fn arrive(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        terms: &Terms<'_>,
        answer: &aerospike::Record,
        entered: bool,
    ) -> Result<()> {
        let own = match terms.reference {
            Assignment::Keep => return Ok(()),
            Assignment::Clear => None,
            Assignment::Set(reference) => Some(reference),
        };
        if entered || record::reference(answer).as_ref() != own {
            self.confirm(operation, id, terms)?;
        }
        self.note_reference(id, own.cloned());
        Ok(())
    }

    /// Makes the entries, the session's before the reference's: whoever finds the second finds the first.
    pub(super) fn confirm(&mut self, operation: Operation, id: SessionId<'_>, terms: &Terms<'_>) -> Result<()> {
        let Assignment::Set(reference) = terms.reference else { return Ok(()) };
        let index = self.index(operation, reference)?;
        let entry = Value::String(id.as_str().to_owned());
        if let Err(failure) = self.put(operation, &index, entry.clone()) {
            if failure.kind() != Kind::TooLarge {
                return Err(failure);
            }
            // Perhaps most of them are gone.
            self.prune(reference)?;
            self.put(operation, &index, entry)
                .map_err(|failure| self.full(operation, failure, "one reference has more sessions"))?;
        }
        let directory = self.directory(operation, bucket(&index))?;
        self.put(operation, &directory, Value::Blob(reference.as_bytes().to_vec()))
            .map_err(|failure| self.full(operation, failure, "there are more references"))
    }

    fn full(&self, operation: Operation, failure: Error, what: &str) -> Error {
        match failure.kind() {
            Kind::TooLarge => self.cluster.place.index_is_full(operation, what),
            _ => failure,
        }
    }

    /// The refusal to bring a session back.
    pub(super) fn ended(&self, operation: Operation, id: SessionId<'_>) -> Error {
        ended(self.name(), operation, id).at(self.endpoint())
    }

    /// The key of a reference's record.
    fn index(&self, operation: Operation, reference: &Reference) -> Result<Key> {
        let mut name = (self.prefix.len() as u64).to_be_bytes().to_vec();
        name.extend_from_slice(self.prefix.as_bytes());
        name.extend_from_slice(reference.as_bytes());
        self.index_key(operation, Value::Blob(name))
    }

    fn directory(&self, operation: Operation, bucket: u8) -> Result<Key> {
        self.index_key(operation, Value::String(format!("{bucket} {}", self.prefix)))
    }

    fn index_key(&self, operation: Operation, name: Value) -> Result<Key> {
        Key::new(self.namespace.clone(), format!("{}{SUFFIX}", self.set), name)
            .map_err(|cause| self.cluster.place.failed(operation, &cause))
    }

    fn put(&mut self, operation: Operation, key: &Key, entry: Value) -> Result<()> {
        let policy = MapPolicy::new(MapOrder::KeyOrdered, MapWriteFlags::DEFAULT);
        let operations = vec![maps::put(&policy, ENTRIES, entry, Value::Int(0))];
        match self.ask_at(operation, key, &Command::update(operations).or_create().for_good())? {
            Answer::Done(_) => Ok(()),
            _ => Err(self.cluster.place.unexpected(operation)),
        }
    }

    /// Entries behind `after`; an empty one is before all.
    fn entries(&mut self, key: &Key, after: Value, most: usize) -> Result<Entries> {
        // The one in front may be there still, and one more tells whether there are more.
        let count = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(2);
        let operations = vec![
            maps::size(ENTRIES),
            maps::get_by_key_relative_index_range_count(ENTRIES, after.clone(), 0, count, MapReturnType::KEY),
        ];
        let nothing = Entries { keys: Vec::new(), more: false, total: 0, generation: 0 };
        let Answer::Done(answer) = self.ask_at(Operation::Read, key, &Command::update(operations))? else {
            return Ok(nothing);
        };
        let (total, mut keys) = match answer.bins.get(ENTRIES) {
            None | Some(Value::Nil) => return Ok(nothing),
            Some(Value::MultiResult(answers)) => match answers.as_slice() {
                [Value::Int(total), Value::List(keys)] => (*total, keys.clone()),
                _ => return Err(self.cluster.place.unexpected(Operation::Read)),
            },
            Some(_) => return Err(self.cluster.place.unexpected(Operation::Read)),
        };
        if keys.first() == Some(&after) {
            keys.remove(0);
        }
        let more = keys.len() > most;
        keys.truncate(most);
        Ok(Entries { keys, more, total: usize::try_from(total).unwrap_or_default(), generation: answer.generation })
    }

    /// Removes wrong entries from a record that is as it was when they were looked at; with its last entry it goes.
    fn strike(&mut self, key: &Key, looked_at: &Entries, wrong: Vec<Value>) -> Result<()> {
        if wrong.is_empty() {
            return Ok(());
        }
        let operation = if wrong.len() == looked_at.total {
            aerospike::operations::put(&Bin::new(ENTRIES, Value::Nil))
        } else {
            maps::remove_by_key_list(ENTRIES, wrong, MapReturnType::NONE)
        };
        let command = Command::update(vec![operation]).unchanged_since(looked_at.generation);
        self.ask_at(Operation::Destroy, key, &command).map(drop)
    }

    /// The reference of a session that is there, and when it ends.
    fn look_at(&mut self, id: SessionId<'_>) -> Result<Option<(Option<Reference>, u64)>> {
        let command = Command::update(vec![record::read_reference()]).only_if(record::is_session());
        Ok(match self.ask(Operation::Read, id, &command)? {
            Answer::Done(answer) => {
                // One that never ends, which we never make, ends late.
                let end = if answer.expiration() == 0 { u32::MAX } else { answer.expiration() };
                Some((record::reference(&answer), CITRUSLEAF_EPOCH_UNIX_SECS + u64::from(end)))
            }
            _ => None,
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
                return Ok(false);
            }
        }
    }

    /// Looks at all entries of a reference, so that the wrong ones go.
    fn prune(&mut self, reference: &Reference) -> Result<()> {
        let mut from = None;
        loop {
            from = self.sessions_of(reference, from.as_ref(), MOST)?.next;
            if from.is_none() {
                return Ok(());
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

fn bucket(index: &Key) -> u8 {
    let [first, ..] = index.digest();
    first
}

impl References for Aerospike {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        let index = self.index(Operation::Read, reference)?;
        // Behind the last id of the page before.
        let after = from.map(|cursor| String::from_utf8_lossy(&cursor.0).into_owned()).unwrap_or_default();
        let entries = self.entries(&index, Value::String(after), most.clamp(1, MOST))?;
        let (mut items, mut wrong, mut last) = (Vec::new(), Vec::new(), None);
        for key in &entries.keys {
            let Value::String(name) = key else { continue };
            last = Some(name);
            let found = match SessionId::parse(name.as_bytes(), Operation::Read) {
                Ok(id) => self.look_at(id)?,
                Err(_) => None,
            };
            match found {
                Some((own, expires)) if own.as_ref() == Some(reference) => {
                    items.push(Listed { id: name.clone(), expires });
                }
                _ => wrong.push(key.clone()),
            }
        }
        self.strike(&index, &entries, wrong)?;
        let next = last.filter(|_| entries.more).map(|last| Cursor(last.clone().into_bytes()));
        Ok(Page { items, next })
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        let mut left = most.clamp(1, MOST);
        // The number of a directory, and the last reference there.
        let (first, mut after) = match from.and_then(|cursor| cursor.0.split_first()) {
            Some((first, after)) => (*first, after.to_vec()),
            None => (0, Vec::new()),
        };
        let mut items = Vec::new();
        for bucket in first..=u8::MAX {
            if left == 0 {
                return Ok(Page { items, next: Some(Cursor(vec![bucket])) });
            }
            let directory = self.directory(Operation::Read, bucket)?;
            let entries = self.entries(&directory, Value::Blob(std::mem::take(&mut after)), left)?;
            let (mut wrong, mut last) = (Vec::new(), None);
            for key in &entries.keys {
                let Value::Blob(name) = key else { continue };
                last = Some(name);
                match Reference::parse(name, Operation::Read) {
                    Ok(reference) if self.has_sessions(&reference)? => items.push(reference),
                    _ => wrong.push(key.clone()),
                }
            }
            left = left.saturating_sub(entries.keys.len());
            self.strike(&directory, &entries, wrong)?;
            if let Some(last) = last.filter(|_| entries.more) {
                let mut cursor = vec![bucket];
                cursor.extend_from_slice(last);
                return Ok(Page { items, next: Some(Cursor(cursor)) });
            }
        }
        Ok(Page { items, next: None })
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        Ok(self.look_at(id)?.and_then(|(own, _)| own))
    }
}
