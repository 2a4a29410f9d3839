//! How a row is read, wherever it comes from.

use super::error;
use super::locks::{Fingerprint, fingerprint};
use super::reply::Value;
use super::server::Answer;
use super::statements::{Plan, Plans};
use super::store::Mysql;
use crate::backend::remote::address::Address;
use crate::backend::sql::Moment;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;

/// A row, as far as it is not data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) time: i64,
    pub(super) alive: bool,
    pub(super) fingerprint: Option<Fingerprint>,
}

/// Reads a row's values, wherever they come from.
pub(super) struct Reader {
    pub(super) operation: Operation,
    pub(super) address: Address,
    alive_after: i64,
    optimistic: bool,
}

impl Reader {
    /// The time in a row.
    pub(super) fn time(&self, value: &Value<'_>, plans: &Plans) -> Result<i64> {
        let moment = match value {
            Value::Number(seconds) => Moment::Unix(*seconds),
            Value::Bytes(text) => Moment::Text(String::from_utf8_lossy(text).into_owned()),
            Value::Null => Moment::Unix(0),
        };
        plans.table.seconds(&moment).ok_or_else(|| error::unreadable(self.operation, &self.address))
    }

    pub(super) fn read(&self, answer: Answer<'_>, plans: &Plans, into: &mut Vec<u8>) -> Result<Option<Row>> {
        let unreadable = || error::unreadable(self.operation, &self.address);
        let (time, data) = match answer {
            Answer::Row([]) => return Ok(None),
            Answer::Row([time]) => (time, None),
            Answer::Row([time, data]) => (time, Some(data)),
            Answer::Refused(code, said) => return Err(error::refused(self.operation, &self.address, code, said)),
            _ => return Err(unreadable()),
        };
        let time = self.time(time, plans)?;
        let alive = time > self.alive_after;
        let mut row = Row { time, alive, fingerprint: None };
        let stored: &[u8] = match data {
            Some(Value::Bytes(stored)) => stored,
            Some(Value::Null) => &[],
            Some(Value::Number(_)) => return Err(unreadable()),
            None => return Ok(Some(row)),
        };
        row.fingerprint = self.optimistic.then(|| fingerprint(stored));
        into.clear();
        if alive && !plans.table.decode(stored, into) {
            return Err(unreadable());
        }
        Ok(Some(row))
    }
}

impl Mysql {
    /// The row, its data in `into` if it is alive and the data was asked for.
    pub(super) fn fetch(
        &mut self,
        operation: Operation,
        plan: Plan,
        id: SessionId<'_>,
        into: &mut Vec<u8>,
    ) -> Result<Option<Row>> {
        let mut row = None;
        self.server.connect(operation)?;
        let reader = self.reader(operation);
        let (given, limit) = (self.given(id.as_bytes()), self.read_timeout());
        self.server.exchange(operation, &[(plan, given)], true, limit, &mut |_, answer, plans| {
            row = reader.read(answer, plans, into)?;
            Ok(())
        })?;
        Ok(row)
    }

    pub(super) fn reader(&self, operation: Operation) -> Reader {
        Reader {
            operation,
            address: self.server.settings.address.clone(),
            alive_after: self.alive_after(),
            optimistic: self.optimistic,
        }
    }

    /// Whether there is a live row, for whoever has not looked yet.
    pub(super) fn kept(&mut self, id: SessionId<'_>) -> Result<bool> {
        let limit = self.read_timeout();
        let (reader, given) = (self.reader(Operation::Touch), self.given(id.as_bytes()));
        let mut alive = false;
        self.server.exchange(Operation::Touch, &[(Plan::Time, given)], false, limit, &mut |_, answer, plans| {
            alive = reader.read(answer, plans, &mut Vec::new())?.is_some_and(|row| row.alive);
            Ok(())
        })?;
        Ok(alive)
    }
}
