//! The options that every store shares: locking, lifetimes and references.

use super::reader::Reader;
use crate::session::handler::{OnLockLost, OnLockTimeout, OnMaxSessions, OnUnavailable, Policy, Source};
use std::time::Duration;

/// The option and phpredis's name of it.
const LOCKING: [&str; 2] = ["locking", "locking_enabled"];
/// The third value of the first of them.
const OPTIMISTIC_LOCKING: (&str, &str) = ("locking", "optimistic");
const A_SECOND: Duration = Duration::from_secs(1);
/// The longest wait, and the longest lease: no request lives longer.
const A_DAY: Duration = Duration::from_secs(86_400);
const TEN_YEARS: Duration = Duration::from_secs(3650 * 86_400);

/// Whether these options, rather than php.ini, ask for sessions to be locked.
#[must_use]
pub fn asks_for_locks(reader: &Reader) -> bool {
    reader.says_on(&LOCKING)
}

/// Takes the shared options. What is not said keeps its value from `defaults`, which the PHP layer
/// fills from php.ini.
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `locking` | lock the session from read to close; `optimistic` in stores that can, see [`take_optimistic`] | on |
/// | `lock_wait` | the most that a request waits for the lock, a time up to a day | 30 s |
/// | `lock_expire` | a lock of a holder that shows no sign of life may be taken after this time | 30 s |
/// | `max_waiters` | with so many requests waiting for one lock the next is refused at once, in stores that keep the queue themselves | no limit |
/// | `on_lock_timeout` | `fail`: the session does not start; `readonly`: it is read without its lock and cannot be written | `fail` |
/// | `on_lock_lost` | `fail`: a late change of a session that was changed since is refused; `overwrite`: it is stored | `fail` |
/// | `early_refresh` | extend the lifetime with the read where that costs nothing | on |
/// | `lifetime` | how long an unused session lives, up to ten years | `session.gc_maxlifetime` |
/// | `store_empty` | store a session that never held anything | on |
/// | `ref` | the session variable that says to whom a session belongs: its reference | none |
/// | `ref_global` | the same, from a global variable | none |
/// | `references` | keep references that the application sets; said by the two above already | off |
/// | `max_sessions_per_ref` | the most sessions that one reference may have, up to a million | no limit |
/// | `on_max_sessions` | `end_oldest`: one more is stored, and those that were not used for longest end; `refuse`: it is not stored | `end_oldest` |
///
/// phpredis's names `locking_enabled` and `lock_wait_time` with `lock_retries` are understood:
/// the wait limit is then their product, in microseconds.
pub fn take(reader: &mut Reader, defaults: &Policy) -> Policy {
    let mut policy = defaults.clone();
    if reader.says(OPTIMISTIC_LOCKING.0, OPTIMISTIC_LOCKING.1) {
        // A way of locking: the store takes the option.
        policy.locking = true;
    } else if let Some(on) = reader.switch_beside(&LOCKING, Some(OPTIMISTIC_LOCKING.1)) {
        policy.locking = on;
    }
    let pause = reader.number(&["lock_wait_time"], 0..=i64::from(u32::MAX));
    let retries = reader.number(&["lock_retries"], -1..=i64::from(u32::MAX));
    if let Some(limit) = retry_limit(retries, pause) {
        policy.lock_wait = limit;
    }
    if let Some(wait) = time(reader, "lock_wait", Duration::ZERO, A_DAY) {
        policy.lock_wait = wait;
    }
    if let Some(lease) = time(reader, "lock_expire", A_SECOND, A_DAY) {
        policy.lock_expire = lease;
    }
    if let Some(outcome) =
        reader.choice(&["on_lock_timeout"], &[("fail", OnLockTimeout::Fail), ("readonly", OnLockTimeout::ReadOnly)])
    {
        policy.on_lock_timeout = outcome;
    }
    if let Some(most) = reader.number(&["max_waiters"], 1..=1_000_000) {
        policy.max_waiters = u32::try_from(most).ok();
    }
    if let Some(outcome) =
        reader.choice(&["on_lock_lost"], &[("fail", OnLockLost::Fail), ("overwrite", OnLockLost::Overwrite)])
    {
        policy.on_lock_lost = outcome;
    }
    if let Some(on) = reader.switch(&["early_refresh"]) {
        policy.early_refresh = on;
    }
    if let Some(lifetime) = time(reader, "lifetime", A_SECOND, TEN_YEARS) {
        policy.lifetime = Some(lifetime);
    }
    if let Some(on) = reader.switch(&["store_empty"]) {
        policy.store_empty = on;
    }
    take_references(reader, &mut policy);
    policy
}

fn take_references(reader: &mut Reader, policy: &mut Policy) {
    let variable = reader.text(&["ref"]).map(Source::Variable);
    let global = reader.text(&["ref_global"]).map(Source::Global);
    let switch = reader.switch(&["references"]);
    if variable.is_some() && global.is_some() {
        reader.mistake("options \"ref\" and \"ref_global\" exclude each other: a session has one reference");
    }
    let source = variable.or(global);
    if matches!(&source, Some(Source::Variable(name) | Source::Global(name)) if name.is_empty()) {
        reader.mistake("option \"ref\" must be the name of a variable, and it is empty");
    }
    if switch == Some(false) && source.is_some() {
        reader.mistake("option \"references\" is off, and another option says where they come from");
    }
    match (source, switch) {
        (Some(source), _) => policy.reference = source,
        (None, Some(true)) => policy.reference = Source::Setter,
        (None, Some(false)) => policy.reference = Source::None,
        (None, None) => {}
    }
    let most = reader.number(&["max_sessions_per_ref"], 1..=1_000_000);
    let outcome = reader
        .choice(&["on_max_sessions"], &[("end_oldest", OnMaxSessions::EndOldest), ("refuse", OnMaxSessions::Refuse)]);
    if most.is_some() && policy.reference == Source::None {
        reader.mistake(
            "option \"max_sessions_per_ref\" needs references; option \"ref\" names the session variable that they come \
             from",
        );
    }
    policy.max_sessions_per_ref = most.and_then(|most| u32::try_from(most).ok()).or(policy.max_sessions_per_ref);
    policy.on_max_sessions = outcome.unwrap_or(policy.on_max_sessions);
}

/// Whether sessions are not locked, and a write that finds another request's changes is refused
/// instead: `locking=optimistic`. For the stores that can.
pub fn take_optimistic(reader: &mut Reader) -> bool {
    reader.text(&["locking"]).is_some()
}

/// Takes `on_unavailable`: the policy, and the DSN of a second store if that is what was said.
///
/// | said | a request whose storage is away |
/// | --- | --- |
/// | `fail` (default) | has no session |
/// | `empty-readonly` | has an empty one, and nothing of it is stored |
/// | a DSN | has it in that store |
pub fn take_on_unavailable(reader: &mut Reader, policy: &mut Policy) -> Option<String> {
    let said = reader.text(&["on_unavailable"])?;
    match said.to_ascii_lowercase().as_str() {
        "fail" => policy.on_unavailable = OnUnavailable::Fail,
        "empty-readonly" => policy.on_unavailable = OnUnavailable::EmptyReadOnly,
        _ if said.contains([':', '/']) => return Some(said),
        _ => reader
            .mistake("option \"on_unavailable\" must be \"fail\", \"empty-readonly\" or the DSN of a second store"),
    }
    None
}

/// A time within limits that every store can count.
fn time(reader: &mut Reader, name: &'static str, least: Duration, most: Duration) -> Option<Duration> {
    let said = reader.duration(&[name])?;
    if said < least {
        reader.mistake(format!("option \"{name}\" must be at least 1 second"));
    } else if said > most {
        reader.mistake(format!("option \"{name}\" must be at most {} hours", most.as_secs() / 3600));
    } else {
        return Some(said);
    }
    None
}

/// phpredis's way of limiting the wait: so many tries (100 unless said), with so many microseconds
/// between (20 000 unless said); nothing if neither was said. Its -1 retries for ever; here a day is
/// for ever.
#[must_use]
pub fn retry_limit(retries: Option<i64>, pause_us: Option<i64>) -> Option<Duration> {
    if retries.is_none() && pause_us.is_none() {
        return None;
    }
    Some(match (u64::try_from(retries.unwrap_or(100)), u64::try_from(pause_us.unwrap_or(20_000))) {
        (Ok(retries), Ok(pause)) => Duration::from_micros(retries.saturating_mul(pause)).min(A_DAY),
        _ => A_DAY,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::value::{Options, Value};

    #[test]
    fn phpredis_names_mean_what_they_mean_there() {
        let mut said = Options::new();
        said.set("lock_retries", Value::Int(50));
        said.set("lock_wait_time", Value::Int(20_000));
        let mut reader = Reader::new(said);
        assert_eq!(take(&mut reader, &Policy::default()).lock_wait, Duration::from_secs(1));
        assert!(reader.finish().is_ok());
        assert_eq!(retry_limit(Some(-1), None), Some(Duration::from_secs(86_400)));
        assert_eq!(retry_limit(None, None), None);
    }
}
