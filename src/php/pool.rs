//! Handlers that outlive requests, and with them their connections.
//!
//! Kept per thread and per configuration, options and php.ini settings included: a connection is
//! never shared over differing user, database or table. Two handlers of the same configuration in
//! one request get two stores.

use super::{engine, ini};
use crate::backend::{self, Environment};
use crate::error::Result;
use crate::options::value::Options;
use crate::session::handler::{Handler, Policy};
use std::cell::RefCell;

/// Idle ones that are kept for one configuration, and configurations that are kept at all.
/// More than a page's worth of either is a program that makes configurations up.
const IDLE: usize = 4;
const CONFIGURATIONS: usize = 32;

thread_local! {
    static IDLE_HANDLERS: Idle<Box<Handler>> = const { Idle::new() };
}

/// What is kept of one kind, by configuration. The keys must tell all configurations apart.
pub(super) struct Idle<T>(RefCell<Vec<(Vec<u8>, Vec<T>)>>);

impl<T> Idle<T> {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// A kept one of that configuration.
    pub(super) fn take(&self, key: &[u8]) -> Option<T> {
        let mut idle = self.0.try_borrow_mut().ok()?;
        idle.iter_mut().find(|(known, _)| known == key).and_then(|(_, kept)| kept.pop())
    }

    /// Keeps one, if there are not too many.
    pub(super) fn give(&self, key: Vec<u8>, one: T) {
        let Ok(mut idle) = self.0.try_borrow_mut() else { return };
        if let Some((_, kept)) = idle.iter_mut().find(|(known, _)| *known == key) {
            if kept.len() < IDLE {
                kept.push(one);
            }
            return;
        }
        if idle.len() >= CONFIGURATIONS {
            idle.clear();
        }
        idle.push((key, vec![one]));
    }

    /// Drops them all.
    pub(super) fn clear(&self) {
        drop(self.0.take());
    }
}

/// What php.ini says of a handler: another value makes another handler. Compared by value, since a
/// setting that a script changes is put back after each request.
pub(super) struct Settings {
    policy: Policy,
    /// The version of our settings that the policy was last compared with: it is asked for at each
    /// session, and hardly ever another one.
    version: u64,
    /// Paths are checked against it when the handler is made.
    open_basedir: Vec<u8>,
}

impl Settings {
    /// As they are in this moment.
    pub(super) fn now() -> Self {
        let open_basedir = engine::with_open_basedir(<[u8]>::to_vec);
        Self { policy: ini::policy(), version: ini::version(), open_basedir }
    }

    /// Whether php.ini still says the same.
    pub(super) fn hold(&mut self) -> bool {
        let version = ini::version();
        if self.version != version {
            if self.policy != ini::policy() {
                return false;
            }
            self.version = version;
        }
        engine::with_open_basedir(|now| now == self.open_basedir)
    }

    /// The beginning of a key: every setting in it, then what kind of key it is.
    fn begin_key(&self, kind: u8) -> Vec<u8> {
        let Policy { locking, lock_wait, lock_expire, early_refresh, .. } = &self.policy;
        let mut key = Vec::with_capacity(256);
        key.extend_from_slice(&[u8::from(*locking), u8::from(*early_refresh)]);
        key.extend_from_slice(&lock_wait.as_nanos().to_ne_bytes());
        key.extend_from_slice(&lock_expire.as_nanos().to_ne_bytes());
        key.extend_from_slice(&self.open_basedir);
        key.extend_from_slice(&[0, kind]);
        key
    }
}

/// A handler on loan. Dropping it closes the session, if one is open, and gives it back.
pub(super) struct Pooled {
    /// None: it is nobody else's, and ends here.
    key: Option<Vec<u8>>,
    /// Boxed: it goes from hand to hand, and is large.
    handler: Option<Box<Handler>>,
}

impl Pooled {
    /// The handler of that configuration: a kept one, or a new one made by `make`. `key` must tell
    /// all configurations apart.
    pub(super) fn take(key: Vec<u8>, make: impl FnOnce() -> Result<Handler>) -> Result<Self> {
        let mut handler = match IDLE_HANDLERS.with(|idle| idle.take(&key)) {
            Some(handler) => handler,
            None => Box::new(make()?),
        };
        handler.describe_holder(engine::describe_request);
        Ok(Self { key: Some(key), handler: Some(handler) })
    }

    /// A handler whose store belongs to one PHP object, and calls PHP. It is dropped without a word,
    /// because an object that PHP frees must not call PHP.
    pub(super) fn alone(handler: Handler) -> Self {
        Self { key: None, handler: Some(Box::new(handler)) }
    }

    /// From a DSN or save path.
    pub(super) fn from_dsn(dsn: &str, settings: &Settings) -> Result<Self> {
        let mut key = settings.begin_key(b'd');
        key.extend_from_slice(dsn.as_bytes());
        Self::take(key, || backend::from_dsn(dsn, &environment(), &settings.policy))
    }

    /// From named options.
    pub(super) fn from_options(options: Options) -> Result<Self> {
        let settings = Settings::now();
        let mut key = settings.begin_key(b'o');
        options.distinguish(&mut key);
        Self::take(key, || backend::from_options(options, &environment(), &settings.policy))
    }

    /// The handler itself.
    pub(super) fn get(&mut self) -> Option<&mut Handler> {
        self.handler.as_deref_mut()
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let (Some(mut handler), Some(key)) = (self.handler.take(), self.key.take()) else { return };
        // Nobody is left to be told of a failed clean-up.
        let _ = handler.close();
        // The thread may be ending: then there is no pool any more.
        let _ = IDLE_HANDLERS.try_with(|idle| idle.give(key, handler));
    }
}

/// Closes all idle connections of this thread.
pub(super) fn clear() {
    let _ = IDLE_HANDLERS.try_with(Idle::clear);
}

/// What PHP owns and stores must respect.
pub(super) fn environment() -> Environment {
    Environment { allow_path: engine::allows_path, ..Environment::default() }
}
