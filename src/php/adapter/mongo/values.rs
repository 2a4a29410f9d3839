//! Documents as PHP has them: arrays, and the classes of PHP's extension mongodb for dates and bytes.

use crate::php::engine::{self, Thrown, arrays};
use ext_php_rs::types::Zval;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document};

/// Fields that a session's document may have; others do not matter.
const FIELDS: [&str; 6] = ["_id", "data", "expires_at", "time", "modified", "lock"];
const OF_LOCK: [&str; 3] = ["token", "until", "holder"];

/// A document for a method of the collection.
pub(super) fn document(document: &Document) -> Result<Zval, Thrown> {
    let mut array = Zval::new_array();
    for (name, value) in document {
        engine::set_entry(&mut array, name.as_bytes(), of(value)?);
    }
    Ok(array)
}

fn of(value: &Bson) -> Result<Zval, Thrown> {
    Ok(match value {
        Bson::Document(inner) if inner.is_empty() => engine::new_object("stdClass", &mut [])?,
        Bson::Document(inner) => document(inner)?,
        Bson::Array(list) => {
            let mut array = Zval::new_array();
            for value in list {
                arrays::append(&mut array, of(value)?);
            }
            array
        }
        Bson::String(text) => engine::string(text.as_bytes()),
        Bson::Boolean(on) => crate::php::classic::boolean(*on),
        Bson::Int32(number) => engine::int(i64::from(*number)),
        Bson::Int64(number) => engine::int(*number),
        Bson::DateTime(date) => {
            engine::new_object("MongoDB\\BSON\\UTCDateTime", &mut [engine::int(date.timestamp_millis())])?
        }
        Bson::Binary(binary) => {
            let bytes = engine::string(&binary.bytes);
            engine::new_object("MongoDB\\BSON\\Binary", &mut [bytes, engine::int(0)])?
        }
        _ => Zval::null(),
    })
}

/// A document as a method of the collection answered it: an array, or an object with fields.
pub(super) fn found(document: &Zval) -> Result<Document, Thrown> {
    fields(document, &FIELDS)
}

fn fields(holder: &Zval, names: &[&str]) -> Result<Document, Thrown> {
    let mut fields = Document::new();
    for name in names {
        if let Some(value) = field(holder, name)? {
            fields.insert(*name, bson(&value)?);
        }
    }
    Ok(fields)
}

fn field(holder: &Zval, name: &str) -> Result<Option<Zval>, Thrown> {
    let holder = holder.dereference();
    if holder.is_array() {
        return Ok(arrays::entry(holder, name.as_bytes()).map(|value| value.dereference().shallow_clone()));
    }
    let key = || engine::string(name.as_bytes());
    if engine::has_method(holder, "offsetExists") && engine::has_method(holder, "offsetGet") {
        let is_there = engine::call_method(holder, "offsetExists", &mut [key()])?.coerce_to_bool();
        return if is_there { engine::call_method(holder, "offsetGet", &mut [key()]).map(Some) } else { Ok(None) };
    }
    engine::read_property(holder, name)
}

/// What cannot be told is a boolean: nothing of a session is one.
fn bson(value: &Zval) -> Result<Bson, Thrown> {
    if value.is_null() {
        return Ok(Bson::Null);
    }
    if let Some(text) = value.zend_str() {
        return Ok(match std::str::from_utf8(text.as_bytes()) {
            Ok(text) => Bson::String(text.to_owned()),
            Err(_) => bytes(text.as_bytes()),
        });
    }
    if engine::is_instance(value, "MongoDB\\BSON\\UTCDateTimeInterface") {
        let text = engine::to_string(value)?;
        let ms = text.zend_str().and_then(|text| std::str::from_utf8(text.as_bytes()).ok()?.parse().ok());
        return Ok(ms.map_or(Bson::Null, |ms| Bson::DateTime(DateTime::from_millis(ms))));
    }
    if engine::is_instance(value, "MongoDB\\BSON\\BinaryInterface") {
        let data = engine::call_method(value, "getData", &mut [])?;
        return Ok(bytes(data.zend_str().map(|data| data.as_bytes()).unwrap_or_default()));
    }
    if value.is_array() || value.is_object() {
        return fields(value, &OF_LOCK).map(Bson::Document);
    }
    Ok(Bson::Boolean(true))
}

fn bytes(bytes: &[u8]) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() })
}
