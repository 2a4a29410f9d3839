//! What a user may write, in a DSN, an array or php.ini, and the complaints about it.
//!
//! [`dsn`] and the PHP layer turn what was said into [`value::Options`]; a [`reader::Reader`]
//! turns that into what it means. Each option is declared once, where it is read.

#[cfg_attr(not(feature = "php"), allow(dead_code, reason = "descriptions come from PHP"))]
pub(crate) mod descriptor;
pub mod dsn;
pub(crate) mod phpredis;
pub mod policy;
pub mod reader;
pub mod suggest;
pub mod value;
