//! The options of the Aerospike store.
//!
//! | option | meaning | default |
//! | --- | --- | --- |
//! | hosts | `aerospike://USER:PASSWORD@HOST:PORT,HOST:PORT/NAMESPACE/SET`: servers that are asked first | 127.0.0.1, 3000 |
//! | `hosts` | instead of those in the DSN: a list of maps with `addr` and `port`, or of texts | |
//! | user, password | for clusters with security (Enterprise) | none |
//! | `namespace`, `set` | where the records are, unless the path says so | `test`, `session` |
//! | `prefix` | what a record's key begins with, before the id | none |
//! | `timeout` | the most that one operation takes, connecting and repeating included | 5 s |
//! | `connect_timeout` | the most that connecting to one server takes | 1 s |
//! | `read_timeout` | the most that one answer takes before it is asked for again | 2 s |
//! | `tls` | encrypt | off |
//! | `ca_file`, `client_cert`, `client_key`, `server_name`, `verify` | as with Redis | |

use super::cluster::{Cluster, Settings};
use super::error::Place;
use super::hosts::{self, Host};
use super::store::Aerospike;
use crate::backend::Environment;
use crate::backend::remote::options::{Security, timeout};
use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::session::store::Store;
use std::time::Duration;

const NAMESPACE: &str = "test";
const SET: &str = "session";
const TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const READ_TIMEOUT: Duration = Duration::from_secs(2);
/// What servers take as the names of namespaces and sets.
const LONGEST_NAMESPACE: usize = 31;
/// With [`super::references::SUFFIX`] behind it.
const LONGEST_SET: usize = 63 - super::references::SUFFIX.len();

pub(super) fn configure(dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    let hosts = list(&dsn, reader)?;
    let mut path = dsn.path.trim_matches('/').splitn(2, '/').filter(|part| !part.is_empty());
    let mut named = |option: &'static str, default: &str, longest: usize| {
        let said = reader.text(&[option]);
        let in_path = path.next();
        if let (Some(said), Some(in_path)) = (&said, in_path)
            && said != in_path
        {
            reader
                .mistake(format!("the DSN's path says {option} \"{in_path}\" and option \"{option}\" says \"{said}\""));
        }
        let name = said.unwrap_or_else(|| in_path.unwrap_or(default).to_owned());
        if name.is_empty() || name.len() > longest || name.contains([':', ';', '/', '\0']) {
            reader.mistake(format!("a {option} has 1 to {longest} characters, and neither \":\" nor \";\" nor \"/\""));
        }
        name
    };
    let namespace = named("namespace", NAMESPACE, LONGEST_NAMESPACE);
    let set = named("set", SET, LONGEST_SET);
    let prefix = reader.text(&["prefix"]).unwrap_or_default();
    let security = Security::take(reader, Security::default());
    let server_name = security.server_name().map(str::to_owned);
    let tls = if reader.switch(&["tls"]).unwrap_or(false) {
        Some(security.read(reader, environment)?)
    } else {
        security.refuse(reader, "tls=1");
        None
    };
    let credentials = match (dsn.user, dsn.password.filter(|password| !password.is_empty())) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        _ => {
            reader.mistake("user and password go together; write aerospike://USER:PASSWORD@HOST");
            None
        }
    };
    let whole = timeout(reader, &["timeout"], TIMEOUT);
    let settings = Settings {
        credentials,
        tls,
        server_name,
        connect_timeout: timeout(reader, &["connect_timeout"], CONNECT_TIMEOUT).min(whole),
        read_timeout: timeout(reader, &["read_timeout"], READ_TIMEOUT).min(whole),
        hosts,
    };
    let endpoint = settings.hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let place =
        Place { endpoint: format!("{endpoint}/{namespace}/{set}"), namespace: namespace.clone(), timeout: whole };
    Ok(Box::new(Aerospike::new(Cluster::new(settings, place), namespace, set, prefix)))
}

/// The servers, wherever they were said. At least one.
fn list(dsn: &Dsn, reader: &mut Reader) -> Result<Vec<Host>> {
    match reader.take(&["hosts"]) {
        Some(said) => {
            if !dsn.host.is_empty() {
                reader.mistake("option \"hosts\" and a host or a DSN with one are two answers to one question");
            }
            hosts::from_option(&said)
        }
        None => hosts::from_text(&dsn.host, dsn.port).map_err(|error| Error::config(error.reason().to_owned())),
    }
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
            ("aerospike://", "127.0.0.1:3000/test/session"),
            ("aerospike://h", "h:3000/test/session"),
            ("aerospike://h:3100/ns", "h:3100/ns/session"),
            ("aerospike://u:p@h1:3000,h2,[::1]:7/ns/visits?prefix=a.&timeout=2s", "h1:3000,h2:3000,[::1]:7/ns/visits"),
            ("aerospike://[::1]:3000/ns", "[::1]:3000/ns/session"),
            ("aerospike://[::1]", "[::1]:3000/test/session"),
            ("aerospike:///ns/s", "127.0.0.1:3000/ns/s"),
            ("aerospike://h?namespace=ns&set=s", "h:3000/ns/s"),
        ] {
            assert_eq!(endpoint(dsn).unwrap(), expected, "{dsn}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (dsn, word) in [
            ("aerospike://u@h", "go together"),
            ("aerospike://h:0", "port"),
            ("aerospike://h1,,h2", "NAME:PORT"),
            ("aerospike://h/a/b/c", "a set has"),
            ("aerospike://h/ns?namespace=other", "says namespace"),
            ("aerospike://h?verify=0", "tls=1"),
            ("aerospike://h?timeout=0", "at least 1 millisecond"),
            ("aerospike://h?namspace=a", "did you mean \"namespace\""),
            ("aerospike://h/a-name-that-is-longer-than-any-namespace-s", "1 to 31"),
        ] {
            let message = endpoint(dsn).expect_err(dsn);
            assert!(message.contains(word), "{dsn}: {message}");
        }
    }
}
