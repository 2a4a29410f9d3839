//! Which adapter is the save handler now, and which one started the session.
//!
//! An adapter that is a session itself, as in Phalcon 3, registers itself and closes what it started.
//! With two of them in one request each must know whether the other had its turn since. PHP does not
//! tell, so it is noted here, by the engine's number of the object.

use super::engine::{self, Call, Thrown};
use std::cell::Cell;

thread_local! {
    static HANDLER: Cell<Option<u32>> = const { Cell::new(None) };
    static STARTER: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Makes the adapter PHP's save handler, unless it was the last one to become it: what else was
/// registered since, a decorator around it perhaps, then stays. False if PHP refused, with a warning.
pub(super) fn register(call: &mut Call<'_>) -> Result<bool, Thrown> {
    let me = call.object_number()?;
    if HANDLER.get() == Some(me) {
        return Ok(true);
    }
    let this = call.this_value();
    let registered = engine::call_function("session_set_save_handler", &mut [this])?.is_true();
    if registered {
        HANDLER.set(Some(me));
    }
    Ok(registered)
}

/// Notes that something else became the save handler.
pub(super) fn note_another_handler() {
    HANDLER.set(None);
}

/// Notes that the adapter started the session.
pub(super) fn note_start(call: &mut Call<'_>) -> Result<(), Thrown> {
    STARTER.set(Some(call.object_number()?));
    Ok(())
}

/// Whether another adapter has started a session since this one did.
pub(super) fn is_over(call: &mut Call<'_>) -> Result<bool, Thrown> {
    let me = call.object_number()?;
    Ok(STARTER.get().is_some_and(|starter| starter != me))
}

/// Forgets an object: at its end, and when it is made, since numbers are used again.
pub(super) fn forget(call: &mut Call<'_>) -> Result<(), Thrown> {
    let me = Some(call.object_number()?);
    for turn in [&HANDLER, &STARTER] {
        if turn.get() == me {
            turn.set(None);
        }
    }
    Ok(())
}

/// After the request, whose objects are gone.
pub(super) fn end() {
    HANDLER.set(None);
    STARTER.set(None);
}
