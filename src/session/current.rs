//! What is known of the session that a request works on.

use super::fork;
use super::id::SessionId;
use super::late::{Late, Loss, Since};
use super::lock::Lease;
use std::time::{Duration, Instant};

/// Whether the session may still be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Writable,
    /// The lock timed out and the policy lets the request read on.
    ReadOnly,
    /// A write was refused, because the session is another request's by now.
    Overtaken,
    /// The storage is away, and the policy lets the request go on with an empty session that is not
    /// stored.
    Absent,
    /// This request ended the session itself. Nothing more of it is stored, as after `session_destroy()`.
    Ended,
    /// PHP has not got the session's data: reading it failed, or it is on its way.
    Unread,
}

/// The session that the present request works on.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) id: Vec<u8>,
    /// The record was there when it was read.
    pub(super) found: bool,
    pub(super) lease: Option<Lease>,
    pub(super) taken_at: Option<Instant>,
    /// The process that opened it, among those that fork from one another.
    pub(super) generation: u64,
    /// What was said when a write was refused.
    pub(super) late: Option<Late>,
    pub(super) standing: Standing,
    /// The lifetime was extended by the read.
    pub(super) extended: bool,
    /// `validate` has read, `read` was not called yet.
    pub(super) prefetched: bool,
}

impl Current {
    /// The id is written into `buffer`, so that a request needs no new one.
    #[inline]
    pub(super) fn new(id: SessionId<'_>, mut buffer: Vec<u8>, standing: Standing) -> Self {
        buffer.clear();
        buffer.extend_from_slice(id.as_bytes());
        Self {
            id: buffer,
            found: false,
            lease: None,
            taken_at: None,
            generation: fork::generation(),
            late: None,
            standing,
            extended: false,
            prefetched: false,
        }
    }

    /// Whether it is this session.
    pub(super) fn is(&self, id: SessionId<'_>) -> bool {
        self.id == id.as_bytes()
    }

    /// Notes that a write was refused, and says why. The first refusal is the one that counts.
    /// `early` is how else than by its time the lease can have been lost.
    pub(super) fn refuse(&mut self, since: Since, lease: Duration, early: Option<Loss>) -> Late {
        self.standing = Standing::Overtaken;
        let loss = match (early, self.taken_at.map(|at| at.elapsed())) {
            _ if self.generation != fork::generation() => Loss::Inherited,
            (Some(early), _) => early,
            (None, Some(held)) if held >= lease => Loss::RanOut,
            _ => Loss::Vanished,
        };
        *self.late.get_or_insert(Late { loss, since, lease })
    }
}
