//! `Phalcon\Session\Adapter\HandlerSocket`: sessions in a table of MariaDB's, past its SQL. The adapter
//! of Phalcon 3's incubator, which is the session itself.

use super::EXCEPTIONS;
use super::wording::in_users_words;
use crate::options::value::{Options, Value};
use crate::php::classic::{self, Data};
use crate::php::engine::{self, Call, Class, Initial, Interface, Parent, Thrown, arrays, method};
use crate::php::methods::{self, Face};
use crate::php::pool::Pooled;
use crate::php::{convert, turns};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

const HOST: &str = "localhost";
const PORT: i64 = 9999;
const DATABASE: &str = "session";
const TABLE: &str = "php_session";
/// How long a session lives after its last use, in seconds, where no options are given.
const LIFETIME: i64 = 3600;

/// The incubator's names and ours.
const RENAMED: &[(&str, &str)] = &[("dbname", "database"), ("dbtable", "table")];

/// The class.
pub(in crate::php) static HANDLER_SOCKET: Class = Class {
    name: "Phalcon\\Session\\Adapter\\HandlerSocket",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter")),
    interfaces: &[Interface::SessionHandler, Interface::SessionUpdateTimestamp],
    constants: &[
        ("DB_FIELDS", Initial::Text("id,modified,data")),
        ("DB_GC_INDEX", Initial::Text("modified")),
        ("DEFAULT_DBNAME", Initial::Text(DATABASE)),
        ("DEFAULT_DBTABLE", Initial::Text(TABLE)),
        ("DEFAULT_HOST", Initial::Text(HOST)),
        ("DEFAULT_PORT", Initial::Int(PORT)),
    ],
    properties: &[],
    // `open` and `destroy` may be called without arguments, as in Phalcon 3; children may require some.
    methods: &[
        method!("public function __construct($options = [])", construct, sensitive[0]),
        method!("public function close()", methods::close),
        method!("public function destroy($id = null)", destroy, children_may_require 1),
        method!("public function gc(int $max_lifetime)", methods::gc),
        method!("public function open(string $path = '', string $name = '')", methods::open, children_may_require 2),
        method!("public function read(string $id)", methods::read),
        method!("public function start($options = [])", start, sensitive[0]),
        method!("public function updateTimestamp(string $id, string $data)", methods::touch),
        method!("public function validateId(string $id)", methods::validate),
        method!("public function write(string $id, string $data)", methods::write),
    ],
    native: true,
};

fn mistake(sentence: &str) -> Thrown {
    engine::throw(EXCEPTIONS, sentence)
}

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    // Another object may have had this one's number before.
    turns::forget(call)?;
    let options = classic::options_at(call, 0)?.filter(|options| arrays::count(options) > 0).unwrap_or_else(defaults);
    configure(call, options)
}

/// What is meant where nothing is said.
fn defaults() -> Zval {
    arrays::array_of([
        ("cookie_path", engine::string(b"/")),
        ("cookie_domain", engine::string(b"")),
        ("lifetime", engine::int(LIFETIME)),
    ])
}

/// Gives the object its store, applies what is meant for the cookie, and registers the handler.
fn configure(call: &mut Call<'_>, mut options: Zval) -> Result<(), Thrown> {
    fill_in_server(&mut options)?;
    let said = options.array().map(convert::options).unwrap_or_default();
    let pooled = settings(said)
        .and_then(Pooled::from_options)
        .map_err(|error| mistake(&in_users_words(&error.to_string(), RENAMED)))?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))?;
    set_cookie(&options)?;
    classic::take_options(call, options)?;
    turns::register(call)?;
    Ok(())
}

/// Completes the server in the options, as `getOptions()` shows it.
fn fill_in_server(options: &mut Zval) -> Result<(), Thrown> {
    let mut server = Zval::null();
    arrays::take(options, b"server", &mut server);
    let mut server = server.dereference().shallow_clone();
    if engine::has_method(&server, "toArray") {
        server = engine::call_method(&server, "toArray", &mut [])?;
    }
    if server.is_null() {
        server = Zval::new_array();
    }
    if !server.is_array() {
        let given = convert::type_name(&server);
        return Err(mistake(&format!(
            "option \"server\" must be an array with host, port, dbname, dbtable; {given} given"
        )));
    }
    for (name, value) in [
        ("host", engine::string(HOST.as_bytes())),
        ("port", engine::int(PORT)),
        ("dbname", engine::string(DATABASE.as_bytes())),
        ("dbtable", engine::string(TABLE.as_bytes())),
    ] {
        if arrays::entry(&server, name.as_bytes()).is_none_or(|said| said.is_null()) {
            engine::set_entry(&mut server, name.as_bytes(), value);
        }
    }
    engine::set_entry(options, b"server", server);
    Ok(())
}

/// The store's options: those of the server, and those beside it that are not for the cookie or `$_SESSION`.
fn settings(mut said: Options) -> crate::error::Result<Options> {
    for name in ["cookie_path", "cookie_domain", "uniqueId"] {
        said.take(name);
    }
    let server = match said.take("server") {
        Some(Value::Map(server)) => server,
        _ => Options::new(),
    };
    for (name, value) in server.iter() {
        let ours = RENAMED.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours);
        said.set(ours, value.clone());
    }
    said.set("store", Value::Text(crate::backend::handlersocket::BACKEND.name.into()));
    Ok(said)
}

/// What the options say of the session's cookie. While a session is active its cookie was sent already.
fn set_cookie(options: &Zval) -> Result<(), Thrown> {
    for (option, setting) in [("cookie_path", &b"session.cookie_path"[..]), ("cookie_domain", b"session.cookie_domain")]
    {
        if let Some(value) = convert::text_option(options, option)?
            && classic::may_start()?
        {
            engine::call_function("ini_set", &mut [engine::string(setting), value])?;
        }
    }
    Ok(())
}

/// With options this object takes them, in place of those it had, and then starts.
fn start(call: &mut Call<'_>) -> Result<(), Thrown> {
    if let Some(options) = classic::options_at(call, 0)?.filter(|options| arrays::count(options) > 0) {
        if !classic::may_start()? {
            call.result().set_bool(false);
            return Ok(());
        }
        configure(call, options)?;
    }
    classic::start_as_handler(call)
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    classic::destroy_or_delete(call, Data::Stays, methods::destroy)
}
