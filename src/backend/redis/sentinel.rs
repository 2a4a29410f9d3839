//! Sentinels: servers that know which server is the master now.

use super::client::Settings;
use super::connection::{Connection, Resp};
use super::error::{self, FAILURES};
use super::protocol::{Frame, Reply};
use crate::backend::remote::address::Address;
use crate::backend::remote::connection::Fault;
use crate::backend::remote::socket::Socket;
use crate::error::{Operation, Result};

/// Whom to ask for what.
#[derive(Clone)]
pub(super) struct Sentinels {
    /// The one that answered last comes first.
    pub(super) hosts: Vec<Address>,
    /// The master's name.
    pub(super) master: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
}

/// What a sentinel said.
enum Said {
    Master(Address),
    Unknown,
    Refused(String),
    Nonsense,
}

impl Sentinels {
    /// Asks one after the other until one knows.
    pub(super) fn master(&mut self, operation: Operation, settings: &Settings) -> Result<Address> {
        let mut failures = Vec::new();
        for at in 0..self.hosts.len() {
            let Some(host) = self.hosts.get(at) else { break };
            match self.ask(operation, host, settings) {
                Ok(master) => {
                    self.hosts.swap(0, at);
                    return Ok(master);
                }
                Err(error) => failures.push(error),
            }
        }
        Err(error::of_all(operation, "no sentinel says where the master is", &self.hosts, &failures))
    }

    /// Over a connection of its own: it is needed once in a long while.
    fn ask(&self, operation: Operation, host: &Address, settings: &Settings) -> Result<Address> {
        let limit = settings.read_timeout;
        let socket = Socket::connect(host, settings.tls.as_ref(), settings.connect_timeout, limit)
            .map_err(|cause| FAILURES.not_connected(operation, host, settings.connect_timeout, cause))?;
        match self.exchange(Connection::new(socket, Resp::default()), settings) {
            Ok(Said::Master(address)) => Ok(address),
            Ok(Said::Unknown) => Err(error::unknown_master(operation, host, &self.master)),
            Ok(Said::Refused(text)) => Err(error::refused(operation, host, &text)),
            Ok(Said::Nonsense) => Err(FAILURES.unexpected(operation, host)),
            Err(fault) => Err(FAILURES.broken(operation, host, limit, fault)),
        }
    }

    fn exchange(&self, mut connection: Connection, settings: &Settings) -> std::result::Result<Said, Fault> {
        let mut frame = Frame::default();
        if let Some(password) = &self.password {
            frame.auth(self.user.as_deref(), password);
        }
        frame.begin(3);
        frame.arg(b"SENTINEL");
        frame.arg(b"GET-MASTER-ADDR-BY-NAME");
        frame.arg(self.master.as_bytes());
        connection.send([frame.as_bytes(), b"", b""])?;
        if self.password.is_some()
            && let Reply::Error(text) = connection.reply(settings.read_timeout)?
        {
            return Ok(Said::Refused(String::from_utf8_lossy(text).into_owned()));
        }
        Ok(said(connection.reply(settings.read_timeout)?))
    }
}

fn said(reply: Reply<'_>) -> Said {
    let mut items = match reply {
        Reply::Null => return Said::Unknown,
        Reply::Error(text) => return Said::Refused(String::from_utf8_lossy(text).into_owned()),
        Reply::Array(items) => items,
        _ => return Said::Nonsense,
    };
    let (Some(Reply::Bulk(host)), Some(Reply::Bulk(port)), None) = (items.next(), items.next(), items.next()) else {
        return Said::Nonsense;
    };
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let port = text(port).and_then(|port| port.parse().ok()).filter(|port| *port > 0);
    match (text(host), port) {
        (Some(host), Some(port)) if !host.is_empty() => Said::Master(Address::Tcp { host: host.to_owned(), port }),
        _ => Said::Nonsense,
    }
}

#[cfg(test)]
mod tests {
    use super::super::protocol::{Parsed, parse};
    use super::*;
    use proptest::prelude::*;

    fn understood(wire: &[u8]) -> String {
        match parse(wire) {
            Ok(Parsed::Complete(reply, _)) => match said(reply) {
                Said::Master(address) => address.to_string(),
                Said::Unknown => "unknown".into(),
                Said::Refused(text) => text,
                Said::Nonsense => "nonsense".into(),
            },
            _ => "incomplete".into(),
        }
    }

    #[test]
    fn what_sentinels_say() {
        assert_eq!(understood(b"*2\r\n$9\r\n127.0.0.1\r\n$4\r\n6379\r\n"), "127.0.0.1:6379");
        assert_eq!(understood(b"*2\r\n$3\r\n::1\r\n$1\r\n7\r\n"), "[::1]:7");
        assert_eq!(understood(b"*-1\r\n"), "unknown");
        assert_eq!(understood(b"-NOAUTH Authentication required.\r\n"), "NOAUTH Authentication required.");
        for wire in [
            b"*1\r\n$1\r\nh\r\n".as_slice(),
            b"*2\r\n$1\r\nh\r\n$5\r\n70000\r\n",
            b"*2\r\n$1\r\nh\r\n$1\r\n0\r\n",
            b"*2\r\n$0\r\n\r\n$1\r\n7\r\n",
            b"*2\r\n$1\r\nh\r\n:7\r\n",
            b"*3\r\n$1\r\nh\r\n$1\r\n7\r\n:1\r\n",
            b":1\r\n",
        ] {
            assert_eq!(understood(wire), "nonsense");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            understood(&bytes);
        }
    }
}
