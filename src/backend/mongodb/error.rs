//! What the driver, or a server, can say instead of doing its work, in our words.

use crate::error::{Error, Kind, Operation};
use mongodb::error::{ErrorKind, WriteFailure};
use std::io;
use std::time::Duration;

pub(super) const STORE: &str = "mongodb";

/// There is a document with that id.
const DUPLICATE: i32 = 11_000;

/// Why nothing came of a call.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It took longer than it may.
    TimedOut(Duration),
    /// The driver says no, and perhaps a server could not be reached.
    Driver { error: Box<mongodb::error::Error>, trouble: Option<Box<mongodb::error::Error>> },
    /// The system has no room for a runtime.
    NoRuntime(io::Error),
    /// What another one's client says, and the server's code in it, if there is one.
    #[cfg_attr(not(feature = "php"), allow(dead_code, reason = "a collection of PHP's says it"))]
    Said { kind: Kind, reason: String, code: i32 },
}

impl Fault {
    /// Somebody else stored a document with this id in the same moment, or it is not as it should be.
    pub(super) fn is_duplicate(&self) -> bool {
        match self {
            Self::Driver { error, .. } => code(error).is_some_and(|(code, _)| code == DUPLICATE),
            Self::Said { code, .. } => *code == DUPLICATE,
            _ => false,
        }
    }

    /// Whether a server understood a command and does not want to do it.
    pub(super) fn is_refusal(error: &mongodb::error::Error) -> bool {
        code(error).is_some_and(|(code, _)| meaning(code).is_none_or(|(kind, _)| kind != Kind::Unavailable))
            && !matches!(*error.kind, ErrorKind::Authentication { .. })
    }

    /// In words, for those who may see the endpoint.
    pub(super) fn told(self, operation: Operation, endpoint: &str) -> Error {
        let (kind, reason) = match self {
            Self::TimedOut(limit) => (Kind::Timeout, format!("no answer within {} s (timeout)", limit.as_secs_f64())),
            Self::NoRuntime(cause) => (Kind::Storage, format!("the system cannot wait for it: {cause}")),
            Self::Said { kind, reason, code } => match meaning(code) {
                Some((kind, meant)) => (kind, meant.to_owned()),
                None => (kind, reason),
            },
            Self::Driver { error, trouble } => explain(&error, trouble.as_deref()),
        };
        Error::new(kind, STORE, operation, reason).at(endpoint)
    }
}

/// An answer that is none: what is stored in a session's place is not one.
pub(super) fn unreadable(operation: Operation, endpoint: &str) -> Error {
    let reason = "what is stored under the session's id has no session in its field \"data\"";
    Error::new(Kind::Corrupt, STORE, operation, reason).at(endpoint)
}

/// More than a document may hold.
pub(super) fn too_large(operation: Operation, endpoint: &str) -> Error {
    let reason = "the session is larger than the 16 MB of a document of MongoDB";
    Error::new(Kind::TooLarge, STORE, operation, reason).at(endpoint)
}

/// Why an index was not made, for those who asked for it.
pub(super) fn unindexed(error: &mongodb::error::Error, endpoint: &str) -> Error {
    let reason = match code(error) {
        // An index of the same name or field with other options: servers differ in which of the two they say.
        Some((85 | 86, _)) => "there is an index of that field or name with other options already (create_index); \
                               expired sessions are looked for meanwhile: drop that index, or switch create_index off"
            .to_owned(),
        _ => format!("{}; this was for an index (create_index), and it goes on without it", explain(error, None).1),
    };
    Error::new(Kind::Storage, STORE, Operation::Open, reason).at(endpoint)
}

/// The code and the text of a server's refusal.
fn code(error: &mongodb::error::Error) -> Option<(i32, &str)> {
    match &*error.kind {
        ErrorKind::Command(said) => Some((said.code, &said.message)),
        ErrorKind::Write(WriteFailure::WriteError(said)) => Some((said.code, &said.message)),
        ErrorKind::Write(WriteFailure::WriteConcernError(said)) => Some((said.code, &said.message)),
        _ => None,
    }
}

/// What a code means.
fn meaning(code: i32) -> Option<(Kind, &'static str)> {
    Some(match code {
        13 => (Kind::Denied, "the user may not do this on that collection; it needs the role readWrite"),
        18 => (
            Kind::Denied,
            "the server refused: the user or the password is wrong, or the user is of another \
                              database (authSource)",
        ),
        50 => (Kind::Timeout, "the server gave up: it took too long"),
        64 | 100 => {
            (Kind::Unavailable, "the primary has it, but not enough of the other servers could confirm that (w)")
        }
        91 | 11_600 => (Kind::Unavailable, "the server is shutting down"),
        189 | 10_107 | 11_602 | 13_435 | 13_436 => {
            (Kind::Unavailable, "the server is not the primary, and no other one was found")
        }
        10_334 | 17_280 | 17_419 | 17_420 => {
            (Kind::TooLarge, "the session is larger than the 16 MB of a document of MongoDB")
        }
        // The server's own words repeat the value, which may be the session's id.
        DUPLICATE => (
            Kind::Storage,
            "another document of the collection has the same value already in a field with a unique index: sessions need \
             a collection without such an index of other fields than _id",
        ),
        12_501 | 14_031 => (Kind::Full, "the server's disk is full"),
        _ => return None,
    })
}

/// A failure of the driver as a kind and a clause. Nothing of it is repeated that could be a secret.
fn explain(error: &mongodb::error::Error, trouble: Option<&mongodb::error::Error>) -> (Kind, String) {
    if let Some((code, text)) = code(error) {
        return match meaning(code) {
            Some((kind, reason)) => (kind, reason.to_owned()),
            None => (Kind::Storage, format!("the server answered: {} (code {code})", shown(text))),
        };
    }
    match &*error.kind {
        ErrorKind::Authentication { message, .. } => {
            // The driver's text names the mechanism, and the server's reason if it gave one.
            let reason = "the server refused: the user or the password is wrong, or the user is of another \
                          database (authSource)";
            let mechanism = if message.contains("SCRAM") { " (SCRAM)" } else { "" };
            (Kind::Denied, format!("{reason}{mechanism}"))
        }
        ErrorKind::ServerSelection { .. } => match trouble {
            Some(trouble) => {
                let (kind, reason) = explain(trouble, None);
                let kind = if kind == Kind::Storage { Kind::Unavailable } else { kind };
                (kind, format!("no server could be used within the time (timeout): {reason}"))
            }
            None => (
                Kind::Unavailable,
                "no server is the primary, and none became it within the time (timeout); see also replicaSet"
                    .to_owned(),
            ),
        },
        ErrorKind::DnsResolve { .. } => (Kind::Unavailable, "the name of the servers cannot be resolved".to_owned()),
        ErrorKind::Io(cause) => explain_io(cause),
        ErrorKind::ConnectionPoolCleared { .. } => {
            (Kind::Unavailable, "the connection broke, as did another one to that server".to_owned())
        }
        ErrorKind::InvalidTlsConfig { message, .. } => {
            (Kind::Config, format!("TLS cannot be set up: {}", shown(message)))
        }
        ErrorKind::InvalidResponse { .. } | ErrorKind::IncompatibleServer { .. } => {
            (Kind::Unavailable, format!("what answers there cannot be worked with: {}", shown(&error.to_string())))
        }
        ErrorKind::InvalidArgument { message, .. } => {
            // The driver refuses a document of more than a server takes before it is sent.
            let large = message.contains("too large") || message.contains("size");
            (if large { Kind::TooLarge } else { Kind::Config }, shown(message))
        }
        _ => (Kind::Storage, shown(&error.to_string())),
    }
}

fn explain_io(cause: &io::Error) -> (Kind, String) {
    let text = cause.to_string();
    match cause.kind() {
        io::ErrorKind::ConnectionRefused => {
            (Kind::Unavailable, "connection refused: no server listens there".to_owned())
        }
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            (Kind::Timeout, "no connection or no answer in time".to_owned())
        }
        io::ErrorKind::NotFound => (Kind::Unavailable, "there is no such socket or file".to_owned()),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            (Kind::Unavailable, "the server closed the connection".to_owned())
        }
        _ if text.contains("lookup") => (Kind::Unavailable, "the server's name cannot be resolved".to_owned()),
        io::ErrorKind::InvalidData if text.contains("certificate") => {
            (Kind::Denied, format!("the server's certificate is not trusted: {}", shown(&text)))
        }
        _ => (Kind::Unavailable, format!("the connection failed: {}", shown(&text))),
    }
}

/// What of a text from outside may stand in a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(160).collect()
}
