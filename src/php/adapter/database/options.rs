//! What the user gave as the database, and what was said beside it.

use super::connection::Connection;
use super::store::Fencing;
use crate::backend::sql::{Dialect, Wanted};
use crate::error::{Error, Result};
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::options::{descriptor, policy, suggest};
use crate::php::convert;
use crate::php::engine::{self, Thrown};
use crate::php::ini;
use crate::session::handler::{OnLockLost, Policy};
use ext_php_rs::types::Zval;

/// What was given as the database.
pub(super) enum Database {
    /// An object that is called.
    Connection(Connection),
    /// What one of our own stores is made with.
    Native(Options),
}

/// What the classes take for a database, for messages.
const CHOICE: &str = "a PDO or mysqli object, a DSN or an array of options";

impl Database {
    /// Looks at what was given. The inner error is a sentence for the user.
    pub(super) fn of(given: &Zval) -> Result<Result<Self, String>, Thrown> {
        let given = given.dereference();
        if let Some(connection) = Connection::of(given) {
            return Ok(Ok(Self::Connection(connection)));
        }
        if let Some(dsn) = given.zend_str().filter(|dsn| !dsn.as_bytes().is_empty()) {
            let mut options = Options::new();
            options.set("dsn", Value::Text(dsn.as_bytes().to_vec()));
            return Ok(of_sql_store(options));
        }
        if engine::has_method(given, "getDescriptor") {
            let description = engine::call_method(given, "getDescriptor", &mut [])?;
            let database = if engine::has_method(given, "getType") {
                let name = engine::to_string(&engine::call_method(given, "getType", &mut [])?)?;
                name.zend_str().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()).unwrap_or_default()
            } else {
                String::new()
            };
            let description = description.array().map(convert::options).unwrap_or_default();
            return Ok(descriptor::options(&database, description)
                .map(Self::Native)
                .map_err(|error| error.to_string()));
        }
        let given = if engine::has_method(given, "toArray") {
            engine::call_method(given, "toArray", &mut [])?
        } else {
            given.shallow_clone()
        };
        let Some(options) = given.array().map(convert::options) else {
            return Ok(Err(unsuitable(&given)));
        };
        if descriptor::is_one(&options) {
            return Ok(descriptor::options("", options).map(Self::Native).map_err(|error| error.to_string()));
        }
        Ok(of_sql_store(options))
    }
}

/// The options of a store, if it is one of SQL databases: the others have no tables.
fn of_sql_store(options: Options) -> Result<Database, String> {
    let is_sql_scheme = |said: &Value| {
        let Value::Text(said) = said else { return false };
        let said = String::from_utf8_lossy(said).to_ascii_lowercase();
        let scheme = said.split(':').next().unwrap_or_default();
        SCHEMES.contains(&scheme.strip_suffix("+unix").unwrap_or(scheme))
    };
    let is_sql = [options.get("store"), options.get("dsn")].into_iter().flatten().any(is_sql_scheme);
    if is_sql {
        return Ok(Database::Native(options));
    }
    let said = [options.get("store"), options.get("dsn")].into_iter().flatten().next();
    Err(format!(
        "Parameter \"db\" names no SQL database: a DSN begins with one of {}, an array has it as \"store\"{}",
        SCHEMES.join(", "),
        said.map(nearest).unwrap_or_default()
    ))
}

/// The right thing that was perhaps meant.
fn nearest(said: &Value) -> String {
    let Value::Text(said) = said else { return String::new() };
    let said = String::from_utf8_lossy(said);
    if said.starts_with('/') {
        return "; a file of SQLite is sqlite:// and its path".to_owned();
    }
    let scheme = said.split(':').next().unwrap_or_default();
    suggest::nearest(scheme, SCHEMES).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default()
}

/// Of the stores in SQL databases.
const SCHEMES: [&str; 3] = ["sqlite", "mysql", "mariadb"];

/// In Phalcon's words, and then in ours.
pub(super) const MISSING: &str =
    "Parameter \"db\" is required and it must be an instance of Phalcon\\Db\\AdapterInterface";

fn unsuitable(given: &Zval) -> String {
    let mut sentence = format!("{MISSING}; or {CHOICE}; {} given", engine::type_name(given));
    for getter in ["getNativeConnection", "getPdo"] {
        if engine::has_method(given, getter) {
            sentence.push_str(&format!(", whose {getter}() returns one"));
            break;
        }
    }
    sentence
}

/// What was said of a table that is reached by a connection of the application's.
pub(super) struct Said {
    pub wanted: Wanted,
    pub policy: Policy,
    pub fencing: Fencing,
    /// A sentence for each option that nobody knows.
    pub unknown: Vec<String>,
}

/// Takes the options beside a connection. `times` is how the table's times are written where neither
/// the user nor the table says it.
pub(super) fn beside_connection(mut said: Options, dialect: Dialect, times: &str) -> Result<Said> {
    assume_schema(&mut said);
    if dialect == Dialect::Mysql && said.get("timestamps").is_none() {
        said.set("timestamps", Value::Text(times.into()));
    }
    let mut reader = Reader::new(said);
    take_others(&mut reader);
    let wanted = Wanted::take(&mut reader);
    if wanted.create() == Some(true) {
        reader.mistake(
            "option \"create_table\" is for our own connections: on this one it could end a transaction of the \
             application's; create the table beforehand",
        );
    }
    let mut policy = policy::take(&mut reader, &ini::policy());
    if policy::take_on_unavailable(&mut reader, &mut policy).is_some() {
        reader.mistake("option \"on_unavailable\" cannot name a second store for a connection of the application's");
    }
    if policy::take_optimistic(&mut reader) && dialect == Dialect::Mysql {
        reader.mistake("option \"locking\" can be \"optimistic\" for MySQL on our own connections alone; give a DSN");
    }
    let fencing = Fencing { compares: policy.locking, overwrites: policy.on_lock_lost == OnLockLost::Overwrite };
    let unknown = reader.finish_leniently()?;
    Ok(Said { wanted, policy, fencing, unknown })
}

/// The options of a native store: those of the database, and what was said beside it.
pub(super) fn native(mut database: Options, said: &Options) -> Options {
    for (name, value) in said.iter().filter(|(name, _)| !OTHERS.contains(name)) {
        database.set(name, value.clone());
    }
    assume_schema(&mut database);
    database
}

/// A session's own option and the factory's, which stand in one array with the handler's.
const OTHERS: [&str; 2] = ["uniqueId", "adapter"];

fn take_others(reader: &mut Reader) {
    reader.take(&OTHERS);
}

/// The tables of Phalcon's incubator, unless the user says something else.
fn assume_schema(options: &mut Options) {
    if options.get("schema").is_none() && options.get("flavour").is_none() {
        options.set("schema", Value::Text(b"phalcon".to_vec()));
    }
}

/// The options that the second class's list of columns stands for: Phalcon's name of a column, and what
/// it is called here.
pub(super) fn columns(columns: Options, options: &mut Options) -> Result<()> {
    let mut reader = Reader::new(columns);
    for (theirs, ours) in [
        ("session_id", "column_session_id"),
        ("data", "column_data"),
        ("created_at", "column_created_at"),
        ("modified_at", "column_modified_at"),
    ] {
        if let Some(name) = reader.take(&[theirs]) {
            options.set(ours, name);
        }
    }
    reader.finish().map_err(|error| {
        Error::config(format!("in the names of the columns: {}", error.to_string().replace("option", "column")))
    })
}
