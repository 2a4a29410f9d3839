//! What a server, or the way to it, can answer instead of doing its work, in our words.
//!
//! The server's own words stay out, with a few exceptions: they may repeat an id or a piece of a session.

use crate::backend::remote::address::Address;
use crate::backend::remote::failures::Failures;
use crate::error::{Error, Kind, Operation};

pub(super) const STORE: &str = "mysql";

pub(super) const FAILURES: Failures = Failures { store: STORE, protocol: "MySQL's protocol" };

/// The most that a packet holds beside a session's data.
pub(super) const AROUND_DATA: usize = 1024;

/// The error numbers that decide what is done next.
pub(super) mod code {
    pub(in super::super) const NO_SUCH_COLUMN: u16 = 1054;
    pub(in super::super) const DUPLICATE: u16 = 1062;
    pub(in super::super) const NO_SUCH_TABLE: u16 = 1146;
    pub(in super::super) const LOCK_WAIT_OVER: u16 = 1205;
    pub(in super::super) const DEADLOCK: u16 = 1213;
    pub(in super::super) const NO_SUCH_STATEMENT: u16 = 1243;
    /// A table, a column, an index.
    pub(in super::super) const THERE_ALREADY: [u16; 3] = [1050, 1060, 1061];
}

/// What became of the connection after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// It goes on.
    Kept,
    /// The server ends it, or ought to be looked for anew: nothing was done.
    Lost,
    /// The table is another one than when the statements were prepared.
    Stale,
}

/// What is to be done with the connection.
pub(super) fn after(code: u16) -> After {
    match code {
        // Shutdown in progress, packets, killed, idle for too long, not a member of its cluster.
        1053 | 1047 | 1152..=1161 | 1927 | 4031 => After::Lost,
        code::NO_SUCH_COLUMN | code::NO_SUCH_TABLE | code::NO_SUCH_STATEMENT => After::Stale,
        _ => After::Kept,
    }
}

/// Whether the server turned read-only: the next request should look for another one behind the name.
pub(super) fn is_read_only(code: u16) -> bool {
    matches!(code, 1290 | 1792 | 1836)
}

/// The server refused a statement, or to let us in.
pub(super) fn refused(operation: Operation, address: &Address, code: u16, said: &[u8]) -> Error {
    let (kind, reason) = meaning(code, said);
    Error::new(kind, STORE, operation, reason).at(address.to_string())
}

fn meaning(code: u16, said: &[u8]) -> (Kind, String) {
    let (kind, sentence) = match code {
        1040 => (Kind::Unavailable, "the server has as many connections as it accepts (max_connections)"),
        1203 | 1226 => (Kind::Unavailable, "the server has as many connections of this user as it accepts"),
        1129 => (Kind::Denied, "the server blocks this host after too many failed connections (FLUSH HOSTS)"),
        1130 => (Kind::Denied, "the server takes no connections from this host"),
        1045 | 1698 => (
            Kind::Denied,
            "the server refused: the user or the password is wrong, or this user has to come with TLS (tls=1, client_cert)",
        ),
        1044 | 1142 | 1143 | 1227 => return (Kind::Denied, format!("the user may not do this: {}", plain(said))),
        1049 => {
            (Kind::Config, "there is no such database; create it, or name another in the DSN: mysql://HOST/DATABASE")
        }
        1046 => (Kind::Config, "no database is named; write mysql://HOST/DATABASE"),
        1153 | 1301 => (
            Kind::TooLarge,
            "the session is larger than the server takes or sends in one packet; raise max_allowed_packet",
        ),
        code::LOCK_WAIT_OVER => (
            Kind::Storage,
            "the session's row is locked by a transaction that did not end in time (read_timeout, less a second); nothing \
             was changed (SHOW ENGINE INNODB STATUS says whose it is)",
        ),
        code::DEADLOCK => (Kind::Storage, "the server chose this statement to resolve a deadlock; nothing was changed"),
        1290 | 1792 | 1836 => (Kind::Denied, "the server is read-only (its variable read_only); is it a replica?"),
        1406 => {
            return (
                Kind::TooLarge,
                format!(
                    "a column is too short: {}; one for data should be a LONGBLOB, one for ids a VARCHAR(256)",
                    plain(said)
                ),
            );
        }
        1366 | 3988 => (
            Kind::Config,
            "the character set of the column for data cannot hold this session, which stays as it was stored; make the \
             column a LONGBLOB",
        ),
        1264 => (Kind::Config, "the column of times is too small for this time; make it a BIGINT"),
        3 | 20 | 1021 | 1026 | 1114 | 1030 => {
            (Kind::Full, "the server cannot write: the disk, or the table's space, is full, or failed")
        }
        1364 => {
            return (
                Kind::Config,
                format!("a column that is none of a session's needs a default, or to be nullable: {}", plain(said)),
            );
        }
        1194 | 1195 | 1034 | 1035 => (Kind::Corrupt, "the table is damaged; the server's CHECK TABLE says more"),
        1461 => (Kind::Unavailable, "the server has as many prepared statements as it keeps (max_prepared_stmt_count)"),
        1317 | 1969 | 3024 => (
            Kind::Unavailable,
            "the statement was interrupted on the server (KILL, max_statement_time or max_execution_time)",
        ),
        1053 | 1927 | 4031 => (Kind::Unavailable, "the server ended the connection (KILL, shutdown, or a time limit)"),
        1047 => (Kind::Unavailable, "the node is not a member of its cluster at the moment"),
        3058 => (Kind::Storage, "the server found a circle of waits for locks"),
        1064 => (Kind::Storage, "the server does not understand a statement; which server is it?"),
        1105 | 3169 => (Kind::Storage, "the server refused the statement"),
        code => return (Kind::Storage, format!("the server refused the statement with error {code}")),
    };
    (kind, format!("{sentence} (error {code})"))
}

/// A server's words about names: of users, tables, columns.
fn plain(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(120).collect()
}

/// The table is not there, or not one for sessions.
pub(super) fn table(address: &Address, complaint: String) -> Error {
    Error::new(Kind::Config, STORE, Operation::Open, complaint).at(address.to_string())
}

/// More than the server takes in one packet.
pub(super) fn too_large(operation: Operation, address: &Address, bytes: usize, limit: usize) -> Error {
    let reason = format!(
        "the session has {bytes} bytes and needs up to {AROUND_DATA} more in its packet, and the server takes {limit} \
         (max_allowed_packet); it stays as it was stored"
    );
    Error::new(Kind::TooLarge, STORE, operation, reason).at(address.to_string())
}

/// A session id that would be cut.
pub(super) fn long_id(length: usize, column: &str, longest: usize) -> String {
    format!(
        "the session id has {length} characters, and the column \"{column}\" holds {longest}; make it a VARCHAR(256)"
    )
}

/// A row that holds something else than a session.
pub(super) fn unreadable(operation: Operation, address: &Address) -> Error {
    let reason = "what is stored for the session is not what such a table holds";
    Error::new(Kind::Corrupt, STORE, operation, reason).at(address.to_string())
}

/// GET_LOCK answered neither yes nor no.
pub(super) fn no_lock(address: &Address) -> Error {
    let reason = "the server could not say whether the lock is free (GET_LOCK answered NULL): it was interrupted, or has no \
                  memory left";
    Error::new(Kind::Unavailable, STORE, Operation::Lock, reason).at(address.to_string())
}

/// The lock was not ours when it was given back, though the connection never broke.
pub(super) fn foreign_lock(operation: Operation, address: &Address) -> Error {
    let reason = "the lock was not held by this connection when it was given back: something between here and the server \
                  hands a connection to several clients. Use locking=optimistic there";
    Error::new(Kind::LockLost, STORE, operation, reason).at(address.to_string())
}

/// The server and we could not agree on who asks.
pub(super) fn login(address: &Address, refusal: super::handshake::Refusal) -> Error {
    use super::handshake::Refusal;
    let (kind, reason) = match refusal {
        Refusal::Said(code, said) => return refused(Operation::Open, address, code, &said),
        Refusal::Unknown(name) => (
            Kind::Unsupported,
            format!(
                "the server wants the user to log in by \"{name}\", which is not known here; mysql_native_password, \
                     caching_sha2_password, sha256_password, client_ed25519 and unix_socket are"
            ),
        ),
        Refusal::Exposed(name) => (
            Kind::Denied,
            format!("the server wants the password in clear text (\"{name}\"); it is sent over TLS only (tls=1)"),
        ),
        Refusal::Garbage => (Kind::Unavailable, "what answers there does not speak MySQL's protocol".to_owned()),
    };
    Error::new(kind, STORE, Operation::Open, reason).at(address.to_string())
}

/// The server has no TLS.
pub(super) fn no_tls(address: &Address) -> Error {
    let reason = "the server has no TLS switched on, and tls=1 asks for it";
    Error::new(Kind::Denied, STORE, Operation::Open, reason).at(address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_say_what_to_do_and_repeat_no_data() {
        let address = Address::Tcp { host: "h".into(), port: 1 };
        for (code, said, kind, word) in [
            (1045, "Access denied for user 'a'@'b' (using password: YES)", Kind::Denied, "password is wrong"),
            (1406, "Data too long for column 'data' at row 1", Kind::TooLarge, "column 'data'"),
            (1364, "Field 'extra' doesn't have a default value", Kind::Config, "'extra'"),
            (1366, "Incorrect string value: '\\xFFsecret' for column", Kind::Config, "LONGBLOB"),
            (1062, "Duplicate entry 'secretid' for key 'PRIMARY'", Kind::Storage, "error 1062"),
            (1205, "Lock wait timeout exceeded", Kind::Storage, "did not end in time"),
            (1114, "The table is full", Kind::Full, "is full"),
        ] {
            let error = refused(Operation::Write, &address, code, said.as_bytes());
            assert_eq!(error.kind(), kind, "{code}");
            assert!(error.to_string().contains(word), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
