//! Tables: the documented one, others, and those that cannot hold what they are given.

use crate::{DOCUMENTED, HOUR, ID, ROOMY, dsn, named, read, server, sid, store, store_at, table, table_of, told};
use seshat::error::Kind;
use seshat::session::clock::Clock;
use seshat::session::store::OpenRequest;
use std::time::Duration;

#[test]
fn the_documented_table_holds_what_its_adapter_would_have_written() {
    let server = server!();
    let table = table(&server, DOCUMENTED);
    let clock = Clock::manual(1_800_000_000);
    let mut one = store_at(&dsn(&server, &table, ""), &clock);
    one.write(sid(), "name|s:5:\"J\u{fc}rg\";".as_bytes(), HOUR).unwrap();
    let row = format!("{ID}\t2027-01-15 08:00:00\tname|s:5:\"J\u{fc}rg\";");
    assert_eq!(server.sql(&format!("SELECT * FROM {table}")), row);
    // And what others wrote is read, NULL included, until it has expired.
    server.sql(&format!("UPDATE {table} SET data = NULL, modified = '2027-01-15 07:30:00'"));
    assert_eq!(read(&mut *one).unwrap(), b"");
    clock.advance(Duration::from_secs(1801));
    assert_eq!(read(&mut *one), None);
    server.sql(&format!("UPDATE {table} SET modified = '0000-00-00 00:00:00'"));
    assert_eq!(read(&mut *one), None);
    one.write(sid(), b"again", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"again");
}

#[test]
fn an_expired_session_is_not_brought_back_by_a_request_that_finds_it_expired() {
    let server = server!();
    let table = table(&server, DOCUMENTED);
    let clock = Clock::manual(1_800_000_000);
    let mut one = store_at(&dsn(&server, &table, ""), &clock);
    one.write(sid(), b"secret", HOUR).unwrap();
    clock.advance(HOUR + Duration::from_secs(2));
    let open = OpenRequest { extend: Some(HOUR), ..OpenRequest::default() };
    let mut data = Vec::new();
    assert!(!one.open(sid(), &open, &mut data).unwrap().found && data.is_empty());
    assert!(!one.exists(sid()).unwrap(), "and it was not dated");
    one.touch_unlock(sid(), b"", HOUR, None, false).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"");
}

#[test]
fn a_zone_shifts_the_times_of_text() {
    let server = server!();
    let table = table(&server, DOCUMENTED);
    let clock = Clock::manual(1_800_000_000);
    let mut berlin = store_at(&dsn(&server, &table, "&timezone=%2B01:00"), &clock);
    berlin.write(sid(), b"x", HOUR).unwrap();
    assert_eq!(server.sql(&format!("SELECT modified FROM {table}")), "2027-01-15 09:00:00");
    clock.advance(HOUR);
    assert_eq!(read(&mut *berlin).unwrap(), b"x");
    clock.advance(Duration::from_secs(1));
    assert_eq!(read(&mut *berlin), None);
}

#[test]
fn a_column_of_seconds_is_recognised_by_a_row_or_by_the_first_write() {
    let server = server!();
    let columns = "id VARCHAR(64) PRIMARY KEY, modified INT UNSIGNED NOT NULL, data TEXT, KEY modified (modified)";
    for first in ["write", "open"] {
        let table = table(&server, columns);
        let clock = Clock::manual(1_800_000_000);
        let mut one = store_at(&dsn(&server, &table, ""), &clock);
        if first == "write" {
            one.write(sid(), b"data", HOUR).unwrap();
        } else {
            server.sql(&format!("INSERT INTO {table} VALUES ('{ID}', 1799999000, 'data')"));
            let open = OpenRequest { extend: Some(HOUR), ..OpenRequest::default() };
            assert!(one.open(sid(), &open, &mut Vec::new()).unwrap().found);
        }
        assert_eq!(server.sql(&format!("SELECT * FROM {table}")), format!("{ID}\t1800000000\tdata"), "{first}");
        clock.advance(Duration::from_secs(60));
        assert!(one.touch(sid(), HOUR).unwrap());
        assert_eq!(server.sql(&format!("SELECT modified FROM {table}")), "1800000060");
    }
    // In a schema whose times are seconds, a column of text is none.
    let table = table(&server, "id VARCHAR(64) PRIMARY KEY, expires_at DATETIME NOT NULL, data TEXT");
    server.sql(&format!("INSERT INTO {table} VALUES ('{ID}', '2031-01-01', 'data')"));
    let mut one = store(&dsn(&server, &table, "&schema=seshat"));
    told(&one.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Corrupt, &["seconds since 1970"]);
    told(&one.write(sid(), b"new", HOUR).unwrap_err(), Kind::Config, &["expires_at", "BIGINT"]);
    assert_eq!(server.sql(&format!("SELECT * FROM {table}")), format!("{ID}\t2031-01-01 00:00:00\tdata"));
}

/// What a column cannot hold is refused with the reason, and the session stays as it was.
#[test]
fn what_does_not_fit_is_told_and_nothing_is_lost() {
    let server = server!();
    let long: Vec<u8> = b"0123456789".repeat(7000);
    for (columns, data, kind, words) in [
        (DOCUMENTED, &long[..], Kind::TooLarge, "holds only 65535 of the session's 70000 bytes"),
        (DOCUMENTED, b"caf\xe9", Kind::Config, "not all bytes of the session are characters"),
        (DOCUMENTED, "\u{1f600}".as_bytes(), Kind::Config, "make it LONGBLOB"),
        (
            "id VARCHAR(64) PRIMARY KEY, modified DATETIME, data VARCHAR(4) CHARACTER SET latin1",
            b"12345",
            Kind::TooLarge,
            "holds only 4 of the session's 5 bytes",
        ),
        ("id VARCHAR(64) PRIMARY KEY, modified DATE, data TEXT", b"new", Kind::Config, "DATETIME or BIGINT"),
        ("id VARCHAR(64) PRIMARY KEY, modified YEAR, data TEXT", b"new", Kind::Config, "DATETIME or BIGINT"),
    ] {
        let table = table(&server, columns);
        let mut one = store(&dsn(&server, &table, ""));
        let error = one.write(sid(), data, HOUR).unwrap_err();
        told(&error, kind, &[words]);
        assert_eq!(server.sql(&format!("SELECT COUNT(*) FROM {table}")), "0", "{error}");
        server.sql(&format!("SET sql_mode = ''; INSERT INTO {table} VALUES ('{ID}', NOW() + INTERVAL 1 DAY, 'old')"));
        let before = server.sql(&format!("SELECT * FROM {table}"));
        let _ = one.read(sid(), &mut Vec::new());
        told(&one.write(sid(), data, HOUR).unwrap_err(), kind, &[words]);
        assert_eq!(server.sql(&format!("SELECT * FROM {table}")), before, "{error}");
        // What fits is stored afterwards as before.
        if !columns.contains("DATE,") && !columns.contains("YEAR") {
            one.write(sid(), b"good", HOUR).unwrap();
            assert_eq!(read(&mut *one).unwrap(), b"good");
        }
    }
}

#[test]
fn ids_that_the_column_does_not_tell_apart_do_not_mix() {
    let server = server!();
    let table = table(&server, DOCUMENTED);
    let mut one = store(&dsn(&server, &table, ""));
    let mut read = |id: &str| {
        let mut data = Vec::new();
        one.read(named(id), &mut data).unwrap().then_some(data)
    };
    assert_eq!(read("abc"), None);
    let mut other = store(&dsn(&server, &table, ""));
    other.write(named("abc"), b"theirs", HOUR).unwrap();
    assert_eq!(read("ABC"), None, "another session");
    let error = other.write(named("ABC"), b"mine", HOUR).unwrap_err();
    told(&error, Kind::Config, &["upper from lower case", "ascii_bin"]);
    assert_eq!(read("abc").unwrap(), b"theirs");
    let (long, start) = ("x".repeat(40), "x".repeat(32));
    told(&other.write(named(&long), b"mine", HOUR).unwrap_err(), Kind::Config, &["only 32 of the id's 40 characters"]);
    assert_eq!(read(&start), None, "the piece of it is not left behind");
    other.write(named(&start), b"theirs", HOUR).unwrap();
    told(&other.write(named(&long), b"mine", HOUR).unwrap_err(), Kind::Config, &["only 32 of the id's 40 characters"]);
    assert_eq!(read(&long), None);
    assert_eq!(read(&start).unwrap(), b"theirs");
}

#[test]
fn nothing_in_data_reaches_the_protocol() {
    let server = server!();
    let table = table(&server, ROOMY);
    let mut one = store(&dsn(&server, &table, ""));
    one.write(named("victim"), b"theirs", HOUR).unwrap();
    let attack = b"x\n0\t=\t1\tvictim\t1\t0\tD\n0\t+\t3\tforged\t2031-01-01 00:00:00\tevil\n\0\x01@\x01\t\tU?";
    one.write(sid(), attack, HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), attack);
    assert_eq!(server.sql(&format!("SELECT COUNT(*), SUM(id = 'victim') FROM {table}")), "2\t1");
    assert!(!one.exists(named("forged")).unwrap());
    // The time is the only other value: an id with such bytes is none, and names are identifiers.
    for bad in [&b"a\tb"[..], b"a\nb", b"a\0b", b"\x01"] {
        assert!(seshat::session::id::SessionId::parse(bad, seshat::error::Operation::Read).is_err());
    }
}

#[test]
fn the_tables_of_others() {
    let server = server!();
    for (schema, columns) in [
        ("seshat", "id VARCHAR(64) PRIMARY KEY, expires_at BIGINT NOT NULL, ref VARCHAR(64), data LONGBLOB"),
        (
            "dalmp",
            "sid VARCHAR(64) PRIMARY KEY, expiry INT UNSIGNED NOT NULL, data LONGTEXT NOT NULL, ref VARCHAR(255)",
        ),
        (
            "laravel",
            "id VARCHAR(255) PRIMARY KEY, user_id BIGINT UNSIGNED, ip_address VARCHAR(45), user_agent TEXT, \
             payload LONGTEXT NOT NULL, last_activity INT NOT NULL",
        ),
    ] {
        let table = table(&server, columns);
        let clock = Clock::manual(1_800_000_000);
        let mut one = store_at(&dsn(&server, &table, &format!("&schema={schema}")), &clock);
        for data in [&b"a|i:1;"[..], b"", b"a longer one"] {
            one.write(sid(), data, HOUR).unwrap();
            assert_eq!(read(&mut *one).unwrap(), data, "{schema}");
        }
        clock.advance(HOUR / 2);
        let open = OpenRequest { extend: Some(HOUR), ..OpenRequest::default() };
        assert!(one.open(sid(), &open, &mut Vec::new()).unwrap().found);
        clock.advance(HOUR - Duration::from_secs(1));
        assert_eq!(read(&mut *one).unwrap(), b"a longer one", "{schema}");
        clock.advance(HOUR / 10);
        assert_eq!(read(&mut *one), None, "{schema}");
        one.destroy(sid()).unwrap();
        assert_eq!(server.sql(&format!("SELECT COUNT(*) FROM {table}")), "0");
    }
    let table = table(&server, "k VARCHAR(64) PRIMARY KEY, v BLOB, t INT NOT NULL, KEY by_time (t)");
    let options = "&column_id=k&column_data=v&column_modified=t&gc_index=by_time&timestamps=int";
    let mut one = store(&dsn(&server, &table, options));
    one.write(sid(), b"\xff\0", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"\xff\0");
    assert_eq!(one.gc(HOUR).unwrap(), 0);
}

#[test]
fn a_table_that_is_missing_or_other_is_told_with_what_would_fit() {
    let server = server!();
    let told = |dsn: &str, words: &[&str]| {
        let error = store(dsn).read(sid(), &mut Vec::new()).unwrap_err();
        told(&error, Kind::Config, words);
    };
    told(&dsn(&server, "nothing", ""), &["no table nothing", "CREATE TABLE `nothing` (`id` VARCHAR(256)"]);
    let other = table(&server, "id VARCHAR(64) PRIMARY KEY, data TEXT");
    told(&dsn(&server, &other, ""), &["has not all of the columns id, modified and data", "column_modified"]);
    let other = table(&server, "id VARCHAR(64), modified DATETIME, data TEXT, KEY id (id)");
    told(&dsn(&server, &other, ""), &["no primary key"]);
    let other = format!("handlersocket://127.0.0.1:{}/nowhere?auth=sesame", server.handlersocket_write_port());
    told(&other, &["the database nowhere has no table php_session"]);
    // Created while the worker runs, it is found.
    let mut one = store(&dsn(&server, "created_later", ""));
    assert!(one.read(sid(), &mut Vec::new()).is_err());
    server.sql(&format!("CREATE TABLE created_later ({ROOMY})"));
    assert!(!one.read(sid(), &mut Vec::new()).unwrap());
}

#[test]
fn a_full_table_says_so_and_keeps_what_it_has() {
    let server = server!();
    let columns = "id VARCHAR(64) CHARACTER SET ascii PRIMARY KEY, modified DATETIME, data VARBINARY(2000)";
    let table = table_of(&server, columns, "ENGINE=MEMORY MAX_ROWS=4");
    let mut one = store(&dsn(&server, &table, ""));
    let data = vec![b'x'; 1500];
    one.write(sid(), &data, HOUR).unwrap();
    let mut outcomes = (0..10_000).map(|number| one.write(named(&format!("id-{number}")), &data, HOUR));
    told(&outcomes.find_map(Result::err).expect("it has an end"), Kind::Full, &["full"]);
    drop(outcomes);
    assert_eq!(read(&mut *one).unwrap(), data);
}
