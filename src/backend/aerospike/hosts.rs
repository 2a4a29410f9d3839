//! The servers that are asked first, in the ways in which people write them. From them the others
//! are learned.

use crate::error::{Error, Result};
use crate::options::value::Value;

const HOST: &str = "127.0.0.1";
const PORT: u16 = 3000;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) port: u16,
}

/// For messages.
impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

/// `HOST:PORT,HOST`, as in a DSN; IPv6 addresses in brackets. Nothing is this machine.
pub(super) fn from_text(text: &str, port: Option<u16>) -> Result<Vec<Host>> {
    let port = port.unwrap_or(PORT);
    if text.is_empty() {
        return Ok(vec![Host { name: HOST.into(), port }]);
    }
    if text.parse::<std::net::Ipv6Addr>().is_ok() {
        // What a single host in a DSN was already parsed to: an IPv6 address without its brackets.
        return Ok(vec![Host { name: text.into(), port }]);
    }
    text.split(',').map(|entry| host(entry.trim(), port)).collect()
}

fn host(entry: &str, usual: u16) -> Result<Host> {
    let (name, rest) = match entry.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or_else(|| Error::config("an IPv6 address lacks its closing bracket"))?,
        None => entry.split_at(entry.find(':').unwrap_or(entry.len())),
    };
    let port = match rest.strip_prefix(':') {
        Some(port) => port.parse().ok().filter(|port| *port > 0),
        None if rest.is_empty() => Some(usual),
        None => None,
    };
    match port {
        Some(port) if !name.is_empty() => Ok(Host { name: name.to_owned(), port }),
        _ => Err(Error::config("a host is written NAME:PORT, an IPv6 address in brackets; ports are 1 to 65535")),
    }
}

/// The option `hosts`: a list of maps with `addr` and `port`, of pairs, or of texts.
pub(super) fn from_option(said: &Value) -> Result<Vec<Host>> {
    let wrong =
        || Error::config("option \"hosts\" must be a list of maps with \"addr\" and \"port\", or of texts HOST:PORT");
    if let Value::Text(text) = said {
        return from_text(std::str::from_utf8(text).map_err(|_| wrong())?, None);
    }
    let Value::List(entries) = said else { return Err(wrong()) };
    if entries.is_empty() {
        return Err(Error::config("option \"hosts\" is an empty list"));
    }
    entries.iter().map(|entry| entry_of(entry).unwrap_or_else(|| Err(wrong()))).collect()
}

fn entry_of(entry: &Value) -> Option<Result<Host>> {
    let (name, port) = match entry {
        Value::Text(text) => return Some(host(std::str::from_utf8(text).ok()?, PORT)),
        Value::List(pair) => (pair.first()?, pair.get(1)),
        Value::Map(map) => (map.get("addr").or_else(|| map.get("host"))?, map.get("port")),
        _ => return None,
    };
    let Value::Text(name) = name else { return None };
    let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?;
    let port = match port {
        None | Some(Value::Null) => PORT,
        Some(Value::Int(port)) => u16::try_from(*port).ok().filter(|port| *port > 0)?,
        Some(Value::Text(port)) => std::str::from_utf8(port).ok()?.parse().ok().filter(|port| *port > 0)?,
        _ => return None,
    };
    Some(Ok(Host { name: name.to_owned(), port }))
}
