//! Servers that die, hang, are full, read-only, or are none.

use crate::{HOUR, ID, PATIENCE, handler, hold, locking, read, server, shared, sid, store, support, table, told};
use seshat::error::Kind;
use seshat::session::handler::Caller;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

#[test]
fn a_server_that_was_started_again_is_found_at_once_and_has_everything() {
    let mut server = server!("--innodb-flush-log-at-trx-commit=1");
    let mut one = store(&server.tcp_dsn("/shop?create_table=1"));
    one.write(sid(), b"a", HOUR).unwrap();
    server.stop();
    told(&one.write(sid(), b"b", HOUR).unwrap_err(), Kind::Unavailable, &["127.0.0.1", "refused"]);
    server.restart();
    assert_eq!(read(&mut *one).unwrap(), b"a");
    one.write(sid(), b"c", HOUR).unwrap();
    assert_eq!(server.sql("SELECT data FROM sessions"), "c");
}

#[test]
fn a_session_that_is_open_while_the_server_starts_again_is_stored() {
    let mut server = server!("--innodb-flush-log-at-trx-commit=1");
    for (changed, lock) in [(false, true), (true, false), (true, true)] {
        let mut subject = handler(&server.unix_dsn("?database=shop&create_table=1"), locking(lock));
        subject.write(ID.as_bytes(), b"old", Caller::Direct, HOUR).unwrap();
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"old");
        server.restart();
        if changed {
            subject.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
        } else {
            subject.touch(ID.as_bytes(), b"old", Caller::Engine, HOUR).unwrap();
        }
        subject.close().unwrap();
        let expected = if changed { "new" } else { "old" };
        assert_eq!(server.sql("SELECT data FROM sessions"), expected, "changed {changed}, locked {lock}");
        drop(hold(&mut *table(&server, "sessions")));
    }
}

#[test]
fn a_server_that_hangs_is_given_up() {
    let server = server!();
    let mut one = store(&server.tcp_dsn("/shop?create_table=1&read_timeout=400ms&connect_timeout=400ms"));
    one.write(sid(), b"a", HOUR).unwrap();
    server.pause(true);
    let asked = Instant::now();
    told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Timeout, &["0.4 s", "read_timeout"]);
    // A new connection is not greeted.
    told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Timeout, &["0.4 s", "connect_timeout"]);
    assert!(asked.elapsed() < Duration::from_secs(10));
    server.pause(false);
    assert!(support::wait_until(PATIENCE, || one.read(sid(), &mut Vec::new()).is_ok()));
    assert_eq!(read(&mut *one).unwrap(), b"a");
}

#[test]
fn a_row_that_a_transaction_holds_is_told_and_not_lost() {
    let server = shared!();
    let dsn = server.unix_dsn("?database=shop&create_table=1&table=held&read_timeout=2s");
    let mut one = store(&dsn);
    one.write(sid(), b"old", HOUR).unwrap();
    let mut client = server
        .client()
        .arg("--unbuffered")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = client.stdin.take().unwrap();
    input.write_all(b"BEGIN; UPDATE held SET expires_at = expires_at + 1; SELECT 'ready';\n").unwrap();
    input.flush().unwrap();
    let mut seen = [0; 5];
    client.stdout.as_mut().unwrap().read_exact(&mut seen).unwrap();
    let lease = hold(&mut *one);
    told(
        &one.write_unlock(sid(), b"new", HOUR, lease).unwrap_err(),
        Kind::Storage,
        &["locked by a transaction", "read_timeout", "1205"],
    );
    assert_eq!(read(&mut *one).unwrap(), b"old", "over the same connection");
    // One that nobody waited for is told by the next that somebody waits for.
    let lease = hold(&mut *one);
    one.touch_unlock(sid(), b"old", HOUR * 2, Some(lease), false).unwrap();
    let lease = loop {
        if let seshat::session::lock::LockState::Held(lease) = crate::lock(&mut *one, PATIENCE) {
            break lease;
        }
    };
    assert!(one.touch_unlock(sid(), b"old", HOUR * 3, Some(lease), false).is_err());
    drop(input);
    client.wait().unwrap();
    one.write(sid(), b"new", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"new");
}

#[test]
fn a_read_only_server_is_told_and_nothing_is_lost() {
    let server = server!();
    let dsn = server.unix_dsn("?database=shop&create_table=1");
    let mut one = handler(&dsn, locking(true));
    one.write(ID.as_bytes(), b"old", Caller::Direct, HOUR).unwrap();
    server.sql("CREATE USER 'reader'@'%'; GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO 'reader'@'%'");
    server.sql("SET GLOBAL read_only = 1");
    let dsn = format!("mysql+unix://reader@{}?database=shop", server.socket().display());
    let mut one = handler(&dsn, locking(true));
    assert_eq!(one.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"old");
    told(&one.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap_err(), Kind::Denied, &["read-only"]);
    one.close().unwrap();
    server.sql("SET GLOBAL read_only = 0");
    one.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    one.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
    one.close().unwrap();
    assert_eq!(server.sql("SELECT data FROM sessions"), "new");
}

/// The space for tables is at its end. (A file system that is makes MariaDB 10.11 abort.)
/// A table that may not grow. One of InnoDB's that may not brings some versions of MariaDB down.
#[test]
fn a_full_table_is_told_and_nothing_is_lost() {
    let server = shared!();
    server.sql(
        "CREATE TABLE full (id VARBINARY(64) PRIMARY KEY, data LONGBLOB NOT NULL, expires_at INT NOT NULL) \
         ENGINE=MyISAM MAX_ROWS=2 AVG_ROW_LENGTH=1000",
    );
    let mut one = handler(&server.unix_dsn("?database=shop&table=full"), locking(true));
    let session = vec![b'x'; 20_000];
    let (count, error) = (0..100)
        .find_map(|number| {
            let id = format!("s{number}");
            one.write(id.as_bytes(), &session, Caller::Direct, HOUR).err().map(|error| (number, error))
        })
        .expect("it must be full at some time");
    told(&error, Kind::Full, &["full", "error"]);
    assert!(count > 0);
    for number in 0..count {
        assert!(one.read(format!("s{number}").as_bytes(), Caller::Direct, HOUR).unwrap() == session);
    }
}

#[test]
fn a_table_that_is_dropped_meanwhile_is_told_with_how_to_make_it() {
    let server = shared!();
    let mut one = store(&server.unix_dsn("?database=shop&create_table=1&table=dropped"));
    one.write(sid(), b"a", HOUR).unwrap();
    let mut two = handler(&server.unix_dsn("?database=shop&table=dropped"), locking(true));
    two.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    server.sql("DROP TABLE dropped");
    let error = two.write(ID.as_bytes(), b"b", Caller::Engine, HOUR).unwrap_err();
    told(&error, Kind::Config, &["no table \"dropped\"", "CREATE TABLE `dropped`", "create_table=1"]);
    two.close().unwrap();
    // Whoever may create it does.
    one.write(sid(), b"c", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"c");
}

#[test]
fn columns_that_change_under_a_connection() {
    let server = shared!();
    let mut one = table(&server, "altered");
    one.write(sid(), b"a", HOUR).unwrap();
    server.sql("ALTER TABLE altered ADD COLUMN seen INT NULL FIRST, MODIFY expires_at INT UNSIGNED NOT NULL");
    assert_eq!(read(&mut *one).unwrap(), b"a");
    one.write(sid(), b"b", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"b");
    server.sql("ALTER TABLE altered CHANGE data payload LONGBLOB");
    told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Config, &["no column", "CREATE TABLE"]);
}

/// A server that answers each connection with `words`.
fn impostor(words: &'static [u8]) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(10).flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut buffer = [0; 4096];
                let _ = stream.set_read_timeout(Some(PATIENCE));
                for _ in 0..50 {
                    if stream.write_all(words).is_err() || !matches!(stream.read(&mut buffer), Ok(1..)) {
                        break;
                    }
                }
            });
        }
    });
    port
}

#[test]
fn what_is_no_mysql_server_gets_no_password() {
    for words in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"-ERR unknown command\r\n",
        b"\x05\x00\x00\x00\x0a8.0\x00",
        b"\x01\x00\x00\x00\x09",
        b"\xff\xff\xff\x00\x0a",
    ] {
        let port = impostor(words);
        let dsn = format!("mysql://u:open%20sesame@127.0.0.1:{port}/shop?connect_timeout=500ms&read_timeout=500ms");
        let error = store(&dsn).read(sid(), &mut Vec::new()).unwrap_err();
        assert!(matches!(error.kind(), Kind::Unavailable | Kind::Timeout), "{error}");
        assert!(!error.to_string().contains("sesame"), "{error}");
    }
}

#[test]
fn as_many_connections_as_there_may_be() {
    let server = server!("--max-connections=10");
    let mut stores: Vec<_> = (0..12).map(|_| table(&server, "sessions")).collect();
    let outcomes: Vec<_> = stores.iter_mut().map(|store| store.read(sid(), &mut Vec::new())).collect();
    let error = outcomes.into_iter().find_map(Result::err).expect("one too many");
    told(&error, Kind::Unavailable, &["max_connections"]);
}
