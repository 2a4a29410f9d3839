//! `Phalcon\Storage\Adapter\AdapterInterface` and `AbstractAdapter`: what all storage adapters share.
//!
//! Children of any of Phalcon's versions work: those that override `get()`, `set()` and so on, as in
//! 4 and early 5, and those that fill in `doGet()`, `doSet()` and so on, as from 5.8 on. So the public
//! methods go through the protected ones, everything goes through the object, and nothing has a
//! return type, under which children without one would not compile.

use crate::php::engine::{self, Call, Class, Initial, Interface, Property, Thrown, method};
use crate::php::exceptions;
use crate::php::storage::serializer::factory::SERIALIZER_FACTORY;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The positions of the properties, in the order of their declaration.
pub(super) const ADAPTER: usize = 0;
const DEFAULT_SERIALIZER: usize = 1;
const LIFETIME: usize = 2;
pub(super) const OPTIONS: usize = 3;
pub(super) const PREFIX: usize = 4;
pub(super) const SERIALIZER: usize = 5;
const SERIALIZER_FACTORY_OBJECT: usize = 6;
const STRIP_PREFIX: usize = 7;
/// Where a child's own properties begin.
pub(super) const OWN: usize = 8;

/// The longest time that stands for "for ever" where a child cannot say that.
const FOREVER: i64 = 10 * 365 * 86_400;

/// The contract: what Phalcon 4 and 5 have in common.
pub(in crate::php) static INTERFACE: Class = Class {
    name: "Phalcon\\Storage\\Adapter\\AdapterInterface",
    flags: ClassFlags::Interface,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("abstract public function clear()"),
        method!("abstract public function decrement(string $key, int $value = 1)"),
        method!("abstract public function delete(string $key)"),
        method!("abstract public function get(string $key, $defaultValue = null)"),
        method!("abstract public function getAdapter()"),
        method!("abstract public function getKeys(string $prefix = '')"),
        method!("abstract public function getPrefix()"),
        method!("abstract public function has(string $key)"),
        method!("abstract public function increment(string $key, int $value = 1)"),
        method!("abstract public function set(string $key, $value, $ttl = null)"),
    ],
    native: false,
};

/// The base class.
pub(in crate::php) static ABSTRACT: Class = Class {
    name: "Phalcon\\Storage\\Adapter\\AbstractAdapter",
    flags: ClassFlags::Abstract,
    parent: None,
    interfaces: &[Interface::Ours(INTERFACE.name)],
    constants: &[],
    properties: &[
        Property { name: "adapter", private: false, initial: Initial::Null },
        Property { name: "defaultSerializer", private: false, initial: Initial::Text("php") },
        Property { name: "lifetime", private: false, initial: Initial::Int(3600) },
        Property { name: "options", private: false, initial: Initial::EmptyArray },
        Property { name: "prefix", private: false, initial: Initial::Text("ph-memo-") },
        Property { name: "serializer", private: false, initial: Initial::Null },
        Property { name: "serializerFactory", private: false, initial: Initial::Null },
        Property { name: "stripPrefix", private: false, initial: Initial::Bool(true) },
    ],
    methods: &[
        method!(
            "protected function __construct(Phalcon\\Storage\\SerializerFactory $factory, array $options = [])",
            construct,
            sensitive[1]
        ),
        method!("abstract public function clear()"),
        method!("abstract public function getKeys(string $prefix = '')"),
        method!("public function decrement(string $key, int $value = 1)", |call| count(call, "dodecrement")),
        method!("public function delete(string $key)", |call| pass_key(call, "dodelete")),
        method!("public function deleteMultiple(array $keys)", delete_multiple),
        method!("public function get(string $key, $defaultValue = null)", get),
        method!("public function getAdapter()", |call| copy_of(call, ADAPTER)),
        method!("public function getDefaultSerializer()", |call| copy_of(call, DEFAULT_SERIALIZER)),
        method!("public function getLifetime()", |call| copy_of(call, LIFETIME)),
        method!("public function getPrefix()", |call| copy_of(call, PREFIX)),
        method!("public function getSerializer()", get_serializer),
        method!("public function has(string $key)", |call| pass_key(call, "dohas")),
        method!("public function increment(string $key, int $value = 1)", |call| count(call, "doincrement")),
        method!("public function set(string $key, $value, $ttl = null)", set),
        method!("public function setDefaultSerializer(string $serializer)", set_default_serializer),
        method!("public function setForever(string $key, $value)", set_forever),
        method!("protected function doDecrement(string $key, int $value = 1)", |call| missing(call, "decrement")),
        method!("protected function doDelete(string $key)", |call| missing(call, "delete")),
        method!("protected function doDeleteMultiple(array $keys)", do_delete_multiple),
        method!("protected function doGet(string $key, $defaultValue = null)", do_get),
        method!("protected function doGetData(string $key)", do_get_data),
        method!("protected function doHas(string $key)", |call| missing(call, "has")),
        method!("protected function doIncrement(string $key, int $value = 1)", |call| missing(call, "increment")),
        method!("protected function doSet(string $key, $value, $ttl = null)", |call| missing(call, "set")),
        method!(
            "protected function getArrVal(array $collection, $index, $defaultValue = null, $cast = null)",
            get_array_value
        ),
        method!("protected function getFilteredKeys($keys, string $prefix)", get_filtered_keys),
        method!("protected function getKeyWithoutPrefix(string $key)", get_key_without_prefix),
        method!("protected function getPrefixedKey($key)", get_prefixed_key),
        method!("protected function getSerializedData($content)", get_serialized_data),
        method!("protected function getTtl($ttl)", get_ttl),
        method!("protected function getUnserializedData($content, $defaultValue = null)", get_unserialized_data),
        method!("protected function initSerializer()", init_serializer),
    ],
    native: false,
};

/// The options of every adapter; the others stay in `$this->options` for those who know them.
pub(super) fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    if let Some(factory) = call.value(0).filter(|factory| !factory.is_null()) {
        if !engine::is_a(factory, SERIALIZER_FACTORY.name) {
            return Err(call.wrong_type(0, SERIALIZER_FACTORY.name));
        }
        let factory = factory.shallow_clone();
        call.set_property(SERIALIZER_FACTORY_OBJECT, factory)?;
    }
    let Some(options) = call.value(1).map(Zval::shallow_clone) else { return Ok(()) };
    if !options.is_array() {
        return Err(call.wrong_type(1, "array"));
    }
    let said = |name: &str| engine::arrays::entry(&options, name.as_bytes()).filter(|value| !value.is_null());
    if let Some(name) = said("defaultSerializer") {
        note_default_serializer(call, &text_option("defaultSerializer", name)?)?;
    }
    if let Some(lifetime) = said("lifetime") {
        let lifetime = seconds_option("lifetime", lifetime)?;
        call.set_property(LIFETIME, lifetime)?;
    }
    if let Some(prefix) = said("prefix") {
        let prefix = engine::string(&text_option("prefix", prefix)?);
        call.set_property(PREFIX, prefix)?;
    }
    if let Some(serializer) = said("serializer") {
        if !engine::has_method(serializer, "unserialize") {
            let message =
                "option \"serializer\" must be an object of Phalcon\\Storage\\Serializer\\SerializerInterface";
            return Err(engine::throw(exceptions::INVALID_CONFIGURATION.name, message));
        }
        call.set_property(SERIALIZER, serializer.shallow_clone())?;
    }
    if let Some(strip) = said("stripPrefix") {
        let mut flag = Zval::new();
        flag.set_bool(strip.coerce_to_bool());
        call.set_property(STRIP_PREFIX, flag)?;
    }
    call.set_property(OPTIONS, options)
}

/// The value of an option that is text.
pub(super) fn text_option(name: &str, value: &Zval) -> Result<Vec<u8>, Thrown> {
    match value.zend_str() {
        Some(text) => Ok(text.as_bytes().to_vec()),
        None if value.is_long() => Ok(value.long().unwrap_or_default().to_string().into_bytes()),
        None => Err(wrong_option(name, "a string", value)),
    }
}

fn seconds_option(name: &str, value: &Zval) -> Result<Zval, Thrown> {
    let seconds = match value.zend_str() {
        Some(text) => std::str::from_utf8(text.as_bytes()).ok().and_then(|text| text.trim().parse().ok()),
        None => {
            value.long().or_else(|| value.double().filter(|seconds| seconds.abs() < 1e15).map(|seconds| seconds as i64))
        }
    };
    let Some(seconds) = seconds.filter(|seconds: &i64| *seconds >= 0) else {
        return Err(wrong_option(name, "a number of seconds, 0 or more", value));
    };
    let mut number = Zval::new();
    number.set_long(seconds);
    Ok(number)
}

fn wrong_option(name: &str, expected: &str, value: &Zval) -> Thrown {
    let given = crate::php::convert::type_name(value);
    let message = format!("option \"{name}\" must be {expected}, {given} given");
    engine::throw(exceptions::INVALID_CONFIGURATION.name, &message)
}

fn copy_of(call: &mut Call<'_>, property: usize) -> Result<(), Thrown> {
    let value = call.property(property)?.shallow_clone();
    *call.result() = value;
    Ok(())
}

/// The first argument, made a string as PHP makes it for its own functions.
fn key(call: &mut Call<'_>) -> Result<Zval, Thrown> {
    call.strings::<1>()?;
    Ok(call.value(0).map_or_else(Zval::null, Zval::shallow_clone))
}

fn argument(call: &Call<'_>, index: usize) -> Zval {
    call.value(index).map_or_else(Zval::null, Zval::shallow_clone)
}

/// Passes the call on to another method of the object, whose result is this one's.
fn pass(call: &mut Call<'_>, name: &'static str, arguments: &mut [Zval]) -> Result<(), Thrown> {
    let result = call.call_own_method(name, arguments)?;
    *call.result() = result;
    Ok(())
}

fn pass_key(call: &mut Call<'_>, name: &'static str) -> Result<(), Thrown> {
    let key = key(call)?;
    pass(call, name, &mut [key])
}

fn count(call: &mut Call<'_>, name: &'static str) -> Result<(), Thrown> {
    let key = key(call)?;
    let mut step = Zval::new();
    step.set_long(call.long(1, 1)?);
    pass(call, name, &mut [key, step])
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    let key = key(call)?;
    let default = argument(call, 1);
    pass(call, "doget", &mut [key, default])
}

fn set(call: &mut Call<'_>) -> Result<(), Thrown> {
    let key = key(call)?;
    let (value, ttl) = (argument(call, 1), argument(call, 2));
    pass(call, "doset", &mut [key, value, ttl])
}

fn set_forever(call: &mut Call<'_>) -> Result<(), Thrown> {
    let key = key(call)?;
    let mut ttl = Zval::new();
    ttl.set_long(FOREVER);
    let value = argument(call, 1);
    pass(call, "set", &mut [key, value, ttl])
}

/// The keys, an array.
fn keys_argument(call: &Call<'_>) -> Result<Zval, Thrown> {
    let keys = argument(call, 0);
    if keys.is_array() { Ok(keys) } else { Err(call.wrong_type(0, "array")) }
}

fn delete_multiple(call: &mut Call<'_>) -> Result<(), Thrown> {
    let keys = keys_argument(call)?;
    pass(call, "dodeletemultiple", &mut [keys])
}

/// True if each of them was there.
pub(super) fn do_delete_multiple(call: &mut Call<'_>) -> Result<(), Thrown> {
    let keys = keys_argument(call)?;
    let mut all = true;
    for key in keys.array().into_iter().flat_map(|keys| keys.values()) {
        let key = engine::to_string(key)?;
        all &= call.call_own_method("delete", &mut [key])?.coerce_to_bool();
    }
    call.result().set_bool(all);
    Ok(())
}

/// For children over a storage object with `get()`, as Phalcon's own are.
fn do_get(call: &mut Call<'_>) -> Result<(), Thrown> {
    let key = key(call)?;
    let default = argument(call, 1);
    if !call.call_own_method("has", &mut [key.shallow_clone()])?.coerce_to_bool() {
        *call.result() = default;
        return Ok(());
    }
    let content = call.call_own_method("dogetdata", &mut [key])?;
    pass(call, "getunserializeddata", &mut [content, default])
}

fn do_get_data(call: &mut Call<'_>) -> Result<(), Thrown> {
    let key = key(call)?;
    let adapter = call.call_own_method("getadapter", &mut [])?;
    if !adapter.is_object() {
        return missing(call, "get");
    }
    let content = engine::call_method(&adapter, "get", &mut [key])?;
    *call.result() = content;
    Ok(())
}

fn missing(call: &mut Call<'_>, name: &str) -> Result<(), Thrown> {
    let class = call.class_name();
    let (first, rest) = name.split_at(1);
    let message = format!("{class} has neither {name}() nor do{}{rest}() of its own", first.to_ascii_uppercase());
    Err(engine::throw(exceptions::STORAGE.name, &message))
}

fn get_array_value(call: &mut Call<'_>) -> Result<(), Thrown> {
    let collection = keys_argument(call)?;
    let index = engine::to_string(&argument(call, 1))?;
    let index = index.zend_str().map(|index| index.as_bytes()).unwrap_or_default();
    let Some(value) = engine::arrays::entry(&collection, index).filter(|value| !value.is_null()) else {
        *call.result() = argument(call, 2);
        return Ok(());
    };
    let cast = engine::to_string(&argument(call, 3))?;
    let cast = cast.zend_str().map(|cast| cast.as_bytes().to_ascii_lowercase()).unwrap_or_default();
    let function = match cast.as_slice() {
        b"int" | b"integer" => "intval",
        b"float" | b"double" => "floatval",
        b"string" => "strval",
        b"bool" | b"boolean" => "boolval",
        _ => {
            *call.result() = value.shallow_clone();
            return Ok(());
        }
    };
    let value = engine::call_function(function, &mut [value.shallow_clone()])?;
    *call.result() = value;
    Ok(())
}

/// Those of the keys that begin with the adapter's prefix and the given one.
fn get_filtered_keys(call: &mut Call<'_>) -> Result<(), Thrown> {
    let keys = argument(call, 0);
    let mut begin = prefix(call)?;
    let more = engine::to_string(&argument(call, 1))?;
    begin.extend_from_slice(more.zend_str().map(|more| more.as_bytes()).unwrap_or_default());
    let all = keys.array().into_iter().flat_map(|keys| keys.values()).filter_map(|key| key.dereference().zend_str());
    let kept: Vec<&[u8]> = all.map(|key| key.as_bytes()).filter(|key| key.starts_with(&begin)).collect();
    return_keys(call, kept)
}

/// A list of keys as the result.
pub(super) fn return_keys<K: AsRef<[u8]>>(
    call: &mut Call<'_>,
    keys: impl IntoIterator<Item = K>,
) -> Result<(), Thrown> {
    let mut list = Zval::new_array();
    for (index, key) in keys.into_iter().enumerate() {
        engine::set_entry(&mut list, index.to_string().as_bytes(), engine::string(key.as_ref()));
    }
    *call.result() = list;
    Ok(())
}

/// The prefix in force.
pub(super) fn prefix(call: &mut Call<'_>) -> Result<Vec<u8>, Thrown> {
    let prefix = engine::to_string(call.property(PREFIX)?)?;
    Ok(prefix.zend_str().map(|prefix| prefix.as_bytes().to_vec()).unwrap_or_default())
}

/// A key without the prefix that `getKeys()` put before it, unless `stripPrefix` is off.
pub(super) fn bare<'k>(call: &mut Call<'_>, key: &'k [u8]) -> Result<&'k [u8], Thrown> {
    if !call.property(STRIP_PREFIX)?.coerce_to_bool() {
        return Ok(key);
    }
    let prefix = prefix(call)?;
    Ok(key.strip_prefix(prefix.as_slice()).unwrap_or(key))
}

fn get_key_without_prefix(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [key] = call.strings()?;
    let bare = bare(call, key)?;
    call.return_bytes(bare);
    Ok(())
}

fn get_prefixed_key(call: &mut Call<'_>) -> Result<(), Thrown> {
    let key = engine::to_string(&argument(call, 0))?;
    let mut whole = prefix(call)?;
    let bare = bare(call, key.zend_str().map(|key| key.as_bytes()).unwrap_or_default())?;
    whole.extend_from_slice(bare);
    call.return_bytes(&whole);
    Ok(())
}

/// The stored key of a call's first argument, as `getPrefixedKey()` makes it.
pub(super) fn prefixed_key(call: &mut Call<'_>) -> Result<Vec<u8>, Thrown> {
    let key = key(call)?;
    let whole = call.call_own_method("getprefixedkey", &mut [key])?;
    let whole = engine::to_string(&whole)?;
    Ok(whole.zend_str().map(|key| key.as_bytes().to_vec()).unwrap_or_default())
}

/// A `doSet()` that stores for so many seconds, or for ever.
pub(super) fn set_with(
    call: &mut Call<'_>,
    store: fn(&mut Call<'_>, Option<u64>) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    match time_to_live(call)? {
        Some(0) => pass_key(call, "delete"),
        ttl => store(call, ttl),
    }
}

/// How long a value lives, from the third argument: `None` is for ever, 0 not at all.
fn time_to_live(call: &mut Call<'_>) -> Result<Option<u64>, Thrown> {
    let said = argument(call, 2);
    let usual = said.is_null();
    let ttl = call.call_own_method("getttl", &mut [said])?;
    match u64::try_from(engine::to_long(&ttl)).unwrap_or(0) {
        // A lifetime of 0 is Phalcon's "no expiry". A time that was asked for and is over is none.
        0 if usual => Ok(None),
        seconds => Ok(Some(seconds)),
    }
}

fn get_ttl(call: &mut Call<'_>) -> Result<(), Thrown> {
    let ttl = argument(call, 0);
    let seconds = if ttl.is_null() {
        call.property(LIFETIME)?.long().unwrap_or_default()
    } else if engine::is_instance(&ttl, "DateInterval") {
        let start = engine::new_object("DateTime", &mut [engine::string(b"@0")])?;
        let end = engine::call_method(&start, "add", &mut [ttl])?;
        engine::call_method(&end, "getTimestamp", &mut [])?.long().unwrap_or_default()
    } else if ttl.is_object() || ttl.is_array() {
        return Err(call.wrong_type(0, "DateInterval|int|null"));
    } else {
        call.long(0, 0)?
    };
    call.result().set_long(seconds);
    Ok(())
}

fn note_default_serializer(call: &mut Call<'_>, name: &[u8]) -> Result<(), Thrown> {
    call.set_property(DEFAULT_SERIALIZER, engine::string(&name.to_ascii_lowercase()))
}

/// The name of the serializer, in lower case.
pub(super) fn default_serializer(call: &mut Call<'_>) -> Result<String, Thrown> {
    let name = call.property(DEFAULT_SERIALIZER)?;
    Ok(name.zend_str().map(|name| String::from_utf8_lossy(name.as_bytes()).to_ascii_lowercase()).unwrap_or_default())
}

/// From now on values go through the serializer of that name.
fn set_default_serializer(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [name] = call.strings()?;
    note_default_serializer(call, name)?;
    call.set_property(SERIALIZER, Zval::null())
}

/// The serializer, made when it is first needed. None if the name is empty.
fn serializer(call: &mut Call<'_>) -> Result<Option<Zval>, Thrown> {
    // Children of Phalcon 4's time empty the name where their client serializes.
    let name = default_serializer(call)?;
    if name.is_empty() {
        return Ok(None);
    }
    let made = call.property(SERIALIZER)?.shallow_clone();
    if made.is_object() {
        return Ok(Some(made));
    }
    let factory = call.property(SERIALIZER_FACTORY_OBJECT)?.shallow_clone();
    if !factory.is_object() {
        return Err(engine::throw(exceptions::STORAGE.name, "A valid serializer is required"));
    }
    let made = engine::call_method(&factory, "newInstance", &mut [engine::string(name.as_bytes())])?;
    call.set_property(SERIALIZER, made.shallow_clone())?;
    Ok(Some(made))
}

pub(super) fn init_serializer(call: &mut Call<'_>) -> Result<(), Thrown> {
    serializer(call).map(drop)
}

fn get_serializer(call: &mut Call<'_>) -> Result<(), Thrown> {
    let serializer = serializer(call)?.unwrap_or_else(Zval::null);
    *call.result() = serializer;
    Ok(())
}

fn get_serialized_data(call: &mut Call<'_>) -> Result<(), Thrown> {
    let content = argument(call, 0);
    *call.result() = match serializer(call)? {
        None => content,
        Some(serializer) => {
            engine::call_method(&serializer, "setData", &mut [content])?;
            engine::call_method(&serializer, "serialize", &mut [])?
        }
    };
    Ok(())
}

/// What is stored for a value, as `getSerializedData()` makes it.
pub(super) fn serialized(call: &mut Call<'_>, value: Zval) -> Result<Zval, Thrown> {
    call.call_own_method("getserializeddata", &mut [value])
}

/// The value in what was stored, or the default for what cannot be read. False and null are what
/// clients answer for a missing key, in children as Phalcon 4's.
fn get_unserialized_data(call: &mut Call<'_>) -> Result<(), Thrown> {
    let content = argument(call, 0);
    let default = argument(call, 1);
    if content.is_null() || content.is_false() {
        *call.result() = default;
        return Ok(());
    }
    *call.result() = match serializer(call)? {
        None => content,
        Some(serializer) => match engine::call_method(&serializer, "unserialize", &mut [content]) {
            Err(Thrown) if engine::catch(exceptions::INVALID_UNSERIALIZATION_INPUT.name).is_some() => default,
            Err(thrown) => return Err(thrown),
            Ok(_) => {
                // Serializers of Phalcon 4's time do not say.
                let failed = engine::has_method(&serializer, "isSuccess")
                    && !engine::call_method(&serializer, "isSuccess", &mut [])?.coerce_to_bool();
                if failed { default } else { engine::call_method(&serializer, "getData", &mut [])? }
            }
        },
    };
    Ok(())
}

/// The result of a `doGet($key, $defaultValue)` that found `content`, or nothing.
pub(super) fn answer(call: &mut Call<'_>, content: Option<Zval>) -> Result<(), Thrown> {
    let default = argument(call, 1);
    match content {
        None => *call.result() = default,
        // Kept as they are by every serializer, and here they do not mean that the key is missing.
        Some(plain) if plain.is_null() || plain.bool().is_some() => *call.result() = plain,
        Some(content) => return pass(call, "getunserializeddata", &mut [content, default]),
    }
    Ok(())
}

/// The result of counting: the sum, or false.
pub(super) fn return_count(call: &mut Call<'_>, sum: Option<i64>) {
    match sum {
        Some(sum) => call.result().set_long(sum),
        None => call.result().set_bool(false),
    }
}
