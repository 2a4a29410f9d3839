//! Direct calls by user code, and wrappers that do things in an order of their own.

use crate::double::{LIFETIME, World, sid};
use seshat::session::handler::{Caller, Policy};
use seshat::session::store::Store;

const ENGINE: Caller = Caller::Engine;

#[test]
fn direct_calls_take_no_lock() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    assert!(handler.validate(b"known", Caller::Direct, LIFETIME).unwrap());
    assert!(!handler.validate(b"unknown", Caller::Direct, LIFETIME).unwrap());
    assert_eq!(handler.read(b"known", Caller::Direct, LIFETIME).unwrap(), b"cart=1");
    assert_eq!(handler.read(b"unknown", Caller::Direct, LIFETIME).unwrap(), b"");
    handler.write(b"known", b"cart=2", Caller::Direct, LIFETIME).unwrap();
    handler.touch(b"known", b"cart=2", Caller::Direct, LIFETIME).unwrap();
    handler.destroy(b"known", Caller::Direct).unwrap();
    assert_eq!(handler.gc(LIFETIME, Caller::Direct).unwrap(), 0);
    assert!(!handler.is_open());
    assert_eq!(
        world.calls(),
        [
            "exists known",
            "exists unknown",
            "read known",
            "read unknown",
            "write known 1440",
            "touch_unlock known 1440",
            "destroy known",
            "gc_all 1440"
        ]
    );
}

#[test]
fn direct_calls_do_not_disturb_the_current_session() {
    let world = World::with("known", b"cart=1");
    world.other().write(sid("other"), b"2", LIFETIME).unwrap();
    let mut handler = world.handler();
    assert!(handler.validate(b"known", ENGINE, LIFETIME).unwrap());
    assert_eq!(handler.read(b"other", Caller::Direct, LIFETIME).unwrap(), b"2");
    assert!(handler.validate(b"other", Caller::Direct, LIFETIME).unwrap());
    assert_eq!(handler.read(b"known", ENGINE, LIFETIME).unwrap(), b"cart=1", "still the data of the validation");
    handler.write(b"other", b"3", Caller::Direct, LIFETIME).unwrap();
    handler.destroy(b"other", Caller::Direct).unwrap();
    assert_eq!(handler.read(b"known", Caller::Direct, LIFETIME).unwrap(), b"cart=1");
    handler.touch(b"known", b"cart=1", Caller::Direct, LIFETIME).unwrap();
    assert!(handler.is_open() && world.is_locked("known"));
    world.calls();
    handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.calls(), ["write_unlock known 1440"], "under the lock of the start");
}

#[test]
fn an_id_that_was_made_and_then_written_is_read() {
    // Without locking nobody is asked about an id that was just made; here it is not so new any more.
    let world = World::new();
    let mut handler = world.handler_with(Policy { locking: false, ..Policy::default() });
    handler.note_created(b"made");
    handler.write(b"made", b"prepared", Caller::Direct, LIFETIME).unwrap();
    assert_eq!(handler.read(b"made", ENGINE, LIFETIME).unwrap(), b"prepared");
    // Nor the second time that it is read.
    handler.close().unwrap();
    handler.note_created(b"told");
    assert_eq!(handler.read(b"told", ENGINE, LIFETIME).unwrap(), b"");
    world.other().write(sid("told"), b"by another", LIFETIME).unwrap();
    assert_eq!(handler.read(b"told", Caller::Reset, LIFETIME).unwrap(), b"by another");
    // Nor when it is asked about after it was stored.
    handler.note_created(b"touched");
    handler.touch(b"touched", b"x", Caller::Direct, LIFETIME).unwrap();
    assert!(handler.validate(b"touched", Caller::CreateId, LIFETIME).unwrap());
}

#[test]
fn a_made_id_is_forgotten_at_close() {
    let world = World::new();
    let mut handler = world.handler_with(Policy { locking: false, ..Policy::default() });
    handler.note_created(b"made");
    handler.close().unwrap();
    world.other().write(sid("made"), b"by another", LIFETIME).unwrap();
    assert_eq!(handler.read(b"made", ENGINE, LIFETIME).unwrap(), b"by another");
}

#[test]
fn second_write_after_release_is_locked_for_its_length() {
    let world = World::with("known", b"cart=1");
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.write(b"known", b"cart=2", ENGINE, LIFETIME).unwrap();
    world.calls();
    handler.write(b"known", b"cart=3", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.calls(), ["lock known wait=0", "write_unlock known 1440"]);
    assert!(!world.is_locked("known"));
    assert_eq!(world.stored("known").unwrap(), b"cart=3");
    let held = world.lock_as_other("known");
    handler.write(b"known", b"cart=4", ENGINE, LIFETIME).unwrap_err();
    assert_eq!(world.stored("known").unwrap(), b"cart=3", "not while another request has it");
    world.other().unlock(sid("known"), held).unwrap();
}

#[test]
fn write_of_an_id_never_read_is_locked_for_its_length() {
    let world = World::new();
    let mut handler = world.handler();
    handler.write(b"blind", b"data", ENGINE, LIFETIME).unwrap();
    assert_eq!(world.calls(), ["lock blind wait=0", "write_unlock blind 1440"]);
    assert!(!world.is_locked("blind") && !handler.is_open());
    let held = world.lock_as_other("blind");
    handler.write(b"blind", b"more", ENGINE, LIFETIME).unwrap_err();
    assert_eq!(world.stored("blind").unwrap(), b"data");
    world.other().unlock(sid("blind"), held).unwrap();
}

#[test]
fn another_id_s_end_leaves_the_current_session_open() {
    let world = World::with("known", b"cart=1");
    world.other().write(sid("other"), b"2", LIFETIME).unwrap();
    let mut handler = world.handler();
    handler.read(b"known", ENGINE, LIFETIME).unwrap();
    handler.destroy(b"other", ENGINE).unwrap();
    assert!(handler.is_open() && world.is_locked("known"));
    assert_eq!(world.stored("other"), None);
}

#[test]
fn buffers_shrink() {
    let world = World::with("large", &vec![b'x'; 8 << 20]);
    world.other().write(sid("small"), b"x", LIFETIME).unwrap();
    let mut handler = world.handler();
    for caller in [ENGINE, Caller::Direct] {
        handler.read(b"large", caller, LIFETIME).unwrap();
        handler.read(b"large", caller, LIFETIME).unwrap();
        assert!(world.capacity() >= 8 << 20, "within a request the buffer is used again");
        handler.close().unwrap();
        handler.read(b"small", caller, LIFETIME).unwrap();
        assert!(world.capacity() <= 256 << 10, "{} bytes kept after close", world.capacity());
        handler.close().unwrap();
        handler.read(b"small", caller, LIFETIME).unwrap();
        assert!(world.capacity() > 0, "a small buffer is kept");
        handler.close().unwrap();
    }
}
