//! The methods of every class that is a session handler, over the handler that its object holds.

use super::engine::{self, Call, Thrown};
use super::pool::Pooled;
use super::{errors, references};
use crate::error::{Error, Result};
use crate::session::handler::{Caller, Handler};
use std::time::Duration;

/// The native state of such an object.
pub(super) struct Face {
    /// The handler, on loan.
    pub pooled: Pooled,
    /// The class of the exceptions that direct calls throw.
    pub exceptions: &'static str,
}

/// Runs `work` on the object's handler. A failure is told as `caller` needs it, and is `None`.
fn with<R>(
    call: &mut Call<'_>,
    caller: Caller,
    work: impl FnOnce(&mut Handler) -> Result<R>,
) -> Result<Option<R>, Thrown> {
    let (outcome, notice, exceptions) = call.with_state(|face: &mut Face| {
        let (outcome, notice) = match face.pooled.get() {
            Some(handler) => (work(handler), handler.take_notice()),
            None => (Err(Error::config("the handler was closed for good")), None),
        };
        (outcome, notice, face.exceptions)
    })?;
    if engine::has_exception() {
        // The store called PHP, and that did not come back: `exit`.
        return Err(Thrown);
    }
    if let Some(notice) = notice {
        engine::warn(&notice.to_string());
    }
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) => {
            errors::tell(&error, caller, exceptions)?;
            Ok(None)
        }
    }
}

/// `session.gc_maxlifetime`, which the session module does not pass to objects.
pub(super) fn lifetime() -> Duration {
    Duration::from_secs(u64::try_from(engine::ini_long(c"session.gc_maxlifetime")).unwrap_or(0).max(1))
}

pub(super) fn open(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [_path, _name] = call.strings()?;
    let opened = with(call, Caller::Engine, |handler| {
        if handler.policy().locking {
            handler.describe_holder(engine::describe_request);
        }
        Ok(())
    })?;
    call.result().set_bool(opened.is_some());
    Ok(())
}

pub(super) fn close(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    // A direct call has opened nothing, and a session that runs is not its to close.
    let done = with(call, caller, |handler| if caller == Caller::Direct { Ok(()) } else { handler.close() })?;
    call.result().set_bool(done.is_some());
    Ok(())
}

pub(super) fn read(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let [id] = call.strings()?;
    let found = with(call, caller, |handler| {
        handler.read(id, caller, lifetime())?;
        Ok(handler.lend(caller))
    })?;
    let Some(data) = found else {
        call.result().set_bool(false);
        return Ok(());
    };
    call.return_bytes(&data);
    with(call, caller, |handler| {
        handler.give_back(caller, data);
        Ok(())
    })?;
    Ok(())
}

pub(super) fn write(call: &mut Call<'_>) -> Result<(), Thrown> {
    store(call, Handler::write)
}

pub(super) fn touch(call: &mut Call<'_>) -> Result<(), Thrown> {
    store(call, Handler::touch)
}

type Storing = fn(&mut Handler, &[u8], &[u8], Caller, Duration) -> Result<()>;

fn store(call: &mut Call<'_>, operation: Storing) -> Result<(), Thrown> {
    let caller = call.caller();
    let [id, data] = call.strings()?;
    let done = with(call, caller, |handler| {
        references::note(handler, caller)?;
        operation(handler, id, data, caller, lifetime())
    })?;
    call.result().set_bool(done.is_some());
    Ok(())
}

pub(super) fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let [id] = call.strings()?;
    let done = with(call, caller, |handler| handler.destroy(id, caller))?;
    call.result().set_bool(done.is_some());
    Ok(())
}

pub(super) fn gc(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let seconds = u64::try_from(call.long(0, 0)?).unwrap_or(0);
    let removed = with(call, caller, |handler| handler.gc(Duration::from_secs(seconds), caller))?;
    match removed {
        Some(count) => call.result().set_long(i64::try_from(count).unwrap_or(i64::MAX)),
        None => call.result().set_bool(false),
    }
    Ok(())
}

pub(super) fn create_sid(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    engine::create_id(call);
    let id = call.result().zend_str().map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    with(call, caller, |handler| {
        // Who asked for it directly may have told others by the time it is used here.
        if caller != Caller::Direct {
            handler.note_created(&id);
        }
        Ok(())
    })?;
    Ok(())
}

pub(super) fn validate(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let [id] = call.strings()?;
    let valid = with(call, caller, |handler| handler.validate(id, caller, lifetime()))?;
    call.result().set_bool(valid.unwrap_or(false));
    Ok(())
}
