//! Objects that carry native state beside their PHP properties.

use super::guarded;
use ext_php_rs::ffi::{self, zend_class_entry, zend_object};
use std::any::Any;
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
