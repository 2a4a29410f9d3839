//! What is stored, and what of others is read.

use crate::aerospike_stand_in::{Particle, StandIn};
use crate::{HOUR, hold, named, read, sid, store};
use seshat::error::Kind;
use seshat::session::store::Store;

const BLOB: u8 = 4;
const STRING: u8 = 3;

fn blob(bytes: &[u8]) -> Particle {
    Particle { kind: BLOB, bytes: bytes.to_vec() }
}

#[test]
fn a_record_is_where_the_incubator_has_it() {
    let server = StandIn::usual();
    let mut one = store(&server.dsn("/session?prefix=session_"));
    one.write(named("abc"), b"a|i:1;\0\xff", HOUR).unwrap();
    let record = server.record("session_abc").expect("under prefix and id");
    assert_eq!(record.bins, [("value".to_owned(), blob(b"a|i:1;\0\xff"))], "one bin, bytes as they are");
    let lease = hold_named(&mut *one, "abc");
    assert!(server.record("session_abc").unwrap().bins.len() > 1);
    one.write_unlock(named("abc"), b"b", HOUR, lease).unwrap();
    let names: Vec<String> = server.record("session_abc").unwrap().bins.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["value", "written_by"], "nothing of a lock is left");
    one.destroy(named("abc")).unwrap();
    assert!(server.record("session_abc").is_none());
}

fn hold_named(store: &mut dyn Store, id: &str) -> seshat::session::lock::Lease {
    use seshat::session::lock::{LockRequest, LockState};
    let request = LockRequest { lease: HOUR, ..LockRequest::default() };
    match store.lock(named(id), &request).unwrap() {
        LockState::Held(lease) => lease,
        other => panic!("{other:?}"),
    }
}

#[test]
fn text_is_read_and_what_is_neither_is_refused() {
    let server = StandIn::usual();
    let mut one = store(&server.dsn(""));
    one.write(sid(), b"x", HOUR).unwrap();
    server.overwrite(crate::ID, &[("value", STRING, "käse|i:1;".as_bytes())]);
    assert_eq!(read(&mut *one).unwrap(), "käse|i:1;".as_bytes());
    server.overwrite(crate::ID, &[("value", 1, &7_i64.to_be_bytes())]);
    let error = one.read(sid(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Corrupt);
    assert!(error.to_string().contains("neither bytes nor text"), "{error}");
    // A record of somebody else's, without a session in it.
    server.overwrite(crate::ID, &[("other", STRING, b"theirs")]);
    assert_eq!(read(&mut *one), None);
    assert!(!one.exists(sid()).unwrap() && !one.touch(sid(), HOUR).unwrap());
    one.write(sid(), b"ours", HOUR).unwrap();
    assert_eq!(server.record(crate::ID).unwrap().bin("other").unwrap().bytes, b"theirs", "and it is left alone");
}

#[test]
fn a_lock_on_nothing_reads_as_nothing_and_leaves_nothing() {
    let server = StandIn::usual();
    let mut one = store(&server.dsn(""));
    let lease = hold(&mut *one, HOUR);
    assert!(server.record(crate::ID).is_some_and(|record| record.bin("value").is_none()));
    assert_eq!(read(&mut *one), None);
    assert!(!one.exists(sid()).unwrap());
    one.unlock(sid(), lease).unwrap();
    assert!(!one.exists(sid()).unwrap());
    assert!(server.record(crate::ID).is_none());
}
