//! The one place where a failure becomes a warning or an exception.

use super::engine::{self, Thrown};
use crate::error::Error;
use crate::session::handler::Caller;

/// Tells a failure of a save handler's method: to the session engine with one warning, to user
/// code that called the method itself with an exception of `class`.
pub(super) fn tell(error: &Error, caller: Caller, class: &str) -> Result<(), Thrown> {
    if caller == Caller::Direct {
        return Err(engine::throw(class, &error.to_string()));
    }
    engine::warn(&error.to_string());
    Ok(())
}

/// A failure of a constructor.
pub(super) fn throw(error: &Error, class: &str) -> Thrown {
    engine::throw(class, &error.to_string())
}
