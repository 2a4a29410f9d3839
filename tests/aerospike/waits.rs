//! How often a request waits for the server, counted on the wire.

use crate::aerospike_stand_in::StandIn;
use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, handler, locking};
use seshat::session::handler::{Caller, Handler};

const NEW: &[u8] = b"newnewnewnewnewnewnewnewnewnew12";

struct Subject {
    handler: Handler,
    proxy: Proxy,
    server: StandIn,
}

impl Subject {
    /// With a stored session and a connection that was used before.
    fn warm(lock: bool) -> Self {
        let server = StandIn::usual();
        let proxy = Proxy::to(server.port(0));
        let handler = handler(&format!("aerospike://127.0.0.1:{}/test", proxy.port()), locking(lock));
        let mut subject = Self { handler, proxy, server };
        subject.handler.write(ID.as_bytes(), b"a|i:1;", Caller::Direct, HOUR).unwrap();
        subject.cycle(false, true);
        subject
    }

    /// A request: `write` or `updateTimestamp` at its end. The answer is what it waited for, and how many
    /// commands it had carried out.
    fn cycle(&mut self, strict: bool, changed: bool) -> (u32, u64) {
        let id = ID.as_bytes();
        self.quiet();
        let before = self.server.commands();
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
        self.done(before)
    }

    /// What was waited for since `before`. A look at the cluster that happened along is no wait: the
    /// proxy counts its answer all the same, so that waits are no more than what is said here.
    fn done(&mut self, before: u64) -> (u32, u64) {
        let Counts { waits, .. } = self.proxy.finish();
        (waits, self.server.commands() - before)
    }

    /// Lets the client's look at the cluster, once a second, not fall into what is counted.
    fn quiet(&mut self) {
        self.handler.read(b"nobody", Caller::ReadAndClose, HOUR).unwrap();
        self.handler.close().unwrap();
        self.proxy.finish();
    }
}

#[test]
fn a_request_waits_no_more_often_than_it_must() {
    let mut unlocked = Subject::warm(false);
    assert_eq!(unlocked.cycle(false, false), (1, 2), "unchanged, unlocked");
    assert_eq!(unlocked.cycle(false, true), (2, 2), "changed, unlocked");
    assert_eq!(unlocked.cycle(true, false), (1, 2), "unchanged, unlocked, strict");
    let mut locked = Subject::warm(true);
    assert_eq!(locked.cycle(true, true), (2, 2), "changed, locked, strict");
    assert_eq!(locked.cycle(false, true), (2, 2), "changed, locked");
    assert_eq!(locked.cycle(true, false), (1, 2), "unchanged, locked, strict");
    assert_eq!(locked.cycle(false, false), (1, 2), "unchanged, locked");
}

#[test]
fn reading_and_closing_is_one_wait() {
    let mut subject = Subject::warm(true);
    subject.quiet();
    let before = subject.server.commands();
    subject.handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.done(before), (1, 1));
}

#[test]
fn a_new_id_is_two_waits() {
    for delete_old in [false, true] {
        let mut subject = Subject::warm(true);
        subject.quiet();
        let handler = &mut subject.handler;
        handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        subject.proxy.finish();
        let before = subject.server.commands();
        if delete_old {
            handler.destroy(ID.as_bytes(), Caller::Regenerate).unwrap();
        } else {
            handler.write(ID.as_bytes(), b"a|i:1;", Caller::Regenerate, HOUR).unwrap();
        }
        handler.close().unwrap();
        handler.note_created(NEW);
        assert!(!handler.validate(NEW, Caller::Regenerate, HOUR).unwrap());
        assert_eq!(handler.read(NEW, Caller::Regenerate, HOUR).unwrap(), b"");
        assert_eq!(subject.done(before), (2, 2), "regenerate, delete_old = {delete_old}");
        subject.handler.write(NEW, b"a|i:1;", Caller::Engine, HOUR).unwrap();
        subject.handler.close().unwrap();
    }
}
