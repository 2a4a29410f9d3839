//! The few things that can go wrong in memory.

use crate::error::{Error, Kind, Operation};

/// A DSN that names more than a memory.
pub(super) fn superfluous(part: &str) -> Error {
    Error::new(
        Kind::Config,
        "memory",
        Operation::Configure,
        format!("the DSN has a {part}, and memory has none; write memory: or memory://NAME"),
    )
}
