//! How often a request waits for the server, counted on the wire.

use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, MariadbServer, handler, locking, server, shared};
use seshat::session::handler::{Caller, Handler};

const NEW: &[u8] = b"newnewnewnewnewnewnewnewnewnew12";

struct Subject {
    handler: Handler,
    proxy: Proxy,
}

impl Subject {
    /// With a stored session and a connection that was used before.
    fn warm(server: &MariadbServer, table: &str, rest: &str, lock: bool) -> Self {
        let proxy = Proxy::to(server.port());
        let dsn = server.port_dsn(proxy.port(), &format!("/shop?create_table=1&table={table}{rest}"));
        let mut subject = Self { handler: handler(&dsn, locking(lock)), proxy };
        subject.handler.write(ID.as_bytes(), b"a|i:1;", Caller::Direct, HOUR).unwrap();
        subject.cycle(false, true);
        subject.cycle(false, false);
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
    let server = shared!();
    let mut unlocked = Subject::warm(&server, "waits", "", false);
    assert_eq!(unlocked.cycle(false, false), counts(1, 1), "unchanged, unlocked");
    assert_eq!(unlocked.cycle(false, true), counts(2, 0), "changed, unlocked");
    assert_eq!(unlocked.cycle(true, false), counts(1, 1), "unchanged, unlocked, strict");
    let mut locked = Subject::warm(&server, "waits", "", true);
    assert_eq!(locked.cycle(true, true), counts(2, 0), "changed, locked, strict");
    assert_eq!(locked.cycle(false, true), counts(2, 0), "changed, locked");
    assert_eq!(locked.cycle(true, false), counts(1, 1), "unchanged, locked, strict");
    assert_eq!(locked.cycle(false, false), counts(1, 1), "unchanged, locked");
    let mut optimistic = Subject::warm(&server, "waits", "&locking=optimistic", true);
    assert_eq!(optimistic.cycle(true, true), counts(2, 0), "changed, optimistic");
    assert_eq!(optimistic.cycle(true, false), counts(1, 0), "unchanged, optimistic: extended a moment ago");
}

#[test]
fn reading_and_closing_is_one_wait() {
    let server = shared!();
    let mut subject = Subject::warm(&server, "closing", "", true);
    subject.handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.proxy.finish(), counts(1, 0));
    subject.handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR * 2).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.proxy.finish(), counts(1, 1), "and the extension");
}

#[test]
fn an_abort_waits_for_nothing_but_the_read() {
    let server = shared!();
    let mut subject = Subject::warm(&server, "aborts", "", true);
    subject.handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.proxy.finish(), counts(1, 1));
}

#[test]
fn a_new_id_is_two_waits() {
    let server = shared!();
    for delete_old in [false, true] {
        let mut subject = Subject::warm(&server, "renewed", "", true);
        for is_first in [true, false] {
            let handler = &mut subject.handler;
            handler.write(ID.as_bytes(), b"a|i:1;", Caller::Direct, HOUR).unwrap();
            subject.proxy.finish();
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
            let counted = subject.proxy.finish();
            // A statement that is needed for the first time is prepared.
            let waits = if is_first && delete_old { 3 } else { 2 };
            assert_eq!(counted, counts(waits, 0), "regenerate, delete_old = {delete_old}");
            handler.write(NEW, b"a|i:1;", Caller::Engine, HOUR).unwrap();
            handler.close().unwrap();
            assert_eq!(subject.proxy.finish(), counts(1, 0));
            handler.destroy(NEW, Caller::Direct).unwrap();
            subject.proxy.finish();
        }
    }
}

/// User, settings and table, statements, and then the request's own. The proxy does not count the greeting.
#[test]
fn a_new_connection_is_three_waits_more() {
    let server = server!();
    Subject::warm(&server, "sessions", "", true);
    let proxy = Proxy::to(server.port());
    let mut handler = handler(&server.port_dsn(proxy.port(), "/shop"), locking(true));
    handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    assert_eq!(proxy.finish(), Counts { waits: 4, unawaited: 0, connections: 1 });
    handler.touch(ID.as_bytes(), b"a|i:1;", Caller::Engine, HOUR).unwrap();
    handler.close().unwrap();
    assert_eq!(proxy.finish(), counts(0, 1));
}

/// What the server counts of two requests over a kept connection.
#[test]
fn no_request_opens_a_transaction_or_sets_anything() {
    let server = server!();
    let mut subject = Subject::warm(&server, "sessions", "", true);
    let counted = || {
        let names = "'Com_begin', 'Com_commit', 'Com_rollback', 'Com_set_option', 'Com_stmt_prepare', 'Com_select', \
                     'Com_insert', 'Com_do', 'Connections'";
        let rows = server.sql(&format!("SHOW GLOBAL STATUS WHERE Variable_name IN ({names})"));
        let rows = rows.lines().map(|row| row.split_once('\t').unwrap());
        rows.map(|(name, count)| (name.to_owned(), count.parse::<i64>().unwrap())).collect::<Vec<_>>()
    };
    let (before, again) = (counted(), counted());
    subject.cycle(true, true);
    subject.cycle(true, false);
    let after = counted();
    for (((name, before), (_, again)), (_, after)) in before.iter().zip(&again).zip(&after) {
        // Looking is not free either.
        let count = after - again - (again - before);
        let expected = match name.as_str() {
            // Twice the lock and the row; once the release that was waited for.
            "Com_select" => 5,
            "Com_insert" => 2,
            "Com_do" => 1,
            _ => 0,
        };
        assert_eq!(count, expected, "{name}");
    }
}
