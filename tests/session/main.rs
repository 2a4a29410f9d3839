//! PHP's session protocol over a store that writes down what it is asked.
//!
//! One module per subject, one test per row of the order of calls that PHP keeps
//! (`docs/session-contract.md`), named after it. Each asserts which calls reach the store, in
//! which order and of which kind: a call more is a round trip more for every request.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken rule ends its test")]

mod defaults;
mod double;
mod failures;
mod hold;
mod late_writers;
mod references;
mod rows;
mod user_code;
