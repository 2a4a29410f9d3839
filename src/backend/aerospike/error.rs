//! What a cluster, or the way to it, can answer instead of doing its work, in our words.

use super::hosts::Host;
use crate::error::{Error, Kind, Operation};
use aerospike::{ErrorKind, ResultCode};
use std::time::Duration;

pub(super) const STORE: &str = "aerospike";

/// What messages say of the place.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The hosts that were said.
    pub(super) endpoint: String,
    pub(super) namespace: String,
    /// The most that one operation takes.
    pub(super) timeout: Duration,
}

impl Place {
    fn error(&self, kind: Kind, operation: Operation, reason: impl Into<String>) -> Error {
        Error::new(kind, STORE, operation, reason).at(self.endpoint.clone())
    }

    /// None of the names of hosts has an address.
    pub(super) fn unresolved(&self, operation: Operation, host: &Host, cause: std::io::Error) -> Error {
        let reason = format!("the host name \"{}\" does not resolve", host.name);
        self.error(Kind::Unavailable, operation, reason).caused_by(cause)
    }

    /// The time was over.
    pub(super) fn too_late(&self, operation: Operation, connecting: bool) -> Error {
        let what = if connecting { "no server answered" } else { "no answer" };
        let reason = format!("{what} within {} s (timeout)", self.timeout.as_secs_f64());
        self.error(Kind::Timeout, operation, reason).after(self.timeout)
    }

    /// Every server that is known refuses connections.
    pub(super) fn refused(&self, operation: Operation) -> Error {
        self.error(Kind::Unavailable, operation, "connection refused: no server listens there")
    }

    /// The driver could not be started.
    pub(super) fn not_started(&self, operation: Operation, cause: std::io::Error) -> Error {
        self.error(Kind::Unavailable, operation, "the client cannot be started").caused_by(cause)
    }

    /// The cluster was not reached. The driver says why in words alone.
    pub(super) fn not_connected(&self, operation: Operation, cause: &aerospike::Error) -> Error {
        let said = cause.to_string();
        // Servers write it otherwise than the driver.
        let says = |code: &ResultCode| said.to_ascii_lowercase().contains(&code.to_string().to_ascii_lowercase());
        for code in [
            ResultCode::InvalidUser,
            ResultCode::InvalidPassword,
            ResultCode::InvalidCredential,
            ResultCode::ExpiredPassword,
            ResultCode::NotAuthenticated,
        ] {
            if says(&code) {
                return self.error(
                    Kind::Denied,
                    operation,
                    "the server refused user and password, or wants some and none were given",
                );
            }
        }
        for code in [ResultCode::SecurityNotEnabled, ResultCode::SecurityNotSupported] {
            if says(&code) {
                let reason = "the servers know no users (security is not enabled); leave out user and password";
                return self.error(Kind::Denied, operation, reason);
            }
        }
        if said.contains("onnection refused") {
            return self.refused(operation);
        }
        if ["certificate", "handshake", "TLS"].iter().any(|word| said.contains(word)) {
            let reason = format!("TLS with the servers failed: {}", shown(&said));
            return self.error(Kind::Denied, operation, reason);
        }
        if said.contains("partition table never formed") {
            let reason = "the servers are there, but the cluster is not ready yet: nobody has the records";
            return self.error(Kind::Unavailable, operation, reason);
        }
        self.error(Kind::Unavailable, operation, format!("cannot connect: {}", shown(&said)))
    }

    /// A command was not carried out.
    pub(super) fn failed(&self, operation: Operation, cause: &aerospike::Error) -> Error {
        let doubt = if cause.in_doubt() { "; it is not known whether it was carried out" } else { "" };
        // What the driver gave up for is wrapped into its giving up.
        let cause = std::iter::successors(Some(cause), |outer| outer.cause()).last().unwrap_or(cause);
        if let Some(code) = cause.server_result_code() {
            let (kind, reason) = self.meaning(code);
            return self.error(kind, operation, format!("{reason}{doubt}"));
        }
        match cause.kind() {
            ErrorKind::InvalidNamespace => {
                let (kind, reason) = self.meaning(ResultCode::InvalidNamespace);
                self.error(kind, operation, reason)
            }
            ErrorKind::Timeout => {
                let reason = format!("no answer within {} s (timeout){doubt}", self.timeout.as_secs_f64());
                self.error(Kind::Timeout, operation, reason).after(self.timeout)
            }
            ErrorKind::InvalidUtf8(_) => {
                let reason = "the record holds text that is not UTF-8, which the client cannot read";
                self.error(Kind::Corrupt, operation, reason)
            }
            _ => {
                let reason = format!("the cluster cannot be reached: {}{doubt}", shown(&cause.base_message()));
                self.error(Kind::Unavailable, operation, reason)
            }
        }
    }

    fn meaning(&self, code: ResultCode) -> (Kind, String) {
        let namespace = &self.namespace;
        match code {
            ResultCode::InvalidNamespace => (
                Kind::Config,
                format!(
                    "the cluster has no namespace \"{namespace}\"; namespaces are made in the server's configuration"
                ),
            ),
            ResultCode::FailForbidden => (
                Kind::Unsupported,
                format!(
                    "the namespace \"{namespace}\" refuses the record, as a rule because its nsup-period is 0 and nothing \
                     may have a lifetime; set it, as in nsup-period 120"
                ),
            ),
            ResultCode::RecordTooBig => (
                Kind::TooLarge,
                format!(
                    "the session is larger than a record of the namespace \"{namespace}\" may be (1 MiB unless \
                     max-record-size or write-block-size says otherwise)"
                ),
            ),
            ResultCode::ServerMemError => {
                (Kind::Full, format!("the namespace \"{namespace}\" has no room left and stopped taking writes"))
            }
            ResultCode::KeyBusy | ResultCode::DeviceOverload => {
                (Kind::Busy, "the server has more to do than it can just now".to_owned())
            }
            ResultCode::Timeout => {
                (Kind::Timeout, format!("the server did not finish within {} s (timeout)", self.timeout.as_secs_f64()))
            }
            ResultCode::PartitionUnavailable => {
                (Kind::Unavailable, "no server has the session's partition at the moment".to_owned())
            }
            ResultCode::RoleViolation => (
                Kind::Denied,
                format!("the user may not read and write in the namespace \"{namespace}\" (role read-write)"),
            ),
            ResultCode::NotAuthenticated | ResultCode::ExpiredSession | ResultCode::InvalidCredential => {
                (Kind::Denied, "the server refused user and password".to_owned())
            }
            other => (Kind::Storage, format!("the server answered: {other}")),
        }
    }

    /// The index takes no more. `what` there are too many of.
    pub(super) fn index_is_full(&self, operation: Operation, what: &str) -> Error {
        let reason = format!(
            "{what} than an index record of the namespace \"{}\" may hold (1 MiB unless max-record-size or \
             write-block-size says otherwise)",
            self.namespace
        );
        self.error(Kind::TooLarge, operation, reason)
    }

    /// An answer that the command never gets.
    pub(super) fn unexpected(&self, operation: Operation) -> Error {
        self.error(Kind::Storage, operation, "the answer does not belong to the question")
    }

    /// What is stored under the session's key is nothing that can be read as one.
    pub(super) fn unreadable(&self, operation: Operation, reason: &str) -> Error {
        self.error(Kind::Corrupt, operation, reason)
    }
}

/// One printable line of what the driver says: the first host's trouble, if it lists hosts.
fn shown(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let line = if first.ends_with(':') { lines.next().unwrap_or(first) } else { first };
    line.chars().filter(|c| !c.is_control()).take(160).collect()
}
