//! The table: found, told, created.

use crate::{HOUR, MariadbServer, read, server, shared, sid, store, told};
use seshat::error::Kind;

fn dsn(server: &MariadbServer, rest: &str) -> String {
    server.unix_dsn(&format!("?database=shop&{rest}"))
}

#[test]
fn a_missing_table_is_told_with_what_creates_it_and_that_works() {
    let server = shared!();
    for (schema, name) in [("", "first"), ("&schema=symfony", "second"), ("&schema=laravel", "third")] {
        let place = dsn(&server, &format!("table={name}{schema}"));
        let error = store(&place).read(sid(), &mut Vec::new()).unwrap_err();
        told(&error, Kind::Config, &[&format!("no table \"{name}\""), "create_table=1"]);
        let text = error.to_string();
        assert_eq!(server.sql(&format!("SHOW TABLES LIKE '{name}'")), "");
        server.sql(&text[text.find("CREATE TABLE").unwrap()..]);
        let mut one = store(&place);
        one.write(sid(), b"\0\xff", HOUR).unwrap();
        assert_eq!(read(&mut *one).unwrap(), b"\0\xff");
        // Known by its columns from now on.
        assert_eq!(read(&mut *store(&dsn(&server, &format!("table={name}")))).unwrap(), b"\0\xff");
    }
}

/// Each write would add a row, and each read find any of them.
#[test]
fn an_id_that_is_no_key_is_told_and_any_unique_index_is_one() {
    let server = shared!();
    let columns =
        "id VARCHAR(64) NOT NULL, data LONGBLOB NOT NULL, expires_at INT NOT NULL, site INT NOT NULL DEFAULT 1";
    for (name, key) in [("keyless", ""), ("indexed", ", KEY (id)")] {
        server.sql(&format!("CREATE TABLE {name} ({columns}{key})"));
        let error = store(&dsn(&server, &format!("table={name}"))).write(sid(), b"a", HOUR).unwrap_err();
        told(&error, Kind::Config, &["column id", name, "PRIMARY KEY"]);
    }
    for (name, key) in [("keyed", ", PRIMARY KEY (site, id)"), ("unique_one", ", UNIQUE (id, site)")] {
        server.sql(&format!("CREATE TABLE {name} ({columns}{key})"));
        let mut one = store(&dsn(&server, &format!("table={name}")));
        one.write(sid(), b"a", HOUR).unwrap();
        one.write(sid(), b"b", HOUR).unwrap();
        assert_eq!(server.sql(&format!("SELECT data FROM {name}")), "b", "{name}");
    }
    server.sql("CREATE VIEW keyed_view AS SELECT * FROM keyed");
    let mut view = store(&dsn(&server, "table=keyed_view"));
    view.write(sid(), b"c", HOUR).unwrap();
    assert_eq!(read(&mut *view).unwrap(), b"c");
    assert_eq!(server.sql("SELECT data FROM keyed"), "c");
}

#[test]
fn many_workers_create_the_table_at_once() {
    let server = shared!();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let mut one = store(&dsn(&server, "table=race&create_table=1"));
            std::thread::spawn(move || one.write(sid(), b"a", HOUR).unwrap())
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(server.sql("SELECT COUNT(*) FROM race"), "1");
}

#[test]
fn who_may_not_create_it_is_told() {
    let server = server!();
    server.sql("CREATE USER 'small'@'%'; GRANT SELECT, INSERT ON shop.* TO 'small'@'%'");
    let place = |rest: &str| format!("mysql+unix://small@{}?database=shop&{rest}", server.socket().display());
    let error = store(&place("create_table=1")).read(sid(), &mut Vec::new()).unwrap_err();
    told(&error, Kind::Denied, &["CREATE command denied"]);
    store(&dsn(&server, "create_table=1")).write(sid(), b"a", HOUR).unwrap();
    let error = store(&place("")).destroy(sid()).unwrap_err();
    told(&error, Kind::Denied, &["DELETE command denied"]);
    let error = store(&format!("mysql+unix://small@{}?database=mysql", server.socket().display()));
    let mut error = error;
    told(&error.read(sid(), &mut Vec::new()).unwrap_err(), Kind::Denied, &["denied"]);
}

/// Rows that Symfony's handler wrote, and ours as it would read them.
#[test]
fn symfony_s_table_is_shared_with_symfony() {
    let server = shared!();
    server.sql(
        "CREATE TABLE symfony (sess_id VARBINARY(128) NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL, \
         sess_lifetime INTEGER UNSIGNED NOT NULL, sess_time INTEGER UNSIGNED NOT NULL, INDEX (sess_lifetime)) \
         COLLATE utf8mb4_bin, ENGINE = InnoDB",
    );
    server.sql(&format!(
        "INSERT INTO symfony VALUES ('{}', 'theirs', UNIX_TIMESTAMP() + 100, UNIX_TIMESTAMP())",
        crate::ID
    ));
    let mut one = store(&dsn(&server, "table=symfony"));
    assert_eq!(read(&mut *one).unwrap(), b"theirs");
    one.write(sid(), b"ours", HOUR).unwrap();
    let row = server.sql(
        "SELECT sess_data, sess_lifetime - UNIX_TIMESTAMP() > 3500, sess_time >= UNIX_TIMESTAMP() - 5 FROM symfony",
    );
    assert_eq!(row, "ours\t1\t1");
}

#[test]
fn text_times_in_every_kind_of_column() {
    let server = shared!();
    server.sql("CREATE TABLE stamps (id VARCHAR(64) PRIMARY KEY, modified DATETIME NOT NULL, data LONGBLOB)");
    server.sql(
        "CREATE TABLE phalcon (session_id VARCHAR(35) PRIMARY KEY, data text, created_at INT UNSIGNED, modified_at INT UNSIGNED)",
    );
    for name in ["stamps", "phalcon"] {
        let mut one = store(&dsn(&server, &format!("table={name}")));
        one.set_lifetime(HOUR);
        one.write(sid(), b"a", HOUR).unwrap();
        assert_eq!(read(&mut *one).unwrap(), b"a", "{name}");
        assert!(one.touch(sid(), HOUR).unwrap());
        one.set_lifetime(std::time::Duration::from_secs(1));
        assert!(crate::support::wait_until(crate::PATIENCE, || read(&mut *one).is_none()), "{name}");
    }
}

/// What others write there counts as from when it is, whatever zone the server has.
#[test]
fn timestamps_are_instants_in_every_zone() {
    for zone in ["-07:00", "+09:30"] {
        let server = server!(&format!("--default-time-zone={zone}"));
        server.sql(
            "CREATE TABLE moments (session_id VARCHAR(64) PRIMARY KEY, data LONGBLOB NOT NULL, \
             created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, modified_at TIMESTAMP NULL)",
        );
        server.sql(&format!(
            "INSERT INTO moments (session_id, data) VALUES ('{}', 'by the default'), ('gone', ''); \
             UPDATE moments SET created_at = NOW() - INTERVAL 2 HOUR WHERE session_id = 'gone'",
            crate::ID
        ));
        let mut one = store(&dsn(&server, "table=moments"));
        one.set_lifetime(HOUR);
        assert_eq!(read(&mut *one).as_deref(), Some(&b"by the default"[..]), "{zone}");
        one.write(sid(), b"ours", HOUR).unwrap();
        assert_eq!(
            server.sql(
                "SELECT COUNT(*) FROM moments WHERE modified_at > NOW() - INTERVAL 10 MINUTE AND modified_at <= NOW()"
            ),
            "1"
        );
        assert_eq!(one.gc(HOUR).unwrap(), 1, "{zone}");
        assert_eq!(read(&mut *one).unwrap(), b"ours");
    }
}
