//! Taking over the references that DALMP has noted: a hash of all sessions, field the record's key, value
//! `REFERENCE|EXPIRY`.
//!
//! The hash is read in front of each listing, in case a program of DALMP's still adds to it, and what was taken
//! over is removed from it. A session that has a reference of its own by then keeps that.

use super::client::{Alongside, Trouble};
use super::cluster;
use super::exchange::number;
use super::protocol::Reply;
use super::store::Redis;
use crate::error::{Operation, Result};
use crate::session::id::SessionId;
use crate::session::reference::{Assignment, Reference, Terms};
use crate::session::store::Store;
use std::time::Duration;

impl Redis {
    /// Gives the sessions in DALMP's hash the references that it notes.
    pub(super) fn take_over(&mut self) -> Result<()> {
        let Some(hash) = self.dalmp_references.clone() else { return Ok(()) };
        for (field, value) in self.noted(&hash)? {
            let [prefix, ..] = self.keys.around_ids();
            let id = field.strip_prefix(prefix).and_then(|id| SessionId::parse(id, Operation::Read).ok());
            // The reference may have a bar of its own.
            let end = value.iter().rposition(|byte| *byte == b'|').unwrap_or(value.len());
            let reference = value.get(..end).and_then(|name| Reference::parse(name, Operation::Read).ok());
            if let (Some(id), Some(reference)) = (id, reference)
                && let (left @ 1.., None) = self.session(id)?
            {
                self.set_terms(&Terms { reference: Assignment::Set(&reference), existing: true });
                self.touch(id, Duration::from_millis(left.unsigned_abs()))?;
            }
            self.strike(&hash, &field, &value)?;
        }
        Ok(())
    }

    /// The fields and values of the hash.
    fn noted(&mut self, hash: &str) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.go_to_legacy(hash, Operation::Read)?;
        self.begin(b"*2\r\n$7\r\nHGETALL\r\n");
        self.frame.arg(hash.as_bytes());
        let seal = Some(self.client.seal(&mut self.frame));
        self.ask(Operation::Read, (b"", b""), seal, Alongside::No, |reply| {
            let Reply::Array(mut items) = reply else { return Err(Trouble::with(reply)) };
            let mut noted = Vec::new();
            while let Some(field) = items.next() {
                let (Reply::Bulk(field), Some(Reply::Bulk(value))) = (field, items.next()) else {
                    return Err(Trouble::Unexpected);
                };
                noted.push((field.to_vec(), value.to_vec()));
            }
            Ok(noted)
        })
    }

    /// Removes a field that was taken over, unless DALMP has noted something newer there.
    fn strike(&mut self, hash: &str, field: &[u8], value: &[u8]) -> Result<()> {
        const STRIKE: &[u8] = b"if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end \
            return redis.call('HDEL', KEYS[1], ARGV[1])";
        self.go_to_legacy(hash, Operation::Touch)?;
        self.begin(b"*6\r\n$4\r\nEVAL\r\n");
        self.frame.arg(STRIKE);
        self.frame.number(1);
        self.frame.arg(hash.as_bytes());
        self.frame.arg(field);
        self.frame.arg(value);
        self.ask(Operation::Touch, (b"", b""), None, Alongside::No, number).map(drop)
    }

    fn go_to_legacy(&mut self, hash: &str, operation: Operation) -> Result<()> {
        if self.keys.is_in_cluster() {
            self.client.set_slot(cluster::slot(&[hash.as_bytes()]));
        }
        self.client.prepare(operation).map(drop)
    }
}
