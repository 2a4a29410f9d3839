//! DALMP's methods about references, in its shape: `[KEY => [REFERENCE => EXPIRY]]`.

use super::EXCEPTIONS;
use super::handler::text;
use crate::error::{Error, Operation, Result};
use crate::options::value::Options;
use crate::php::engine::{self, Call, Thrown};
use crate::php::errors;
use crate::php::methods::Face;
use crate::session::handler::Handler;
use crate::session::reference::{Listed, Reference};
use ext_php_rs::types::Zval;

/// What differs between the handlers' listings.
pub(super) trait Shape {
    /// What a session is called.
    fn key(id: &str) -> String {
        id.to_owned()
    }

    /// When it ends, in seconds since 1970.
    fn expiry(expires: u64) -> Zval {
        engine::int(i64::try_from(expires).unwrap_or(i64::MAX))
    }

    /// The answer after so many sessions were ended.
    fn ended(_count: u64) -> Zval {
        boolean(true)
    }
}

pub(super) fn boolean(on: bool) -> Zval {
    let mut value = Zval::new();
    value.set_bool(on);
    value
}

/// A store's options, with references from the global variable of that name.
pub(super) fn configured(mut options: Options, name: &str) -> Options {
    options.set_default("ref_global", text(name));
    options
}

/// `getSessionsRefs()`.
pub(super) fn all<S: Shape>(call: &mut Call<'_>) -> std::result::Result<(), Thrown> {
    let found = with(call, |handler| {
        let (mut found, mut from) = (Vec::new(), None);
        loop {
            let page = handler.all_references(from.as_ref())?;
            for reference in page.items {
                let sessions = handler.sessions_of(&reference)?;
                found.push((reference, sessions));
            }
            from = page.next;
            if from.is_none() {
                return Ok(found);
            }
        }
    })?;
    *call.result() = listing::<S>(&found);
    Ok(())
}

/// `getSessionRef($ref)`.
pub(super) fn one<S: Shape>(call: &mut Call<'_>) -> std::result::Result<(), Thrown> {
    let found = match argument(call)? {
        None => Vec::new(),
        Some(reference) => {
            let sessions = with(call, |handler| handler.sessions_of(&reference))?;
            vec![(reference, sessions)]
        }
    };
    *call.result() = listing::<S>(&found);
    Ok(())
}

/// `delSessionRef($ref)`.
pub(super) fn end<S: Shape>(call: &mut Call<'_>) -> std::result::Result<(), Thrown> {
    let count = match argument(call)? {
        None => 0,
        Some(reference) => with(call, |handler| handler.destroy_all_of(&reference, None))?,
    };
    *call.result() = S::ended(count);
    Ok(())
}

/// The reference that is asked for. None for a text that no session's reference can be.
fn argument(call: &mut Call<'_>) -> std::result::Result<Option<Reference>, Thrown> {
    let name = call.string(0)?;
    Ok(Reference::parse(name, Operation::Read).ok())
}

fn with<T>(call: &mut Call<'_>, work: impl FnOnce(&mut Handler) -> Result<T>) -> std::result::Result<T, Thrown> {
    let outcome = call.with_state(|face: &mut Face| match face.pooled.get() {
        Some(handler) => work(handler),
        None => Err(Error::config("the handler was closed for good")),
    })?;
    outcome.map_err(|error| errors::throw(&error, EXCEPTIONS))
}

fn listing<S: Shape>(found: &[(Reference, Vec<Listed>)]) -> Zval {
    let mut listing = Zval::new_array();
    for (reference, sessions) in found {
        for session in sessions {
            let mut entry = Zval::new_array();
            engine::set_entry(&mut entry, reference.as_bytes(), S::expiry(session.expires));
            engine::set_entry(&mut listing, S::key(&session.id).as_bytes(), entry);
        }
    }
    listing
}
