//! Handlers that outlive requests, and with them their connections.
//!
//! Kept per thread and per configuration, options and php.ini settings included: a connection is
//! never shared over differing user, database or table. Two handlers of the same configuration in
//! one request get two stores.

use super::{engine, ini};
use crate::backend::{self, Environment};
use crate::error::Result;
use crate::options::value::Options;
use crate::session::handler::Handler;
use std::cell::RefCell;
use std::collections::HashMap;

/// Idle handlers that are kept for one configuration, and configurations that are kept at all.
/// More than a page's worth of either is a program that makes configurations up.
const IDLE: usize = 4;
const CONFIGURATIONS: usize = 32;

thread_local! {
    static IDLE_HANDLERS: RefCell<HashMap<String, Vec<Handler>>> = RefCell::new(HashMap::new());
}

/// A handler on loan. Dropping it closes the session, if one is open, and gives it back.
pub(super) struct Pooled {
    key: String,
    handler: Option<Handler>,
}

impl Pooled {
    /// The handler of that configuration: a kept one, or a new one made by `make`. `key` must tell
    /// all configurations apart.
    pub(super) fn take(key: String, make: impl FnOnce() -> Result<Handler>) -> Result<Self> {
        let kept = IDLE_HANDLERS.with_borrow_mut(|idle| idle.get_mut(&key).and_then(Vec::pop));
        let mut handler = match kept {
            Some(handler) => handler,
            None => make()?,
        };
        handler.describe_holder(engine::describe_request);
        Ok(Self { key, handler: Some(handler) })
    }

    /// From a DSN or save path.
    pub(super) fn from_dsn(dsn: &str) -> Result<Self> {
        let key = format!("{}\0{dsn}", ini::version());
        Self::take(key, || backend::from_dsn(dsn, &environment(), &ini::policy()))
    }

    /// From named options.
    pub(super) fn from_options(options: Options) -> Result<Self> {
        let key = format!("{}\0{options:?}", ini::version());
        Self::take(key, || backend::from_options(options, &environment(), &ini::policy()))
    }

    /// The handler itself.
    pub(super) fn get(&mut self) -> Option<&mut Handler> {
        self.handler.as_mut()
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let Some(mut handler) = self.handler.take() else { return };
        // Nobody is left to be told of a failed clean-up.
        let _ = handler.close();
        let key = std::mem::take(&mut self.key);
        // The thread may be ending: then there is no pool any more.
        let _ = IDLE_HANDLERS.try_with(|idle| {
            let Ok(mut idle) = idle.try_borrow_mut() else { return };
            if idle.len() >= CONFIGURATIONS && !idle.contains_key(&key) {
                idle.clear();
            }
            let kept = idle.entry(key).or_default();
            if kept.len() < IDLE {
                kept.push(handler);
            }
        });
    }
}

/// Closes all idle connections of this thread.
pub(super) fn clear() {
    let _ = IDLE_HANDLERS.try_with(|idle| idle.take());
}

/// What PHP owns and stores must respect.
pub(super) fn environment() -> Environment {
    Environment { allow_path: engine::allows_path, ..Environment::default() }
}
