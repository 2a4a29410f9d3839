//! The options of the memcached store.
//!
//! | option | meaning | default |
//! | --- | --- | --- |
//! | host, port | `memcached://HOST:PORT:WEIGHT,HOST...`; also `memcached:` and php-memcached's save path, `memcache:` and pecl-memcache's | 127.0.0.1, 11211 |
//! | socket | `memcached+unix:///PATH` | |
//! | `servers` | instead of host and port: a list of `[HOST, PORT, WEIGHT]`, or of maps with these names | |
//! | user, password | for servers with `-Y` or `-S` (SASL, PLAIN) | none |
//! | `prefix` | what a record's key begins with, before the id | `memc.sess.key.`; none with `memcache:` |
//! | `distribution` | `ketama`, `ketama_weighted` (`consistent`), `modula`, `pecl`: which server has a session | `ketama`; `pecl` with `memcache:` |
//! | `hash` | `default`, `md5`, `crc`, `fnv1_64`, `fnv1a_64`, `fnv1_32`, `fnv1a_32`; `pecl` has its own | `default`; `md5` with `ketama_weighted` |
//! | `hash_before` | text that is hashed before the id, for clients that hash their prefix | none |
//! | `replicas` | 1 keeps a second copy of each session on the next server of the list | 0 |
//! | `dalmp_references` | the item in which DALMP has noted references: they are taken over when references are asked for | none |
//! | `serialize` | store the session as PHP's `serialize()` writes a string; both forms are read. `read`: store it as it is, and read both | off |
//! | `compression` | `off`, `fastlz`, `zlib`, `pecl` (as pecl-memcache); all are read | off |
//! | `compression_threshold` | bytes from which values are compressed | 2000 |
//! | `protocol` | `auto`, `meta` (1.6 and newer), `text`, `binary` | auto |
//! | `connect_timeout` (`timeout`) | the most that connecting takes | 1 s |
//! | `read_timeout` | the most that an answer takes | 2 s |
//! | `tls` | speak TLS to the servers, as `memcacheds://` does | off |
//! | `ca_file` | with TLS: a PEM file with the CAs to trust | the system's |
//! | `client_cert`, `client_key` | PEM files; a key in the certificate's file need not be named | none |
//! | `server_name` | the name that the servers' certificates must have | the host |
//! | `verify` | 0 believes any server and is dangerous; `ca` does not look at its name | 1 |
//! | `retry_after` | so long a server that did not answer is left alone | 2 s |

use super::cluster::Cluster;
use super::format::{Compression, Format, Layout};
use super::keys::Keys;
use super::protocol::{Dialect, MAX_KEY};
use super::ring::{Distribution, Hash, Ring};
use super::server::Settings;
use super::servers::{self, Listed};
use super::store::Memcached;
use crate::backend::Environment;
use crate::backend::remote::address::Address;
use crate::backend::remote::options::{self, LONGEST_TIMEOUT, Security};
use crate::backend::remote::tls::Tls;
use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::session::store::Store;
use std::time::Duration;

const PREFIX: &str = "memc.sess.key.";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const READ_TIMEOUT: Duration = Duration::from_secs(2);
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// The shortest id that PHP makes by default; a prefix must leave room for it.
const USUAL_ID: usize = 32;

/// What the options say, before anything is made of it.
pub(super) struct Parts {
    pub(super) cluster: Cluster,
    pub(super) prefix: String,
    pub(super) format: Format,
    pub(super) replicas: bool,
}

pub(super) fn configure(dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    let Parts { cluster, prefix, format, replicas } = parts(dsn, reader, environment)?;
    let dalmp_references = reader.text(&["dalmp_references"]);
    if let Some(key) = &dalmp_references
        && (key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()))
    {
        reader.mistake("option \"dalmp_references\" must be the key of an item: 1 to 250 printable ASCII characters");
    }
    let mut store = Memcached::new(cluster, Keys::new(&prefix), format, replicas, environment.clock.clone());
    store.dalmp_references = dalmp_references;
    Ok(Box::new(store))
}

/// Reads the options. Mistakes stay in the reader.
pub(super) fn parts(dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Parts> {
    let listed = list(&dsn, reader)?;
    let is_pecl = dsn.scheme == "memcache";
    let prefix = reader.text(&["prefix"]).unwrap_or_else(|| if is_pecl { "" } else { PREFIX }.to_owned());
    if !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
        reader.mistake("option \"prefix\" must be printable ASCII without spaces: servers take no other keys");
    }
    if prefix.len() + "lock.".len() + USUAL_ID > MAX_KEY {
        reader.mistake("option \"prefix\" leaves no room for an id: keys have 250 bytes at most");
    }
    let distribution = reader.choice(
        &["distribution"],
        &[
            ("ketama", Distribution::Ketama),
            ("ketama_weighted", Distribution::Weighted),
            ("consistent", Distribution::Weighted),
            ("modula", Distribution::Modula),
            ("pecl", Distribution::Pecl),
        ],
    );
    let hash = reader.choice(
        &["hash"],
        &[
            ("default", Hash::Default),
            ("md5", Hash::Md5),
            ("crc", Hash::Crc),
            ("fnv1_64", Hash::Fnv1As64),
            ("fnv1a_64", Hash::Fnv1aAs64),
            ("fnv1_32", Hash::Fnv1As32),
            ("fnv1a_32", Hash::Fnv1aAs32),
        ],
    );
    let distribution = distribution.unwrap_or(if is_pecl { Distribution::Pecl } else { Distribution::default() });
    // What php-memcached uses with it, if nobody says otherwise.
    let usual = if distribution == Distribution::Weighted { Hash::Md5 } else { Hash::Default };
    let weighted: Vec<(Address, u32)> = listed.into_iter().map(|server| (server.address, server.weight)).collect();
    let hashed = reader.text(&["hash_before"]).unwrap_or_default();
    let ring = Ring::new(&weighted, distribution, hash.unwrap_or(usual)).hashing_before(&hashed);
    let layout = match reader.switch_or(&["serialize"], "read") {
        Some(Some(true)) => Layout::Serialized,
        Some(None) => Layout::Either,
        _ => Layout::Raw,
    };
    let compression = reader.choice(
        &["compression"],
        &[
            ("off", Compression::Off),
            ("fastlz", Compression::FastLz),
            ("zlib", Compression::Zlib),
            ("pecl", Compression::Pecl),
        ],
    );
    let threshold = reader.number(&["compression_threshold"], 0..=i64::from(i32::MAX));
    let threshold = threshold.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(2000);
    let dialect = reader.choice(
        &["protocol"],
        &[
            ("auto", None),
            ("meta", Some(Dialect::Meta)),
            ("text", Some(Dialect::Text)),
            ("binary", Some(Dialect::Binary)),
        ],
    );
    let (user, password) = (dsn.user.clone(), dsn.password.clone().filter(|password| !password.is_empty()));
    if user.is_some() && password.is_none() {
        reader.mistake("there is a user but no password; write memcached://USER:PASSWORD@HOST");
    }
    if [&user, &password].into_iter().flatten().any(|text| text.contains(|c: char| c.is_ascii_control() || c == ' ')) {
        reader.mistake("user and password must not contain spaces or control characters: memcached has no such ones");
    }
    let replicas = reader.number(&["replicas"], 0..=1) == Some(1);
    if replicas && weighted.len() < 2 {
        reader.mistake("option \"replicas\" needs a second server to keep the copies on");
    }
    let tls = security(&dsn.scheme, &weighted, reader, environment)?;
    let settings = Settings {
        tls,
        user,
        password,
        dialect: dialect.flatten(),
        connect_timeout: options::timeout(reader, &["connect_timeout", "timeout"], CONNECT_TIMEOUT),
        read_timeout: options::timeout(reader, &["read_timeout"], READ_TIMEOUT),
        retry_after: reader.duration(&["retry_after"]).unwrap_or(RETRY_AFTER).min(LONGEST_TIMEOUT),
    };
    let addresses = weighted.into_iter().map(|(address, _)| address).collect();
    let format = Format::new(layout, compression.unwrap_or_default(), threshold, 1.3);
    Ok(Parts { cluster: Cluster::new(settings, addresses, ring), prefix, format, replicas })
}

/// How to speak TLS, if that is wanted.
fn security(
    scheme: &str,
    servers: &[(Address, u32)],
    reader: &mut Reader,
    environment: &Environment,
) -> Result<Option<Tls>> {
    let said = Security::take(reader, Security::default());
    let by_scheme = scheme == "memcacheds";
    let wanted = reader.switch(&["tls"]).unwrap_or(by_scheme);
    if by_scheme && !wanted {
        reader.mistake("memcacheds:// asks for TLS and option \"tls\" says that there is none");
    }
    if !wanted {
        said.refuse(reader, "memcacheds:// or tls=1");
        return Ok(None);
    }
    if servers.iter().any(|(address, _)| matches!(address, Address::Unix(_))) {
        reader.mistake("TLS is for servers on ports; one of them is a unix socket");
    }
    said.read(reader, environment).map(Some)
}

/// The servers, wherever they were said. At least one.
fn list(dsn: &Dsn, reader: &mut Reader) -> Result<Vec<Listed>> {
    let said = reader.take(&["servers"]);
    if let Some(said) = said {
        if !dsn.host.is_empty() || !dsn.path.is_empty() {
            reader.mistake("option \"servers\" and a host, path or DSN with one are two answers to one question");
        }
        return servers::from_option(&said);
    }
    if dsn.scheme.ends_with("+unix") {
        let address = options::socket(dsn, "memcached+unix:///run/memcached/memcached.sock")?;
        return Ok(vec![Listed { address, weight: 1 }]);
    }
    if dsn.host.is_empty() && !dsn.path.trim_matches('/').is_empty() {
        return if dsn.scheme == "memcache" {
            servers::from_pecl(&dsn.path)
        } else {
            servers::from_php_memcached(&dsn.path)
        };
    }
    if !dsn.path.trim_matches('/').is_empty() {
        let reason =
            "the DSN has a path, but a memcached server has no databases; for a socket write memcached+unix:///PATH";
        return Err(Error::config(reason));
    }
    let mut listed = servers::from_hosts(&dsn.host)?;
    if let (Some(port), [Listed { address: Address::Tcp { port: only, .. }, .. }]) = (dsn.port, listed.as_mut_slice()) {
        *only = port;
    }
    Ok(listed)
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
            ("memcached://", "127.0.0.1:11211"),
            ("memcached://h", "h:11211"),
            ("memcached://u:p@h1:11212:3,[::1]:7:2,h2?prefix=a.&serialize", "h1:11212,[::1]:7,h2:11211"),
            ("memcached+unix:///run/m.sock", "/run/m.sock"),
            ("memcached:localhost:11211", "localhost:11211"),
            ("memcached:h1:11212:5, h2,/run/m.sock", "h1:11212,h2:11211,/run/m.sock"),
            ("memcache:tcp://h1:11212?persistent=1&weight=2&timeout=1, tcp://h2", "h1:11212,h2:11211"),
            ("memcache:unix:///run/m.sock", "/run/m.sock"),
        ] {
            assert_eq!(endpoint(dsn).unwrap(), expected, "{dsn}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (dsn, word) in [
            ("memcached://h/1", "no databases"),
            ("memcached://u@h", "user but no password"),
            ("memcached://h:0", "port"),
            ("memcached://h:1:x", "weight"),
            ("memcached://h:1:2:3", "HOST:PORT:WEIGHT"),
            ("memcached://h1,,h2", "empty"),
            ("memcached+unix://run/m.sock", "three slashes"),
            ("memcached+unix://", "needs its path"),
            ("memcached://h?distribution=consistnt", "one of ketama"),
            ("memcached://h?prefix=a%20b", "printable"),
            ("memcached://h?read_timeout=0", "at least 1 millisecond"),
            ("memcached://h?prefx=a", "did you mean \"prefix\""),
            ("memcached://a%20b:c@h", "spaces"),
            ("memcache:http://h", "tcp://"),
            ("memcached://h?replicas=1", "second server"),
            ("memcached://h?dalmp_references=a%20b", "dalmp_references"),
            ("memcached://h,i?replicas=2", "replicas"),
            ("memcached://h?verify=ca", "memcacheds://"),
            ("memcacheds://h?tls=0", "asks for TLS"),
            ("memcached+unix:///run/m.sock?tls=1", "unix socket"),
        ] {
            let message = endpoint(dsn).expect_err(dsn);
            assert!(message.contains(word), "{dsn}: {message}");
        }
    }
}
