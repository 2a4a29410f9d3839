//! One call of one of our methods: its arguments, its object, its result.

use super::bytes_of;
use super::caller::caller_above;
use super::classes::{class_entry, function_of};
use super::messages::{Thrown, has_exception, throw_error};
use super::objects::{lend, native_of, object_handlers};
use super::symbols::*;
use super::values::{
    assign, call_method, is_native_method, remove_in, returned, set_in, swap, type_name, writable_array,
};
use crate::session::handler::Caller;
use ext_php_rs::ffi::{self, zend_object, zend_string};
use ext_php_rs::flags::DataType;
use ext_php_rs::types::{ZendObject, ZendStr, Zval};
use ext_php_rs::zend::ExecuteData;
use std::any::Any;
use std::ffi::CString;
use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// One call of one of our methods: its arguments, its object, its result.
pub(in crate::php) struct Call<'a> {
    pub(super) frame: &'a mut ExecuteData,
    pub(super) result: &'a mut Zval,
}

/// The way into every method: counts arguments, catches panics. At least as many arguments must come
/// as are declared to be required, but never more than `least`.
pub(in crate::php) fn enter(
    frame: &mut ExecuteData,
    result: &mut Zval,
    least: u32,
    body: fn(&mut Call<'_>) -> Result<(), Thrown>,
) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut call = Call { frame, result };
        if call.has_right_count(least) {
            let _ = body(&mut call);
        }
    }));
    if outcome.is_err() && !has_exception() {
        throw_error("Seshat: internal error, the operation was given up; please report it");
    }
}

impl<'a> Call<'a> {
    /// How many arguments were passed.
    pub(in crate::php) fn count(&self) -> usize {
        // SAFETY: the frame of a call holds the count there.
        usize::try_from(unsafe { self.frame.This.u2.num_args }).unwrap_or_default()
    }

    fn has_right_count(&self, least: u32) -> bool {
        // SAFETY: the frame of a running function has its function.
        let (least, most) = unsafe {
            let common = &(*self.frame.func).common;
            (common.required_num_args.min(least), common.num_args)
        };
        let count = u32::try_from(self.count()).unwrap_or(u32::MAX);
        let right = (least..=most).contains(&count);
        if !right {
            // SAFETY: throws PHP's usual ArgumentCountError for the running function.
            unsafe { ffi::zend_wrong_parameters_count_error(least, most) };
        }
        right
    }

    pub(super) fn slot(&self, index: usize) -> Option<*mut Zval> {
        if index >= self.count() {
            return None;
        }
        // SAFETY: below the count, so the slot holds an argument; it lives as long as the frame.
        unsafe { self.frame.zend_call_arg(index) }.map(ptr::from_mut)
    }

    /// The argument as it was passed, references followed. None if it was left out.
    pub(in crate::php) fn value(&self, index: usize) -> Option<&Zval> {
        // SAFETY: a live slot; only `strings`, which needs the call exclusively, changes slots.
        self.slot(index).map(|slot| unsafe { (*slot).dereference() })
    }

    /// The first arguments as strings, coerced as PHP coerces for its own functions. Absent ones
    /// are empty.
    ///
    /// # Errors
    /// PHP's usual TypeError was thrown.
    pub(in crate::php) fn strings<const N: usize>(&mut self) -> Result<[&'a [u8]; N], Thrown> {
        let mut strings: [&'a [u8]; N] = [b""; N];
        for (index, string) in strings.iter_mut().enumerate() {
            *string = self.string(index)?;
        }
        Ok(strings)
    }

    /// One argument as a string. See `strings`.
    pub(in crate::php) fn string(&mut self, index: usize) -> Result<&'a [u8], Thrown> {
        let Some(slot) = self.slot(index) else { return Ok(b"") };
        // SAFETY: a live slot that nothing else refers to now. It keeps its string until the frame
        // ends, which is longer than 'a, and nobody writes into a string that the frame holds: the
        // slice stays valid while the method works.
        unsafe {
            let slot = (*slot).dereference_mut();
            if !slot.is_string() {
                let mut text: *mut zend_string = ptr::null_mut();
                let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
                if !zend_parse_arg_str_slow(slot, &raw mut text, number) {
                    return Err(self.wrong_type(index, "string"));
                }
            }
            Ok(slot.value.str_.as_ref().map(bytes_of).unwrap_or_default())
        }
    }

    /// A whole number, coerced as PHP coerces.
    pub(in crate::php) fn long(&self, index: usize, absent: i64) -> Result<i64, Thrown> {
        let Some(slot) = self.value(index) else { return Ok(absent) };
        if let Some(number) = slot.long() {
            return Ok(number);
        }
        let mut number = 0;
        // SAFETY: a valid slot and a place for the result.
        if unsafe { zend_parse_arg_long_slow(slot, &raw mut number, u32::try_from(index + 1).unwrap_or(u32::MAX)) } {
            Ok(number)
        } else {
            Err(self.wrong_type(index, "int"))
        }
    }

    /// A boolean, coerced as PHP coerces.
    pub(in crate::php) fn switch(&self, index: usize, absent: bool) -> Result<bool, Thrown> {
        let Some(slot) = self.value(index) else { return Ok(absent) };
        if let Some(on) = slot.bool() {
            return Ok(on);
        }
        let mut on = false;
        // SAFETY: a valid slot and a place for the result.
        if unsafe { zend_parse_arg_bool_slow(slot, &raw mut on, u32::try_from(index + 1).unwrap_or(u32::MAX)) } {
            Ok(on)
        } else {
            Err(self.wrong_type(index, "bool"))
        }
    }

    /// PHP's usual TypeError for an argument, unless an exception is pending already.
    pub(in crate::php) fn wrong_type(&self, index: usize, expected: &str) -> Thrown {
        if has_exception() {
            return Thrown;
        }
        let given = self.value(index).map_or("null".into(), type_name);
        let message = CString::new(format!("must be of type {expected}, {given} given")).unwrap_or_default();
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        // SAFETY: the format takes one string, which is copied.
        unsafe { zend_argument_type_error(number, c"%s".as_ptr(), message.as_ptr()) };
        Thrown
    }

    /// PHP's ValueError for an argument: its name and `message`, which goes on from there.
    pub(in crate::php) fn invalid_value(&self, index: usize, message: &str) -> Thrown {
        let message = CString::new(message.replace('\0', "?")).unwrap_or_default();
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        // SAFETY: the format takes one string, which is copied.
        unsafe { zend_argument_value_error(number, c"%s".as_ptr(), message.as_ptr()) };
        Thrown
    }

    /// The object that the method was called on.
    pub(in crate::php) fn this(&mut self) -> Result<&mut ZendObject, Thrown> {
        self.frame.This.object_mut().ok_or(Thrown)
    }

    /// The engine's number of the object. It is given to another one when this one is gone.
    pub(in crate::php) fn object_number(&mut self) -> Result<u32, Thrown> {
        Ok(self.this()?.handle)
    }

    /// Works with the object's native state. It is out of the object meanwhile: a method called
    /// from within finds none. `work` may call PHP if it can do without its destructors: a bailout skips
    /// them, and the object then stays without its state.
    ///
    /// # Errors
    /// Throws if the object has none: its constructor was never called, or this is a call from
    /// inside another one on the same object.
    pub(in crate::php) fn with_state<T: 'static, R>(&mut self, work: impl FnOnce(&mut T) -> R) -> Result<R, Thrown> {
        state_of(self.this()?, work)
    }

    /// Gives the object its native state, in its constructor.
    pub(in crate::php) fn set_state(&mut self, state: Box<dyn Any>) -> Result<(), Thrown> {
        let object: *mut zend_object = self.this()?;
        // SAFETY: as in `with_state`.
        let former = unsafe {
            if !ptr::eq((*object).handlers, object_handlers()) {
                return Err(throw_error("Seshat: the constructor was called on a foreign object"));
            }
            (*native_of(object)).state.replace(state)
        };
        drop(former);
        Ok(())
    }

    /// Takes the object's native state away, if it has one.
    pub(in crate::php) fn clear_state(&mut self) {
        if !self.has_state() {
            return;
        }
        if let Ok(object) = self.this() {
            // SAFETY: `has_state` found the object to be one of ours.
            drop(unsafe { (*native_of(object)).state.take() });
        }
    }

    /// The name of the object's class.
    pub(in crate::php) fn class_name(&mut self) -> String {
        self.this().map(|this| name_of_class(this)).unwrap_or_default()
    }

    /// The method's result.
    pub(in crate::php) fn result(&mut self) -> &mut Zval {
        self.result
    }

    /// Whether the object has native state.
    pub(in crate::php) fn has_state(&mut self) -> bool {
        let Ok(object) = self.this() else { return false };
        let object: *mut zend_object = object;
        // SAFETY: as in `with_state`; only looked at.
        unsafe { ptr::eq((*object).handlers, object_handlers()) && (*native_of(object)).state.is_some() }
    }

    /// The position of a property that the method's class declares, for methods that several classes
    /// share. A subclass's own property of that name is not it.
    pub(in crate::php) fn position(&self, name: &str) -> Result<usize, Thrown> {
        // SAFETY: the frame of a method has its function, and that its class, whose properties are
        // declared for as long as it lives.
        let offset = unsafe {
            let class = (*self.frame.func).common.scope.as_ref().ok_or(Thrown)?;
            let table = (&raw const class.properties_info).cast_mut();
            ffi::zend_hash_str_find(table, name.as_ptr().cast(), name.len())
                .as_ref()
                .and_then(|info| info.value.ptr.cast::<ffi::zend_property_info>().as_ref())
                .map(|info| info.offset)
        };
        offset
            .and_then(|offset| usize::try_from(offset).ok())
            .and_then(|offset| offset.checked_sub(offset_of!(zend_object, properties_table)))
            .map(|offset| offset / size_of::<Zval>())
            .ok_or_else(|| throw_error("Seshat: a property of the class is missing"))
    }

    /// A declared property of the object, by its position among the class's properties.
    pub(in crate::php) fn property(&mut self, index: usize) -> Result<&'a Zval, Thrown> {
        let object: *const zend_object = self.this()?;
        // SAFETY: the frame keeps the object alive for 'a. See `property_of` for the slot.
        Ok(property_of(unsafe { &*object }, index))
    }

    /// Replaces a declared property.
    pub(in crate::php) fn set_property(&mut self, index: usize, value: Zval) -> Result<(), Thrown> {
        let object = self.this()?;
        // SAFETY: a slot of a declared property.
        unsafe { assign((&raw mut object.properties_table).cast::<Zval>().add(index), value) };
        if has_exception() { Err(Thrown) } else { Ok(()) }
    }

    /// Changes a declared property that is to be an array, where it stands. `work` must not call PHP,
    /// nor drop a value that may have a destructor.
    pub(in crate::php) fn change_array<R>(
        &mut self,
        index: usize,
        work: impl FnOnce(&mut Zval) -> R,
    ) -> Result<R, Thrown> {
        let object = self.this()?;
        // SAFETY: a slot of a declared property; nothing else refers to it while `work` runs.
        unsafe {
            let place = (&raw mut object.properties_table).cast::<Zval>().add(index);
            let mut former = Zval::null();
            if !(*place).dereference().is_array() {
                former = Zval::new_array();
                swap(place, &mut former);
            }
            let outcome = work((*place).dereference_mut());
            drop(former);
            Ok(outcome)
        }
    }

    /// If PHP code has overridden another method of the object, its name in lower case, hands this
    /// call over to it, with all arguments.
    pub(in crate::php) fn hand_over(&mut self, name: &'static str) -> Result<Option<Zval>, Thrown> {
        if is_native_method(self.this()?, name) {
            return Ok(None);
        }
        let mut arguments: Vec<Zval> =
            (0..self.count()).filter_map(|index| self.value(index)).map(Zval::shallow_clone).collect();
        self.call_own_method(name, &mut arguments).map(Some)
    }

    /// Calls a method of the object itself, protected or not, as it may have been overridden. The
    /// name in lower case.
    pub(in crate::php) fn call_own_method(
        &mut self,
        name: &'static str,
        arguments: &mut [Zval],
    ) -> Result<Zval, Thrown> {
        let object: *mut zend_object = self.this()?;
        let mut result = Zval::new();
        let count = u32::try_from(arguments.len()).unwrap_or_default();
        // SAFETY: the frame keeps the object alive; a class's functions live as long as the class; the
        // arguments live through the call, which copies what it keeps.
        unsafe {
            let class = (*object).ce;
            let function = function_of(&*class, name);
            if function.is_null() {
                return Err(throw_error("Seshat: a method of the object is missing"));
            }
            ffi::zend_call_known_function(
                function,
                object,
                class,
                &raw mut result,
                count,
                arguments.as_mut_ptr(),
                ptr::null_mut(),
            );
        }
        returned(result)
    }

    /// Whether the object's class, or a parent of it below `class`, has another method of that name than
    /// `class`, one of ours. The name in lower case.
    pub(in crate::php) fn overrides(&mut self, name: &str, class: &str) -> bool {
        let (Ok(object), Some(ours)) = (self.this(), class_entry(class)) else { return false };
        // SAFETY: a live object's class and a registered one; their functions live as long as they do.
        unsafe {
            let find = |class: *mut ffi::zend_class_entry| {
                let table = (&raw const (*class).function_table).cast_mut();
                ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len()).cast::<ffi::zend_function>()
            };
            let found = find(object.ce);
            !found.is_null() && (*found).common.scope != ours && !ptr::eq(found, find(ours))
        }
    }

    /// Stores an entry in the array that a declared property holds, in place. What is no array
    /// becomes one.
    pub(in crate::php) fn set_in_property(&mut self, index: usize, key: &[u8], value: Zval) -> Result<(), Thrown> {
        if !self.property(index)?.is_array() {
            self.set_property(index, Zval::new_array())?;
        }
        let object = self.this()?;
        // SAFETY: a slot of a declared property; its array is not shared when it is changed.
        unsafe {
            let place = (&raw mut object.properties_table).cast::<Zval>().add(index);
            if let Some(array) = writable_array(place) {
                set_in(array, key, value);
            }
        }
        Ok(())
    }

    /// Removes an entry of the array that a declared property holds. False if it was not there.
    pub(in crate::php) fn remove_in_property(&mut self, index: usize, key: &[u8]) -> Result<bool, Thrown> {
        let object = self.this()?;
        // SAFETY: as above.
        unsafe {
            let place = (&raw mut object.properties_table).cast::<Zval>().add(index);
            Ok(writable_array(place).is_some_and(|array| remove_in(array, key)))
        }
    }

    /// Calls a method of the object that a declared property holds.
    pub(in crate::php) fn call_property_method(
        &mut self,
        index: usize,
        name: &str,
        arguments: &mut [Zval],
    ) -> Result<Zval, Thrown> {
        let object = self.property(index)?.dereference().shallow_clone();
        if !object.is_object() {
            let class = self.class_name();
            return Err(throw_error(&format!("{class} has no storage object: its constructor was not called")));
        }
        call_method(&object, name, arguments)
    }

    /// Returns bytes.
    pub(in crate::php) fn return_bytes(&mut self, bytes: &[u8]) {
        self.result.set_zend_string(ZendStr::new(bytes, false));
    }

    /// The object that the method was called on, as a value.
    pub(in crate::php) fn this_value(&self) -> Zval {
        let mut value = self.frame.This.shallow_clone();
        // The frame keeps notes of its own beside the type.
        value.u1.type_info = ffi::IS_OBJECT_EX;
        value
    }

    /// Returns the object itself, for chained calls.
    pub(in crate::php) fn return_this(&mut self) {
        *self.result = self.this_value();
    }

    /// Who stands behind this call of a handler's method.
    pub(in crate::php) fn caller(&self) -> Caller {
        // SAFETY: the chain of frames above a running one is valid.
        unsafe { caller_above(Some(self.frame), self.frame.prev_execute_data) }
    }
}

fn name_of_class(object: &ZendObject) -> String {
    object.get_class_name().unwrap_or_default()
}

/// As [`Call::with_state`], for another object of ours.
pub(in crate::php) fn with_state_of<T: 'static, R>(object: &Zval, work: impl FnOnce(&mut T) -> R) -> Result<R, Thrown> {
    let mut holder = object.dereference().shallow_clone();
    match holder.object_mut() {
        Some(object) => state_of(object, work),
        None => Err(throw_error("Seshat: the object is gone")),
    }
}

/// See [`Call::with_state`]. The caller holds the object.
fn state_of<T: 'static, R>(object: &mut ZendObject, work: impl FnOnce(&mut T) -> R) -> Result<R, Thrown> {
    let object: *mut zend_object = object;
    // SAFETY: a live object; its handlers tell whether it is one of ours.
    let native = unsafe {
        if !ptr::eq((*object).handlers, object_handlers()) {
            return Err(throw_error("Seshat: the method was called on a foreign object"));
        }
        native_of(object)
    };
    // SAFETY: no other reference into the struct is alive: the state is taken out at once.
    let state = unsafe { (*native).state.take() };
    let Some(state) = state else {
        // SAFETY: as above.
        let class = name_of_class(unsafe { &*object });
        return Err(throw_error(&format!("{class} is not ready: its constructor was not called, or it is busy")));
    };
    let (state, outcome) = lend(state, |state| state.downcast_mut::<T>().map(work));
    // SAFETY: as above; the object is still alive, the caller holds it.
    unsafe { (*native).state = Some(state) };
    outcome.ok_or_else(|| throw_error("Seshat: the object's state has another type"))
}

/// A declared property, by its position among the class's properties, parents' first.
pub(in crate::php) fn property_of(object: &ZendObject, index: usize) -> &Zval {
    // SAFETY: callers name properties that their class declares; a subclass keeps the parent's
    // positions. The slot is the property's own, never indirect.
    let value = unsafe { (*(&raw const object.properties_table).cast::<Zval>().add(index)).dereference() };
    // A subclass may have unset it. That state is the slot's own and must not get into other values.
    if value.get_type() == DataType::Undef { &NULL.0 } else { value }
}

struct Constant(Zval);
// SAFETY: never changed.
unsafe impl Sync for Constant {}

static NULL: Constant = Constant(Zval {
    value: ffi::zend_value { lval: 0 },
    u1: ffi::_zval_struct__bindgen_ty_1 { type_info: ffi::IS_NULL },
    u2: ffi::_zval_struct__bindgen_ty_2 { next: 0 },
});
