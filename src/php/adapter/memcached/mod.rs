//! `Phalcon\Session\Adapter\Libmemcached`, in the two ways in which Phalcon has had it, and
//! `Phalcon\Session\Adapter\Memcache`, which only Phalcon 3 had.
//!
//! | class, arguments | key | value | lives for | is |
//! | --- | --- | --- | --- | --- |
//! | Libmemcached, a factory and options (4, 5) | `<prefix><id>`, prefix `sess-memc-` | the session (4) or PHP-serialized (5) | 3600 s | a handler for the manager |
//! | either class, options (3) | `<prefix><id>` | PHP-serialized | 8600 s | the session |
//!
//! What is stored is read in either form. With our own `AdapterFactory` the native store does the
//! work; with a factory of the user's its storage object is called.

mod client;
pub(in crate::php) mod options;

use super::server::{close, destroy, gc, open, read, touch, validate, write};
use super::{EXCEPTIONS, warn_of_unknown};
use crate::options::value::Options;
use crate::php::adapter::wording::in_users_words;
use crate::php::classic;
use crate::php::engine::{self, Call, Class, Initial, Interface, Method, Parent, Property, Thrown, method};
use crate::php::methods::Face;
use crate::php::pool::Pooled;
use crate::php::{convert, errors, storage, turns};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The positions of the classes' properties, behind the parent's one.
const ADAPTER: usize = 0;
const LIFETIME: usize = 1;
const IS_SESSION: usize = 2;

/// What both classes have. `destroy` may be called without an argument, as in Phalcon 3; children of
/// Phalcon 4 and 5 require one.
const COMMON: [Method; 14] = [
    method!("public function __get(string $index)", get),
    method!("public function __isset(string $index)", isset),
    method!("public function __set(string $index, $value)", set),
    method!("public function __unset(string $index)", unset),
    method!("public function close()", close),
    method!("public function destroy($id = null)", destroy, children_may_require 1),
    method!("public function gc(int $max_lifetime)", gc),
    method!("public function getLifetime()", get_lifetime),
    method!("public function open(string $path, string $name)", open),
    method!("public function read(string $id)", read),
    method!("public function start()", classic::start_as_handler),
    method!("public function updateTimestamp(string $id, string $data)", touch),
    method!("public function validateId(string $id)", validate),
    method!("public function write(string $id, string $data)", write),
];
const OF_LIBMEMCACHED: [Method; 2] = [
    method!("public function __construct($factory = null, $options = [])", construct, sensitive[0, 1]),
    method!("public function getLibmemcached()", get_libmemcached),
];
const OF_MEMCACHE: [Method; 2] = [
    method!("public function __construct($options = [])", construct_memcache, sensitive[0]),
    method!("public function getMemcache()", get_memcache),
];
const OWN: usize = COMMON.len() + 2;
const LIBMEMCACHED_OWN: [Method; OWN] = engine::join(&OF_LIBMEMCACHED, &COMMON);
const MEMCACHE_OWN: [Method; OWN] = engine::join(&OF_MEMCACHE, &COMMON);
const LIBMEMCACHED_ALL: [Method; OWN + classic::METHODS.len()] = engine::join(&LIBMEMCACHED_OWN, &classic::METHODS);
const MEMCACHE_ALL: [Method; OWN + classic::METHODS.len()] = engine::join(&MEMCACHE_OWN, &classic::METHODS);

const PROPERTIES: &[Property] = &[
    Property { name: "_lifetime", private: false, initial: Initial::Int(options::ALONE.lifetime) },
    Property { name: "isSession", private: true, initial: Initial::Bool(false) },
    classic::PROPERTIES[0],
    classic::PROPERTIES[1],
    classic::PROPERTIES[2],
];

const BOTH: Class = Class {
    name: "",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter\\AbstractAdapter")),
    interfaces: &[Interface::Ours("Phalcon\\Session\\AdapterInterface")],
    constants: classic::CONSTANTS,
    properties: PROPERTIES,
    methods: &[],
    native: true,
};

/// `Libmemcached`.
pub(in crate::php) static LIBMEMCACHED: Class =
    Class { name: "Phalcon\\Session\\Adapter\\Libmemcached", methods: &LIBMEMCACHED_ALL, ..BOTH };

/// `Memcache`.
pub(in crate::php) static MEMCACHE: Class =
    Class { name: "Phalcon\\Session\\Adapter\\Memcache", methods: &MEMCACHE_ALL, ..BOTH };

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    // Another object may have had this one's number before.
    turns::forget(call)?;
    let Some(first) = call.value(0).filter(|first| !first.is_null()).map(Zval::shallow_clone) else {
        return construct_libmemcached_session(call, 1);
    };
    if first.is_array() || engine::has_method(&first, "toArray") {
        return construct_libmemcached_session(call, 0);
    }
    if !first.is_object() {
        let message = "Phalcon\\Session\\Adapter\\Libmemcached takes an array of options, or a \
                       Phalcon\\Storage\\AdapterFactory and an array of options";
        return Err(engine::throw(EXCEPTIONS, message));
    }
    if !engine::has_method(&first, "newInstance") {
        let message = "Phalcon\\Session\\Adapter\\Libmemcached needs a factory with a method newInstance()";
        return Err(engine::throw(EXCEPTIONS, message));
    }
    construct_handler(call, &first)
}

fn construct_libmemcached_session(call: &mut Call<'_>, index: usize) -> Result<(), Thrown> {
    let options = classic::options_at(call, index)?.unwrap_or_else(Zval::new_array);
    let said = options.array().map(convert::options).unwrap_or_default();
    construct_session(call, options, options::of_libmemcached(said, &options::ALONE))
}

fn construct_memcache(call: &mut Call<'_>) -> Result<(), Thrown> {
    turns::forget(call)?;
    let mut options = classic::options_at(call, 0)?.unwrap_or_else(Zval::new_array);
    let said = options.array().map(convert::options).unwrap_or_default();
    classic::fill_in_server(&mut options, 11211, engine::int(0));
    construct_session(call, options, options::of_memcache(said))
}

/// As in Phalcon 3: the session itself, registered as PHP's save handler at once.
fn construct_session(
    call: &mut Call<'_>,
    options: Zval,
    settings: crate::error::Result<(Options, Vec<String>)>,
) -> Result<(), Thrown> {
    let unknown = open_store(call, settings)?;
    let lifetime = options
        .array()
        .and_then(|options| options.get("lifetime"))
        .map_or(engine::int(options::ALONE.lifetime), Zval::shallow_clone);
    call.set_property(LIFETIME, lifetime)?;
    let mut yes = Zval::new();
    yes.set_bool(true);
    call.set_property(IS_SESSION, yes)?;
    classic::take_options(call, options)?;
    turns::register(call)?;
    warn_of_unknown(&unknown);
    Ok(())
}

/// As in Phalcon 4 and 5: a handler, which the manager registers.
fn construct_handler(call: &mut Call<'_>, factory: &Zval) -> Result<(), Thrown> {
    let options = classic::options_at(call, 1)?.unwrap_or_else(Zval::new_array);
    if !storage::is_native_factory(factory, "libmemcached") {
        construct_dynamic(call, factory, options.shallow_clone())?;
        return classic::take_options(call, options);
    }
    let said = options.array().map(convert::options).unwrap_or_default();
    let unknown = open_store(call, options::of_libmemcached(said, &options::WITH_FACTORY))?;
    classic::take_options(call, options)?;
    warn_of_unknown(&unknown);
    Ok(())
}

/// Gives the object its store.
fn open_store(
    call: &mut Call<'_>,
    settings: crate::error::Result<(Options, Vec<String>)>,
) -> Result<Vec<String>, Thrown> {
    let (settings, unknown) = settings.map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    let pooled = Pooled::from_options(settings)
        .map_err(|error| engine::throw(EXCEPTIONS, &in_users_words(&error.to_string(), options::RENAMED)))?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))?;
    Ok(unknown)
}

/// The user's factory makes the storage object, with the prefix that Phalcon gives it.
fn construct_dynamic(call: &mut Call<'_>, factory: &Zval, mut options: Zval) -> Result<(), Thrown> {
    if options.array().is_some_and(|array| array.get("prefix").is_none_or(Zval::is_null)) {
        engine::set_entry(&mut options, b"prefix", engine::string(options::WITH_FACTORY.prefix.as_bytes()));
    }
    if options.array().is_some_and(|array| array.get("stripPrefix").is_none()) {
        // An id may begin like the prefix; it is another one without it.
        let mut no = Zval::new();
        no.set_bool(false);
        engine::set_entry(&mut options, b"stripPrefix", no);
    }
    let made = engine::call_method(factory, "newInstance", &mut [engine::string(b"libmemcached"), options])?;
    if !made.is_object() {
        return Err(engine::throw(EXCEPTIONS, "The factory's newInstance('libmemcached') returned no storage object"));
    }
    // A second call of the constructor replaces the native store of the first.
    call.clear_state();
    call.set_property(ADAPTER, made)
}

fn get_libmemcached(call: &mut Call<'_>) -> Result<(), Thrown> {
    let options = classic::options(call)?;
    *call.result() = client::libmemcached(&options)?;
    Ok(())
}

fn get_memcache(call: &mut Call<'_>) -> Result<(), Thrown> {
    let options = classic::options(call)?;
    *call.result() = client::memcache(&options)?;
    Ok(())
}

fn get_lifetime(call: &mut Call<'_>) -> Result<(), Thrown> {
    let lifetime = call.property(LIFETIME)?.shallow_clone();
    *call.result() = lifetime;
    Ok(())
}

/// As a session the object shows its entries as properties. As a manager's handler it is an object
/// like others: a subclass's undeclared property must not get into `$_SESSION`.
macro_rules! magic {
    ($($name:ident: $entry:path, $ordinary:ident;)*) => {
        $(fn $name(call: &mut Call<'_>) -> Result<(), Thrown> {
            if call.property(IS_SESSION)?.coerce_to_bool() { $entry(call) } else { call.$ordinary() }
        })*
    };
}

magic! {
    get: classic::magic_get, read_ordinary_property;
    set: classic::magic_set, write_ordinary_property;
    isset: classic::magic_isset, has_ordinary_property;
    unset: classic::magic_unset, unset_ordinary_property;
}
