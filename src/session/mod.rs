//! The rules of a PHP session, with the standard library alone.
//!
//! [`store`] is the contract of a storage, [`handler`] is PHP's protocol over it. Neither knows
//! PHP or a driver: the clock, the lifetime and the limits come in as values.

pub mod clock;
mod current;
pub mod fork;
pub mod handler;
pub mod id;
mod late;
pub mod lock;
pub mod policy;
pub mod reference;
pub mod store;
