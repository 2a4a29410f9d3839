//! What a server, or the way to it, can answer instead of doing its work, in our words.

use crate::backend::remote::address::Address;
use crate::backend::remote::failures::Failures;
use crate::error::{Error, Kind, Operation};
use std::time::Duration;

pub(super) const STORE: &str = "memcached";

/// What a connection can come to, whoever is at its other end.
pub(super) const FAILURES: Failures = Failures { store: STORE, protocol: "memcached's protocol" };

/// The server closed a new connection, or one over which it may have done what was asked.
pub(super) fn hung_up(operation: Operation, address: &Address, secure: bool) -> Error {
    let reason = if secure {
        "the server closed the connection without an answer"
    } else {
        "the server closed the connection without an answer; perhaps it wants TLS (memcacheds://), or a password"
    };
    Error::new(Kind::Unavailable, STORE, operation, reason).at(address.to_string())
}

/// The server did not answer the first words, without TLS, that it was ever sent.
pub(super) fn no_greeting(operation: Operation, address: &Address, limit: Duration) -> Error {
    let reason = format!(
        "no answer within {} s (read_timeout); perhaps it wants TLS (memcacheds://), or a password",
        limit.as_secs_f64()
    );
    Error::new(Kind::Timeout, STORE, operation, reason).at(address.to_string()).after(limit)
}

/// The server was dead a moment ago and is not asked yet.
pub(super) fn still_dead(operation: Operation, address: &Address, left: Duration) -> Error {
    let reason =
        format!("the server could not be reached; it is tried again in {:.1} s (retry_after)", left.as_secs_f64());
    Error::new(Kind::Unavailable, STORE, operation, reason).at(address.to_string())
}

/// The server gives no versions, so that no lock can be told from another.
pub(super) fn without_versions(operation: Operation, address: &Address) -> Error {
    let reason = "the server runs without CAS (-C), which locks need; start it without -C, or switch locking off";
    Error::new(Kind::Unsupported, STORE, operation, reason).at(address.to_string())
}

/// The server refused user and password.
pub(super) fn wrong_password(operation: Operation, address: &Address) -> Error {
    let reason = "the server refused: the user or the password is wrong, or it wants none";
    Error::new(Kind::Denied, STORE, operation, reason).at(address.to_string())
}

/// The server knows no SASL.
pub(super) fn without_sasl(operation: Operation, address: &Address) -> Error {
    let reason = "the server runs without SASL (-S); for the passwords of -Y leave protocol=binary out";
    Error::new(Kind::Denied, STORE, operation, reason).at(address.to_string())
}

/// What is stored under the session's key is nothing that can be read as one.
pub(super) fn unreadable(operation: Operation, address: &Address, reason: &str) -> Error {
    Error::new(Kind::Corrupt, STORE, operation, reason).at(address.to_string())
}

/// The server refused a command.
pub(super) fn refused(operation: Operation, address: &Address, text: &[u8]) -> Error {
    let (kind, reason) = meaning(&String::from_utf8_lossy(text));
    Error::new(kind, STORE, operation, reason).at(address.to_string())
}

/// What an answer contains, and what it means.
const SENTENCES: &[(&str, Kind, &str)] = &[
    (
        "too large",
        Kind::TooLarge,
        "the value is larger than the server stores in one item; start it with a larger -I (1 MB by default), as in \
         memcached -I 8m",
    ),
    (
        "out of memory",
        Kind::Full,
        "the server's memory is full and nothing could be evicted; give it more (-m), or let it evict (without -M)",
    ),
    ("non-numeric", Kind::Corrupt, "what is stored is no number"),
    ("auth failure", Kind::Denied, "the server wants a user and a password by SASL, and none were given"),
    ("unauthenticated", Kind::Denied, "the server wants a user and a password, and none were given"),
    ("too many open connections", Kind::Unavailable, "the server has as many clients as it accepts (-c)"),
];

fn meaning(said: &str) -> (Kind, String) {
    // The dialects differ in their capitals.
    let lower = said.to_ascii_lowercase();
    if let Some((_, kind, sentence)) = SENTENCES.iter().find(|(part, ..)| lower.contains(part)) {
        return (*kind, (*sentence).to_owned());
    }
    if said == "ERROR" {
        let reason = "the server does not know a command; option protocol=text uses the oldest ones";
        return (Kind::Unsupported, reason.to_owned());
    }
    let shown: String = said.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(80).collect();
    (Kind::Storage, format!("the server answered: {shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_say_what_to_do() {
        let address = Address::Tcp { host: "h".into(), port: 1 };
        for (text, kind, word) in [
            ("SERVER_ERROR object too large for cache", Kind::TooLarge, "-I"),
            ("SERVER_ERROR out of memory storing object", Kind::Full, "-m"),
            ("CLIENT_ERROR unauthenticated", Kind::Denied, "password"),
            ("ERROR", Kind::Unsupported, "protocol=text"),
            ("SERVER_ERROR so\x1b[31m", Kind::Storage, "SERVER_ERROR so[31m"),
        ] {
            let error = refused(Operation::Write, &address, text.as_bytes());
            assert_eq!(error.kind(), kind, "{text}");
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
