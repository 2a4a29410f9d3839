//! `scheme://user:password@host:port/path?option=value`, and the save paths of PHP and phpredis.

use super::phpredis;
use super::value::{Options, Value};
use crate::error::{Error, Result};
use std::fmt;

/// A DSN taken apart. Nothing is checked against a store yet.
#[derive(Clone, Default, PartialEq)]
pub struct Dsn {
    /// Which store: `redis`, `redis+unix`, `sqlite`, `files`, `memory`. In lower case.
    pub scheme: String,
    /// Decoded user name.
    pub user: Option<String>,
    /// Decoded password.
    pub password: Option<String>,
    /// Host without brackets; empty if there is none. Several stay together as they were written:
    /// [`Dsn::hosts`] takes them apart.
    pub host: String,
    /// Port, if one was written.
    pub port: Option<u16>,
    /// Decoded path, with its leading slash; for `sqlite::memory:` the text `:memory:`.
    pub path: String,
    /// The query's options, decoded.
    pub options: Options,
    /// Servers that share the sessions among them, each with a place and options of its own: a
    /// list of phpredis's, in its order. Otherwise empty.
    pub members: Vec<Dsn>,
}

/// A host of a DSN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Decoded, without brackets.
    pub name: String,
    /// Port, if one was written.
    pub port: Option<u16>,
}

/// Without the password.
impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.host, self.path)
    }
}

impl Dsn {
    /// Takes a DSN apart. Text without a scheme is a path for the files store, also in PHP's form
    /// `depth;mode;/path`.
    ///
    /// # Errors
    /// A sentence that says which part is wrong. It never repeats the text, which may hold a password.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(dsn) = phpredis::parse(text) {
            return dsn;
        }
        let Some((scheme, rest)) = split_scheme(text) else {
            return parse_save_path(text);
        };
        let mut dsn = Self { scheme: scheme.to_ascii_lowercase(), ..Self::default() };
        if takes_save_paths(&dsn.scheme) && !rest.starts_with("//") {
            dsn.path = rest.to_owned();
            return Ok(dsn);
        }
        let (rest, query) = match query_start(rest) {
            Some(start) => (&rest[..start], Some(&rest[start + 1..])),
            None => (rest, None),
        };
        if let Some(query) = query {
            dsn.options = parse_query(query)?;
        }
        let Some(rest) = rest.strip_prefix("//") else {
            // sqlite::memory: and memory:
            dsn.path = decode(rest, "path")?;
            return Ok(dsn);
        };
        let slash = rest.find('/').unwrap_or(rest.len());
        // A password may contain a slash that its owner did not encode: then the last @ decides.
        let (authority, path) = match rest.rfind('@') {
            Some(at) if at > slash && ends_in_a_password(&rest[..slash]) => {
                let slash = rest[at..].find('/').map_or(rest.len(), |found| at + found);
                rest.split_at(slash)
            }
            _ => rest.split_at(slash),
        };
        dsn.path = decode(path, "path")?;
        let host = match authority.rsplit_once('@') {
            Some((credentials, host)) => {
                let (user, password) = match credentials.split_once(':') {
                    Some((user, password)) => (user, Some(password)),
                    None => (credentials, None),
                };
                dsn.user = Some(decode(user, "user")?).filter(|user| !user.is_empty());
                dsn.password = password.map(|password| decode(password, "password")).transpose()?;
                host
            }
            None => authority,
        };
        if keeps_hosts_as_written(&dsn.scheme) {
            dsn.host = host.to_owned();
        } else if takes_save_paths(&dsn.scheme) {
            dsn.host = decode(host, "host")?;
        } else {
            dsn.take_host(host)?;
        }
        Ok(dsn)
    }

    fn take_host(&mut self, text: &str) -> Result<()> {
        if text.contains(',') {
            text.split(',').try_for_each(|host| Host::parse(host).map(drop))?;
            self.host = text.to_owned();
            return Ok(());
        }
        let host = Host::parse(text)?;
        (self.host, self.port) = (host.name, host.port);
        Ok(())
    }

    /// The hosts in the order in which they were written; none if there is none.
    ///
    /// # Errors
    /// As [`Dsn::parse`]: also an option may have set `host`.
    pub fn hosts(&self) -> Result<Vec<Host>> {
        // Not an IPv6 address, whose brackets are gone by now: a host that was said with its port.
        // Nor a DSN in the place of a host, of which another complaint says more.
        let with_port = self.host.matches(':').count() == 1 && !self.host.contains('/');
        if with_port || self.host.contains(',') {
            return self.host.split(',').map(Host::parse).collect();
        }
        let only = Host { name: self.host.clone(), port: self.port };
        Ok(if self.host.is_empty() { Vec::new() } else { vec![only] })
    }
}

impl Host {
    /// Takes `name:port` or `[address]:port` apart.
    ///
    /// # Errors
    /// A sentence that does not repeat the text.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest
                .split_once(']')
                .ok_or_else(|| Error::config("the DSN's IPv6 address lacks its closing bracket"))?;
            if !rest.is_empty() && !rest.starts_with(':') {
                return Err(Error::config("the DSN has something between the IPv6 address and the port"));
            }
            (host, rest.strip_prefix(':'))
        } else {
            match text.rsplit_once(':') {
                Some((host, _)) if host.contains(':') => {
                    return Err(Error::config(
                        "the DSN's host has more than one colon; an IPv6 address stands in brackets, as in [::1]:6379",
                    ));
                }
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            }
        };
        let port = match port {
            None => None,
            Some(port) => Some(
                port.parse()
                    .ok()
                    .filter(|port| *port > 0)
                    .ok_or_else(|| Error::config("the DSN's port must be a number from 1 to 65535"))?,
            ),
        };
        Ok(Self { name: decode(host, "host")?, port })
    }
}

/// Whether a store reads lists of servers itself, and behind its scheme also the save path of another
/// extension as it is: `memcached:HOST:PORT:WEIGHT,HOST`.
fn takes_save_paths(scheme: &str) -> bool {
    matches!(scheme, "memcached" | "memcache")
}

/// Whether a driver reads the hosts itself, sockets among them, whose slashes are encoded.
fn keeps_hosts_as_written(scheme: &str) -> bool {
    matches!(scheme, "mongodb" | "mongodb+srv")
}

/// Where the query begins: at the first question mark, unless that is in a password whose owner
/// did not encode it.
fn query_start(rest: &str) -> Option<usize> {
    let mark = rest.find('?')?;
    let authority = rest.strip_prefix("//").and_then(|_| rest.get(2..mark)).unwrap_or_default();
    if authority.contains(['@', '/'])
        || !(ends_in_a_password(authority) || goes_on_as_a_password(authority, &rest[mark..]))
    {
        return Some(mark);
    }
    match rest[mark..].find('@') {
        Some(at) => rest[mark + at..].find('?').map(|next| mark + at + next),
        None => Some(mark),
    }
}

/// Whether `user:1` is not `host:port`, because what stands behind its question mark is no option: their names
/// are small letters.
fn goes_on_as_a_password(authority: &str, query: &str) -> bool {
    let name = query.trim_start_matches('?').split(['=', '&', '@']).next().unwrap_or_default();
    authority.contains(':') && query.contains('@') && !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Whether `user:something` can not be `host:port`, nor a list of them, because the something is no number.
fn ends_in_a_password(authority: &str) -> bool {
    let is_none = |port: &str| port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit() || b == b':');
    !authority.starts_with('[')
        && authority
            .split(',')
            .any(|host| !host.starts_with('[') && host.split_once(':').is_some_and(|(_, port)| is_none(port)))
}

/// A scheme is letters, digits and `+` before a colon, at least two of them, so that a drive
/// letter or PHP's `5;/path` is none.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let valid = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+');
    valid.then_some((scheme, rest))
}

/// PHP's own forms: `/path`, `depth;/path`, `depth;mode;/path`.
fn parse_save_path(text: &str) -> Result<Dsn> {
    // "user:password@host" is no path, and a path is repeated in messages.
    if text.contains('@') && !text.contains('/') || text.starts_with(':') {
        return Err(Error::config("this is neither a path nor a DSN; a DSN begins with its store, as in redis://"));
    }
    let mut dsn = Dsn { scheme: "files".into(), ..Dsn::default() };
    let parts: Vec<&str> = text.splitn(3, ';').collect();
    match parts.as_slice() {
        [path] => dsn.path = (*path).to_owned(),
        [depth, path] => {
            dsn.options.set("depth", Value::Text(depth.as_bytes().to_vec()));
            dsn.path = (*path).to_owned();
        }
        [depth, mode, path] => {
            dsn.options.set("depth", Value::Text(depth.as_bytes().to_vec()));
            dsn.options.set("mode", Value::Text(mode.as_bytes().to_vec()));
            dsn.path = (*path).to_owned();
        }
        _ => {}
    }
    Ok(dsn)
}

fn parse_query(query: &str) -> Result<Options> {
    let mut options = Options::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, "1"));
        let name = decode(name, "query")?;
        // A name like this is a piece of a password. Unknown names are repeated in messages.
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')) {
            return Err(Error::config(
                "the DSN's query has a name with other characters than letters, digits, _ - and .; \
                 write ? and & in a password as %3F and %26",
            ));
        }
        options.set(name, Value::Text(decode_bytes(value, "query")?));
    }
    Ok(options)
}

fn decode(text: &str, part: &str) -> Result<String> {
    String::from_utf8(decode_bytes(text, part)?)
        .map_err(|_| Error::config(format!("the DSN's {part} is not UTF-8 after percent-decoding")))
}

fn decode_bytes(text: &str, part: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let value = match tail {
            [high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(value.ok_or_else(|| {
            Error::config(format!("the DSN's {part} has a % without two hexadecimal digits; write %25 for a % itself"))
        })?);
        rest = &tail[2..];
    }
    Ok(bytes)
}

pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_parts_of_a_full_dsn() {
        let dsn = Dsn::parse("redis://app:p%40ss:w/rd@[::1]:6380/2?prefix=a%26b&locking").unwrap();
        assert_eq!(dsn.scheme, "redis");
        assert_eq!(dsn.user.as_deref(), Some("app"));
        assert_eq!(dsn.password.as_deref(), Some("p@ss:w/rd"));
        assert_eq!((dsn.host.as_str(), dsn.port, dsn.path.as_str()), ("::1", Some(6380), "/2"));
        assert_eq!(dsn.options.get("prefix"), Some(&Value::Text(b"a&b".to_vec())));
        assert_eq!(dsn.options.get("locking"), Some(&Value::Text(b"1".to_vec())));
    }

    #[test]
    fn short_forms() {
        assert_eq!(Dsn::parse("sqlite::memory:").unwrap().path, ":memory:");
        assert_eq!(Dsn::parse("sqlite:///var/s.db").unwrap().path, "/var/s.db");
        assert_eq!(Dsn::parse("memory:").unwrap().scheme, "memory");
        let unix = Dsn::parse("redis+unix:///run/r.sock?database=3").unwrap();
        assert_eq!((unix.scheme.as_str(), unix.path.as_str()), ("redis+unix", "/run/r.sock"));
        let at = Dsn::parse("files:///tmp/a@b").unwrap();
        assert_eq!((at.host.as_str(), at.path.as_str()), ("", "/tmp/a@b"));
        let php = Dsn::parse("2;0600;/var/lib/php").unwrap();
        assert_eq!((php.scheme.as_str(), php.path.as_str()), ("files", "/var/lib/php"));
        assert_eq!(php.options.get("mode"), Some(&Value::Text(b"0600".to_vec())));
        assert_eq!(Dsn::parse("").unwrap().scheme, "files");
    }

    #[test]
    fn several_hosts() {
        let hosts = |text: &str| -> Vec<(String, Option<u16>)> {
            Dsn::parse(text).unwrap().hosts().unwrap().into_iter().map(|host| (host.name, host.port)).collect()
        };
        assert_eq!(
            hosts("redis://h1,[::1]:7,h2:6380/0"),
            [("h1".into(), None), ("::1".into(), Some(7)), ("h2".into(), Some(6380))]
        );
        assert_eq!(hosts("redis://h1:1,h2:2?prefix=a@b").len(), 2);
        assert_eq!(hosts("redis://h:1"), [("h".into(), Some(1))]);
        assert_eq!(hosts("redis://"), []);
        assert!(Dsn::parse("redis://h1,h2:port").is_err());
    }

    #[test]
    fn a_password_that_nobody_encoded_is_kept_together() {
        for password in ["p?w", "p/w", "p@w", "p:w", "p?a=1&b", "?", "a?b@c"] {
            for (query, options) in [("", 0), ("?prefix=a@b", 1)] {
                let dsn = Dsn::parse(&format!("redis://u:{password}@h:1/2{query}")).unwrap();
                assert_eq!(dsn.password.as_deref(), Some(password));
                assert_eq!((dsn.user.as_deref(), dsn.host.as_str(), dsn.port), (Some("u"), "h", Some(1)), "{password}");
                assert_eq!((dsn.path.as_str(), dsn.options.iter().count()), ("/2", options), "{password}");
            }
        }
        let plain = Dsn::parse("redis://h:1?prefix=a@b").unwrap();
        assert_eq!((plain.host.as_str(), plain.port, plain.user), ("h", Some(1), None));
    }

    #[test]
    fn mistakes_are_named_and_secrets_are_not() {
        for (text, part) in [
            ("redis://h:0", "port"),
            ("redis://h:port", "port"),
            ("redis://[::1", "bracket"),
            ("redis://u:p%4@h", "password"),
        ] {
            let message = Dsn::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
        assert!(!format!("{:?}", Dsn::parse("redis://u:hunter2@h/1").unwrap()).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(text in ".{0,80}") {
            let _ = Dsn::parse(&text);
        }

        #[test]
        fn an_encoded_password_comes_back(password in "[ -~]{0,40}") {
            let encoded: String = password.bytes().map(|b| format!("%{b:02X}")).collect();
            let dsn = Dsn::parse(&format!("redis://u:{encoded}@h/0")).unwrap();
            prop_assert_eq!(dsn.password, Some(password));
        }
    }
}
