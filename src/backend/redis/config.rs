//! The options of the Redis store.
//!
//! | option | meaning | default |
//! | --- | --- | --- |
//! | host, port | `redis://HOST:PORT` | 127.0.0.1, 6379 |
//! | several hosts | `redis://HOST,HOST:PORT`: the first that answers and is a master | |
//! | sentinels | `redis+sentinel://HOST,HOST/MASTER/DATABASE` | port 26379 |
//! | cluster | `redis+cluster://HOST,HOST`: some of its nodes | |
//! | socket | `redis+unix:///PATH` | |
//! | user, password | `redis://USER:PASSWORD@HOST`; a password alone is the default user's | none |
//! | `database` | also the DSN's path: `redis://HOST/2` | 0 |
//! | `prefix` | what a record's key begins with, before the id | `PHPREDIS_SESSION:`; in a cluster `PHPREDIS_CLUSTER_SESSION:` |
//! | `lock_suffix` | what a lock's key ends with, behind the record's key | `_LOCK` |
//! | `serialize` | store the session as PHP's `serialize()` writes a string; both forms are read. `read`: store it as it is, and read both | off |
//! | `connect_timeout` (`timeout`) | the most that connecting takes | 5 s |
//! | `read_timeout` | the most that an answer takes, without the wait for a lock | 5 s |
//! | `stats_key` | the key of a set that lists what is stored, as `stats_prefix` and id; one exchange more for each write | none |
//! | `stats_prefix` | what a member of that set begins with | none |
//! | `dalmp_references` | the hash in which DALMP has noted references: they are taken over when references are asked for | none |
//! | `client_name` | the name in the server's CLIENT LIST | none |
//! | `ca_file` | with `rediss://`: a PEM file with the CAs to trust | the system's |
//! | `client_cert`, `client_key` | PEM files; a key in the certificate's file need not be named | none |
//! | `server_name` | the name that the server's certificate must have | the host |
//! | `verify` | 0 believes any server and is dangerous; `ca` does not look at its name | 1 |
//! | `persistent` | keep the connection between requests; off costs a new one for each, and a wait more | on |
//! | `retries` | how often a request tries again where that is safe, such as to connect | 1; 10 with several hosts, sentinels or a cluster |
//! | `sentinel_user`, `sentinel_password` | what the sentinels themselves want | none |
//! | `retry_interval` | milliseconds before the first of these; later ones take twice as long each, up to 500 ms | 10 |
//! | `weight` | in phpredis's lists: the server's share of the sessions | 1 |

use super::client::Settings;
use super::keys::Keys;
use super::layout::Layout;
use super::sentinel::Sentinels;
use super::shards::Shards;
use super::store::{Members, Redis};
use super::topology::{HOST, PORT, Topology};
use crate::backend::Environment;
use crate::backend::remote::address::Address;
use crate::backend::remote::backoff::Retries;
use crate::backend::remote::options::{self, Security};
use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::session::store::Store;
use std::time::Duration;

const SENTINEL_PORT: u16 = 26_379;
const PREFIX: &str = "PHPREDIS_SESSION:";
/// What phpredis's handler of its own for clusters has.
const CLUSTER_PREFIX: &str = "PHPREDIS_CLUSTER_SESSION:";
const LOCK_SUFFIX: &str = "_LOCK";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_secs(5);
pub(super) const RETRIES: u32 = 1;
/// Where another server may take over: with their pauses about two seconds.
const MORE_RETRIES: u32 = 10;
pub(super) const RETRY_INTERVAL: Duration = Duration::from_millis(10);

pub(super) fn configure(mut dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    let members = std::mem::take(&mut dsn.members);
    if members.is_empty() {
        // Whatever its weight, one server has all the sessions.
        weight(reader);
        let common = Common::take(reader, Common::default());
        return Ok(Box::new(server(&dsn, reader, common, environment)?));
    }
    if !dsn.host.is_empty() {
        reader.mistake("a list of servers says where they are; there is no \"host\" beside it");
    }
    let common = Common::take(reader, Common { user: dsn.user, password: dsn.password, ..Common::default() });
    let mut shards = Vec::with_capacity(members.len());
    for mut member in members {
        let mut own = Reader::new(std::mem::take(&mut member.options));
        let weight = weight(&mut own);
        let common = Common::take(&mut own, common.clone());
        let store = server(&member, &mut own, common, environment)?;
        own.finish()?;
        shards.push((weight, store));
    }
    Ok(Box::new(Shards::new(shards)?))
}

/// The options that are no place: what a list says once holds for each of its servers that does not
/// say otherwise.
#[derive(Clone)]
struct Common {
    user: Option<String>,
    password: Option<String>,
    database: Option<u32>,
    prefix: Option<String>,
    lock_suffix: String,
    layout: Layout,
    members: Option<Members>,
    dalmp_references: Option<String>,
    client_name: Option<String>,
    connect_timeout: Duration,
    read_timeout: Duration,
    tls: Security,
    persistent: bool,
    retries: Option<u32>,
    retry_interval: Duration,
}

impl Default for Common {
    fn default() -> Self {
        Self {
            user: None,
            password: None,
            database: None,
            prefix: None,
            lock_suffix: LOCK_SUFFIX.to_owned(),
            layout: Layout::Raw,
            members: None,
            dalmp_references: None,
            client_name: None,
            connect_timeout: CONNECT_TIMEOUT,
            read_timeout: READ_TIMEOUT,
            tls: Security::default(),
            persistent: true,
            retries: None,
            retry_interval: RETRY_INTERVAL,
        }
    }
}

impl Common {
    fn take(reader: &mut Reader, otherwise: Self) -> Self {
        let database = reader.number(&["database", "db"], 0..=i64::from(i32::MAX));
        let lock_suffix = reader.text(&["lock_suffix"]).unwrap_or(otherwise.lock_suffix);
        if lock_suffix.is_empty() {
            reader.mistake("option \"lock_suffix\" must not be empty: a lock needs a key of its own");
        }
        let client_name = reader.text(&["client_name"]).map_or(otherwise.client_name, Some);
        let client_name = client_name.filter(|name| !name.is_empty());
        if client_name.as_ref().is_some_and(|name| !name.bytes().all(|b| b.is_ascii_graphic())) {
            reader.mistake("option \"client_name\" must be printable ASCII without spaces");
        }
        let layout = match reader.switch_or(&["serialize"], "read") {
            Some(Some(true)) => Layout::Serialized,
            Some(Some(false)) => Layout::Raw,
            Some(None) => Layout::Either,
            None => otherwise.layout,
        };
        let members = reader.text(&["stats_key"]).filter(|key| !key.is_empty());
        let members_prefix = reader.text(&["stats_prefix"]).unwrap_or_default();
        Self {
            user: otherwise.user,
            password: otherwise.password,
            database: database.and_then(|number| u32::try_from(number).ok()).or(otherwise.database),
            prefix: reader.text(&["prefix"]).or(otherwise.prefix),
            lock_suffix,
            layout,
            members: members.map(|key| Members { key, prefix: members_prefix }).or(otherwise.members),
            dalmp_references: reader.text(&["dalmp_references"]).or(otherwise.dalmp_references),
            client_name,
            connect_timeout: options::timeout(reader, &["connect_timeout", "timeout"], otherwise.connect_timeout),
            read_timeout: options::timeout(reader, &["read_timeout"], otherwise.read_timeout),
            tls: Security::take(reader, otherwise.tls),
            persistent: reader.switch(&["persistent"]).unwrap_or(otherwise.persistent),
            retries: reader.number(&["retries"], 0..=100).and_then(|n| u32::try_from(n).ok()).or(otherwise.retries),
            retry_interval: retry_interval(reader).unwrap_or(otherwise.retry_interval),
        }
    }
}

fn server(dsn: &Dsn, reader: &mut Reader, common: Common, environment: &Environment) -> Result<Redis> {
    let secure = dsn.scheme.starts_with("rediss") || dsn.scheme.starts_with("valkeys");
    if !secure {
        common.tls.refuse(reader, "rediss://");
    }
    if dsn.user.is_some() && dsn.password.is_none() {
        reader.mistake("the DSN has a user but no password; for a password alone write redis://:PASSWORD@HOST");
    }
    let (topology, in_path) = place(dsn, reader)?;
    let in_cluster = matches!(topology, Topology::Cluster(_));
    let database = match (in_path, common.database) {
        (Some(path), Some(said)) if path != said => {
            reader.mistake(format!("the DSN's path says database {path} and option \"database\" says {said}"));
            path
        }
        (path, said) => path.or(said).unwrap_or(0),
    };
    if in_cluster && database != 0 {
        reader.mistake(format!(
            "a cluster has only database 0, {database} was asked for; tell applications apart by prefix"
        ));
    }
    let (user, password) = match dsn.password {
        Some(_) => (dsn.user.clone(), dsn.password.clone()),
        None => (common.user, common.password),
    };
    let times = common.retries.unwrap_or(if matches!(topology, Topology::One(_)) { RETRIES } else { MORE_RETRIES });
    let tls = if secure { Some(common.tls.read(reader, environment)?) } else { None };
    let settings = Settings {
        topology,
        tls,
        user,
        password: password.filter(|password| !password.is_empty()),
        database,
        client_name: common.client_name,
        connect_timeout: common.connect_timeout,
        read_timeout: common.read_timeout,
        persistent: common.persistent,
        retries: Retries {
            times,
            interval: common.retry_interval,
            within: common.connect_timeout.saturating_add(common.read_timeout),
        },
    };
    let keys = if in_cluster {
        let prefix = common.prefix.as_deref().unwrap_or(CLUSTER_PREFIX);
        Keys::in_cluster(prefix, &common.lock_suffix).ok_or_else(|| {
            Error::config("option \"prefix\" has one brace alone; in a cluster a pair of them decides where keys are")
        })?
    } else {
        Keys::new(common.prefix.as_deref().unwrap_or(PREFIX), &common.lock_suffix)
    };
    let mut redis = Redis::new(settings, keys, common.layout, common.members);
    redis.dalmp_references = common.dalmp_references;
    Ok(redis)
}

/// Where the server is, and the database that the path says.
fn place(dsn: &Dsn, reader: &mut Reader) -> Result<(Topology, Option<u32>)> {
    let (_, kind) = dsn.scheme.split_once('+').unwrap_or_default();
    if kind == "unix" {
        return Ok((Topology::One(options::socket(dsn, "redis+unix:///run/redis/redis.sock")?), None));
    }
    let addresses = addresses(dsn, if kind == "sentinel" { SENTINEL_PORT } else { PORT })?;
    match kind {
        "sentinel" => {
            let path = dsn.path.trim_matches('/');
            let (master, path) = path.split_once('/').unwrap_or((path, ""));
            if master.is_empty() {
                return Err(Error::config(
                    "the DSN's path must be the name that the sentinels have for the master, as in \
                     redis+sentinel://HOST/mymaster/0",
                ));
            }
            let sentinels = Sentinels {
                hosts: addresses,
                master: master.to_owned(),
                user: reader.text(&["sentinel_user"]).filter(|user| !user.is_empty()),
                password: reader.text(&["sentinel_password"]).filter(|password| !password.is_empty()),
            };
            if sentinels.user.is_some() && sentinels.password.is_none() {
                reader.mistake("option \"sentinel_user\" needs option \"sentinel_password\"");
            }
            Ok((Topology::Sentinel(sentinels), database_in(path)?))
        }
        "cluster" => Ok((Topology::Cluster(addresses), database_in(&dsn.path)?)),
        _ => {
            let database = database_in(&dsn.path)?;
            let topology = match <[Address; 1]>::try_from(addresses) {
                Ok([only]) => Topology::One(only),
                Err(several) => Topology::Several(several),
            };
            Ok((topology, database))
        }
    }
}

fn addresses(dsn: &Dsn, default_port: u16) -> Result<Vec<Address>> {
    let mut addresses: Vec<Address> = Vec::new();
    for host in dsn.hosts()? {
        if host.name.is_empty() {
            return Err(Error::config("the DSN's list of hosts has one without a name"));
        }
        let address = Address::Tcp { host: host.name, port: host.port.or(dsn.port).unwrap_or(default_port) };
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        addresses.push(Address::Tcp { host: HOST.to_owned(), port: dsn.port.unwrap_or(default_port) });
    }
    Ok(addresses)
}

fn database_in(path: &str) -> Result<Option<u32>> {
    match path.trim_start_matches('/') {
        "" => Ok(None),
        number => number.parse().ok().filter(|number| *number <= i32::MAX.unsigned_abs()).map(Some).ok_or_else(|| {
            Error::config("the DSN's path must be the number of a database, as in redis://HOST/2; for a socket write redis+unix:///PATH")
        }),
    }
}

fn weight(reader: &mut Reader) -> u32 {
    let said = reader.number(&["weight"], 1..=i64::from(i32::MAX));
    said.and_then(|weight| u32::try_from(weight).ok()).unwrap_or(1)
}

/// In milliseconds, as phpredis has it.
fn retry_interval(reader: &mut Reader) -> Option<Duration> {
    let said = reader.number(&["retry_interval"], 0..=60_000)?;
    u64::try_from(said).ok().map(|milliseconds| Duration::from_millis(milliseconds.max(1)))
}

#[cfg(test)]
mod tests {
    use crate::backend::{Environment, from_dsn};
    use crate::session::handler::Policy;

    fn endpoint(dsn: &str) -> Result<String, String> {
        from_dsn(dsn, &Environment::default(), &Policy::default())
            .map(|handler| handler.store().endpoint())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_forms_of_the_dsn() {
        assert_eq!(endpoint("redis://").unwrap(), "127.0.0.1:6379");
        assert_eq!(endpoint("valkey://u:p@[::1]:7000/3?prefix=a:&serialize").unwrap(), "[::1]:7000/3");
        assert_eq!(endpoint("redis://h?database=2").unwrap(), "h:6379/2");
        assert_eq!(endpoint("redis+unix:///run/r.sock?database=2").unwrap(), "/run/r.sock, database 2");
    }

    #[test]
    fn mistakes_are_named() {
        for (dsn, word) in [
            ("redis://h/two", "number of a database"),
            ("redis://h/1?database=2", "says database 1"),
            ("redis://h?database=-1", "database"),
            ("redis://u@h", "user but no password"),
            ("redis+unix://run/r.sock", "three slashes"),
            ("redis+unix://", "needs its path"),
            ("redis://h?lock_suffix=", "lock_suffix"),
            ("redis://h?read_timeout=0", "at least 1 millisecond"),
            ("redis://h?client_name=a%20b", "client_name"),
            ("redis://h?prefx=a", "did you mean \"prefix\""),
        ] {
            let message = endpoint(dsn).unwrap_err();
            assert!(message.contains(word), "{dsn}: {message}");
        }
    }
}
