//! MySQL's named locks (`GET_LOCK()`) on the application's connection.
//!
//! Such a lock belongs to the connection, and ends with it at the latest. The application can lose it
//! without knowing (it connects again, or calls `RELEASE_ALL_LOCKS()`), so it is asked for before
//! something is written. That is enough: a connection that breaks between question and write does not
//! write either.

use super::connection::Value;
use super::store::Foreign;
use crate::error::{Error, Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockState, Refusal, Token};
use crate::session::store::Store;
use std::time::Duration;

/// The lock's name is made by the server, which knows the database. It is the name that the native store
/// gives to the lock of this session. Named locks do not tell `a` from `A`; a hash in digits need not.
const TAKE: &str = "SELECT name, GET_LOCK(name, ?) FROM (SELECT CONCAT('seshat.', LEFT(SHA2(CONCAT(\
                    LOWER(COALESCE(DATABASE(), '')), CHAR(0), LOWER(?), CHAR(0), ?), 256), 40)) AS name) AS wanted";

/// Waits in whole seconds, since MySQL rounds and MariaDB does not.
pub(super) fn take(store: &Foreign, table: &str, id: SessionId<'_>, wait: Duration) -> Result<LockState> {
    let seconds = i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX);
    let values = [Value::Int(seconds), Value::Text(table.as_bytes()), Value::Text(id.as_bytes())];
    let row = store.ask(Operation::Lock, TAKE, &values)?;
    match row.as_ref().and_then(|row| row.int(1)) {
        Some(1) => {
            let name = row.map(|row| row.bytes(0)).unwrap_or_default();
            Ok(LockState::Held(Lease { token: Token::counted(), guard: Some(Box::new(name)) }))
        }
        Some(_) => Ok(LockState::Busy(Refusal::default())),
        None => {
            let reason = "GET_LOCK() answered null: the wait was ended by the server";
            Err(Error::new(Kind::Storage, store.name(), Operation::Lock, reason).at(store.endpoint()))
        }
    }
}

/// The lock's name. A lease of ours always has one.
fn name(lease: &Lease) -> &[u8] {
    lease.guard.as_ref().and_then(|guard| guard.downcast_ref::<Vec<u8>>()).map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn give_back(store: &Foreign, lease: &Lease) -> Result<()> {
    store.ask(Operation::Unlock, "SELECT RELEASE_LOCK(?)", &[Value::Text(name(lease))]).map(drop)
}

pub(super) fn is_held(store: &Foreign, lease: &Lease) -> Result<bool> {
    let sql = "SELECT IS_USED_LOCK(?) = CONNECTION_ID()";
    let row = store.ask(Operation::Lock, sql, &[Value::Text(name(lease))])?;
    Ok(row.and_then(|row| row.int(0)) == Some(1))
}
