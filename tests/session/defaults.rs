//! The combined operations that a store gets for nothing, composed of its plain ones.

use crate::double::{LIFETIME, World, sid};
use seshat::error::{Kind, Result};
use seshat::session::id::SessionId;
use seshat::session::lock::{Lease, LockRequest, LockState};
use seshat::session::store::{Capabilities, Committed, OpenRequest, Store};
use std::time::Duration;

/// A store that has the plain operations alone.
struct Plain(Box<dyn Store>);

impl Store for Plain {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn endpoint(&self) -> String {
        self.0.endpoint()
    }

    fn read(&mut self, id: SessionId<'_>, into: &mut Vec<u8>) -> Result<bool> {
        self.0.read(id, into)
    }

    fn write(&mut self, id: SessionId<'_>, data: &[u8], ttl: Duration) -> Result<()> {
        self.0.write(id, data, ttl)
    }

    fn touch(&mut self, id: SessionId<'_>, ttl: Duration) -> Result<bool> {
        self.0.touch(id, ttl)
    }

    fn destroy(&mut self, id: SessionId<'_>) -> Result<()> {
        self.0.destroy(id)
    }

    fn exists(&mut self, id: SessionId<'_>) -> Result<bool> {
        self.0.exists(id)
    }

    fn gc(&mut self, max_lifetime: Duration) -> Result<u64> {
        self.0.gc(max_lifetime)
    }

    fn lock(&mut self, id: SessionId<'_>, request: &LockRequest<'_>) -> Result<LockState> {
        self.0.lock(id, request)
    }

    fn unlock(&mut self, id: SessionId<'_>, lease: Lease) -> Result<()> {
        self.0.unlock(id, lease)
    }
}

fn request(lock_missing: bool, extend: bool) -> OpenRequest<'static> {
    let lock = LockRequest { wait: Duration::ZERO, lease: Duration::from_secs(1000), holder: "", max_waiters: None };
    OpenRequest { lock: Some(lock), lock_missing, extend: extend.then_some(LIFETIME) }
}

fn lease(store: &mut Plain, world: &World) -> Lease {
    let opened = store.open(sid("known"), &request(true, false), &mut Vec::new()).unwrap();
    world.calls();
    match opened.lock {
        LockState::Held(lease) => lease,
        other => panic!("{other:?}"),
    }
}

#[test]
fn open_locks_reads_and_extends_in_this_order() {
    let world = World::with("known", b"cart=1");
    let mut store = Plain(world.store());
    let mut data = Vec::new();
    let opened = store.open(sid("known"), &request(true, true), &mut data).unwrap();
    assert!(opened.found && matches!(opened.lock, LockState::Held(_)));
    assert_eq!(data, b"cart=1");
    assert_eq!(world.calls(), ["lock known wait=0", "read known", "touch known 1440"]);
}

#[test]
fn open_does_not_lock_what_is_not_there() {
    let world = World::new();
    let opened = Plain(world.store()).open(sid("forged"), &request(false, true), &mut Vec::new()).unwrap();
    assert!(!opened.found && matches!(opened.lock, LockState::NotTaken));
    assert_eq!(world.calls(), ["exists forged"]);
}

#[test]
fn open_gives_the_lock_back_when_the_session_went_in_between() {
    let world = World::with("known", b"cart=1");
    let mut store = Plain(world.store());
    world.vanish_before("lock");
    let opened = store.open(sid("known"), &request(false, true), &mut Vec::new()).unwrap();
    assert!(!opened.found && matches!(opened.lock, LockState::NotTaken));
    assert_eq!(world.calls(), ["exists known", "lock known wait=0", "read known", "unlock known"]);
    assert!(!world.is_locked("known"));
}

#[test]
fn open_that_fails_holds_no_lock() {
    for call in ["read", "touch"] {
        let world = World::with("known", b"cart=1");
        world.fail(call, Kind::Storage);
        let error = Plain(world.store()).open(sid("known"), &request(true, true), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Storage);
        assert!(!world.is_locked("known"), "{call}");
    }
}

#[test]
fn open_reads_nothing_without_the_lock_it_asked_for() {
    let world = World::with("known", b"cart=1");
    let _held = world.lock_as_other("known");
    let opened = Plain(world.store()).open(sid("known"), &request(true, true), &mut Vec::new()).unwrap();
    assert!(!opened.found && matches!(opened.lock, LockState::Busy(_)));
    assert_eq!(world.calls(), ["lock known wait=0"]);
}

#[test]
fn a_failed_write_touch_or_destroy_gives_the_lock_back() {
    for call in ["write", "touch", "exists", "destroy"] {
        let world = World::with("known", b"cart=1");
        let mut store = Plain(world.store());
        let lease = lease(&mut store, &world);
        world.fail(call, Kind::Full);
        let failed = match call {
            "write" => store.write_unlock(sid("known"), b"cart=2", LIFETIME, lease).map(drop),
            "destroy" => store.destroy_unlock(sid("known"), lease),
            _ => store.touch_unlock(sid("known"), b"cart=1", LIFETIME, Some(lease), call == "exists").map(drop),
        };
        assert_eq!(failed.unwrap_err().kind(), Kind::Full, "{call}");
        assert!(!world.is_locked("known"), "{call}");
    }
}

#[test]
fn touch_unlock_stores_what_vanished() {
    for extended in [false, true] {
        let world = World::with("known", b"cart=1");
        let mut store = Plain(world.store());
        let lease = lease(&mut store, &world);
        world.other().destroy(sid("known")).unwrap();
        let outcome = store.touch_unlock(sid("known"), b"cart=1", LIFETIME, Some(lease), extended).unwrap();
        assert_eq!(outcome, Committed::Done);
        assert_eq!(world.stored("known").unwrap(), b"cart=1");
        let asked = if extended { "exists known" } else { "touch known 1440" };
        assert_eq!(world.calls(), [asked, "write known 1440", "unlock known"]);
    }
}
