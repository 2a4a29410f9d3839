//! Noticing that this process is a child that inherited somebody else's connections.
//!
//! A store remembers the [`generation`] in which it connected, and drops what is older without a
//! word on the wire: the socket still belongs to the parent.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static HOOKED: AtomicBool = AtomicBool::new(false);
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// A number that differs between a process and the children it forked.
///
/// Where the engine layer registered [`entered_child`] with the system this is a load from
/// memory; elsewhere it asks for the process id.
#[must_use]
pub fn generation() -> u64 {
    if HOOKED.load(Ordering::Relaxed) { GENERATION.load(Ordering::Relaxed) } else { u64::from(std::process::id()) }
}

/// Says that [`entered_child`] will be called in every forked child from now on.
pub fn hooked() {
    GENERATION.store(u64::from(std::process::id()), Ordering::Relaxed);
    HOOKED.store(true, Ordering::Relaxed);
}

/// Called in a child right after the fork. Touches nothing but an atomic: other threads of the
/// parent may have held any lock.
pub extern "C" fn entered_child() {
    GENERATION.fetch_add(1 << 32, Ordering::Relaxed);
}
