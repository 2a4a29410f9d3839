//! The options of the Redis store.
//!
//! | option | meaning | default |
//! | --- | --- | --- |
//! | host, port | `redis://HOST:PORT` | 127.0.0.1, 6379 |
//! | socket | `redis+unix:///PATH` | |
//! | user, password | `redis://USER:PASSWORD@HOST`; a password alone is the default user's | none |
//! | `database` | also the DSN's path: `redis://HOST/2` | 0 |
//! | `prefix` | what a record's key begins with, before the id | `PHPREDIS_SESSION:` |
//! | `lock_suffix` | what a lock's key ends with, behind the record's key | `_LOCK` |
//! | `serialize` | store the session as PHP's `serialize()` writes a string; both forms are read | off |
//! | `connect_timeout` (`timeout`) | the most that connecting takes | 5 s |
//! | `read_timeout` | the most that an answer takes, without the wait for a lock | 5 s |
//! | `client_name` | the name in the server's CLIENT LIST | none |

use super::client::Settings;
use super::keys::Keys;
use super::layout::Layout;
use super::socket::Address;
use super::store::Redis;
use crate::backend::Environment;
use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::session::store::Store;
use std::time::Duration;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 6379;
const PREFIX: &str = "PHPREDIS_SESSION:";
const LOCK_SUFFIX: &str = "_LOCK";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_secs(5);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(86_400);

pub(super) fn configure(dsn: Dsn, reader: &mut Reader, _environment: &Environment) -> Result<Box<dyn Store>> {
    let in_path = if dsn.scheme.ends_with("+unix") { None } else { database_in(&dsn.path)? };
    let said =
        reader.number(&["database", "db"], 0..=i64::from(i32::MAX)).and_then(|number| u32::try_from(number).ok());
    if let (Some(path), Some(said)) = (in_path, said)
        && path != said
    {
        reader.mistake(format!("the DSN's path says database {path} and option \"database\" says {said}"));
    }
    if dsn.user.is_some() && dsn.password.is_none() {
        reader.mistake("the DSN has a user but no password; for a password alone write redis://:PASSWORD@HOST");
    }
    let prefix = reader.text(&["prefix"]).unwrap_or_else(|| PREFIX.to_owned());
    let lock_suffix = reader.text(&["lock_suffix"]).unwrap_or_else(|| LOCK_SUFFIX.to_owned());
    if lock_suffix.is_empty() {
        reader.mistake("option \"lock_suffix\" must not be empty: a lock needs a key of its own");
    }
    let layout = if reader.switch(&["serialize"]).unwrap_or(false) { Layout::Serialized } else { Layout::Raw };
    let client_name = reader.text(&["client_name"]).filter(|name| !name.is_empty());
    if client_name.as_ref().is_some_and(|name| !name.bytes().all(|b| b.is_ascii_graphic())) {
        reader.mistake("option \"client_name\" must be printable ASCII without spaces");
    }
    let settings = Settings {
        address: address(&dsn)?,
        user: dsn.user.filter(|_| dsn.password.is_some()),
        password: dsn.password.filter(|password| !password.is_empty()),
        database: in_path.or(said).unwrap_or(0),
        client_name,
        connect_timeout: timeout(reader, &["connect_timeout", "timeout"], CONNECT_TIMEOUT),
        read_timeout: timeout(reader, &["read_timeout"], READ_TIMEOUT),
    };
    Ok(Box::new(Redis::new(settings, Keys::new(&prefix, &lock_suffix), layout)))
}

fn address(dsn: &Dsn) -> Result<Address> {
    if !dsn.scheme.ends_with("+unix") {
        let host = if dsn.host.is_empty() { HOST.to_owned() } else { dsn.host.clone() };
        return Ok(Address::Tcp { host, port: dsn.port.unwrap_or(PORT) });
    }
    if !dsn.host.is_empty() || dsn.port.is_some() {
        return Err(Error::config("the DSN of a unix socket has no host; write redis+unix:///PATH with three slashes"));
    }
    if dsn.path.is_empty() || dsn.path.ends_with('/') || dsn.path.contains('\0') {
        return Err(Error::config("the DSN of a unix socket needs its path: redis+unix:///run/redis/redis.sock"));
    }
    Ok(Address::Unix(dsn.path.clone().into()))
}

fn database_in(path: &str) -> Result<Option<u32>> {
    match path.trim_start_matches('/') {
        "" => Ok(None),
        number => number.parse().ok().filter(|number| *number <= i32::MAX.unsigned_abs()).map(Some).ok_or_else(|| {
            Error::config("the DSN's path must be the number of a database, as in redis://HOST/2; for a socket write redis+unix:///PATH")
        }),
    }
}

fn timeout(reader: &mut Reader, names: &[&'static str], default: Duration) -> Duration {
    let Some(said) = reader.duration(names) else { return default };
    if said < Duration::from_millis(1) {
        let name = names.first().copied().unwrap_or_default();
        reader.mistake(format!("option \"{name}\" must be at least 1 millisecond"));
        return default;
    }
    said.min(LONGEST_TIMEOUT)
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
