//! Seshat: PHP sessions, kept natively.
//!
//! The crate is one PHP extension with several faces over one core. Read it from the inside out:
//!
//! - [`error`]: the one error type. It says which store, which operation, where, and why.
//! - [`session`]: the rules, with the standard library alone. [`session::store::Store`] is the
//!   contract that every storage keeps, [`session::handler::Handler`] is PHP's protocol (strict
//!   mode, locking, lazy writes, regeneration) written once over any store.
//! - [`options`]: what a user may write in a DSN, an array or php.ini, and the complaints about it.
//! - [`backend`]: one folder per storage, all alike, and the registry that finds them.
//! - `php`: everything that knows PHP. It turns engine calls into calls of the handler, and
//!   errors into warnings or exceptions. All that the compiler cannot check is in `php/engine`.
//!
//! Dependencies point one way: `php -> session::handler -> Store <- backend -> session, options, error`.
//! Without the default feature `php` the crate builds and tests with neither PHP nor libclang.

pub mod backend;
pub mod error;
pub mod options;
#[cfg(feature = "php")]
mod php;
pub mod session;
