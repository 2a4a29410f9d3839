//! `Seshat\Handler` and `Seshat\Exception`: the plain-PHP face.

use super::engine::{self, Call, Class, Interface, Parent, Thrown, method};
use super::pool::Pooled;
use super::{convert, errors};
use crate::error::{Error, Result};
use crate::options::value::{Options, Value};
use crate::session::handler::{Caller, Handler};
use ext_php_rs::flags::ClassFlags;
use std::time::Duration;

/// The family's classes.
pub(super) const CLASSES: &[&Class] = &[&EXCEPTION, &HANDLER];

static EXCEPTION: Class = Class {
    name: "Seshat\\Exception",
    flags: ClassFlags::empty(),
    parent: Some(Parent::RuntimeException),
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[],
    native: false,
};

static HANDLER: Class = Class {
    name: "Seshat\\Handler",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: &[Interface::SessionHandler, Interface::SessionId, Interface::SessionUpdateTimestamp],
    constants: &[],
    properties: &[],
    methods: &[
        method!("public function __construct(string|array $dsn, array $options = [])", construct, sensitive [0, 1]),
        method!("public function open(string $path, string $name): bool", open),
        method!("public function close(): bool", close),
        method!("public function read(string $id): string|false", read),
        method!("public function write(string $id, string $data): bool", write),
        method!("public function destroy(string $id): bool", destroy),
        method!("public function gc(int $max_lifetime): int|false", gc),
        method!("public function create_sid(): string", create_sid),
        method!("public function validateId(string $id): bool", validate),
        method!("public function updateTimestamp(string $id, string $data): bool", touch),
    ],
    native: true,
};

const EXCEPTIONS: &str = "Seshat\\Exception";

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let more = match call.value(1) {
        None => Options::new(),
        Some(value) => match value.array() {
            Some(array) => convert::options(array),
            None => return Err(call.wrong_type(1, "array")),
        },
    };
    let options = match call.value(0).and_then(|value| value.array()) {
        Some(array) => {
            let mut options = convert::options(array);
            for (name, value) in more.iter() {
                options.set(name, value.clone());
            }
            options
        }
        None => {
            let [dsn] = call.strings()?;
            let mut options = more;
            options.set("dsn", Value::Text(dsn.to_vec()));
            options
        }
    };
    let handler = Pooled::from_options(options).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    call.set_state(Box::new(handler))
}

/// Runs `work` on the object's handler. A failure is told as `caller` needs it, and is `None`.
pub(super) fn with<R>(
    call: &mut Call<'_>,
    caller: Caller,
    exceptions: &str,
    work: impl FnOnce(&mut Handler) -> Result<R>,
) -> Result<Option<R>, Thrown> {
    let outcome = call.with_state(|pooled: &mut Pooled| match pooled.get() {
        Some(handler) => work(handler),
        None => Err(Error::config("the handler was closed for good")),
    })?;
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

fn open(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [_path, _name] = call.strings()?;
    let opened = with(call, Caller::Engine, EXCEPTIONS, |handler| {
        handler.describe_holder(engine::describe_request);
        Ok(())
    })?;
    call.result().set_bool(opened.is_some());
    Ok(())
}

fn close(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let done = with(call, caller, EXCEPTIONS, Handler::close)?;
    call.result().set_bool(done.is_some());
    Ok(())
}

fn read(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let [id] = call.strings()?;
    let found = with(call, caller, EXCEPTIONS, |handler| handler.read(id, caller, lifetime()).map(<[u8]>::to_vec))?;
    match found {
        Some(data) => call.return_bytes(&data),
        None => call.result().set_bool(false),
    }
    Ok(())
}

fn write(call: &mut Call<'_>) -> Result<(), Thrown> {
    store(call, Handler::write)
}

fn touch(call: &mut Call<'_>) -> Result<(), Thrown> {
    store(call, Handler::touch)
}

type Storing = fn(&mut Handler, &[u8], &[u8], Caller, Duration) -> Result<()>;

fn store(call: &mut Call<'_>, operation: Storing) -> Result<(), Thrown> {
    let caller = call.caller();
    let [id, data] = call.strings()?;
    let done = with(call, caller, EXCEPTIONS, |handler| operation(handler, id, data, caller, lifetime()))?;
    call.result().set_bool(done.is_some());
    Ok(())
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let [id] = call.strings()?;
    let done = with(call, caller, EXCEPTIONS, |handler| handler.destroy(id, caller))?;
    call.result().set_bool(done.is_some());
    Ok(())
}

fn gc(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let seconds = u64::try_from(call.long(0, 0)?).unwrap_or(0);
    let removed = with(call, caller, EXCEPTIONS, |handler| handler.gc(Duration::from_secs(seconds), caller))?;
    match removed {
        Some(count) => call.result().set_long(i64::try_from(count).unwrap_or(i64::MAX)),
        None => call.result().set_bool(false),
    }
    Ok(())
}

fn create_sid(call: &mut Call<'_>) -> Result<(), Thrown> {
    engine::create_id(call);
    let id = call.result().zend_str().map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    with(call, Caller::Engine, EXCEPTIONS, |handler| {
        handler.note_created(&id);
        Ok(())
    })?;
    Ok(())
}

fn validate(call: &mut Call<'_>) -> Result<(), Thrown> {
    let caller = call.caller();
    let [id] = call.strings()?;
    let valid = with(call, caller, EXCEPTIONS, |handler| handler.validate(id, caller, lifetime()))?;
    call.result().set_bool(valid.unwrap_or(false));
    Ok(())
}
