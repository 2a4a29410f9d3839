//! What the server can answer instead of doing its work, in our words.

use super::protocol::Refusal;
use super::rows::Rows;
use crate::backend::remote::address::Address;
use crate::backend::remote::failures::Failures;
use crate::backend::sql::Dialect;
use crate::error::{Error, Kind, Operation};

pub(super) const STORE: &str = "handlersocket";

/// What a connection can come to, whoever is at its other end.
pub(super) const FAILURES: Failures = Failures { store: STORE, protocol: "HandlerSocket's protocol" };

/// The storage engine's number for a key that is there already.
pub(super) const DUPLICATE: &[u8] = b"121";

/// The server refused a request.
pub(super) fn refused(operation: Operation, address: &Address, rows: &Rows, refusal: Refusal<'_>) -> Error {
    let (kind, reason) = meaning(operation, refusal, rows);
    Error::new(kind, STORE, operation, reason).at(address.to_string())
}

/// HandlerSocket has no locks that last longer than a request.
pub(super) fn no_locks(operation: Operation, address: &Address) -> Error {
    let reason = "HandlerSocket cannot lock sessions; the store mysql can, on the same table";
    Error::new(Kind::Unsupported, STORE, operation, reason).at(address.to_string())
}

/// A record that is no session's.
pub(super) fn record(operation: Operation, address: &Address, rows: &Rows, what: &str) -> Error {
    let reason = format!("the session's row in the table {} {what}", rows.table.name());
    Error::new(Kind::Corrupt, STORE, operation, reason).at(address.to_string())
}

/// What was stored reads otherwise than it was written.
pub(super) fn altered(address: &Address, kind: Kind, reason: String) -> Error {
    Error::new(kind, STORE, Operation::Write, reason).at(address.to_string())
}

const READ_ONLY: (Kind, &str) = (Kind::Denied, "the table, or the whole server, is read-only");
const FULL: (Kind, &str) = (Kind::Full, "the table, or the server's disk, is full");
const CONTENDED: (Kind, &str) =
    (Kind::Busy, "somebody else keeps the row or the table locked, and the server gave up waiting");

fn meaning(operation: Operation, refusal: Refusal<'_>, rows: &Rows) -> (Kind, String) {
    let table = rows.table.name();
    let [id, time, data] = rows.names();
    let (kind, sentence) = match refusal.word {
        b"unauth" => (
            Kind::Denied,
            "the server refused: option auth must be its handlersocket_plain_secret_wr (rd_auth, for the port for \
             reading, its handlersocket_plain_secret); MariaDB makes one up at each start unless it is configured",
        ),
        b"readonly" => (
            Kind::Denied,
            "this is HandlerSocket's port for reading; the one for writing is the server's handlersocket_port_wr, \
             9999 as a rule",
        ),
        b"open_table" => {
            let created = rows.table.definition(Dialect::Mysql).join("; ");
            let reason = format!(
                "the database {} has no table {table}, or it cannot be opened; HandlerSocket creates none, so have it \
                 created: {created}",
                rows.database
            );
            return (Kind::Config, reason);
        }
        b"fld" | b"filterfld" => {
            let reason = format!(
                "the table {table} has not all of the columns {id}, {time} and {data}; options schema, column_id, \
                 column_data, column_modified and column_expiry say what they are called"
            );
            return (Kind::Config, reason);
        }
        b"idxnum" if operation == Operation::Gc => {
            let index = &rows.gc_index;
            let reason = format!(
                "the table {table} has no index {index}, by which gc finds expired sessions; CREATE INDEX {index} ON \
                 {table} ({time}), or say with gc_index what the index of {time} is called"
            );
            return (Kind::Config, reason);
        }
        b"idxnum" => {
            return (Kind::Config, format!("the table {table} has no primary key, by which sessions are found"));
        }
        // Numbers of the storage engines, some of which are the system's.
        b"135" | b"28" | b"122" => FULL,
        b"165" | b"30" => READ_ONLY,
        b"146" | b"149" | b"lock_tables" => CONTENDED,
        b"139" => (Kind::TooLarge, "the session is larger than the table's rows can be"),
        b"155" | b"159" => (Kind::Config, "the table was removed or changed meanwhile"),
        word => {
            let word = String::from_utf8_lossy(word);
            let shown: String = word.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            return (Kind::Storage, format!("the server refused with \"{shown}\" (table {table})"));
        }
    };
    (kind, sentence.to_owned())
}
