//! `Phalcon\Session\Adapter\AbstractAdapter`: a handler over a storage object in `$this->adapter`.
//!
//! Applications and add-on packages extend it with a storage object of their own, so every call
//! goes through that object's methods `get`, `set`, `has` and `delete`.

use crate::php::classic;
use crate::php::engine::{self, Call, Class, Initial, Interface, Property, Thrown, method};
use ext_php_rs::flags::ClassFlags;

/// The position of `$this->adapter`.
const ADAPTER: usize = 0;

/// The class.
pub(in crate::php) static ABSTRACT_ADAPTER: Class = Class {
    name: "Phalcon\\Session\\Adapter\\AbstractAdapter",
    flags: ClassFlags::Abstract,
    parent: None,
    interfaces: &[Interface::SessionHandler, Interface::SessionUpdateTimestamp],
    constants: &[],
    properties: &[Property { name: "adapter", private: false, initial: Initial::Null }],
    // Parameters have types, `destroy` has a required one, and no method has a return type: children
    // written for any version, with types or without, then compile under this parent.
    methods: &[
        method!("public function close()", succeed),
        method!("public function destroy(string $id)", destroy),
        method!("public function gc(int $max_lifetime)", gc),
        method!("public function open(string $path, string $name)", succeed),
        method!("public function read(string $id)", read),
        method!("public function start()", start),
        method!("public function updateTimestamp(string $id, string $data)", write),
        method!("public function validateId(string $id)", has),
        method!("public function write(string $id, string $data)", write),
    ],
    native: false,
};

/// Registers the adapter and starts the session, as Phalcon's page on its add-on adapters does.
fn start(call: &mut Call<'_>) -> Result<(), Thrown> {
    let started = classic::start_over(call)?;
    call.result().set_bool(started);
    Ok(())
}

/// Nothing to do.
pub(in crate::php) fn succeed(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.result().set_bool(true);
    Ok(())
}

/// The storage expires by itself; like Phalcon 5.14 this counts nothing and answers 1.
pub(super) fn gc(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.long(0, 0)?;
    call.result().set_long(1);
    Ok(())
}

pub(super) fn read(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    let found = call.call_property_method(ADAPTER, "get", &mut [engine::string(id)])?;
    match found.zend_str() {
        Some(data) => call.return_bytes(data.as_bytes()),
        None => call.return_bytes(b""),
    }
    Ok(())
}

pub(super) fn write(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id, data] = call.strings()?;
    let done = call.call_property_method(ADAPTER, "set", &mut [engine::string(id), engine::string(data)])?;
    call.result().set_bool(done.coerce_to_bool());
    Ok(())
}

pub(super) fn has(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    let found = call.call_property_method(ADAPTER, "has", &mut [engine::string(id)])?;
    call.result().set_bool(found.coerce_to_bool());
    Ok(())
}

/// A record that is not there is destroyed already.
pub(super) fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    let exists =
        !id.is_empty() && call.call_property_method(ADAPTER, "has", &mut [engine::string(id)])?.coerce_to_bool();
    let done = !exists || call.call_property_method(ADAPTER, "delete", &mut [engine::string(id)])?.coerce_to_bool();
    call.result().set_bool(done);
    Ok(())
}
