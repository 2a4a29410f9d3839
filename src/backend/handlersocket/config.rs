//! The options of the HandlerSocket store.
//!
//! | option | meaning | default |
//! | --- | --- | --- |
//! | host, port | `handlersocket://HOST:PORT/DATABASE` | 127.0.0.1, 9999 |
//! | `wr_port` | the server's port for writing, `handlersocket_port_wr`: another way to say `port` | 9999 |
//! | `rd_port` | its port for reading, `handlersocket_port`, for what changes nothing | `wr_port` |
//! | `database` (`dbname`) | instead of the DSN's path | |
//! | `auth` (also as a password) | the server's `handlersocket_plain_secret_wr` | none |
//! | `rd_auth` | its `handlersocket_plain_secret` | `auth` |
//! | `schema` | whose table it is: `handlersocket`, `seshat`, `dalmp`, `laravel` | `handlersocket` |
//! | `table` (`dbtable`) | its name | the schema's: `php_session` |
//! | `column_id`, `column_data`, `column_modified`, `column_expiry` | columns with other names | the schema's: `id`, `data`, `modified` |
//! | `timestamps` | `datetime` or `int`, before a row was seen | what the first row shows |
//! | `timezone` | the zone of times that are text | UTC |
//! | `gc_index` | the index by which gc finds expired sessions | called as the column of times |
//! | `persistent` | keep the connection between requests | on |
//! | `connect_timeout` (`timeout`) | the most that connecting takes | 1 s |
//! | `read_timeout` | the most that an answer takes | 2 s |

use super::port::{Limits, Port};
use super::rows::Rows;
use super::store::HandlerSocket;
use crate::backend::Environment;
use crate::backend::remote::address::Address;
use crate::backend::remote::options::timeout;
use crate::backend::sql::{Flavour, Identifier, Role, Wanted};
use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::session::store::Store;
use std::time::Duration;

const PORT: u16 = 9999;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const READ_TIMEOUT: Duration = Duration::from_secs(2);

/// The schemas whose rows have one time, which is all that a change of a row can keep in step.
const SCHEMAS: &str = "handlersocket, seshat, dalmp and laravel";

pub(super) fn configure(dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    if dsn.user.is_some() {
        reader.mistake("HandlerSocket knows no users; option auth is the one secret that it asks for");
    }
    let database = database(&dsn, reader);
    let rows = rows(database?, reader)?;
    let secret = reader.text(&["auth"]).or(dsn.password).filter(|secret| !secret.is_empty());
    let reading_secret = reader.text(&["rd_auth"]).or_else(|| secret.clone()).filter(|secret| !secret.is_empty());
    let (said, reading) = (port(reader, "wr_port"), port(reader, "rd_port"));
    if let (Some(one), Some(other)) = (said, dsn.port)
        && one != other
    {
        reader.mistake("option \"wr_port\" and the port are two answers to one question");
    }
    let writing = said.or(dsn.port).unwrap_or(PORT);
    let limits = Limits {
        connect_timeout: timeout(reader, &["connect_timeout", "timeout"], CONNECT_TIMEOUT),
        read_timeout: timeout(reader, &["read_timeout"], READ_TIMEOUT),
    };
    let persistent = reader.switch(&["persistent"]).unwrap_or(true);
    let host = if dsn.host.is_empty() { "127.0.0.1".to_owned() } else { dsn.host };
    if host.contains(',') {
        reader.mistake("the host must be one alone: HandlerSocket's sessions are on one server");
    }
    let address = |port| Address::Tcp { host: host.clone(), port };
    let reader = reading.filter(|port| *port != writing).map(|port| Port::new(address(port), reading_secret, limits));
    let writer = Port::new(address(writing), secret, limits);
    Ok(Box::new(HandlerSocket::new(writer, reader, rows, persistent, environment.clock.clone())))
}

fn database(dsn: &Dsn, reader: &mut Reader) -> Result<Identifier> {
    let name = reader.text(&["database", "dbname"]);
    let name = name.unwrap_or_else(|| dsn.path.strip_prefix('/').unwrap_or(&dsn.path).to_owned());
    if name.is_empty() {
        return Err(Error::config(
            "the DSN names no database; write handlersocket://HOST:9999/DATABASE?table=php_session",
        ));
    }
    Identifier::parse(&name)
        .ok_or_else(|| Error::config(format!("the database must be an identifier: {}", crate::backend::sql::RULE)))
}

fn rows(database: Identifier, reader: &mut Reader) -> Result<Rows> {
    let wanted = Wanted::take(reader);
    if wanted.create() == Some(true) {
        reader.mistake("option \"create_table\" cannot be on: HandlerSocket creates no tables");
    }
    let table = wanted.unseen(Flavour::HandlerSocket);
    let times = [Role::Expiry, Role::Used, Role::Created].into_iter().filter(|role| table.column(*role).is_some());
    if times.count() != 1 {
        return Err(Error::config(format!(
            "option \"schema\" must be one of {SCHEMAS}: the others have several times in a row, which HandlerSocket \
             cannot keep in step; the store mysql can"
        )));
    }
    let time = table.column(Role::Expiry).or_else(|| table.column(Role::Used)).cloned();
    let said = reader.text(&["gc_index"]).map(|name| {
        Identifier::parse(&name).unwrap_or_else(|| {
            reader.mistake(format!("option \"gc_index\" must be an identifier: {}", crate::backend::sql::RULE));
            database.clone()
        })
    });
    let gc_index = said.or(time).unwrap_or_else(|| database.clone());
    Ok(Rows { database, table, gc_index })
}

fn port(reader: &mut Reader, name: &'static str) -> Option<u16> {
    reader.number(&[name], 1..=65535).and_then(|port| u16::try_from(port).ok())
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
            ("handlersocket://db/session", "db:9999/session.php_session"),
            ("handlersocket://db:9989/session?table=s", "db:9989/session.s"),
            ("handlersocket:///shop?wr_port=1&rd_port=2&auth=x&rd_auth=y", "127.0.0.1:1/shop.php_session"),
            ("handlersocket://:secret@[::1]/shop?schema=seshat", "[::1]:9999/shop.sessions"),
            ("handlersocket://db?dbname=shop&locking=0", "db:9999/shop.php_session"),
        ] {
            assert_eq!(endpoint(dsn).as_deref(), Ok(expected), "{dsn}");
        }
    }

    #[test]
    fn mistakes_say_what_is_expected() {
        for (dsn, words) in [
            ("handlersocket://db", "names no database"),
            ("handlersocket://me:x@db/shop", "knows no users"),
            ("handlersocket://db:1/shop?wr_port=2", "two answers"),
            ("handlersocket://a,b/shop", "one alone"),
            ("handlersocket://db/shop?rd_port=0", "\"rd_port\" must be a whole number from 1 to 65535"),
            ("handlersocket://db/shop?schema=symfony", "one of handlersocket, seshat, dalmp and laravel"),
            ("handlersocket://db/shop?create_table=1", "creates no tables"),
            ("handlersocket://db/shop?gc_indx=x", "did you mean \"gc_index\"?"),
            ("handlersocket://db/shop?locking=1", "cannot lock"),
            ("handlersocket://db/shop?read_timeout=0", "at least 1 millisecond"),
        ] {
            let error = endpoint(dsn).unwrap_err();
            assert!(error.contains(words), "{dsn}: {error}");
        }
        // What could end a field or a line of the protocol, or a name in it.
        for part in ["a%09b", "a%0Ab", "a%00b", "a,b", "a.b", "a%60b", "a/b", "%2e%2e/mysql", "2a", "%01"] {
            for dsn in [
                format!("handlersocket://db/{part}"),
                format!("handlersocket://db/shop?table={part}"),
                format!("handlersocket://db/shop?column_id={part}"),
                format!("handlersocket://db/shop?column_data={part}"),
                format!("handlersocket://db/shop?column_modified={part}"),
                format!("handlersocket://db/shop?gc_index={part}"),
            ] {
                let error = endpoint(&dsn).unwrap_err();
                assert!(error.contains("must be an identifier: letters, digits and _"), "{dsn}: {error}");
            }
        }
        let error = endpoint("handlersocket://db/shop?locking_enabled=1").unwrap_err();
        assert!(error.contains("locking=0, or use one of"), "{error}");
        let error = endpoint("handlersocket://:hunter2@db/shop?read_timeout=x").unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
