//! The formats, each a class over PHP's own functions, and the names that stand for a client's own
//! serializer.

use super::{ABSTRACT, DATA, asks_serializable, conclude};
use crate::php::engine::{self, Call, Class, Parent, Thrown, method};
use crate::php::exceptions;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

const fn class(name: &'static str, parent: &'static str, methods: &'static [engine::Method]) -> Class {
    Class {
        name,
        flags: ClassFlags::empty(),
        parent: Some(Parent::Ours(parent)),
        interfaces: &[],
        constants: &[],
        properties: &[],
        methods,
        native: false,
    }
}

/// `serialize()`.
pub(in crate::php) static PHP: Class = class(
    "Phalcon\\Storage\\Serializer\\Php",
    ABSTRACT.name,
    &[
        method!("public function serialize()", |call| pack(call, &Format::PHP)),
        method!("public function unserialize($data)", |call| unpack(call, &Format::PHP)),
    ],
);

/// `igbinary_serialize()`.
pub(in crate::php) static IGBINARY: Class = class(
    "Phalcon\\Storage\\Serializer\\Igbinary",
    ABSTRACT.name,
    &[
        method!("public function __construct($data = null)", |call| construct(call, &Format::IGBINARY)),
        method!("public function serialize()", |call| pack(call, &Format::IGBINARY)),
        method!("public function unserialize($data)", |call| unpack(call, &Format::IGBINARY)),
    ],
);

/// `msgpack_pack()`.
pub(in crate::php) static MSGPACK: Class = class(
    "Phalcon\\Storage\\Serializer\\Msgpack",
    ABSTRACT.name,
    &[
        method!("public function __construct($data = null)", |call| construct(call, &Format::MSGPACK)),
        method!("public function serialize()", |call| pack(call, &Format::MSGPACK)),
        method!("public function unserialize($data)", |call| unpack(call, &Format::MSGPACK)),
    ],
);

/// `json_encode()`.
pub(in crate::php) static JSON: Class = class(
    "Phalcon\\Storage\\Serializer\\Json",
    ABSTRACT.name,
    &[method!("public function serialize()", json_encode), method!("public function unserialize($data)", json_decode)],
);

/// `base64_encode()`, for strings alone.
pub(in crate::php) static BASE64: Class = class(
    "Phalcon\\Storage\\Serializer\\Base64",
    ABSTRACT.name,
    &[
        method!("public function serialize()", base64_encode),
        method!("public function unserialize($data)", base64_decode),
    ],
);

/// The value as it is.
pub(in crate::php) static NONE: Class = class(
    "Phalcon\\Storage\\Serializer\\None",
    ABSTRACT.name,
    &[
        method!("public function serialize()", keep),
        method!("public function unserialize($data)", |call| {
            let data = argument(call);
            conclude(call, true, data)
        }),
    ],
);

// Phalcon 5's names for "the client serializes": nothing is left to do here.
pub(in crate::php) static MEMCACHED_IGBINARY: Class =
    class("Phalcon\\Storage\\Serializer\\MemcachedIgbinary", NONE.name, &[]);
pub(in crate::php) static MEMCACHED_JSON: Class = class("Phalcon\\Storage\\Serializer\\MemcachedJson", NONE.name, &[]);
pub(in crate::php) static MEMCACHED_PHP: Class = class("Phalcon\\Storage\\Serializer\\MemcachedPhp", NONE.name, &[]);
pub(in crate::php) static REDIS_IGBINARY: Class = class("Phalcon\\Storage\\Serializer\\RedisIgbinary", NONE.name, &[]);
pub(in crate::php) static REDIS_JSON: Class = class("Phalcon\\Storage\\Serializer\\RedisJson", NONE.name, &[]);
pub(in crate::php) static REDIS_MSGPACK: Class = class("Phalcon\\Storage\\Serializer\\RedisMsgpack", NONE.name, &[]);
pub(in crate::php) static REDIS_NONE: Class = class("Phalcon\\Storage\\Serializer\\RedisNone", NONE.name, &[]);
pub(in crate::php) static REDIS_PHP: Class = class("Phalcon\\Storage\\Serializer\\RedisPhp", NONE.name, &[]);

/// The pair of PHP functions that write and read a format.
pub(in crate::php::storage) struct Format {
    write: &'static str,
    read: &'static str,
}

impl Format {
    pub(in crate::php::storage) const PHP: Self = Self { write: "serialize", read: "unserialize" };
    pub(in crate::php::storage) const JSON: Self = Self { write: "json_encode", read: "json_decode" };
    pub(in crate::php::storage) const IGBINARY: Self =
        Self { write: "igbinary_serialize", read: "igbinary_unserialize" };
    pub(in crate::php::storage) const MSGPACK: Self = Self { write: "msgpack_pack", read: "msgpack_unpack" };

    /// The format that a serializer writes, if it is one of ours.
    pub(in crate::php::storage) fn of(serializer: &Zval) -> Option<&'static Self> {
        static FORMATS: [(&Class, Format); 4] =
            [(&PHP, Format::PHP), (&JSON, Format::JSON), (&IGBINARY, Format::IGBINARY), (&MSGPACK, Format::MSGPACK)];
        FORMATS.iter().find(|(class, _)| engine::is_a(serializer, class.name)).map(|(_, format)| format)
    }

    /// What the format writes for the value.
    pub(in crate::php::storage) fn write(&self, value: Zval) -> Result<Zval, Thrown> {
        available(self.write)?;
        engine::call_function(self.write, &mut [value])
    }

    /// The value in what was stored. None if that cannot be read.
    pub(in crate::php::storage) fn read(&self, stored: &Zval) -> Result<Option<Zval>, Thrown> {
        let bytes = stored.zend_str().map(|text| text.as_bytes()).unwrap_or_default();
        // Phalcon 4 stored the empty string as it is; no format writes nothing.
        if bytes.is_empty() {
            return Ok(Some(engine::string(b"")));
        }
        available(self.read)?;
        let mut arrays = Zval::new();
        arrays.set_bool(true);
        let mut arguments = [stored.shallow_clone(), arrays];
        // json_decode() is told to make arrays, as phpredis does; the others take the bytes alone.
        let count = if self.read == "json_decode" { 2 } else { 1 };
        let value = engine::hushed(|| engine::call_function(self.read, &mut arguments[..count]))?;
        if !value.is_false() && !value.is_null() {
            return Ok(Some(value));
        }
        // That is how the functions fail, and it may be what was stored.
        let same = self.write(value.shallow_clone())?.zend_str().is_some_and(|text| text.as_bytes() == bytes);
        Ok(same.then_some(value))
    }
}

/// Whether PHP has the function; a format's own extension may not be loaded.
fn available(function: &str) -> Result<(), Thrown> {
    if engine::function_exists(function) {
        return Ok(());
    }
    let message = match function.split_once('_') {
        Some((extension @ ("igbinary" | "msgpack"), _)) => {
            format!("The serializer {extension} needs the PHP extension {extension}, which is not loaded")
        }
        _ => format!("The serializer needs PHP's function {function}(), which is disabled (disable_functions)"),
    };
    Err(engine::throw(exceptions::STORAGE.name, &message))
}

fn argument(call: &Call<'_>) -> Zval {
    call.value(0).map_or_else(Zval::null, Zval::shallow_clone)
}

fn keep(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = call.property(DATA)?.shallow_clone();
    *call.result() = data;
    Ok(())
}

fn construct(call: &mut Call<'_>, format: &Format) -> Result<(), Thrown> {
    available(format.write)?;
    super::construct(call)
}

fn pack(call: &mut Call<'_>, format: &Format) -> Result<(), Thrown> {
    let data = call.property(DATA)?.shallow_clone();
    let written = if asks_serializable(call, &data)? { format.write(data)? } else { data };
    *call.result() = written;
    Ok(())
}

fn unpack(call: &mut Call<'_>, format: &Format) -> Result<(), Thrown> {
    let data = argument(call);
    if !asks_serializable(call, &data)? {
        return conclude(call, true, data);
    }
    if !data.is_string() {
        return Err(not_readable("Data for the unserializer must of type string"));
    }
    match format.read(&data)? {
        Some(value) => conclude(call, true, value),
        None => conclude(call, false, Zval::null()),
    }
}

fn not_writable(message: &str) -> Thrown {
    engine::throw(exceptions::INVALID_SERIALIZATION_INPUT.name, message)
}

fn not_readable(message: &str) -> Thrown {
    engine::throw(exceptions::INVALID_UNSERIALIZATION_INPUT.name, message)
}

/// Objects say themselves what is in them, or are refused: a class would be lost without a word.
fn json_encode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = call.property(DATA)?.shallow_clone();
    if data.is_object() && !engine::is_instance(&data, "JsonSerializable") {
        return Err(not_writable(
            "Data for the JSON serializer cannot be of type 'object' without implementing 'JsonSerializable'",
        ));
    }
    // A numeric string as it is would come back as a number, or, like "007", not at all.
    if !data.is_string() && !asks_serializable(call, &data)? {
        *call.result() = data;
        return Ok(());
    }
    let written = Format::JSON.write(data)?;
    if written.is_false() {
        return Err(not_writable(&json_error("json_encode")?));
    }
    *call.result() = written;
    Ok(())
}

fn json_decode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = argument(call);
    if !data.is_string() {
        return conclude(call, true, data);
    }
    let value = engine::call_function("json_decode", &mut [data])?;
    // Null is also what "null" means.
    if value.is_null() && engine::call_function("json_last_error", &mut [])?.long() != Some(0) {
        let message = json_error("json_decode")?;
        conclude(call, false, Zval::null())?;
        return Err(not_readable(&message));
    }
    conclude(call, true, value)
}

fn json_error(function: &str) -> Result<String, Thrown> {
    let reason = engine::call_function("json_last_error_msg", &mut [])?;
    let reason = reason.zend_str().map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned());
    Ok(format!("{function} error: {}", reason.unwrap_or_default()))
}

fn base64_encode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = call.property(DATA)?.shallow_clone();
    if !data.is_string() {
        return Err(not_writable("Data for the serializer must of type string"));
    }
    let written = engine::call_function("base64_encode", &mut [data])?;
    *call.result() = written;
    Ok(())
}

fn base64_decode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = argument(call);
    if !data.is_string() {
        return Err(not_readable("Data for the unserializer must of type string"));
    }
    let mut strict = Zval::new();
    strict.set_bool(true);
    let value = engine::call_function("base64_decode", &mut [data, strict])?;
    let success = value.is_string();
    conclude(call, success, if success { value } else { engine::string(b"") })
}
