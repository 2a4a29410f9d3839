//! A collection as JSON and as serialized text, and back.

use super::entries;
use super::{INSENSITIVE, STRICT_NULL, TYPE, array_argument, boolean, initialize};
use crate::php::engine::arrays::{array_of, each, entry, put};
use crate::php::engine::{self, Call, Thrown};
use crate::php::nesting;
use ext_php_rs::types::Zval;

pub(super) fn json_serialize(call: &mut Call<'_>) -> Result<(), Thrown> {
    *call.result() = for_json(call)?;
    Ok(())
}

fn for_json(call: &mut Call<'_>) -> Result<Zval, Thrown> {
    let all = entries::all(call)?;
    // An array of its own: entries may be references, through which a change would reach further.
    let mut plain = Zval::new_array();
    let converted = nesting::deeper(call.object_number()?, || {
        each(&all, |key, value| {
            let mut value = if may_convert(value) {
                engine::call_method(value, "jsonSerialize", &mut [])?
            } else {
                value.shallow_clone()
            };
            put(&mut plain, &key.text(), &mut value);
            Ok(())
        })
    });
    match converted {
        Some(converted) => converted.map(|()| plain),
        None => Ok(all),
    }
}

/// Whether a value says itself what is to be encoded. One that contains itself is left to
/// `json_encode()`, which refuses it.
fn may_convert(value: &Zval) -> bool {
    value.object().is_some_and(|object| !nesting::is_at_work(object.handle))
        && engine::has_method(value, "jsonSerialize")
}

pub(super) fn to_json(call: &mut Call<'_>) -> Result<(), Thrown> {
    /// `JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT | JSON_UNESCAPED_SLASHES`
    const OPTIONS: i64 = 79;
    let mut options = Zval::new();
    options.set_long(call.long(0, OPTIONS)?);
    let data = for_json(call)?;
    let json = engine::call_function("json_encode", &mut [data, options])?;
    if !json.is_string() {
        let reason = engine::call_function("json_last_error_msg", &mut [])?;
        let reason = reason.str().unwrap_or_default();
        return Err(engine::throw("InvalidArgumentException", &format!("json_encode error: {reason}")));
    }
    *call.result() = json;
    Ok(())
}

pub(super) fn serialize(call: &mut Call<'_>) -> Result<(), Thrown> {
    let all = entries::all(call)?;
    *call.result() = engine::call_function("serialize", &mut [all])?;
    Ok(())
}

pub(super) fn unserialize(call: &mut Call<'_>) -> Result<(), Thrown> {
    let text = engine::string(call.string(0)?);
    let data = engine::call_function("unserialize", &mut [text])?;
    if data.is_array() { restore(call, &data) } else { Ok(()) }
}

pub(super) fn magic_serialize(call: &mut Call<'_>) -> Result<(), Thrown> {
    let all = entries::all(call)?;
    let settings = [INSENSITIVE, STRICT_NULL, TYPE].map(|index| call.property(index).map(Zval::shallow_clone));
    let [insensitive, strict_null, kind] = settings;
    *call.result() =
        array_of([("data", all), ("insensitive", insensitive?), ("strictNull", strict_null?), ("type", kind?)]);
    Ok(())
}

pub(super) fn magic_unserialize(call: &mut Call<'_>) -> Result<(), Thrown> {
    let data = array_argument(call, 0)?;
    restore(call, &data)
}

/// Takes what `serialize()` made: the entries alone, or with the settings, as 5.13 and we make them.
fn restore(call: &mut Call<'_>, data: &Zval) -> Result<(), Thrown> {
    let parts = ["data", "insensitive", "strictNull", "type"].map(|part| entry(data, part.as_bytes()));
    let [Some(entries), Some(insensitive), Some(strict_null), Some(kind)] = parts else {
        return initialize(call, data.shallow_clone());
    };
    if engine::arrays::count(data) != parts.len() || !entries.is_array() {
        return initialize(call, data.shallow_clone());
    }
    call.set_property(INSENSITIVE, boolean(insensitive.coerce_to_bool()))?;
    call.set_property(STRICT_NULL, boolean(strict_null.coerce_to_bool()))?;
    call.set_property(TYPE, if kind.is_string() { kind.shallow_clone() } else { Zval::null() })?;
    initialize(call, entries.shallow_clone())
}
