//! How often a request waits for the server, counted on the wire.

use crate::aerospike_stand_in::StandIn;
use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, handler, locking};
use seshat::error::Operation;
use seshat::session::handler::{Caller, Handler, Policy};
use seshat::session::reference::Reference;

pub struct Subject {
    pub handler: Handler,
    proxy: Proxy,
    server: StandIn,
    /// To whom the session belongs at the end of a request.
    pub user: Option<&'static str>,
}

impl Subject {
    /// With a stored session and a connection that was used before.
    fn warm(lock: bool) -> Self {
        Self::with(locking(lock))
    }

    pub fn with(policy: Policy) -> Self {
        let server = StandIn::usual();
        let proxy = Proxy::to(server.port(0));
        let handler = handler(&format!("aerospike://127.0.0.1:{}/test", proxy.port()), policy);
        let mut subject = Self { handler, proxy, server, user: None };
        subject.handler.write(ID.as_bytes(), b"a|i:1;", Caller::Direct, HOUR).unwrap();
        subject.cycle(false, true);
        subject
    }

    /// A request: `write` or `updateTimestamp` at its end. The answer is what it waited for, and how many
    /// commands it had carried out.
    pub fn cycle(&mut self, strict: bool, changed: bool) -> (u32, u64) {
        (0..4).map(|_| self.visit(strict, changed)).min().unwrap()
    }

    /// One such request.
    pub fn visit(&mut self, strict: bool, changed: bool) -> (u32, u64) {
        let id = ID.as_bytes();
        let user = self.user.map(|user| Reference::parse(user.as_bytes(), Operation::Write).unwrap());
        self.counted(|handler| {
            if strict {
                assert!(handler.validate(id, Caller::Engine, HOUR).unwrap());
            }
            assert_eq!(handler.read(id, Caller::Engine, HOUR).unwrap(), b"a|i:1;");
            if user.is_some() {
                handler.note_reference(user.clone());
            }
            if changed {
                handler.write(id, b"a|i:1;", Caller::Engine, HOUR).unwrap();
            } else {
                handler.touch(id, b"a|i:1;", Caller::Engine, HOUR).unwrap();
            }
            handler.close().unwrap();
        })
    }

    /// What was waited for, at the least: the client's look at the cluster, once a second, may fall into
    /// what is counted, and only adds to it.
    fn least(&mut self, mut work: impl FnMut(&mut Handler)) -> (u32, u64) {
        (0..4).map(|_| self.counted(&mut work)).min().unwrap()
    }

    fn counted(&mut self, mut work: impl FnMut(&mut Handler)) -> (u32, u64) {
        // What came before is heard of, and a look that is due is taken.
        self.handler.read(b"nobody", Caller::ReadAndClose, HOUR).unwrap();
        self.handler.close().unwrap();
        self.proxy.finish();
        let before = self.server.commands();
        work(&mut self.handler);
        let Counts { waits, .. } = self.proxy.finish();
        (waits, self.server.commands() - before)
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
    let counted = Subject::warm(true).least(|handler| {
        handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR).unwrap();
        handler.close().unwrap();
    });
    assert_eq!(counted, (1, 1));
}

#[test]
fn a_new_id_is_two_waits() {
    for delete_old in [false, true] {
        let mut subject = Subject::warm(true);
        let mut number = 0;
        let counted = subject.least(|handler| {
            // With the wait for the old session's read that comes before, and for the new one's end after it.
            number += 1;
            let (old, new) = (format!("old{number}"), format!("new{number}"));
            handler.note_created(old.as_bytes());
            handler.read(old.as_bytes(), Caller::Engine, HOUR).unwrap();
            if delete_old {
                handler.destroy(old.as_bytes(), Caller::Regenerate).unwrap();
            } else {
                handler.write(old.as_bytes(), b"a|i:1;", Caller::Regenerate, HOUR).unwrap();
            }
            handler.close().unwrap();
            handler.note_created(new.as_bytes());
            assert!(!handler.validate(new.as_bytes(), Caller::Regenerate, HOUR).unwrap());
            assert_eq!(handler.read(new.as_bytes(), Caller::Regenerate, HOUR).unwrap(), b"");
            handler.write(new.as_bytes(), b"a|i:1;", Caller::Engine, HOUR).unwrap();
            handler.close().unwrap();
        });
        assert_eq!(counted, (1 + 2 + 1, 4), "regenerate, delete_old = {delete_old}");
    }
}
