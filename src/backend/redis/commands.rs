//! Single commands to a server, for keys that are no sessions: one command out, one reply in, over a
//! connection as the sessions' own, with its limits, its reconnecting and its errors.

use super::client::{Alongside, Before, Client, Settings, Trouble};
use super::config;
use super::connection::Outgoing;
use super::error::STORE;
use super::protocol::{Frame, MAX_BULK, Reply};
use super::topology::Topology;
use crate::backend::remote::address::Address;
use crate::backend::remote::backoff::Retries;
use crate::backend::remote::connection::KEPT_BUFFER;
use crate::error::{Error, Kind, Operation, Result};
use std::path::PathBuf;
use std::time::Duration;

/// The most keys that one SCAN or UNLINK works through: its reply is limited, and so is the time that
/// the server serves nobody else.
const BATCH: usize = 200;

/// The largest value that is written: a larger one could not be read.
const MAX_VALUE: usize = MAX_BULK - 64;

/// Where a server is, and as whom to go there.
#[derive(Clone)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The path of its unix socket, which counts instead of host and port.
    pub socket: Option<PathBuf>,
    /// The user; none is the server's default user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The number of the database.
    pub database: u32,
    /// The most that connecting takes.
    pub connect_timeout: Duration,
    /// The most that an answer takes.
    pub read_timeout: Duration,
}

/// Commands to one server. Connects with the first of them.
pub struct Commands {
    client: Client,
    frame: Frame,
}

impl Commands {
    /// Commands to that server.
    #[must_use]
    pub fn new(server: Server) -> Self {
        let address = match server.socket {
            Some(path) => Address::Unix(path),
            None => Address::Tcp { host: server.host, port: server.port },
        };
        let settings = Settings {
            topology: Topology::One(address),
            tls: None,
            user: server.user,
            password: server.password,
            database: server.database,
            client_name: None,
            connect_timeout: server.connect_timeout,
            read_timeout: server.read_timeout,
            persistent: true,
            retries: Retries {
                times: config::RETRIES,
                interval: config::RETRY_INTERVAL,
                within: server.connect_timeout.saturating_add(server.read_timeout),
            },
        };
        Self { client: Client::new(settings), frame: Frame::default() }
    }

    /// The value of a key.
    ///
    /// # Errors
    /// When the server cannot be asked, refuses, or has something else than a string there.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.ask(Operation::Read, &[b"GET", key], |reply| match reply {
            Reply::Bulk(value) => Ok(Some(value.to_vec())),
            Reply::Null => Ok(None),
            other => Err(Trouble::with(other)),
        })
    }

    /// Sets a key, for so many seconds or for ever.
    ///
    /// # Errors
    /// When the server cannot be asked or refuses.
    pub fn set(&mut self, key: &[u8], value: &[u8], seconds: Option<u64>) -> Result<()> {
        if value.len() > MAX_VALUE {
            let reason = format!("the value is larger than {} MB", MAX_VALUE / (1024 * 1024));
            let address = self.client.address().to_string();
            return Err(Error::new(Kind::TooLarge, STORE, Operation::Write, reason).at(address));
        }
        // The server adds its clock to it; this is some 3000 years.
        let seconds = seconds.map(|seconds| seconds.clamp(1, 100_000_000_000).to_string());
        let mut words: Vec<&[u8]> = vec![b"SET", key, value];
        if let Some(seconds) = &seconds {
            words.extend([b"EX".as_slice(), seconds.as_bytes()]);
        }
        self.ask(Operation::Write, &words, |reply| match reply {
            Reply::Status(_) => Ok(()),
            other => Err(Trouble::with(other)),
        })
    }

    /// Whether there is such a key.
    ///
    /// # Errors
    /// When the server cannot be asked or refuses.
    pub fn exists(&mut self, key: &[u8]) -> Result<bool> {
        self.ask(Operation::Validate, &[b"EXISTS", key], number).map(|count| count > 0)
    }

    /// Removes keys, and says how many there were.
    ///
    /// # Errors
    /// When the server cannot be asked or refuses.
    pub fn remove<K: AsRef<[u8]>>(&mut self, keys: &[K]) -> Result<usize> {
        let mut removed = 0;
        for some in keys.chunks(BATCH) {
            let mut words: Vec<&[u8]> = vec![b"UNLINK"];
            words.extend(some.iter().map(AsRef::as_ref));
            let count = self.ask(Operation::Destroy, &words, number)?;
            removed += usize::try_from(count).unwrap_or(0);
        }
        Ok(removed)
    }

    /// Adds to the number in a key, which is 0 as long as there is none. `None`: there is no number, or
    /// the sum would be too large.
    ///
    /// # Errors
    /// When the server cannot be asked or refuses.
    pub fn add(&mut self, key: &[u8], by: i64) -> Result<Option<i64>> {
        self.ask(Operation::Count, &[b"INCRBY", key, by.to_string().as_bytes()], |reply| match reply {
            Reply::Integer(sum) => Ok(Some(sum)),
            Reply::Error(text) if text.ends_with(b"out of range") || text.ends_with(b"would overflow") => Ok(None),
            other => Err(Trouble::with(other)),
        })
    }

    /// The next keys that begin with `prefix`, from `cursor` on, which is 0 at first, and the cursor to
    /// go on with, 0 at the end. A key may come more than once.
    ///
    /// # Errors
    /// When the server cannot be asked or refuses.
    pub fn scan(&mut self, cursor: u64, prefix: &[u8]) -> Result<(u64, Vec<Vec<u8>>)> {
        let pattern = pattern(prefix);
        let (cursor, count) = (cursor.to_string(), BATCH.to_string());
        let words = [b"SCAN", cursor.as_bytes(), b"MATCH", &pattern, b"COUNT", count.as_bytes()];
        self.ask(Operation::Read, &words, |reply| {
            let Reply::Array(mut parts) = reply else { return Err(Trouble::with(reply)) };
            let (Some(Reply::Bulk(next)), Some(Reply::Array(keys))) = (parts.next(), parts.next()) else {
                return Err(Trouble::Unexpected);
            };
            let next = std::str::from_utf8(next).ok().and_then(|next| next.parse().ok()).ok_or(Trouble::Unexpected)?;
            let keys = keys.filter_map(|key| match key {
                Reply::Bulk(key) => Some(key.to_vec()),
                _ => None,
            });
            Ok((next, keys.collect()))
        })
    }

    fn ask<T>(
        &mut self,
        operation: Operation,
        words: &[&[u8]],
        take: impl FnMut(Reply<'_>) -> Result<T, Trouble>,
    ) -> Result<T> {
        self.client.prepare(operation)?;
        self.frame.clear(KEPT_BUFFER);
        self.frame.begin(words.len());
        for word in words {
            self.frame.arg(word);
        }
        let command = Outgoing { head: self.frame.as_bytes(), body: b"", tail: b"", seal: None };
        // Not together with the set-up: in the wrong database it would do harm.
        self.client.ask(operation, command, Alongside::No, Before::Nothing, take)
    }
}

fn number(reply: Reply<'_>) -> Result<i64, Trouble> {
    match reply {
        Reply::Integer(number) => Ok(number),
        other => Err(Trouble::with(other)),
    }
}

/// The server's pattern for "begins with".
fn pattern(prefix: &[u8]) -> Vec<u8> {
    let mut pattern = Vec::with_capacity(prefix.len() + 1);
    for byte in prefix {
        if b"*?[]^-\\".contains(byte) {
            pattern.push(b'\\');
        }
        pattern.push(*byte);
    }
    pattern.push(b'*');
    pattern
}
