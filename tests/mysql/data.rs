//! What is stored, whatever it is, and whatever the server makes of it.

use crate::support::wait_until;
use crate::{
    HOUR, ID, MariadbServer, PATIENCE, handler, hold, locking, named, read, server, shared, sid, store, table, told,
};
use seshat::backend::{self, Environment};
use seshat::error::Kind;
use seshat::options::dsn::Dsn;
use seshat::options::reader::Reader;
use seshat::session::clock::Clock;
use seshat::session::handler::Caller;
use seshat::session::store::OpenRequest;
use std::time::Duration;

fn random(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// Around every size at which something about the packets changes.
#[test]
fn sizes_around_those_of_packets_come_back() {
    let server = shared!();
    let mut one = table(&server, "sizes");
    let around = [250, 8 * 1024, 0xffff, 8 << 20, 0xff_ffff, 16 << 20].map(|size: usize| size - 3..=size + 3);
    for size in around.into_iter().flatten().step_by(3).chain([0, 1]) {
        let data = random(size);
        let lease = hold(&mut *one);
        one.write_unlock(sid(), &data, HOUR, lease).unwrap();
        assert!(read(&mut *one) == Some(data), "{size} bytes");
    }
}

#[test]
fn more_than_a_packet_is_refused_with_the_name_of_the_limit() {
    let server = server!("--max-allowed-packet=2M");
    let mut one = table(&server, "sessions");
    one.write(sid(), b"small", HOUR).unwrap();
    let lease = hold(&mut *one);
    let error = one.write_unlock(sid(), &random(3 << 20), HOUR, lease).unwrap_err();
    told(&error, Kind::TooLarge, &["3145728 bytes", "max_allowed_packet", "2097152"]);
    assert_eq!(read(&mut *one).unwrap(), b"small", "over the same connection");
    // The lock was given up with it.
    let lease = hold(&mut *table(&server, "sessions"));
    drop(lease);
}

#[test]
fn nothing_breaks_out_of_a_statement() {
    let server = shared!();
    let mut one = table(&server, "injected");
    let attacks: [&[u8]; 7] = [
        b"'; DROP TABLE injected; --",
        b"\\'; DROP TABLE injected; --",
        b"\" OR \"\" = \"",
        b"`; DROP TABLE injected; #",
        b"\0'); DELETE FROM injected; --",
        b"\xbf'; DROP TABLE injected; --",
        b"%27 UNION SELECT user, password FROM mysql.user -- ",
    ];
    for attack in attacks {
        let lease = hold(&mut *one);
        one.write_unlock(sid(), attack, HOUR, lease).unwrap();
        assert_eq!(read(&mut *one).as_deref(), Some(attack));
        assert_eq!(
            one.touch_unlock(sid(), attack, HOUR, None, false).unwrap(),
            seshat::session::store::Committed::Done
        );
        assert_eq!(read(&mut *one).as_deref(), Some(attack));
    }
    assert_eq!(server.sql("SELECT COUNT(*) FROM injected"), "1");
    // What is allowed in an id is of no use, and the rest does not come so far.
    let ids = ["a,b", "--", "-1,0", ",,,", "0x41", "1-1"];
    for id in ids {
        one.write(named(id), id.as_bytes(), HOUR).unwrap();
    }
    for id in ids {
        let mut data = Vec::new();
        assert!(one.read(named(id), &mut data).unwrap());
        assert_eq!(data, id.as_bytes());
    }
    assert_eq!(server.sql("SELECT COUNT(*) FROM injected"), "7");
    let mut handler = handler(&server.unix_dsn("?database=shop&table=injected"), locking(true));
    for id in ["' OR 1=1 --", "a' -- ", "a`", "a\0"] {
        let error = handler.read(id.as_bytes(), Caller::Engine, HOUR).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidId);
        handler.close().unwrap();
    }
}

#[test]
fn names_that_are_none_are_refused_and_odd_databases_are_reached() {
    let server = shared!();
    for (option, name) in [
        ("table", "a`; DROP TABLE sessions; --"),
        ("table", "a b"),
        ("table", "shop.sessions"),
        ("column_id", "id`, (SELECT 1)"),
        ("column_data", "data=data"),
        ("column_expiry", "x OR 1"),
    ] {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let dsn = server.unix_dsn(&format!("?database=shop&{option}={encoded}"));
        let error = seshat::backend::from_dsn(&dsn, &Default::default(), &locking(true)).err().expect(name);
        told(&error, Kind::Config, &[option, "identifier"]);
        assert!(!error.to_string().contains(name), "{error}");
    }
    server.sql("CREATE DATABASE `it's a \"shop\"; --`");
    let mut one = store(&server.unix_dsn("?database=it%27s%20a%20%22shop%22;%20--&create_table=1&table=order"));
    one.write(sid(), b"a", HOUR).unwrap();
    assert_eq!(server.sql("SELECT COUNT(*) FROM `it's a \"shop\"; --`.`order`"), "1");
}

/// One clear error each, and what was stored stays.
#[test]
fn columns_that_cannot_hold_it() {
    let server = shared!();
    let tables: [(&str, &str, &[u8], Kind, &str); 3] = [
        ("short", "VARBINARY(20)", &[b'x'; 21], Kind::TooLarge, "one for ids a VARCHAR(256)"),
        ("brief_text", "TINYTEXT CHARACTER SET latin1", &[b'x'; 256], Kind::TooLarge, "LONGBLOB"),
        ("utf8", "TEXT CHARACTER SET utf8mb4", b"a|s:1:\"\xff\";", Kind::Config, "character set"),
    ];
    for (name, kind, data, expected, word) in tables {
        server.sql(&format!(
            "CREATE TABLE {name} (id VARBINARY(64) PRIMARY KEY, data {kind} NOT NULL, expires_at INT NOT NULL)"
        ));
        let mut subject = handler(&server.unix_dsn(&format!("?database=shop&table={name}")), locking(true));
        subject.write(ID.as_bytes(), b"fits", Caller::Direct, HOUR).unwrap();
        subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        let error = subject.write(ID.as_bytes(), data, Caller::Engine, HOUR).unwrap_err();
        told(&error, expected, &[word]);
        subject.close().unwrap();
        assert_eq!(server.sql(&format!("SELECT data FROM {name}")), "fits");
        // And the lock is free.
        drop(hold(&mut *store(&server.unix_dsn(&format!("?database=shop&table={name}")))));
    }
}

/// A character set of single bytes takes all of them, and they come back as they are.
#[test]
fn columns_that_were_not_meant_for_it_and_can_hold_it() {
    let server = shared!();
    for (name, kind) in [("ascii", "TEXT CHARACTER SET ascii"), ("latin", "MEDIUMTEXT CHARACTER SET latin1")] {
        server.sql(&format!(
            "CREATE TABLE {name} (id VARCHAR(64) CHARACTER SET latin1 PRIMARY KEY, data {kind}, expires_at INT UNSIGNED)"
        ));
        let mut one = store(&server.unix_dsn(&format!("?database=shop&table={name}")));
        for data in [&b"\0\xff\xfe"[..], "a|s:2:\"ü\";".as_bytes(), &random(60_000)] {
            one.write(sid(), data, HOUR).unwrap();
            assert!(read(&mut *one).as_deref() == Some(data), "{name}");
        }
    }
}

/// What is not a multiple of two or four bytes would be filled up, whatever the server's mode.
#[test]
fn columns_of_wide_characters_are_refused() {
    let server = shared!();
    for set in ["ucs2", "utf16", "utf16le", "utf32"] {
        server.sql(&format!(
            "CREATE TABLE wide_{set} (id VARCHAR(64) CHARACTER SET {set} PRIMARY KEY, \
             data LONGTEXT CHARACTER SET {set} NOT NULL, expires_at INT NOT NULL)"
        ));
        let dsn = server.unix_dsn(&format!("?database=shop&table=wide_{set}"));
        let error = store(&dsn).write(sid(), b"odd", HOUR).unwrap_err();
        told(&error, Kind::Config, &["column data", "LONGBLOB"]);
        server.sql(&format!("ALTER TABLE wide_{set} MODIFY data LONGBLOB NOT NULL"));
        let mut one = store(&dsn);
        one.write(sid(), b"odd", HOUR).unwrap();
        assert_eq!(read(&mut *one).as_deref(), Some(&b"odd"[..]), "{set}");
    }
}

#[test]
fn an_id_that_is_too_long_for_its_column_is_not_cut() {
    let server = shared!();
    server.sql("CREATE TABLE brief (nr VARBINARY(32) PRIMARY KEY, data LONGBLOB NOT NULL, expires_at INT NOT NULL)");
    let long = "x".repeat(33);
    let words = ["the session id has 33 characters", "column \"nr\" holds 32", "VARCHAR(256)"];
    for lock in [true, false] {
        // The first write of a connection, by user code and by PHP, and one over a connection that knows the table.
        let new = || handler(&server.unix_dsn("?database=shop&table=brief&column_id=nr"), locking(lock));
        let mut subject = new();
        let error = subject.write(long.as_bytes(), b"cut", Caller::Direct, HOUR).unwrap_err();
        told(&error, Kind::InvalidId, &words);
        subject.write(&long.as_bytes()[..32], b"whole", Caller::Direct, HOUR).unwrap();
        let error = subject.write(long.as_bytes(), b"cut", Caller::Direct, HOUR).unwrap_err();
        told(&error, Kind::InvalidId, &words);
        told(&subject.read(long.as_bytes(), Caller::Direct, HOUR).unwrap_err(), Kind::InvalidId, &words);
        let mut subject = new();
        assert_eq!(subject.read(long.as_bytes(), Caller::Engine, HOUR).unwrap(), b"");
        let error = subject.write(long.as_bytes(), b"cut", Caller::Engine, HOUR).unwrap_err();
        told(&error, Kind::InvalidId, &words);
        // The lock was given up.
        assert_eq!(new().read(long.as_bytes(), Caller::Engine, HOUR).unwrap(), b"");
        subject.close().unwrap();
        assert_eq!(server.sql("SELECT data FROM brief"), "whole");
        assert!(!new().validate(long.as_bytes(), Caller::Engine, HOUR).unwrap());
    }
}

/// What the server is set to must not show.
#[test]
fn servers_that_are_set_up_otherwise() {
    let options: [&[&str]; 3] = [
        &["--sql-mode=", "--autocommit=0", "--character-set-server=latin1", "--skip-character-set-client-handshake"],
        &["--sql-mode=ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH", "--lower-case-table-names=1"],
        &["--transaction-isolation=SERIALIZABLE", "--init-connect=SET autocommit = 0, time_zone = '+05:00'"],
    ];
    for options in options {
        let server = match MariadbServer::start(options) {
            Ok(server) => server,
            Err(reason) => return crate::support::skip(module_path!(), &reason),
        };
        let data = random(1000);
        let (mut one, mut two) = (table(&server, "Sessions"), table(&server, "Sessions"));
        let lease = hold(&mut *one);
        one.write_unlock(sid(), &data, HOUR, lease).unwrap();
        assert!(read(&mut *two).as_deref() == Some(&data[..]), "{options:?}");
        one.touch_unlock(sid(), &data, HOUR * 2, None, false).unwrap();
        one.write(named("other"), b"a", HOUR).unwrap();
        assert_eq!(server.sql("SELECT COUNT(*) FROM Sessions"), "2", "{options:?}");
        one.destroy(sid()).unwrap();
        assert_eq!(read(&mut *two), None, "{options:?}");
    }
}

/// Whether or not it changed, with a column for references or without, with the lock or without.
#[test]
fn a_session_that_vanishes_in_mid_request_is_stored_again() {
    let server = shared!();
    server.sql("CREATE TABLE bare (id VARBINARY(64) PRIMARY KEY, data LONGBLOB NOT NULL, expires_at INT NOT NULL)");
    for table in ["bare", "vanishing"] {
        let dsn = server.unix_dsn(&format!("?database=shop&create_table=1&table={table}"));
        for (lock, changed) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut subject = handler(&dsn, locking(lock));
            subject.write(ID.as_bytes(), b"old", Caller::Direct, HOUR).unwrap();
            assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"old");
            server.sql(&format!("DELETE FROM {table}"));
            if changed {
                subject.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
            } else {
                subject.touch(ID.as_bytes(), b"old", Caller::Engine, HOUR).unwrap();
            }
            subject.close().unwrap();
            let expected = if changed { "new" } else { "old" };
            let stored = || server.sql(&format!("SELECT data FROM {table}")) == expected;
            assert!(wait_until(PATIENCE, stored), "{table}, locked {lock}, changed {changed}");
        }
    }
}

/// One that expires in the request's hands too. What a stranger left behind is not kept.
#[test]
fn a_write_that_says_no_reference_keeps_the_one_that_is_there() {
    let server = shared!();
    let dsn = server.unix_dsn("?database=shop&create_table=1&table=owned");
    for lock in [true, false] {
        for expires in [false, true] {
            let mut subject = handler(&dsn, locking(lock));
            subject.write(ID.as_bytes(), b"old", Caller::Direct, HOUR).unwrap();
            server.sql("UPDATE owned SET ref = 'ann'");
            assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"old");
            if expires {
                server.sql("UPDATE owned SET expires_at = 1");
            }
            subject.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
            subject.close().unwrap();
            assert_eq!(server.sql("SELECT data, ref FROM owned"), "new\tann", "locked {lock}, expires {expires}");
        }
        server.sql("UPDATE owned SET expires_at = 1");
        let mut subject = handler(&dsn, locking(lock));
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"");
        subject.write(ID.as_bytes(), b"new", Caller::Engine, HOUR).unwrap();
        subject.close().unwrap();
        assert_eq!(server.sql("SELECT data, ref FROM owned"), "new\tNULL", "locked {lock}");
    }
}

/// What is known of the session that is open says nothing of another one.
#[test]
fn another_session_that_expired_does_not_come_back() {
    let server = shared!();
    let mut one = table(&server, "known");
    one.write(sid(), b"x", HOUR).unwrap();
    one.write(named("over"), b"old", Duration::from_secs(1)).unwrap();
    assert!(wait_until(PATIENCE, || !one.exists(named("over")).unwrap()));
    assert!(one.open(sid(), &OpenRequest::default(), &mut Vec::new()).unwrap().found);
    one.touch_unlock(named("over"), b"new", HOUR, None, false).unwrap();
    let mut data = Vec::new();
    assert!(one.read(named("over"), &mut data).unwrap());
    assert_eq!(data, b"new");
}

#[test]
fn a_session_ends_with_the_second_that_its_row_says() {
    let server = shared!();
    let clock = Clock::manual(1_800_000_000);
    let mut dsn = Dsn::parse(&server.unix_dsn("?database=shop&create_table=1&table=second")).unwrap();
    let mut reader = Reader::new(std::mem::take(&mut dsn.options));
    let environment = Environment { clock: clock.clone(), ..Environment::default() };
    let mut one = (backend::find(&dsn.scheme).unwrap().configure)(dsn, &mut reader, &environment).unwrap();
    one.write(sid(), b"x", Duration::from_secs(10)).unwrap();
    clock.advance(Duration::from_secs(9));
    assert_eq!(read(&mut *one).unwrap(), b"x");
    clock.advance(Duration::from_secs(1));
    assert_eq!(read(&mut *one), None);
    assert!(!one.exists(sid()).unwrap() && !one.touch(sid(), HOUR).unwrap());
}
