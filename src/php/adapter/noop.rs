//! `Phalcon\Session\Adapter\Noop`: keeps nothing. Also the parent of `Stream`, as in Phalcon, and so
//! the place of what its children have as sessions in the style of Phalcon 3.

use super::base::succeed;
use crate::php::classic::{self, Data};
use crate::php::engine::{self, Call, Class, Initial, Interface, Method, Property, Thrown, method};
use crate::php::{convert, turns};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

const OPTIONS: usize = 1;
const PREFIX: usize = 2;

// `destroy` may be called without an argument, as in Phalcon 3; children of Phalcon 4 and 5 require one.
const OWN: [Method; 11] = [
    method!("public function __construct(array $options = [])", construct),
    method!("public function close()", succeed),
    method!("public function destroy($id = null)", destroy, children_may_require 1),
    method!("public function gc(int $max_lifetime)", super::base::gc),
    method!("public function open(string $path, string $name)", succeed),
    method!("public function read(string $id)", read),
    method!("public function start()", classic::start_as_handler),
    method!("public function updateTimestamp(string $id, string $data)", succeed),
    method!("public function validateId(string $id)", succeed),
    method!("public function write(string $id, string $data)", succeed),
    method!("protected function getPrefixedName($name): string", prefixed_name),
];
const ALL: [Method; OWN.len() + classic::METHODS.len()] = engine::join(&OWN, &classic::METHODS);

/// The class.
pub(in crate::php) static NOOP: Class = Class {
    name: "Phalcon\\Session\\Adapter\\Noop",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: &[
        Interface::SessionHandler,
        Interface::SessionUpdateTimestamp,
        Interface::Ours("Phalcon\\Session\\AdapterInterface"),
    ],
    constants: classic::CONSTANTS,
    // Phalcon 4's, for subclasses that use them, and Phalcon 3's.
    properties: &[
        Property { name: "connection", private: false, initial: Initial::Null },
        Property { name: "options", private: false, initial: Initial::EmptyArray },
        Property { name: "prefix", private: false, initial: Initial::EmptyString },
        Property { name: "ttl", private: false, initial: Initial::Int(8600) },
        classic::PROPERTIES[0],
        classic::PROPERTIES[1],
        classic::PROPERTIES[2],
    ],
    methods: &ALL,
    native: false,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    remember_options(call)
}

/// What `remember_options` kept.
pub(super) fn options<'a>(call: &mut Call<'a>) -> Result<&'a Zval, Thrown> {
    call.property(OPTIONS)
}

/// Keeps the options and the prefix where children of any version look for them.
pub(super) fn remember_options(call: &mut Call<'_>) -> Result<(), Thrown> {
    // Another object may have had this one's number before.
    turns::forget(call)?;
    let Some(options) = classic::options_at(call, 0)? else { return Ok(()) };
    if let Some(prefix) = convert::text_option(&options, "prefix")? {
        call.set_property(PREFIX, prefix)?;
    }
    call.set_property(OPTIONS, options.shallow_clone())?;
    classic::take_options(call, options)
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    classic::destroy_or_delete(call, Data::Stays, succeed)
}

fn read(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.return_bytes(b"");
    Ok(())
}

fn prefixed_name(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [name] = call.strings()?;
    let prefix: Zval = call.property(PREFIX)?.shallow_clone();
    let mut whole = prefix.zend_str().map(|prefix| prefix.as_bytes().to_vec()).unwrap_or_default();
    whole.extend_from_slice(name);
    call.return_bytes(&whole);
    Ok(())
}
