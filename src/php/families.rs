//! The families of classes, and which of them this process has.
//!
//! A family whose classes exist already (the phalcon extension was loaded first) is left out as a
//! whole: half of one library and half of another would be worse than none. `seshat.families`
//! selects families.

#[cfg(feature = "aerospike")]
use super::adapter::aerospike;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
use super::adapter::database;
#[cfg(feature = "handlersocket")]
use super::adapter::handlersocket;
#[cfg(feature = "memcached")]
use super::adapter::memcached;
#[cfg(feature = "mongodb")]
use super::adapter::mongo;
#[cfg(feature = "redis")]
use super::adapter::redis;
use super::adapter::{base, noop};
#[cfg(feature = "files")]
use super::adapter::{files, stream};
use super::engine::{self, Class};
use super::storage::serializer::{self, formats};
use super::{bag, classic, collection, exceptions, factory, manager, storage};
use crate::options::suggest;
use parking_lot::Mutex;

/// Classes that belong together.
pub(super) struct Family {
    /// As in `seshat.families`.
    pub name: &'static str,
    /// Parents before children.
    pub classes: &'static [&'static Class],
    /// Second names: (alias, class).
    pub aliases: &'static [(&'static str, &'static str)],
}

/// All families, in the order in which they are registered.
pub(super) const FAMILIES: &[Family] = &[
    Family { name: "seshat", classes: super::handler::CLASSES, aliases: &[] },
    Family { name: "phalcon", classes: PHALCON, aliases: PHALCON_ALIASES },
    Family { name: "dalmp", classes: super::dalmp::CLASSES, aliases: &[] },
    Family { name: "nofw", classes: super::nofw::CLASSES, aliases: &[] },
];

const PHALCON: &[&Class] = &[
    &exceptions::PHALCON,
    &exceptions::SESSION,
    &exceptions::INVALID_ADAPTER,
    &exceptions::INVALID_ID,
    &exceptions::INVALID_NAME,
    &exceptions::ALREADY_STARTED,
    &exceptions::MODIFICATION_DENIED,
    &exceptions::RUNTIME,
    &exceptions::INVALID_SAVE_PATH,
    &exceptions::SAVE_PATH_UNAVAILABLE,
    &exceptions::FACTORY,
    &exceptions::STORAGE,
    &exceptions::AUTHENTICATION_FAILED,
    &exceptions::CONNECTION_FAILED,
    &exceptions::DATABASE_SELECTION_FAILED,
    &exceptions::INVALID_CONFIGURATION,
    &exceptions::STORAGE_ERROR,
    &exceptions::INVALID_SERIALIZATION_INPUT,
    &exceptions::INVALID_UNSERIALIZATION_INPUT,
    &storage::ABSTRACT_FACTORY,
    &serializer::factory::SERIALIZER_FACTORY,
    &serializer::INTERFACE,
    &serializer::ABSTRACT,
    &formats::PHP,
    &formats::IGBINARY,
    &formats::MSGPACK,
    &formats::JSON,
    &formats::BASE64,
    &formats::NONE,
    &formats::MEMCACHED_IGBINARY,
    &formats::MEMCACHED_JSON,
    &formats::MEMCACHED_PHP,
    &formats::REDIS_IGBINARY,
    &formats::REDIS_JSON,
    &formats::REDIS_MSGPACK,
    &formats::REDIS_NONE,
    &formats::REDIS_PHP,
    &storage::adapter::factory::ADAPTER_FACTORY,
    &storage::adapter::INTERFACE,
    &storage::adapter::ABSTRACT,
    &storage::adapter::APCU,
    #[cfg(feature = "memcached")]
    &storage::adapter::LIBMEMCACHED,
    &storage::adapter::MEMORY,
    #[cfg(feature = "files")]
    &storage::adapter::STREAM,
    #[cfg(feature = "redis")]
    &storage::adapter::REDIS,
    &manager::INTERFACE,
    &manager::MANAGER,
    &collection::EXCEPTION,
    &collection::INVALID_TYPE,
    &collection::INTERFACE,
    &collection::COLLECTION,
    &bag::INTERFACE,
    &bag::BAG,
    &classic::INTERFACE,
    &classic::ADAPTER,
    &factory::INTERFACE,
    &factory::FACTORY,
    &factory::SESSION_FACTORY,
    &base::ABSTRACT_ADAPTER,
    &noop::NOOP,
    #[cfg(feature = "files")]
    &stream::STREAM,
    #[cfg(feature = "files")]
    &files::FILES,
    #[cfg(feature = "redis")]
    &redis::REDIS,
    #[cfg(feature = "memcached")]
    &memcached::LIBMEMCACHED,
    #[cfg(feature = "memcached")]
    &memcached::MEMCACHE,
    #[cfg(feature = "mongodb")]
    &mongo::MONGO,
    #[cfg(feature = "mongodb")]
    &mongo::ADD_ON,
    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    &database::DATABASE,
    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    &database::ADD_ON,
    #[cfg(feature = "handlersocket")]
    &handlersocket::HANDLER_SOCKET,
    #[cfg(feature = "aerospike")]
    &aerospike::AEROSPIKE,
];

/// Phalcon 5's names of classes that Phalcon 4 named otherwise.
const PHALCON_ALIASES: &[(&str, &str)] = &[
    ("Phalcon\\Support\\Collection", "Phalcon\\Collection"),
    ("Phalcon\\Support\\Collection\\CollectionInterface", "Phalcon\\Collection\\CollectionInterface"),
    ("Phalcon\\Support\\Collection\\Exception", "Phalcon\\Collection\\Exception"),
];

static STATES: Mutex<Vec<(&'static str, String)>> = Mutex::new(Vec::new());

/// Registers the selected families. Only during module startup.
pub(super) fn register(selected: &str) -> Result<(), String> {
    let mut states = STATES.lock();
    states.clear();
    let selected: Vec<String> = selected.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    for unknown in selected.iter().filter(|name| !name.is_empty() && !FAMILIES.iter().any(|known| known.name == **name))
    {
        let hint = suggest::nearest(unknown, FAMILIES.iter().map(|family| family.name)).map_or_else(
            || "there are seshat, phalcon, dalmp and nofw".to_owned(),
            |near| format!("did you mean \"{near}\"?"),
        );
        engine::warn(&format!("seshat.families names an unknown family \"{unknown}\"; {hint}"));
    }
    for family in FAMILIES {
        let state = if !selected.iter().any(|name| name == family.name) {
            "not selected (seshat.families)".to_owned()
        } else if let Some(taken) = family.classes.iter().find(|class| engine::class_exists(class.name)) {
            format!("left out: {} exists already", taken.name)
        } else {
            for class in family.classes {
                engine::register(class)?;
            }
            for (alias, class) in family.aliases {
                engine::register_alias(alias, class)?;
            }
            "enabled".to_owned()
        };
        states.push((family.name, state));
    }
    Ok(())
}

/// What became of a family, for phpinfo.
pub(super) fn state(family: &Family) -> String {
    STATES.lock().iter().find(|(name, _)| *name == family.name).map(|(_, state)| state.clone()).unwrap_or_default()
}
