//! What users write, right and wrong, as far as a handler and its messages: on the memory store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken rule ends its test")]

use proptest::prelude::*;
use seshat::backend::{Environment, from_dsn, from_options};
use seshat::error::{Kind, Operation};
use seshat::options::value::{Options, Value};
use seshat::session::handler::{Handler, OnLockLost, OnLockTimeout, OnMaxSessions, OnUnavailable, Policy, Source};
use std::time::Duration;

fn text(text: &str) -> Value {
    Value::Text(text.as_bytes().to_vec())
}

fn options(pairs: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    for (name, value) in pairs {
        options.set(*name, value.clone());
    }
    options
}

fn by_dsn(dsn: &str) -> Result<Handler, String> {
    let handler = from_dsn(dsn, &Environment::default(), &Policy::default());
    handler.map_err(|error| {
        assert_eq!((error.kind(), error.operation()), (Kind::Config, Operation::Configure), "{error}");
        error.to_string()
    })
}

fn by_options(pairs: &[(&str, Value)]) -> Result<Handler, String> {
    from_options(options(pairs), &Environment::default(), &Policy::default()).map_err(|error| error.to_string())
}

fn policy(dsn: &str) -> Policy {
    by_dsn(dsn).unwrap().policy().clone()
}

fn mistake(dsn: &str) -> String {
    by_dsn(dsn).err().expect("a mistake")
}

fn mistake_in(pairs: &[(&str, Value)]) -> String {
    by_options(pairs).err().expect("a mistake")
}

#[test]
fn a_dsn_alone_gives_the_defaults() {
    assert_eq!(policy("memory:"), Policy::default());
    assert_eq!(policy("memory://"), Policy::default());
    let handler = by_dsn("MEMORY://carts").unwrap();
    assert_eq!((handler.store().name(), handler.store().endpoint()), ("memory", "carts".into()));
}

#[test]
fn every_shared_option_is_heard() {
    let said = policy(
        "memory:?locking=off&lock_wait=250ms&lock_expire=2m&on_lock_timeout=READONLY&early_refresh=no\
         &lifetime=1h&store_empty=0&max_waiters=6&on_lock_lost=overwrite\
         &on_unavailable=empty-readonly&ref=user_id&max_sessions_per_ref=3&on_max_sessions=refuse",
    );
    let expected = Policy {
        locking: false,
        lock_wait: Duration::from_millis(250),
        lock_expire: Duration::from_secs(120),
        max_waiters: Some(6),
        on_lock_timeout: OnLockTimeout::ReadOnly,
        on_lock_lost: OnLockLost::Overwrite,
        on_unavailable: OnUnavailable::EmptyReadOnly,
        early_refresh: false,
        lifetime: Some(Duration::from_secs(3600)),
        store_empty: false,
        reference: Source::Variable("user_id".into()),
        max_sessions_per_ref: Some(3),
        on_max_sessions: OnMaxSessions::Refuse,
    };
    assert_eq!(said, expected);
    let same = by_options(&[
        ("store", text("memory")),
        ("locking", Value::Bool(false)),
        ("lock_wait", Value::Float(0.25)),
        ("lock_expire", Value::Int(120)),
        ("on_lock_timeout", text("readonly")),
        ("early_refresh", Value::Int(0)),
        ("lifetime", text("3600")),
        ("store_empty", text("")),
        ("max_waiters", Value::Int(6)),
        ("on_lock_lost", text("overwrite")),
        ("on_unavailable", text("Empty-ReadOnly")),
        ("ref", text("user_id")),
        ("max_sessions_per_ref", Value::Int(3)),
        ("on_max_sessions", text("Refuse")),
    ]);
    assert_eq!(*same.unwrap().policy(), expected);
}

#[test]
fn what_is_not_said_keeps_the_default_that_was_handed_in() {
    let defaults = Policy { lock_wait: Duration::from_secs(3), locking: false, ..Policy::default() };
    let handler = from_dsn("memory:?locking", &Environment::default(), &defaults).unwrap();
    assert_eq!(*handler.policy(), Policy { locking: true, ..defaults });
}

#[test]
fn references_have_one_source() {
    assert_eq!(policy("memory:?ref_global=UID").reference, Source::Global("UID".into()));
    assert_eq!(policy("memory:?references=on").reference, Source::Setter);
    assert_eq!(policy("memory:?references=on&ref=user").reference, Source::Variable("user".into()));
    assert_eq!(policy("memory:?references=off").reference, Source::None);
    for (dsn, complaint) in [
        ("memory:?ref=a&ref_global=b", "exclude each other"),
        ("memory:?ref=", "it is empty"),
        ("memory:?ref=a&references=off", "is off"),
        ("memory:?max_sessions_per_ref=1", "needs references"),
        ("memory:?ref=a&max_sessions_per_ref=0", "from 1 to"),
        ("memory:?ref=a&max_sessions_per_ref=1&on_max_sessions=kill", "end_oldest, refuse"),
    ] {
        let mistake = mistake(dsn);
        assert!(mistake.contains(complaint), "{dsn}: {mistake}");
    }
}

#[test]
fn null_is_the_same_as_nothing() {
    let handler = by_options(&[
        ("dsn", text("memory://carts?lock_wait=1")),
        ("lock_wait", Value::Null),
        ("store", Value::Null),
        ("host", Value::Null),
        ("port", Value::Null),
    ]);
    let handler = handler.unwrap();
    assert_eq!(handler.policy().lock_wait, Duration::from_secs(1));
    assert_eq!(handler.store().endpoint(), "carts");
    assert!(mistake_in(&[("dsn", Value::Null)]).contains("say which store"));
}

#[test]
fn named_options_replace_those_of_the_dsn_whatever_they_are_called() {
    let handler = by_options(&[
        ("dsn", text("memory://carts?locking=1&lock_wait=7&lock_expire=9")),
        ("locking_enabled", text("0")),
        ("lock_wait", Value::Int(2)),
        ("host", text("users")),
    ]);
    let handler = handler.unwrap();
    assert!(!handler.policy().locking, "an alias replaces as well");
    assert_eq!(handler.policy().lock_wait, Duration::from_secs(2));
    assert_eq!(handler.policy().lock_expire, Duration::from_secs(9));
    assert_eq!(handler.store().endpoint(), "users");
}

#[test]
fn familiar_names_of_the_wait_limit() {
    assert_eq!(policy("memory:?lock_wait_time=20000&lock_retries=50").lock_wait, Duration::from_secs(1));
    assert_eq!(policy("memory:?lock_wait_time=50000").lock_wait, Duration::from_secs(5), "100 tries by default");
    assert_eq!(policy("memory:?lock_retries=-1").lock_wait, Duration::from_secs(86_400));
    assert_eq!(policy("memory:?lock_retries=0").lock_wait, Duration::ZERO);
    assert_eq!(policy("memory:?lock_retries=50&lock_wait=3").lock_wait, Duration::from_secs(3), "ours is more exact");
}

#[test]
fn an_unknown_store_is_told_with_the_nearest() {
    assert_eq!(mistake("memroy://x"), "unknown store \"memroy\"; did you mean \"memory\"?");
    let message = mistake("cassandra://x");
    assert!(
        message.starts_with("unknown store \"cassandra\"; this build has ") && message.contains("memory"),
        "{message}"
    );
    assert!(mistake_in(&[("store", text("Memori"))]).contains("did you mean \"memory\"?"));
    let message = mistake_in(&[]);
    assert!(message.contains("say which store: option \"dsn\"") && message.contains("memory"), "{message}");
}

#[test]
fn an_unknown_option_is_told_with_the_nearest() {
    assert_eq!(mistake("memory:?lokcing=1"), "unknown option \"lokcing\"; did you mean \"locking\"?");
    assert_eq!(mistake("memory:?bananas=1"), "unknown option \"bananas\"");
    assert_eq!(
        mistake_in(&[("store", text("memory")), ("Lock_Wait", Value::Int(1))]),
        "unknown option \"Lock_Wait\"; did you mean \"lock_wait\"?"
    );
    assert!(mistake_in(&[("store", text("memory")), ("prot", Value::Int(1))]).contains("did you mean \"port\"?"));
    // The option's value is nobody's business: it may be a password under a name with a slip.
    let message = mistake_in(&[("store", text("memory")), ("pasword", text("hunter2"))]);
    assert_eq!(message, "unknown option \"pasword\"; did you mean \"password\"?");
}

#[test]
fn wrong_types_are_told_with_what_was_expected() {
    let list = || Value::List(vec![Value::Int(1)]);
    for (name, value, expected) in [
        ("locking", list(), "option \"locking\" must be a switch (1 or 0), array given"),
        ("locking", text("maybe"), "option \"locking\" must be a switch (1 or 0), \"maybe\" given"),
        (
            "locking",
            text("optimsitic"),
            "option \"locking\" must be a switch (1 or 0), \"optimsitic\" given; did you mean \"optimistic\"?",
        ),
        ("locking", Value::Int(2), "option \"locking\" must be a switch (1 or 0), 2 given"),
        ("lock_wait", Value::Bool(true), "bool given"),
        ("lock_wait", Value::Int(-1), "-1 given"),
        ("lock_wait", Value::Float(f64::NAN), "NaN given"),
        ("lock_wait", Value::Float(f64::INFINITY), "inf given"),
        ("lock_wait", text("5 weeks"), "option \"lock_wait\" must be a time such as 30, 1.5, \"500ms\" or \"2m\""),
        ("lock_wait", text("1e99"), "must be a time"),
        ("lock_wait", text("2d"), "option \"lock_wait\" must be at most 24 hours"),
        ("lock_expire", Value::Int(0), "option \"lock_expire\" must be at least 1 second"),
        ("lock_expire", text("10d"), "option \"lock_expire\" must be at most 24 hours"),
        ("lifetime", text("500ms"), "option \"lifetime\" must be at least 1 second"),
        ("lifetime", Value::Int(i64::MAX), "option \"lifetime\" must be at most 87600 hours"),
        ("on_lock_timeout", text("explode"), "must be one of fail, readonly, \"explode\" given"),
        ("on_lock_timeout", text("read-only"), "\"read-only\" given; did you mean \"readonly\"?"),
        ("on_lock_timeout", Value::Int(1), "must be one of fail, readonly, 1 given"),
        ("lock_retries", text("many"), "option \"lock_retries\" must be a whole number from -1"),
        ("lock_wait_time", Value::Float(1.5), "1.5 given"),
        ("early_refresh", Value::Other("Closure".into()), "Closure given"),
        ("store", list(), "option \"store\" must be a string, array given"),
        ("port", Value::Int(65536), "option \"port\" must be a whole number from 1 to 65535, 65536 given"),
        ("port", Value::Int(0), "0 given"),
        ("host", Value::Text(b"\xff".to_vec()), "option \"host\" must be text in UTF-8, string given"),
        ("dsn", Value::Int(1), "option \"dsn\" must be a string, int given"),
        ("dsn", Value::Text(b"memory:\xff".to_vec()), "option \"dsn\" is not UTF-8"),
    ] {
        let message = mistake_in(&[("store", text("memory")), (name, value)]);
        assert!(message.contains(expected), "{name}: {message}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let message = mistake_in(&[
        ("store", text("memory")),
        ("port", text("http")),
        ("locking", text("maybe")),
        ("lock_expire", Value::Int(0)),
        ("lfetime", Value::Int(1)),
        ("bananas", Value::Int(1)),
    ]);
    for part in ["\"port\"", "\"locking\"", "\"lock_expire\"", "did you mean \"lifetime\"?", "\"bananas\""] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // Also those that keep the store from being found or made.
    for first in [("store", text("memroy")), ("dsn", text("memory:///a/path"))] {
        let message = mistake_in(&[first, ("port", text("http")), ("locking", text("maybe"))]);
        assert!(message.contains("\"port\"") && message.contains("\"locking\""), "{message}");
        assert!(message.contains("memory"), "{message}");
    }
}

#[test]
fn what_a_store_has_no_use_for_is_refused() {
    for (dsn, word) in [("memory:///p", "path"), ("memory://h:1", "port"), ("memory://u:p@h", "user or password")] {
        assert!(mistake(dsn).contains(word), "{dsn}: {}", mistake(dsn));
    }
}

#[test]
fn malformed_dsns_are_told_by_their_part() {
    for (dsn, word) in [
        ("memory://[::1]6379", "between the IPv6 address and the port"),
        ("memory://[::1", "closing bracket"),
        ("memory://::1", "brackets"),
        ("memory://h:", "port"),
        ("memory://h:99999", "port"),
        ("memory://a%zz", "host"),
        ("memory://a%FF", "not UTF-8"),
        ("memory:?a%20b=1", "query"),
        ("memory://a%40b", "the host must be a name"),
    ] {
        assert!(mistake(dsn).contains(word), "{dsn}: {}", mistake(dsn));
    }
}

#[test]
fn a_dsn_in_the_wrong_place_is_not_repeated() {
    let dsn = || text("redis://user:hunter2@db.example:6379/0");
    for name in ["store", "host", "lock_wait", "locking", "on_lock_timeout", "lock_retries", "port"] {
        let message = mistake_in(&[("store", text("memory")), (name, dsn())]);
        assert!(!message.contains("hunter2"), "{name}: {message}");
        assert!(message.contains(name), "{name}: {message}");
    }
    let message = mistake_in(&[("store", text("memory")), ("password", Value::Float(4711.5))]);
    assert!(message.contains("\"password\"") && !message.contains("4711"), "{message}");
    // As a name: PHP arrays make that easy.
    let message = mistake_in(&[("store", text("memory")), ("redis://user:hunter2@db", Value::Int(1))]);
    assert!(!message.contains("hunter2"), "{message}");
    for text in ["user:hunter2@localhost", ":hunter2@localhost:6379", "hunter2@localhost", "redis:hunter2@localhost"] {
        let message = spoken(text);
        assert!(!message.contains("hunter2"), "{text}: {message}");
    }
}

#[test]
fn a_password_that_nobody_encoded_is_kept_together_or_refused_without_a_word_of_it() {
    for password in ["hunt?er2", "hunt/er2", "hunt@er2", "hunt&er2", "?hunter2", "hunter2?", "12?hunter2", "1/hunter2"]
    {
        for store in ["memory", "memroy"] {
            for query in ["", "?locking=maybe", "?lock_wait=a@b"] {
                let message = mistake(&format!("{store}://u:{password}@h/0{query}"));
                assert!(!message.contains("hunt") && !message.contains("er2"), "{password}: {message}");
            }
        }
    }
}

#[test]
fn configuring_connects_to_nothing() {
    // Names are free in memory: that a handler was made says nothing was asked of it.
    let handler = by_dsn("memory://nobody").unwrap();
    assert!(!handler.is_open());
}

/// All that the configuration, or the store's later messages, would say about this DSN.
fn spoken(dsn: &str) -> String {
    match from_dsn(dsn, &Environment::default(), &Policy::default()) {
        Ok(handler) => handler.store().endpoint(),
        Err(error) => error.to_string(),
    }
}

/// Passwords that cannot appear in a message by chance.
fn passwords() -> impl Strategy<Value = String> {
    "[ -~]{0,10}[#-&;-~]{0,3}Q[a-z]{6}Z[ -~]{0,10}"
}

fn core(password: &str) -> &str {
    let start = password.find('Q').unwrap();
    &password[start..start + 8]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_password_is_in_any_message_of_options(password in passwords(), wrong in "[a-z_]{1,12}") {
        let schemes = ["memory", "redis", "files", "sqlite", "memroy"];
        for store in schemes {
            for name in ["password", "auth", "pass", "pasword", "secret"] {
                let said = [
                    ("store", text(store)),
                    (name, text(&password)),
                    (wrong.as_str(), Value::Int(-5)),
                    ("locking", text("maybe")),
                ];
                if let Err(message) = by_options(&said) {
                    prop_assert!(!message.contains(core(&password)), "{message}");
                }
            }
        }
    }

    #[test]
    fn no_encoded_password_is_in_any_message(password in passwords(), end in "[a-z?=&/:@%]{0,12}") {
        let encoded: String = password.bytes().map(|b| format!("%{b:02X}")).collect();
        for store in ["memory", "redis", "files", "sqlite", "memroy", "redis+unix"] {
            for dsn in [
                format!("{store}://u:{encoded}@h/0{end}"),
                format!("{store}://:{encoded}@[::1]{end}"),
                format!("{store}://h/?password={encoded}&{end}"),
            ] {
                let message = spoken(&dsn);
                prop_assert!(!message.contains(core(&password)) && !message.contains(&encoded), "{dsn}: {message}");
            }
        }
    }

    #[test]
    fn no_password_that_was_not_encoded_is_in_any_message(password in passwords()) {
        for store in ["memory", "redis", "files", "sqlite", "memroy", "redis+unix"] {
            for query in ["", "?locking=maybe", "?nonsense=1"] {
                let dsn = format!("{store}://user:{password}@localhost/0{query}");
                let message = spoken(&dsn);
                prop_assert!(!message.contains(core(&password)), "{dsn}: {message}");
            }
        }
    }

    #[test]
    fn nothing_makes_the_configuration_panic(dsn in ".{0,60}", name in ".{0,12}", value in ".{0,12}") {
        let _ = from_dsn(&dsn, &Environment::default(), &Policy::default());
        let _ = by_options(&[("dsn", text(&dsn)), (&name, text(&value))]);
        let _ = by_options(&[("store", text("memory")), (&name, text(&value)), ("lock_wait", text(&value))]);
    }
}

#[cfg(feature = "redis")]
#[test]
fn a_password_that_begins_like_a_port_is_not_taken_for_options() {
    for password in ["1?QaaaaaaZ=", "12?Qz", "1?Q&a=b"] {
        let message = spoken(&format!("redis://user:{password}@localhost/0"));
        assert_eq!(message, "localhost:6379", "{password}");
    }
    assert!(spoken("redis://host:1?prefix=a@b").contains("host:1"));
}

#[test]
fn a_wrong_policy_is_told_with_what_it_may_be() {
    let told = mistake("memory:?on_lock_lost=merge");
    assert_eq!(told, "option \"on_lock_lost\" must be one of fail, overwrite, \"merge\" given");
    let told = mistake("memory:?on_lock_lost=overwrit");
    assert!(told.ends_with("did you mean \"overwrite\"?"), "{told}");
    assert!(mistake("memory:?max_waiters=0").contains("max_waiters"));
}

#[test]
fn a_second_store_is_a_dsn_of_its_own() {
    let handler = by_dsn("memory://first?on_unavailable=memory://second&lock_wait=3").unwrap();
    assert_eq!(handler.store().endpoint(), "first");
    for (dsn, words) in [
        ("memory:?on_unavailable=empty", "must be \"fail\", \"empty-readonly\" or the DSN of a second store"),
        ("memory:?on_unavailable=memroy:", "in option \"on_unavailable\": unknown store \"memroy\""),
        ("memory:?on_unavailable=memory:%3Fcolour=1", "in option \"on_unavailable\": unknown option \"colour\""),
        ("memory:?on_unavailable=memory:%3Flocking=1", "in option \"on_unavailable\""),
    ] {
        let told = mistake(dsn);
        assert!(told.contains(words), "{dsn}: {told}");
    }
}
