//! Several hosts in one DSN: the first that answers and is a master.

use crate::redis_server::RedisServer;
use crate::{HOUR, ID, PATIENCE, handler, hold, locking, read, server, sid, store, support};
use redis::Commands;
use seshat::error::Kind;
use seshat::session::handler::{Caller, Policy};
use seshat::session::store::Committed;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A replica that has caught up.
pub(crate) fn replica_of(master: &RedisServer) -> Result<RedisServer, String> {
    let port = master.port().to_string();
    let replica = RedisServer::start(&["--replicaof", "127.0.0.1", &port])?;
    let mut admin = replica.client("", 0);
    assert!(support::wait_until(PATIENCE, || {
        let info: String = redis::cmd("INFO").arg("replication").query(&mut admin).unwrap();
        info.contains("master_link_status:up")
    }));
    Ok(replica)
}

fn replicated(master: &RedisServer) {
    let mut admin = master.client("", 0);
    // WAIT looks at what its own client wrote, and all that came before.
    let () = admin.set("marker", 1).unwrap();
    let waited: i64 = redis::cmd("WAIT").arg(1).arg(10_000).query(&mut admin).unwrap();
    assert_eq!(waited, 1);
}

fn promote(replica: &RedisServer) {
    redis::cmd("REPLICAOF").arg("NO").arg("ONE").exec(&mut replica.client("", 0)).unwrap();
}

fn dsn(servers: &[&RedisServer], rest: &str) -> String {
    let hosts: Vec<String> = servers.iter().map(|server| format!("127.0.0.1:{}", server.port())).collect();
    format!("redis://{}/2{rest}", hosts.join(","))
}

#[test]
fn a_replica_is_passed_over_even_to_read() {
    let master = server!("--repl-diskless-sync-delay", "0");
    let replica = replica_of(&master).unwrap();
    let mut subject = store(&dsn(&[&replica, &master], ""));
    assert_eq!(read(&mut *subject), None);
    let () =
        redis::cmd("CONFIG").arg("SET").arg("replica-read-only").arg("no").query(&mut replica.client("", 0)).unwrap();
    let mut other = store(&dsn(&[&replica, &master], ""));
    other.write(sid(), b"x", HOUR).unwrap();
    assert_eq!(master.client("", 2).get::<_, String>(crate::KEY).unwrap(), "x");
    let info: String = redis::cmd("INFO").arg("commandstats").query(&mut replica.client("", 0)).unwrap();
    assert!(!info.contains("cmdstat_get:"), "{info}");
}

#[test]
fn the_next_host_takes_over_and_stays() {
    let mut master = server!("--repl-diskless-sync-delay", "0");
    let replica = replica_of(&master).unwrap();
    let mut subject = handler(&dsn(&[&master, &replica], ""), Policy::default());
    let id = ID.as_bytes();
    subject.read(id, Caller::Engine, HOUR).unwrap();
    subject.write(id, b"n|i:1;", Caller::Engine, HOUR).unwrap();
    subject.close().unwrap();
    replicated(&master);
    subject.read(id, Caller::Engine, HOUR).unwrap();
    replicated(&master);
    master.stop();
    promote(&replica);
    // In the middle of a request: its lock went over with the data.
    subject.write(id, b"n|i:2;", Caller::Engine, HOUR).unwrap();
    subject.close().unwrap();
    assert_eq!(subject.read(id, Caller::ReadAndClose, HOUR).unwrap(), b"n|i:2;");
    subject.close().unwrap();
    assert_eq!(replica.client("", 2).get::<_, String>(crate::KEY).unwrap(), "n|i:2;");
    // The first one is back and empty; nobody goes there as long as the other one is well.
    master.restart();
    assert_eq!(subject.read(id, Caller::ReadAndClose, HOUR).unwrap(), b"n|i:2;");
    subject.close().unwrap();
}

#[test]
fn a_master_that_became_a_replica_is_left() {
    let first = server!("--repl-diskless-sync-delay", "0");
    let second = replica_of(&first).unwrap();
    let mut subject = store(&dsn(&[&first, &second], ""));
    subject.write(sid(), b"1", HOUR).unwrap();
    let lease = hold(&mut *subject, HOUR);
    replicated(&first);
    promote(&second);
    redis::cmd("REPLICAOF").arg("127.0.0.1").arg(second.port()).exec(&mut first.client("", 0)).unwrap();
    assert_eq!(subject.write_unlock(sid(), b"2", HOUR, lease).unwrap(), Committed::Done);
    assert_eq!(second.client("", 2).get::<_, String>(crate::KEY).unwrap(), "2");
    subject.write(sid(), b"3", HOUR).unwrap();
    assert_eq!(second.client("", 2).get::<_, String>(crate::KEY).unwrap(), "3");
}

#[test]
fn a_replica_that_lost_all_and_refuses_nothing_is_left_too() {
    let first = server!("--repl-diskless-sync-delay", "0");
    let second = replica_of(&first).unwrap();
    let empty = server!("--repl-diskless-sync-delay", "0");
    let mut subject = store(&dsn(&[&first, &second], ""));
    subject.write(sid(), b"1", HOUR).unwrap();
    let lease = hold(&mut *subject, HOUR);
    replicated(&first);
    promote(&second);
    redis::cmd("REPLICAOF").arg("127.0.0.1").arg(empty.port()).exec(&mut first.client("", 0)).unwrap();
    // The script finds no lock there and writes nothing: nobody says READONLY.
    let mut admin = first.client("", 2);
    assert!(support::wait_until(PATIENCE, || admin.exists::<_, bool>(crate::KEY).is_ok_and(|there| !there)));
    assert_eq!(subject.write_unlock(sid(), b"2", HOUR, lease).unwrap(), Committed::Done);
    assert_eq!(second.client("", 2).get::<_, String>(crate::KEY).unwrap(), "2");
}

#[test]
fn a_user_who_may_not_ask_for_the_role() {
    let one = server!("--user", "app", "on", ">secret", "~*", "+@all", "-@dangerous");
    let two = server!();
    let dsn = format!("redis://app:secret@127.0.0.1:{},127.0.0.1:{}/2", one.port(), two.port());
    let mut subject = handler(&dsn, locking(true));
    subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    subject.write(ID.as_bytes(), b"x", Caller::Engine, HOUR).unwrap();
    subject.close().unwrap();
    assert_eq!(one.client("", 2).get::<_, String>(crate::KEY).unwrap(), "x");
}

#[test]
fn an_answer_that_broke_off_is_asked_for_again_elsewhere() {
    let server = server!();
    store(&server.tcp_dsn("/2")).write(sid(), b"whole", HOUR).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // A master that dies in the middle of its second answer.
    let dying = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        for answer in ["+OK\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", "$5\r\nha"] {
            assert!(client.read(&mut [0; 4096]).unwrap() > 0);
            client.write_all(answer.as_bytes()).unwrap();
        }
    });
    let mut subject = store(&format!("redis://127.0.0.1:{port},127.0.0.1:{}/2", server.port()));
    assert_eq!(read(&mut *subject).unwrap(), b"whole");
    dying.join().unwrap();
}

#[test]
fn nobody_left() {
    let master = server!("--repl-diskless-sync-delay", "0");
    let replica = replica_of(&master).unwrap();
    let gone = support::free_port();
    let dsn = format!("redis://127.0.0.1:{gone},127.0.0.1:{}?retries=2", replica.port());
    let error = store(&dsn).read(sid(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    let message = error.to_string();
    for part in [
        "none of the hosts is a master that answers",
        &format!("127.0.0.1:{gone}: connection refused"),
        &format!("127.0.0.1:{}: the server is a replica", replica.port()),
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_wrong_password_is_no_outage_though_another_host_is_down() {
    let server = server!("--requirepass", "right");
    let meanwhile = support::temporary_folder();
    let (gone, port, folder) = (support::free_port(), server.port(), meanwhile.path().display());
    for place in [
        format!("redis://:hunter2@127.0.0.1:{gone},127.0.0.1:{port}/0?"),
        format!("redis+cluster://:hunter2@127.0.0.1:{gone},127.0.0.1:{port}?"),
        format!("redis+sentinel://127.0.0.1:{gone},127.0.0.1:{port}/shop?sentinel_password=hunter2&"),
    ] {
        for instead in ["empty-readonly", &format!("files://{folder}")] {
            let mut subject = handler(&format!("{place}on_unavailable={instead}"), Policy::default());
            let error = subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap_err();
            assert_eq!(error.kind(), Kind::Denied, "{error}");
            let message = error.to_string();
            assert!(message.contains("WRONGPASS") && message.contains("connection refused"), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
    assert_eq!(std::fs::read_dir(meanwhile.path()).unwrap().count(), 0);
}
