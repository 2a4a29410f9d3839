//! Servers that refuse: each refusal has its own sentence, and nothing is stored where it does not belong.

use crate::{HOUR, ID, KEY, LOCK, PATIENCE, handler, hold, locking, server, sid, store, support};
use redis::Commands;
use seshat::error::{Error, Kind};
use seshat::session::handler::Caller;
use seshat::session::lock::LockRequest;
use seshat::session::store::{OpenRequest, Store};
use std::time::Duration;

fn open_locked(store: &mut dyn Store) -> Result<(), Error> {
    crate::open_locked(store, Duration::ZERO).map(drop)
}

fn open_unlocked(store: &mut dyn Store) -> Result<(), Error> {
    store.open(sid(), &OpenRequest { extend: Some(HOUR), ..OpenRequest::default() }, &mut Vec::new()).map(drop)
}

type Act = fn(&mut dyn Store) -> Result<(), Error>;

/// Every way in which a first command can meet a server.
const ACTS: &[(&str, Act)] = &[
    ("read", |store| store.read(sid(), &mut Vec::new()).map(drop)),
    ("exists", |store| store.exists(sid()).map(drop)),
    ("write", |store| store.write(sid(), b"x", HOUR)),
    ("touch", |store| store.touch(sid(), HOUR).map(drop)),
    ("destroy", |store| store.destroy(sid())),
    ("open, locked", open_locked),
    ("open, unlocked", open_unlocked),
    ("touch at the end", |store| store.touch_unlock(sid(), b"x", HOUR, None, false).map(drop)),
    ("stored again at the end", |store| store.touch_unlock(sid(), b"x", HOUR, None, true).map(drop)),
];

fn refused(dsn: &str, kind: Kind, word: &str) {
    for (name, act) in ACTS {
        let mut store = store(dsn);
        for _ in 0..2 {
            let error = act(&mut *store).expect_err(name);
            let text = error.to_string();
            assert_eq!(error.kind(), kind, "{name}: {text}");
            assert!(text.contains(word), "{name}: {text}");
            assert!(!text.contains("hunter2") && !text.contains(ID), "{name}: {text}");
        }
    }
}

#[test]
fn passwords_and_users() {
    let server = server!(
        "--requirepass",
        "right",
        "--user",
        "app",
        "on",
        ">secret",
        "~*",
        "+@all",
        "--user",
        "weak",
        "on",
        ">secret",
        "~*",
        "+get"
    );
    refused(&server.tcp_dsn(""), Kind::Denied, "wants a password");
    refused(&format!("redis://:hunter2@127.0.0.1:{}", server.port()), Kind::Denied, "the password is wrong");
    refused(
        &format!("redis://app:hunter2@127.0.0.1:{}/2", server.port()),
        Kind::Denied,
        "user or the password is wrong",
    );
    refused(&format!("redis://nobody:hunter2@127.0.0.1:{}", server.port()), Kind::Denied, "user or the password");
    for (name, act) in ACTS {
        store(&format!("redis://:right@127.0.0.1:{}/2", server.port())).read(sid(), &mut Vec::new()).unwrap();
        act(&mut *store(&format!("redis://app:secret@127.0.0.1:{}/2", server.port()))).expect(name);
    }
    // Without PING there is no proof that an answer is ours, and nothing is handed out.
    let mut admin = server.client(":right@", 0);
    redis::cmd("ACL").arg(&["SETUSER", "mute", "on", ">secret", "~*", "+@all", "-ping"]).exec(&mut admin).unwrap();
    let mut mute = store(&format!("redis://mute:secret@127.0.0.1:{}", server.port()));
    for _ in 0..2 {
        let error = open_locked(&mut *mute).unwrap_err();
        assert!(error.to_string().contains("NOPERM"), "{error}");
        assert!(support::wait_until(PATIENCE, || !admin.exists::<_, bool>(LOCK).unwrap()), "no lock may be left");
    }
    let error = store(&format!("redis://weak:secret@127.0.0.1:{}", server.port())).destroy(sid()).unwrap_err();
    assert!(error.to_string().contains("NOPERM"), "{error}");
    // A command that only the script uses.
    redis::cmd("ACL").arg(&["SETUSER", "mute", "+ping", "-getrange"]).exec(&mut admin).unwrap();
    let error = store(&format!("redis://mute:secret@127.0.0.1:{}", server.port()))
        .write_unlock(
            sid(),
            b"x",
            HOUR,
            hold(&mut *store(&format!("redis://:right@127.0.0.1:{}", server.port())), HOUR),
        )
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{error}");
    assert!(error.to_string().contains("NOPERM"), "{error}");
}

#[test]
fn a_password_that_nobody_asked_for() {
    let server = server!();
    refused(&format!("redis://:hunter2@127.0.0.1:{}", server.port()), Kind::Denied, "the server has none");
}

#[test]
fn a_worker_with_a_wrong_password_stops_nobody() {
    // Whoever fails to authenticate is the default user, who may do everything.
    let server = server!("--user", "app", "on", ">secret", "~*", "+@all");
    let mut admin = server.client("", 0);
    let well = |user: &str, database: u32| format!("redis://{user}@127.0.0.1:{}/{database}", server.port());
    for database in [0, 3] {
        let mut right = store(&well("app:secret", database));
        for _ in 0..2 {
            let error = open_locked(&mut *store(&well("app:hunter2", database))).unwrap_err();
            assert_eq!(error.kind(), Kind::Denied, "{error}");
            redis::cmd("SELECT").arg(database).exec(&mut admin).unwrap();
            assert!(support::wait_until(PATIENCE, || !admin.exists::<_, bool>(LOCK).unwrap()), "no lock may be left");
            let lease = hold(&mut *right, HOUR);
            right.unlock(sid(), lease).unwrap();
        }
    }
}

#[test]
fn a_database_that_does_not_exist_never_turns_into_another_one() {
    let server = server!("--databases", "4");
    let mut zero = server.client("", 0);
    // A server that knows the script would carry it out in database 0.
    let mut known = store(&server.tcp_dsn("/3"));
    let lease = hold(&mut *known, HOUR);
    known.destroy_unlock(sid(), lease).unwrap();
    let () = zero.set_ex(KEY, "untouched", 100).unwrap();
    refused(&server.tcp_dsn("/4"), Kind::Config, "no database of that number");
    assert_eq!(zero.get::<_, String>(KEY).unwrap(), "untouched");
    assert!(zero.ttl::<_, i64>(KEY).unwrap() <= 100, "not even its lifetime may change");
    assert!(!zero.exists::<_, bool>(LOCK).unwrap(), "no lock may be left in database 0");
    store(&server.tcp_dsn("/3")).write(sid(), b"x", HOUR).unwrap();
    assert_eq!(server.client("", 3).get::<_, String>(KEY).unwrap(), "x");
}

#[test]
fn a_full_server() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut store = store(&server.tcp_dsn(""));
    store.write(sid(), b"old", HOUR).unwrap();
    let lease = hold(&mut *store, HOUR);
    let set = |value: &str, admin: &mut redis::Connection| {
        redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(value).exec(admin).unwrap();
    };
    set("1", &mut admin);
    let error = store.write_unlock(sid(), b"new", HOUR, lease).unwrap_err();
    assert_eq!(error.kind(), Kind::Full, "{error}");
    assert_eq!(store.write(sid(), b"new", HOUR).unwrap_err().kind(), Kind::Full);
    assert_eq!(open_locked(&mut *store).unwrap_err().kind(), Kind::Full);
    assert_eq!(crate::read(&mut *store).unwrap(), b"old", "the old record stays whole");
    assert!(!admin.exists::<_, bool>(LOCK).unwrap(), "the lock is given up all the same");
    set("0", &mut admin);
    let lease = hold(&mut *store, HOUR);
    store.write_unlock(sid(), b"new", HOUR, lease).unwrap();
}

#[test]
fn a_failure_that_nobody_waited_for_is_told_at_the_next_opportunity() {
    let server = server!();
    let mut admin = server.client("", 0);
    let mut subject = handler(&server.tcp_dsn(""), locking(false));
    let id = ID.as_bytes();
    subject.write(id, b"a", Caller::Direct, HOUR).unwrap();
    let mut cycle = || {
        subject.read(id, Caller::Engine, HOUR).unwrap();
        let outcome = subject.touch(id, b"a", Caller::Engine, HOUR);
        subject.close().unwrap();
        outcome
    };
    cycle().unwrap();
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg("1").exec(&mut admin).unwrap();
    let () = admin.del(KEY).unwrap();
    cycle().unwrap();
    let error = cycle().unwrap_err();
    assert_eq!(error.kind(), Kind::Full, "{error}");
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg("0").exec(&mut admin).unwrap();
    cycle().unwrap();
    assert_eq!(admin.get::<_, String>(KEY).unwrap(), "a");
}

#[test]
fn a_replica() {
    let server = server!();
    let mut store = store(&server.tcp_dsn(""));
    store.write(sid(), b"x", HOUR).unwrap();
    redis::cmd("REPLICAOF").arg("127.0.0.1").arg("1").exec(&mut server.client("", 0)).unwrap();
    for (name, act) in ACTS.iter().filter(|(name, _)| name.starts_with("open") || *name == "write") {
        let error = act(&mut *store).expect_err(name);
        assert!(error.to_string().contains("replica"), "{name}: {error}");
    }
}

#[test]
fn a_key_of_another_kind() {
    let server = server!();
    let mut other = server.client("", 0);
    let () = other.lpush(KEY, "x").unwrap();
    for (name, act) in ACTS.iter().filter(|(name, _)| name.starts_with("open") || *name == "read") {
        let error = act(&mut *store(&server.tcp_dsn(""))).expect_err(name);
        assert_eq!(error.kind(), Kind::Corrupt, "{name}: {error}");
        assert!(error.to_string().contains("not a session"), "{name}: {error}");
        assert!(!other.exists::<_, bool>(LOCK).unwrap(), "{name}: no lock may be left");
    }
    assert_eq!(other.llen::<_, usize>(KEY).unwrap(), 1, "what is there stays");
}

/// Every operation is told the same sentence.
fn told(dsn: &str, kind: Kind, word: &str) {
    for (name, act) in ACTS.iter().filter(|(name, _)| name.starts_with("open") || *name == "write") {
        let error = act(&mut *store(dsn)).expect_err(name);
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert!(error.to_string().contains(word), "{name}: {error}");
    }
}

#[test]
fn a_cluster_without_its_slots_and_a_replica_without_its_master() {
    let cluster = server!("--cluster-enabled", "yes");
    told(&cluster.tcp_dsn(""), Kind::Unavailable, "CLUSTER INFO");
    let replica = server!("--replica-serve-stale-data", "no");
    redis::cmd("REPLICAOF").arg("127.0.0.1").arg("1").exec(&mut replica.client("", 0)).unwrap();
    told(&replica.tcp_dsn(""), Kind::Unavailable, "master");
    let error = store(&replica.tcp_dsn("")).read(sid(), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("MASTERDOWN"), "{error}");
}

#[test]
fn a_server_that_cannot_save_or_has_no_place_left() {
    let server = server!("--save", "3600 1");
    let mut admin = server.client("", 0);
    // What it wants to write is a folder.
    std::fs::create_dir_all(server.socket().with_file_name("dump.rdb").join("in the way")).unwrap();
    redis::cmd("BGSAVE").exec(&mut admin).unwrap();
    assert!(support::wait_until(PATIENCE, || {
        let info: String = redis::cmd("INFO").arg("persistence").query(&mut admin).unwrap();
        info.contains("rdb_last_bgsave_status:err")
    }));
    told(&server.tcp_dsn(""), Kind::Storage, "MISCONF");
    redis::cmd("CONFIG").arg("SET").arg("maxclients").arg("1").exec(&mut admin).unwrap();
    told(&server.tcp_dsn(""), Kind::Unavailable, "maxclients");
}

#[test]
fn a_server_that_is_loading_is_waited_for_within_the_limit() {
    // Some 50 keys, each slow to load and large enough that the server looks at its clients after it.
    let slowly = ["--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"];
    let [name, time, events, bytes] = slowly;
    let mut server = server!(name, time, events, bytes, "--rdbcompression", "no");
    let mut admin = server.client("", 0);
    for number in 0..50 {
        let () = admin.set(format!("key{number}"), "x".repeat(2000)).unwrap();
    }
    let mut kept = store(&server.tcp_dsn(""));
    kept.write(sid(), b"kept", HOUR).unwrap();
    redis::cmd("SAVE").exec(&mut admin).unwrap();
    let mut waits = |act: &mut dyn FnMut(&str)| {
        server.begin_restart();
        // Until it listens, which is before it has loaded.
        let asked = || redis::Client::open(server.tcp_dsn("")).unwrap().get_connection();
        let mut answer = asked();
        assert!(support::wait_until(PATIENCE, || {
            answer = asked();
            answer.is_ok()
        }));
        let ping = redis::cmd("PING").exec(&mut answer.unwrap());
        assert!(ping.is_err_and(|error| error.to_string().contains("oading")), "it was done too soon");
        act(&server.tcp_dsn(""));
    };
    waits(&mut |dsn| assert_eq!(crate::read(&mut *store(dsn)).unwrap(), b"kept"));
    waits(&mut |dsn| {
        let lock = Some(LockRequest { wait: PATIENCE, lease: HOUR, holder: "", max_waiters: None });
        let request = OpenRequest { lock, lock_missing: true, extend: Some(HOUR) };
        let (mut one, mut data) = (store(dsn), Vec::new());
        let opened = one.open(sid(), &request, &mut data).unwrap();
        assert!(opened.found && data == b"kept", "{opened:?}");
    });
    waits(&mut |dsn| {
        // No time to wait for a lock is no time to wait for the server.
        let error = open_locked(&mut *store(dsn)).unwrap_err();
        assert_eq!(error.kind(), Kind::Busy, "{error}");
        assert!(error.to_string().contains("loading its data"), "{error}");
        let error = store(&format!("{dsn}?read_timeout=200ms")).read(sid(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Busy, "{error}");
    });
}

#[test]
fn a_server_that_runs_a_long_script_is_waited_for() {
    let server = server!("--busy-reply-threshold", "50");
    let mut admin = server.client("", 0);
    let mut one = store(&server.tcp_dsn(""));
    one.write(sid(), b"x", HOUR).unwrap();
    let mut other = server.client("", 0);
    let looping = std::thread::spawn(move || {
        redis::cmd("EVAL").arg("while true do end").arg(0).exec(&mut other).unwrap_err();
    });
    let busy = |admin: &mut redis::Connection| {
        redis::cmd("PING").exec(admin).is_err_and(|error| error.to_string().contains("BUSY"))
    };
    assert!(support::wait_until(PATIENCE, || busy(&mut admin)));
    let error = store(&server.tcp_dsn("?read_timeout=100ms")).read(sid(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Busy, "{error}");
    assert!(error.to_string().contains("SCRIPT KILL"), "{error}");
    let reading = std::thread::spawn(move || {
        one.write(sid(), b"y", HOUR).unwrap();
        crate::read(&mut *one).unwrap()
    });
    assert!(support::wait_until(PATIENCE, || {
        let _ = redis::cmd("SCRIPT").arg("KILL").exec(&mut admin);
        !busy(&mut admin)
    }));
    assert_eq!(reading.join().unwrap(), b"y");
    looping.join().unwrap();
}
