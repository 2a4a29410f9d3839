//! `Phalcon\Session\Manager`: the session as an object, over PHP's own `$_SESSION`.
//!
//! The manager holds no values: what it gets and sets is in `$_SESSION`, where code without it finds
//! the same. Its own few fields are PHP properties, so that a subclass that never called
//! `parent::__construct()` works, and so that the cycle collector sees its adapter.
//!
//! Behaviour follows Phalcon 4.1 and, where 5 fixed it, 5.15: `getName()` answers
//! `session_name()` when no name was set, ids may hold `,` and `-`, a name of digits only is
//! refused. `get()` without a session is null even when a default is given, as in every version.

use super::engine::{self, Call, Class, Initial, Interface, Property, SessionArray, Thrown, method};
use super::session_values::{self, with_unique_key};
use super::{classic, convert, exceptions, turns};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::{ZendObject, Zval};
use std::cell::Cell;

const ACTIVE: i64 = 2;

/// The contract, in the words of Phalcon 4 and 5.
pub(super) static INTERFACE: Class = Class {
    name: "Phalcon\\Session\\ManagerInterface",
    flags: ClassFlags::Interface,
    parent: None,
    interfaces: &[],
    constants: classic::CONSTANTS,
    properties: &[],
    methods: &[
        method!("abstract public function __get(string $key)"),
        method!("abstract public function __isset(string $key): bool"),
        method!("abstract public function __set(string $key, $value): void"),
        method!("abstract public function __unset(string $key): void"),
        method!("abstract public function exists(): bool"),
        method!("abstract public function destroy(): void"),
        method!("abstract public function get(string $key, $defaultValue = null, bool $remove = false)"),
        method!("abstract public function getId(): string"),
        method!("abstract public function getAdapter(): ?SessionHandlerInterface"),
        method!("abstract public function getName(): string"),
        method!("abstract public function getOptions(): array"),
        method!("abstract public function has(string $key): bool"),
        method!("abstract public function remove(string $key): void"),
        method!("abstract public function set(string $key, $value): void"),
        method!(
            "abstract public function setAdapter(SessionHandlerInterface $adapter): Phalcon\\Session\\ManagerInterface"
        ),
        method!("abstract public function setId(string $id): Phalcon\\Session\\ManagerInterface"),
        method!("abstract public function setName(string $name): Phalcon\\Session\\ManagerInterface"),
        method!("abstract public function setOptions(array $options): void"),
        method!("abstract public function status(): int"),
        method!("abstract public function start(): bool"),
        method!(
            "abstract public function regenerateId(bool $deleteOldSession = true): Phalcon\\Session\\ManagerInterface"
        ),
    ],
    native: false,
};

/// The positions of the properties below, in the order of their declaration.
const CONTAINER: usize = 0;
const ADAPTER: usize = 1;
const NAME: usize = 2;
const OPTIONS: usize = 3;
const UNIQUE_ID: usize = 4;

/// The manager.
pub(super) static MANAGER: Class = Class {
    name: "Phalcon\\Session\\Manager",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: &[Interface::Ours("Phalcon\\Session\\ManagerInterface")],
    constants: &[],
    properties: &[
        Property { name: "container", private: false, initial: Initial::Null },
        Property { name: "adapter", private: true, initial: Initial::Null },
        Property { name: "name", private: true, initial: Initial::EmptyString },
        Property { name: "options", private: true, initial: Initial::EmptyArray },
        Property { name: "uniqueId", private: true, initial: Initial::EmptyString },
    ],
    methods: &[
        method!("public function __construct(array $options = [])", construct),
        method!("public function __get(string $key)", magic_get),
        method!("public function __isset(string $key): bool", magic_isset),
        method!("public function __set(string $key, $value): void", magic_set),
        method!("public function __unset(string $key): void", magic_unset),
        method!("public function destroy(): void", destroy),
        method!("public function exists(): bool", exists),
        method!("public function get(string $key, $defaultValue = null, bool $remove = false)", get),
        method!("public function getAdapter(): ?SessionHandlerInterface", get_adapter),
        method!("public function getDI()", get_container),
        method!("public function getId(): string", get_id),
        method!("public function getName(): string", get_name),
        method!("public function getOptions(): array", get_options),
        method!("public function has(string $key): bool", has),
        method!(
            "public function regenerateId(bool $deleteOldSession = true): Phalcon\\Session\\ManagerInterface",
            regenerate_id
        ),
        method!("public function remove(string $key): void", remove),
        method!("public function set(string $key, $value): void", set),
        method!(
            "public function setAdapter(SessionHandlerInterface $adapter): Phalcon\\Session\\ManagerInterface",
            set_adapter
        ),
        method!("public function setDI(object $container)", set_container, redeclarable),
        method!("public function setId(string $id): Phalcon\\Session\\ManagerInterface", set_id),
        method!("public function setName(string $name): Phalcon\\Session\\ManagerInterface", set_name),
        method!("public function setOptions(array $options): void", set_options),
        method!("public function start(): bool", start),
        method!("public function status(): int", status),
        method!("protected function phpHeadersSent(): bool", headers_sent),
    ],
    native: false,
};

/// A manager's own part of `$_SESSION`, reached without its methods.
pub(super) struct Part<'a>(&'a [u8]);

impl<'a> Part<'a> {
    /// Of a manager whose methods mean what they mean here: no PHP code has overridden them, and the
    /// unique id is the text that it should be.
    #[inline]
    pub(super) fn of(session: &'a ZendObject) -> Option<Self> {
        if !engine::is_native(session, MANAGER.name)
            || !["get", "set", "remove"].iter().all(|name| engine::is_native_method(session, name))
        {
            return None;
        }
        let unique_id = engine::property_of(session, UNIQUE_ID);
        match unique_id.zend_str() {
            Some(id) => Some(Self(id.as_bytes())),
            None => unique_id.is_null().then_some(Self(b"")),
        }
    }

    /// Looks at a value. `work` must not call PHP.
    pub(super) fn look<R>(&self, key: &[u8], work: impl FnOnce(Option<&Zval>) -> R) -> R {
        if is_active() { with_unique_key(self.0, key, |key| SessionArray::look(key, work)) } else { work(None) }
    }

    /// Changes a value that is to be an array, where it stands. None while no session is active.
    /// `work` must not call PHP, nor drop a value that may have a destructor.
    pub(super) fn change_array<R>(&self, key: &[u8], work: impl FnOnce(&mut Zval) -> R) -> Option<R> {
        if !is_active() {
            return None;
        }
        with_unique_key(self.0, key, |key| SessionArray::change_array(key, work))
    }

    /// Removes a value.
    pub(super) fn remove(&self, key: &[u8]) {
        if is_active() {
            with_unique_key(self.0, key, SessionArray::remove);
        }
    }
}

thread_local! {
    /// A `WeakReference` to the manager that was started last in this request.
    static LAST_STARTED: Cell<Option<Zval>> = const { Cell::new(None) };
}

fn note_started(call: &mut Call<'_>) -> Result<(), Thrown> {
    // PHP's end of a request may start sessions, too; nobody would take the note away after that.
    if engine::is_script_over() {
        return Ok(());
    }
    let manager = call.this_value();
    let reference = engine::call_function("WeakReference::create", &mut [manager])?;
    drop(LAST_STARTED.replace(Some(reference)));
    Ok(())
}

/// The manager that was started last in this request, if it still lives.
pub(super) fn last_started() -> Result<Option<Zval>, Thrown> {
    let Some(reference) = LAST_STARTED.take() else { return Ok(None) };
    let manager = engine::call_method(&reference, "get", &mut []);
    drop(LAST_STARTED.replace(Some(reference)));
    Ok(Some(manager?).filter(Zval::is_object))
}

/// At the end of a request.
pub(super) fn forget_last_started() {
    drop(LAST_STARTED.take());
}

/// After the request, for the case that a fatal error kept its end from us: the value is not ours to
/// drop any more.
pub(super) fn disown_last_started() {
    std::mem::forget(LAST_STARTED.take());
}

fn is_active() -> bool {
    engine::session_status() == ACTIVE
}

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    if call.count() == 0 { Ok(()) } else { set_options(call) }
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    if !is_active() {
        call.switch(2, false)?;
        return call.strings::<1>().map(drop);
    }
    session_values::get(call, UNIQUE_ID)
}

fn set(call: &mut Call<'_>) -> Result<(), Thrown> {
    if !is_active() {
        return call.strings::<1>().map(drop);
    }
    session_values::set(call, UNIQUE_ID)
}

fn has(call: &mut Call<'_>) -> Result<(), Thrown> {
    if is_active() {
        return session_values::has(call, UNIQUE_ID);
    }
    call.result().set_bool(false);
    Ok(())
}

fn remove(call: &mut Call<'_>) -> Result<(), Thrown> {
    if !is_active() {
        return call.strings::<1>().map(drop);
    }
    session_values::remove(call, UNIQUE_ID)
}

fn magic_get(call: &mut Call<'_>) -> Result<(), Thrown> {
    session_values::through(call, "get", get)
}

fn magic_set(call: &mut Call<'_>) -> Result<(), Thrown> {
    session_values::through(call, "set", set)
}

fn magic_isset(call: &mut Call<'_>) -> Result<(), Thrown> {
    session_values::through(call, "has", has)
}

fn magic_unset(call: &mut Call<'_>) -> Result<(), Thrown> {
    session_values::through(call, "remove", remove)
}

fn exists(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.result().set_bool(is_active());
    Ok(())
}

pub(super) fn status(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.result().set_long(engine::session_status());
    Ok(())
}

fn destroy(_call: &mut Call<'_>) -> Result<(), Thrown> {
    if is_active() {
        engine::call_function("session_destroy", &mut [])?;
        SessionArray::clear();
    }
    Ok(())
}

fn regenerate_id(call: &mut Call<'_>) -> Result<(), Thrown> {
    let delete_old = call.switch(0, true)?;
    if is_active() {
        let mut argument = Zval::new();
        argument.set_bool(delete_old);
        engine::call_function("session_regenerate_id", &mut [argument])?;
    }
    call.return_this();
    Ok(())
}

pub(super) fn get_id(call: &mut Call<'_>) -> Result<(), Thrown> {
    let id = engine::call_function("session_id", &mut [])?;
    // session_id() is false where sessions are disabled.
    if id.is_string() {
        *call.result() = id
    } else {
        call.return_bytes(b"")
    }
    Ok(())
}

fn set_id(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    if is_active() {
        return Err(exceptions::throw(&exceptions::ALREADY_STARTED));
    }
    if !is_valid_id(id) {
        return Err(exceptions::throw(&exceptions::INVALID_ID));
    }
    engine::call_function("session_id", &mut [engine::string(id)])?;
    call.return_this();
    Ok(())
}

fn is_valid_id(id: &[u8]) -> bool {
    !id.is_empty() && id.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b',' | b'-'))
}

fn get_name(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = current_name(call)?;
    *call.result() = name;
    Ok(())
}

/// The name that was set, else PHP's, which is kept from then on.
fn current_name(call: &mut Call<'_>) -> Result<Zval, Thrown> {
    let own = call.property(NAME)?;
    if own.zend_str().is_some_and(|name| !name.as_bytes().is_empty()) {
        return Ok(own.shallow_clone());
    }
    let name = engine::call_function("session_name", &mut [])?;
    call.set_property(NAME, name.shallow_clone())?;
    Ok(name)
}

fn set_name(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [name] = call.strings()?;
    if is_active() {
        return Err(exceptions::throw(&exceptions::MODIFICATION_DENIED));
    }
    if !is_valid_name(name) {
        return Err(exceptions::throw(&exceptions::INVALID_NAME));
    }
    call.set_property(NAME, engine::string(name))?;
    engine::call_function("session_name", &mut [engine::string(name)])?;
    call.return_this();
    Ok(())
}

/// Letters and digits of any script, `_` and `-`, and not digits alone, which PHP would ignore.
fn is_valid_name(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| {
        !name.is_empty()
            && name.chars().all(|c| c.is_alphabetic() || c.is_numeric() || matches!(c, '_' | '-'))
            && !name.bytes().all(|b| b.is_ascii_digit())
    })
}

fn get_options(call: &mut Call<'_>) -> Result<(), Thrown> {
    let options = call.property(OPTIONS)?;
    // Reflection or a forged serialization may have put anything there.
    *call.result() = if options.is_array() { options.shallow_clone() } else { Zval::new_array() };
    Ok(())
}

fn set_options(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(options) = call.value(0).filter(|options| options.is_array()).map(Zval::shallow_clone) else {
        return Err(call.wrong_type(0, "array"));
    };
    let unique_id = convert::text_option(&options, "uniqueId")?.unwrap_or_else(|| engine::string(b""));
    call.set_property(UNIQUE_ID, unique_id)?;
    call.set_property(OPTIONS, options)
}

fn get_adapter(call: &mut Call<'_>) -> Result<(), Thrown> {
    let adapter = call.property(ADAPTER)?.shallow_clone();
    *call.result() = adapter;
    Ok(())
}

fn set_adapter(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(adapter) = call.value(0).filter(|value| engine::is_session_handler(value)).map(Zval::shallow_clone) else {
        return Err(call.wrong_type(0, "SessionHandlerInterface"));
    };
    call.set_property(ADAPTER, adapter)?;
    call.return_this();
    Ok(())
}

fn get_container(call: &mut Call<'_>) -> Result<(), Thrown> {
    let container = call.property(CONTAINER)?.shallow_clone();
    *call.result() = container;
    Ok(())
}

fn set_container(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(container) = call.value(0).filter(|value| value.is_object()).map(Zval::shallow_clone) else {
        return Err(call.wrong_type(0, "object"));
    };
    call.set_property(CONTAINER, container)
}

fn headers_sent(call: &mut Call<'_>) -> Result<(), Thrown> {
    let sent = engine::call_function("headers_sent", &mut [])?;
    *call.result() = sent;
    Ok(())
}

/// In the order of Phalcon 5.15: running already, headers sent, a cookie that is no id, an adapter.
fn start(call: &mut Call<'_>) -> Result<(), Thrown> {
    if is_active() {
        note_started(call)?;
        call.result().set_bool(true);
        return Ok(());
    }
    // Through the object, since applications' tests override it.
    if call.call_own_method("phpheaderssent", &mut [])?.coerce_to_bool() {
        call.result().set_bool(false);
        return Ok(());
    }
    let name = current_name(call)?;
    if let Some(name) = name.zend_str() {
        engine::drop_cookie_unless(name.as_bytes(), is_valid_id);
    }
    let adapter = call.property(ADAPTER)?.shallow_clone();
    if !engine::is_session_handler(&adapter) {
        return Err(exceptions::throw(&exceptions::INVALID_ADAPTER));
    }
    let registered = engine::call_function("session_set_save_handler", &mut [adapter])?;
    turns::note_another_handler();
    if registered.is_false() {
        call.result().set_bool(false);
        return Ok(());
    }
    let started = engine::call_function("session_start", &mut [])?;
    if started.is_true() {
        note_started(call)?;
    }
    *call.result() = started;
    Ok(())
}
