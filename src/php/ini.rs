//! Our settings in php.ini, and the policy that they make.
//!
//! Names and meanings of `seshat.session.*` are phpredis's, so that a switch is a change of one
//! word. Values are kept parsed, per thread, and change when `ini_set()` changes them.

use super::engine;
use crate::options::policy::retry_limit;
use crate::options::reader::{parse_duration, parse_switch};
use crate::session::handler::Policy;
use ext_php_rs::zend::{IniEntryDef, IniEntryDefs};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// What php.ini says, parsed.
struct Settings {
    locking: bool,
    lock_expire: Option<Duration>,
    /// In microseconds. If this or `lock_retries` is set, both replace the usual wait limit.
    lock_wait_time: Option<i64>,
    lock_retries: Option<i64>,
    early_refresh: bool,
}

thread_local! {
    static SETTINGS: RefCell<Settings> = const {
        RefCell::new(Settings {
            locking: true,
            lock_expire: None,
            lock_wait_time: None,
            lock_retries: None,
            early_refresh: true,
        })
    };
    static VERSION: Cell<u64> = const { Cell::new(0) };
}

/// The settings, as they are registered. `lock_wait_time` and `lock_retries` are empty by default:
/// the wait limit is then 30 s.
pub(super) static ENTRIES: IniEntryDefs<7> = IniEntryDefs::new([
    engine::ini_entry(c"seshat.session.locking_enabled", c"1", true),
    engine::ini_entry(c"seshat.session.lock_expire", c"0", true),
    engine::ini_entry(c"seshat.session.lock_wait_time", c"", true),
    engine::ini_entry(c"seshat.session.lock_retries", c"", true),
    engine::ini_entry(c"seshat.session.early_refresh", c"1", true),
    engine::ini_entry(c"seshat.families", c"seshat,phalcon,dalmp,nofw", false),
    IniEntryDef::end(),
]);

/// The policy that php.ini asks for.
pub(super) fn policy() -> Policy {
    SETTINGS.with_borrow(|settings| {
        let mut policy =
            Policy { locking: settings.locking, early_refresh: settings.early_refresh, ..Policy::default() };
        if let Some(lease) = settings.lock_expire {
            policy.lock_expire = lease;
        }
        if let Some(limit) = retry_limit(settings.lock_retries, settings.lock_wait_time) {
            policy.lock_wait = limit;
        }
        policy
    })
}

/// A number that changes with each change of a setting.
pub(super) fn version() -> u64 {
    VERSION.get()
}

/// Takes a new value. False: it makes no sense, a warning has said why, and the old one stays.
pub(super) fn changed(name: &str, value: &[u8]) -> bool {
    let text = std::str::from_utf8(value).unwrap_or("\u{fffd}").trim();
    let outcome = SETTINGS.with_borrow_mut(|settings| apply(settings, name, text));
    VERSION.set(VERSION.get().wrapping_add(1));
    match outcome {
        Ok(()) => true,
        Err(expected) => {
            let given: String = text.chars().take(40).collect();
            engine::warn(&format!("{name} must be {expected}, \"{given}\" given"));
            false
        }
    }
}

fn apply(settings: &mut Settings, name: &str, text: &str) -> Result<(), &'static str> {
    // Empty: not set.
    let optional = |text: &str, least: i64| match text {
        "" => Some(None),
        text => text.parse::<i64>().ok().filter(|number| *number >= least).map(Some),
    };
    match name {
        "seshat.session.locking_enabled" => {
            settings.locking = parse_switch(text.as_bytes()).ok_or("a switch (1 or 0)")?;
        }
        "seshat.session.early_refresh" => {
            settings.early_refresh = parse_switch(text.as_bytes()).ok_or("a switch (1 or 0)")?;
        }
        "seshat.session.lock_expire" => {
            let lease = parse_duration(text).ok_or("a time in seconds (0: 30 seconds)")?;
            settings.lock_expire = (!lease.is_zero()).then_some(lease.max(Duration::from_secs(1)));
        }
        "seshat.session.lock_wait_time" => {
            settings.lock_wait_time = optional(text, 0).ok_or("a number of microseconds")?;
        }
        "seshat.session.lock_retries" => {
            settings.lock_retries = optional(text, -1).ok_or("a number of tries, -1 for no limit")?;
        }
        _ => {}
    }
    Ok(())
}
