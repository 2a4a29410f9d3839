//! A session costs the same however many there are.

use crate::{HOUR, named, server, store};
use seshat::session::handler::{Caller, Policy};
use std::time::Duration;

#[test]
fn a_hundred_thousand_sessions_cost_no_more_than_one() {
    let server = server!("--innodb-buffer-pool-size=128M");
    for schema in ["seshat", "symfony", "laravel", "phalcon", "dalmp"] {
        let name = format!("many_{schema}");
        let dsn = server.unix_dsn(&format!("?database=shop&create_table=1&schema={schema}&table={name}"));
        let mut one = store(&dsn);
        one.set_lifetime(HOUR);
        one.write(named("s0"), b"data", HOUR).unwrap();
        // As many as there shall be, all like the first.
        let rows = if schema == "seshat" { 100_000 } else { 3_000 };
        let columns = server.sql(&format!(
            "SELECT GROUP_CONCAT(CONCAT('`', column_name, '`') ORDER BY ordinal_position) FROM \
             information_schema.columns WHERE table_schema = 'shop' AND table_name = '{name}'"
        ));
        let id = columns.split(',').next().unwrap().to_owned();
        let others: Vec<&str> = columns.split(',').skip(1).collect();
        let others = others.join(",");
        server.sql(&format!(
            "INSERT INTO {name} ({columns}) SELECT CONCAT('s', seq), {others} FROM {name}, seq_1_to_{rows}"
        ));
        let mut handler = crate::handler(&dsn, Policy { lock_wait: Duration::ZERO, ..Policy::default() });
        let mut visit = |id: &[u8]| {
            assert_eq!(handler.read(id, Caller::Engine, HOUR).unwrap(), b"data");
            handler.write(id, b"date", Caller::Engine, HOUR).unwrap();
            handler.read(id, Caller::Engine, HOUR).unwrap();
            handler.touch(id, b"date", Caller::Engine, HOUR * 2).unwrap();
            handler.close().unwrap();
            handler.destroy(id, Caller::Direct).unwrap();
        };
        visit(b"s0");
        let counts = || {
            let rows = server.sql(
                "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_next', 'Handler_read_prev', \
                 'Handler_read_first', 'Handler_read_last', 'Handler_read_rnd_next', 'Select_scan')",
            );
            let rows = rows.lines().map(|row| row.split_once('\t').unwrap());
            rows.map(|(name, count)| (name.to_owned(), count.parse::<i64>().unwrap())).collect::<Vec<_>>()
        };
        // Looking is a scan of the list of variables.
        let (before, again) = (counts(), counts());
        visit(b"s77");
        visit(b"s2345");
        for (((variable, before), (_, again)), (_, after)) in before.iter().zip(&again).zip(&counts()) {
            assert_eq!(after - again, again - before, "{schema}: {variable}");
        }
        let plan = server.sql(&format!("EXPLAIN SELECT * FROM {name} WHERE {id} = 's77x'"));
        println!("{schema}: {plan}");
    }
}

/// As the server sees the very statements that are prepared.
#[test]
fn the_plan_of_each_statement() {
    let server = server!();
    let mut one = store(&server.unix_dsn("?database=shop&create_table=1"));
    for number in 0..500 {
        one.write(named(&format!("s{number}")), b"data", HOUR).unwrap();
    }
    server.sql("ANALYZE TABLE sessions");
    for (statement, index) in [
        ("SELECT `expires_at`, `data` FROM `sessions` WHERE `id` = 's1'", "PRIMARY"),
        ("UPDATE `sessions` SET `expires_at` = 5 WHERE `id` = 's1'", "PRIMARY"),
        ("DELETE FROM `sessions` WHERE `id` = 's1'", "PRIMARY"),
        ("DELETE FROM `sessions` WHERE `expires_at` <= 5 ORDER BY `expires_at` LIMIT 200", "expires_at"),
    ] {
        let plan = server.sql(&format!("EXPLAIN {statement}"));
        println!("{statement}\n    {plan}");
        let key = plan.split('\t').nth(5).unwrap();
        assert_eq!(key, index, "{statement}: {plan}");
        assert!(!plan.contains("filesort"), "{plan}");
    }
}
