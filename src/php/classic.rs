//! Phalcon 3: the adapter itself is the session, over PHP's own `$_SESSION`.
//!
//! The methods are written once and belong to several classes: the abstract `Phalcon\Session\Adapter`,
//! whose children are anybody's, and the adapters that Phalcon 4 and 5 hand to a manager. Each of these
//! classes declares [`PROPERTIES`]. No method declares a return type, since children that were written
//! for Phalcon 3 have none and children of Phalcon 4 and 5 have some: both compile under this.

use super::engine::{self, Call, Class, Initial, Interface, Method, Property, Thrown, method};
use super::{convert, manager, session_values, turns};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

const ACTIVE: i64 = 2;

/// What a session looks like from outside.
pub(super) static INTERFACE: Class = Class {
    name: "Phalcon\\Session\\AdapterInterface",
    flags: ClassFlags::Interface,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("abstract public function destroy($removeData = null)"),
        method!("abstract public function get(string $index, $defaultValue = null)"),
        method!("abstract public function getId()"),
        method!("abstract public function getName()"),
        method!("abstract public function getOptions()"),
        method!("abstract public function has(string $index)"),
        method!("abstract public function isStarted()"),
        method!("abstract public function regenerateId(bool $deleteOldSession = true)"),
        method!("abstract public function remove(string $index)"),
        method!("abstract public function set(string $index, $value)"),
        method!("abstract public function setName(string $name)"),
        method!("abstract public function setOptions(array $options)"),
        method!("abstract public function start()"),
    ],
    native: false,
};

/// PHP's session status.
pub(super) const CONSTANTS: &[(&str, Initial)] = &[
    ("SESSION_ACTIVE", Initial::Int(ACTIVE)),
    ("SESSION_NONE", Initial::Int(1)),
    ("SESSION_DISABLED", Initial::Int(0)),
];

const UNIQUE_ID: &str = "_uniqueId";
const STARTED: &str = "_started";
const OPTIONS: &str = "_options";

/// What an adapter remembers. Phalcon 3's names, for subclasses that use them.
pub(super) const PROPERTIES: [Property; 3] = [
    Property { name: UNIQUE_ID, private: false, initial: Initial::Null },
    Property { name: STARTED, private: false, initial: Initial::Bool(false) },
    Property { name: OPTIONS, private: false, initial: Initial::Null },
];

/// What all sessions have in common. `start()` and `destroy()` differ.
pub(super) const METHODS: [Method; 15] = [
    method!("public function __destruct()", end),
    method!("public function get(string $index, $defaultValue = null, bool $remove = false)", get),
    method!("public function getId()", manager::get_id),
    method!("public function getName()", get_name),
    method!("public function getOptions()", get_options),
    method!("public function has(string $index)", has),
    method!("public function isStarted()", is_started),
    method!("public function regenerateId(bool $deleteOldSession = true)", regenerate_id),
    method!("public function remove(string $index)", remove),
    method!("public function set(string $index, $value)", set),
    method!("public function setId(string $id)", set_id),
    method!("public function setName(string $name)", set_name),
    method!("public function setOptions(array $options)", set_options, sensitive[0]),
    method!("public function status()", manager::status),
    method!("protected function removeSessionData()", remove_session_data),
];

/// Entries as properties: `$session->user`.
pub(super) const MAGIC: [Method; 4] = [
    method!("public function __get(string $index)", magic_get),
    method!("public function __isset(string $index)", magic_isset),
    method!("public function __set(string $index, $value)", magic_set),
    method!("public function __unset(string $index)", magic_unset),
];

/// The methods that the base class adds.
const OWN: [Method; 3] = [
    method!("public function __construct($options = null)", construct),
    method!("public function destroy($removeData = null)", destroy),
    method!("public function start()", start),
];
const WITHOUT_MAGIC: [Method; OWN.len() + METHODS.len()] = engine::join(&OWN, &METHODS);
const ALL: [Method; WITHOUT_MAGIC.len() + MAGIC.len()] = engine::join(&WITHOUT_MAGIC, &MAGIC);

/// The base class for adapters of one's own.
pub(super) static ADAPTER: Class = Class {
    name: "Phalcon\\Session\\Adapter",
    flags: ClassFlags::Abstract,
    parent: None,
    interfaces: &[Interface::Ours("Phalcon\\Session\\AdapterInterface")],
    constants: CONSTANTS,
    properties: &PROPERTIES,
    methods: &ALL,
    native: false,
};

fn is_active() -> bool {
    engine::session_status() == ACTIVE
}

fn field<'a>(call: &mut Call<'a>, name: &str) -> Result<&'a Zval, Thrown> {
    let position = call.position(name)?;
    call.property(position)
}

fn set_field(call: &mut Call<'_>, name: &str, value: Zval) -> Result<(), Thrown> {
    let position = call.position(name)?;
    call.set_property(position, value)
}

/// A boolean as a value.
pub(super) fn boolean(on: bool) -> Zval {
    let mut value = Zval::new();
    value.set_bool(on);
    value
}

/// Puts what Phalcon fills in where the user's options do not say it: the server, for `getOptions()`.
pub(super) fn fill_in_server(options: &mut Zval, port: i64, persistent: Zval) {
    for (name, value) in
        [("host", engine::string(b"127.0.0.1")), ("port", engine::int(port)), ("persistent", persistent)]
    {
        if options.array().is_some_and(|options| options.get(name).is_none()) {
            engine::set_entry(options, name.as_bytes(), value);
        }
    }
}

/// The array of options at `index`, or an object's that knows `toArray()`. None if there is none.
pub(super) fn options_at(call: &Call<'_>, index: usize) -> Result<Option<Zval>, Thrown> {
    let Some(said) = call.value(index).filter(|said| !said.is_null()) else { return Ok(None) };
    let options = if engine::has_method(said, "toArray") {
        engine::call_method(said, "toArray", &mut [])?
    } else {
        said.shallow_clone()
    };
    if options.is_array() { Ok(Some(options)) } else { Err(call.wrong_type(index, "array")) }
}

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    match options_at(call, 0)? {
        Some(options) => take_options(call, options),
        None => Ok(()),
    }
}

/// Gives the options to `setOptions()`, which a subclass may have overridden.
pub(super) fn take_options(call: &mut Call<'_>, options: Zval) -> Result<(), Thrown> {
    let this = call.this_value();
    engine::call_method(&this, "setOptions", &mut [options]).map(drop)
}

/// Other than the manager, this keeps its unique id when none is given.
fn set_options(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(options) = call.value(0).filter(|options| options.is_array()).map(Zval::shallow_clone) else {
        return Err(call.wrong_type(0, "array"));
    };
    if let Some(id) = convert::text_option(&options, "uniqueId")? {
        set_field(call, UNIQUE_ID, id)?;
    }
    set_field(call, OPTIONS, options)
}

fn get_options(call: &mut Call<'_>) -> Result<(), Thrown> {
    let options = options(call)?;
    *call.result() = if options.is_array() { options } else { Zval::new_array() };
    Ok(())
}

/// What `setOptions()` was given, or whatever a subclass has put there.
pub(super) fn options(call: &mut Call<'_>) -> Result<Zval, Thrown> {
    Ok(field(call, OPTIONS)?.shallow_clone())
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    let unique_id = call.position(UNIQUE_ID)?;
    session_values::get(call, unique_id)
}

fn set(call: &mut Call<'_>) -> Result<(), Thrown> {
    let unique_id = call.position(UNIQUE_ID)?;
    session_values::set(call, unique_id)
}

fn has(call: &mut Call<'_>) -> Result<(), Thrown> {
    let unique_id = call.position(UNIQUE_ID)?;
    session_values::has(call, unique_id)
}

fn remove(call: &mut Call<'_>) -> Result<(), Thrown> {
    let unique_id = call.position(UNIQUE_ID)?;
    session_values::remove(call, unique_id)
}

pub(super) fn magic_get(call: &mut Call<'_>) -> Result<(), Thrown> {
    session_values::through(call, "get", get)
}

pub(super) fn magic_set(call: &mut Call<'_>) -> Result<(), Thrown> {
    session_values::through(call, "set", set)
}

pub(super) fn magic_isset(call: &mut Call<'_>) -> Result<(), Thrown> {
    session_values::through(call, "has", has)
}

pub(super) fn magic_unset(call: &mut Call<'_>) -> Result<(), Thrown> {
    session_values::through(call, "remove", remove)
}

fn remove_session_data(call: &mut Call<'_>) -> Result<(), Thrown> {
    let unique_id = call.position(UNIQUE_ID)?;
    session_values::clear(call, unique_id)
}

fn is_started(call: &mut Call<'_>) -> Result<(), Thrown> {
    let started = field(call, STARTED)?.coerce_to_bool();
    call.result().set_bool(started);
    Ok(())
}

fn get_name(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = engine::call_function("session_name", &mut [])?;
    *call.result() = name;
    Ok(())
}

fn set_name(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [name] = call.strings()?;
    engine::call_function("session_name", &mut [engine::string(name)]).map(drop)
}

fn set_id(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    engine::call_function("session_id", &mut [engine::string(id)]).map(drop)
}

/// Without an active session PHP warns that there is none.
fn regenerate_id(call: &mut Call<'_>) -> Result<(), Thrown> {
    let delete_old = boolean(call.switch(0, true)?);
    engine::call_function("session_regenerate_id", &mut [delete_old])?;
    let this = call.this_value();
    *call.result() = this;
    Ok(())
}

/// True only if this call started the session.
pub(super) fn start(call: &mut Call<'_>) -> Result<(), Thrown> {
    let started = may_start()? && start_session()?;
    finish_start(call, started)
}

/// As [`start`], for an adapter that is a save handler: it registers itself first.
pub(super) fn start_as_handler(call: &mut Call<'_>) -> Result<(), Thrown> {
    let started = start_over(call)?;
    finish_start(call, started)
}

/// Starts a session over this handler, if none runs.
pub(super) fn start_over(call: &mut Call<'_>) -> Result<bool, Thrown> {
    Ok(may_start()? && turns::register(call)? && start_session()?)
}

/// Whether no session is active and headers, the session's cookie among them, can still be sent.
pub(super) fn may_start() -> Result<bool, Thrown> {
    Ok(!is_active() && !engine::call_function("headers_sent", &mut [])?.coerce_to_bool())
}

fn start_session() -> Result<bool, Thrown> {
    engine::call_function("session_start", &mut []).map(|started| started.is_true())
}

fn finish_start(call: &mut Call<'_>, started: bool) -> Result<(), Thrown> {
    if started {
        turns::note_start(call)?;
        set_field(call, STARTED, boolean(true))?;
    }
    call.result().set_bool(started);
    Ok(())
}

/// Closes the session that this object started, unless another adapter has started one since.
fn end(call: &mut Call<'_>) -> Result<(), Thrown> {
    let started = field(call, STARTED)?.coerce_to_bool();
    let close = started && is_active() && !turns::is_over(call)?;
    if started {
        set_field(call, STARTED, boolean(false))?;
    }
    if close {
        engine::call_function("session_write_close", &mut [])?;
    }
    turns::forget(call)
}

/// What becomes of `$_SESSION` when the session is destroyed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    /// Kept, unless `destroy(true)` asks otherwise.
    Stays,
    /// Removed, as far as it is this object's.
    Goes,
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    let asked = call.value(0).is_some_and(Zval::coerce_to_bool);
    end_session(call, if asked { Data::Goes } else { Data::Stays })
}

/// `destroy()` of an adapter that is a save handler too. Without an argument, or with a boolean, it
/// ends the session; one that was closed before is deleted. With an id it is PHP that asks for that
/// record to be deleted: `$_SESSION` is then the caller's, who may want to keep it under another id.
pub(super) fn destroy_or_delete(
    call: &mut Call<'_>,
    data: Data,
    delete: fn(&mut Call<'_>) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    let data = match call.value(0) {
        None => data,
        Some(asked) if asked.is_null() || asked.is_false() => data,
        Some(asked) if asked.is_true() => Data::Goes,
        Some(_) => return delete(call),
    };
    if is_active() {
        return end_session(call, data);
    }
    end_session(call, data)?;
    let id = engine::call_function("session_id", &mut [])?;
    let deleted = if id.zend_str().is_some_and(|id| !id.as_bytes().is_empty()) {
        let this = call.this_value();
        engine::call_method(&this, "destroy", &mut [id])?.coerce_to_bool()
    } else {
        true
    };
    call.result().set_bool(deleted);
    Ok(())
}

/// Ends the session for good, so that it is not stored again when the request ends.
pub(super) fn end_session(call: &mut Call<'_>, data: Data) -> Result<(), Thrown> {
    if data == Data::Goes {
        call.call_own_method("removesessiondata", &mut [])?;
    }
    set_field(call, STARTED, boolean(false))?;
    let destroyed = is_active() && engine::call_function("session_destroy", &mut [])?.is_true();
    call.result().set_bool(destroyed);
    Ok(())
}
