//! Removing what expired, while others work.

use crate::{HOUR, MariadbServer, named, read, server, sid, store, support, table};
use seshat::session::store::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The name of the lock that stands for gc's turn, in SQL.
const TURN: &str = "CONCAT('seshat.', LEFT(SHA2(CONCAT('shop', CHAR(0), 'sessions', CHAR(0), 'gc!'), 256), 40))";

fn fill(server: &MariadbServer, table: &str, rows: u32, bytes: u32) {
    server.sql(&format!(
        "INSERT INTO {table} (id, expires_at, data) \
         SELECT CONCAT('old-', seq), 1000 + seq % 7, REPEAT('x', {bytes}) FROM seq_1_to_{rows}"
    ));
}

/// Removes everything by brief calls: how many rows, and how long the longest call took.
fn all(store: &mut dyn Store) -> (u64, Duration) {
    let (mut removed, mut longest) = (0, Duration::ZERO);
    for _ in 0..2000 {
        let began = Instant::now();
        let some = store.gc(HOUR).unwrap();
        longest = longest.max(began.elapsed());
        removed += some;
        if some == 0 {
            break;
        }
    }
    (removed, longest)
}

/// Requests of another worker, as long as `done` is not said: how many, and how long the slowest took.
fn requests(mut worker: Box<dyn Store>, done: &AtomicBool) -> (u32, Duration) {
    let (mut longest, mut requests) = (Duration::ZERO, 0);
    while !done.load(Ordering::Relaxed) || requests < 20 {
        let began = Instant::now();
        worker.write(named(&format!("new-{}", requests % 50)), b"data", HOUR).unwrap();
        assert_eq!(read(&mut *worker).unwrap(), b"alive");
        longest = longest.max(began.elapsed());
        requests += 1;
    }
    (requests, longest)
}

/// 50 000 rows. The longest call of gc is said, for which the request waits that drew the lottery; the longest
/// request of another worker; and that of the same time without gc. A machine that does other work makes all of
/// them longer: the limit here is a multiple of what it is by itself, and SESHAT_STRICT_TIMES holds them to that.
/// The redo log has the size that the server comes with; the small one of the other tests makes everybody wait for
/// its checkpoints.
#[test]
fn many_expired_rows_keep_nobody_waiting() {
    let server =
        server!("--innodb-buffer-pool-size=128M", "--innodb-log-file-size=96M", "--innodb-flush-log-at-trx-commit=1");
    let mut one = table(&server, "sessions");
    one.write(sid(), b"alive", HOUR).unwrap();
    fill(&server, "sessions", 50_000, 300);
    let beside = |work: &mut dyn FnMut()| {
        let done = Arc::new(AtomicBool::new(false));
        let (told, worker) = (Arc::clone(&done), table(&server, "sessions"));
        let other = std::thread::spawn(move || requests(worker, &told));
        work();
        done.store(true, Ordering::Relaxed);
        other.join().unwrap()
    };
    let (mut removed, mut call, mut took) = (0, Duration::ZERO, Duration::ZERO);
    let (count, longest) = beside(&mut || {
        let began = Instant::now();
        (removed, call) = all(&mut *one);
        took = began.elapsed();
    });
    let (_, alone) = beside(&mut || std::thread::sleep(took));
    println!(
        "gc of {removed} rows took {took:?}, its longest call {call:?}; of {count} requests meanwhile the longest \
         took {longest:?}, without gc {alone:?}"
    );
    assert_eq!(removed, 50_000);
    assert_eq!(read(&mut *one).unwrap(), b"alive");
    let limit = if std::env::var_os("SESHAT_STRICT_TIMES").is_some() { 50 } else { 1000 };
    assert!(call < Duration::from_millis(limit), "{call:?}");
    assert!(longest < Duration::from_millis(limit), "{longest:?}");
}

/// `session_gc()` waits for one that drew the lottery. Who has its turn for longer is removing everything itself.
#[test]
fn all_goes_at_once_after_a_wait_for_the_turn() {
    let server = server!();
    let mut one = table(&server, "sessions");
    one.write(sid(), b"alive", HOUR).unwrap();
    fill(&server, "sessions", 5000, 10);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| server.try_sql(&format!("SELECT GET_LOCK({TURN}, 0), SLEEP(60)")));
        let mut holder = String::new();
        assert!(support::wait_until(crate::PATIENCE, || {
            holder = server.sql(&format!("SELECT IS_USED_LOCK({TURN})"));
            holder != "NULL"
        }));
        assert_eq!(one.gc(HOUR).unwrap(), 0);
        let began = Instant::now();
        assert_eq!(one.gc_all(HOUR).unwrap(), 0);
        assert!(began.elapsed() > Duration::from_millis(900), "{:?}", began.elapsed());
        server.sql(&format!("KILL {holder}"));
        assert!(other.join().unwrap().is_err(), "its connection ended, and its turn with it");
    });
    assert_eq!(one.gc_all(HOUR).unwrap(), 5000);
    assert_eq!(read(&mut *one).unwrap(), b"alive");
}

#[test]
fn one_worker_at_a_time() {
    let server = server!();
    let (mut one, mut two) = (table(&server, "sessions"), table(&server, "sessions"));
    one.write(sid(), b"alive", HOUR).unwrap();
    fill(&server, "sessions", 3000, 10);
    assert_eq!(read(&mut *two).unwrap(), b"alive");
    let other = std::thread::spawn(move || all(&mut *two).0);
    let mine = all(&mut *one).0;
    let theirs = other.join().unwrap();
    assert!(mine + theirs <= 3000);
    assert_eq!(mine + theirs + all(&mut *one).0, 3000, "each row was counted once");
    // While one has its turn, there is nothing to do for the others.
    let holder = server.sql(&format!("SELECT GET_LOCK({TURN}, 0)"));
    assert_eq!(holder, "1");
    fill(&server, "sessions", 100, 10);
    assert_eq!(all(&mut *one).0, 100, "that connection ended, and its turn with it");
}

/// By the index, in every table that has one.
#[test]
fn expired_rows_are_found_by_an_index() {
    let server = server!();
    for schema in ["seshat", "symfony", "laravel", "phalcon", "dalmp", "handlersocket"] {
        let name = format!("gc_{schema}");
        let dsn = server.unix_dsn(&format!("?database=shop&create_table=1&schema={schema}&table={name}"));
        let mut one = store(&dsn);
        one.set_lifetime(HOUR);
        for number in 0..1000 {
            one.write(named(&format!("s{number}")), b"data", HOUR).unwrap();
        }
        server.sql(&format!("ANALYZE TABLE {name}"));
        let before = rows_looked_at(&server);
        assert_eq!(one.gc(HOUR).unwrap(), 0, "{schema}");
        let looked = rows_looked_at(&server) - before;
        assert!(looked < 100, "{schema}: gc of nothing looked at {looked} rows");
    }
    let _ = support::wait_until(Duration::ZERO, || true);
}

fn rows_looked_at(server: &MariadbServer) -> i64 {
    let rows = server.sql(
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_next', 'Handler_read_prev', 'Handler_read_rnd_next')",
    );
    // Looking at the counters reads the list of them.
    let of = |name: &str| rows.lines().find_map(|row| row.strip_prefix(name)).unwrap().trim().parse::<i64>().unwrap();
    of("Handler_read_next") + of("Handler_read_prev")
}
