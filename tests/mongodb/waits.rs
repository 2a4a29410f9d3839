//! How often a request waits for the server, counted on the wire.

use crate::mongodb_server::MongoServer;
use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, handler, locking, server};
use seshat::session::handler::{Caller, Handler};

const NEW: &[u8] = b"newnewnewnewnewnewnewnewnewnew12";

struct Subject {
    handler: Handler,
    proxy: Proxy,
    data: Vec<u8>,
}

impl Subject {
    /// With a stored session and a connection that was used before.
    fn warm(server: &MongoServer, lock: bool, data: &[u8]) -> Self {
        let proxy = Proxy::to(server.port());
        // Nobody looks after the servers while answers are held back.
        let dsn = server.port_dsn(proxy.port(), &MongoServer::collection(), "&heartbeatFrequencyMS=3600000");
        let mut subject = Self { handler: handler(&dsn, locking(lock)), proxy, data: data.to_vec() };
        subject.handler.write(ID.as_bytes(), data, Caller::Direct, HOUR).unwrap();
        subject.cycle(false, true);
        subject
    }

    /// A request: `write` or `updateTimestamp` at its end.
    fn cycle(&mut self, strict: bool, changed: bool) -> Counts {
        let id = ID.as_bytes();
        if strict {
            assert!(self.handler.validate(id, Caller::Engine, HOUR).unwrap());
        }
        assert!(self.handler.read(id, Caller::Engine, HOUR).unwrap() == self.data);
        if changed {
            self.handler.write(id, &self.data, Caller::Engine, HOUR).unwrap();
        } else {
            self.handler.touch(id, &self.data, Caller::Engine, HOUR).unwrap();
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
    let server = server!(MongoServer::start(&["--standalone"]));
    let mut unlocked = Subject::warm(&server, false, b"a|i:1;");
    assert_eq!(unlocked.cycle(false, false), counts(1, 1), "unchanged, unlocked");
    assert_eq!(unlocked.cycle(false, true), counts(2, 0), "changed, unlocked");
    assert_eq!(unlocked.cycle(true, false), counts(1, 1), "unchanged, unlocked, strict");
    let mut locked = Subject::warm(&server, true, b"a|i:1;");
    assert_eq!(locked.cycle(true, true), counts(2, 0), "changed, locked, strict");
    assert_eq!(locked.cycle(false, true), counts(2, 0), "changed, locked");
    assert_eq!(locked.cycle(true, false), counts(1, 1), "unchanged, locked, strict");
    assert_eq!(locked.cycle(false, false), counts(1, 1), "unchanged, locked");
    let mut large = Subject::warm(&server, true, &vec![b'x'; 300_000]);
    assert_eq!(large.cycle(false, true), counts(2, 0), "changed, large");
    assert_eq!(large.cycle(false, false), counts(2, 0), "unchanged, large: it is not sent along");
}

#[test]
fn reading_and_closing_is_one_wait() {
    let server = server!(MongoServer::start(&["--standalone"]));
    let mut subject = Subject::warm(&server, true, b"a|i:1;");
    subject.handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.proxy.finish(), counts(1, 0));
}

#[test]
fn a_new_id_is_two_waits() {
    let server = server!(MongoServer::start(&["--standalone"]));
    for delete_old in [false, true] {
        let mut subject = Subject::warm(&server, true, b"a|i:1;");
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
    }
}
