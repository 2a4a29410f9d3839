//! Lists of servers, in the ways in which people write them.

use crate::backend::remote::address::Address;
use crate::error::{Error, Result};
use crate::options::value::Value;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 11211;

/// A server in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) address: Address,
    pub(super) weight: u32,
}

/// `HOST:PORT:WEIGHT,HOST:PORT,HOST`, as in a DSN; IPv6 addresses in brackets.
pub(super) fn from_hosts(text: &str) -> Result<Vec<Listed>> {
    if text.is_empty() {
        return Ok(vec![Listed { address: Address::Tcp { host: HOST.into(), port: PORT }, weight: 1 }]);
    }
    text.split(',').map(|entry| host(entry.trim())).collect()
}

fn host(entry: &str) -> Result<Listed> {
    if entry.is_empty() {
        return Err(Error::config("the list of servers has an empty entry"));
    }
    let (host, rest) = match entry.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or_else(|| Error::config("an IPv6 address lacks its closing bracket"))?,
        None => entry.split_at(entry.find(':').unwrap_or(entry.len())),
    };
    let mut parts = rest.split(':');
    if parts.next() != Some("") {
        return Err(Error::config("there is something between an IPv6 address and the port"));
    }
    let port = parts.next().map_or(Ok(PORT), port)?;
    let weight = parts.next().map_or(Ok(1), weight)?;
    if parts.next().is_some() || host.is_empty() {
        return Err(Error::config("a server is written HOST:PORT:WEIGHT, an IPv6 address in brackets"));
    }
    Ok(Listed { address: Address::Tcp { host: host.to_owned(), port }, weight })
}

/// php-memcached's `session.save_path`: `HOST:PORT:WEIGHT, /PATH:0:WEIGHT`, separated by commas; older
/// versions had `PERSISTENT=NAME` in front.
pub(super) fn from_php_memcached(text: &str) -> Result<Vec<Listed>> {
    let text = match text.strip_prefix("PERSISTENT=") {
        Some(rest) => rest.split_once(' ').map_or("", |(_, servers)| servers),
        None => text,
    };
    text.split(',')
        .map(|entry| match entry.trim() {
            path if path.starts_with('/') => {
                let mut parts = path.split(':');
                let path = parts.next().unwrap_or_default();
                let weight = parts.nth(1).map_or(Ok(1), weight)?;
                Ok(Listed { address: Address::Unix(path.into()), weight })
            }
            entry => host(entry),
        })
        .collect()
}

/// pecl-memcache's `session.save_path`: `tcp://HOST:PORT?weight=2&timeout=1, unix:///PATH`.
pub(super) fn from_pecl(text: &str) -> Result<Vec<Listed>> {
    text.split(',').map(|entry| url(entry.trim())).collect()
}

fn url(entry: &str) -> Result<Listed> {
    let (place, query) = entry.split_once('?').unwrap_or((entry, ""));
    let mut listed = if let Some(path) = place.strip_prefix("unix://") {
        // Also with a port behind it, which is 0.
        Listed { address: Address::Unix(path.trim_end_matches(":0").into()), weight: 1 }
    } else if let Some(place) = place.strip_prefix("tcp://") {
        host(place.trim_end_matches('/'))?
    } else {
        return Err(Error::config("a server of pecl-memcache's is written tcp://HOST:PORT or unix:///PATH"));
    };
    // persistent, timeout and retry_interval mean nothing here.
    if let Some(said) = query.split('&').find_map(|pair| pair.strip_prefix("weight=")) {
        listed.weight = weight(said)?;
    }
    Ok(listed)
}

/// The option `servers`.
pub(super) fn from_option(said: &Value) -> Result<Vec<Listed>> {
    match said {
        Value::Text(text) => from_hosts(std::str::from_utf8(text).map_err(|_| wrong())?),
        // One server may stand there without a list around it.
        Value::List(list) if matches!(list.as_slice(), [Value::Text(_), Value::Int(_), ..]) => Ok(vec![entry(said)?]),
        Value::List(list) if !list.is_empty() => list.iter().map(entry).collect(),
        Value::Map(_) => Ok(vec![entry(said)?]),
        _ => Err(wrong()),
    }
}

fn wrong() -> Error {
    Error::config("option \"servers\" must be a list of [HOST, PORT, WEIGHT] or of maps with these names")
}

fn entry(said: &Value) -> Result<Listed> {
    let (place, port, weight) = match said {
        Value::Text(text) => return host(std::str::from_utf8(text).map_err(|_| wrong())?),
        Value::List(parts) => (parts.first(), parts.get(1), parts.get(2)),
        Value::Map(map) => (map.get("host"), map.get("port"), map.get("weight")),
        _ => return Err(wrong()),
    };
    let Some(Value::Text(place)) = place else { return Err(wrong()) };
    let place = std::str::from_utf8(place).ok().filter(|place| !place.is_empty()).ok_or_else(wrong)?;
    parts(place, port, weight)
}

fn parts(place: &str, said_port: Option<&Value>, said_weight: Option<&Value>) -> Result<Listed> {
    let weight = match said_weight {
        None | Some(Value::Null | Value::Int(0)) => 1,
        Some(said) => weight(&plain(said))?,
    };
    if place.starts_with('/') {
        return Ok(Listed { address: Address::Unix(place.into()), weight });
    }
    let port = match said_port {
        None | Some(Value::Null) => PORT,
        Some(said) => port(&plain(said))?,
    };
    Ok(Listed { address: Address::Tcp { host: place.trim_matches(['[', ']']).to_owned(), port }, weight })
}

fn plain(value: &Value) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}

fn port(text: &str) -> Result<u16> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| Error::config("a server's port must be a number from 1 to 65535"))
}

fn weight(text: &str) -> Result<u32> {
    let weight = text.parse().ok().filter(|weight| (1..=10_000).contains(weight));
    weight.ok_or_else(|| Error::config("a server's weight must be a number from 1 to 10000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_option() {
        let text = |text: &str| Value::Text(text.into());
        let tcp = |host: &str, port, weight| Listed { address: Address::Tcp { host: host.into(), port }, weight };
        let entry = Value::List(vec![text("h"), Value::Int(2), Value::Int(3)]);
        assert_eq!(
            from_option(&Value::List(vec![entry.clone(), text("i:4")])).unwrap(),
            [tcp("h", 2, 3), tcp("i", 4, 1)]
        );
        assert_eq!(from_option(&entry).unwrap(), [tcp("h", 2, 3)]);
        let mut map = crate::options::value::Options::new();
        map.set("host", text("h"));
        map.set("port", text("5"));
        assert_eq!(from_option(&Value::List(vec![Value::Map(map)])).unwrap(), [tcp("h", 5, 1)]);
        assert_eq!(from_option(&text("h:1:2,i")).unwrap(), [tcp("h", 1, 2), tcp("i", 11211, 1)]);
        for wrong in [Value::Int(1), Value::List(vec![]), Value::List(vec![Value::Int(1)]), Value::Null] {
            assert!(from_option(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_save_path_of_old() {
        let listed = from_php_memcached("PERSISTENT=pool h1:11211:1, /run/m.sock:0:4").unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!((&listed[1].address, listed[1].weight), (&Address::Unix("/run/m.sock".into()), 4));
    }
}
