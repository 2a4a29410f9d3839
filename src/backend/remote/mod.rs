//! What stores on servers share: the way to a server and the discipline of exchanges with it, and
//! locks that are records like others, known by their owner's token.
//!
//! From the outside in: [`options`] (limits of time, TLS), [`address`], [`socket`] (a connected
//! server, with time limits), [`tls`], [`connection`] (commands out, replies in, in step; what the
//! replies look like is the store's [`connection::Protocol`]), [`failures`] (what went wrong, in
//! words), [`backoff`] and [`patience`] (trying again, waiting), [`tokens`], [`debts`] and [`pauses`] (locks).

pub(super) mod address;
pub(super) mod backoff;
pub(super) mod connection;
pub(super) mod debts;
pub(super) mod failures;
pub(super) mod options;
pub(super) mod patience;
pub(super) mod pauses;
pub(super) mod socket;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
pub(super) mod tls;
#[cfg(feature = "tls")]
pub(super) mod tls;
pub(super) mod tokens;
