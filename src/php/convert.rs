//! PHP values as options.

use super::engine::{self, Call, Thrown};
use super::exceptions;
use crate::options::value::{Options, Value};
use ext_php_rs::flags::DataType;
use ext_php_rs::types::{ArrayKey, ZendHashTable, Zval};

/// How deep arrays of options may nest.
const DEPTH: usize = 8;

/// The arguments `string|array $dsn, array $options = []` as one set of options: a DSN or an array,
/// and more options that replace them.
pub(super) fn configuration(call: &mut Call<'_>) -> Result<Options, Thrown> {
    let more = match call.value(1) {
        None => Options::new(),
        Some(value) => match value.array() {
            Some(array) => options(array),
            None => return Err(call.wrong_type(1, "array")),
        },
    };
    let Some(array) = call.value(0).and_then(|value| value.array()) else {
        let [dsn] = call.strings()?;
        let mut all = more;
        all.set("dsn", Value::Text(dsn.to_vec()));
        return Ok(all);
    };
    let mut all = options(array);
    for (name, value) in more.iter() {
        all.set(name, value.clone());
    }
    Ok(all)
}

/// The same arguments if they are a DSN and nothing else, as they are in most programs: it then needs no
/// set of options.
pub(super) fn plain_dsn<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    let alone = call.value(1).is_none_or(|more| more.array().is_some_and(ZendHashTable::is_empty));
    let dsn = call.value(0).filter(|_| alone)?.zend_str()?;
    std::str::from_utf8(dsn.as_bytes()).ok()
}

/// An array's entries as named options, in order. Numeric keys become their digits.
pub(super) fn options(array: &ZendHashTable) -> Options {
    nested(array, DEPTH)
}

fn nested(array: &ZendHashTable, depth: usize) -> Options {
    let mut options = Options::new();
    for (key, value) in array {
        options.set(String::from_utf8_lossy(&key_bytes(key)), value_of(value, depth));
    }
    options
}

/// The bytes of an array's key.
pub(super) fn key_bytes(key: ArrayKey<'_>) -> Vec<u8> {
    match key {
        ArrayKey::Long(number) => number.to_string().into_bytes(),
        ArrayKey::String(name) => name.into_bytes(),
        ArrayKey::Str(name) => name.as_bytes().to_vec(),
        ArrayKey::ZendString(name) => name.as_bytes().to_vec(),
    }
}

/// An option of Phalcon's that is a text: numbers and objects with `__toString()` are taken for theirs.
/// None where the array does not have it.
pub(super) fn text_option(options: &Zval, name: &str) -> Result<Option<Zval>, Thrown> {
    let Some(value) = options.array().and_then(|options| options.get(name)).map(Zval::dereference) else {
        return Ok(None);
    };
    if value.is_array() || (value.is_object() && !engine::has_method(value, "__toString")) {
        let message = format!("option \"{name}\" must be a string, {} given", type_name(value));
        return Err(engine::throw(exceptions::SESSION.name, &message));
    }
    engine::to_string(value).map(Some)
}

/// The type of a value, in the words of complaints about options.
pub(super) fn type_name(value: &Zval) -> String {
    value_of(value, 1).type_name().to_owned()
}

fn value_of(value: &Zval, depth: usize) -> Value {
    let value = value.dereference();
    match value.get_type() {
        DataType::Null | DataType::Undef => Value::Null,
        DataType::True => Value::Bool(true),
        DataType::False => Value::Bool(false),
        DataType::Long => Value::Int(value.long().unwrap_or_default()),
        DataType::Double => Value::Float(value.double().unwrap_or_default()),
        DataType::String => Value::Text(value.zend_str().map(|text| text.as_bytes().to_vec()).unwrap_or_default()),
        DataType::Array => match value.array() {
            Some(array) if depth > 0 => {
                if array.has_sequential_keys() {
                    Value::List(array.values().map(|value| value_of(value, depth - 1)).collect())
                } else {
                    Value::Map(nested(array, depth - 1))
                }
            }
            _ => Value::Other("array that is nested too deeply".into()),
        },
        _ => Value::Other(engine::type_name(value)),
    }
}
