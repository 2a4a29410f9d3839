//! How often a request waits for the server, counted on the wire.

use crate::locks::waiting;
use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, PATIENCE, handler, locking, server, support};
use seshat::session::handler::{Caller, Handler};

const NEW: &[u8] = b"newnewnewnewnewnewnewnewnewnew12";

struct Subject {
    handler: Handler,
    proxy: Proxy,
}

impl Subject {
    fn new(port: u16, login: &str, rest: &str, lock: bool) -> Self {
        let proxy = Proxy::to(port);
        let handler = handler(&format!("redis://{login}127.0.0.1:{}{rest}", proxy.port()), locking(lock));
        Self { handler, proxy }
    }

    /// With a stored session and a connection that was used before.
    fn warm(port: u16, lock: bool) -> Self {
        let mut subject = Self::new(port, "", "", lock);
        subject.handler.write(ID.as_bytes(), b"a|i:1;", Caller::Direct, HOUR).unwrap();
        subject.cycle(false, true);
        subject
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
    let mut unlocked = Subject::warm(server.port(), false);
    assert_eq!(unlocked.cycle(false, false), counts(1, 1), "unchanged, unlocked");
    assert_eq!(unlocked.cycle(false, true), counts(2, 0), "changed, unlocked");
    assert_eq!(unlocked.cycle(true, false), counts(1, 1), "unchanged, unlocked, strict");
    let mut locked = Subject::warm(server.port(), true);
    assert_eq!(locked.cycle(true, true), counts(2, 0), "changed, locked, strict");
    assert_eq!(locked.cycle(false, true), counts(2, 0), "changed, locked");
    assert_eq!(locked.cycle(true, false), counts(1, 1), "unchanged, locked, strict");
    assert_eq!(locked.cycle(false, false), counts(1, 1), "unchanged, locked");
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
fn waiting_for_a_lock_is_two_waits_more_and_no_polling() {
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
    // The try for a free lock, the place in the queue, the wake-up with the data, the write.
    assert_eq!(counted, counts(4, 0));
}
