//! Classes, declared in the words of PHP and registered with the engine.

use super::objects::create_object;
use super::symbols::*;
use crate::php::signature::{ArgumentType, Signature};
use ext_php_rs::args::ArgInfo;
use ext_php_rs::ffi::{self, zend_class_entry, zend_function, zend_internal_function};
use ext_php_rs::flags::{ClassFlags, DataType, MethodFlags};
use ext_php_rs::types::{ZendStr, Zval};
use ext_php_rs::zend::{ExecuteData, FunctionEntry, ZendType};
use parking_lot::RwLock;
use std::ffi::CString;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

/// The bit of `true` in the engine's masks of types.
const TRUE: u32 = 1 << 3;

/// A class, interface or exception of ours, declared.
pub(in crate::php) struct Class {
    pub name: &'static str,
    pub flags: ClassFlags,
    pub parent: Option<Parent>,
    pub interfaces: &'static [Interface],
    pub constants: &'static [(&'static str, Initial)],
    /// Protected (or private) properties, all starting as null or the given value.
    pub properties: &'static [Property],
    pub methods: &'static [Method],
    /// Objects carry native state (see `Call::with_state`).
    pub native: bool,
}

/// What a class extends.
pub(in crate::php) enum Parent {
    Exception,
    RuntimeException,
    Ours(&'static str),
    /// One that PHP itself has, by name.
    Php(&'static str),
}

/// What a class implements.
pub(in crate::php) enum Interface {
    SessionHandler,
    SessionId,
    SessionUpdateTimestamp,
    Ours(&'static str),
    /// One that PHP itself has, by name: `ArrayAccess`, `Countable`, `JsonSerializable`.
    Php(&'static str),
}

/// A declared property with its initial value.
#[derive(Clone, Copy)]
pub(in crate::php) struct Property {
    pub name: &'static str,
    pub private: bool,
    pub initial: Initial,
}

/// The initial value of a property, or the value of a constant.
#[derive(Clone, Copy)]
pub(in crate::php) enum Initial {
    Null,
    EmptyString,
    EmptyArray,
    Text(&'static str),
    Int(i64),
    Bool(bool),
}

impl Initial {
    /// A value without a reference count: classes of modules outlive requests.
    fn zval(self) -> Result<Zval, String> {
        let mut zval = Zval::new();
        match self {
            Initial::Null => zval.set_null(),
            Initial::EmptyString => zval.set_interned_string("", true).map_err(|error| error.to_string())?,
            // The engine's immutable empty array needs no reference count.
            Initial::EmptyArray => {
                zval.value.arr = (&raw const ffi::zend_empty_array).cast_mut();
                zval.u1.type_info = ffi::IS_ARRAY;
            }
            Initial::Text(text) => zval.set_interned_string(text, true).map_err(|error| error.to_string())?,
            Initial::Int(number) => zval.set_long(number),
            Initial::Bool(on) => zval.set_bool(on),
        }
        Ok(zval)
    }
}

/// A method: its signature as PHP writes it, and what it does. No body: abstract.
#[derive(Clone, Copy)]
pub(in crate::php) struct Method {
    pub signature: &'static str,
    pub body: Option<Handler>,
    /// The positions of parameters that must not appear in stack traces.
    pub sensitive: &'static [u32],
    /// Children may declare its parameters with types of their own. It must have no return type: OPcache
    /// relies on a declared one, also when it is a child's method that is called.
    pub redeclarable: bool,
    /// How many arguments an overriding method may require, if more than this one does.
    pub children_may_require: u32,
}

impl Method {
    /// A method without a body.
    pub(in crate::php) const fn declared(signature: &'static str) -> Self {
        Self { signature, body: None, sensitive: &[], redeclarable: false, children_may_require: 0 }
    }
}

/// Two lists of methods as one, for classes that share some. `N` is the length of both.
pub(in crate::php) const fn join<const N: usize>(own: &[Method], shared: &[Method]) -> [Method; N] {
    let mut joined = [Method::declared(""); N];
    let mut index = 0;
    while index < N {
        joined[index] = if index < own.len() { own[index] } else { shared[index - own.len()] };
        index += 1;
    }
    joined
}

/// A method's entry point, made by the macro `method!`.
pub(in crate::php) type Handler = extern "C" fn(&mut ExecuteData, &mut Zval);

/// Declares a method: `method!("public function read(string $id): string|false", read)`, with
/// `sensitive` positions at the end if there are secrets among its parameters, `redeclarable` if
/// children may declare it with other types, or `children_may_require` for one that may be called
/// without arguments though overriding methods may demand some.
macro_rules! method {
    ($signature:expr) => {
        $crate::php::engine::Method::declared($signature)
    };
    ($signature:expr, $body:expr) => {
        $crate::php::engine::method!($signature, $body, u32::MAX,)
    };
    ($signature:expr, $body:expr, sensitive [$($position:literal),*]) => {
        $crate::php::engine::method!($signature, $body, u32::MAX, sensitive: &[$($position),*],)
    };
    ($signature:expr, $body:expr, redeclarable) => {
        $crate::php::engine::method!($signature, $body, u32::MAX, redeclarable: true,)
    };
    ($signature:expr, $body:expr, children_may_require $count:literal) => {
        $crate::php::engine::method!($signature, $body, 0, children_may_require: $count,)
    };
    ($signature:expr, $body:expr, $least:expr, $($more:tt)*) => {{
        extern "C" fn entry(
            frame: &mut ext_php_rs::zend::ExecuteData,
            result: &mut ext_php_rs::types::Zval,
        ) {
            $crate::php::engine::enter(frame, result, $least, $body);
        }
        $crate::php::engine::Method {
            body: Some(entry),
            $($more)*
            ..$crate::php::engine::Method::declared($signature)
        }
    }};
}
pub(in crate::php) use method;

#[derive(Clone, Copy)]
pub(super) struct ClassPointer(*mut zend_class_entry);

// SAFETY: class entries of internal classes live as long as the module is started, are the same
// for all threads, and the map is emptied when the module shuts down.
unsafe impl Send for ClassPointer {}
// SAFETY: as above; the pointer is only handed to engine functions.
unsafe impl Sync for ClassPointer {}

pub(super) static CLASSES: RwLock<Vec<(&'static str, ClassPointer)>> = RwLock::new(Vec::new());

pub(super) fn class_entry(name: &str) -> Option<*mut zend_class_entry> {
    CLASSES.read().iter().find(|(known, _)| *known == name).map(|(_, pointer)| pointer.0)
}

/// The names of our classes that this process has.
pub(in crate::php) fn registered_classes() -> Vec<&'static str> {
    CLASSES.read().iter().map(|(name, _)| *name).collect()
}

/// Whether somebody else has registered a class of that name before us.
pub(in crate::php) fn class_exists(name: &str) -> bool {
    !class_of_php(name).is_null()
}

/// A class that exists already, whoever has declared it; null if there is none. Loads nothing.
pub(super) fn class_of_php(name: &str) -> *mut zend_class_entry {
    // SAFETY: the compiler's table holds all classes that exist, at module startup those so far.
    unsafe {
        let table = (*ffi::ext_php_rs_compiler_globals()).class_table;
        if table.is_null() {
            return ptr::null_mut();
        }
        ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len()).cast()
    }
}

/// Gives a class that we registered a second name. Only during module startup.
pub(in crate::php) fn register_alias(alias: &'static str, class: &'static str) -> Result<(), String> {
    let Some(entry) = class_entry(class) else { return Err(format!("class alias {alias}: {class} is not registered")) };
    // SAFETY: our own registered class; the name is copied. Persistent, as the class is (the last argument).
    let status = unsafe { zend_register_class_alias_ex(alias.as_ptr().cast(), alias.len(), entry, true) };
    if status == super::SUCCESS { Ok(()) } else { Err(format!("class alias {alias}: the name is taken")) }
}

/// Registers a class. Only during module startup.
pub(in crate::php) fn register(class: &'static Class) -> Result<(), String> {
    let fail = |what: &str| Err(format!("class {}: {what}", class.name));
    let mut functions = Vec::with_capacity(class.methods.len() + 1);
    for method in class.methods {
        functions.push(function_entry(method).map_err(|reason| format!("{}: {reason}", method.signature))?);
    }
    functions.push(FunctionEntry::end());
    // SAFETY: a zeroed class entry is what the registration functions expect, with a name and the
    // table of functions; they copy the entry and read the table before they return. The argument
    // information inside stays referenced for the life of the process and was leaked for it.
    let entry = unsafe {
        let mut entry: zend_class_entry = MaybeUninit::zeroed().assume_init();
        entry.name = ZendStr::new_interned(class.name, true).into_raw();
        entry.info.internal.builtin_functions = functions.as_ptr();
        let registered = if class.flags.contains(ClassFlags::Interface) {
            ffi::zend_register_internal_interface(&raw mut entry)
        } else {
            let parent = match &class.parent {
                None => ptr::null_mut(),
                Some(Parent::Exception) => ffi::zend_ce_exception,
                Some(Parent::RuntimeException) => spl_ce_RuntimeException,
                Some(Parent::Ours(name)) => match class_entry(name) {
                    Some(parent) => parent,
                    None => return fail("its parent is not registered"),
                },
                Some(Parent::Php(name)) => match class_of_php(name) {
                    parent if parent.is_null() => return fail("its parent is missing"),
                    parent => parent,
                },
            };
            ffi::zend_register_internal_class_ex(&raw mut entry, parent)
        };
        let Some(registered) = registered.as_mut() else {
            return fail("the engine refused it");
        };
        registered.ce_flags |= class.flags.bits();
        // The engine reads the table only while it registers; it is ours and ends here.
        registered.info.internal.builtin_functions = ptr::null();
        registered
    };
    for interface in class.interfaces {
        // SAFETY: the session extension is a declared dependency and was started before us, so its
        // pointers are set; ours come from the registration above.
        unsafe {
            let interface = match interface {
                Interface::SessionHandler => php_session_iface_entry,
                Interface::SessionId => php_session_id_iface_entry,
                Interface::SessionUpdateTimestamp => php_session_update_timestamp_iface_entry,
                Interface::Ours(name) => class_entry(name).unwrap_or(ptr::null_mut()),
                Interface::Php(name) => class_of_php(name),
            };
            if interface.is_null() {
                return fail("an interface is missing; load the session extension before seshat");
            }
            leave_untyped(class, entry, &*interface);
            ffi::zend_do_implement_interface(entry, interface);
        }
    }
    for (name, value) in class.constants {
        let mut zval = ManuallyDrop::new(value.zval()?);
        // SAFETY: interned name, value without reference count, public (1).
        unsafe {
            let name = ZendStr::new_interned(name, true).into_raw();
            ffi::zend_declare_class_constant_ex(entry, name, &raw mut *zval, 1, ptr::null_mut());
        }
    }
    for property in class.properties {
        let mut zval = ManuallyDrop::new(property.initial.zval()?);
        // Private is 4, protected 2.
        let access = if property.private { 4 } else { 2 };
        // SAFETY: the name is copied; the value is interned, immutable or a number.
        unsafe {
            let (name, length) = (property.name.as_ptr().cast(), property.name.len());
            ffi::zend_declare_property(entry, name, length, &raw mut *zval, access);
        }
    }
    if class.native {
        entry.ce_flags |= ClassFlags::NotSerializable.bits();
        entry.__bindgen_anon_2.create_object = Some(create_object);
    }
    for method in class.methods {
        let Ok(signature) = Signature::parse(method.signature) else { continue };
        // SAFETY: a function of the class, just registered.
        if let Some(function) = unsafe { function_of(entry, signature.name).as_mut() } {
            finish_function(function, &signature, method);
        }
    }
    CLASSES.write().push((class.name, ClassPointer(entry)));
    Ok(())
}

/// A method of a class, its own or inherited; null if there is none.
pub(super) fn function_of(class: &zend_class_entry, name: &str) -> *mut zend_function {
    // SAFETY: the class's own table of functions.
    unsafe {
        let table = (&raw const class.function_table).cast_mut();
        ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len()).cast()
    }
}

/// Marks methods without a return type that an interface of PHP's wants one for, as PHP code would,
/// with `#[ReturnTypeWillChange]`: children that declare none compile under no other parent.
unsafe fn leave_untyped(class: &Class, entry: &zend_class_entry, interface: &zend_class_entry) {
    for method in class.methods {
        let Ok(signature) = Signature::parse(method.signature) else { continue };
        if signature.returns.is_some() || function_of(interface, signature.name).is_null() {
            continue;
        }
        // SAFETY: a function of the class, just registered. Its attributes are persistent (1), as it is.
        unsafe {
            if let Some(function) = function_of(entry, signature.name).as_mut() {
                let name = ZendStr::new_interned("ReturnTypeWillChange", true).into_raw();
                zend_add_attribute(&raw mut function.internal_function.attributes, name, 0, 1, 0, 0);
            }
        }
    }
}

/// Whether `true` joins the return type only after the registration: PHP would warn of a `gc` that
/// returns `int|bool` where its interface says `int|false`, but children that return a boolean, as
/// Phalcon 4's did, compile only under such a parent.
fn is_widened(signature: &Signature) -> bool {
    signature.name == "gc" && signature.returns.as_ref().is_some_and(|returns| returns.mask & TRUE != 0)
}

/// What the registration has no way to say: the wider return type; `#[\SensitiveParameter]`, which
/// keeps secrets out of stack traces; that children may require arguments; and that they may declare
/// what they like. Constructors may: the engine compares those of children with the abstract method
/// that they implement, not with their parent's.
fn finish_function(function: &mut zend_function, signature: &Signature, method: &Method) {
    // SAFETY: an internal function. Its return type stands before its arguments, in a table that
    // the engine allocated for this class; attributes of internal functions are persistent, and
    // their offset counts parameters from 1. A prototype outlives all functions that name it: it is leaked.
    unsafe {
        let function = &mut function.internal_function;
        if is_widened(signature) && !function.arg_info.is_null() {
            (*function.arg_info.sub(1)).type_.type_mask |= TRUE;
        }
        if method.children_may_require > 0 {
            function.required_num_args = method.children_may_require;
        }
        if method.redeclarable {
            function.prototype = Box::into_raw(Box::new(any_declaration(function)));
            function.fn_flags |= MethodFlags::IsConstructor.bits();
        }
        for position in method.sensitive {
            let attributes = &raw mut function.attributes;
            let name = ZendStr::new_interned("SensitiveParameter", true).into_raw();
            zend_add_attribute(attributes, name, 0, 1, position + 1, 0);
        }
    }
}

/// An abstract method that every declaration of that name implements: it has no types, and no
/// parameters that another declaration could lack. Without one, PHP 8.3 and later would find nothing
/// that `#[\Override]` overrides.
fn any_declaration(function: &zend_internal_function) -> zend_function {
    let mut any = *function;
    any.fn_flags |= MethodFlags::Abstract.bits();
    any.fn_flags &= !MethodFlags::HasReturnType.bits();
    any.arg_info = ptr::null_mut();
    any.num_args = 0;
    any.required_num_args = u32::MAX;
    any.attributes = ptr::null_mut();
    zend_function { internal_function: any }
}

/// The engine's form of a method. What it points to is leaked: the engine keeps it for good.
fn function_entry(method: &Method) -> Result<FunctionEntry, String> {
    let signature = Signature::parse(method.signature)?;
    let leak = |text: &str| CString::new(text).map(|text| text.into_raw().cast_const()).map_err(|e| e.to_string());
    let mut table = vec![ArgInfo {
        name: ptr::without_provenance(signature.required()),
        type_: zend_type(signature.returns.as_ref(), false)?,
        default_value: ptr::null(),
    }];
    if is_widened(&signature) {
        table[0].type_.type_mask &= !TRUE;
    }
    for argument in &signature.arguments {
        table.push(ArgInfo {
            name: leak(argument.name)?,
            type_: zend_type(argument.kind.as_ref(), false)?,
            default_value: match argument.default {
                Some(default) => leak(default)?,
                None => ptr::null(),
            },
        });
    }
    let count = u32::try_from(signature.arguments.len()).map_err(|error| error.to_string())?;
    // SAFETY: references have the representation of the non-null pointers that the engine passes.
    let handler = method
        .body
        .map(|body| unsafe { std::mem::transmute::<Handler, unsafe extern "C" fn(*mut ExecuteData, *mut Zval)>(body) });
    let mut entry = FunctionEntry::end();
    entry.fname = leak(signature.name)?;
    entry.handler = handler;
    entry.arg_info = Box::leak(table.into_boxed_slice()).as_ptr();
    entry.num_args = count;
    entry.flags = signature.flags;
    Ok(entry)
}

fn zend_type(kind: Option<&ArgumentType>, by_reference: bool) -> Result<ZendType, String> {
    let Some(kind) = kind else { return Ok(ZendType::empty(by_reference, false)) };
    let mut built = match kind.class {
        // The engine keeps the name for good.
        Some(class) => ZendType::empty_from_type(DataType::Object(class.into()), by_reference, false, false)
            .ok_or("a class name with a NUL byte")?,
        None => ZendType::empty(by_reference, false),
    };
    built.type_mask |= kind.mask;
    Ok(built)
}
