//! What a server, or the way to it, can answer instead of doing its work, in our words.
//!
//! A server's own text is repeated only in part: it may quote the command's arguments, and those
//! are keys with session ids and records.

use super::topology::Topology;
use crate::backend::remote::address::Address;
use crate::backend::remote::failures::Failures;
use crate::error::{Error, Kind, Operation};

pub(super) const STORE: &str = "redis";

/// What a connection can come to, whoever is at its other end.
pub(super) const FAILURES: Failures = Failures { store: STORE, protocol: "Redis's protocol" };

/// The steps of setting up a connection, for the refusal of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Auth,
    Select,
    Name,
}

/// Several servers were asked in turn, and none would do. `failures` has one error for each.
pub(super) fn of_all(operation: Operation, what: &str, asked: &[Address], failures: &[Error]) -> Error {
    let each: Vec<String> =
        asked.iter().zip(failures).map(|(address, failure)| format!("{address}: {}", failure.reason())).collect();
    // What somebody has to put right, such as a password, must not pass for an outage because another one is down.
    let mistake = failures.iter().find(|failure| !failure.is_outage());
    let passing = || failures.iter().find(|failure| failure.kind() == Kind::Unavailable).or(failures.first());
    let kind = mistake.or_else(passing).map_or(Kind::Unavailable, Error::kind);
    Error::new(kind, STORE, operation, format!("{what} ({})", each.join("; ")))
}

/// A server that should be the master is none.
pub(super) fn no_master(operation: Operation, address: &Address) -> Error {
    Error::new(Kind::Unavailable, STORE, operation, "the server is a replica").at(address.to_string())
}

/// A sentinel does not watch over a master of that name.
pub(super) fn unknown_master(operation: Operation, address: &Address, name: &str) -> Error {
    Error::new(Kind::Config, STORE, operation, format!("the sentinel knows no master \"{name}\""))
        .at(address.to_string())
}

/// No node of the cluster has the session's slot.
pub(super) fn no_owner(operation: Operation, topology: &Topology) -> Error {
    Error::new(Kind::Unavailable, STORE, operation, "no node of the cluster has the session's slot")
        .at(topology.to_string())
}

/// A node does not say which slots are where.
pub(super) fn no_map(operation: Operation, address: &Address, text: &str) -> Error {
    if text.contains("cluster support disabled") {
        let reason = "the server is no node of a cluster; redis:// is for a single server";
        return Error::new(Kind::Config, STORE, operation, reason).at(address.to_string());
    }
    refused(operation, address, text)
}

/// A new connection was closed at once.
pub(super) fn hung_up(operation: Operation, address: &Address) -> Error {
    let reason = "the server closed the connection without an answer; perhaps it wants TLS (rediss://)";
    Error::new(Kind::Unavailable, STORE, operation, reason).at(address.to_string())
}

/// The server refused to set the connection up.
pub(super) fn not_set_up(operation: Operation, address: &Address, step: Step, with_user: bool, text: &[u8]) -> Error {
    let said = String::from_utf8_lossy(text);
    let (kind, reason) = match step {
        Step::Auth if said.contains("without any password") || said.contains("no password is set") => {
            (Kind::Denied, "a password was given, but the server has none for its default user".to_owned())
        }
        Step::Auth if said.starts_with("WRONGPASS") || said.contains("invalid password") => (
            Kind::Denied,
            if with_user {
                "the user or the password is wrong, or the user is disabled (WRONGPASS)".to_owned()
            } else {
                "the password is wrong (WRONGPASS)".to_owned()
            },
        ),
        Step::Select if said.contains("out of range") || said.contains("invalid DB index") => {
            (Kind::Config, "the server has no database of that number (option \"database\")".to_owned())
        }
        Step::Select if said.contains("SELECT is not allowed in cluster mode") => {
            (Kind::Config, "a cluster has only database 0 (option \"database\")".to_owned())
        }
        _ => meaning(&said),
    };
    Error::new(kind, STORE, operation, reason).at(address.to_string())
}

/// The server refused a command.
pub(super) fn refused(operation: Operation, address: &Address, text: &str) -> Error {
    let (kind, reason) = meaning(text);
    Error::new(kind, STORE, operation, reason).at(address.to_string())
}

const NOT_PERMITTED: &str = "the server's rules do not let this user use the command or the key; the documentation of \
                             the store lists what it needs (NOPERM)";

/// The codes of replies, in the order in which they are looked for. A script's failure has the
/// command's code in front, or in servers before version 7 somewhere in its text.
const CODES: &[(&str, Kind, &str)] = &[
    (
        "OOM ",
        Kind::Full,
        "the server's memory is full and its policy evicts nothing, so nothing was stored; raise its maxmemory, or \
         shorten the sessions' lifetime (OOM)",
    ),
    ("READONLY", Kind::Unavailable, "the server is a read-only replica; the DSN must name its master (READONLY)"),
    (
        "LOADING",
        Kind::Busy,
        "the server is still loading its data after a start and answers when that is done (LOADING)",
    ),
    (
        "MASTERDOWN",
        Kind::Unavailable,
        "the server is a replica that lost its master and may not serve old data; the DSN must name the present \
         master (MASTERDOWN)",
    ),
    (
        "CLUSTERDOWN",
        Kind::Unavailable,
        "the cluster does not serve all its slots; its CLUSTER INFO says what is missing (CLUSTERDOWN)",
    ),
    ("TRYAGAIN", Kind::Busy, "the session's keys are on their way to another node of the cluster (TRYAGAIN)"),
    (
        "MOVED ",
        Kind::Unsupported,
        "the server is a node of a cluster, and another node has this session; write redis+cluster:// (MOVED)",
    ),
    ("ASK ", Kind::Unavailable, "the session is on its way to another node of the cluster (ASK)"),
    (
        "access a non local key",
        Kind::Busy,
        "the session's keys are on their way to another node of the cluster (TRYAGAIN)",
    ),
    ("UNBLOCKED", Kind::Unavailable, "the server became a replica meanwhile (UNBLOCKED)"),
    ("NOAUTH", Kind::Denied, "the server wants a password, and none was given; write redis://:PASSWORD@HOST (NOAUTH)"),
    // What a client without a password hears when its first command has more than ten arguments.
    (
        "unauthenticated",
        Kind::Denied,
        "the server wants a password, and none was given; write redis://:PASSWORD@HOST (NOAUTH)",
    ),
    ("WRONGPASS", Kind::Denied, "the user or the password is wrong, or the user is disabled (WRONGPASS)"),
    ("NOPERM", Kind::Denied, NOT_PERMITTED),
    // The same, met by a command in a script.
    ("The user executing the script", Kind::Denied, NOT_PERMITTED),
    ("ACL failure in script", Kind::Denied, NOT_PERMITTED),
    (
        "MISCONF",
        Kind::Storage,
        "the server cannot save to its disk and refuses writes until it can; its own log says why (MISCONF)",
    ),
    (
        "NOREPLICAS",
        Kind::Unavailable,
        "the server has fewer replicas than its min-replicas-to-write and refuses writes (NOREPLICAS)",
    ),
    ("WRONGTYPE", Kind::Corrupt, "the key holds something that is not a session; is the prefix shared? (WRONGTYPE)"),
    (
        "BUSY ",
        Kind::Busy,
        "the server is busy with somebody's long script; SCRIPT KILL there ends one that only reads (BUSY)",
    ),
    (
        "DENIED ",
        Kind::Denied,
        "the server is in protected mode and accepts clients of its own machine only; give it a password (DENIED)",
    ),
    (
        "max number of clients",
        Kind::Unavailable,
        "the server has as many clients as it accepts; raise its maxclients or close idle ones",
    ),
    ("NOSCRIPT", Kind::Storage, "the server forgot a script that it was just sent (NOSCRIPT)"),
    ("unknown command", Kind::Unsupported, "the server does not know a command; Redis 6.2 or newer is needed"),
    ("Unknown Redis command", Kind::Unsupported, "the server does not know a command; Redis 6.2 or newer is needed"),
];

fn meaning(said: &str) -> (Kind, String) {
    if let Some((_, kind, sentence)) = CODES.iter().find(|(code, ..)| said.starts_with(code)) {
        return (*kind, (*sentence).to_owned());
    }
    if let Some((_, kind, sentence)) = CODES.iter().find(|(code, ..)| said.contains(code)) {
        return (*kind, (*sentence).to_owned());
    }
    // Only up to where a server would begin to quote.
    let end = said.find(['\'', '`', '"']).unwrap_or(said.len()).min(120);
    let shown = said.get(..end).unwrap_or("an error").trim_end_matches([' ', ',', ':']);
    (Kind::Storage, format!("the server answered: {shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_sentence_and_none_repeats_an_id() {
        let address = Address::Tcp { host: "h".into(), port: 1 };
        for (text, kind, word) in [
            ("OOM command not allowed when used memory > 'maxmemory'.", Kind::Full, "maxmemory"),
            (
                "READONLY You can't write against a read only replica. script: ab, on @user_script:1.",
                Kind::Unavailable,
                "replica",
            ),
            (
                "ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed",
                Kind::Full,
                "maxmemory",
            ),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", Kind::Corrupt, "not a session"),
            (
                "ERR unknown command 'GETEX', with args beginning with: 'PHPREDIS_SESSION:secretid' ",
                Kind::Unsupported,
                "6.2",
            ),
            ("ERR something about 'secretid'", Kind::Storage, "something about"),
            ("LOADING Redis is loading the dataset in memory", Kind::Busy, "loading its data"),
            ("BUSY Redis is busy running a script.", Kind::Busy, "SCRIPT KILL"),
            ("TRYAGAIN Multiple keys request during rehashing of slot", Kind::Busy, "another node"),
            ("CLUSTERDOWN The cluster is down", Kind::Unavailable, "CLUSTER INFO"),
            ("MASTERDOWN Link with MASTER is down", Kind::Unavailable, "present master"),
            ("MISCONF Redis is configured to save RDB snapshots", Kind::Storage, "its own log"),
            ("NOREPLICAS Not enough good replicas to write.", Kind::Unavailable, "min-replicas-to-write"),
            ("ERR max number of clients reached", Kind::Unavailable, "maxclients"),
            ("NOPERM User app has no permissions to access key secretid", Kind::Denied, "NOPERM"),
            (
                "ERR The user executing the script can't run this command or subcommand script: a",
                Kind::Denied,
                "NOPERM",
            ),
            (
                "ERR ACL failure in script: User app has no permissions to run the 'lpos' command",
                Kind::Denied,
                "NOPERM",
            ),
        ] {
            let error = refused(Operation::Read, &address, text);
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(word), "{error}");
            assert!(!error.to_string().contains("secretid"), "{error}");
        }
    }
}
