//! The registry of stores, and the way from what a user wrote to a working handler.
//!
//! Adding a store is one folder and one line in [`BACKENDS`]; CONTRIBUTING.md has the steps. All
//! folders look alike: `mod` (declaration), `config` (the options, each declared where it is
//! read), `store` (the contract), `error` (the driver's failures in our words), `docs.md`.

#[cfg(feature = "aerospike")]
pub mod aerospike;
mod breaker;
#[cfg(any(feature = "files", feature = "sqlite"))]
pub(crate) mod file_lock;
#[cfg(feature = "files")]
pub mod files;
mod guarded;
#[cfg(feature = "handlersocket")]
pub mod handlersocket;
pub mod hashed;
#[cfg(feature = "memcached")]
pub mod memcached;
pub mod memory;
#[cfg(feature = "mongodb")]
pub mod mongodb;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg_attr(not(all(feature = "files", feature = "mysql")), allow(dead_code, reason = "each store uses what it needs"))]
pub(crate) mod pace;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(any(
    feature = "redis",
    feature = "memcached",
    feature = "mysql",
    feature = "handlersocket",
    feature = "mongodb",
    feature = "aerospike"
))]
#[cfg_attr(
    not(all(feature = "redis", feature = "memcached")),
    allow(dead_code, reason = "each store uses what it needs, all of them together all of it")
)]
mod remote;
#[cfg(any(feature = "sqlite", feature = "mysql", feature = "handlersocket"))]
#[cfg_attr(
    not(any(feature = "sqlite", feature = "mysql")),
    allow(dead_code, unused_imports, reason = "without SQL only a part of it is used")
)]
pub(crate) mod sql;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod union;

use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::{Reader, is_plain};
use crate::options::value::{Options, Value};
use crate::options::{policy, suggest};
use crate::session::clock::Clock;
pub use crate::session::fork;
use crate::session::handler::{Handler, Policy, Source};
use crate::session::store::{Capabilities, Store};
use guarded::Guarded;
use hashed::Hashed;
use std::path::{Path, PathBuf};

/// What the surroundings own and a store must respect, handed in as values.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The time.
    pub clock: Clock,
    /// Whether a path may be used: PHP's `open_basedir`.
    pub allow_path: fn(&Path) -> bool,
    /// Where sessions go when no folder was named.
    pub temporary: PathBuf,
}

impl Default for Environment {
    fn default() -> Self {
        Self { clock: Clock::System, allow_path: |_| true, temporary: std::env::temp_dir() }
    }
}

/// A kind of store, declared.
pub struct Backend {
    /// The name in messages and in the option `store`.
    pub name: &'static str,
    /// The DSN schemes that mean it.
    pub schemes: &'static [&'static str],
    /// What its stores can do.
    pub capabilities: Capabilities,
    /// One line for the table of stores: what it is for.
    pub summary: &'static str,
    /// Takes the store's options and makes one. Connects to nothing.
    pub configure: fn(Dsn, &mut Reader, &Environment) -> Result<Box<dyn Store>>,
}

/// The stores of this build, in the order in which they are listed.
pub const BACKENDS: &[Backend] = &[
    #[cfg(feature = "files")]
    files::BACKEND,
    #[cfg(feature = "sqlite")]
    sqlite::BACKEND,
    #[cfg(feature = "redis")]
    redis::BACKEND,
    #[cfg(feature = "memcached")]
    memcached::BACKEND,
    #[cfg(feature = "mysql")]
    mysql::BACKEND,
    #[cfg(feature = "mongodb")]
    mongodb::BACKEND,
    #[cfg(feature = "handlersocket")]
    handlersocket::BACKEND,
    #[cfg(feature = "aerospike")]
    aerospike::BACKEND,
    memory::BACKEND,
];

/// Makes a handler from a DSN or a save path. Connects to nothing. The query may say what
/// [`from_options`] takes by name.
///
/// # Errors
/// [`crate::error::Kind::Config`], with every mistake in one message.
pub fn from_dsn(text: &str, environment: &Environment, defaults: &Policy) -> Result<Handler> {
    build(Dsn::parse(text)?, Options::new(), environment, defaults)
}

/// Makes a handler from named options: either `dsn` with more options that replace the DSN's own,
/// or `store` with `host`, `port`, `user`, `password`, `path` and the store's options.
///
/// # Errors
/// As [`from_dsn`].
pub fn from_options(mut said: Options, environment: &Environment, defaults: &Policy) -> Result<Handler> {
    let dsn = match said.take("dsn") {
        Some(Value::Text(text)) => {
            let text = String::from_utf8(text).map_err(|_| Error::config("option \"dsn\" is not UTF-8"))?;
            Dsn::parse(&text)?
        }
        None | Some(Value::Null) => Dsn::default(),
        Some(other) => {
            return Err(Error::config(format!("option \"dsn\" must be a string, {} given", other.type_name())));
        }
    };
    build(dsn, said, environment, defaults)
}

fn build(mut dsn: Dsn, said: Options, environment: &Environment, defaults: &Policy) -> Result<Handler> {
    let mut reader = Reader::over(said, std::mem::take(&mut dsn.options));
    if let Some(store) = reader.text(&["store"]) {
        dsn.scheme = store.to_ascii_lowercase();
    }
    dsn.host = reader.text(&["host"]).unwrap_or(dsn.host);
    dsn.user = reader.text(&["user", "username"]).or(dsn.user);
    dsn.password = reader.text(&["password"]).or(dsn.password);
    dsn.path = reader.text(&["path"]).unwrap_or(dsn.path);
    if let Some(port) = reader.number(&["port"], 1..=65535) {
        dsn.port = u16::try_from(port).ok();
    }
    if dsn.host.contains(['@', '/', '\0']) {
        // Whole DSNs are put there, with a password; and the host is part of every message.
        reader.mistake(
            "the host must be a name or an address alone; user, password, port and path are options of their own",
        );
    }
    let salt = reader.text(&["hash_ids"]);
    let asks_for_locks = policy::asks_for_locks(&reader);
    let mut policy = policy::take(&mut reader, defaults);
    let second = policy::take_on_unavailable(&mut reader, &mut policy);
    let backend = match find(&dsn.scheme) {
        Ok(backend) => backend,
        Err(error) => return Err(reader.finish_after(error)),
    };
    let first = match (backend.configure)(dsn, &mut reader, environment) {
        Ok(store) => {
            if policy::take_optimistic(&mut reader) {
                let (name, way) = (
                    backend.name,
                    if store.capabilities().locks { "locks or does not" } else { "cannot lock sessions" },
                );
                reader.mistake(format!("option \"locking\" cannot be \"optimistic\": the store {name} {way}"));
            }
            reader.finish().map(|()| store)?
        }
        Err(error) => return Err(reader.finish_after(error)),
    };
    let second = second.map(|dsn| second_store(&dsn, environment)).transpose()?;
    if asks_for_locks && let Some(store) = second.iter().chain([&first]).find(|store| !store.capabilities().locks) {
        return Err(no_locks(store.name()));
    }
    if policy.reference != Source::None
        && let Some(store) = second.iter().chain([&first]).find(|store| !store.capabilities().references)
    {
        return Err(no_references(&**store));
    }
    let mut store = first;
    if store.capabilities().remote || second.is_some() {
        store = Box::new(Guarded::new(store, second));
    }
    if let Some(salt) = salt {
        store = Box::new(Hashed::new(store, salt));
    }
    Ok(Handler::new(store, policy))
}

fn no_locks(store: &str) -> Error {
    Error::config(format!(
        "option \"locking\" is on, and the store {store} cannot lock sessions; say locking=0, or use one of {}",
        able(|abilities| abilities.locks)
    ))
}

fn no_references(store: &dyn Store) -> Error {
    let name = store.name();
    let cannot = match store.references_ruled_out_by() {
        Some(what) => format!("cannot find sessions by a reference {what}; leave out one of the two"),
        None => format!("cannot find sessions by a reference; {} can", able(|abilities| abilities.references)),
    };
    Error::config(format!("options \"ref\", \"ref_global\" and \"references\": the store {name} {cannot}"))
}

/// The stores of this build with an ability.
fn able(can: fn(&Capabilities) -> bool) -> String {
    let able = BACKENDS.iter().filter(|backend| can(&backend.capabilities)).map(|backend| backend.name);
    able.collect::<Vec<_>>().join(", ")
}

/// The store that is used while the first one is away. How sessions are locked, and for how long they
/// live, is said once, for both.
fn second_store(text: &str, environment: &Environment) -> Result<Box<dyn Store>> {
    let of_second = |error: Error| Error::config(format!("in option \"on_unavailable\": {error}"));
    let mut dsn = Dsn::parse(text).map_err(of_second)?;
    let mut reader = Reader::new(std::mem::take(&mut dsn.options));
    let made = find(&dsn.scheme).and_then(|backend| (backend.configure)(dsn, &mut reader, environment));
    match made {
        Ok(store) => reader.finish().map(|()| store).map_err(of_second),
        Err(error) => Err(of_second(reader.finish_after(error))),
    }
}

/// The backend of a DSN scheme.
///
/// # Errors
/// For a scheme that no store of this build has, with the nearest one that it has.
pub fn find(scheme: &str) -> Result<&'static Backend> {
    if let Some(backend) = BACKENDS.iter().find(|backend| backend.schemes.contains(&scheme)) {
        return Ok(backend);
    }
    if scheme.is_empty() {
        let names = names().join(", ");
        return Err(Error::config(format!("say which store: option \"dsn\", or option \"store\" with one of {names}")));
    }
    if !is_plain(scheme) {
        return Err(Error::config("option \"store\" must be the name of a store; a DSN goes into option \"dsn\""));
    }
    let hint = match suggest::nearest(scheme, BACKENDS.iter().flat_map(|backend| backend.schemes.iter().copied())) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("this build has {}", names().join(", ")),
    };
    Err(Error::config(format!("unknown store \"{scheme}\"; {hint}")))
}

fn names() -> Vec<&'static str> {
    BACKENDS.iter().map(|backend| backend.name).collect()
}
