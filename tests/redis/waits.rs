//! How often a request waits for the server, counted on the wire.

use crate::locks::waiting;
use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, PATIENCE, handler, locking, server, support};
use seshat::session::handler::{Caller, Handler};
use std::io::{Read, Write};
use std::net::TcpListener;

const NEW: &[u8] = b"newnewnewnewnewnewnewnewnewnew12";

struct Subject {
    handler: Handler,
    proxy: Proxy,
}

impl Subject {
    fn new(port: u16, login: &str, rest: &str, lock: bool) -> Self {
        let proxy = Proxy::to(port);
        let dsn = format!("redis://{login}127.0.0.1:{}{rest}", proxy.port());
        Self::through(proxy, &dsn, lock)
    }

    fn through(proxy: Proxy, dsn: &str, lock: bool) -> Self {
        Self { handler: handler(dsn, locking(lock)), proxy }
    }

    /// With a stored session and a connection that was used before.
    fn warm(port: u16, lock: bool) -> Self {
        Self::new(port, "", "", lock).warmed()
    }

    fn warmed(mut self) -> Self {
        let subject = &mut self;
        subject.handler.write(ID.as_bytes(), b"a|i:1;", Caller::Direct, HOUR).unwrap();
        subject.cycle(false, true);
        self
    }

    /// A request: `write` or `updateTimestamp` at its end.
    fn cycle(&mut self, strict: bool, changed: bool) -> Counts {
        let id = ID.as_bytes();
        if strict {
            assert!(self.handler.validate(id, Caller::Engine, HOUR).unwrap());
        }
        assert_eq!(self.handler.read(id, Caller::Engine, HOUR).unwrap(), b"a|i:1;");
        if changed {
            self.handler.write(id, b"a|i:1;", Caller::Engine, HOUR).unwrap();
        } else {
            self.handler.touch(id, b"a|i:1;", Caller::Engine, HOUR).unwrap();
        }
        self.handler.close().unwrap();
        self.proxy.finish()
    }
}

fn counts(waits: u32, unawaited: u32) -> Counts {
    Counts { waits, unawaited, connections: 0 }
}

#[test]
fn a_request_waits_no_more_often_than_it_must() {
    let server = server!();
    budget(|lock| Subject::warm(server.port(), lock));
}

fn budget(warm: impl Fn(bool) -> Subject) {
    let mut unlocked = warm(false);
    assert_eq!(unlocked.cycle(false, false), counts(1, 1), "unchanged, unlocked");
    assert_eq!(unlocked.cycle(false, true), counts(2, 0), "changed, unlocked");
    assert_eq!(unlocked.cycle(true, false), counts(1, 1), "unchanged, unlocked, strict");
    let mut locked = warm(true);
    assert_eq!(locked.cycle(true, true), counts(2, 0), "changed, locked, strict");
    assert_eq!(locked.cycle(false, true), counts(2, 0), "changed, locked");
    assert_eq!(locked.cycle(true, false), counts(1, 1), "unchanged, locked, strict");
    assert_eq!(locked.cycle(false, false), counts(1, 1), "unchanged, locked");
}

#[test]
fn with_several_hosts_no_more_often() {
    let server = server!();
    let gone = support::free_port();
    budget(|lock| {
        let proxy = Proxy::to(server.port());
        let dsn = format!("redis://127.0.0.1:{gone},127.0.0.1:{}", proxy.port());
        Subject::through(proxy, &dsn, lock).warmed()
    });
}

#[test]
fn with_sentinels_no_more_often_and_they_are_asked_once() {
    let server = server!();
    budget(|lock| {
        let proxy = Proxy::to(server.port());
        let port = proxy.port().to_string();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let dsn = format!("redis+sentinel://127.0.0.1:{}/shop", listener.local_addr().unwrap().port());
        // A sentinel that says it once and is gone.
        std::thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            assert!(client.read(&mut [0; 4096]).unwrap() > 0);
            client.write_all(format!("*2\r\n$9\r\n127.0.0.1\r\n${}\r\n{port}\r\n", port.len()).as_bytes()).unwrap();
        });
        Subject::through(proxy, &dsn, lock).warmed()
    });
}

#[test]
fn in_a_cluster_no_more_often() {
    let server = server!("--cluster-enabled", "yes", "--cluster-port", "0");
    let mut admin = server.client("", 0);
    let () = redis::cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16_383).query(&mut admin).unwrap();
    let is_up = |info: String| info.contains("cluster_state:ok");
    assert!(support::wait_until(PATIENCE, || is_up(redis::cmd("CLUSTER").arg("INFO").query(&mut admin).unwrap())));
    budget(|lock| {
        let proxy = Proxy::to(server.port());
        // The map names the proxy.
        let port = proxy.port();
        let mut config = redis::cmd("CONFIG");
        let () = config.arg("SET").arg("cluster-announce-port").arg(port).query(&mut server.client("", 0)).unwrap();
        Subject::through(proxy, &format!("redis+cluster://127.0.0.1:{port}"), lock).warmed()
    });
}

#[test]
fn a_connection_that_is_not_kept_is_closed_after_each_request() {
    let server = server!();
    let mut subject = Subject::new(server.port(), "", "?persistent=0", true);
    subject.handler.write(ID.as_bytes(), b"a|i:1;", Caller::Engine, HOUR).unwrap();
    subject.handler.close().unwrap();
    subject.proxy.finish();
    for _ in 0..2 {
        // Also the release is waited for: nobody would be there to hear of its failure.
        assert_eq!(subject.cycle(false, false), Counts { waits: 2, unawaited: 0, connections: 1 });
        assert!(!redis::Commands::exists::<_, bool>(&mut server.client("", 0), crate::LOCK).unwrap());
    }
}

#[test]
fn reading_and_closing_is_one_wait() {
    let server = server!();
    let mut subject = Subject::warm(server.port(), true);
    subject.handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.proxy.finish(), counts(1, 0));
}

#[test]
fn an_abort_waits_for_nothing_but_the_read() {
    let server = server!();
    let mut subject = Subject::warm(server.port(), true);
    subject.handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.proxy.finish(), counts(1, 1));
}

#[test]
fn a_new_id_is_two_waits() {
    let server = server!();
    for delete_old in [false, true] {
        let mut subject = Subject::warm(server.port(), true);
        let handler = &mut subject.handler;
        handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        assert_eq!(subject.proxy.finish(), counts(1, 0));
        if delete_old {
            handler.destroy(ID.as_bytes(), Caller::Regenerate).unwrap();
        } else {
            handler.write(ID.as_bytes(), b"a|i:1;", Caller::Regenerate, HOUR).unwrap();
        }
        handler.close().unwrap();
        handler.note_created(NEW);
        assert!(!handler.validate(NEW, Caller::Regenerate, HOUR).unwrap());
        assert_eq!(handler.read(NEW, Caller::Regenerate, HOUR).unwrap(), b"");
        assert_eq!(subject.proxy.finish(), counts(2, 0), "regenerate, delete_old = {delete_old}");
        handler.write(NEW, b"a|i:1;", Caller::Engine, HOUR).unwrap();
        handler.close().unwrap();
        assert_eq!(subject.proxy.finish(), counts(1, 0));
        handler.destroy(NEW, Caller::Direct).unwrap();
        subject.proxy.finish();
    }
}

#[test]
fn a_new_connection_with_user_and_database_costs_no_wait_more() {
    let server = server!("--user", "default", "off", "--user", "app", "on", ">secret", "~*", "+@all");
    // The first call of all sends the script's text; from then on the server knows it.
    Subject::new(server.port(), "app:secret@", "/3", true)
        .handler
        .write(ID.as_bytes(), b"a|i:1;", Caller::Engine, HOUR)
        .unwrap();
    for lock in [false, true] {
        let mut subject = Subject::new(server.port(), "app:secret@", "/3?client_name=seshat", lock);
        assert_eq!(subject.cycle(true, true), Counts { waits: 2, unawaited: 0, connections: 1 }, "locked: {lock}");
        assert_eq!(subject.cycle(true, true), counts(2, 0), "a kept connection");
        let sent = String::from_utf8_lossy(&subject.proxy.sent()).matches("AUTH").count();
        assert_eq!(sent, 1, "a kept connection is not set up again");
    }
}

#[test]
fn waiting_for_a_lock_is_one_wait_more_and_no_polling() {
    let server = server!();
    let mut subject = Subject::warm(server.port(), true);
    let mut other = crate::store(&server.tcp_dsn(""));
    let lease = crate::hold(&mut *other, HOUR);
    let mut admin = server.client("", 0);
    let release = std::thread::spawn(move || {
        assert!(support::wait_until(PATIENCE, || waiting(&mut admin) == 1));
        other.unlock(crate::sid(), lease).unwrap();
    });
    let counted = subject.cycle(true, true);
    release.join().unwrap();
    // The try for a free lock; the place in the queue, the wake-up and the data; the write. The server
    // answers the one who enters the queue before it is woken, which the count takes for the wait.
    assert_eq!(counted, counts(3, 0));
}
