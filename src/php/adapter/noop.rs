//! `Phalcon\Session\Adapter\Noop`: keeps nothing. Also the parent of `Stream`, as in Phalcon.

use super::base::succeed;
use crate::php::engine::{self, Call, Class, Initial, Interface, Property, Thrown, method};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

const OPTIONS: usize = 1;
const PREFIX: usize = 2;

/// The class.
pub(in crate::php) static NOOP: Class = Class {
    name: "Phalcon\\Session\\Adapter\\Noop",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: &[Interface::SessionHandler, Interface::SessionUpdateTimestamp],
    constants: &[],
    // Phalcon 4's, for subclasses that use them.
    properties: &[
        Property { name: "connection", private: false, initial: Initial::Null },
        Property { name: "options", private: false, initial: Initial::EmptyArray },
        Property { name: "prefix", private: false, initial: Initial::EmptyString },
        Property { name: "ttl", private: false, initial: Initial::Int(8600) },
    ],
    methods: &[
        method!("public function __construct(array $options = [])", construct),
        method!("public function close(): bool", succeed),
        method!("public function destroy(string $id): bool", succeed),
        method!("public function gc(int $max_lifetime): int|bool", super::base::gc),
        method!("public function open(string $path, string $name): bool", succeed),
        method!("public function read(string $id): string", read),
        method!("public function updateTimestamp(string $id, string $data): bool", succeed),
        method!("public function validateId(string $id): bool", succeed),
        method!("public function write(string $id, string $data): bool", succeed),
        method!("protected function getPrefixedName($name): string", prefixed_name),
    ],
    native: false,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    remember_options(call)
}

/// Keeps the options and the prefix where Phalcon 4's children look for them.
pub(super) fn remember_options(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(options) = call.value(0) else { return Ok(()) };
    if !options.is_array() {
        return Err(call.wrong_type(0, "array"));
    }
    let options = options.shallow_clone();
    let prefix = options.array().and_then(|options| options.get("prefix")).map(engine::to_string).transpose()?;
    if let Some(prefix) = prefix {
        call.set_property(PREFIX, prefix)?;
    }
    call.set_property(OPTIONS, options)
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
