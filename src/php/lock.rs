//! `Seshat\Lock`: the lock of a session without the session, for data that is kept elsewhere.
//!
//! An object holds one lock at a time. It is a handler of `session::handler` that never reads: a
//! lock that was forgotten is given back with the object, at the latest at the end of the request.

use super::engine::{self, Call, Class, Thrown, method};
use super::handler::EXCEPTIONS;
use super::pool::Pooled;
use super::{convert, errors};
use crate::error::{Error, Kind, Result};
use crate::session::handler::{Handler, OnLockTimeout};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The class.
pub(super) static LOCK: Class = Class {
    name: "Seshat\\Lock",
    flags: ClassFlags::Final,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("public function __construct(string|array $dsn, array $options = [])", construct, sensitive [0, 1]),
        method!("public function acquire(string $id): bool", acquire),
        method!("public function isHeld(): bool", is_held),
        method!("public function release(): void", release),
    ],
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let options = convert::configuration(call)?;
    let pooled = Pooled::from_options(options).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    call.set_state(Box::new(pooled))
}

fn acquire(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    let outcome = call.with_state(|lock: &mut Pooled| take(lock, id))?;
    answer(call, outcome, Kind::Locked)
}

fn is_held(call: &mut Call<'_>) -> Result<(), Thrown> {
    let outcome = call.with_state(|lock: &mut Pooled| {
        let handler = handler_of(lock)?;
        let Some(id) = handler.held_id().map(str::to_owned) else { return Ok(false) };
        handler.confirm_hold(id.as_bytes()).map(|()| true)
    })?;
    match outcome {
        Ok(held) => {
            call.result().set_bool(held);
            Ok(())
        }
        Err(error) => answer(call, Err(error), Kind::LockLost),
    }
}

fn release(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.with_state(|lock: &mut Pooled| give_back(lock))
}

/// True, false for an error of the kind that only means "no", or an exception.
fn answer(call: &mut Call<'_>, outcome: Result<()>, no: Kind) -> Result<(), Thrown> {
    match outcome {
        Ok(()) => call.result().set_bool(true),
        Err(error) if error.kind() == no => call.result().set_bool(false),
        Err(error) => return Err(errors::throw(&error, EXCEPTIONS)),
    }
    Ok(())
}

fn handler_of(lock: &mut Pooled) -> Result<&mut Handler> {
    lock.get().ok_or_else(|| Error::config("the lock was closed for good"))
}

fn take(lock: &mut Pooled, id: &[u8]) -> Result<()> {
    let handler = handler_of(lock)?;
    handler.describe_holder(engine::describe_request);
    handler.hold(id)
}

fn give_back(lock: &mut Pooled) {
    if let Some(handler) = lock.get() {
        // A lock that could not be given back goes with its lease.
        let _ = handler.close();
    }
}

/// What a handler of sessions that are kept elsewhere does with a `Seshat\Lock` of its user.
pub(super) struct SessionLock(Zval);

impl SessionLock {
    /// Over an object of the class; `None` if the value is none.
    pub(super) fn of(value: &Zval) -> Option<Self> {
        engine::is_a(value, LOCK.name).then(|| Self(value.dereference().shallow_clone()))
    }

    /// The object itself.
    pub(super) fn value(&self) -> Zval {
        self.0.shallow_clone()
    }

    /// Takes the lock of a session.
    pub(super) fn take(&self, id: &[u8]) -> Result<Result<()>, Thrown> {
        engine::with_state_of(&self.0, |lock: &mut Pooled| take(lock, id))
    }

    /// Whether a session whose lock is not to be had may be read without it.
    pub(super) fn reads_on(&self) -> Result<bool, Thrown> {
        engine::with_state_of(&self.0, |lock: &mut Pooled| {
            lock.get().is_some_and(|handler| handler.policy().on_lock_timeout == OnLockTimeout::ReadOnly)
        })
    }

    /// Makes sure that the lock is still held, before something is written.
    pub(super) fn confirm(&self, id: &[u8]) -> Result<Result<()>, Thrown> {
        engine::with_state_of(&self.0, |lock: &mut Pooled| handler_of(lock)?.confirm_hold(id))
    }

    /// Gives the lock back. Calls no PHP: an exception may be on its way.
    pub(super) fn release(&self) {
        let _ = engine::with_state_of(&self.0, |lock: &mut Pooled| give_back(lock));
    }
}
