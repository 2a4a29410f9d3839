//! The SQLite store on the tables of other libraries, and on tables that are large.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod local;

use local::{TTL, id, open_strict, read, try_store};
use rusqlite::{Connection, params};
use seshat::error::{Kind, Operation};
use seshat::session::clock::Clock;
use seshat::session::id::SessionId;
use seshat::session::reference::{Assignment, Reference, Terms};
use seshat::session::store::{OpenRequest, Store};
use std::path::PathBuf;
use std::time::Duration;

const NOW: i64 = 1_800_000_000;

struct Database {
    folder: tempfile::TempDir,
    clock: Clock,
}

impl Database {
    /// With tables that somebody else made.
    fn with(sql: &str) -> Self {
        let database = Self { folder: tempfile::tempdir().unwrap(), clock: Clock::manual(u64::try_from(NOW).unwrap()) };
        // As whoever made it left it: with a journal, and not in WAL mode.
        Connection::open(database.file()).unwrap().execute_batch(sql).unwrap();
        database
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("app.db")
    }

    fn try_store(&self, query: &str) -> seshat::error::Result<Box<dyn Store>> {
        let mut store = try_store(&format!("sqlite://{}?{query}", self.file().display()), &self.clock)?;
        store.set_lifetime(TTL);
        Ok(store)
    }

    fn store(&self, query: &str) -> Box<dyn Store> {
        self.try_store(query).unwrap()
    }

    /// Asks or changes the database, over a connection of its own. It is never closed: that would take
    /// the locks back that a store in this process has on the file.
    fn other<T>(&self, action: impl FnOnce(&Connection) -> T) -> T {
        let connection = Connection::open(self.file()).unwrap();
        let answer = action(&connection);
        std::mem::forget(connection);
        answer
    }

    fn text(&self, question: &str) -> String {
        self.other(|file| file.query_row(question, [], |row| row.get::<_, String>(0)).unwrap())
    }

    /// What the store would say to the first call.
    fn refusal(&self, query: &str) -> String {
        let error = self.store(query).exists(id("a")).unwrap_err();
        assert_eq!(error.kind(), Kind::Config, "{error}");
        error.to_string()
    }
}

/// A table as its library creates it, and that library's own statements.
struct Library {
    schema: &'static str,
    create: &'static str,
    /// A new session `theirs` with the data `d`, stored at 08:00.
    insert: &'static str,
    /// The number of sessions `?1` that are alive at `?2`, with a lifetime of 1440 s.
    alive: &'static str,
    /// What it removes at `?1`.
    gc: &'static str,
}

const LIBRARIES: [Library; 6] = [
    Library {
        schema: "phalcon",
        create: "CREATE TABLE session_data (session_id VARCHAR(35) NOT NULL PRIMARY KEY, data TEXT NOT NULL, \
                 created_at INT UNSIGNED NOT NULL, modified_at INT UNSIGNED NULL)",
        insert: "INSERT INTO session_data VALUES ('theirs', 'd', 1800000000, NULL)",
        alive: "SELECT count(*) FROM session_data WHERE session_id = ?1 AND COALESCE(modified_at, created_at) + 1440 >= ?2",
        gc: "DELETE FROM session_data WHERE COALESCE(modified_at, created_at) + 1440 < ?1",
    },
    Library {
        schema: "phalcon",
        create: "CREATE TABLE session_data (session_id VARCHAR(35) NOT NULL PRIMARY KEY, data TEXT NOT NULL, \
                 created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, modified_at TIMESTAMP NULL)",
        insert: "INSERT INTO session_data VALUES ('theirs', 'd', '2027-01-15 08:00:00', NULL)",
        alive: "SELECT count(*) FROM session_data WHERE session_id = ?1 AND COALESCE(modified_at, created_at) >= \
                datetime(?2 - 1440, 'unixepoch')",
        gc: "DELETE FROM session_data WHERE COALESCE(modified_at, created_at) < datetime(?1 - 1440, 'unixepoch')",
    },
    Library {
        schema: "dalmp",
        create: "CREATE TABLE dalmp_sessions (sid VARCHAR NOT NULL, expiry INTEGER NOT NULL, data TEXT, ref TEXT, \
                 PRIMARY KEY(sid)); CREATE INDEX dalmp_index ON dalmp_sessions (sid DESC, expiry DESC, ref DESC)",
        insert: "INSERT INTO dalmp_sessions VALUES ('theirs', 1800001440, 'd', 'ann')",
        alive: "SELECT count(*) FROM dalmp_sessions WHERE sid = ?1 AND expiry >= ?2",
        gc: "DELETE FROM dalmp_sessions WHERE expiry < ?1",
    },
    Library {
        schema: "handlersocket",
        create: "CREATE TABLE php_session (id VARCHAR(32) NOT NULL DEFAULT '', modified DATETIME NOT NULL DEFAULT \
                 '0000-00-00 00:00:00', data TEXT, PRIMARY KEY (id)); CREATE INDEX modified ON php_session (modified)",
        insert: "INSERT INTO php_session VALUES ('theirs', '2027-01-15 08:00:00', 'd')",
        alive: "SELECT count(*) FROM php_session WHERE id = ?1 AND modified >= datetime(?2 - 1440, 'unixepoch')",
        gc: "DELETE FROM php_session WHERE modified < datetime(?1 - 1440, 'unixepoch')",
    },
    Library {
        schema: "symfony",
        create: "CREATE TABLE sessions (sess_id TEXT NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL, \
                 sess_lifetime INTEGER NOT NULL, sess_time INTEGER NOT NULL); \
                 CREATE INDEX sess_lifetime_idx ON sessions (sess_lifetime)",
        insert: "INSERT INTO sessions VALUES ('theirs', 'd', 1800001440, 1800000000)",
        alive: "SELECT count(*) FROM sessions WHERE sess_id = ?1 AND sess_lifetime >= ?2",
        gc: "DELETE FROM sessions WHERE sess_lifetime < ?1",
    },
    Library {
        schema: "laravel",
        create: "CREATE TABLE sessions (id VARCHAR NOT NULL PRIMARY KEY, user_id INTEGER, ip_address VARCHAR, \
                 user_agent TEXT, payload TEXT NOT NULL, last_activity INTEGER NOT NULL); \
                 CREATE INDEX sessions_user_id_index ON sessions (user_id); \
                 CREATE INDEX sessions_last_activity_index ON sessions (last_activity)",
        insert: "INSERT INTO sessions VALUES ('theirs', 7, '::1', 'browser', 'ZA==', 1800000000)",
        alive: "SELECT count(*) FROM sessions WHERE id = ?1 AND last_activity + 1440 >= ?2",
        gc: "DELETE FROM sessions WHERE last_activity <= ?1 - 1440",
    },
];

#[test]
fn sessions_of_other_libraries_are_read_and_ours_are_read_by_them() {
    for library in LIBRARIES {
        for query in ["", &format!("schema={}", library.schema)] {
            let database = Database::with(&format!("{}; {}", library.create, library.insert));
            let table = match library.schema {
                "phalcon" => "table=session_data",
                "dalmp" => "table=dalmp_sessions",
                "handlersocket" => "table=php_session",
                _ => "",
            };
            let query = if query.is_empty() { table } else { query };
            let mut store = database.store(&format!("{query}&timezone=UTC"));
            assert_eq!(read(&mut *store, "theirs").unwrap(), b"d", "{}", library.schema);
            store.write(id("ours"), b"a\0\xff", TTL).unwrap();
            assert_eq!(read(&mut *store, "ours").unwrap(), b"a\0\xff");
            let alive = |name: &str, at: i64| {
                database.other(|file| {
                    file.query_row(library.alive, params![name, at], |row| row.get::<_, i64>(0)).unwrap() == 1
                })
            };
            assert!(alive("ours", NOW) && alive("ours", NOW + 1440), "{}", library.schema);
            assert!(!alive("ours", NOW + 1440 + 120), "{}", library.schema);

            // Both are used, and live on for us and for them.
            database.clock.advance(Duration::from_secs(1000));
            for name in ["theirs", "ours"] {
                store.touch_unlock(id(name), b"d", TTL, None, false).unwrap();
                assert!(alive(name, NOW + 2440), "{} {name}", library.schema);
            }
            database.other(|file| file.execute(library.gc, [NOW + 2400]).unwrap());
            database.clock.advance(Duration::from_secs(1400));
            assert!(read(&mut *store, "theirs").is_some() && read(&mut *store, "ours").is_some());
            assert_eq!(store.gc(TTL).unwrap(), 0);

            // And end for both.
            database.clock.advance(Duration::from_secs(120));
            assert!(read(&mut *store, "theirs").is_none() && !alive("theirs", NOW + 2520), "{}", library.schema);
            assert_eq!(store.gc(TTL).unwrap(), 2, "{}", library.schema);
        }
    }
}

#[test]
fn columns_that_are_not_ours_keep_their_values() {
    let [.., laravel] = LIBRARIES;
    let database = Database::with(&format!("{}; {}", laravel.create, laravel.insert));
    let mut store = database.store("");
    store.write(id("theirs"), b"logged in", TTL).unwrap();
    open_strict(&mut *store, "theirs");
    store.write(id("theirs"), b"logged in again", TTL).unwrap();
    let row = "SELECT user_id || ip_address || user_agent || ' ' || payload FROM sessions WHERE id = 'theirs'";
    assert_eq!(database.text(row), "7::1browser bG9nZ2VkIGluIGFnYWlu");
    database.other(|file| file.execute("UPDATE sessions SET payload = 'no base64!'", []).unwrap());
    assert_eq!(store.read(id("theirs"), &mut Vec::new()).unwrap_err().kind(), Kind::Corrupt);
}

#[test]
fn a_lifetime_of_symfonys_older_releases_is_understood() {
    let [.., symfony, _] = LIBRARIES;
    let database = Database::with(symfony.create);
    database.other(|file| {
        file.execute_batch(
            "INSERT INTO sessions VALUES ('young', 'y', 1440, 1799999000); \
             INSERT INTO sessions VALUES ('old', 'o', 1440, 1799990000)",
        )
        .unwrap();
    });
    let mut store = database.store("");
    assert!(read(&mut *store, "young").is_some() && read(&mut *store, "old").is_none());
    assert_eq!(store.gc(TTL).unwrap(), 1);
    assert!(store.exists(id("young")).unwrap());
}

#[test]
fn text_in_an_unknown_zone_is_not_collected_before_that_makes_no_difference() {
    let [_, phalcon, ..] = LIBRARIES;
    let database = Database::with(phalcon.create);
    // In Los Angeles it is midnight: a session of this second.
    database.other(|file| {
        file.execute_batch("INSERT INTO session_data VALUES ('west', 'd', '2027-01-15 00:00:00', NULL)").unwrap();
    });
    let mut store = database.store("schema=phalcon");
    assert_eq!(store.gc(TTL).unwrap(), 0);
    assert!(!store.exists(id("west")).unwrap());
    let mut there = database.store("schema=phalcon&timezone=-08:00");
    assert!(there.exists(id("west")).unwrap());
    there.write(id("west"), b"d", TTL).unwrap();
    assert_eq!(database.text("SELECT modified_at FROM session_data"), "2027-01-15 00:00:00");
    database.clock.advance(Duration::from_secs(28 * 3600));
    assert_eq!(store.gc(TTL).unwrap(), 1);
}

#[test]
fn a_number_where_text_is_meant_is_not_taken_for_an_early_time() {
    let database = Database::with(LIBRARIES[3].create);
    let mut store = database.store("schema=handlersocket&timezone=UTC");
    database.other(|file| {
        file.execute_batch("INSERT INTO php_session VALUES ('number', 1800000000, 'd'), ('text', '2020-01-01', 'd')")
            .unwrap();
    });
    assert!(store.exists(id("number")).unwrap());
    assert_eq!(store.gc(TTL).unwrap(), 1);
    assert!(store.exists(id("number")).unwrap());
}

#[test]
fn a_table_that_is_exchanged_for_another_librarys_is_looked_at_again() {
    let database = Database::with(LIBRARIES[4].create);
    let mut store = database.store("");
    store.write(id("a"), b"x", TTL).unwrap();
    database.other(|file| {
        file.execute_batch(&format!("DROP TABLE sessions; {}; {}", LIBRARIES[5].create, LIBRARIES[5].insert)).unwrap();
    });
    assert_eq!(read(&mut *store, "theirs").unwrap(), b"d");
    database.other(|file| file.execute_batch("DROP TABLE sessions; CREATE TABLE sessions (sess_id, x)").unwrap());
    let error = store.read(id("theirs"), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("has no column sess_data"), "{error}");
}

#[test]
fn a_table_is_created_where_that_was_said_and_in_an_empty_database() {
    let database = Database::with("CREATE TABLE users (id INTEGER)");
    for query in ["", "create_table=0", "schema=symfony"] {
        let refusal = database.refusal(query);
        let create = refusal.split_once("create it: ").expect("with the statements").1;
        assert!(refusal.contains("there is no table \"sessions\""), "{refusal}");
        Connection::open_in_memory().unwrap().execute_batch(create).expect("that can be run");
    }
    let mut store = database.store("create_table=1&schema=symfony");
    store.write(id("a"), b"x", TTL).unwrap();
    assert_eq!(read(&mut *database.store(""), "a").unwrap(), b"x", "it is known by its columns from then on");

    let empty = Database::with("");
    assert!(empty.refusal("create_table=0").contains("create_table=1"));
    empty.store("schema=phalcon").write(id("a"), b"x", TTL).unwrap();
    assert_eq!(empty.text("SELECT group_concat(name) FROM sqlite_schema WHERE type = 'table'"), "session_data");
}

#[test]
fn tables_that_do_not_fit_are_told_apart() {
    let database = Database::with(
        "CREATE TABLE both (id TEXT PRIMARY KEY, data BLOB, modified DATETIME, payload TEXT, last_activity INTEGER); \
         CREATE TABLE numbers (id INTEGER PRIMARY KEY, data BLOB, expires_at INTEGER); \
         CREATE TABLE dates (id TEXT PRIMARY KEY, data BLOB, expires_at DATETIME); \
         CREATE TABLE near (sess_id TEXT PRIMARY KEY, sess_data BLOB, sess_lifetme INTEGER, sess_time INTEGER); \
         CREATE VIEW seen AS SELECT 'a' AS id, 'b' AS data, 5 AS expires_at; \
         CREATE TABLE bare (id TEXT PRIMARY KEY, data BLOB, expires_at INTEGER) WITHOUT ROWID",
    );
    for (query, part) in [
        ("table=both", "say which it is with schema=handlersocket or schema=laravel"),
        ("table=both&schema=symfony", "has no column sess_id"),
        ("table=numbers", "the column id of the table \"numbers\" is INTEGER, and session ids are text"),
        ("table=dates", "expires_at of the table \"dates\" is DATETIME, and the times of this schema are seconds"),
        ("table=near", "if sess_lifetme is meant, say column_expiry=sess_lifetme"),
        ("table=seen", "does not fit"),
        ("table=bare", "does not fit"),
        ("table=bare&column_ref=expires_at", "references are text"),
    ] {
        let refusal = database.refusal(query);
        assert!(refusal.contains(part), "{query}: {refusal}");
    }
    for fits in
        ["table=both&schema=laravel", "table=both&schema=handlersocket", "table=near&column_expiry=sess_lifetme"]
    {
        let mut store = database.store(fits);
        store.write(id("a"), b"x", TTL).unwrap_or_else(|error| panic!("{fits}: {error}"));
        assert_eq!(read(&mut *store, "a").unwrap(), b"x");
        database.other(|file| file.execute_batch("DELETE FROM both").unwrap());
    }
}

#[test]
fn nothing_that_comes_from_outside_becomes_sql() {
    const ATTACKS: [&str; 7] = [
        "x'; DROP TABLE sessions; --",
        "x\"; DROP TABLE sessions; --",
        "x' OR '1'='1",
        "x`",
        "sessions WHERE 1=1 --",
        "x\0y",
        "\u{2019}",
    ];
    let database = Database::with("");
    let mut store = database.store("");
    store.keep_references();
    store.write(id("victim"), b"safe", TTL).unwrap();
    for attack in ATTACKS {
        let encoded: String = attack.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for option in
            ["table", "column_id", "column_data", "column_expiry", "column_modified", "column_created", "column_ref"]
        {
            let error = database.try_store(&format!("{option}={encoded}")).map(drop).unwrap_err().to_string();
            assert!(error.contains(&format!("option \"{option}\" must be an identifier")), "{error}");
        }
        for option in ["schema", "timestamps", "timezone"] {
            assert!(database.try_store(&format!("{option}={encoded}")).is_err());
        }
        // An id is checked before any store sees it. Data and references are any bytes.
        assert!(SessionId::parse(attack.as_bytes(), Operation::Read).is_err());
        let whose = Reference::parse(attack.as_bytes(), Operation::Write).unwrap();
        store.set_terms(&Terms { reference: Assignment::Set(&whose), existing: false });
        store.write(id("attacker"), attack.as_bytes(), TTL).unwrap();
        assert_eq!(read(&mut *store, "attacker").unwrap(), attack.as_bytes());
        let references = store.references().unwrap();
        assert_eq!(references.count_of(&whose).unwrap(), 1);
        assert_eq!(references.all(None, 10).unwrap().items, [whose]);
        assert_eq!(read(&mut *store, "victim").unwrap(), b"safe");
        assert_eq!(database.text("SELECT count(*) || '' FROM sessions"), "2");
    }
}

#[test]
fn a_table_without_references_gets_them_with_the_first_one() {
    let columns = "SELECT group_concat(name) FROM pragma_table_info('sessions')";
    let ann = Reference::parse(b"ann", Operation::Write).unwrap();
    let refer = |store: &mut dyn Store, name: &str| {
        store.keep_references();
        store.set_terms(&Terms { reference: Assignment::Set(&ann), existing: false });
        store.write(id(name), b"x", TTL)
    };
    // As earlier releases made it.
    let database = Database::with(
        "CREATE TABLE sessions (id TEXT PRIMARY KEY NOT NULL, expires_at INTEGER NOT NULL, data BLOB NOT NULL); \
         CREATE INDEX sessions_expires_at ON sessions (expires_at); \
         INSERT INTO sessions VALUES ('before', 1800000100, 'kept')",
    );
    let (mut store, mut other) = (database.store(""), database.store(""));
    assert_eq!(read(&mut *store, "before").unwrap(), b"kept");
    assert_eq!(other.references().unwrap().count_of(&ann).unwrap(), 0);
    assert_eq!(database.text(columns), "id,expires_at,data", "nobody needed it yet");
    refer(&mut *store, "a").unwrap();
    assert_eq!(other.references().unwrap().count_of(&ann).unwrap(), 1, "a handle from before sees it");
    refer(&mut *other, "b").unwrap();
    assert_eq!(store.references().unwrap().count_of(&ann).unwrap(), 2);
    assert_eq!(read(&mut *other, "before").unwrap(), b"kept");
    assert_eq!(database.text(columns), "id,expires_at,data,ref");
    let plan = database.text_of_plan("SELECT id, expires_at FROM sessions WHERE ref = 'ann' AND id > '' ORDER BY id");
    assert_eq!(plan, "SEARCH sessions USING INDEX sessions_ref (ref=? AND id>?)");

    // Another library's is not changed unasked, and that is told before a session begins.
    let database = Database::with(LIBRARIES[4].create);
    for opened in [false, true] {
        let mut store = database.store("");
        if opened {
            assert!(!store.exists(id("a")).unwrap());
        }
        store.keep_references();
        for _ in 0..2 {
            let error = store.open(id("a"), &OpenRequest::default(), &mut Vec::new()).unwrap_err().to_string();
            assert!(error.contains("name one with column_ref"), "{error}");
            assert!(error.contains("ALTER TABLE \"sessions\" ADD COLUMN \"seshat_ref\" TEXT; CREATE INDEX"), "{error}");
        }
    }
    refer(&mut *database.store("create_table=1"), "a").unwrap();
    assert_eq!(database.store("").references().unwrap().count_of(&ann).unwrap(), 1);
}

impl Database {
    fn text_of_plan(&self, sql: &str) -> String {
        self.other(|file| {
            let mut statement = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let lines = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
            lines.map(Result::unwrap).collect::<Vec<_>>().join("; ")
        })
    }
}

/// So many sessions, half of them expired.
fn large(schema: &str, count: u64) -> Database {
    let database = Database::with("");
    let query = format!("schema={schema}&synchronous=off");
    database.store(&query).exists(id("a")).unwrap();
    let insert = match schema {
        "seshat" => "sessions SELECT hex(randomblob(16)), 1800000000 + (i % 2) * 900 - 400, NULL, 'x' FROM n",
        _ => {
            "session_data SELECT hex(randomblob(16)), 'x', 1799990000, \
             CASE i % 4 WHEN 0 THEN NULL WHEN 2 THEN 1799990000 ELSE 1800000000 END FROM n"
        }
    };
    let rows = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    database.other(|file| file.execute_batch(&format!("{rows} INSERT INTO {insert}")).unwrap());
    database
}

#[test]
fn work_does_not_grow_with_the_number_of_sessions() {
    for (schema, table, count) in [("seshat", "sessions", 100_000), ("phalcon", "session_data", 20_000)] {
        let database = large(schema, count);
        let plan = |sql: &str| database.text_of_plan(sql);
        let by_id = format!("SEARCH {table} USING INDEX sqlite_autoindex_{table}_1");
        let statements: &[&str] = match schema {
            "seshat" => &[
                "SELECT expires_at, data FROM sessions WHERE id = 'a'",
                "UPDATE sessions SET data = 'x' WHERE id = 'a' AND expires_at = 5",
                "UPDATE sessions SET expires_at = 5 WHERE id = 'a'",
                "DELETE FROM sessions WHERE id = 'a'",
            ],
            _ => &[
                "SELECT COALESCE(modified_at, created_at), data FROM session_data WHERE session_id = 'a'",
                "UPDATE session_data SET data = 'x' WHERE session_id = 'a' AND COALESCE(modified_at, created_at) = 5",
                "DELETE FROM session_data WHERE session_id = 'a'",
            ],
        };
        for statement in statements {
            assert!(plan(statement).starts_with(&by_id), "{statement}: {}", plan(statement));
        }
        let searches: &[(&str, &str)] = match schema {
            "seshat" => &[("expires_at <= 5", "USING COVERING INDEX sessions_expires_at (expires_at<?)")],
            _ => &[
                ("modified_at <= 5", "USING COVERING INDEX session_data_modified_at (modified_at<?)"),
                (
                    "modified_at IS NULL AND created_at <= 5",
                    "USING COVERING INDEX session_data_modified_at (modified_at=? AND created_at<?)",
                ),
            ],
        };
        for (condition, index) in searches {
            let find = plan(&format!("SELECT rowid FROM {table} WHERE {condition} LIMIT 500"));
            assert_eq!(find, format!("SEARCH {table} {index}"));
            let remove = plan(&format!(
                "DELETE FROM {table} NOT INDEXED WHERE rowid IN (SELECT value FROM json_each('[1]')) AND {condition}"
            ));
            assert!(remove.starts_with(&format!("SEARCH {table} USING INTEGER PRIMARY KEY (rowid=?)")), "{remove}");
        }
        let mut store = database.store(&format!("schema={schema}&synchronous=off"));
        let (mut removed, mut calls) = (0, 0);
        loop {
            let part = store.gc(TTL).unwrap();
            assert!(part <= 30 * 200, "{part} in one call: at most a statement for each millisecond");
            removed += part;
            calls += 1;
            if part == 0 {
                break;
            }
        }
        assert_eq!(removed, count / 2);
        assert!(calls > 1, "{calls} calls");
        assert_eq!(database.text(&format!("SELECT count(*) || '' FROM {table}")), (count / 2).to_string());
    }
}

#[test]
fn without_an_index_gc_still_finds_what_has_expired() {
    let database = Database::with(LIBRARIES[0].create);
    database.other(|file| {
        file.execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) \
             INSERT INTO session_data SELECT 's' || i, 'x', 1799990000, CASE i % 3 WHEN 0 THEN 1800000000 END FROM n",
        )
        .unwrap();
    });
    let mut store = database.store("schema=phalcon");
    let mut removed = 0;
    for _ in 0..20 {
        removed += store.gc(TTL).unwrap();
    }
    assert_eq!(removed, 2000);
}
