//! `Phalcon\Storage\Adapter\Memory`: an array in the object. It ends with the object, and nothing in
//! it expires before.

use super::base::{self, ABSTRACT, OWN, return_keys};
use crate::php::convert;
use crate::php::engine::{self, Call, Class, Initial, Parent, Property, Thrown, method};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The position of `$this->data`.
const DATA: usize = OWN;

/// The class.
pub(in crate::php) static MEMORY: Class = Class {
    name: "Phalcon\\Storage\\Adapter\\Memory",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours(ABSTRACT.name)),
    interfaces: &[],
    constants: &[],
    properties: &[Property { name: "data", private: false, initial: Initial::EmptyArray }],
    methods: &[
        method!(
            "public function __construct(Phalcon\\Storage\\SerializerFactory $factory, array $options = [])",
            construct
        ),
        method!("public function clear()", clear),
        method!("public function getKeys(string $prefix = '')", get_keys),
        method!("public function setForever(string $key, $value)", |call| store(call, None)),
        method!("protected function doDecrement(string $key, int $value = 1)", |call| count(call, i64::checked_sub)),
        method!("protected function doDelete(string $key)", delete),
        method!("protected function doGet(string $key, $defaultValue = null)", get),
        method!("protected function doHas(string $key)", has),
        method!("protected function doIncrement(string $key, int $value = 1)", |call| count(call, i64::checked_add)),
        method!("protected function doSet(string $key, $value, $ttl = null)", |call| base::set_with(call, store)),
    ],
    native: false,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    base::construct(call)?;
    base::init_serializer(call)
}

fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.set_property(DATA, Zval::new_array())?;
    call.result().set_bool(true);
    Ok(())
}

fn get_keys(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [more] = call.strings()?;
    let mut begin = base::prefix(call)?;
    begin.extend_from_slice(more);
    let data = call.property(DATA)?.shallow_clone();
    let keys = data.array().into_iter().flatten().map(|(key, _)| convert::key_bytes(key));
    return_keys(call, keys.filter(|key| key.starts_with(&begin)))
}

fn find(call: &mut Call<'_>) -> Result<(Vec<u8>, Option<Zval>), Thrown> {
    let key = base::prefixed_key(call)?;
    let found = engine::arrays::entry(call.property(DATA)?, &key).map(Zval::shallow_clone);
    Ok((key, found))
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    let (_, found) = find(call)?;
    base::answer(call, found)
}

fn has(call: &mut Call<'_>) -> Result<(), Thrown> {
    let (_, found) = find(call)?;
    call.result().set_bool(found.is_some());
    Ok(())
}

fn delete(call: &mut Call<'_>) -> Result<(), Thrown> {
    let key = base::prefixed_key(call)?;
    let removed = call.property(DATA)?.is_array() && call.remove_in_property(DATA, &key)?;
    call.result().set_bool(removed);
    Ok(())
}

/// For as long as the object lives, whatever was said.
fn store(call: &mut Call<'_>, _ttl: Option<u64>) -> Result<(), Thrown> {
    let value = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    let key = base::prefixed_key(call)?;
    let content = base::serialized(call, value)?;
    call.set_in_property(DATA, &key, content)?;
    call.result().set_bool(true);
    Ok(())
}

fn count(call: &mut Call<'_>, step: fn(i64, i64) -> Option<i64>) -> Result<(), Thrown> {
    let (key, found) = find(call)?;
    let by = call.long(1, 1)?;
    let sum = found.and_then(|number| step(engine::to_long(&number), by));
    base::return_count(call, sum);
    if let Some(sum) = sum {
        let mut number = Zval::new();
        number.set_long(sum);
        call.set_in_property(DATA, &key, number)?;
    }
    Ok(())
}
