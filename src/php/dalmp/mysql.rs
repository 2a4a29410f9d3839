//! `DALMP\Sessions\MySQL`: sessions in a table of a MySQL or MariaDB database.

use super::handler::{self, INTERFACES, METHODS, text};
use super::references::{self, Shape};
use super::{EXCEPTIONS, constants, places};
use crate::options::value::{Options, Value};
use crate::php::convert;
use crate::php::engine::{self, Call, Class, Initial, Method, Property, Thrown, method};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

const OWN: [Method; 4] = [
    method!("public function __construct($DB, $sessions_ref = 'UID')", construct, sensitive[0]),
    method!("public function getSessionsRefs()", references::all::<Form>),
    method!("public function getSessionRef($ref)", references::one::<Form>),
    method!("public function delSessionRef($ref)", references::end::<Form>),
];
const ALL: [Method; OWN.len() + METHODS.len()] = engine::join(&OWN, &METHODS);

/// The class.
pub(super) static MYSQL: Class = Class {
    name: "DALMP\\Sessions\\MySQL",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: INTERFACES,
    constants: &[],
    properties: &[
        Property { name: "DB", private: false, initial: Initial::Null },
        Property { name: "dalmp_sessions_ref", private: true, initial: Initial::Null },
        Property { name: "dalmp_sessions_table", private: true, initial: Initial::Null },
    ],
    methods: &ALL,
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let database = call.value(0).map_or_else(Zval::null, Zval::shallow_clone);
    let name = handler::reference_name(call, 1)?;
    let table = constants::text(constants::TABLE)?;
    let mut options = server(&database)?;
    options.set_default("flavour", text("dalmp"));
    if let Some(table) = &table {
        options.set("table", text(table));
    }
    // Credentials of a DSN or an array are not to be seen in a dump of the object.
    let shown = if database.is_object() { database } else { Zval::null() };
    let table = engine::string(table.as_deref().unwrap_or(b"dalmp_sessions"));
    for (position, value) in [shown, engine::string(name.as_bytes()), table].into_iter().enumerate() {
        call.set_property(position, value)?;
    }
    handler::open_store(call, references::configured(options, &name))
}

/// Where the database is.
fn server(given: &Zval) -> Result<Options, Thrown> {
    if let Some(dsn) = given.zend_str() {
        let mut options = Options::new();
        options.set("dsn", Value::Text(native_dsn(dsn.as_bytes())));
        return Ok(options);
    }
    if let Some(array) = given.array() {
        let mut options = convert::options(array);
        if options.get("dsn").is_none() {
            options.set_default("store", text("mysql"));
        }
        return Ok(options);
    }
    if given.is_object()
        && let Some(Value::Map(mut said)) = places::properties(given)?.take("dsn")
    {
        return Ok(of_database(&mut said));
    }
    let message = format!(
        "a DSN, an array of options, or a DALMP\\Database must be given; {} does not tell where its database is",
        engine::type_name(given)
    );
    Err(engine::throw(EXCEPTIONS, &message))
}

/// In DALMP's DSN the scheme is the connection's character set, which says nothing about bytes.
fn native_dsn(dsn: &[u8]) -> Vec<u8> {
    let scheme = dsn.iter().position(|byte| *byte == b':').and_then(|end| dsn.get(..end)).unwrap_or_default();
    if scheme.starts_with(b"mysql") || scheme.starts_with(b"mariadb") || scheme.is_empty() {
        return dsn.to_vec();
    }
    [b"mysql", dsn.get(scheme.len()..).unwrap_or_default()].concat()
}

/// What a `DALMP\Database` has made of its DSN.
fn of_database(said: &mut Options) -> Options {
    let mut options = Options::new();
    let given = |value: Option<Value>| value.filter(|value| !matches!(value, Value::Null));
    options.set("store", text("mysql"));
    match given(said.take("socket")) {
        Some(socket) => {
            options.set("store", text("mysql+unix"));
            options.set("path", socket);
        }
        None => {
            for name in ["host", "port"] {
                if let Some(value) = given(said.take(name)) {
                    options.set(name, value);
                }
            }
        }
    }
    for (theirs, ours) in [("user", "user"), ("pass", "password"), ("dbName", "database")] {
        if let Some(value) = given(said.take(theirs)) {
            options.set(ours, value);
        }
    }
    options
}

/// What its listings look like.
struct Form;

impl Shape for Form {
    /// The number of rows, in the way of the original's database.
    fn ended(count: u64) -> Zval {
        if count > 0 { references::boolean(true) } else { engine::int(0) }
    }
}
