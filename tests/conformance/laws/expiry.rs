//! Records end with their lifetime and not before.

use crate::fixture::{Fixture, LONG, hold, is_free, read, sid};
use std::time::Duration;

pub fn an_expired_record_is_absent_to_everyone(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    fixture.write_and_outlive(&mut *store, &["old"]);
    assert_eq!(read(&mut *store, "old"), None);
    assert!(!store.exists(sid("old")).unwrap());
    assert!(!store.touch(sid("old"), LONG).unwrap(), "an expired record cannot be touched back to life");
    assert_eq!(read(&mut *store, "old"), None);
    let mut other = fixture.store();
    assert_eq!(read(&mut *other, "old"), None);
    assert!(!other.exists(sid("old")).unwrap());
}

pub fn a_record_lives_to_its_end(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    match fixture.clock() {
        Some(clock) => {
            store.write(sid("young"), b"data", Duration::from_secs(10)).unwrap();
            clock.advance(Duration::from_secs(9));
        }
        None => {
            store.write(sid("young"), b"data", fixture.shortest_lifetime() * 100).unwrap();
            fixture.write_and_outlive(&mut *store, &["short"]);
        }
    }
    assert_eq!(read(&mut *store, "young").unwrap(), b"data");
    store.gc(LONG).unwrap();
    assert!(store.exists(sid("young")).unwrap());
}

pub fn touch_extends_and_reports(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    let short = fixture.shortest_lifetime();
    store.write(sid("touched"), b"data", short).unwrap();
    store.write(sid("left"), b"data", short).unwrap();
    assert!(store.touch(sid("touched"), LONG).unwrap());
    fixture.outlive(&mut *store, short, &["left"]);
    assert_eq!(read(&mut *store, "touched").unwrap(), b"data", "touch must extend");
    // And the other way: a lifetime can be made shorter.
    assert!(store.touch(sid("touched"), short).unwrap());
    fixture.outlive(&mut *store, short, &["touched"]);
}

pub fn write_replaces_the_lifetime_too(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    let short = fixture.shortest_lifetime();
    store.write(sid("shortened"), b"1", LONG).unwrap();
    store.write(sid("shortened"), b"2", short).unwrap();
    store.write(sid("lengthened"), b"1", short).unwrap();
    store.write(sid("lengthened"), b"2", LONG).unwrap();
    fixture.outlive(&mut *store, short, &["shortened"]);
    assert_eq!(read(&mut *store, "lengthened").unwrap(), b"2");
}

pub fn an_expired_record_can_be_written_again(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    fixture.write_and_outlive(&mut *store, &["again"]);
    store.write(sid("again"), b"new", LONG).unwrap();
    assert_eq!(read(&mut *store, "again").unwrap(), b"new");
    store.gc(LONG).unwrap();
    assert_eq!(read(&mut *store, "again").unwrap(), b"new", "gc must look at the new lifetime");
}

pub fn gc_removes_only_what_expired_and_counts(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    assert_eq!(store.gc(LONG).unwrap(), 0, "an empty storage has nothing to remove");
    store.write(sid("kept"), b"data", LONG).unwrap();
    fixture.write_and_outlive(&mut *store, &["old-1", "old-2", "old-3"]);
    let expected = if store.capabilities().self_expiring { 0 } else { 3 };
    assert_eq!(store.gc(LONG).unwrap(), expected);
    assert_eq!(store.gc(LONG).unwrap(), 0, "a second gc finds nothing left");
    assert_eq!(read(&mut *store, "kept").unwrap(), b"data");
}

/// Beside a request as many as fit, and the next call goes on; at once all that are left.
pub fn gc_removes_many(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    if store.capabilities().self_expiring {
        assert_eq!(store.gc(LONG).unwrap(), 0);
        assert_eq!(store.gc_all(LONG).unwrap(), 0);
        return;
    }
    let ids: Vec<String> = (0..1500).map(|number| format!("{number:06}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    fixture.write_and_outlive(&mut *store, &ids);
    store.write(sid("kept"), b"data", LONG).unwrap();
    let brief = [store.gc(LONG).unwrap(), store.gc(LONG).unwrap()];
    let removed: u64 = brief.iter().sum();
    assert!((2..=1500).contains(&removed), "{brief:?}");
    assert_eq!(removed + store.gc_all(LONG).unwrap(), 1500, "after {brief:?} the whole rest");
    assert_eq!((store.gc(LONG).unwrap(), store.gc_all(LONG).unwrap()), (0, 0));
    assert!(store.exists(sid("kept")).unwrap());
}

pub fn gc_leaves_locks_alone(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    if !one.capabilities().locks {
        return;
    }
    fixture.write_and_outlive(&mut *one, &["old"]);
    let leases = [hold(&mut *one, "old"), hold(&mut *one, "unborn")];
    two.gc(LONG).unwrap();
    assert!(!is_free(&mut *two, "old"), "the record goes, its lock stays");
    assert!(!is_free(&mut *two, "unborn"));
    for (id, lease) in ["old", "unborn"].into_iter().zip(leases) {
        one.unlock(sid(id), lease).unwrap();
    }
}
