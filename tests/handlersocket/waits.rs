//! How often a request waits for the server, counted on the wire.

use crate::mariadb_server::MariadbServer;
use crate::proxy::{Counts, Proxy};
use crate::{HOUR, ID, ROOMY, handler, port_dsn, server, table};
use seshat::session::handler::{Caller, Handler};

const NEW: &[u8] = b"newnewnewnewnewnewnewnewnewnew12";
const SECONDS: &str =
    "id VARCHAR(64) PRIMARY KEY, expires_at BIGINT NOT NULL, data LONGBLOB, KEY expires_at (expires_at)";

struct Subject {
    handler: Handler,
    proxy: Proxy,
}

impl Subject {
    /// With a stored session and a connection that was used before.
    fn warm(server: &MariadbServer, columns: &str, more: &str) -> Self {
        let proxy = Proxy::to(server.handlersocket_write_port());
        let handler = handler(&port_dsn(proxy.port(), &table(server, columns), more));
        let mut subject = Self { handler, proxy };
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
    for (columns, more) in [(ROOMY, ""), (SECONDS, "&schema=seshat")] {
        let mut subject = Subject::warm(&server, columns, more);
        assert_eq!(subject.cycle(false, false), counts(1, 1), "unchanged {more}");
        assert_eq!(subject.cycle(false, true), counts(2, 0), "changed {more}");
        assert_eq!(subject.cycle(true, false), counts(1, 1), "unchanged, strict {more}");
        assert_eq!(subject.cycle(true, true), counts(2, 0), "changed, strict {more}");
    }
}

#[test]
fn reading_and_closing_is_one_wait() {
    let server = server!();
    let mut subject = Subject::warm(&server, ROOMY, "");
    subject.handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR).unwrap();
    subject.handler.close().unwrap();
    assert_eq!(subject.proxy.finish(), counts(1, 0));
}

#[test]
fn a_new_id_is_two_waits() {
    let server = server!();
    for delete_old in [false, true] {
        let mut subject = Subject::warm(&server, ROOMY, "");
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
        handler.write(NEW, b"a|i:1;", Caller::Engine, HOUR).unwrap();
        handler.close().unwrap();
        assert_eq!(subject.proxy.finish(), counts(2, 0), "regenerate, delete_old = {delete_old}");
    }
}

#[test]
fn the_first_contact_opens_the_table_and_learns_how_it_writes_times() {
    let server = server!();
    let mut subject = Subject::warm(&server, ROOMY, "");
    let dsn = port_dsn(subject.proxy.port(), "nothing", "");
    assert!(handler(&dsn).read(ID.as_bytes(), Caller::Engine, HOUR).is_err());
    subject.proxy.finish();
    let proxy = Proxy::to(server.handlersocket_write_port());
    let mut new = handler(&port_dsn(proxy.port(), &table(&server, ROOMY), ""));
    new.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    assert_eq!(proxy.finish(), Counts { waits: 2, unawaited: 0, connections: 1 });
    new.write(ID.as_bytes(), b"a|i:1;", Caller::Engine, HOUR).unwrap();
    new.close().unwrap();
    assert_eq!(proxy.finish(), counts(1, 0));
    new.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
    assert_eq!(proxy.finish(), counts(1, 0));
    subject.cycle(false, false);
}

#[test]
fn without_persistence_each_request_has_a_connection_of_its_own() {
    let server = server!();
    let mut subject = Subject::warm(&server, ROOMY, "&persistent=0");
    let one = subject.cycle(false, false);
    assert_eq!((one.connections, one.unawaited), (1, 0), "nobody closes what was not answered");
    // Nobody keeps the table's definition from being changed.
    let tables = server.sql("SHOW TABLES").lines().map(str::to_owned).collect::<Vec<_>>();
    let mine = String::from_utf8_lossy(&subject.proxy.sent()).into_owned();
    let mine = tables.iter().find(|name| mine.contains(&format!("\t{name}\t"))).unwrap();
    server.sql(&format!("SET lock_wait_timeout = 10; ALTER TABLE {mine} COMMENT 'changed'"));
}
