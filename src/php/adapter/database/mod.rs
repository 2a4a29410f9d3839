//! `Phalcon\Session\Adapter\Database` and `Phalcon\Incubator\Session\Adapter\Database`: sessions in a
//! table of an SQL database.
//!
//! What the user gives as the database decides who does the work:
//!
//! | given | done by |
//! | --- | --- |
//! | a DSN, an array of options, a described connection | the native store of that database |
//! | a `PDO`, a `mysqli`, a connection of Phalcon's | [`store::Foreign`], by the methods of that object |
//!
//! Either way `session::handler` keeps PHP's protocol, and the methods are those of every other adapter.

mod connection;
mod failure;
mod mysqli;
mod named_lock;
mod options;
mod pdo;
mod phalcon;
mod plan;
mod store;

use super::{EXCEPTIONS, warn_of_unknown};
use crate::options::value::{Options, Value};
use crate::php::classic::{self, Data};
use crate::php::engine::{self, Call, Class, Initial, Interface, Method, Parent, Property, Thrown, arrays, method};
use crate::php::methods::{self, Face};
use crate::php::pool::Pooled;
use crate::php::{convert, errors, turns};
use crate::session::handler::{Caller, Handler};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;
use options::Database;
use store::{Foreign, Place};

/// What both classes have.
const COMMON: [Method; 4] = [
    method!("public function gc(int $max_lifetime)", methods::gc),
    method!("public function read(string $id)", methods::read),
    method!("public function updateTimestamp(string $id, string $data)", methods::touch),
    method!("public function validateId(string $id)", methods::validate),
];

// `open` and `destroy` may be called without arguments, as in Phalcon 3; children may require some.
const OF_PHALCON_3: [Method; 6] = [
    method!("public function __construct($options = null)", construct, sensitive[0]),
    method!("public function close()", methods::close),
    method!("public function destroy($id = null)", destroy, children_may_require 1),
    method!("public function open(string $path = '', string $name = '')", methods::open, children_may_require 2),
    method!("public function start()", classic::start_as_handler),
    method!("public function write(string $id, string $data)", methods::write),
];
const OF_THE_ADD_ON: [Method; 5] = [
    method!(
        "public function __construct($connection, string $tableName = 'session_data', array $columns = [])",
        construct_add_on,
        sensitive[0]
    ),
    method!("public function close()", close),
    method!("public function destroy(string $id)", destroy_add_on),
    method!("public function open(string $path = '', string $name = '')", open, children_may_require 2),
    method!("public function write(string $id, string $data)", write_add_on),
];
const DATABASE_METHODS: [Method; OF_PHALCON_3.len() + COMMON.len()] = engine::join(&OF_PHALCON_3, &COMMON);
const ADD_ON_METHODS: [Method; OF_THE_ADD_ON.len() + COMMON.len()] = engine::join(&OF_THE_ADD_ON, &COMMON);

const CONNECTION: &str = "connection";
const STARTED: &str = "started";

/// Phalcon 3's, of its incubator: the session itself.
pub(in crate::php) static DATABASE: Class = Class {
    name: "Phalcon\\Session\\Adapter\\Database",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter")),
    interfaces: &[Interface::SessionHandler, Interface::SessionUpdateTimestamp],
    constants: &[],
    properties: &[Property { name: CONNECTION, private: false, initial: Initial::Null }],
    methods: &DATABASE_METHODS,
    native: true,
};

/// Phalcon 4's and 5's, of the package phalcon/incubator-session: a handler for the manager.
pub(in crate::php) static ADD_ON: Class = Class {
    name: "Phalcon\\Incubator\\Session\\Adapter\\Database",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter\\AbstractAdapter")),
    interfaces: &[],
    constants: &[("DEFAULT_TABLE_NAME", Initial::Text("session_data"))],
    properties: &[
        Property { name: CONNECTION, private: false, initial: Initial::Null },
        Property { name: STARTED, private: false, initial: Initial::Bool(false) },
    ],
    methods: &ADD_ON_METHODS,
    native: true,
};

fn mistake(sentence: &str) -> Thrown {
    engine::throw(EXCEPTIONS, sentence)
}

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    // Another object may have had this one's number before.
    turns::forget(call)?;
    let mut options = classic::options_at(call, 0)?.unwrap_or_else(Zval::new_array);
    let mut given = Zval::null();
    arrays::take(&mut options, b"db", &mut given);
    if given.dereference().is_null() {
        return Err(mistake(options::MISSING));
    }
    let database = Database::of(&given)?.map_err(|sentence| mistake(&sentence))?;
    let said = options.array().map(convert::options).unwrap_or_default();
    if !matches!(said.get("table"), Some(Value::Text(name)) if !name.is_empty()) {
        return Err(mistake("Parameter 'table' is required and it must be a non empty string"));
    }
    let unknown = open_store(call, &given, database, said, "int")?;
    classic::take_options(call, options)?;
    turns::register(call)?;
    warn_of_unknown(&unknown);
    Ok(())
}

fn construct_add_on(call: &mut Call<'_>) -> Result<(), Thrown> {
    turns::forget(call)?;
    let given = call.value(0).map_or_else(Zval::null, Zval::shallow_clone);
    let database = Database::of(&given)?.map_err(|sentence| mistake(&sentence))?;
    let mut said = Options::new();
    let table = if call.count() > 1 { call.string(1)? } else { b"session_data" };
    said.set("table", Value::Text(table.to_vec()));
    if let Some(columns) = call.value(2) {
        let Some(columns) = columns.array() else { return Err(call.wrong_type(2, "array")) };
        let columns = convert::options(columns);
        options::columns(columns, &mut said).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    }
    let unknown = open_store(call, &given, database, said, "datetime")?;
    turns::register(call)?;
    warn_of_unknown(&unknown);
    Ok(())
}

/// Gives the object its store, over the connection or of our own.
fn open_store(
    call: &mut Call<'_>,
    given: &Zval,
    database: Database,
    said: Options,
    times: &str,
) -> Result<Vec<String>, Thrown> {
    let connection = match database {
        Database::Connection(connection) => connection,
        Database::Native(database) => {
            let pooled = Pooled::from_options(options::native(database, &said))
                .map_err(|error| errors::throw(&error, EXCEPTIONS))?;
            call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))?;
            return Ok(Vec::new());
        }
    };
    let dialect = match connection.dialect() {
        Ok(Ok(dialect)) => dialect,
        Ok(Err(name)) => {
            let name: String = name.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
            let sentence =
                format!("by {} sessions can be kept in mysql and sqlite; this one is {name}", connection.name());
            return Err(mistake(&sentence));
        }
        Err(failure) => return Err(mistake(&failure.sentence())),
    };
    let said = options::beside_connection(said, dialect, times).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    let property = call.position(CONNECTION)?;
    let place = Place { adapter: call.object_number()?, property };
    let store = Foreign::new(place, &connection, dialect, said.wanted, said.fencing);
    call.set_property(property, given.dereference().shallow_clone())?;
    let pooled = Pooled::alone(Handler::new(Box::new(store), said.policy));
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))?;
    Ok(said.unknown)
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    classic::destroy_or_delete(call, Data::Stays, methods::destroy)
}

fn set_started(call: &mut Call<'_>, on: bool) -> Result<(), Thrown> {
    let position = call.position(STARTED)?;
    call.set_property(position, classic::boolean(on))
}

fn open(call: &mut Call<'_>) -> Result<(), Thrown> {
    methods::open(call)?;
    set_started(call, true)
}

fn close(call: &mut Call<'_>) -> Result<(), Thrown> {
    methods::close(call)?;
    set_started(call, false)
}

fn destroy_add_on(call: &mut Call<'_>) -> Result<(), Thrown> {
    methods::destroy(call)?;
    set_started(call, false)
}

/// A direct call does what it did in the package: nothing before `open()`, and with `session.lazy_write`
/// nothing when the session has that data already.
fn write_add_on(call: &mut Call<'_>) -> Result<(), Thrown> {
    if call.caller() == Caller::Direct {
        let position = call.position(STARTED)?;
        let started = call.property(position)?.coerce_to_bool();
        if !started {
            call.result().set_bool(false);
            return Ok(());
        }
        if engine::ini_long(c"session.lazy_write") != 0 && has_that_data(call)? {
            call.result().set_bool(true);
            return Ok(());
        }
    }
    methods::write(call)
}

fn has_that_data(call: &mut Call<'_>) -> Result<bool, Thrown> {
    let [id, data] = call.strings()?;
    let lifetime = methods::lifetime();
    call.with_state(|face: &mut Face| {
        let Some(handler) = face.pooled.get() else { return false };
        // A failure is told by the write.
        handler.validate(id, Caller::Direct, lifetime).unwrap_or(false)
            && handler.read(id, Caller::Direct, lifetime).is_ok_and(|stored| stored == data)
    })
}
