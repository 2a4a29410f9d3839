//! How deep methods of ours are within each other, by way of the methods of objects that lead back to
//! them: a bag over a bag, a collection in a collection.
//!
//! A user can build such a chain as long as he likes, or close it to a ring. PHP would count it against
//! the memory limit; ours are calls on the processor's stack, which has no such limit.

use std::cell::RefCell;

/// Far more than any program needs, and far less than the stack holds.
const DEEPEST: usize = 100;

thread_local! {
    /// The engine's numbers of the objects that are at work.
    static AT_WORK: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` for an object, by its number, unless too many are at work already.
pub(super) fn deeper<R>(object: u32, work: impl FnOnce() -> R) -> Option<R> {
    let entered = AT_WORK.with_borrow_mut(|objects| {
        let room = objects.len() < DEEPEST;
        if room {
            objects.push(object);
        }
        room
    });
    if !entered {
        return None;
    }
    let _leave = Leave(object);
    Some(work())
}

/// Whether `work` of [`deeper`] runs for the object.
pub(super) fn is_at_work(object: u32) -> bool {
    AT_WORK.with_borrow(|objects| objects.contains(&object))
}

/// After the request, which a fatal error may have ended in the midst of it.
pub(super) fn end() {
    AT_WORK.with_borrow_mut(Vec::clear);
}

struct Leave(u32);

impl Drop for Leave {
    fn drop(&mut self) {
        AT_WORK.with_borrow_mut(|objects| {
            // With fibers it need not be the last one.
            if let Some(position) = objects.iter().rposition(|object| *object == self.0) {
                objects.remove(position);
            }
        });
    }
}
