//! What can go wrong between here and a server, whichever store it is, in words.

use super::address::Address;
use super::connection::Fault;
use super::tls;
use crate::error::{Error, Kind, Operation};
use std::io;
use std::time::Duration;

/// A store's name in messages, and what its servers speak.
pub(in crate::backend) struct Failures {
    pub(in crate::backend) store: &'static str,
    /// As in "Redis's protocol".
    pub(in crate::backend) protocol: &'static str,
}

impl Failures {
    /// The connection was not made.
    pub(in crate::backend) fn not_connected(
        &self,
        operation: Operation,
        address: &Address,
        limit: Duration,
        cause: io::Error,
    ) -> Error {
        if let Some(error) = self.of_tls(operation, address, &cause) {
            return error;
        }
        let (kind, reason) = match (cause.kind(), address) {
            (io::ErrorKind::ConnectionRefused, Address::Tcp { .. }) => {
                (Kind::Unavailable, "connection refused: no server listens there".to_owned())
            }
            (io::ErrorKind::ConnectionRefused, Address::Unix(_)) => {
                (Kind::Unavailable, "connection refused: the socket is there, but no server listens on it".to_owned())
            }
            (io::ErrorKind::NotFound, Address::Unix(_)) => (Kind::Unavailable, "there is no such socket".to_owned()),
            (io::ErrorKind::PermissionDenied, Address::Unix(_)) => {
                (Kind::Denied, "this user may not use the socket (permission denied)".to_owned())
            }
            (io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock, _) => {
                (Kind::Timeout, format!("no connection within {} s (connect_timeout)", limit.as_secs_f64()))
            }
            _ => (Kind::Unavailable, format!("cannot connect ({cause})")),
        };
        let error = self.error(kind, operation, address, reason).caused_by(cause);
        if kind == Kind::Timeout { error.after(limit) } else { error }
    }

    /// An exchange broke. The connection was dropped.
    pub(in crate::backend) fn broken(
        &self,
        operation: Operation,
        address: &Address,
        limit: Duration,
        fault: Fault,
    ) -> Error {
        let unavailable = |reason: String| self.error(Kind::Unavailable, operation, address, reason);
        match fault {
            Fault::Closed => unavailable("the server closed the connection without an answer".into()),
            Fault::Cut => unavailable("the connection broke in the middle of an answer".into()),
            Fault::TimedOut => {
                let reason = format!("no answer within {} s (read_timeout)", limit.as_secs_f64());
                self.error(Kind::Timeout, operation, address, reason).after(limit)
            }
            Fault::Failed(cause) => self
                .of_tls(operation, address, &cause)
                .unwrap_or_else(|| unavailable("the connection broke".into()).caused_by(cause)),
            Fault::Stray => self.unexpected(operation, address),
            Fault::Garbage(why) => unavailable(format!("what answers there does not speak {}: {why}", self.protocol)),
        }
    }

    /// An answer of a kind that the command never gets.
    pub(in crate::backend) fn unexpected(&self, operation: Operation, address: &Address) -> Error {
        let reason = "the answer does not belong to the question; connection dropped";
        self.error(Kind::Unavailable, operation, address, reason.to_owned())
    }

    /// A session of more bytes than a reply may hold, so that it could be written but never read.
    pub(in crate::backend) fn too_large(&self, operation: Operation, address: &Address, limit: usize) -> Error {
        let reason = format!("the session is larger than {} MB", limit / (1024 * 1024));
        self.error(Kind::TooLarge, operation, address, reason)
    }

    fn of_tls(&self, operation: Operation, address: &Address, cause: &io::Error) -> Option<Error> {
        let (took_too_long, reason) = tls::explain(cause)?;
        Some(self.error(if took_too_long { Kind::Timeout } else { Kind::Denied }, operation, address, reason))
    }

    fn error(&self, kind: Kind, operation: Operation, address: &Address, reason: String) -> Error {
        Error::new(kind, self.store, operation, reason).at(address.to_string())
    }
}
