//! `session.save_handler = seshat`: the native module, for a set-up by php.ini alone.
//!
//! The engine layer turns the C calls into these. The handler of the last save path stays in the
//! thread, so that opening costs a comparison.

use super::pool::{Pooled, Settings};
use super::{engine, references};
use crate::error::{Error, Result};
use crate::session::handler::{Caller, Handler};
use std::cell::RefCell;
use std::time::Duration;

#[derive(Default)]
struct Native {
    path: Vec<u8>,
    settings: Option<Settings>,
    handler: Option<Pooled>,
}

thread_local! {
    static NATIVE: RefCell<Native> = RefCell::new(Native::default());
}

/// Makes the handler for a save path, or keeps the one that is there.
pub(super) fn open(path: &[u8]) -> bool {
    let kept = NATIVE.with_borrow_mut(|native| {
        if let Some(handler) = native.handler.as_mut().and_then(Pooled::get)
            && native.path == path
            && native.settings.as_mut().is_some_and(Settings::hold)
        {
            // Who takes no lock keeps nobody waiting.
            if handler.policy().locking {
                handler.describe_holder(engine::describe_request);
            }
            return true;
        }
        native.handler = None;
        false
    });
    kept || told(make(path, Settings::now())).is_some()
}

/// While a handler is made, checks of PHP's may warn, and with that run PHP code, which may open
/// another session or set another path: nothing is borrowed, and the path is a copy.
fn make(path: &[u8], settings: Settings) -> Result<()> {
    let path = path.to_vec();
    let dsn = std::str::from_utf8(&path).map_err(|_| Error::config("session.save_path is not UTF-8"))?;
    let handler = Pooled::from_dsn(dsn, &settings)?;
    NATIVE.replace(Native { path, settings: Some(settings), handler: Some(handler) });
    Ok(())
}

/// Runs `work` with the open handler, then says what went wrong. PHP code, an error handler for
/// instance, can only run after `work` is done and the handler is free.
fn with<R>(work: impl FnOnce(&mut Handler) -> Result<R>) -> Option<R> {
    let (outcome, notice) = NATIVE.with_borrow_mut(|native| match native.handler.as_mut().and_then(Pooled::get) {
        Some(handler) => (work(handler), handler.take_notice()),
        None => (Err(Error::config("the session was not opened")), None),
    });
    if let Some(notice) = notice {
        complain(&notice);
    }
    told(outcome)
}

/// Runs `work`, which cannot go wrong, if there is an open handler.
fn with_handler(work: impl FnOnce(&mut Handler)) {
    NATIVE.with_borrow_mut(|native| {
        if let Some(handler) = native.handler.as_mut().and_then(Pooled::get) {
            work(handler);
        }
    });
}

#[inline]
fn told<R>(outcome: Result<R>) -> Option<R> {
    outcome.map_err(|error| complain(&error)).ok()
}

#[cold]
fn complain(error: &Error) {
    engine::warn(&error.to_string());
}

fn lifetime(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0).max(1))
}

pub(super) fn close() -> bool {
    with(Handler::close).is_some()
}

/// Reads, and makes PHP's string of what was found. Making it may run out of PHP's memory and leave
/// by a jump, so the handler is free by then and the bytes are on loan.
pub(super) fn read<S>(id: &[u8], caller: Caller, seconds: i64, make: impl FnOnce(&[u8]) -> S) -> Option<S> {
    let bytes = with(|handler| {
        handler.read(id, caller, lifetime(seconds))?;
        Ok(handler.lend(caller))
    })?;
    let made = make(&bytes);
    with_handler(|handler| handler.give_back(caller, bytes));
    Some(made)
}

pub(super) fn write(id: &[u8], data: &[u8], caller: Caller, seconds: i64) -> bool {
    with(|handler| {
        references::note(handler, caller)?;
        handler.write(id, data, caller, lifetime(seconds))
    })
    .is_some()
}

pub(super) fn touch(id: &[u8], data: &[u8], caller: Caller, seconds: i64) -> bool {
    with(|handler| {
        references::note(handler, caller)?;
        handler.touch(id, data, caller, lifetime(seconds))
    })
    .is_some()
}

pub(super) fn destroy(id: &[u8], caller: Caller) -> bool {
    with(|handler| handler.destroy(id, caller)).is_some()
}

pub(super) fn gc(seconds: i64, caller: Caller) -> Option<i64> {
    with(|handler| handler.gc(lifetime(seconds), caller)).map(|count| i64::try_from(count).unwrap_or(i64::MAX))
}

pub(super) fn validate(id: &[u8], caller: Caller, seconds: i64) -> bool {
    with(|handler| handler.validate(id, caller, lifetime(seconds))).unwrap_or(false)
}

/// Notes the id that PHP's generator just made.
pub(super) fn created(id: &[u8]) {
    with_handler(|handler| handler.note_created(id));
}

/// After the request, when PHP can not be called any more: a session that a fatal error left open
/// gives its lock back.
pub(super) fn abandon() {
    let _ = NATIVE.try_with(|native| {
        let Ok(mut native) = native.try_borrow_mut() else { return };
        if let Some(handler) = native.handler.as_mut().and_then(Pooled::get)
            && handler.is_open()
        {
            let _ = handler.close();
        }
    });
}

/// Forgets everything, at the end of the thread's life with PHP.
pub(super) fn forget() {
    let _ = NATIVE.try_with(|native| native.try_borrow_mut().map(|mut native| *native = Native::default()));
}
