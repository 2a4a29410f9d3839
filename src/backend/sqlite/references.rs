//! Sessions by their reference: a column of the table, with an index.

use super::session::{self, Given, Session};
use super::store::Sqlite;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::reference::{Assignment, Cursor, Listed, Page, Reference, References};
use rusqlite::types::{ToSqlOutput, ValueRef};

/// How many rows are looked at for one page, whatever was asked for.
const LARGEST_PAGE: usize = 10_000;

impl References for Sqlite {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        self.find_references(Assignment::Clear)?;
        let (now_ms, lifetime) = self.present();
        let most = most.clamp(1, LARGEST_PAGE);
        // Behind the id of the last row of the page before; an id is never empty.
        let behind = from.map(|cursor| String::from_utf8_lossy(&cursor.0).into_owned()).unwrap_or_default();
        self.run(Operation::Read, |session| {
            let mut page = Page { items: Vec::new(), next: None };
            let Some(listing) = &session.schema.listing else { return Ok(page) };
            let given = Given { id: &behind, reference: Some(reference.as_bytes()), ..Given::default() };
            let mut statement = session.prepare(&listing.sessions, given)?;
            statement.raw_bind_parameter(listing.sessions.parameters.len() + 1, i64::try_from(most).unwrap_or(1))?;
            let table = &session.schema.table;
            let alive_after = table.alive_after(now_ms, lifetime);
            let (mut count, mut last) = (0, String::new());
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                count += 1;
                let (id, time): (String, i64) = (row.get(0)?, session.time(row, 1)?);
                last.clone_from(&id);
                if time > alive_after {
                    page.items.push(Listed { id, expires: table.ends(time, lifetime) });
                }
            }
            page.next = (count == most).then(|| Cursor(last.into_bytes()));
            Ok(page)
        })
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        self.find_references(Assignment::Clear)?;
        let (now_ms, lifetime) = self.present();
        let most = most.clamp(1, LARGEST_PAGE);
        self.run(Operation::Read, |session| {
            let mut page = Page { items: Vec::new(), next: from.cloned() };
            for _ in 0..most {
                page.next = next(session, page.next.as_ref())?;
                let Some(name) = page.next.as_ref().and_then(|cursor| cursor.0.get(1..)) else { break };
                let alive = session.schema.table.alive_after(now_ms, lifetime);
                if lives(session, name, alive)?
                    && let Ok(reference) = Reference::parse(name, Operation::Read)
                {
                    page.items.push(reference);
                }
            }
            Ok(page)
        })
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        self.find_references(Assignment::Clear)?;
        let (now_ms, lifetime) = self.present();
        self.run(Operation::Read, |session| {
            let Some(references) = &session.schema.statements.references else { return Ok(None) };
            let mut statement = session.prepare(&references.of, Given::of(id))?;
            let mut rows = statement.raw_query();
            let Some(row) = rows.next()? else { return Ok(None) };
            if session.time(row, 0)? <= session.schema.table.alive_after(now_ms, lifetime) {
                return Ok(None);
            }
            Ok(session::reference(row, 1)?.and_then(|name| Reference::parse(name, Operation::Read).ok()))
        })
    }
}

/// What stands in a cursor before the name: SQLite has all text before all bytes.
const TEXT: u8 = b't';
const BYTES: u8 = b'b';

/// The first reference behind a cursor.
fn next(session: Session<'_>, from: Option<&Cursor>) -> rusqlite::Result<Option<Cursor>> {
    let Some(listing) = &session.schema.listing else { return Ok(None) };
    let behind = match from.and_then(|cursor| cursor.0.split_first()) {
        Some((&BYTES, name)) => ValueRef::Blob(name),
        Some((_, name)) => ValueRef::Text(name),
        None => ValueRef::Text(b""),
    };
    let mut statement = session.connection.prepare_cached(&listing.next)?;
    statement.raw_bind_parameter(1, ToSqlOutput::Borrowed(behind))?;
    let mut rows = statement.raw_query();
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(match row.get_ref(0)? {
        ValueRef::Text(name) => Some(Cursor([&[TEXT], name].concat())),
        ValueRef::Blob(name) => Some(Cursor([&[BYTES], name].concat())),
        _ => None,
    })
}

/// Whether a reference has a session that has not expired.
fn lives(session: Session<'_>, name: &[u8], alive: i64) -> rusqlite::Result<bool> {
    let Some(listing) = &session.schema.listing else { return Ok(false) };
    let given = Given { reference: Some(name), alive, ..Given::default() };
    Ok(session.prepare(&listing.lives, given)?.raw_query().next()?.is_some())
}
