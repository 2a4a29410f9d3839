//! Phalcon's serializers: the contract, the base class, and in [`formats`] the formats.
//!
//! A serializer is given a value with `setData()` and hands it out with `serialize()`; the other way
//! it takes what was stored with `unserialize()` and hands out the value with `getData()`.
//!
//! As in Phalcon 5, null, booleans and numbers (numeric strings too) are not serialized but stored as
//! they are, so that a stored number can be counted up. Phalcon 4 left the empty string and the empty
//! array alone as well, which both came back as null; here they are serialized.

pub(in crate::php) mod factory;
pub(in crate::php) mod formats;

use crate::php::engine::{self, Call, Class, Initial, Interface, Property, Thrown, method};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The positions of the base class's properties.
pub(super) const DATA: usize = 0;
const SUCCESS: usize = 1;

/// The contract. Phalcon 4's extends `Serializable`, which PHP has declared obsolete since.
pub(in crate::php) static INTERFACE: Class = Class {
    name: "Phalcon\\Storage\\Serializer\\SerializerInterface",
    flags: ClassFlags::Interface,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("abstract public function getData()"),
        method!("abstract public function serialize()"),
        method!("abstract public function setData($data)"),
        method!("abstract public function unserialize($data)"),
    ],
    native: false,
};

/// The base class.
pub(in crate::php) static ABSTRACT: Class = Class {
    name: "Phalcon\\Storage\\Serializer\\AbstractSerializer",
    flags: ClassFlags::Abstract,
    parent: None,
    interfaces: &[Interface::Ours(INTERFACE.name)],
    constants: &[],
    properties: &[
        Property { name: "data", private: false, initial: Initial::Null },
        Property { name: "isSuccess", private: false, initial: Initial::Bool(true) },
    ],
    methods: &[
        method!("public function __construct($data = null)", construct),
        method!("public function __serialize()", to_array),
        method!("public function __unserialize(array $data)", set_data),
        method!("public function getData()", get_data),
        method!("public function isSuccess()", is_success),
        method!("public function setData($data)", set_data),
        method!("protected function isSerializable($data)", is_serializable),
    ],
    native: false,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    if call.count() == 0 { Ok(()) } else { set_data(call) }
}

fn set_data(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = call.value(0).map_or_else(Zval::null, Zval::shallow_clone);
    call.set_property(DATA, data)
}

fn get_data(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = call.property(DATA)?.shallow_clone();
    *call.result() = data;
    Ok(())
}

fn to_array(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = call.property(DATA)?;
    *call.result() = if data.is_array() { data.shallow_clone() } else { Zval::new_array() };
    Ok(())
}

fn is_success(call: &mut Call<'_>) -> Result<(), Thrown> {
    let success = call.property(SUCCESS)?.coerce_to_bool();
    call.result().set_bool(success);
    Ok(())
}

fn is_serializable(call: &mut Call<'_>) -> Result<(), Thrown> {
    let kept = match call.value(0) {
        None => true,
        Some(data) => data.is_null() || data.bool().is_some() || is_numeric(data)?,
    };
    call.result().set_bool(!kept);
    Ok(())
}

/// PHP's `is_numeric()`.
fn is_numeric(data: &Zval) -> Result<bool, Thrown> {
    if data.is_long() || data.is_double() {
        return Ok(true);
    }
    // Most strings are told apart by their first byte, without a call.
    let begins_so = |byte: &u8| byte.is_ascii_digit() || b"+-. \t\n\r\x0b\x0c".contains(byte);
    if !data.zend_str().is_some_and(|text| text.as_bytes().first().is_some_and(begins_so)) {
        return Ok(false);
    }
    Ok(engine::call_function("is_numeric", &mut [data.shallow_clone()])?.coerce_to_bool())
}

/// Whether a value is serialized at all: `isSerializable()`, as it may have been overridden.
pub(super) fn asks_serializable(call: &mut Call<'_>, data: &Zval) -> Result<bool, Thrown> {
    Ok(call.call_own_method("isserializable", &mut [data.shallow_clone()])?.coerce_to_bool())
}

/// Notes what `unserialize()` came to.
pub(super) fn conclude(call: &mut Call<'_>, success: bool, data: Zval) -> Result<(), Thrown> {
    let mut flag = Zval::new();
    flag.set_bool(success);
    call.set_property(SUCCESS, flag)?;
    call.set_property(DATA, data)
}
