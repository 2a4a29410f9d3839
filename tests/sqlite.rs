//! The SQLite store: the file, the table, and many workers at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod local;

use local::{Helper, TTL, id, lock, open_strict, read, store, try_store, until};
use rusqlite::Connection;
use seshat::error::{Kind, Operation};
use seshat::session::clock::Clock;
use seshat::session::lock::LockState;
use seshat::session::reference::{Assignment, Reference, Terms};
use seshat::session::store::{Committed, OpenRequest};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("sessions.db")
    }

    fn dsn(&self, query: &str) -> String {
        format!("sqlite://{}?{query}", self.file().display())
    }

    fn lock_file(&self) -> PathBuf {
        self.0.path().join(format!("sessions.db-lock-{}", nix::unistd::geteuid()))
    }

    /// Asks the database itself, over a connection that no store has; only where no store has it
    /// open in this process, or for the length of one question with the store left alone after.
    fn ask(&self, question: &str) -> i64 {
        let answer = Command::new("php")
            .args(["-r", "echo (new PDO('sqlite:' . $argv[1]))->query($argv[2])->fetchColumn();"])
            .args([self.file().to_str().unwrap(), question])
            .output();
        match answer {
            Ok(answer) if answer.status.success() => String::from_utf8(answer.stdout).unwrap().trim().parse().unwrap(),
            _ => {
                let file = Connection::open(self.file()).unwrap();
                let number = file.query_row(question, [], |row| row.get(0)).unwrap();
                // Closing it would take this process's locks back.
                std::mem::forget(file);
                number
            }
        }
    }
}

#[test]
fn the_file_is_private_and_in_wal_mode_and_so_are_its_companions() {
    let folder = Folder::new();
    let mut sqlite = store(&folder.dsn(""));
    assert!(!folder.file().exists(), "configuring opens nothing");
    sqlite.write(id("abc"), b"x\0\xff", TTL).unwrap();
    assert!(lock(&mut *sqlite, "abc", Duration::ZERO).is_some());
    for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm"] {
        let mode = fs::metadata(folder.0.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::metadata(folder.lock_file()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(folder.ask("SELECT length(data) FROM sessions WHERE id = 'abc'"), 3);
    drop(sqlite);
    assert_eq!(read(&mut *store(&folder.dsn("")), "abc").unwrap(), b"x\0\xff");
}

#[test]
fn sixty_four_megabytes_come_back() {
    let folder = Folder::new();
    let mut sqlite = store(&folder.dsn("synchronous=off"));
    let large: Vec<u8> = (0..64 << 20).map(|n: u32| n.to_le_bytes()[0] ^ n.to_le_bytes()[2]).collect();
    sqlite.write(id("large"), &large, TTL).unwrap();
    assert!(read(&mut *sqlite, "large").unwrap() == large);
}

#[test]
fn an_unchanged_session_commits_nothing_most_of_the_time_and_never_ends_early() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut sqlite = try_store(&folder.dsn(""), &clock).unwrap();
    sqlite.write(id("abc"), b"x", TTL).unwrap();
    let mut commits = 0;
    let mut last = folder.ask("SELECT expires_at FROM sessions");
    assert_eq!(last, 1_800_000_000 + 1440 + 60);
    for request in 1..=42u64 {
        clock.advance(Duration::from_secs(10));
        let (found, state) = open_strict(&mut *sqlite, "abc");
        let LockState::Held(lease) = state else { panic!("not locked") };
        assert!(found);
        sqlite.touch_unlock(id("abc"), b"x", TTL, Some(lease), false).unwrap();
        let stored = folder.ask("SELECT expires_at FROM sessions");
        let end = 1_800_000_000 + 10 * i64::try_from(request).unwrap() + 1440;
        assert!((end..=end + 60).contains(&stored), "{} s too early", end - stored);
        commits += i64::from(stored != last);
        last = stored;
    }
    assert_eq!(commits, 6, "one every 70 seconds");
    assert!(sqlite.touch(id("abc"), Duration::from_secs(10)).unwrap(), "it can be made shorter");
    clock.advance(Duration::from_secs(10));
    assert!(!sqlite.exists(id("abc")).unwrap());
    assert!(!sqlite.touch(id("abc"), TTL).unwrap());
}

#[test]
fn a_session_that_expires_in_its_requests_hands_is_kept_and_one_that_vanishes_is_stored_again() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut sqlite = try_store(&folder.dsn(""), &clock).unwrap();
    for extended in [false, true] {
        sqlite.write(id("abc"), b"x", TTL).unwrap();
        let (_, state) = open_strict(&mut *sqlite, "abc");
        let LockState::Held(lease) = state else { panic!("not locked") };
        try_store(&folder.dsn(""), &clock).unwrap().destroy(id("abc")).unwrap();
        assert_eq!(sqlite.touch_unlock(id("abc"), b"x", TTL, Some(lease), extended).unwrap(), Committed::Done);
        assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"x");
    }
    let (_, state) = open_strict(&mut *sqlite, "abc");
    let LockState::Held(lease) = state else { panic!("not locked") };
    clock.advance(TTL * 2);
    sqlite.touch_unlock(id("abc"), b"x", TTL, Some(lease), false).unwrap();
    assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"x");
}

#[test]
fn a_session_lives_as_long_as_its_last_writer_said_whatever_became_of_the_row_meanwhile() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let (mut one, mut two) = (try_store(&folder.dsn(""), &clock).unwrap(), try_store(&folder.dsn(""), &clock).unwrap());
    one.write(id("abc"), b"x", TTL).unwrap();
    let (_, state) = open_strict(&mut *one, "abc");
    let LockState::Held(lease) = state else { panic!("not locked") };
    // Past the lock.
    two.write(id("abc"), b"y", Duration::from_secs(5)).unwrap();
    assert_eq!(one.write_unlock(id("abc"), b"z", TTL, lease).unwrap(), Committed::Done);
    clock.advance(Duration::from_secs(10));
    assert_eq!(read(&mut *one, "abc").unwrap(), b"z");
}

#[test]
fn a_session_that_expires_in_its_requests_hands_keeps_its_reference() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut sqlite = try_store(&folder.dsn(""), &clock).unwrap();
    let ann = Reference::parse(b"ann", Operation::Write).unwrap();
    for changed in [true, false] {
        sqlite.set_terms(&Terms { reference: Assignment::Set(&ann), existing: false });
        sqlite.write(id("abc"), b"x", TTL).unwrap();
        let LockState::Held(lease) = open_strict(&mut *sqlite, "abc").1 else { panic!("not locked") };
        clock.advance(TTL * 2);
        let committed = if changed {
            sqlite.write_unlock(id("abc"), b"y", TTL, lease)
        } else {
            sqlite.touch_unlock(id("abc"), b"x", TTL, Some(lease), false)
        };
        assert_eq!(committed.unwrap(), Committed::Done);
        let own = sqlite.references().unwrap().reference_of(id("abc")).unwrap();
        assert_eq!(own.as_ref(), Some(&ann), "changed {changed}");
    }
}

#[test]
fn a_session_ends_with_the_second_that_its_row_says() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut sqlite = try_store(&folder.dsn(""), &clock).unwrap();
    sqlite.write(id("abc"), b"x", Duration::from_secs(10)).unwrap();
    clock.advance(Duration::from_secs(9));
    assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"x");
    assert!(open_strict(&mut *sqlite, "abc").0 && sqlite.exists(id("abc")).unwrap());
    clock.advance(Duration::from_secs(1));
    assert_eq!(read(&mut *sqlite, "abc"), None);
    assert!(!open_strict(&mut *sqlite, "abc").0 && !sqlite.exists(id("abc")).unwrap());
    assert!(!sqlite.touch(id("abc"), TTL).unwrap());
}

/// What is known of the session that is open says nothing of another one.
#[test]
fn another_session_that_expired_does_not_come_back() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut sqlite = try_store(&folder.dsn(""), &clock).unwrap();
    sqlite.write(id("open"), b"x", TTL).unwrap();
    sqlite.write(id("over"), b"old", Duration::from_secs(5)).unwrap();
    clock.advance(Duration::from_secs(10));
    let LockState::Held(lease) = open_strict(&mut *sqlite, "open").1 else { panic!("not locked") };
    sqlite.touch_unlock(id("over"), b"new", TTL, None, false).unwrap();
    assert_eq!(read(&mut *sqlite, "over").unwrap(), b"new");
    sqlite.unlock(id("open"), lease).unwrap();
}

/// Whoever comes later locks another file, and may have the session at the same time.
#[test]
fn a_lock_whose_file_was_deleted_is_lost() {
    let folder = Folder::new();
    let (mut one, mut two) = (store(&folder.dsn("")), store(&folder.dsn("")));
    one.write(id("abc"), b"old", TTL).unwrap();
    for changed in [true, false] {
        let held = |state| match state {
            LockState::Held(lease) => lease,
            other => panic!("not locked: {other:?}"),
        };
        let lease = held(open_strict(&mut *one, "abc").1);
        fs::remove_file(folder.lock_file()).unwrap();
        let theirs = held(open_strict(&mut *two, "abc").1);
        assert!(!one.renew(id("abc"), &lease, TTL).unwrap());
        if changed {
            assert_eq!(two.write_unlock(id("abc"), b"newer", TTL, theirs).unwrap(), Committed::Done);
            assert_eq!(one.write_unlock(id("abc"), b"late", TTL, lease).unwrap(), Committed::LeaseLost);
            assert_eq!(read(&mut *two, "abc").unwrap(), b"newer");
        } else {
            two.destroy_unlock(id("abc"), theirs).unwrap();
            assert_eq!(one.touch_unlock(id("abc"), b"newer", TTL, Some(lease), false).unwrap(), Committed::LeaseLost);
            assert_eq!(read(&mut *two, "abc"), None, "what was ended does not come back");
        }
    }
}

#[test]
fn a_stranger_with_an_unknown_id_leaves_no_trace() {
    let folder = Folder::new();
    let mut sqlite = store(&folder.dsn(""));
    let (found, state) = open_strict(&mut *sqlite, "unknown");
    assert!(!found && matches!(state, LockState::NotTaken));
    assert!(lock(&mut *store(&folder.dsn("")), "unknown", Duration::ZERO).is_some());
    let request = OpenRequest { lock: Some(local::wait(Duration::ZERO)), lock_missing: true, extend: None };
    let opened = sqlite.open(id("new"), &request, &mut Vec::new()).unwrap();
    assert!(!opened.found && matches!(opened.lock, LockState::Held(_)));
    assert!(lock(&mut *store(&folder.dsn("")), "new", Duration::ZERO).is_none());
    assert_eq!(folder.ask("SELECT count(*) FROM sessions"), 0);
}

#[test]
fn several_processes_write_at_once_and_nobody_is_told_that_the_database_is_locked() {
    const ROUNDS: usize = 150;
    let folder = Folder::new();
    // Nothing is there yet: they also race for the file, the mode and the table.
    let writers: Vec<_> = (0..4)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["helper_that_counts", "--exact", "--nocapture", "--test-threads=1"])
                .env("SESHAT_TEST_DSN", folder.dsn(""))
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    let dsn = folder.dsn("");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn({
                let dsn = dsn.clone();
                move || count(&dsn, ROUNDS)
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let data = read(&mut *store(&dsn), "shared").unwrap();
    assert_eq!(String::from_utf8(data).unwrap(), (4 * ROUNDS + 4 * ROUNDS).to_string(), "updates were lost");
}

#[test]
fn helper_that_counts() {
    if let Some(dsn) = local::helper_dsn() {
        count(&dsn, 150);
    }
}

/// Adds one to a shared session under its lock, and writes others without, so often.
fn count(dsn: &str, rounds: usize) {
    let mut sqlite = store(dsn);
    for round in 0..rounds {
        let mut data = Vec::new();
        let request =
            OpenRequest { lock: Some(local::wait(Duration::from_secs(30))), lock_missing: true, extend: Some(TTL) };
        let opened = sqlite.open(id("shared"), &request, &mut data).unwrap();
        let LockState::Held(lease) = opened.lock else { panic!("no lock") };
        let next = String::from_utf8(data).unwrap().parse::<usize>().unwrap_or(0) + 1;
        sqlite.write_unlock(id("shared"), next.to_string().as_bytes(), TTL, lease).unwrap();
        let own = format!("own-{}-{}", std::process::id(), round % 7);
        sqlite.write(id(&own), &[b'x'; 5000], TTL).unwrap();
        assert!(sqlite.exists(id(&own)).unwrap());
    }
}

#[test]
fn a_writer_does_not_stop_readers_and_a_stuck_one_is_told_about() {
    let folder = Folder::new();
    let mut sqlite = store(&folder.dsn("busy_timeout=50ms"));
    sqlite.write(id("abc"), b"old", TTL).unwrap();
    let stuck = Helper::start("helper_that_is_stuck", &folder.dsn(""));
    let began = Instant::now();
    assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"old");
    assert!(sqlite.exists(id("abc")).unwrap() && sqlite.touch(id("abc"), TTL).unwrap());
    assert!(began.elapsed() < Duration::from_millis(50));
    let error = sqlite.write(id("abc"), b"new", TTL).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.to_string().contains("busy_timeout"), "{error}");
    stuck.kill();
    sqlite.write(id("abc"), b"new", TTL).unwrap();
    assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"new");
}

#[test]
fn helper_that_is_stuck() {
    if let Some(dsn) = local::helper_dsn() {
        let path = dsn.trim_start_matches("sqlite://").trim_end_matches('?').to_owned();
        let connection = Connection::open(path).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE; UPDATE sessions SET data = 'torn'").unwrap();
        local::ready_and_wait();
    }
}

#[test]
fn gc_removes_in_batches_and_one_worker_does_it() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut sqlite = try_store(&folder.dsn("synchronous=off"), &clock).unwrap();
    sqlite.write(id("alive"), b"", TTL * 10).unwrap();
    {
        let file = Connection::open(folder.file()).unwrap();
        file.execute_batch(
            "INSERT INTO sessions (id, expires_at, data) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10400) \
             SELECT 'old' || i, 1799999999, x'00' FROM n",
        )
        .unwrap();
        std::mem::forget(file);
    }
    // Another worker's turn: the byte for it, which no session has.
    let rival =
        nix::libc::flock { l_type: nix::libc::F_WRLCK as i16, l_whence: 0, l_start: 1 << 62, l_len: 1, l_pid: 0 };
    lock(&mut *sqlite, "any", Duration::ZERO).unwrap();
    let file = fs::File::options().read(true).write(true).open(folder.lock_file()).unwrap();
    nix::fcntl::fcntl(&file, nix::fcntl::FcntlArg::F_OFD_SETLK(&rival)).unwrap();
    assert_eq!(sqlite.gc(TTL).unwrap(), 0);
    drop(file);

    // A call ends after 30 ms, with pauses as long as the work, and one that is to remove all does not.
    let first = sqlite.gc(TTL).unwrap();
    assert!((1..=30 * 200).contains(&first), "{first} in one call");
    assert_eq!(first + sqlite.gc_all(TTL).unwrap(), 10_400);
    assert_eq!(sqlite.gc(TTL).unwrap(), 0);

    // It waits for another's turn; but who has it for longer than a brief call is removing everything already.
    sqlite.write(id("last"), b"", TTL).unwrap();
    clock.advance(TTL * 2);
    for (length, expected) in [(Duration::from_secs(3), 0), (Duration::from_millis(200), 1)] {
        let file = fs::File::options().read(true).write(true).open(folder.lock_file()).unwrap();
        nix::fcntl::fcntl(&file, nix::fcntl::FcntlArg::F_OFD_SETLK(&rival)).unwrap();
        let (done, told) = std::sync::mpsc::channel::<()>();
        let other = std::thread::spawn(move || {
            let _ = told.recv_timeout(length);
            drop(file);
        });
        assert_eq!(sqlite.gc_all(TTL).unwrap(), expected);
        drop(done);
        other.join().unwrap();
    }
    assert!(sqlite.exists(id("alive")).unwrap());
}

/// Requests of another worker, as long as `done` is not said: how many, and how long the slowest took.
fn requests(dsn: &str, done: &AtomicBool) -> (u32, Duration) {
    let mut worker = store(dsn);
    let (mut longest, mut requests) = (Duration::ZERO, 0);
    while !done.load(Ordering::Relaxed) || requests < 20 {
        let began = Instant::now();
        worker.write(id(&format!("new-{}", requests % 50)), b"data", TTL).unwrap();
        assert_eq!(read(&mut *worker, "alive").unwrap(), b"alive");
        longest = longest.max(began.elapsed());
        requests += 1;
    }
    (requests, longest)
}

/// 50 000 of 100 000 rows. The longest call of gc is said, for which the request waits that drew the lottery; the
/// longest request of another worker; and that of the same time without gc. A machine that does other work makes
/// all of them longer: the limit here is a multiple of what it is by itself, and SESHAT_STRICT_TIMES holds them to
/// that.
#[test]
fn many_expired_rows_keep_nobody_waiting() {
    let folder = Folder::new();
    let dsn = folder.dsn("");
    let mut one = store(&dsn);
    one.write(id("alive"), b"alive", TTL).unwrap();
    {
        let file = Connection::open(folder.file()).unwrap();
        file.execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
             INSERT INTO sessions (id, expires_at, data) \
             SELECT hex(randomblob(16)), CASE i % 2 WHEN 0 THEN 1000 + i % 7 ELSE 4000000000 END, zeroblob(300) FROM n; \
             PRAGMA wal_checkpoint(TRUNCATE)",
        )
        .unwrap();
        std::mem::forget(file);
    }
    let beside = |work: &mut dyn FnMut()| {
        let done = Arc::new(AtomicBool::new(false));
        let (told, dsn) = (Arc::clone(&done), dsn.clone());
        let other = std::thread::spawn(move || requests(&dsn, &told));
        work();
        done.store(true, Ordering::Relaxed);
        other.join().unwrap()
    };
    let (mut removed, mut took, mut call) = (0, Duration::ZERO, Duration::ZERO);
    let (count, longest) = beside(&mut || {
        let began = Instant::now();
        while removed < 50_000 {
            let one_call = Instant::now();
            removed += one.gc(TTL).unwrap();
            call = call.max(one_call.elapsed());
            assert!(began.elapsed() < Duration::from_secs(60), "{removed} rows were removed");
        }
        took = began.elapsed();
    });
    let (_, alone) = beside(&mut || std::thread::sleep(took));
    println!(
        "gc of {removed} rows took {took:?}, its longest call {call:?}; of {count} requests meanwhile the longest \
         took {longest:?}, without gc {alone:?}"
    );
    assert_eq!(removed, 50_000);
    assert_eq!(folder.ask("SELECT count(*) FROM sessions WHERE expires_at = 4000000000"), 50_000);
    let limit = if std::env::var_os("SESHAT_STRICT_TIMES").is_some() { 50 } else { 1000 };
    assert!(call < Duration::from_millis(limit), "{call:?}");
    assert!(longest < Duration::from_millis(limit), "{longest:?}");
}

#[test]
fn gc_and_reads_go_over_an_index() {
    let folder = Folder::new();
    store(&folder.dsn("")).write(id("abc"), b"", TTL).unwrap();
    let file = Connection::open(folder.file()).unwrap();
    let plan = |sql: &str| -> String {
        let mut statement = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    };
    let read = plan("SELECT expires_at, data FROM sessions WHERE id = 'a'");
    assert!(read.starts_with("SEARCH sessions USING INDEX"), "{read}");
    let gc = plan("SELECT rowid FROM sessions WHERE expires_at <= 5 LIMIT 500");
    assert!(gc.contains("COVERING INDEX sessions_expires_at") && !gc.contains("SCAN"), "{gc}");
}

#[test]
fn a_table_that_does_not_fit_is_told_with_the_one_that_does() {
    let folder = Folder::new();
    let refusal = |query: &str| store(&folder.dsn(query)).exists(id("a")).unwrap_err().to_string();
    let text = refusal("create_table=0");
    assert!(
        text.contains("no table \"sessions\"") && text.contains("CREATE TABLE \"sessions\" (\"id\" TEXT"),
        "{text}"
    );
    let file = Connection::open(folder.file()).unwrap();
    file.execute_batch(
        "CREATE TABLE other (id TEXT PRIMARY KEY, data BLOB);
         CREATE TABLE twice (id TEXT, expires_at INTEGER, data BLOB);
         CREATE TABLE more (user INTEGER, data BLOB NOT NULL, expires_at INTEGER, id TEXT PRIMARY KEY);
         CREATE TABLE \"order\" (id TEXT PRIMARY KEY, expires_at INTEGER, data)",
    )
    .unwrap();
    drop(file);
    assert!(
        refusal("table=other").contains(
            "no column expires_at (if it has another name, say it with column_expiry); expected: CREATE TABLE"
        ),
        "{}",
        refusal("table=other")
    );
    assert!(refusal("table=twice").contains("does not fit"), "{}", refusal("table=twice"));
    for fits in ["more", "order"] {
        let mut sqlite = store(&folder.dsn(&format!("table={fits}")));
        sqlite.write(id("abc"), b"x", TTL).unwrap();
        assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"x");
        assert_eq!(sqlite.gc(TTL).unwrap(), 0);
    }
    folder.ask("UPDATE \"order\" SET data = NULL RETURNING 1");
    let mut sqlite = store(&folder.dsn("table=order"));
    assert_eq!(sqlite.read(id("abc"), &mut Vec::new()).unwrap_err().kind(), Kind::Corrupt);
}

#[test]
fn what_is_planted_broken_or_read_only_is_told_and_kept() {
    let folder = Folder::new();
    let refusal = || store(&folder.dsn("")).write(id("a"), b"", TTL).unwrap_err();
    let victim = folder.0.path().join("victim");
    fs::write(&victim, "").unwrap();
    symlink(&victim, folder.file()).unwrap();
    assert!(refusal().to_string().contains("symbolic link"), "{}", refusal());
    assert_eq!(fs::metadata(&victim).unwrap().size(), 0);
    fs::remove_file(folder.file()).unwrap();

    let text = "this is a letter, and not a database at all\n".repeat(50);
    fs::write(folder.file(), &text).unwrap();
    assert_eq!(refusal().kind(), Kind::Corrupt);
    assert!(refusal().to_string().contains("not an SQLite database"), "{}", refusal());
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), text);
    fs::remove_file(folder.file()).unwrap();

    fs::create_dir(folder.file()).unwrap();
    assert!(refusal().to_string().contains("is a folder"), "{}", refusal());
    fs::remove_dir(folder.file()).unwrap();

    // A folder that is reached over a link is fine.
    let real = folder.0.path().join("real");
    fs::create_dir(&real).unwrap();
    symlink(&real, folder.0.path().join("link")).unwrap();
    store(&format!("sqlite://{}/link/s.db", folder.0.path().display())).write(id("a"), b"", TTL).unwrap();
    assert!(real.join("s.db").is_file());

    let missing = store("sqlite:///nowhere/at/all.db").exists(id("a")).unwrap_err();
    assert_eq!(missing.kind(), Kind::Unavailable);
    assert!(missing.to_string().contains("folder does not exist"), "{missing}");
}

#[test]
fn a_damaged_database_is_told() {
    let folder = Folder::new();
    let mut sqlite = store(&folder.dsn(""));
    for number in 0..200 {
        sqlite.write(id(&format!("id{number}")), &[b'x'; 3000], TTL).unwrap();
    }
    drop(sqlite);
    let mut bytes = fs::read(folder.file()).unwrap();
    assert!(bytes.len() > 100_000, "the log was written back when the last connection closed");
    bytes[4096..].fill(0x5a);
    fs::write(folder.file(), bytes).unwrap();
    let error = store(&folder.dsn("")).read(id("id7"), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Corrupt);
    assert!(error.to_string().contains("damaged"), "{error}");
}

#[test]
fn a_full_disk_keeps_the_old_record() {
    let folder = Folder::new();
    let place = folder.0.path().join("small");
    fs::create_dir(&place).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "none"]).arg(&place).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED a_full_disk_keeps_the_old_record: only root can mount a small disk");
        return;
    }
    let mut sqlite = store(&format!("sqlite://{}/s.db", place.display()));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        sqlite.write(id("abc"), b"old", TTL).unwrap();
        let error = sqlite.write(id("abc"), &vec![b'x'; 1 << 20], TTL).unwrap_err();
        assert_eq!(error.kind(), Kind::Full);
        assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"old");
        sqlite.write(id("abc"), b"new", TTL).unwrap();
        assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"new");
    }));
    drop(sqlite);
    assert!(Command::new("umount").arg(&place).status().unwrap().success());
    outcome.unwrap();
}

#[test]
fn the_files_of_another_user_are_only_what_permissions_allow() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("SKIPPED the_files_of_another_user_are_only_what_permissions_allow: only root can make such files");
        return;
    }
    let folder = Folder::new();
    store(&folder.dsn("")).write(id("abc"), b"x", TTL).unwrap();
    fs::set_permissions(folder.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o644)).unwrap();
    let program = folder.0.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(&program);
    command.args(["helper_that_is_nobody", "--exact", "--nocapture", "--test-threads=1"]);
    std::os::unix::process::CommandExt::uid(&mut command, 65534);
    command.env("SESHAT_TEST_DSN", folder.dsn("")).current_dir("/").stdout(Stdio::null());
    assert!(command.status().unwrap().success());
}

#[test]
fn helper_that_is_nobody() {
    if let Some(dsn) = local::helper_dsn() {
        let error = store(&dsn).write(id("abc"), b"y", TTL).unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{error}");
        let folder = dsn.trim_end_matches("sessions.db?").to_owned();
        let error = store(&format!("{folder}new.db")).write(id("abc"), b"y", TTL).unwrap_err();
        assert!(error.to_string().contains("not writable"), "{error}");
    }
}

#[test]
fn a_table_that_is_dropped_is_made_again() {
    let folder = Folder::new();
    let mut sqlite = store(&folder.dsn(""));
    sqlite.write(id("abc"), b"x", TTL).unwrap();
    {
        let file = Connection::open(folder.file()).unwrap();
        file.execute_batch("DROP TABLE sessions").unwrap();
        std::mem::forget(file);
    }
    assert_eq!(read(&mut *sqlite, "abc"), None);
    sqlite.write(id("abc"), b"y", TTL).unwrap();
    assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"y");
}

#[test]
fn a_database_that_is_exchanged_is_noticed_and_the_new_one_left_whole() {
    let folder = Folder::new();
    let mut sqlite = store(&folder.dsn(""));
    sqlite.write(id("abc"), b"x", TTL).unwrap();
    for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm"] {
        fs::remove_file(folder.0.path().join(name)).unwrap();
    }
    let mut other = store(&folder.dsn(""));
    other.write(id("abc"), b"z", TTL).unwrap();
    until("the exchange is noticed", || read(&mut *sqlite, "abc").unwrap() == b"z");
    assert!(folder.0.path().join("sessions.db-wal").exists(), "closing the old database removed the new one's log");
    sqlite.write(id("abc"), b"zz", TTL).unwrap();
    assert_eq!(read(&mut *other, "abc").unwrap(), b"zz");
    drop((sqlite, other));
    assert_eq!(read(&mut *store(&folder.dsn("")), "abc").unwrap(), b"zz");
}

#[test]
fn nothing_is_written_into_a_database_that_was_deleted_in_mid_request() {
    let folder = Folder::new();
    let mut sqlite = store(&folder.dsn(""));
    sqlite.write(id("abc"), b"x", TTL).unwrap();
    let delete = || {
        for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm"] {
            fs::remove_file(folder.0.path().join(name)).unwrap();
        }
    };
    let lease = lock(&mut *sqlite, "abc", Duration::ZERO).unwrap();
    assert_eq!(read(&mut *sqlite, "abc").unwrap(), b"x");
    delete();
    assert_eq!(sqlite.write_unlock(id("abc"), b"y", TTL, lease).unwrap(), Committed::Done);
    let mut other = store(&folder.dsn(""));
    assert_eq!(read(&mut *other, "abc").unwrap(), b"y");
    drop(other);
    delete();
    let mut other = store(&folder.dsn(""));
    other.write(id("abc"), b"z", TTL).unwrap();
    sqlite.destroy(id("abc")).unwrap();
    assert_eq!(read(&mut *other, "abc"), None);
}

#[test]
fn in_memory_every_store_is_alone() {
    let (mut one, mut two) = (store("sqlite::memory:"), store("sqlite::memory:"));
    assert!(!one.capabilities().shared && !one.capabilities().durable);
    one.write(id("abc"), b"x", TTL).unwrap();
    assert_eq!(read(&mut *one, "abc").unwrap(), b"x");
    assert_eq!(read(&mut *two, "abc"), None);
    let lease = lock(&mut *one, "abc", Duration::ZERO).unwrap();
    assert!(lock(&mut *one, "abc", Duration::from_secs(1)).is_none());
    assert_eq!(one.write_unlock(id("abc"), b"y", TTL, lease).unwrap(), Committed::Done);
    assert!(lock(&mut *one, "abc", Duration::ZERO).is_some());
    assert_eq!(one.gc(TTL).unwrap(), 0);
}

#[test]
fn mistakes_are_told() {
    for (dsn, part) in [
        ("sqlite://host/s.db", "three slashes"),
        ("sqlite:", "names no file"),
        ("sqlite:///:memory:", "the database in memory is sqlite::memory:"),
        ("sqlite:///tmp/s.db?table=a%22b", "identifier"),
        ("sqlite:///tmp/s.db?table=sqlite_master", "identifier"),
        ("sqlite:///tmp/s.db?synchronous=sometimes", "one of normal, full, off"),
        ("sqlite:///tmp/s.db?synchronous=ful", "\"ful\" given; did you mean \"full\"?"),
        ("sqlite:///tmp/s.db?tabel=x", "did you mean \"table\"?"),
    ] {
        let message = try_store(dsn, &Clock::System).err().unwrap_or_else(|| panic!("{dsn} was accepted")).to_string();
        assert!(message.contains(part), "{dsn}: {message}");
    }
    let outside = seshat::backend::Environment {
        allow_path: |path| path.extension().is_some_and(|extension| extension == "db"),
        ..Default::default()
    };
    let refused = seshat::backend::from_dsn("sqlite:///tmp/s.db", &outside, &Default::default()).err().unwrap();
    assert!(refused.to_string().contains("/tmp/s.db-wal: open_basedir"), "{refused}");
}

#[test]
fn helper_that_holds() {
    local::hold();
}

#[test]
fn a_killed_holder_frees_its_lock() {
    local::a_killed_holder_frees_its_lock("helper_that_holds", &Folder::new().dsn(""));
}

#[test]
fn waiters_are_woken_in_order() {
    let folder = Folder::new();
    local::waiters_are_woken_in_order(&folder.dsn(""), &folder.lock_file());
}
