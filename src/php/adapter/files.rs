//! `Phalcon\Session\Adapter\Files`: Phalcon 3's session over PHP's own save handler, whatever that is.
//!
//! With the option `savePath`, or in a manager, it is a `Stream` whose files are named as PHP's are.

use super::options;
use super::stream::{construct_over, open_store, save_path, settings};
use crate::options::reader::Reader;
use crate::options::value::Value;
use crate::php::classic::{self, Data};
use crate::php::engine::{self, Call, Class, Method, Parent, Thrown, method};
use crate::php::methods;
use crate::php::{convert, errors};
use ext_php_rs::flags::ClassFlags;

const PREFIX: &[u8] = b"sess_";

const OWN: [Method; 10] = [
    method!("public function __construct($options = null)", construct),
    method!("public function close()", close),
    method!("public function destroy($id = null)", destroy, children_may_require 1),
    method!("public function gc(int $max_lifetime)", gc),
    method!("public function open(string $path, string $name)", open),
    method!("public function read(string $id)", read),
    method!("public function start()", start),
    method!("public function updateTimestamp(string $id, string $data)", touch),
    method!("public function validateId(string $id)", validate),
    method!("public function write(string $id, string $data)", write),
];
const ALL: [Method; OWN.len() + classic::MAGIC.len()] = engine::join(&OWN, &classic::MAGIC);

/// The class.
pub(in crate::php) static FILES: Class = Class {
    name: "Phalcon\\Session\\Adapter\\Files",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter\\Stream")),
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &ALL,
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let mut reader = Reader::new(options(call, 0)?);
    super::noop::remember_options(call)?;
    let path = save_path(&mut reader)?;
    construct_over(call, reader, PREFIX, path.as_deref())
}

/// Without a `savePath` of its own it leaves PHP's save handler as it is.
fn start(call: &mut Call<'_>) -> Result<(), Thrown> {
    if has_path(call)? { classic::start_as_handler(call) } else { classic::start(call) }
}

fn has_path(call: &mut Call<'_>) -> Result<bool, Thrown> {
    let options = super::noop::options(call)?.array();
    Ok(options.and_then(|options| options.get("savePath")).is_some_and(|path| !path.is_null()))
}

/// As a handler without a `savePath` it keeps its files where PHP would.
fn with_store(call: &mut Call<'_>, method: fn(&mut Call<'_>) -> Result<(), Thrown>) -> Result<(), Thrown> {
    if !call.has_state() {
        let said = super::noop::options(call)?.array().map(convert::options).unwrap_or_default();
        let mut reader = Reader::new(said);
        save_path(&mut reader)?;
        let (mut settings, _) = settings(reader, PREFIX).map_err(|error| errors::throw(&error, super::EXCEPTIONS))?;
        settings.set("dsn", Value::Text(engine::ini_text(c"session.save_path").into_bytes()));
        open_store(call, settings)?;
    }
    method(call)
}

macro_rules! with_store {
    ($($name:ident: $method:path;)*) => {
        $(fn $name(call: &mut Call<'_>) -> Result<(), Thrown> {
            with_store(call, $method)
        })*
    };
}

with_store! {
    close: methods::close;
    delete: methods::destroy;
    gc: methods::gc;
    open: methods::open;
    read: methods::read;
    touch: methods::touch;
    validate: methods::validate;
    write: methods::write;
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    classic::destroy_or_delete(call, Data::Stays, delete)
}
