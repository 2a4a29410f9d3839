//! How often a request waits for the server, counted on the wire.

use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, handler, locking, server};
use seshat::error::Operation;
use seshat::session::handler::{Caller, Handler, Policy, Source};
use seshat::session::reference::Reference;

const NEW: &[u8] = b"newnewnewnewnewnewnewnewnewnew12";
/// The newer commands, the older ones, and the binary protocol.
const DIALECTS: [&str; 3] = ["?protocol=meta", "?protocol=text", "?protocol=binary"];

struct Subject {
    handler: Handler,
    proxy: Proxy,
    /// To whom the session belongs at the end of a request.
    user: Option<&'static str>,
}

impl Subject {
    /// With a stored session and a connection that was used before.
    fn warm(port: u16, rest: &str, lock: bool) -> Self {
        Self::with(port, rest, locking(lock))
    }

    fn with(port: u16, rest: &str, policy: Policy) -> Self {
        let proxy = Proxy::to(port);
        let handler = handler(&format!("memcached://127.0.0.1:{}{rest}", proxy.port()), policy);
        let mut subject = Self { handler, proxy, user: None };
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
        if self.handler.policy().reference != Source::None {
            self.handler
                .note_reference(self.user.map(|user| Reference::parse(user.as_bytes(), Operation::Write).unwrap()));
        }
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
    for dialect in DIALECTS {
        let mut unlocked = Subject::warm(server.port(), dialect, false);
        assert_eq!(unlocked.cycle(false, false), counts(1, 1), "unchanged, unlocked {dialect}");
        assert_eq!(unlocked.cycle(false, true), counts(2, 0), "changed, unlocked {dialect}");
        assert_eq!(unlocked.cycle(true, false), counts(1, 1), "unchanged, unlocked, strict {dialect}");
        let mut locked = Subject::warm(server.port(), dialect, true);
        assert_eq!(locked.cycle(true, true), counts(2, 0), "changed, locked, strict {dialect}");
        assert_eq!(locked.cycle(false, true), counts(2, 0), "changed, locked {dialect}");
        assert_eq!(locked.cycle(true, false), counts(1, 1), "unchanged, locked, strict {dialect}");
        assert_eq!(locked.cycle(false, false), counts(1, 1), "unchanged, locked {dialect}");
    }
}

/// Whether it waits so often, tried again a few times: now and then a session is entered once more, or the index
/// is looked at.
fn waits(expected: u32, mut cycle: impl FnMut() -> Counts) -> bool {
    (0..4).any(|_| cycle().waits == expected)
}

#[test]
fn a_session_that_stays_with_its_reference_waits_hardly_more() {
    let server = server!();
    for dialect in DIALECTS {
        for lock in [false, true] {
            let policy = Policy { reference: Source::Variable("user".into()), ..locking(lock) };
            let mut subject = Subject::with(server.port(), dialect, policy);
            for user in [None, Some("ann")] {
                subject.user = user;
                subject.cycle(false, true);
                let said = format!("{dialect}, locked {lock}, {user:?}");
                assert!(waits(2, || subject.cycle(true, true)), "changed {said}");
                assert!(waits(2, || subject.cycle(false, false)), "unchanged {said}");
            }
            // A log-in: entered, the record, entered once more. A log-out: the record, and its reference.
            subject.user = None;
            assert_eq!(subject.cycle(false, true).waits, 3, "out {dialect}, locked {lock}");
            let log_in = || {
                subject.user = Some("bob");
                let counts = subject.cycle(false, true);
                subject.user = None;
                subject.cycle(false, true);
                counts
            };
            assert!(waits(5, log_in), "in {dialect}, locked {lock}");
            subject.handler.destroy(ID.as_bytes(), Caller::Direct).unwrap();
        }
    }
}

#[test]
fn reading_and_closing_is_one_wait() {
    let server = server!();
    for dialect in DIALECTS {
        let mut subject = Subject::warm(server.port(), dialect, true);
        subject.handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR).unwrap();
        subject.handler.close().unwrap();
        assert_eq!(subject.proxy.finish(), counts(1, 0));
    }
}

#[test]
fn an_abort_waits_for_nothing_but_the_read() {
    let server = server!();
    let mut subject = Subject::warm(server.port(), "", true);
    subject.handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.proxy.finish(), counts(1, 1));
}

#[test]
fn a_new_id_is_two_waits() {
    let server = server!();
    for delete_old in [false, true] {
        let mut subject = Subject::warm(server.port(), "", true);
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
fn only_the_first_contact_with_a_server_is_a_wait_more() {
    let server = server!();
    let proxy = Proxy::to(server.port());
    for (rest, waits) in [("", 2), ("?protocol=meta", 1)] {
        let mut handler = handler(&format!("memcached://127.0.0.1:{}{rest}", proxy.port()), locking(true));
        handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        assert_eq!(proxy.finish(), Counts { waits, unawaited: 0, connections: 1 }, "{rest}");
        handler.close().unwrap();
        handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        handler.close().unwrap();
        proxy.finish();
    }
    let asked = String::from_utf8_lossy(&proxy.sent()).matches("mn\r\n").count();
    assert_eq!(asked, 1, "once, and not where it was said");
}
