//! `Phalcon\Collection`: an array as an object, whose names may come in any case.
//!
//! Behaviour follows Phalcon 4.1 (a stored null is there, `serialize()` is that of the array, an
//! iterator of PHP's), with what 5.13 added, and 5.15's cure for names that differ in case alone: the
//! latest replaces the others. No method declares a return type, so that children written for any
//! version compile, whether they declare theirs or none.

mod encoding;
mod entries;
mod names;

use super::bag;
use super::engine::arrays::{Key, append, each, entry, put};
use super::engine::{self, Call, Class, Initial, Interface, Parent, Property, Thrown, method};
use encoding::{json_serialize, magic_serialize, magic_unserialize, serialize, to_json, unserialize};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The contract.
pub(super) static INTERFACE: Class = Class {
    name: "Phalcon\\Collection\\CollectionInterface",
    flags: ClassFlags::Interface,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("abstract public function __get(string $element)"),
        method!("abstract public function __isset(string $element)"),
        method!("abstract public function __set(string $element, $value)"),
        method!("abstract public function __unset(string $element)"),
        method!("abstract public function clear()"),
        method!("abstract public function get(string $element, $defaultValue = null, ?string $cast = null)"),
        method!("abstract public function getKeys(bool $insensitive = true)"),
        method!("abstract public function getValues()"),
        method!("abstract public function has(string $element)"),
        method!("abstract public function init(array $data = [])"),
        method!("abstract public function remove(string $element)"),
        method!("abstract public function set(string $element, $value)"),
        method!("abstract public function toArray()"),
        method!("abstract public function toJson(int $options = 79)"),
    ],
    native: false,
};

const fn exception(name: &'static str, parent: &'static str) -> Class {
    Class {
        name,
        flags: ClassFlags::empty(),
        parent: Some(Parent::Ours(parent)),
        interfaces: &[],
        constants: &[],
        properties: &[],
        methods: &[],
        native: false,
    }
}

/// What collections throw.
pub(super) static EXCEPTION: Class = exception("Phalcon\\Collection\\Exception", "Phalcon\\Exception");
/// A value that the collection's type does not allow.
pub(super) static INVALID_TYPE: Class =
    exception("Phalcon\\Support\\Collection\\Exceptions\\InvalidValueType", "Phalcon\\Collection\\Exception");

/// The positions of the properties below, in the order of their declaration.
const DATA: usize = 0;
const INSENSITIVE: usize = 1;
const LOWER_KEYS: usize = 2;
const STRICT_NULL: usize = 3;
const TYPE: usize = 4;
/// How many there are: a child's own come behind them.
pub(super) const PROPERTIES: usize = 5;

/// The collection.
pub(super) static COLLECTION: Class = Class {
    name: "Phalcon\\Collection",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: &[
        Interface::Ours("Phalcon\\Collection\\CollectionInterface"),
        Interface::Php("ArrayAccess"),
        Interface::Php("Countable"),
        Interface::Php("IteratorAggregate"),
        Interface::Php("JsonSerializable"),
    ],
    constants: &[],
    // Without types: children may declare them again, as those of Phalcon 4 do.
    properties: &[
        Property { name: "data", private: false, initial: Initial::EmptyArray },
        Property { name: "insensitive", private: false, initial: Initial::Bool(true) },
        Property { name: "lowerKeys", private: false, initial: Initial::EmptyArray },
        Property { name: "strictNull", private: false, initial: Initial::Bool(true) },
        Property { name: "type", private: false, initial: Initial::Null },
    ],
    methods: &[
        method!(
            "public function __construct(array $data = [], bool $insensitive = true, bool $strictNull = true, ?string $type = null)",
            construct
        ),
        method!("public function __get(string $element)", magic_get),
        method!("public function __isset(string $element)", magic_isset),
        method!("public function __serialize(): array", magic_serialize),
        method!("public function __set(string $element, $value)", magic_set),
        method!("public function __unserialize(array $data): void", magic_unserialize),
        method!("public function __unset(string $element)", magic_unset),
        method!("public function clear()", clear),
        method!("public function column(string $propertyOrMethod)", column),
        method!("public function count()", count),
        method!("public function each(callable $callback)", for_each),
        method!("public function filter(callable $callback)", filter),
        method!("public function first()", first),
        method!("public function get(string $element, $defaultValue = null, ?string $cast = null)", get),
        method!("public function getIterator()", iterator),
        method!("public function getKeys(bool $insensitive = true)", keys),
        method!("public function getType()", get_type),
        method!("public function getValues()", values),
        method!("public function has(string $element)", has),
        method!("public function init(array $data = [])", init),
        method!("public function isEmpty()", is_empty),
        method!("public function jsonSerialize()", json_serialize),
        method!("public function keys(bool $insensitive = true)", keys),
        method!("public function last()", last),
        method!("public function map(callable $callback)", map),
        method!("public function offsetExists($element)", magic_isset),
        method!("public function offsetGet($element)", magic_get),
        method!("public function offsetSet($element, $value)", magic_set),
        method!("public function offsetUnset($element)", magic_unset),
        method!("public function reduce(callable $callback, $initial = null)", reduce),
        method!("public function remove(string $element)", remove),
        method!("public function replace(array $data)", replace),
        method!("public function serialize()", serialize),
        method!("public function set(string $element, $value)", set),
        method!("public function sort(?callable $callback = null, int $order = SORT_ASC)", sort),
        method!("public function toArray()", to_array),
        method!("public function toJson(int $options = 79)", to_json),
        method!("public function unserialize($serialized)", unserialize),
        method!("public function values()", values),
        method!("public function where(string $propertyOrMethod, $value)", where_equal),
        method!("protected function setData(string $element, $value)", set_data),
    ],
    native: false,
};

fn array_argument(call: &mut Call<'_>, index: usize) -> Result<Zval, Thrown> {
    match call.value(index) {
        None => Ok(Zval::new_array()),
        Some(value) if value.is_array() => Ok(value.shallow_clone()),
        Some(_) => Err(call.wrong_type(index, "array")),
    }
}

fn callable_argument(call: &mut Call<'_>, index: usize) -> Result<Zval, Thrown> {
    match call.value(index) {
        Some(value) if value.is_callable() => Ok(value.shallow_clone()),
        _ => Err(call.wrong_type(index, "callable")),
    }
}

/// A name of an element. Array access passes anything: `$collection[] = $value` has the name "".
fn name<'a>(call: &mut Call<'a>) -> Result<&'a [u8], Thrown> {
    if call.value(0).is_some_and(Zval::is_null) { Ok(b"") } else { call.string(0) }
}

fn boolean(value: bool) -> Zval {
    let mut zval = Zval::new();
    zval.set_bool(value);
    zval
}

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = array_argument(call, 0)?;
    let insensitive = call.switch(1, true)?;
    let strict_null = call.switch(2, true)?;
    let kind = match call.value(3) {
        Some(kind) if !kind.is_null() => engine::string(call.string(3)?),
        _ => Zval::null(),
    };
    // What is not given stays as the class declares it: a child may declare it otherwise.
    for (position, property, value) in
        [(1, INSENSITIVE, boolean(insensitive)), (2, STRICT_NULL, boolean(strict_null)), (3, TYPE, kind)]
    {
        if call.value(position).is_some() {
            call.set_property(property, value)?;
        }
    }
    initialize(call, data)
}

/// `$this->init($data)`, as it may have been overridden.
pub(super) fn initialize(call: &mut Call<'_>, data: Zval) -> Result<(), Thrown> {
    if engine::is_native_method(call.this()?, "init") {
        store_all(call, &data, false)
    } else {
        call.call_own_method("init", &mut [data]).map(drop)
    }
}

fn init(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = array_argument(call, 0)?;
    store_all(call, &data, false)
}

fn replace(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = array_argument(call, 0)?;
    store_all(call, &data, true)
}

fn store_all(call: &mut Call<'_>, data: &Zval, clear: bool) -> Result<(), Thrown> {
    if engine::is_native_method(call.this()?, "setdata") {
        each(data, |_, value| allow(call, value))?;
        return entries::store_all(call, data, clear);
    }
    if clear {
        entries::clear(call)?;
    }
    each(data, |key, value| {
        call.call_own_method("setdata", &mut [engine::string(&key.text()), value.shallow_clone()]).map(drop)
    })
}

fn set(call: &mut Call<'_>) -> Result<(), Thrown> {
    if call.hand_over("setdata")?.is_some() { Ok(()) } else { set_data(call) }
}

fn set_data(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = name(call)?;
    let value = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    allow(call, &value)?;
    entries::store(call, name, value)
}

/// Throws if the collection is of a type that the value has not.
fn allow(call: &mut Call<'_>, value: &Zval) -> Result<(), Thrown> {
    let kind = call.property(TYPE)?;
    if kind.is_null() {
        return Ok(());
    }
    // A copy: to look for a class may run PHP code.
    let kind = kind.shallow_clone();
    let Some(kind) = kind.zend_str() else { return Ok(()) };
    let value = value.dereference();
    let allowed = match kind.as_bytes() {
        b"" | b"mixed" => true,
        b"array" => value.is_array(),
        b"bool" | b"boolean" => value.is_bool(),
        b"callable" => value.is_callable(),
        b"float" | b"double" => value.is_double(),
        b"int" | b"integer" => value.is_long(),
        b"null" => value.is_null(),
        b"object" => value.is_object(),
        b"string" => value.is_string(),
        _ => {
            value.is_object() && {
                let arguments = &mut [value.shallow_clone(), engine::string(kind.as_bytes())];
                engine::call_function("is_a", arguments)?.is_true()
            }
        }
    };
    if allowed {
        return Ok(());
    }
    let given = engine::call_function("get_debug_type", &mut [value.shallow_clone()])?;
    let given =
        given.zend_str().map(|given| String::from_utf8_lossy(given.as_bytes()).into_owned()).unwrap_or_default();
    let kind = String::from_utf8_lossy(kind.as_bytes());
    Err(engine::throw(INVALID_TYPE.name, &format!("The collection holds values of the type {kind}, {given} given")))
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = name(call)?;
    let cast = match call.value(2) {
        Some(cast) if !cast.is_null() => call.string(2)?,
        _ => b"",
    };
    let mut value = Zval::null();
    let found =
        entries::find(call, name, &mut value)? && (!value.is_null() || call.property(STRICT_NULL)?.coerce_to_bool());
    if !found {
        value = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    } else if cast.eq_ignore_ascii_case(b"array") && engine::has_method(&value, "toArray") {
        value = engine::call_method(&value, "toArray", &mut [])?;
    } else if !cast.is_empty() {
        let mut arguments = [engine::reference_to(value), engine::string(cast)];
        engine::call_function("settype", &mut arguments)?;
        value = arguments[0].dereference().shallow_clone();
    }
    *call.result() = value;
    Ok(())
}

fn has(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = name(call)?;
    let found = entries::find(call, name, &mut Zval::null())?;
    call.result().set_bool(found);
    Ok(())
}

fn remove(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = name(call)?;
    remove_entry(call, name).map(drop)
}

/// Removes an entry, if it is there; says whether it was.
pub(super) fn remove_entry(call: &mut Call<'_>, name: &[u8]) -> Result<bool, Thrown> {
    entries::remove(call, name)
}

fn magic_get(call: &mut Call<'_>) -> Result<(), Thrown> {
    match call.hand_over("get")? {
        Some(value) => *call.result() = value,
        None => get(call)?,
    }
    Ok(())
}

fn magic_set(call: &mut Call<'_>) -> Result<(), Thrown> {
    if call.hand_over("set")?.is_some() { Ok(()) } else { set(call) }
}

fn magic_isset(call: &mut Call<'_>) -> Result<(), Thrown> {
    match call.hand_over("has")? {
        Some(found) => call.result().set_bool(found.coerce_to_bool()),
        None => has(call)?,
    }
    Ok(())
}

fn magic_unset(call: &mut Call<'_>) -> Result<(), Thrown> {
    if call.hand_over("remove")?.is_some() { Ok(()) } else { remove(call) }
}

fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    entries::clear(call)
}

fn count(call: &mut Call<'_>) -> Result<(), Thrown> {
    let count = entries::count(call)?;
    call.result().set_long(i64::try_from(count).unwrap_or(i64::MAX));
    Ok(())
}

fn is_empty(call: &mut Call<'_>) -> Result<(), Thrown> {
    let empty = entries::count(call)? == 0;
    call.result().set_bool(empty);
    Ok(())
}

fn to_array(call: &mut Call<'_>) -> Result<(), Thrown> {
    *call.result() = entries::all(call)?;
    Ok(())
}

fn iterator(call: &mut Call<'_>) -> Result<(), Thrown> {
    let all = entries::all(call)?;
    *call.result() = engine::new_object("ArrayIterator", &mut [all])?;
    Ok(())
}

fn keys(call: &mut Call<'_>) -> Result<(), Thrown> {
    let lower = call.switch(0, true)? && entries::is_insensitive(call)?;
    let mut keys = Zval::new_array();
    each(&entries::all(call)?, |key, _| {
        let key = match key {
            Key::Name(name) if lower => engine::string(&names::fold(name)),
            key => key.value(),
        };
        append(&mut keys, key);
        Ok(())
    })?;
    *call.result() = keys;
    Ok(())
}

fn values(call: &mut Call<'_>) -> Result<(), Thrown> {
    let mut values = Zval::new_array();
    each(&entries::all(call)?, |_, value| {
        append(&mut values, value.shallow_clone());
        Ok(())
    })?;
    *call.result() = values;
    Ok(())
}

fn first(call: &mut Call<'_>) -> Result<(), Thrown> {
    // `reset()` of a copy; its false for an empty array is told from a stored one.
    end_of(call, "reset")
}

fn last(call: &mut Call<'_>) -> Result<(), Thrown> {
    end_of(call, "end")
}

fn end_of(call: &mut Call<'_>, function: &str) -> Result<(), Thrown> {
    let all = entries::all(call)?;
    if engine::arrays::count(&all) > 0 {
        *call.result() = engine::call_function(function, &mut [engine::reference_to(all)])?;
    }
    Ok(())
}

fn get_type(call: &mut Call<'_>) -> Result<(), Thrown> {
    let kind = call.property(TYPE)?.shallow_clone();
    *call.result() = kind;
    Ok(())
}

fn for_each(call: &mut Call<'_>) -> Result<(), Thrown> {
    let callback = callable_argument(call, 0)?;
    each(&entries::all(call)?, |key, value| {
        engine::call(&callback, &mut [value.shallow_clone(), key.value()]).map(drop)
    })?;
    call.return_this();
    Ok(())
}

fn filter(call: &mut Call<'_>) -> Result<(), Thrown> {
    let callback = callable_argument(call, 0)?;
    only(call, |key, value| {
        engine::call(&callback, &mut [value.shallow_clone(), key.value()]).map(|kept| kept.coerce_to_bool())
    })
}

fn where_equal(call: &mut Call<'_>) -> Result<(), Thrown> {
    let member = call.string(0)?;
    let wanted = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    only(call, |_, value| Ok(member_of(value, member)?.is_identical(&wanted)))
}

/// A collection of those that pass the test, with their keys.
fn only(call: &mut Call<'_>, mut test: impl FnMut(Key<'_>, &Zval) -> Result<bool, Thrown>) -> Result<(), Thrown> {
    let mut kept = Zval::new_array();
    each(&entries::all(call)?, |key, value| {
        if test(key, value)? {
            put(&mut kept, &key.text(), &mut value.shallow_clone());
        }
        Ok(())
    })?;
    return_with(call, kept)
}

fn map(call: &mut Call<'_>) -> Result<(), Thrown> {
    let callback = callable_argument(call, 0)?;
    let mut mapped = Zval::new_array();
    each(&entries::all(call)?, |key, value| {
        let mut value = engine::call(&callback, &mut [value.shallow_clone(), key.value()])?;
        put(&mut mapped, &key.text(), &mut value);
        Ok(())
    })?;
    return_with(call, mapped)
}

fn reduce(call: &mut Call<'_>) -> Result<(), Thrown> {
    let callback = callable_argument(call, 0)?;
    let mut result = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    each(&entries::all(call)?, |key, value| {
        result = engine::call(&callback, &mut [result.shallow_clone(), value.shallow_clone(), key.value()])?;
        Ok(())
    })?;
    *call.result() = result;
    Ok(())
}

fn sort(call: &mut Call<'_>) -> Result<(), Thrown> {
    /// `SORT_DESC`
    const DESCENDING: i64 = 3;
    let callback = match call.value(0) {
        Some(value) if !value.is_null() => Some(callable_argument(call, 0)?),
        _ => None,
    };
    let function = if call.long(1, 0)? == DESCENDING { "arsort" } else { "asort" };
    let mut arguments = vec![engine::reference_to(entries::all(call)?)];
    let function = if callback.is_some() { "uasort" } else { function };
    arguments.extend(callback);
    engine::call_function(function, &mut arguments)?;
    let sorted = arguments.first().map_or_else(Zval::new_array, |sorted| sorted.dereference().shallow_clone());
    return_with(call, sorted)
}

/// Returns a collection like this one with other entries: of the same class, or a plain one if this
/// is a bag, since what is in a bag is in the session.
fn return_with(call: &mut Call<'_>, entries: Zval) -> Result<(), Thrown> {
    if engine::is_native(call.this()?, bag::BAG.name) {
        let settings = [INSENSITIVE, STRICT_NULL, TYPE].map(|index| call.property(index).map(Zval::shallow_clone));
        let [insensitive, strict_null, kind] = settings;
        *call.result() = engine::new_object(COLLECTION.name, &mut [entries, insensitive?, strict_null?, kind?])?;
        return Ok(());
    }
    // What `lowerKeys` says more than there is does no harm: each name is looked for in the data.
    let mut clone = engine::clone_object(call.this()?)?;
    engine::set_property_of(&mut clone, DATA, entries);
    *call.result() = clone;
    Ok(())
}

fn column(call: &mut Call<'_>) -> Result<(), Thrown> {
    let member = call.string(0)?;
    let mut column = Zval::new_array();
    each(&entries::all(call)?, |key, value| {
        put(&mut column, &key.text(), &mut member_of(value, member)?);
        Ok(())
    })?;
    *call.result() = column;
    Ok(())
}

/// What an item has under a name: the result of a method, a property, an entry; null if nothing.
fn member_of(item: &Zval, member: &[u8]) -> Result<Zval, Thrown> {
    if !item.is_object() {
        return Ok(entry(item, member).map_or_else(Zval::null, Zval::shallow_clone));
    }
    let Ok(member) = std::str::from_utf8(member) else { return Ok(Zval::null()) };
    if engine::has_method(item, member) {
        return engine::call_method(item, member, &mut []);
    }
    Ok(engine::read_property(item, member)?.unwrap_or_else(Zval::null))
}
