//! Objects that carry native state beside their PHP properties.

use super::guarded;
use ext_php_rs::ffi::{self, zend_class_entry, zend_object};
use ext_php_rs::types::Zval;
use std::any::Any;
use std::cell::RefCell;
use std::mem::offset_of;
use std::sync::OnceLock;

#[repr(C)]
pub(super) struct NativeObject {
    pub(super) state: Option<Box<dyn Any>>,
    /// Last: the engine lays the declared properties out behind it.
    object: zend_object,
}

struct HandlersTable(ffi::zend_object_handlers);
// SAFETY: written once, then read only; holds function pointers.
unsafe impl Sync for HandlersTable {}
// SAFETY: as above.
unsafe impl Send for HandlersTable {}

pub(super) fn object_handlers() -> &'static ffi::zend_object_handlers {
    static HANDLERS: OnceLock<HandlersTable> = OnceLock::new();
    let table = HANDLERS.get_or_init(|| {
        // SAFETY: the engine's own table, a constant.
        let mut handlers = unsafe { ffi::std_object_handlers };
        handlers.offset = i32::try_from(offset_of!(NativeObject, object)).unwrap_or_default();
        handlers.free_obj = Some(free_object);
        handlers.clone_obj = None;
        HandlersTable(handlers)
    });
    &table.0
}

pub(super) unsafe extern "C" fn create_object(class: *mut zend_class_entry) -> *mut zend_object {
    // SAFETY: the allocator makes room for our struct and the class's property table behind it;
    // the two init functions complete the engine's part.
    unsafe {
        let native = ffi::ext_php_rs_zend_object_alloc(size_of::<NativeObject>(), class).cast::<NativeObject>();
        (&raw mut (*native).state).write(None);
        let object = &raw mut (*native).object;
        ffi::zend_object_std_init(object, class);
        ffi::object_properties_init(object, class);
        (*object).handlers = object_handlers();
        object
    }
}

/// The struct around an engine object that `create_object` made.
pub(super) unsafe fn native_of(object: *mut zend_object) -> *mut NativeObject {
    // SAFETY: the caller vouches that the object is one of ours.
    unsafe { object.cast::<u8>().sub(offset_of!(NativeObject, object)).cast() }
}

unsafe extern "C" fn free_object(object: *mut zend_object) {
    // SAFETY: only our objects have this handler; the engine frees the memory afterwards.
    let state = unsafe { (*native_of(object)).state.take() };
    guarded((), || drop(state));
    // SAFETY: the counterpart of zend_object_std_init.
    unsafe { ffi::zend_object_std_dtor(object) };
}

thread_local! {
    /// The states that are out of their objects at the moment. A bailout leaves them here.
    static LENT: RefCell<Vec<*mut dyn Any>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` on a state that is out of its object, and gives the state back. `work` may call PHP,
/// and a bailout may end it: the state then waits for [`drop_lent`].
pub(super) fn lend<R>(state: Box<dyn Any>, work: impl FnOnce(&mut dyn Any) -> R) -> (Box<dyn Any>, R) {
    let lent = Box::into_raw(state);
    LENT.with_borrow_mut(|all| all.push(lent));
    // SAFETY: the box that was just taken apart. Nobody else works on what `LENT` holds.
    let outcome = work(unsafe { &mut *lent });
    LENT.with_borrow_mut(|all| {
        if let Some(place) = all.iter().rposition(|one| std::ptr::addr_eq(*one, lent)) {
            all.swap_remove(place);
        }
    });
    // SAFETY: it is no longer listed, and so made a box again once.
    (unsafe { Box::from_raw(lent) }, outcome)
}

/// Drops the states whose users did not come back. After the request.
pub(in crate::php) fn drop_lent() {
    for lent in LENT.take() {
        // SAFETY: from `lend`, whose caller is gone.
        drop(unsafe { Box::from_raw(lent) });
    }
}

/// The object that has this number now; None if there is none.
pub(in crate::php) fn object_of(number: u32) -> Option<Zval> {
    // SAFETY: the request's own table of objects, whose first `top` places are set. The place of an object
    // that is gone has its lowest bit set; an object that is being freed may not be held any more.
    unsafe {
        let store = &(*ffi::ext_php_rs_executor_globals()).objects_store;
        if number == 0 || number >= store.top {
            return None;
        }
        let object = *store.object_buckets.add(usize::try_from(number).ok()?);
        if object.is_null() || object.addr() & 1 != 0 || (*object).gc.refcount == 0 {
            return None;
        }
        let mut value = Zval::new();
        value.set_object(&mut *object);
        Some(value)
    }
}
