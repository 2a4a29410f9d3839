//! All contact with the Zend engine that the compiler cannot check, behind safe functions.
//!
//! Every other file of this folder is safe Rust. What holds throughout and makes this file sound:
//!
//! - The engine calls us on the thread that owns the request, with valid pointers, and never
//!   concurrently on one thread. State that is ours is thread-local or behind a lock.
//! - A bailout (fatal error, time-out, memory limit) is a `longjmp` that skips destructors. No
//!   borrow of shared state is held across a call into PHP: native state is taken out of its
//!   object while Rust works with it and put back before PHP code can run.
//! - A panic must not unwind into C: every entry point goes through [`guarded`].

use super::signature::{ArgumentType, Signature};
use crate::backend::fork;
use crate::session::handler::Caller;
use ext_php_rs::args::ArgInfo;
use ext_php_rs::builders::ModuleBuilder;
use ext_php_rs::ffi::{
    self, zend_class_entry, zend_execute_data, zend_function, zend_ini_entry, zend_object, zend_string, zval,
};
use ext_php_rs::flags::{ClassFlags, DataType};
use ext_php_rs::types::{ZendObject, ZendStr, Zval};
use ext_php_rs::zend::{
    ExecuteData, ExecutorGlobals, FunctionEntry, IniEntryDef, ModuleEntry, StaticModuleEntry, ZendType,
};
use parking_lot::RwLock;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::{ManuallyDrop, MaybeUninit, offset_of};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

const SUCCESS: c_int = 0;
const FAILURE: c_int = -1;
/// The kind of a module that dl() loads for one request.
const TEMPORARY: c_int = 2;
/// The bit of `true` in the engine's masks of types.
const TRUE: u32 = 1 << 3;

/// PHP 8.2 to 8.5. From 8.6 on `s_open` takes two `zend_string`s; `build.rs` tells.
#[repr(C)]
struct PsModule {
    s_name: *const c_char,
    s_open: unsafe extern "C" fn(*mut *mut c_void, *const OpenString, *const OpenString) -> c_int,
    s_close: unsafe extern "C" fn(*mut *mut c_void) -> c_int,
    s_read: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string, *mut *mut zend_string, i64) -> c_int,
    s_write: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string, *mut zend_string, i64) -> c_int,
    s_destroy: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string) -> c_int,
    s_gc: unsafe extern "C" fn(*mut *mut c_void, i64, *mut i64) -> i64,
    s_create_sid: unsafe extern "C" fn(*mut *mut c_void) -> *mut zend_string,
    s_validate_sid: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string) -> c_int,
    s_update_timestamp: unsafe extern "C" fn(*mut *mut c_void, *mut zend_string, *mut zend_string, i64) -> c_int,
}

// SAFETY: the table is immutable and holds only pointers to statics and functions.
unsafe impl Sync for PsModule {}

#[cfg(not(php86))]
type OpenString = c_char;
#[cfg(php86)]
type OpenString = zend_string;

#[repr(C)]
struct ModuleDependency {
    name: *const c_char,
    rel: *const c_char,
    version: *const c_char,
    kind: u8,
}

// SAFETY: immutable, and the pointers are to C string literals.
unsafe impl Sync for ModuleDependency {}

unsafe extern "C" {
    static php_session_iface_entry: *mut zend_class_entry;
    static php_session_id_iface_entry: *mut zend_class_entry;
    static php_session_update_timestamp_iface_entry: *mut zend_class_entry;
    static spl_ce_RuntimeException: *mut zend_class_entry;
    fn php_session_register_module(module: *const PsModule) -> c_int;
    fn php_session_create_id(mod_data: *mut *mut c_void) -> *mut zend_string;
    fn zend_unregister_ini_entries(module_number: c_int);
    fn zend_ini_long(name: *const c_char, length: usize, original: c_int) -> i64;
    fn display_ini_entries(module: *mut ModuleEntry);
    fn zend_ini_string(name: *const c_char, length: usize, original: c_int) -> *const c_char;
    fn zend_parse_arg_str_slow(arg: *mut zval, dest: *mut *mut zend_string, number: u32) -> bool;
    fn zend_parse_arg_long_slow(arg: *const zval, dest: *mut i64, number: u32) -> bool;
    fn zend_parse_arg_bool_slow(arg: *const zval, dest: *mut bool, number: u32) -> bool;
    fn zend_argument_type_error(number: u32, format: *const c_char, ...);
    fn zend_zval_type_name(arg: *const zval) -> *const c_char;
    fn zend_try_assign_typed_ref_zval(reference: *mut ffi::zend_reference, value: *mut zval) -> c_int;
    fn zend_add_attribute(
        attributes: *mut *mut ffi::HashTable,
        name: *mut zend_string,
        argc: u32,
        flags: u32,
        offset: u32,
        line: u32,
    ) -> *mut c_void;
    fn php_check_open_basedir_ex(path: *const c_char, warn: c_int) -> c_int;
    fn zval_get_string_func(value: *mut zval) -> *mut zend_string;
    fn zval_get_long_func(value: *mut zval, strict: bool) -> i64;
    fn object_init_ex(object: *mut zval, class: *mut zend_class_entry) -> c_int;
    fn access(path: *const c_char, mode: c_int) -> c_int;
    fn pthread_atfork(
        prepare: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
    ) -> c_int;
}

// ---------------------------------------------------------------------------------------------
// The module

/// What the module does at its turning points, in safe Rust.
pub(super) struct Hooks {
    pub startup: fn(module_number: i32) -> Result<(), String>,
    pub shutdown: fn(),
    pub after_request: fn(),
    pub info: fn(),
}

/// The entry point that PHP looks for after it has loaded the library.
#[unsafe(no_mangle)]
pub extern "C" fn get_module() -> *mut ModuleEntry {
    static ENTRY: StaticModuleEntry = StaticModuleEntry::new();
    static DEPENDENCIES: [ModuleDependency; 3] = [
        ModuleDependency { name: c"session".as_ptr(), rel: ptr::null(), version: ptr::null(), kind: 1 },
        ModuleDependency { name: c"phalcon".as_ptr(), rel: ptr::null(), version: ptr::null(), kind: 3 },
        ModuleDependency { name: ptr::null(), rel: ptr::null(), version: ptr::null(), kind: 0 },
    ];
    ENTRY.get_or_init(|| {
        let built = ModuleBuilder::new("seshat", env!("CARGO_PKG_VERSION"))
            .startup_function(on_startup)
            .shutdown_function(on_shutdown)
            .request_startup_function(on_request_startup)
            .request_shutdown_function(on_request_shutdown)
            .post_deactivate_function(on_post_deactivate)
            .info_function(on_info)
            .try_into();
        match built {
            Ok((mut entry, _startup, allocations)) => {
                let entry: &mut ModuleEntry = &mut entry;
                entry.deps = DEPENDENCIES.as_ptr().cast();
                (*entry, allocations)
            }
            // Name and version are literals without NUL bytes: building them cannot fail.
            Err(_) => std::process::abort(),
        }
    })
}

/// Runs `body`; a panic becomes `fallback` and a line in PHP's log, never an unwinding into C.
fn guarded<R>(fallback: R, body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        warn("internal error: the operation was given up; please report it");
        fallback
    })
}

unsafe extern "C" fn on_startup(kind: c_int, module_number: c_int) -> c_int {
    guarded(FAILURE, || {
        if kind == TEMPORARY {
            warn("seshat cannot be loaded with dl(): the session module keeps its save handlers; use extension=seshat");
            return FAILURE;
        }
        note_session_status();
        static ATFORK: OnceLock<()> = OnceLock::new();
        ATFORK.get_or_init(|| {
            // SAFETY: `entered_child` only touches an atomic, as a child handler may.
            if unsafe { pthread_atfork(None, None, Some(fork::entered_child)) } == 0 {
                fork::hooked();
            }
        });
        match (super::HOOKS.startup)(module_number) {
            Ok(()) => SUCCESS,
            Err(reason) => {
                warn(&reason);
                FAILURE
            }
        }
    })
}

unsafe extern "C" fn on_shutdown(_type: c_int, module_number: c_int) -> c_int {
    guarded(FAILURE, || {
        (super::HOOKS.shutdown)();
        // SAFETY: our own module's number.
        unsafe { zend_unregister_ini_entries(module_number) };
        CLASSES.write().clear();
        SUCCESS
    })
}

unsafe extern "C" fn on_request_startup(_type: c_int, _module_number: c_int) -> c_int {
    SCRIPT_IS_OVER.set(false);
    SUCCESS
}

/// Before the session module's own, which stores a session that is still open.
unsafe extern "C" fn on_request_shutdown(_type: c_int, _module_number: c_int) -> c_int {
    SCRIPT_IS_OVER.set(true);
    SUCCESS
}

unsafe extern "C" fn on_post_deactivate() -> c_int {
    // No warning here: PHP is not to be called any more.
    let _ = catch_unwind(AssertUnwindSafe(super::HOOKS.after_request));
    SUCCESS
}

unsafe extern "C" fn on_info(module: *mut ModuleEntry) {
    guarded((), super::HOOKS.info);
    // SAFETY: the module whose page is being printed, as PHP passed it.
    unsafe { display_ini_entries(module) };
}

/// Prints a table in phpinfo's style. The first row is the heading.
pub(super) fn info_table(rows: &[(String, String)]) {
    let c = |text: &str| CString::new(text.replace('\0', "?")).unwrap_or_default();
    // SAFETY: called from the info function; the format is one of two strings, which are passed.
    unsafe {
        ffi::php_info_print_table_start();
        for (index, (name, value)) in rows.iter().enumerate() {
            let (name, value) = (c(name), c(value));
            if index == 0 {
                ffi::php_info_print_table_header(2, name.as_ptr(), value.as_ptr());
            } else {
                ffi::php_info_print_table_row(2, name.as_ptr(), value.as_ptr());
            }
        }
        ffi::php_info_print_table_end();
    }
}

// ---------------------------------------------------------------------------------------------
// php.ini

/// An ini entry whose changes are reported to `super::ini::changed`.
pub(super) const fn ini_entry(name: &'static CStr, default: &'static CStr, observed: bool) -> IniEntryDef {
    use ext_php_rs::flags::IniEntryPermission;
    let permission = if observed { IniEntryPermission::All } else { IniEntryPermission::System };
    let mut entry = IniEntryDef::new(name, default, permission);
    if observed {
        entry.on_modify = Some(on_ini_change);
    }
    entry
}

unsafe extern "C" fn on_ini_change(
    entry: *mut zend_ini_entry,
    value: *mut zend_string,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    _stage: c_int,
) -> c_int {
    guarded(FAILURE, || {
        // SAFETY: the engine passes the entry that changes; `value` is null when it has none.
        let (name, value) = unsafe {
            let name = (*entry).name.as_ref();
            (name.map(bytes_of).unwrap_or_default(), value.as_ref().map(bytes_of).unwrap_or_default())
        };
        let name = std::str::from_utf8(name).unwrap_or_default();
        status(super::ini::changed(name, value))
    })
}

/// An ini setting of another module as a whole number; 0 if there is none.
pub(super) fn ini_long(name: &'static CStr) -> i64 {
    // SAFETY: the name is a valid C string of that length.
    unsafe { zend_ini_long(name.as_ptr(), name.count_bytes(), 0) }
}

/// An ini setting as text; empty if there is none.
pub(super) fn ini_text(name: &'static CStr) -> String {
    // SAFETY: the name is a valid C string of that length; the result belongs to the setting.
    let text = unsafe { zend_ini_string(name.as_ptr(), name.count_bytes(), 0) };
    if text.is_null() {
        return String::new();
    }
    // SAFETY: a C string that stays until the setting changes; copied at once.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Whether `open_basedir` lets this path be used, without PHP's own warning.
pub(super) fn allows_path(path: &std::path::Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: a valid C string; reads ini settings of this thread.
    unsafe { php_check_open_basedir_ex(path.as_ptr(), 0) == 0 }
}

// ---------------------------------------------------------------------------------------------
// Warnings and exceptions

/// An `E_WARNING` under the name of the PHP function that runs.
pub(super) fn warn(message: &str) {
    let message = CString::new(message.replace('\0', "?")).unwrap_or_default();
    // SAFETY: the format takes one string, which is passed. A user's error handler may throw or
    // bail out here: callers hold nothing that would be lost.
    unsafe {
        ffi::php_error_docref(ptr::null(), 2, c"%s".as_ptr(), message.as_ptr());
    }
}

/// Says that a PHP exception is pending and the method must return.
#[derive(Debug)]
pub(super) struct Thrown;

/// Throws an instance of one of our classes, or of PHP's `Error` if that is not registered.
pub(super) fn throw(class: &str, message: &str) -> Thrown {
    let message = CString::new(message.replace('\0', "?")).unwrap_or_default();
    let entry = class_entry(class).unwrap_or(ptr::null_mut());
    // SAFETY: a registered class, or null, which stands for Error here; the message is copied.
    unsafe {
        if entry.is_null() {
            ffi::zend_throw_error(ptr::null_mut(), c"%s".as_ptr(), message.as_ptr());
        } else {
            ffi::zend_throw_exception(entry, message.as_ptr(), 0);
        }
    }
    Thrown
}

/// Throws PHP's `Error`.
pub(super) fn throw_error(message: &str) -> Thrown {
    throw("", message)
}

fn has_exception() -> bool {
    ExecutorGlobals::has_exception()
}

// ---------------------------------------------------------------------------------------------
// Classes

/// A class, interface or exception of ours, declared.
pub(super) struct Class {
    pub name: &'static str,
    pub flags: ClassFlags,
    pub parent: Option<Parent>,
    pub interfaces: &'static [Interface],
    pub constants: &'static [(&'static str, i64)],
    /// Protected (or private) properties, all starting as null or the given value.
    pub properties: &'static [Property],
    pub methods: &'static [Method],
    /// Objects carry native state (see [`Call::with_state`]).
    pub native: bool,
}

/// What a class extends.
pub(super) enum Parent {
    Exception,
    RuntimeException,
    Ours(&'static str),
}

/// What a class implements.
pub(super) enum Interface {
    SessionHandler,
    SessionId,
    SessionUpdateTimestamp,
    Ours(&'static str),
}

/// A declared property with its initial value.
pub(super) struct Property {
    pub name: &'static str,
    pub private: bool,
    pub initial: Initial,
}

/// The initial value of a property.
pub(super) enum Initial {
    Null,
    EmptyString,
    EmptyArray,
    Int(i64),
}

/// A method: its signature as PHP writes it, and what it does. No body: abstract.
pub(super) struct Method {
    pub signature: &'static str,
    pub body: Option<Handler>,
    /// The positions of parameters that must not appear in stack traces.
    pub sensitive: &'static [u32],
}

/// A method's entry point, made by the macro `method!`.
pub(super) type Handler = extern "C" fn(&mut ExecuteData, &mut Zval);

/// Declares a method: `method!("public function read(string $id): string|false", read)`, with
/// `sensitive` positions at the end if there are secrets among its parameters.
macro_rules! method {
    ($signature:expr) => {
        $crate::php::engine::Method { signature: $signature, body: None, sensitive: &[] }
    };
    ($signature:expr, $body:expr) => {
        $crate::php::engine::method!($signature, $body, sensitive [])
    };
    ($signature:expr, $body:expr, sensitive [$($position:literal),*]) => {{
        extern "C" fn entry(
            frame: &mut ext_php_rs::zend::ExecuteData,
            result: &mut ext_php_rs::types::Zval,
        ) {
            $crate::php::engine::enter(frame, result, $body);
        }
        $crate::php::engine::Method { signature: $signature, body: Some(entry), sensitive: &[$($position),*] }
    }};
}
pub(super) use method;

#[derive(Clone, Copy)]
struct ClassPointer(*mut zend_class_entry);

// SAFETY: class entries of internal classes live as long as the module is started, are the same
// for all threads, and the map is emptied when the module shuts down.
unsafe impl Send for ClassPointer {}
// SAFETY: as above; the pointer is only handed to engine functions.
unsafe impl Sync for ClassPointer {}

static CLASSES: RwLock<Vec<(&'static str, ClassPointer)>> = RwLock::new(Vec::new());

fn class_entry(name: &str) -> Option<*mut zend_class_entry> {
    CLASSES.read().iter().find(|(known, _)| *known == name).map(|(_, pointer)| pointer.0)
}

/// Whether somebody else has registered a class of that name before us.
pub(super) fn class_exists(name: &str) -> bool {
    // SAFETY: at module startup the compiler's class table holds all classes registered so far.
    unsafe {
        let table = (*ffi::ext_php_rs_compiler_globals()).class_table;
        !table.is_null() && !ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len()).is_null()
    }
}

/// Registers a class. Only during module startup.
pub(super) fn register(class: &'static Class) -> Result<(), String> {
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
            };
            if interface.is_null() {
                return fail("an interface is missing; load the session extension before seshat");
            }
            ffi::zend_do_implement_interface(entry, interface);
        }
    }
    for (name, value) in class.constants {
        let mut zval = Zval::new();
        zval.set_long(*value);
        // SAFETY: interned name, value without reference count, public (1).
        unsafe {
            let name = ZendStr::new_interned(name, true).into_raw();
            ffi::zend_declare_class_constant_ex(entry, name, &raw mut zval, 1, ptr::null_mut());
        }
    }
    for property in class.properties {
        let mut zval = Zval::new();
        match property.initial {
            Initial::Null => zval.set_null(),
            Initial::EmptyString => zval.set_interned_string("", true).map_err(|error| error.to_string())?,
            // The engine's immutable empty array needs no reference count.
            Initial::EmptyArray => {
                zval.value.arr = (&raw const ffi::zend_empty_array).cast_mut();
                zval.u1.type_info = ffi::IS_ARRAY;
            }
            Initial::Int(number) => zval.set_long(number),
        }
        // Private is 4, protected 2.
        let access = if property.private { 4 } else { 2 };
        // SAFETY: the name is copied; the value is interned, immutable or a number.
        unsafe {
            let (name, length) = (property.name.as_ptr().cast(), property.name.len());
            ffi::zend_declare_property(entry, name, length, &raw mut zval, access);
        }
        let _ = ManuallyDrop::new(zval);
    }
    if class.native {
        entry.ce_flags |= ClassFlags::NotSerializable.bits();
        entry.__bindgen_anon_2.create_object = Some(create_object);
    }
    for method in class.methods {
        let Ok(signature) = Signature::parse(method.signature) else { continue };
        let name = signature.name.to_ascii_lowercase();
        // SAFETY: the class's own table of functions, just filled.
        let function = unsafe {
            let table = (&raw const entry.function_table).cast_mut();
            ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len()).cast::<zend_function>().as_mut()
        };
        if let Some(function) = function {
            finish_function(function, &signature, method);
        }
    }
    CLASSES.write().push((class.name, ClassPointer(entry)));
    Ok(())
}

/// Whether `true` joins the return type only after the registration: PHP would warn of a `gc` that
/// returns `int|bool` where its interface says `int|false`, but children that return a boolean, as
/// Phalcon 4's did, compile only under such a parent.
fn is_widened(signature: &Signature) -> bool {
    signature.name == "gc" && signature.returns.as_ref().is_some_and(|returns| returns.mask & TRUE != 0)
}

/// What the registration has no way to say: the wider return type, and `#[\SensitiveParameter]`,
/// which keeps secrets out of stack traces.
fn finish_function(function: &mut zend_function, signature: &Signature, method: &Method) {
    // SAFETY: an internal function. Its return type stands before its arguments, in a table that
    // the engine allocated for this class; attributes of internal functions are persistent, and
    // their offset counts parameters from 1.
    unsafe {
        let function = &mut function.internal_function;
        if is_widened(signature) && !function.arg_info.is_null() {
            (*function.arg_info.sub(1)).type_.type_mask |= TRUE;
        }
        for position in method.sensitive {
            let attributes = &raw mut function.attributes;
            let name = ZendStr::new_interned("SensitiveParameter", true).into_raw();
            zend_add_attribute(attributes, name, 0, 1, position + 1, 0);
        }
    }
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

// ---------------------------------------------------------------------------------------------
// Objects with native state

#[repr(C)]
struct NativeObject {
    state: Option<Box<dyn Any>>,
    /// Last: the engine lays the declared properties out behind it.
    object: zend_object,
}

struct HandlersTable(ffi::zend_object_handlers);
// SAFETY: written once, then read only; holds function pointers.
unsafe impl Sync for HandlersTable {}
// SAFETY: as above.
unsafe impl Send for HandlersTable {}

fn object_handlers() -> &'static ffi::zend_object_handlers {
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

unsafe extern "C" fn create_object(class: *mut zend_class_entry) -> *mut zend_object {
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
unsafe fn native_of(object: *mut zend_object) -> *mut NativeObject {
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

// ---------------------------------------------------------------------------------------------
// Calls of our methods

/// One call of one of our methods: its arguments, its object, its result.
pub(super) struct Call<'a> {
    frame: &'a mut ExecuteData,
    result: &'a mut Zval,
}

/// The way into every method: counts arguments, catches panics.
pub(super) fn enter(frame: &mut ExecuteData, result: &mut Zval, body: fn(&mut Call<'_>) -> Result<(), Thrown>) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut call = Call { frame, result };
        if call.has_right_count() {
            let _ = body(&mut call);
        }
    }));
    if outcome.is_err() && !has_exception() {
        throw_error("Seshat: internal error, the operation was given up; please report it");
    }
}

impl<'a> Call<'a> {
    /// How many arguments were passed.
    pub(super) fn count(&self) -> usize {
        // SAFETY: the frame of a call holds the count there.
        usize::try_from(unsafe { self.frame.This.u2.num_args }).unwrap_or_default()
    }

    fn has_right_count(&self) -> bool {
        // SAFETY: the frame of a running function has its function.
        let (least, most) = unsafe {
            let common = &(*self.frame.func).common;
            (common.required_num_args, common.num_args)
        };
        let count = u32::try_from(self.count()).unwrap_or(u32::MAX);
        let right = (least..=most).contains(&count);
        if !right {
            // SAFETY: throws PHP's usual ArgumentCountError for the running function.
            unsafe { ffi::zend_wrong_parameters_count_error(least, most) };
        }
        right
    }

    fn slot(&self, index: usize) -> Option<*mut Zval> {
        if index >= self.count() {
            return None;
        }
        // SAFETY: below the count, so the slot holds an argument; it lives as long as the frame.
        unsafe { self.frame.zend_call_arg(index) }.map(ptr::from_mut)
    }

    /// The argument as it was passed, references followed. None if it was left out.
    pub(super) fn value(&self, index: usize) -> Option<&Zval> {
        // SAFETY: a live slot; only `strings`, which needs the call exclusively, changes slots.
        self.slot(index).map(|slot| unsafe { (*slot).dereference() })
    }

    /// The first arguments as strings, coerced as PHP coerces for its own functions. Absent ones
    /// are empty.
    ///
    /// # Errors
    /// PHP's usual TypeError was thrown.
    pub(super) fn strings<const N: usize>(&mut self) -> Result<[&'a [u8]; N], Thrown> {
        let mut strings: [&'a [u8]; N] = [b""; N];
        for (index, string) in strings.iter_mut().enumerate() {
            let Some(slot) = self.slot(index) else { continue };
            // SAFETY: a live slot that nothing else refers to now. It keeps its string until the
            // frame ends, which is longer than 'a, and nobody writes into a string that the frame
            // holds: the slice stays valid while the method works.
            unsafe {
                let slot = (*slot).dereference_mut();
                if !slot.is_string() {
                    let mut text: *mut zend_string = ptr::null_mut();
                    let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
                    if !zend_parse_arg_str_slow(slot, &raw mut text, number) {
                        return Err(self.wrong_type(index, "string"));
                    }
                }
                *string = slot.value.str_.as_ref().map(bytes_of).unwrap_or_default();
            }
        }
        Ok(strings)
    }

    /// A whole number, coerced as PHP coerces.
    pub(super) fn long(&self, index: usize, absent: i64) -> Result<i64, Thrown> {
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
    pub(super) fn switch(&self, index: usize, absent: bool) -> Result<bool, Thrown> {
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
    pub(super) fn wrong_type(&self, index: usize, expected: &str) -> Thrown {
        if has_exception() {
            return Thrown;
        }
        let expected = CString::new(expected).unwrap_or_default();
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let null = Zval::null();
        let given = self.value(index).unwrap_or(&null);
        // SAFETY: the format takes two strings; the type's name is the engine's constant.
        unsafe {
            let given = zend_zval_type_name(given);
            zend_argument_type_error(number, c"must be of type %s, %s given".as_ptr(), expected.as_ptr(), given);
        }
        Thrown
    }

    /// The object that the method was called on.
    pub(super) fn this(&mut self) -> Result<&mut ZendObject, Thrown> {
        self.frame.This.object_mut().ok_or(Thrown)
    }

    /// Works with the object's native state. It is out of the object meanwhile: a method called
    /// from within finds none. `work` must not call PHP.
    ///
    /// # Errors
    /// Throws if the object has none: its constructor was never called, or this is a call from
    /// inside another one on the same object.
    pub(super) fn with_state<T: 'static, R>(&mut self, work: impl FnOnce(&mut T) -> R) -> Result<R, Thrown> {
        let object: *mut zend_object = self.this()?;
        // SAFETY: `this` is a live object; its handlers tell whether it is one of ours.
        let native = unsafe {
            if !ptr::eq((*object).handlers, object_handlers()) {
                return Err(throw_error("Seshat: the method was called on a foreign object"));
            }
            native_of(object)
        };
        // SAFETY: no other reference into the struct is alive: the state is taken out at once.
        let state = unsafe { (*native).state.take() };
        let Some(mut state) = state else {
            let class = self.class_name();
            return Err(throw_error(&format!("{class} is not ready: its constructor was not called, or it is busy")));
        };
        let outcome = state.downcast_mut::<T>().map(work);
        // SAFETY: as above; the object is still alive, the frame holds it.
        unsafe { (*native).state = Some(state) };
        outcome.ok_or_else(|| throw_error("Seshat: the object's state has another type"))
    }

    /// Gives the object its native state, in its constructor.
    pub(super) fn set_state(&mut self, state: Box<dyn Any>) -> Result<(), Thrown> {
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
    pub(super) fn clear_state(&mut self) {
        if !self.has_state() {
            return;
        }
        if let Ok(object) = self.this() {
            // SAFETY: `has_state` found the object to be one of ours.
            drop(unsafe { (*native_of(object)).state.take() });
        }
    }

    fn class_name(&mut self) -> String {
        self.this().ok().and_then(|this| this.get_class_name().ok()).unwrap_or_default()
    }

    /// The method's result.
    pub(super) fn result(&mut self) -> &mut Zval {
        self.result
    }

    /// Whether the object has native state.
    pub(super) fn has_state(&mut self) -> bool {
        let Ok(object) = self.this() else { return false };
        let object: *mut zend_object = object;
        // SAFETY: as in `with_state`; only looked at.
        unsafe { ptr::eq((*object).handlers, object_handlers()) && (*native_of(object)).state.is_some() }
    }

    /// A declared property of the object, by its position among the class's properties.
    pub(super) fn property(&mut self, index: usize) -> Result<&'a Zval, Thrown> {
        let object: *const zend_object = self.this()?;
        // SAFETY: the frame keeps the object alive for 'a. See `property_of` for the slot.
        Ok(property_of(unsafe { &*object }, index))
    }

    /// Replaces a declared property.
    pub(super) fn set_property(&mut self, index: usize, value: Zval) -> Result<(), Thrown> {
        let object = self.this()?;
        // SAFETY: a slot of a declared property.
        unsafe { assign((&raw mut object.properties_table).cast::<Zval>().add(index), value) };
        if has_exception() { Err(Thrown) } else { Ok(()) }
    }

    /// Calls a method of the object itself without arguments, protected or not, as it may have
    /// been overridden. The name in lower case.
    pub(super) fn call_own_method(&mut self, name: &'static str) -> Result<Zval, Thrown> {
        let object: *mut zend_object = self.this()?;
        let mut result = Zval::new();
        // SAFETY: the frame keeps the object alive; a class's functions live as long as the class.
        unsafe {
            let class = (*object).ce;
            let table = (&raw const (*class).function_table).cast_mut();
            let function = ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len());
            if function.is_null() {
                return Err(throw_error("Seshat: a method of the object is missing"));
            }
            let no_arguments = ptr::null_mut();
            ffi::zend_call_known_function(
                function.cast(),
                object,
                class,
                &raw mut result,
                0,
                no_arguments,
                ptr::null_mut(),
            );
        }
        if has_exception() { Err(Thrown) } else { Ok(result) }
    }

    /// Calls a method of the object that a declared property holds.
    pub(super) fn call_property_method(
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
    pub(super) fn return_bytes(&mut self, bytes: &[u8]) {
        self.result.set_zend_string(ZendStr::new(bytes, false));
    }

    /// Returns the object itself, for chained calls.
    pub(super) fn return_this(&mut self) {
        let copy = self.frame.This.shallow_clone();
        *self.result = copy;
    }

    /// Who stands behind this call of a handler's method.
    pub(super) fn caller(&self) -> Caller {
        // SAFETY: the chain of frames above a running one is valid.
        unsafe { caller_above(Some(self.frame), self.frame.prev_execute_data) }
    }
}

/// A declared property, by its position among the class's properties, parents' first.
pub(super) fn property_of(object: &ZendObject, index: usize) -> &Zval {
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

// ---------------------------------------------------------------------------------------------
// Calling PHP

/// A PHP string.
pub(super) fn string(bytes: &[u8]) -> Zval {
    let mut zval = Zval::new();
    zval.set_zend_string(ZendStr::new(bytes, false));
    zval
}

/// A value as PHP's `(string)` makes it.
pub(super) fn to_string(value: &Zval) -> Result<Zval, Thrown> {
    let value = value.dereference();
    if value.is_string() {
        return Ok(value.shallow_clone());
    }
    let copy = value.shallow_clone();
    // SAFETY: a live value; the result is a new reference that is ours.
    let text = unsafe { zval_get_string_func((&raw const copy).cast_mut()) };
    if text.is_null() {
        return Err(Thrown);
    }
    let mut zval = Zval::new();
    // SAFETY: the reference that we were given.
    zval.set_zend_string(unsafe { ext_php_rs::boxed::ZBox::from_raw(text.cast()) });
    if has_exception() { Err(Thrown) } else { Ok(zval) }
}

/// Replaces a value where it stands, in an array, a property or a variable, as PHP's `=` does: a
/// reference keeps its other holders and its declared type. The old value is dropped after it left,
/// since its destructor may run PHP code that looks here.
unsafe fn assign(place: *mut Zval, value: Zval) {
    // SAFETY: the caller vouches for the place. Only value and type are exchanged: what else stands
    // there belongs to the array (its chain of collisions) or the object. The old value ends up in
    // `value`, whose end drops it.
    unsafe {
        let mut value = value;
        let mut place = place;
        if (*place).is_reference() {
            let reference = (*place).value.ref_;
            if !(*reference).sources.ptr.is_null() {
                zend_try_assign_typed_ref_zval(reference, &raw mut *ManuallyDrop::new(value));
                return;
            }
            place = &raw mut (*reference).val;
        }
        std::mem::swap(&mut (*place).value, &mut value.value);
        std::mem::swap(&mut (*place).u1, &mut value.u1);
        drop(value);
    }
}

/// The array behind a value, separated from its other holders so that it may be changed.
unsafe fn writable_array(place: *mut Zval) -> Option<*mut ffi::HashTable> {
    // SAFETY: the caller vouches for the place. A constant array has no count of its holders, and
    // its copy must: only then is the copy shared and freed as others are.
    unsafe {
        let place = (*place).dereference_mut();
        if !place.is_array() {
            return None;
        }
        let array = place.value.arr;
        if (*array).is_immutable() || (*array).gc.refcount > 1 {
            let mut copy = Zval::new();
            copy.set_hashtable(ext_php_rs::boxed::ZBox::from_raw(ffi::zend_array_dup(array)));
            assign(place, copy);
        }
        Some(place.value.arr)
    }
}

/// Stores an entry in an array. Without effect on what is no array.
pub(super) fn set_entry(array: &mut Zval, key: &[u8], value: Zval) {
    // SAFETY: a value of our own.
    if let Some(array) = unsafe { writable_array(array) } {
        // SAFETY: an array that is not shared.
        unsafe { set_in(array, key, value) };
    }
}

unsafe fn find_in(array: *const ffi::HashTable, key: &[u8]) -> Option<*mut Zval> {
    // SAFETY: the caller vouches for the array; a key that is a number is an index, as everywhere in PHP.
    unsafe {
        match index_of(key) {
            Some(index) => ffi::zend_hash_index_find(array, index),
            None => ffi::zend_hash_str_find(array, key.as_ptr().cast(), key.len()),
        }
        .as_mut()
        .map(ptr::from_mut)
    }
}

unsafe fn set_in(array: *mut ffi::HashTable, key: &[u8], value: Zval) {
    // SAFETY: the caller vouches for the array, which takes over our reference to the value.
    unsafe {
        if let Some(entry) = find_in(array, key) {
            return assign(entry, value);
        }
        let mut value = ManuallyDrop::new(value);
        match index_of(key) {
            Some(index) => ffi::zend_hash_index_update(array, index, &raw mut *value),
            None => ffi::zend_hash_str_update(array, key.as_ptr().cast(), key.len(), &raw mut *value),
        };
    }
}

/// Calls a PHP function by name.
pub(super) fn call_function(name: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    call_callable(ptr::null_mut(), name, arguments)
}

/// Calls a public method of an object.
pub(super) fn call_method(object: &Zval, name: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    let mut object = object.shallow_clone();
    call_callable(&raw mut object, name, arguments)
}

fn call_callable(object: *mut Zval, name: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    let mut function = string(name.as_bytes());
    let mut result = Zval::new();
    let count = u32::try_from(arguments.len()).unwrap_or_default();
    // SAFETY: the name, the object and the arguments live through the call; the result is ours.
    let called = unsafe {
        ffi::_call_user_function_impl(
            object,
            &raw mut function,
            &raw mut result,
            count,
            arguments.as_mut_ptr(),
            ptr::null_mut(),
        )
    };
    if has_exception() {
        return Err(Thrown);
    }
    if called != SUCCESS {
        return Err(throw_error(&format!("Seshat: {name}() cannot be called")));
    }
    Ok(result)
}

/// Whether an object has a method of that name, given in lower case or not.
pub(super) fn has_method(object: &Zval, name: &str) -> bool {
    let Some(object) = object.dereference().object() else { return false };
    // SAFETY: the functions of a live object's class.
    unsafe {
        let table = (&raw const (*object.ce).function_table).cast_mut();
        let name = name.to_ascii_lowercase();
        !ffi::zend_hash_str_find_ptr_lc(table, name.as_ptr().cast(), name.len()).is_null()
    }
}

/// A new object of a class that is named at run time, constructed with the arguments.
pub(super) fn new_object(class: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    let Some(entry) = ext_php_rs::zend::ClassEntry::try_find(class) else {
        return Err(if has_exception() { Thrown } else { throw_error(&format!("Class \"{class}\" not found")) });
    };
    let mut object = Zval::new();
    // SAFETY: a linked class entry; a failure (an abstract class) throws.
    if unsafe { object_init_ex(&raw mut object, ptr::from_ref(entry).cast_mut()) } != SUCCESS {
        return Err(Thrown);
    }
    if !entry.constructor.is_null() {
        call_method(&object, "__construct", arguments)?;
    }
    Ok(object)
}

/// Whether the value is an object of one of our classes or of a child of it.
pub(super) fn is_a(value: &Zval, class: &str) -> bool {
    let Some(object) = value.dereference().object() else { return false };
    // SAFETY: registered entries live as long as the module.
    class_entry(class).is_some_and(|entry| unsafe { instance_of(object, entry) })
}

/// Whether the value is an object that implements PHP's `SessionHandlerInterface`.
pub(super) fn is_session_handler(value: &Zval) -> bool {
    let Some(object) = value.dereference().object() else { return false };
    // SAFETY: the session extension's own entry, set before we started.
    unsafe { instance_of(object, php_session_iface_entry) }
}

unsafe fn instance_of(object: &ZendObject, entry: *mut zend_class_entry) -> bool {
    // SAFETY: both entries are live.
    ptr::eq(object.ce, entry) || unsafe { ffi::instanceof_function_slow(object.ce, entry) }
}

/// Whether the process may write into the folder.
pub(super) fn is_writable(path: &std::path::Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    if !path.is_dir() {
        return false;
    }
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: a valid C string. 2 asks for the right to write.
    unsafe { access(path.as_ptr(), 2) == 0 }
}

/// Removes a cookie from `$_COOKIE` unless its value passes the test, so that PHP makes a new id.
pub(super) fn drop_cookie_unless(name: &[u8], is_valid: fn(&[u8]) -> bool) {
    let Some(cookies) = super_global("_COOKIE") else { return };
    // SAFETY: the variable, and the array of it that is not shared when it is changed.
    unsafe {
        let Some(array) = writable_array(cookies) else { return };
        let key = (name.as_ptr().cast(), name.len());
        let found = ffi::zend_hash_str_find(array, key.0, key.1);
        let valid = found
            .as_ref()
            .is_none_or(|value| value.dereference().zend_str().is_some_and(|value| is_valid(value.as_bytes())));
        if !valid {
            ffi::zend_hash_str_del(array, key.0, key.1);
        }
    }
}

/// A global variable's place, which may hold a reference.
fn super_global(name: &str) -> Option<*mut Zval> {
    let globals = ExecutorGlobals::get();
    // SAFETY: the symbol table of the request; a global of the main script is held indirectly.
    unsafe {
        let table = (&raw const globals.symbol_table).cast_mut();
        let mut found = ffi::zend_hash_str_find(table, name.as_ptr().cast(), name.len());
        if let Some(zval) = found.as_ref()
            && zval.is_indirect()
        {
            found = zval.value.zv;
        }
        found.as_mut().map(ptr::from_mut)
    }
}

/// The entries of `$_SESSION`. Only while a session is active.
pub(super) struct SessionArray;

impl SessionArray {
    fn find(key: &[u8]) -> Option<*mut Zval> {
        let session = super_global("_SESSION")?;
        // SAFETY: the variable, and its array if it has one.
        unsafe {
            let session = (*session).dereference();
            if session.is_array() { find_in(session.value.arr, key) } else { None }
        }
    }

    /// A copy of the value; null if null is stored, None if nothing is.
    pub(super) fn get(key: &[u8]) -> Option<Zval> {
        // SAFETY: a live entry; copied at once.
        Self::find(key).map(|value| unsafe { (*value).dereference().shallow_clone() })
    }

    /// As PHP's isset(): a stored null is not there.
    pub(super) fn has(key: &[u8]) -> bool {
        // SAFETY: a live entry.
        Self::find(key).is_some_and(|value| unsafe { !(*value).dereference().is_null() })
    }

    /// Stores the value. A null that somebody put in the array's place becomes an array, as in PHP;
    /// anything else there keeps the value out.
    pub(super) fn set(key: &[u8], value: Zval) {
        let Some(session) = super_global("_SESSION") else { return };
        // SAFETY: the variable; the array is not shared when it is changed.
        unsafe {
            if (*session).dereference().is_null() {
                assign(session, Zval::new_array());
            }
            if let Some(array) = writable_array(session) {
                set_in(array, key, value);
            }
        }
    }

    /// Removes the entry, if there is one.
    pub(super) fn remove(key: &[u8]) {
        let Some(session) = super_global("_SESSION") else { return };
        // SAFETY: the variable; the array is not shared when it is changed.
        unsafe {
            let Some(array) = writable_array(session) else { return };
            match index_of(key) {
                Some(index) => ffi::zend_hash_index_del(array, index),
                None => ffi::zend_hash_str_del(array, key.as_ptr().cast(), key.len()),
            };
        }
    }

    /// `$_SESSION = []`.
    pub(super) fn clear() {
        if let Some(session) = super_global("_SESSION") {
            // SAFETY: the variable.
            unsafe { assign(session, Zval::new_array()) };
        }
    }
}

/// The index that PHP makes of a key such as "12" or "-3": decimal, no leading zero, no overflow.
fn index_of(key: &[u8]) -> Option<u64> {
    let digits = key.strip_prefix(b"-").unwrap_or(key);
    if digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits[0] == b'0' && (digits.len() > 1 || key.len() > 1) {
        return None;
    }
    let number: i64 = std::str::from_utf8(key).ok()?.parse().ok()?;
    (number != i64::MIN).then(|| number.cast_unsigned())
}

fn bytes_of(text: &zend_string) -> &[u8] {
    // SAFETY: a zend_string has `len` bytes behind its header.
    unsafe { std::slice::from_raw_parts(text.val.as_ptr().cast(), text.len) }
}

// ---------------------------------------------------------------------------------------------
// Which session function is behind a call

thread_local! {
    /// The script is over, its shutdown functions and destructors too. What calls a handler now is
    /// PHP, which ends the session, whatever functions lie between.
    static SCRIPT_IS_OVER: Cell<bool> = const { Cell::new(false) };
}

const HANDLER_METHODS: [&[u8]; 9] =
    [b"open", b"close", b"read", b"write", b"destroy", b"gc", b"create_sid", b"validateid", b"updatetimestamp"];

const VALUE_METHODS: [&[u8]; 7] =
    [b"__destruct", b"__serialize", b"__unserialize", b"__sleep", b"__wakeup", b"serialize", b"unserialize"];

/// Walks up from `callee`, a call of a handler's method, or from `frame` if the native module was
/// called, to the session function that runs, over decorators and what they call.
///
/// A session function calls the handler, but also a user's error handler, destructors, `__sleep()`:
/// what those do with a handler of theirs is their own business and no part of the session.
unsafe fn caller_above(mut callee: Option<&zend_execute_data>, mut frame: *const zend_execute_data) -> Caller {
    let mut outermost = true;
    // SAFETY: frames are linked up to a null pointer, also from a fiber to who resumed it; a frame's
    // function, name and arguments are valid while the call runs.
    unsafe {
        while let Some(current) = frame.as_ref() {
            frame = current.prev_execute_data;
            outermost = false;
            // A generator or a fiber stands between.
            let Some(function) = current.func.as_ref() else { continue };
            let common = &function.common;
            if u32::from(common.type_) == ffi::ZEND_INTERNAL_FUNCTION {
                let name = name_of(current);
                let asks_handler = if common.scope.is_null() {
                    name.starts_with(b"session_")
                } else {
                    is_one_of(&HANDLER_METHODS, name)
                };
                if asks_handler && callee.is_some_and(|callee| is_interruption(callee)) {
                    return Caller::Direct;
                }
                match name {
                    _ if !common.scope.is_null() => {}
                    b"session_start" => {
                        return if wants_read_and_close(current) { Caller::ReadAndClose } else { Caller::Engine };
                    }
                    b"session_regenerate_id" => return Caller::Regenerate,
                    b"session_reset" => return Caller::Reset,
                    b"session_create_id" => return Caller::CreateId,
                    b"session_gc" => return Caller::Gc,
                    // FrankenPHP's workers end the session of each request from within this one.
                    b"frankenphp_handle_request"
                        if callee.is_none_or(|callee| is_one_of(&HANDLER_METHODS, name_of(callee))) =>
                    {
                        return Caller::Engine;
                    }
                    _ if asks_handler => return Caller::Engine,
                    _ => {}
                }
            }
            callee = Some(current);
        }
    }
    if outermost || SCRIPT_IS_OVER.get() { Caller::Engine } else { Caller::Direct }
}

unsafe fn name_of(frame: &zend_execute_data) -> &[u8] {
    // SAFETY: as in `caller_above`.
    unsafe {
        let name = frame.func.as_ref().and_then(|function| function.common.function_name.as_ref());
        name.map(bytes_of).unwrap_or_default()
    }
}

fn is_one_of(names: &[&[u8]], name: &[u8]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a function that PHP called out of a session function is not the handler's: an error
/// handler gets four arguments, a handler's methods two at most; the others are methods that values
/// of `$_SESSION` have.
unsafe fn is_interruption(callee: &zend_execute_data) -> bool {
    // SAFETY: as in `caller_above`.
    unsafe { callee.This.u2.num_args > 2 || is_one_of(&VALUE_METHODS, name_of(callee)) }
}

unsafe fn wants_read_and_close(frame: &zend_execute_data) -> bool {
    // SAFETY: the caller vouches for a running call of session_start(array $options = []).
    unsafe {
        if frame.This.u2.num_args == 0 {
            return false;
        }
        let option = frame
            .zend_call_arg(0)
            .and_then(|options| options.dereference().array().and_then(|options| options.get("read_and_close")));
        // As PHP reads it: a number, so that "true" is none.
        option.is_some_and(|value| zval_get_long_func(ptr::from_ref(value).cast_mut(), false) != 0)
    }
}

/// As [`Call::caller`], for the native module, which has no frame of its own.
fn caller_of_module() -> Caller {
    let frame = ExecutorGlobals::get().current_execute_data;
    // SAFETY: the engine's current frame, or null outside a script.
    unsafe { caller_above(None, frame) }
}

// ---------------------------------------------------------------------------------------------
// The native save handler

static NATIVE: PsModule = PsModule {
    s_name: c"seshat".as_ptr(),
    s_open: native_open,
    s_close: native_close,
    s_read: native_read,
    s_write: native_write,
    s_destroy: native_destroy,
    s_gc: native_gc,
    s_create_sid: native_create_sid,
    s_validate_sid: native_validate_sid,
    s_update_timestamp: native_update_timestamp,
};

/// Registers `session.save_handler = seshat`.
pub(super) fn register_save_handler() -> Result<(), String> {
    // SAFETY: the session extension was started before us; the table is a static.
    if unsafe { php_session_register_module(&raw const NATIVE) } == SUCCESS {
        Ok(())
    } else {
        Err("PHP's table of session save handlers is full".into())
    }
}

use super::save_handler as native;

fn status(done: bool) -> c_int {
    if done { SUCCESS } else { FAILURE }
}

/// The save path, as long as the session module's call lasts.
#[cfg(not(php86))]
unsafe fn save_path<'a>(text: *const OpenString) -> &'a [u8] {
    if text.is_null() {
        return b"";
    }
    // SAFETY: the session module passes a C string.
    unsafe { CStr::from_ptr(text) }.to_bytes()
}

#[cfg(php86)]
unsafe fn save_path<'a>(text: *const OpenString) -> &'a [u8] {
    // SAFETY: the session module passes a zend_string or null.
    unsafe { text.as_ref() }.map(bytes_of).unwrap_or_default()
}

unsafe extern "C" fn native_open(data: *mut *mut c_void, path: *const OpenString, _name: *const OpenString) -> c_int {
    guarded(FAILURE, || {
        // SAFETY: arguments of the session module, valid for the call. It takes a non-null value
        // as "open" and never looks behind it.
        unsafe {
            let opened = native::open(save_path(path));
            if opened {
                *data = (&raw const NATIVE).cast_mut().cast();
            }
            status(opened)
        }
    })
}

unsafe extern "C" fn native_close(data: *mut *mut c_void) -> c_int {
    guarded(FAILURE, || {
        // SAFETY: as above.
        unsafe { *data = ptr::null_mut() };
        status(native::close())
    })
}

unsafe extern "C" fn native_read(
    _: *mut *mut c_void,
    key: *mut zend_string,
    value: *mut *mut zend_string,
    lifetime: i64,
) -> c_int {
    guarded(FAILURE, || {
        // SAFETY: the key is valid for the call, `value` is where the result goes; the string is
        // made after all work with the store is done.
        let Some(text) = native::read(unsafe { bytes_of(&*key) }, caller_of_module(), lifetime, |bytes| {
            ZendStr::new(bytes, false).into_raw()
        }) else {
            return FAILURE;
        };
        // SAFETY: the session module takes over our reference.
        unsafe { *value = text };
        SUCCESS
    })
}

unsafe extern "C" fn native_write(
    _: *mut *mut c_void,
    key: *mut zend_string,
    value: *mut zend_string,
    lifetime: i64,
) -> c_int {
    // SAFETY: both strings are valid for the call.
    guarded(FAILURE, || {
        status(unsafe { native::write(bytes_of(&*key), bytes_of(&*value), caller_of_module(), lifetime) })
    })
}

unsafe extern "C" fn native_update_timestamp(
    _: *mut *mut c_void,
    key: *mut zend_string,
    value: *mut zend_string,
    lifetime: i64,
) -> c_int {
    // SAFETY: both strings are valid for the call.
    guarded(FAILURE, || {
        status(unsafe { native::touch(bytes_of(&*key), bytes_of(&*value), caller_of_module(), lifetime) })
    })
}

unsafe extern "C" fn native_destroy(_: *mut *mut c_void, key: *mut zend_string) -> c_int {
    // SAFETY: the key is valid for the call.
    guarded(FAILURE, || status(unsafe { native::destroy(bytes_of(&*key), caller_of_module()) }))
}

unsafe extern "C" fn native_gc(_: *mut *mut c_void, lifetime: i64, removed: *mut i64) -> i64 {
    guarded(-1, || {
        let Some(count) = native::gc(lifetime, caller_of_module()) else { return -1 };
        // SAFETY: a place for the count, as the session module passes it.
        unsafe {
            if let Some(removed) = removed.as_mut() {
                *removed = count;
            }
        }
        count
    })
}

unsafe extern "C" fn native_validate_sid(_: *mut *mut c_void, key: *mut zend_string) -> c_int {
    let lifetime = ini_long(c"session.gc_maxlifetime");
    // SAFETY: the key is valid for the call.
    guarded(FAILURE, || status(unsafe { native::validate(bytes_of(&*key), caller_of_module(), lifetime) }))
}

unsafe extern "C" fn native_create_sid(data: *mut *mut c_void) -> *mut zend_string {
    // SAFETY: PHP's own generator, which takes the module's data along.
    let id = unsafe { php_session_create_id(data) };
    // SAFETY: a new string or null.
    guarded((), || unsafe {
        if let Some(id) = id.as_ref()
            && caller_of_module() != Caller::Direct
        {
            native::created(bytes_of(id));
        }
    });
    id
}

/// A new session id from PHP's own generator, with the length and alphabet that php.ini asks for.
pub(super) fn create_id(call: &mut Call<'_>) {
    let mut data: *mut c_void = ptr::null_mut();
    // SAFETY: the generator ignores the module's data; the string is ours and goes to the result.
    unsafe {
        if let Some(id) = php_session_create_id(&raw mut data).as_mut() {
            call.result.set_zend_string(ext_php_rs::boxed::ZBox::from_raw(ptr::from_mut(id).cast()));
        }
    }
}

type InternalFunction = unsafe extern "C" fn(*mut zend_execute_data, *mut zval);

/// `session_status()`, noted when the module starts: later `disable_functions` may take it away.
static SESSION_STATUS: RwLock<Option<InternalFunction>> = RwLock::new(None);

fn note_session_status() {
    // SAFETY: at module startup the compiler's table holds the functions of the modules before us,
    // the session module among them.
    let function = unsafe {
        let table = (*ffi::ext_php_rs_compiler_globals()).function_table;
        ffi::zend_hash_str_find_ptr_lc(table, c"session_status".as_ptr(), 14).cast::<zend_function>().as_ref()
    };
    // SAFETY: a function of the session module is internal.
    *SESSION_STATUS.write() = function.and_then(|function| unsafe { function.internal_function.handler });
}

/// PHP's session status: 0 disabled, 1 none, 2 active.
pub(super) fn session_status() -> i64 {
    let Some(function) = *SESSION_STATUS.read() else { return 0 };
    // SAFETY: an internal function without parameters. It looks at nothing of its frame but the
    // number of arguments, so a zeroed frame serves, and calling it this way costs a few nanoseconds
    // where a full call costs a hundred.
    unsafe {
        let mut frame: ManuallyDrop<zend_execute_data> = ManuallyDrop::new(MaybeUninit::zeroed().assume_init());
        let mut result = Zval::null();
        function(&raw mut *frame, &raw mut result);
        result.long().unwrap_or_default()
    }
}

/// Who the request is, for those that it keeps waiting: "pid 12 GET /cart". Without the query,
/// which may hold secrets.
pub(super) fn describe_request(into: &mut String) {
    thread_local! { static PROCESS: RefCell<(u64, String)> = const { RefCell::new((0, String::new())) }; }
    let generation = fork::generation();
    PROCESS.with_borrow_mut(|(noted, text)| {
        if text.is_empty() || *noted != generation {
            (*noted, *text) = (generation, format!("pid {}", std::process::id()));
        }
        into.push_str(text);
    });
    let globals = ext_php_rs::zend::SapiGlobals::get();
    let info = globals.request_info();
    if let (Some(method), Some(uri)) = (info.request_method(), info.request_uri()) {
        into.push(' ');
        into.push_str(method);
        into.push(' ');
        let path = uri.split('?').next().unwrap_or_default();
        into.extend(path.chars().filter(|c| !c.is_control()).take(100));
    }
}
