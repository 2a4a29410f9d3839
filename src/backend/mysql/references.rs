//! Sessions by their reference: a column of the table, with an index.

use super::error;
use super::reply::Value;
use super::server::Answer;
use super::statements::{Given, Plan};
use super::store::Mysql;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::reference::{Cursor, Listed, Page, Reference, References};

/// How many rows are looked at for one page, whatever was asked for.
const LARGEST_PAGE: usize = 10_000;

impl References for Mysql {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        self.look()?;
        let most = most.clamp(1, LARGEST_PAGE);
        // Behind the id of the last row of the page before; an id is never empty.
        let behind = from.map(|cursor| cursor.0.as_slice()).unwrap_or_default();
        let given = Given {
            reference: Some(reference.as_bytes()),
            most: i64::try_from(most).unwrap_or(1),
            ..self.given(behind)
        };
        let (reader, limit) = (self.reader(Operation::Read), self.read_timeout());
        let (mut count, mut last, mut found) = (0, Vec::new(), Vec::new());
        self.server.exchange(Operation::Read, &[(Plan::Sessions, given)], true, limit, &mut |_, answer, plans| {
            match answer {
                Answer::Row([Value::Bytes(id), time]) => {
                    count += 1;
                    last = id.to_vec();
                    found.push((String::from_utf8_lossy(id).into_owned(), reader.time(time, plans)?));
                    Ok(())
                }
                answer => reader.nothing(&answer),
            }
        })?;
        let alive_after = self.alive_after();
        let listed = found.into_iter().filter(|(_, time)| *time > alive_after);
        let items = listed.map(|(id, time)| Listed { id, expires: self.ends(time) }).collect();
        Ok(Page { items, next: (count == most).then_some(Cursor(last)) })
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        self.look()?;
        let mut page = Page { items: Vec::new(), next: from.cloned() };
        for _ in 0..most.clamp(1, LARGEST_PAGE) {
            let behind = page.next.as_ref().map(|cursor| cursor.0.as_slice()).unwrap_or_default();
            let name = self.one(Plan::NextReference, behind)?;
            page.next = name.map(Cursor);
            let Some(cursor) = &page.next else { break };
            if self.one(Plan::Lives, &cursor.0)?.is_some()
                && let Ok(reference) = Reference::parse(&cursor.0, Operation::Read)
            {
                page.items.push(reference);
            }
        }
        Ok(page)
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        self.look()?;
        let (given, limit) = (self.given(id.as_bytes()), self.read_timeout());
        let reader = self.reader(Operation::Read);
        let alive_after = self.alive_after();
        let mut name = None;
        self.server.exchange(Operation::Read, &[(Plan::Owner, given)], true, limit, &mut |_, answer, plans| {
            match answer {
                Answer::Row([time, Value::Bytes(found)]) => {
                    if reader.time(time, plans)? > alive_after {
                        name = Some(found.to_vec());
                    }
                    Ok(())
                }
                Answer::Row([_, Value::Null]) => Ok(()),
                answer => reader.nothing(&answer),
            }
        })?;
        Ok(name.and_then(|name| Reference::parse(&name, Operation::Read).ok()))
    }
}

impl Mysql {
    /// Makes sure of a table with references.
    fn look(&mut self) -> Result<()> {
        self.server.keep_references();
        self.server.connect(Operation::Read).map(drop)
    }

    /// The first value of a statement about a reference, as bytes; empty for a number.
    fn one(&mut self, plan: Plan, name: &[u8]) -> Result<Option<Vec<u8>>> {
        let given = Given { reference: Some(name), ..self.given(b"") };
        let (reader, limit) = (self.reader(Operation::Read), self.read_timeout());
        let mut value = None;
        self.server.exchange(Operation::Read, &[(plan, given)], true, limit, &mut |_, answer, _| match answer {
            Answer::Row([Value::Bytes(found)]) => {
                value = Some(found.to_vec());
                Ok(())
            }
            Answer::Row([Value::Number(_)]) => {
                value = Some(Vec::new());
                Ok(())
            }
            answer => reader.nothing(&answer),
        })?;
        Ok(value)
    }
}

impl super::rows::Reader {
    /// That there is no row. Anything else is an error.
    fn nothing(&self, answer: &Answer<'_>) -> Result<()> {
        match answer {
            Answer::Row([]) => Ok(()),
            Answer::Refused(code, said) => Err(error::refused(self.operation, &self.address, *code, said)),
            _ => Err(error::unreadable(self.operation, &self.address)),
        }
    }
}
