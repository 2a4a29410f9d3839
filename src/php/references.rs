//! References in PHP: the values they come from, the methods that find and end sessions by them, and
//! `Seshat\References`, which goes through all of them without loading them all.

use super::engine::arrays::{append, array_of};
use super::engine::{self, Call, Class, Initial, Interface, Property, SessionArray, Thrown, method};
use super::errors;
use super::handler::{EXCEPTIONS, HANDLER};
use super::methods::{Face, lifetime};
use crate::error::{Error, Operation, Result};
use crate::session::handler::{Caller, Handler, Source};
use crate::session::reference::{Cursor, Listed, Reference};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;
use std::collections::VecDeque;

/// All references of a handler's store.
pub(super) static REFERENCES: Class = Class {
    name: "Seshat\\References",
    flags: ClassFlags::Final,
    parent: None,
    interfaces: &[Interface::Php("Iterator")],
    constants: &[],
    properties: &[Property { name: "handler", private: true, initial: Initial::Null }],
    methods: &[
        method!("public function __construct(Seshat\\Handler $handler)", construct),
        method!("public function current(): string", current),
        method!("public function key(): int", key),
        method!("public function next(): void", next),
        method!("public function rewind(): void", rewind),
        method!("public function valid(): bool", valid),
    ],
    native: true,
};

/// The position of the property.
const OF: usize = 0;

/// Tells the handler what the source of references holds, in front of a write. Calls no PHP.
///
/// # Errors
/// When it holds what cannot be a reference.
pub(super) fn note(handler: &mut Handler, caller: Caller) -> Result<()> {
    let said = match &handler.policy().reference {
        Source::Variable(name) if caller != Caller::Direct => {
            Some(SessionArray::look(name.as_bytes(), |value| from_variable("session", name, value)))
        }
        // As in DALMP, what PHP's empty() says is nobody's. A script that does not have the variable says nothing.
        Source::Global(name) => engine::look_at_global(name, |value| {
            value.map(|value| from_variable("global", name, Some(value).filter(|value| value.coerce_to_bool())))
        }),
        _ => None,
    };
    if let Some(reference) = said {
        handler.note_reference(reference?);
    }
    Ok(())
}

/// A variable's value as a reference: null, false, "" and no value at all are none.
fn from_variable(kind: &str, name: &str, value: Option<&Zval>) -> Result<Option<Reference>> {
    let Some(value) = value.map(Zval::dereference) else { return Ok(None) };
    if value.is_null() || value.is_false() {
        return Ok(None);
    }
    if let Some(number) = value.long() {
        return Reference::parse(number.to_string().as_bytes(), Operation::Write).map(Some);
    }
    match value.zend_str() {
        Some(text) if text.as_bytes().is_empty() => Ok(None),
        Some(text) => Reference::parse(text.as_bytes(), Operation::Write).map(Some),
        None => Err(Error::config(format!(
            "the {kind} variable \"{name}\" holds the reference of the session, which must be an int or a string; it is of \
             type {}",
            engine::type_name(value)
        ))),
    }
}

/// The argument `int|string $reference`.
fn argument(call: &Call<'_>) -> Result<Reference, Thrown> {
    let value = call.value(0).map(Zval::dereference);
    let bytes = match value {
        Some(value) if value.is_long() => value.long().unwrap_or_default().to_string().into_bytes(),
        Some(value) if value.is_string() => value.zend_str().map(|text| text.as_bytes().to_vec()).unwrap_or_default(),
        _ => return Err(call.wrong_type(0, "int|string")),
    };
    Reference::parse(&bytes, Operation::Read).map_err(|error| errors::throw(&error, EXCEPTIONS))
}

/// An argument `?string`.
fn optional_text(call: &Call<'_>, index: usize) -> Result<Option<Vec<u8>>, Thrown> {
    match call.value(index).map(Zval::dereference) {
        None => Ok(None),
        Some(value) if value.is_null() => Ok(None),
        Some(value) => match value.zend_str() {
            Some(text) => Ok(Some(text.as_bytes().to_vec())),
            None => Err(call.wrong_type(index, "?string")),
        },
    }
}

/// Runs `work` on the object's handler. A failure is an exception: these methods are for user code.
fn with<R>(call: &mut Call<'_>, work: impl FnOnce(&mut Handler) -> Result<R>) -> Result<R, Thrown> {
    let outcome = call.with_state(|face: &mut Face| run(face, work))?;
    outcome.map_err(|error| errors::throw(&error, EXCEPTIONS))
}

fn run<R>(face: &mut Face, work: impl FnOnce(&mut Handler) -> Result<R>) -> Result<R> {
    let handler = face.pooled.get().ok_or_else(|| Error::config("the handler was closed for good"))?;
    handler.set_lifetime(lifetime());
    work(handler)
}

pub(super) fn sessions_of(call: &mut Call<'_>) -> Result<(), Thrown> {
    let reference = argument(call)?;
    let sessions = with(call, |handler| handler.sessions_of(&reference))?;
    let mut list = Zval::new_array();
    for Listed { id, expires } in sessions {
        let expires = i64::try_from(expires).unwrap_or(i64::MAX);
        append(&mut list, array_of([("id", engine::string(id.as_bytes())), ("expires", engine::int(expires))]));
    }
    *call.result() = list;
    Ok(())
}

pub(super) fn count_of(call: &mut Call<'_>) -> Result<(), Thrown> {
    let reference = argument(call)?;
    let count = with(call, |handler| handler.count_of(&reference))?;
    call.result().set_long(i64::try_from(count).unwrap_or(i64::MAX));
    Ok(())
}

pub(super) fn destroy_all_of(call: &mut Call<'_>) -> Result<(), Thrown> {
    let reference = argument(call)?;
    let except = optional_text(call, 1)?;
    let ended = with(call, |handler| handler.destroy_all_of(&reference, except.as_deref()))?;
    call.result().set_long(i64::try_from(ended).unwrap_or(i64::MAX));
    Ok(())
}

pub(super) fn set_reference(call: &mut Call<'_>) -> Result<(), Thrown> {
    let nobody = call.value(0).is_none_or(|value| value.dereference().is_null());
    let reference = if nobody { None } else { Some(argument(call)?) };
    with(call, |handler| handler.set_reference(reference))
}

pub(super) fn reference_of(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [id] = call.strings()?;
    match with(call, |handler| handler.reference_of(id))? {
        Some(reference) => call.return_bytes(reference.as_bytes()),
        None => *call.result() = Zval::null(),
    }
    Ok(())
}

pub(super) fn all_references(call: &mut Call<'_>) -> Result<(), Thrown> {
    let this = call.this_value();
    *call.result() = engine::new_object(REFERENCES.name, &mut [this])?;
    Ok(())
}

/// Where an iterator is.
#[derive(Default)]
struct Progress {
    /// The rest of the page, the present one first.
    page: VecDeque<Reference>,
    number: i64,
    /// Where the next page begins, if there is one.
    from: Option<Cursor>,
    begun: bool,
}

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(handler) = call.value(0).filter(|value| engine::is_a(value, HANDLER.name)).map(Zval::shallow_clone) else {
        return Err(call.wrong_type(0, HANDLER.name));
    };
    call.set_property(OF, handler)?;
    call.set_state(Box::new(Progress::default()))
}

/// Makes sure that there is a present reference, if there is one left. A page may be empty and not the last.
fn fill(call: &mut Call<'_>) -> Result<(), Thrown> {
    loop {
        let from = call.with_state(|progress: &mut Progress| {
            if !progress.page.is_empty() || (progress.begun && progress.from.is_none()) {
                return None;
            }
            Some(progress.from.clone())
        })?;
        let Some(from) = from else { return Ok(()) };
        let handler = call.property(OF)?.shallow_clone();
        let page = engine::with_state_of(&handler, |face: &mut Face| {
            run(face, |handler| handler.all_references(from.as_ref()))
        })?;
        let page = page.map_err(|error| errors::throw(&error, EXCEPTIONS))?;
        call.with_state(|progress: &mut Progress| {
            progress.begun = true;
            progress.page = page.items.into();
            progress.from = page.next;
        })?;
    }
}

fn current(call: &mut Call<'_>) -> Result<(), Thrown> {
    fill(call)?;
    let present = call.with_state(|progress: &mut Progress| progress.page.front().cloned())?;
    // Behind the end there is nothing, and the method promises a string.
    call.return_bytes(present.as_ref().map(Reference::as_bytes).unwrap_or_default());
    Ok(())
}

fn key(call: &mut Call<'_>) -> Result<(), Thrown> {
    let number = call.with_state(|progress: &mut Progress| progress.number)?;
    call.result().set_long(number);
    Ok(())
}

fn next(call: &mut Call<'_>) -> Result<(), Thrown> {
    fill(call)?;
    call.with_state(|progress: &mut Progress| {
        if progress.page.pop_front().is_some() {
            progress.number += 1;
        }
    })
}

fn rewind(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.with_state(|progress: &mut Progress| *progress = Progress::default())
}

fn valid(call: &mut Call<'_>) -> Result<(), Thrown> {
    fill(call)?;
    let there = call.with_state(|progress: &mut Progress| !progress.page.is_empty())?;
    call.result().set_bool(there);
    Ok(())
}
