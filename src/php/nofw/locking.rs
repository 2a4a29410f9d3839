//! The option `lock`: a session that is kept in a cache, locked from read to close.
//!
//! A cache cannot compare a lock when it writes, as our own stores do. What can be done is done: the
//! lock is asked for and renewed right before each write, and a write without it is refused.

use super::settings::Settings;
use super::{LOCK, State};
use crate::error::Kind;
use crate::php::engine::{self, Call, Thrown};
use crate::php::lock::SessionLock;
use crate::session::handler::Caller;
use ext_php_rs::types::Zval;

/// The session that the present request has open.
pub(super) struct Session {
    id: Vec<u8>,
    /// Its lock was taken, and not given back yet.
    has_lock: bool,
    standing: Standing,
}

enum Standing {
    Writable,
    /// The lock was not to be had, and its user wants to read on. What was read.
    ReadOnly(Vec<u8>),
    /// Not known what is stored.
    Unread,
}

/// Whether a write goes on.
pub(super) enum Permit {
    Write,
    /// It is answered already.
    Answered(bool),
}

/// Who calls, if that is somebody whose session is locked; and the lock.
fn lock_for(call: &mut Call<'_>, settings: &Settings) -> Result<Option<SessionLock>, Thrown> {
    if !settings.locks || matches!(call.caller(), Caller::Direct | Caller::ReadAndClose) {
        return Ok(None);
    }
    Ok(SessionLock::of(call.property(LOCK)?))
}

/// Takes the lock. False: it was not to be had, a warning has said so, and nothing is to be read.
pub(super) fn before_read(call: &mut Call<'_>, settings: &Settings, id: &[u8]) -> Result<bool, Thrown> {
    let Some(lock) = lock_for(call, settings)? else { return Ok(true) };
    let former = call.with_state(|state: &mut State| state.session.take())?;
    let standing = match former {
        // session_reset(): who waited in vain does not wait again.
        Some(Session { id: former, standing: Standing::ReadOnly(data), .. }) if former == id => {
            Standing::ReadOnly(data)
        }
        former => {
            if former.is_some_and(|former| former.has_lock && former.id != id) {
                lock.release();
            }
            match lock.take(id)? {
                Ok(()) => Standing::Writable,
                Err(error) if error.kind() == Kind::Locked && lock.reads_on()? => Standing::ReadOnly(Vec::new()),
                Err(error) => {
                    begin(call, id, Standing::Unread)?;
                    engine::warn(&error.to_string());
                    return Ok(false);
                }
            }
        }
    };
    begin(call, id, standing)?;
    Ok(true)
}

/// Notes the session, before anything is known of it but its lock.
fn begin(call: &mut Call<'_>, id: &[u8], standing: Standing) -> Result<(), Thrown> {
    let has_lock = matches!(standing, Standing::Writable);
    call.with_state(|state: &mut State| state.session = Some(Session { id: id.to_vec(), has_lock, standing }))
}

/// Notes what was read, or that nothing could be.
pub(super) fn after_read(call: &mut Call<'_>, settings: &Settings, data: Option<&Zval>) -> Result<(), Thrown> {
    if lock_for(call, settings)?.is_none() {
        return Ok(());
    }
    call.with_state(|state: &mut State| {
        let Some(session) = &mut state.session else { return };
        match (data, &mut session.standing) {
            (None, standing) => *standing = Standing::Unread,
            (Some(data), Standing::ReadOnly(read)) => {
                read.clear();
                read.extend_from_slice(data.zend_str().map(|data| data.as_bytes()).unwrap_or_default());
            }
            _ => {}
        }
    })
}

/// Whether the session may be written. `unchanged` says that PHP knows it to be what was read.
pub(super) fn before_write(
    call: &mut Call<'_>,
    settings: &Settings,
    [id, data]: [&[u8]; 2],
    unchanged: bool,
) -> Result<Permit, Thrown> {
    let Some(lock) = lock_for(call, settings)? else { return Ok(Permit::Write) };
    let standing = call.with_state(|state: &mut State| {
        state.session.as_ref().filter(|session| session.id == id).map(|session| match &session.standing {
            Standing::Writable => Ok(()),
            Standing::ReadOnly(read) if unchanged || read == data => Err(None),
            Standing::ReadOnly(_) => {
                Err(Some("the session was opened without its lock and is read-only in this request"))
            }
            Standing::Unread => Err(Some("the session could not be read, so it stays as it was stored")),
        })
    })?;
    let outcome = match standing {
        Some(Ok(())) => lock.confirm(id)?,
        Some(Err(None)) => return Ok(Permit::Answered(true)),
        Some(Err(Some(refusal))) => {
            engine::warn(refusal);
            return Ok(Permit::Answered(false));
        }
        // A wrapper that writes an id it never read.
        None => {
            let outcome = lock.take(id)?;
            if outcome.is_ok() {
                begin(call, id, Standing::Writable)?;
            }
            outcome
        }
    };
    match outcome {
        Ok(()) => Ok(Permit::Write),
        Err(error) if unchanged && error.kind() == Kind::LockLost => Ok(Permit::Answered(true)),
        Err(error) => {
            engine::warn(&error.to_string());
            Ok(Permit::Answered(false))
        }
    }
}

/// Gives the lock back, unless the caller is one that never had it.
pub(super) fn end(call: &mut Call<'_>, settings: &Settings) -> Result<(), Thrown> {
    let Some(lock) = lock_for(call, settings)? else { return Ok(()) };
    // One that was never taken may be held for something else.
    if call.with_state(|state: &mut State| state.session.take())?.is_some_and(|session| session.has_lock) {
        lock.release();
    }
    Ok(())
}
