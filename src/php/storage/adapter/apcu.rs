//! `Phalcon\Storage\Adapter\Apcu`: the memory that the workers of one machine share, over the functions
//! of the PHP extension apcu.

use super::base::{self, ABSTRACT, return_keys};
use crate::php::engine::{self, Call, Class, Initial, Parent, Property, Thrown, method};
use crate::php::{convert, exceptions};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// apcu's `APC_ITER_KEY`: keys alone are wanted.
const KEYS_ALONE: i64 = 2;

/// The class.
pub(in crate::php) static APCU: Class = Class {
    name: "Phalcon\\Storage\\Adapter\\Apcu",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours(ABSTRACT.name)),
    interfaces: &[],
    constants: &[],
    properties: &[Property { name: "prefix", private: false, initial: Initial::Text("ph-apcu-") }],
    methods: &[
        method!(
            "public function __construct(Phalcon\\Storage\\SerializerFactory $factory, array $options = [])",
            construct
        ),
        method!("public function clear()", clear),
        method!("public function getKeys(string $prefix = '')", get_keys),
        method!("public function setForever(string $key, $value)", |call| store(call, None)),
        method!("protected function doDecrement(string $key, int $value = 1)", |call| count(call, "apcu_dec")),
        method!("protected function doDelete(string $key)", |call| pass(call, "apcu_delete")),
        method!("protected function doGet(string $key, $defaultValue = null)", get),
        method!("protected function doHas(string $key)", |call| pass(call, "apcu_exists")),
        method!("protected function doIncrement(string $key, int $value = 1)", |call| count(call, "apcu_inc")),
        method!("protected function doSet(string $key, $value, $ttl = null)", |call| base::set_with(call, store)),
    ],
    native: false,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    if !engine::function_exists("apcu_fetch") {
        let message = "Phalcon\\Storage\\Adapter\\Apcu needs the PHP extension apcu, which is not loaded";
        return Err(engine::throw(exceptions::STORAGE.name, message));
    }
    base::construct(call)?;
    base::init_serializer(call)
}

/// The keys in the memory that begin with the bytes.
fn keys(begin: &[u8]) -> Result<Vec<Vec<u8>>, Thrown> {
    let quoted = engine::call_function("preg_quote", &mut [engine::string(begin), engine::string(b"/")])?;
    let quoted = quoted.zend_str().map(|quoted| quoted.as_bytes()).unwrap_or_default();
    let pattern = [b"/^", quoted, b"/"].concat();
    let mut what = Zval::new();
    what.set_long(KEYS_ALONE);
    let entries = engine::new_object("APCUIterator", &mut [engine::string(&pattern), what])?;
    let entries = engine::call_function("iterator_to_array", &mut [entries])?;
    Ok(entries.array().into_iter().flatten().map(|(key, _)| convert::key_bytes(key)).collect())
}

fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    let prefix = base::prefix(call)?;
    for key in keys(&prefix)? {
        engine::call_function("apcu_delete", &mut [engine::string(&key)])?;
    }
    call.result().set_bool(true);
    Ok(())
}

fn get_keys(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [more] = call.strings()?;
    let mut begin = base::prefix(call)?;
    begin.extend_from_slice(more);
    let mut found = keys(&begin)?;
    found.sort_unstable();
    return_keys(call, found)
}

/// Asks one of apcu's functions about the key.
fn ask(call: &mut Call<'_>, function: &str) -> Result<Zval, Thrown> {
    let key = base::prefixed_key(call)?;
    engine::call_function(function, &mut [engine::string(&key)])
}

fn pass(call: &mut Call<'_>, function: &str) -> Result<(), Thrown> {
    let done = ask(call, function)?.coerce_to_bool();
    call.result().set_bool(done);
    Ok(())
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    let content = if ask(call, "apcu_exists")?.coerce_to_bool() { Some(ask(call, "apcu_fetch")?) } else { None };
    base::answer(call, content)
}

fn store(call: &mut Call<'_>, ttl: Option<u64>) -> Result<(), Thrown> {
    let value = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    let key = base::prefixed_key(call)?;
    let content = base::serialized(call, value)?;
    let mut seconds = Zval::new();
    // For apcu 0 is for ever.
    seconds.set_long(ttl.map_or(0, |ttl| i64::try_from(ttl).unwrap_or(i64::MAX)));
    let done = engine::call_function("apcu_store", &mut [engine::string(&key), content, seconds])?;
    call.result().set_bool(done.is_true());
    Ok(())
}

fn count(call: &mut Call<'_>, function: &str) -> Result<(), Thrown> {
    let mut by = Zval::new();
    by.set_long(call.long(1, 1)?);
    let key = base::prefixed_key(call)?;
    let sum = engine::call_function(function, &mut [engine::string(&key), by])?;
    base::return_count(call, sum.long());
    Ok(())
}
