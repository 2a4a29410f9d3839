//! The options of the MySQL store.
//!
//! | option | meaning | default |
//! | --- | --- | --- |
//! | host, port | `mysql://HOST:PORT/DATABASE` | 127.0.0.1, 3306 |
//! | socket | `mysql+unix:///PATH?database=DATABASE` | |
//! | user, password | `mysql://USER:PASSWORD@HOST` | `root`, none |
//! | `database` (`dbname`) | the database | the DSN's path |
//! | `schema`, `table`, `column_...`, `timestamps`, `timezone` | the table: see [`Wanted::take`] | `sessions`, what its columns say |
//! | `create_table` | create a missing table | off |
//! | `locking` | also `optimistic`: no lock, and a write that finds another's changes is refused | on |
//! | `tls`, and with it `ca_file`, `client_cert`, `client_key`, `server_name`, `verify` | TLS | off |
//! | `connect_timeout` (`timeout`) | the most that connecting takes | 2 s |
//! | `read_timeout` | the most that an answer takes | 10 s |

use super::server::Settings;
use super::statements::Plans;
use super::store::Mysql;
use crate::backend::Environment;
use crate::backend::remote::address::Address;
use crate::backend::remote::options::{self, Security};
use crate::backend::sql::Wanted;
use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::policy;
use crate::options::reader::Reader;
use crate::session::store::Store;
use std::time::Duration;

const PORT: u16 = 3306;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const READ_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn configure(dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    let (address, path) = place(&dsn)?;
    let said = reader.text(&["database", "dbname"]);
    if said.is_some() && !path.is_empty() {
        reader.mistake("option \"database\" and the DSN's path are two answers to one question");
    }
    let database = said.unwrap_or(path);
    if database.is_empty() {
        reader.mistake("no database is named; write mysql://HOST/DATABASE, or say it with the option \"database\"");
    } else if database.len() > 64 * 4 || database.contains(['/', '\0']) {
        reader.mistake("the database's name has a slash or a NUL in it, or is longer than 64 characters");
    }
    let security = Security::take(reader, Security::default());
    let tls = if reader.switch(&["tls", "ssl"]).unwrap_or(false) {
        if matches!(address, Address::Unix(_)) {
            reader.mistake("option \"tls\" is for TCP; nobody can listen on a unix socket");
        }
        Some(security.read(reader, environment)?)
    } else {
        security.refuse(reader, "tls=1");
        None
    };
    let user = dsn.user.unwrap_or_else(|| "root".into());
    let password = dsn.password.unwrap_or_default();
    if [&user, &password, &database].iter().any(|text| text.contains('\0')) {
        reader.mistake("user, password and database must not contain NUL");
    }
    let optimistic = policy::take_optimistic(reader);
    let settings = Settings {
        address,
        user,
        password,
        database,
        tls,
        connect_timeout: options::timeout(reader, &["connect_timeout", "timeout"], CONNECT_TIMEOUT),
        read_timeout: options::timeout(reader, &["read_timeout"], READ_TIMEOUT),
        wanted: Wanted::take(reader),
        referred: false,
        usual: if optimistic { &Plans::USUAL_UNLOCKED } else { &Plans::USUAL },
    };
    Ok(Box::new(Mysql::new(settings, optimistic, environment.clock.clone())))
}

/// Where the server is, and the database if the DSN names it in its path.
fn place(dsn: &Dsn) -> Result<(Address, String)> {
    if dsn.scheme.ends_with("+unix") {
        let socket = options::socket(dsn, "mysql+unix:///run/mysqld/mysqld.sock?database=shop")?;
        return Ok((socket, String::new()));
    }
    let hosts = dsn.hosts()?;
    let (host, port) = match hosts.as_slice() {
        [] => ("127.0.0.1".to_owned(), dsn.port),
        [host] => (host.name.clone(), host.port.or(dsn.port)),
        _ => {
            return Err(Error::config("the DSN has several hosts, and a MySQL server is one; put a proxy before them"));
        }
    };
    let path = dsn.path.trim_matches('/').to_owned();
    // It would be the name of a database on this machine.
    if ["host=", "port=", "dbname=", "unix_socket=", "charset="].iter().any(|name| path.starts_with(name)) {
        return Err(Error::config("the DSN is one of PDO's; write mysql://USER:PASSWORD@HOST:PORT/DATABASE"));
    }
    Ok((Address::Tcp { host, port: port.unwrap_or(PORT) }, path))
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
        for (dsn, expected) in [
            ("mysql:///shop", "127.0.0.1:3306/shop.sessions"),
            ("mysql://u:p@h/shop?table=t", "h:3306/shop.t"),
            ("mariadb://[::1]:3307/shop?schema=symfony", "[::1]:3307/shop.sessions"),
            ("mysql://h?dbname=shop&schema=phalcon", "h:3306/shop.session_data"),
            ("mysql+unix://u:p@/run/m.sock?database=shop&locking=optimistic", "/run/m.sock/shop.sessions"),
        ] {
            assert_eq!(endpoint(dsn).unwrap(), expected, "{dsn}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (dsn, word) in [
            ("mysql://h", "no database"),
            ("mysql://h/a?database=b", "two answers"),
            ("mysql:host=h;dbname=a", "one of PDO's; write mysql://"),
            ("mysql://h/a/b", "slash"),
            ("mysql://h/a%00", "NUL"),
            ("mysql://h1,h2/a", "several hosts"),
            ("mysql+unix:///", "needs its path"),
            ("mysql+unix:///s?database=a&tls=1", "unix socket"),
            ("mysql://h/a?ca_file=/x", "tls=1 asks for"),
            ("mysql://h/a?table=a%60b", "identifier"),
            ("mysql://h/a?locking=optimist", "\"locking\" must be a switch"),
            ("mysql://h/a?read_timeout=0", "at least 1 millisecond"),
            ("mysql://h/a?tabel=x", "did you mean \"table\""),
        ] {
            let message = endpoint(dsn).expect_err(dsn);
            assert!(message.contains(word), "{dsn}: {message}");
        }
    }
}
