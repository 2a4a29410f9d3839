//! What the user gave as the collection, and what was said beside it.

use crate::backend::mongodb::Layout;
use crate::error::Result;
use crate::options::policy;
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::convert;
use crate::php::engine::{self, Thrown};
use crate::php::ini;
use crate::session::handler::Policy;
use ext_php_rs::types::Zval;

/// What was given as the collection.
pub(super) enum Collection {
    /// An object that is called.
    Object,
    /// What our own store is made with.
    Native(Options),
}

/// What an object must have to be a collection.
const METHODS: [&str; 5] = ["findOne", "updateOne", "deleteOne", "deleteMany", "insertOne"];

/// Options of the old client that say nothing here.
const OF_THE_OLD_CLIENT: [&str; 3] = ["connect", "fsync", "timeout"];

/// A session's own option and the factory's, which stand in one array with the handler's.
const OTHERS: [&str; 2] = ["uniqueId", "adapter"];

impl Collection {
    /// Looks at what was given. The inner error is a sentence for the user.
    pub(super) fn of(given: &Zval) -> std::result::Result<std::result::Result<Self, String>, Thrown> {
        let given = given.dereference();
        if given.is_null() {
            return Ok(Err("The parameter 'collection' is required".to_owned()));
        }
        if engine::has_method(given, "getDescriptor") {
            let description = engine::call_method(given, "getDescriptor", &mut [])?;
            let description = description.array().map(convert::options).unwrap_or_default();
            return Ok(described(description).map(Self::Native));
        }
        if METHODS.iter().all(|method| engine::has_method(given, method)) {
            return Ok(Ok(Self::Object));
        }
        if let Some(dsn) = given.zend_str() {
            let mut options = Options::new();
            options.set("dsn", Value::Text(dsn.as_bytes().to_vec()));
            return Ok(of_mongodb(options).map(Self::Native));
        }
        let given = if engine::has_method(given, "toArray") {
            engine::call_method(given, "toArray", &mut [])?
        } else {
            given.shallow_clone()
        };
        Ok(match given.array().map(convert::options) {
            Some(options) => of_mongodb(options).map(Self::Native),
            None => Err(format!(
                "The parameter 'collection' must be a MongoDB\\Collection object, a DSN that begins with mongodb:, or \
                 an array of options; {} given",
                engine::type_name(&given)
            )),
        })
    }
}

/// The options of a store, if it is the one of MongoDB.
fn of_mongodb(mut options: Options) -> std::result::Result<Options, String> {
    if options.get("dsn").is_none() {
        options.set_default("store", Value::Text(b"mongodb".to_vec()));
    }
    let is_ours = [options.get("store"), options.get("dsn")]
        .into_iter()
        .flatten()
        .all(|said| matches!(said, Value::Text(said) if said.to_ascii_lowercase().starts_with(b"mongodb")));
    if is_ours {
        Ok(options)
    } else {
        Err("The parameter 'collection' names no MongoDB: a DSN begins with mongodb:// or mongodb+srv://".to_owned())
    }
}

/// The description of a collection: server, options of the client, database and name.
fn described(description: Options) -> std::result::Result<Options, String> {
    let mut reader = Reader::new(description);
    let mut options = Options::new();
    if let Some(Value::Map(client)) = reader.take(&["options"]) {
        for (name, value) in client.iter().filter(|(name, _)| !OF_THE_OLD_CLIENT.contains(name)) {
            let name = match name {
                "db" => "authSource",
                name => name,
            };
            options.set(name, value.clone());
        }
    }
    let server = reader.text(&["server"]).unwrap_or_default();
    let server = if server.contains("://") { server } else { format!("mongodb://{server}") };
    options.set("dsn", Value::Text(server.into_bytes()));
    for (theirs, ours) in [("db", "database"), ("collection", "collection")] {
        if let Some(name) = reader.text(&[theirs]) {
            options.set(ours, Value::Text(name.into_bytes()));
        }
    }
    reader.finish_leniently().map_err(|error| error.to_string())?;
    of_mongodb(options)
}

/// The options of the native store: those of the collection, and what was said beside it.
pub(super) fn native(mut place: Options, said: &Options) -> Options {
    for (name, value) in said.iter().filter(|(name, _)| !OTHERS.contains(name)) {
        place.set(name, value.clone());
    }
    if !says_layout(&place) {
        place.set("layout", Value::Text(b"incubator".to_vec()));
    }
    place
}

/// The documents are those of the classes' own, unless the user says something else, in the DSN too.
fn says_layout(options: &Options) -> bool {
    options.get("layout").is_some()
        || matches!(options.get("dsn"), Some(Value::Text(dsn)) if dsn.windows(7).any(|part| part == b"layout="))
}

/// What was said beside an object.
pub(super) struct Said {
    pub layout: Layout,
    pub policy: Policy,
    /// A sentence for each option that nobody knows.
    pub unknown: Vec<String>,
}

/// Takes the options beside an object.
pub(super) fn beside_object(said: Options) -> Result<Said> {
    let mut reader = Reader::new(said);
    reader.take(&OTHERS);
    let layout = Layout::take(&mut reader).unwrap_or(Layout::Incubator);
    let mut policy = policy::take(&mut reader, &ini::policy());
    if policy::take_on_unavailable(&mut reader, &mut policy).is_some() {
        reader.mistake("option \"on_unavailable\" cannot name a second store for a collection of the application's");
    }
    let unknown = reader.finish_leniently()?;
    Ok(Said { layout, policy, unknown })
}

/// What the collection is called in messages.
pub(super) fn name_of(collection: &Zval) -> String {
    let name = |method: &str| {
        let has = engine::has_method(collection, method);
        let said = has.then(|| engine::call_method(collection, method, &mut []).ok()).flatten();
        said.and_then(|name| name.zend_str().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()))
    };
    match (name("getDatabaseName"), name("getCollectionName")) {
        (Some(database), Some(collection)) => format!("{database}.{collection}"),
        _ => "a collection of the application".to_owned(),
    }
}
