//! The one error of the crate: what was attempted, against what, and why it failed.
//!
//! Backends label a driver's failure with a [`Kind`] where it appears; the PHP layer decides
//! once whether it becomes a warning or an exception. A message never holds a password, a
//! payload or a whole session id: endpoints are written by the backends without credentials.

use std::fmt;
use std::time::Duration;

/// The result of anything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it was: decides whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// An option, DSN or ini value makes no sense.
    Config,
    /// A session id that no store may turn into a key or path.
    InvalidId,
    /// The server or file system cannot be reached, or the connection broke.
    Unavailable,
    /// An answer did not come in time. The connection was dropped.
    Timeout,
    /// The server is there and did nothing: it asks to be asked again a little later.
    Busy,
    /// User, password or permission was refused.
    Denied,
    /// Another request holds the session and did not let go within the wait limit.
    Locked,
    /// The lock was lost to another request: what we hold is older than what is stored.
    LockLost,
    /// The session was ended by another request, and a write would have brought it back.
    Ended,
    /// The session would be one too many of those that its reference may have.
    Refused,
    /// The session was opened without its lock and may not be written.
    ReadOnly,
    /// The storage refuses the size of the record.
    TooLarge,
    /// The storage is full.
    Full,
    /// What is stored cannot be understood.
    Corrupt,
    /// The store cannot do this at all.
    Unsupported,
    /// Any other failure of the storage.
    Storage,
}

/// Which operation of the session failed, in PHP's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Reading the configuration.
    Configure,
    /// Connecting or opening.
    Open,
    /// Waiting for or taking the lock.
    Lock,
    /// Giving the lock back.
    Unlock,
    /// Checking an id that came from outside.
    Validate,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Extending the lifetime.
    Touch,
    /// Adding to a number.
    Count,
    /// Destroying.
    Destroy,
    /// Removing expired sessions.
    Gc,
    /// Closing.
    Close,
}

impl Operation {
    /// The operation's name as it stands in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configure => "configure",
            Self::Open => "open",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Validate => "validate",
            Self::Read => "read",
            Self::Write => "write",
            Self::Touch => "touch",
            Self::Count => "count",
            Self::Destroy => "destroy",
            Self::Gc => "gc",
            Self::Close => "close",
        }
    }
}

/// A failure, with everything a person needs to act on it.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    store: &'static str,
    operation: Operation,
    endpoint: String,
    reason: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    waited: Option<Duration>,
}

impl Error {
    /// A failure of `operation` in the store named `store`, with the reason as a clause
    /// ("connection refused").
    pub fn new(kind: Kind, store: &'static str, operation: Operation, reason: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            store,
            operation,
            endpoint: String::new(),
            reason: reason.into(),
            source: None,
            waited: None,
        }))
    }

    /// A mistake in the configuration. The reason is a whole sentence that names the option.
    pub fn config(reason: impl Into<String>) -> Self {
        Self::new(Kind::Config, "", Operation::Configure, reason)
    }

    /// Says where: host and port, socket path, file or folder. Never with credentials.
    #[must_use]
    pub fn at(mut self, endpoint: impl Into<String>) -> Self {
        self.0.endpoint = endpoint.into();
        self
    }

    /// Keeps the cause, whose text is appended to the message when it adds something.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// Says how long was waited in vain.
    #[must_use]
    pub fn after(mut self, waited: Duration) -> Self {
        self.0.waited = Some(waited);
        self
    }

    /// How long was waited in vain, if that is known.
    #[must_use]
    pub fn waited(&self) -> Option<Duration> {
        self.0.waited
    }

    /// Whether the storage is away, or not ready: nothing is wrong with what was asked.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self.0.kind, Kind::Unavailable | Kind::Timeout | Kind::Busy)
    }

    /// The sort of failure.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The operation that failed.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// The reason alone, without store and endpoint.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.0.kind, Kind::Unavailable | Kind::Timeout | Kind::Busy | Kind::Locked)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if inner.operation == Operation::Configure && inner.store.is_empty() {
            return f.write_str(&inner.reason);
        }
        write!(f, "{} {}", inner.store, inner.operation.name())?;
        if !inner.endpoint.is_empty() {
            write!(f, " at {}", inner.endpoint)?;
        }
        write!(f, ": {}", inner.reason)?;
        if let Some(source) = &inner.source {
            let text = source.to_string();
            if !inner.reason.contains(&text) {
                write!(f, " ({text})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_store_operation_endpoint_and_reason_once() {
        let cause = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "connection refused");
        let error = Error::new(Kind::Unavailable, "redis", Operation::Read, "connection refused")
            .at("127.0.0.1:6379")
            .caused_by(cause);
        assert_eq!(error.to_string(), "redis read at 127.0.0.1:6379: connection refused");
    }

    #[test]
    fn a_configuration_mistake_is_a_plain_sentence() {
        let error = Error::config("unknown option \"lockign\"; did you mean \"locking\"?");
        assert_eq!(error.to_string(), "unknown option \"lockign\"; did you mean \"locking\"?");
    }
}
