//! Properties by name.
//!
//! Most of it goes past `__get`, `__set`, `__isset` and `__unset`: for a class that has these methods, and
//! objects that are to behave as if it had none. The first argument of the method names the property.
//!
//! PHP keeps such a method from being called again for the same property while it runs, so that its
//! own functions for objects without them do what is wanted, in the name of who asked.

use super::call::Call;
use super::messages::{Thrown, has_exception};
use ext_php_rs::ffi::{self, zend_object, zend_string};
use ext_php_rs::types::{ZendStr, Zval};
use std::ptr;

/// The engine's code for reading a value.
const READ: i32 = 0;
/// And for asking whether a property is there, null or not.
const IS_THERE: i32 = 2;

/// A copy of an object's property, as the method that runs may read it; also one that
/// `__get()` makes. None if `__isset()` or the class say that there is none.
pub(in crate::php) fn read_property(object: &Zval, name: &str) -> Result<Option<Zval>, Thrown> {
    // Held, since what is called may let go of it.
    let mut holder = object.dereference().shallow_clone();
    let Some(object) = holder.object_mut() else { return Ok(None) };
    let object: *mut zend_object = object;
    let mut name = ZendStr::new(name, false);
    let mut made = Zval::new();
    // SAFETY: a live object with the handlers of its class, and a name that is held. A value that is not
    // in the object is put in `made`, which lives until the copy is made.
    let value = unsafe {
        let Some(handlers) = (*object).handlers.as_ref() else { return Ok(None) };
        let (Some(has), Some(read)) = (handlers.has_property, handlers.read_property) else { return Ok(None) };
        if has(object, &raw mut *name, IS_THERE, ptr::null_mut()) == 0 {
            None
        } else {
            let found = read(object, &raw mut *name, READ, ptr::null_mut(), &raw mut made);
            found.as_ref().map(|found| found.dereference().shallow_clone())
        }
    };
    if has_exception() { Err(Thrown) } else { Ok(value) }
}

impl Call<'_> {
    /// What `__get` returns for an ordinary object: its property, or null and PHP's warning.
    pub(in crate::php) fn read_ordinary_property(&mut self) -> Result<(), Thrown> {
        self.in_the_name_of_the_asker(|object, name, _, result| {
            let mut made = Zval::new();
            // SAFETY: object and name are live; a value that is not in the object is put in `made`.
            let found =
                unsafe { ffi::zend_std_read_property(object, name, READ, ptr::null_mut(), &raw mut made).as_ref() };
            *result = found.map_or_else(Zval::null, |found| found.dereference().shallow_clone());
        })
    }

    /// What `__set` does to an ordinary object.
    pub(in crate::php) fn write_ordinary_property(&mut self) -> Result<(), Thrown> {
        self.in_the_name_of_the_asker(|object, name, value, _| {
            let mut value = value;
            // SAFETY: as above; the value is copied.
            unsafe { ffi::zend_std_write_property(object, name, &raw mut value, ptr::null_mut()) };
        })
    }

    /// What `__isset` says of an ordinary object.
    pub(in crate::php) fn has_ordinary_property(&mut self) -> Result<(), Thrown> {
        self.in_the_name_of_the_asker(|object, name, _, result| {
            // SAFETY: as above; 0 asks for what is there and not null.
            result.set_bool(unsafe { ffi::zend_std_has_property(object, name, 0, ptr::null_mut()) } != 0);
        })
    }

    /// What `__unset` does to an ordinary object.
    pub(in crate::php) fn unset_ordinary_property(&mut self) -> Result<(), Thrown> {
        self.in_the_name_of_the_asker(|object, name, _, _| {
            // SAFETY: as above.
            unsafe { ffi::zend_std_unset_property(object, name, ptr::null_mut()) };
        })
    }

    /// Runs `work` with the object, the name, the second argument and the result. What may be seen is
    /// decided by the class whose code asked, not by ours: we could see what is protected.
    fn in_the_name_of_the_asker(
        &mut self,
        work: impl FnOnce(*mut zend_object, *mut zend_string, Zval, &mut Zval),
    ) -> Result<(), Thrown> {
        self.strings::<1>()?;
        let value = self.value(1).map_or_else(Zval::null, Zval::shallow_clone);
        let slot = self.slot(0).ok_or(Thrown)?;
        let object: *mut zend_object = self.this()?;
        // SAFETY: the slot holds a string since it was asked for one. The frame above ours is that of
        // the code that asked; PHP puts the scope aside itself while user code runs.
        unsafe {
            let name = (*slot).dereference().value.str_;
            let asker = self.frame.prev_execute_data.as_ref().and_then(|frame| frame.func.as_ref());
            let scope = asker.map_or(ptr::null_mut(), |function| function.common.scope);
            let globals = ffi::ext_php_rs_executor_globals();
            let former = (*globals).fake_scope;
            // A class without any rights here stands for code outside of classes.
            (*globals).fake_scope = if scope.is_null() { ffi::zend_standard_class_def } else { scope };
            work(object, name, value, self.result);
            (*globals).fake_scope = former;
        }
        if has_exception() { Err(Thrown) } else { Ok(()) }
    }
}
