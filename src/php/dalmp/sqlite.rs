//! `DALMP\Sessions\SQLite`: sessions in a table of a database file.

use super::EXCEPTIONS;
use super::handler::{self, INTERFACES, METHODS, given, text};
use super::references::{self, Shape};
use crate::options::value::{Options, Value};
use crate::php::convert;
use crate::php::engine::{self, Call, Class, Initial, Method, Property, Thrown, method};
use ext_php_rs::flags::ClassFlags;

/// The position of the property.
const REFERENCE: usize = 1;

/// Where the original keeps them when nobody says another file.
const DEFAULT_FILE: &str = "/tmp/dalmp_sessions.db";

const OWN: [Method; 4] = [
    method!(
        "public function __construct($filename = false, $sessions_ref = 'UID', $encryption_key = false)",
        construct,
        sensitive[2]
    ),
    method!("public function getSessionsRefs()", references::all::<Form>),
    method!("public function getSessionRef($ref)", references::one::<Form>),
    method!("public function delSessionRef($ref)", references::end::<Form>),
];
const ALL: [Method; OWN.len() + METHODS.len()] = engine::join(&OWN, &METHODS);

/// The class.
pub(super) static SQLITE: Class = Class {
    name: "DALMP\\Sessions\\SQLite",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: INTERFACES,
    constants: &[],
    properties: &[
        Property { name: "sdb", private: true, initial: Initial::Null },
        Property { name: "dalmp_sessions_ref", private: true, initial: Initial::Null },
    ],
    methods: &ALL,
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    if given(call, 2).is_some() {
        let message = "an encryption key needs SQLCipher, which this SQLite is not; leave $encryption_key out \
                       and put the database on an encrypted file system";
        return Err(engine::throw(EXCEPTIONS, message));
    }
    let mut options = match given(call, 0) {
        Some(file) if file.is_array() => file.array().map(convert::options).unwrap_or_default(),
        Some(_) => of_text(call.string(0)?),
        None => of_text(DEFAULT_FILE.as_bytes()),
    };
    if options.get("dsn").is_none() {
        options.set_default("store", text("sqlite"));
    }
    options.set_default("flavour", text("dalmp"));
    options.set_default("create_table", Value::Bool(true));
    let name = handler::argument_name(call, 1)?;
    call.set_property(REFERENCE, engine::string(name.as_bytes()))?;
    handler::open_store(call, references::configured(options, &name))
}

/// A DSN, or the name of a file.
fn of_text(file: &[u8]) -> Options {
    let mut options = Options::new();
    if file.starts_with(b"sqlite:") {
        options.set("dsn", text(file));
    } else {
        options.set("store", text("sqlite"));
        options.set("path", text(file));
    }
    options
}

/// What its listings look like.
struct Form;

impl Shape for Form {}
