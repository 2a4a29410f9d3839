//! Single commands for keys that are no sessions, over servers, connections and a format as the
//! sessions' own.

use super::cluster::Cluster;
use super::config::{self, Parts};
use super::error::{self, STORE};
use super::expiry;
pub use super::format::Type;
use super::format::{self, Encoded, Format};
use super::protocol::{MAX_KEY, Mode, Reply};
use super::store::MAX_RECORD;
use crate::backend::Environment;
use crate::error::{Error, Kind, Operation, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::session::clock::Clock;
use std::time::Duration;

/// A key, in the two parts that a client of PHP's has: the second alone decides which server has it.
#[derive(Clone, Copy)]
pub struct Key<'a> {
    /// What comes before the name.
    pub prefix: &'a [u8],
    /// The name.
    pub name: &'a [u8],
}

/// What is stored under a key.
pub struct Item {
    /// The bytes, as they were before they were compressed.
    pub bytes: Vec<u8>,
    /// What they are.
    pub kind: Type,
}

/// Commands to the servers. Connects with the first of them.
pub struct Commands {
    cluster: Cluster,
    format: Format,
    /// What comes before every key.
    before: String,
    clock: Clock,
    /// The whole of the key in hand.
    key: Vec<u8>,
}

impl Commands {
    /// Commands to the servers that the store's options name. Without an option `prefix` nothing comes
    /// before a key's own. Copies are for sessions alone: `replicas` means nothing here.
    ///
    /// # Errors
    /// When an option makes no sense.
    pub fn new(mut options: Options, environment: &Environment) -> Result<Self> {
        options.set_default("prefix", Value::Text(Vec::new()));
        let mut reader = Reader::new(options);
        let dsn = Dsn {
            scheme: STORE.to_owned(),
            user: reader.text(&["user"]),
            password: reader.text(&["password"]),
            ..Dsn::default()
        };
        match config::parts(dsn, &mut reader, environment) {
            Ok(Parts { cluster, prefix, format, .. }) => {
                reader.finish()?;
                Ok(Self { cluster, format, before: prefix, clock: environment.clock.clone(), key: Vec::new() })
            }
            Err(error) => Err(reader.finish_after(error)),
        }
    }

    /// What a key has.
    ///
    /// # Errors
    /// When the key's server cannot be asked or refuses, or the key is none.
    pub fn get(&mut self, key: Key<'_>) -> Result<Option<Item>> {
        let operation = Operation::Read;
        let at = self.aim(operation, key)?;
        self.cluster.batch.get(&self.key, None);
        self.cluster.ask(operation, at, b"", |item: &mut Option<Item>, _, reply, address| match reply {
            Reply::Value { data, flags, .. } => {
                let item = item.insert(Item { bytes: Vec::new(), kind: Type::of(flags) });
                format::unpack(data, flags, &mut item.bytes).map_err(|why| error::unreadable(operation, address, why))
            }
            Reply::Missing => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        })
    }

    /// Sets a key, for so many seconds or for ever.
    ///
    /// # Errors
    /// When the key's server cannot be asked or refuses, or the key is none.
    pub fn set(&mut self, key: Key<'_>, kind: Type, value: &[u8], seconds: Option<u64>) -> Result<()> {
        let operation = Operation::Write;
        let at = self.aim(operation, key)?;
        if value.len() > MAX_RECORD {
            let reason = format!("the value is larger than {} MB", MAX_RECORD / (1024 * 1024));
            return Err(Error::new(Kind::TooLarge, STORE, operation, reason).at(self.cluster.address(at).to_string()));
        }
        let expiry = seconds.map_or(0, |seconds| expiry::of(Duration::from_secs(seconds), &self.clock));
        let Encoded { flags, parts } = self.format.encode(value);
        let body = self.cluster.batch.store(&self.key, Mode::Set, flags | kind as u32, expiry, parts);
        self.cluster.ask(operation, at, body, |_: &mut (), _, reply, address| match reply {
            Reply::Done { .. } => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        })
    }

    /// Whether there is such a key.
    ///
    /// # Errors
    /// When the key's server cannot be asked or refuses, or the key is none.
    pub fn exists(&mut self, key: Key<'_>) -> Result<bool> {
        let at = self.aim(Operation::Validate, key)?;
        self.cluster.batch.version(&self.key);
        self.found(Operation::Validate, at)
    }

    /// Removes a key, and says whether there was one.
    ///
    /// # Errors
    /// When the key's server cannot be asked or refuses, or the key is none.
    pub fn remove(&mut self, key: Key<'_>) -> Result<bool> {
        let at = self.aim(Operation::Destroy, key)?;
        self.cluster.batch.delete(&self.key, None);
        self.found(Operation::Destroy, at)
    }

    /// Adds to the number in a key, which does not fall below 0. `None`: there is none, or the sum is
    /// larger than can be said.
    ///
    /// # Errors
    /// When the key's server cannot be asked or refuses, or the key is none.
    pub fn add(&mut self, key: Key<'_>, by: i64) -> Result<Option<i64>> {
        let operation = Operation::Count;
        let at = self.aim(operation, key)?;
        self.cluster.batch.add(&self.key, by < 0, by.unsigned_abs());
        let outcome = self.cluster.ask(operation, at, b"", |sum: &mut Option<i64>, _, reply, address| match reply {
            Reply::Value { data, .. } => {
                *sum = std::str::from_utf8(data).ok().and_then(|digits| digits.trim_end().parse().ok());
                Ok(())
            }
            Reply::Number(number) => {
                *sum = i64::try_from(number).ok();
                Ok(())
            }
            Reply::Missing => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, address)),
        });
        match outcome {
            Err(error) if error.kind() == Kind::Corrupt => Ok(None),
            outcome => outcome,
        }
    }

    /// Removes everything from all of the servers, whoever stored it.
    ///
    /// # Errors
    /// When a server cannot be asked or refuses. Those before it are empty then.
    pub fn flush(&mut self) -> Result<()> {
        for at in 0..self.cluster.addresses().count() {
            self.cluster.aim(Operation::Destroy, at)?;
            self.cluster.batch.flush();
            self.found(Operation::Destroy, at)?;
        }
        Ok(())
    }

    /// Begins a command for a key.
    fn aim(&mut self, operation: Operation, key: Key<'_>) -> Result<usize> {
        self.key.clear();
        for part in [self.before.as_bytes(), key.prefix, key.name] {
            self.key.extend_from_slice(part);
        }
        if self.key.is_empty() || self.key.len() > MAX_KEY || self.key.iter().any(|byte| *byte <= b' ' || *byte == 127)
        {
            let reason = format!(
                "a key has 1 to {MAX_KEY} bytes with its prefix, and neither spaces nor control characters; this one \
                 has not"
            );
            return Err(Error::new(Kind::Unsupported, STORE, operation, reason));
        }
        let at = self.cluster.home(key.name);
        self.cluster.aim(operation, at)?;
        Ok(at)
    }

    /// Sends the batch and says whether its one command found something.
    fn found(&mut self, operation: Operation, at: usize) -> Result<bool> {
        self.cluster.ask(operation, at, b"", |found: &mut bool, _, reply, address| {
            *found = match reply {
                Reply::Done { .. } | Reply::Value { .. } => true,
                Reply::Missing => false,
                _ => return Err(error::FAILURES.unexpected(operation, address)),
            };
            Ok(())
        })
    }
}
