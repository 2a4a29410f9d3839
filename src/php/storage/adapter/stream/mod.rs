//! `Phalcon\Storage\Adapter\Stream`: one file for each key, as Phalcon lays them out.
//!
//! A file holds PHP's `serialize()` of `['created' => TIME, 'ttl' => SECONDS, 'content' => VALUE]`, where
//! the time to live may be `'forever'` and the value went through the serializer before.

mod layout;
mod tree;

use super::base::{self, ABSTRACT, OWN, PREFIX, return_keys};
use crate::php::engine::{self, Call, Class, Initial, Parent, Property, Thrown, method};
use crate::php::exceptions;
use crate::php::storage::serializer::formats::Format;
use crate::session::clock::Clock;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;
use layout::{Place, place};
use tree::{Failure, Tree};

/// The position of `$this->storageDir`.
const STORAGE_DIR: usize = OWN;

/// What a payload without a time to live gets, as in Phalcon.
const USUAL_TTL: i64 = 3600;

/// The class.
pub(in crate::php) static STREAM: Class = Class {
    name: "Phalcon\\Storage\\Adapter\\Stream",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours(ABSTRACT.name)),
    interfaces: &[],
    constants: &[],
    properties: &[
        Property { name: "storageDir", private: false, initial: Initial::EmptyString },
        Property { name: "prefix", private: false, initial: Initial::Text("ph-strm") },
    ],
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
    let said = call.value(1).and_then(|options| engine::arrays::entry(options, b"storageDir"));
    let folder = match said.filter(|folder| !folder.is_null()) {
        Some(folder) => base::text_option("storageDir", folder)?,
        None => Vec::new(),
    };
    if folder.is_empty() {
        let message = "The 'storageDir' must be specified in the options";
        return Err(engine::throw(exceptions::INVALID_CONFIGURATION.name, message));
    }
    base::construct(call)?;
    let mut folder = folder.trim_ascii_end().to_vec();
    while folder.len() > 1 && folder.last() == Some(&b'/') {
        folder.pop();
    }
    if folder != b"/" {
        folder.push(b'/');
    }
    call.set_property(STORAGE_DIR, engine::string(&folder))?;
    tree(call)?;
    base::init_serializer(call)
}

/// The folder of the object, as its properties say.
fn tree(call: &mut Call<'_>) -> Result<Tree, Thrown> {
    let folder = engine::to_string(call.property(STORAGE_DIR)?)?;
    let folder = folder.zend_str().map(|folder| folder.as_bytes().to_vec()).unwrap_or_default();
    let root = tree::root(&folder);
    if folder.is_empty() || !engine::allows_path(root) {
        let message = if folder.is_empty() {
            "the adapter has no folder: its constructor was not called".to_owned()
        } else {
            format!("option \"storageDir\": open_basedir does not allow {}", root.display())
        };
        return Err(engine::throw(exceptions::INVALID_CONFIGURATION.name, &message));
    }
    let prefix = engine::to_string(call.property(PREFIX)?)?;
    Tree::new(root, prefix.zend_str().map(|prefix| prefix.as_bytes()).unwrap_or_default())
        .map_err(|Failure(reason)| engine::throw(exceptions::INVALID_CONFIGURATION.name, &format!("stream: {reason}")))
}

/// Does something in the object's folder.
fn with<R>(call: &mut Call<'_>, doing: &str, work: impl FnOnce(&Tree) -> Result<R, Failure>) -> Result<R, Thrown> {
    let tree = tree(call)?;
    work(&tree).map_err(|Failure(reason)| {
        let folder = call.property(STORAGE_DIR).ok().and_then(Zval::zend_str);
        let folder = folder.map(|folder| String::from_utf8_lossy(folder.as_bytes()).into_owned()).unwrap_or_default();
        engine::throw(exceptions::STORAGE_ERROR.name, &format!("stream {doing} in {folder}: {reason}"))
    })
}

/// Where the value of the first argument is.
fn find(call: &mut Call<'_>) -> Result<Option<Place>, Thrown> {
    let [key] = call.strings()?;
    let bare = base::bare(call, key)?;
    Ok(place(bare))
}

fn clear(call: &mut Call<'_>) -> Result<(), Thrown> {
    with(call, "clear", Tree::clear)?;
    call.result().set_bool(true);
    Ok(())
}

fn get_keys(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [more] = call.strings()?;
    let prefix = base::prefix(call)?;
    let mut names = with(call, "read", Tree::names)?;
    names.retain(|name| name.starts_with(more));
    names.sort_unstable();
    return_keys(call, names.into_iter().map(|name| [prefix.as_slice(), &name].concat()))
}

/// What is stored, serialized still. None if there is nothing, or it has expired.
fn load(call: &mut Call<'_>) -> Result<Option<Zval>, Thrown> {
    let Some(place) = find(call)? else { return Ok(None) };
    let Some(bytes) = with(call, "read", |tree| tree.read(&place))? else { return Ok(None) };
    let Some(payload) = Format::PHP.read(&engine::string(&bytes))? else { return Ok(None) };
    let number = |name: &[u8], usual: i64| engine::arrays::entry(&payload, name).map_or(usual, engine::to_long);
    let forever = engine::arrays::entry(&payload, b"ttl")
        .is_some_and(|ttl| ttl.zend_str().is_some_and(|ttl| ttl.as_bytes() == b"forever"));
    let expired = !forever && number(b"created", now()).saturating_add(number(b"ttl", USUAL_TTL)) < now();
    Ok(if expired { None } else { engine::arrays::entry(&payload, b"content").map(Zval::shallow_clone) })
}

fn now() -> i64 {
    i64::try_from(Clock::System.now()).unwrap_or(i64::MAX)
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    let content = load(call)?;
    base::answer(call, content)
}

fn has(call: &mut Call<'_>) -> Result<(), Thrown> {
    let found = load(call)?.is_some();
    call.result().set_bool(found);
    Ok(())
}

/// True if there was a value that had not expired. The file goes in either case.
fn delete(call: &mut Call<'_>) -> Result<(), Thrown> {
    let known = load(call)?.is_some();
    let removed = match find(call)? {
        Some(place) => with(call, "delete", |tree| tree.remove(&place))?,
        None => false,
    };
    call.result().set_bool(known && removed);
    Ok(())
}

fn store(call: &mut Call<'_>, ttl: Option<u64>) -> Result<(), Thrown> {
    let Some(place) = find(call)? else {
        let message = "stream write: the key cannot be a file's name: it is empty or dots alone, has a slash or a NUL byte \
                       in it, or begins like unfinished files (.seshat-tmp-)";
        return Err(engine::throw(exceptions::STORAGE_ERROR.name, message));
    };
    let value = call.value(1).map_or_else(Zval::null, Zval::shallow_clone);
    let content = base::serialized(call, value)?;
    let number = |seconds: i64| {
        let mut number = Zval::new();
        number.set_long(seconds);
        number
    };
    let ttl = ttl.map_or_else(|| engine::string(b"forever"), |ttl| number(i64::try_from(ttl).unwrap_or(i64::MAX)));
    let mut payload = Zval::new_array();
    engine::set_entry(&mut payload, b"created", number(now()));
    engine::set_entry(&mut payload, b"ttl", ttl);
    engine::set_entry(&mut payload, b"content", content);
    let payload = Format::PHP.write(payload)?;
    let bytes = payload.zend_str().map(|bytes| bytes.as_bytes()).unwrap_or_default();
    with(call, "write", |tree| tree.write(&place, bytes))?;
    call.result().set_bool(true);
    Ok(())
}

/// Reads, adds and writes, as Phalcon does: two that do so at once may count as one.
fn count(call: &mut Call<'_>, step: fn(i64, i64) -> Option<i64>) -> Result<(), Thrown> {
    let [key] = call.strings()?;
    let by = call.long(1, 1)?;
    let key = engine::string(key);
    let known = call.call_own_method("dohas", &mut [key.shallow_clone()])?.coerce_to_bool();
    let sum = if known {
        let value = call.call_own_method("doget", &mut [key.shallow_clone()])?;
        step(engine::to_long(&value), by)
    } else {
        None
    };
    if let Some(sum) = sum {
        let mut number = Zval::new();
        number.set_long(sum);
        call.call_own_method("doset", &mut [key, number])?;
    }
    base::return_count(call, sum);
    Ok(())
}
