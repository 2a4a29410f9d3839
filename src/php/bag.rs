//! `Phalcon\Session\Bag`: a group of values in the session, as an object.
//!
//! A bag holds no values: each call looks into the session, so that a bag sees what became of it
//! meanwhile, and two bags of one name are one. What it needs to find the session is in PHP
//! properties, where the cycle collector sees it. The session is looked for when it is needed first:
//! the one that was given; the service "session" of the bag's container, or of the default one; the
//! manager that was started last in this request.
//!
//! Over our own manager the values are reached where they are in `$_SESSION`, without a call of PHP
//! code and without a copy; over any other session with its methods `get`, `set` and `remove`.

use super::collection::{self, PROPERTIES};
use super::engine::arrays::{array_of, entry, swap};
use super::engine::{self, Call, Class, Initial, Interface, Parent, Property, Thrown, method};
use super::exceptions;
use super::manager::{self, Part};
use super::nesting;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// What the bags of Phalcon 3 and 5 have in common, so that who implements either still does.
pub(super) static INTERFACE: Class = Class {
    name: "Phalcon\\Session\\BagInterface",
    flags: ClassFlags::Interface,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("abstract public function __get(string $element)"),
        method!("abstract public function __isset(string $element)"),
        method!("abstract public function __set(string $element, $value)"),
        method!("abstract public function get(string $element, $defaultValue = null)"),
        method!("abstract public function has(string $element)"),
        method!("abstract public function set(string $element, $value)"),
    ],
    native: false,
};

/// The positions of the properties below, behind the collection's.
const CONTAINER: usize = PROPERTIES;
const NAME: usize = PROPERTIES + 1;
const SESSION: usize = PROPERTIES + 2;

/// The bag.
pub(super) static BAG: Class = Class {
    name: "Phalcon\\Session\\Bag",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Collection")),
    interfaces: &[Interface::Ours("Phalcon\\Session\\BagInterface")],
    constants: &[],
    properties: &[
        Property { name: "container", private: true, initial: Initial::Null },
        Property { name: "name", private: true, initial: Initial::Null },
        Property { name: "session", private: true, initial: Initial::Null },
    ],
    methods: &[
        method!(
            "public function __construct(object|string|null $session = null, object|string|null $name = null)",
            construct
        ),
        method!("public function __debugInfo(): array", debug_info),
        method!("public function __serialize(): array", magic_serialize),
        method!("public function __unserialize(array $data): void", magic_unserialize),
        method!("public function destroy()", destroy),
        method!("public function getDI()", get_container),
        method!("public function initialize()", initialize),
        method!("public function remove(string $element)", remove),
        method!("public function setDI(object $container)", set_container, redeclarable),
    ],
    native: false,
};

/// Where a bag's values are.
pub(super) enum Session<'a> {
    /// In `$_SESSION`, by way of our own manager.
    Ours(Part<'a>, &'a [u8]),
    /// Behind the methods of another object, for the bag of that number. The name is a copy: PHP code
    /// may change the bag's.
    Other(Zval, Zval, u32),
}

impl Session<'_> {
    /// Looks at the values; null if there are none. `work` must not call PHP.
    pub(super) fn look<R>(&self, work: impl FnOnce(&Zval) -> R) -> Result<R, Thrown> {
        Ok(match self {
            Self::Ours(part, name) => part.look(name, |values| work(values.unwrap_or(&Zval::null()))),
            Self::Other(session, name, bag) => work(&ask(*bag, session, "get", &mut [name.shallow_clone()])?),
        })
    }

    /// Changes the array of values, which is made if there is none. None while the session is not
    /// active. `work` must not call PHP, nor drop a value that may have a destructor.
    pub(super) fn change<R>(&self, work: impl FnOnce(&mut Zval) -> R) -> Result<Option<R>, Thrown> {
        match self {
            Self::Ours(part, name) => Ok(part.change_array(name, work)),
            Self::Other(session, name, bag) => {
                let mut values = ask(*bag, session, "get", &mut [name.shallow_clone()])?;
                if !values.is_array() {
                    swap(&mut values, &mut Zval::new_array());
                }
                let outcome = work(&mut values);
                ask(*bag, session, "set", &mut [name.shallow_clone(), values])?;
                Ok(Some(outcome))
            }
        }
    }

    /// Removes the array of values.
    pub(super) fn remove(&self) -> Result<(), Thrown> {
        match self {
            Self::Ours(part, name) => {
                part.remove(name);
                Ok(())
            }
            Self::Other(session, name, bag) => ask(*bag, session, "remove", &mut [name.shallow_clone()]).map(drop),
        }
    }
}

/// The session that has the values of the bag.
#[inline]
pub(super) fn session<'a>(call: &mut Call<'a>) -> Result<Session<'a>, Thrown> {
    let bag = call.object_number()?;
    if !call.property(SESSION)?.is_object() {
        if call.property(NAME)?.zend_str().is_none() {
            return Err(nameless());
        }
        let found = nesting::deeper(bag, || find_session(call)).unwrap_or_else(|| Err(leads_back()))?;
        call.set_property(SESSION, found)?;
    }
    let (session, name) = (call.property(SESSION)?, call.property(NAME)?);
    let (Some(object), Some(text)) = (session.object(), name.zend_str()) else {
        return Err(nameless());
    };
    Ok(match Part::of(object) {
        Some(part) => Session::Ours(part, text.as_bytes()),
        None => Session::Other(session.shallow_clone(), name.shallow_clone(), bag),
    })
}

/// Calls a method of a bag's session, which may be a bag itself.
fn ask(bag: u32, session: &Zval, method: &str, arguments: &mut [Zval]) -> Result<Zval, Thrown> {
    nesting::deeper(bag, || engine::call_method(session, method, arguments)).unwrap_or_else(|| Err(leads_back()))
}

fn leads_back() -> Thrown {
    fail("The way to the bag's session leads through bags without an end; is the bag part of its own session?")
}

fn nameless() -> Thrown {
    fail("The bag has no name; was its constructor called?")
}

fn fail(message: &str) -> Thrown {
    engine::throw(exceptions::SESSION.name, message)
}

fn find_session(call: &mut Call<'_>) -> Result<Zval, Thrown> {
    let own = call.property(CONTAINER)?.shallow_clone();
    if let Some(session) = service(&own)? {
        return Ok(session);
    }
    // A class that nobody has loaded yet has no default container.
    for class in ["Phalcon\\Di", "Phalcon\\Di\\Di"].into_iter().filter(|class| engine::class_exists(class)) {
        let default = engine::call_function(&format!("{class}::getDefault"), &mut [])?;
        if let Some(session) = service(&default)? {
            return Ok(session);
        }
    }
    manager::last_started()?
        .ok_or_else(|| fail("A dependency injection container is required to access the 'session' service"))
}

/// The service "session" of a container, if it has one: one of Phalcon's, or of PSR-11.
fn service(container: &Zval) -> Result<Option<Zval>, Thrown> {
    if !container.is_object() {
        return Ok(None);
    }
    let name = || engine::string(b"session");
    if engine::has_method(container, "has") && !engine::call_method(container, "has", &mut [name()])?.coerce_to_bool() {
        return Ok(None);
    }
    let Some(method) = ["getShared", "get"].into_iter().find(|method| engine::has_method(container, method)) else {
        return Ok(None);
    };
    let session = engine::call_method(container, method, &mut [name()])?;
    if is_session(&session) {
        Ok(Some(session))
    } else {
        Err(fail("The service 'session' is no session: it lacks get(), set() or remove()"))
    }
}

fn is_session(value: &Zval) -> bool {
    ["get", "set", "remove"].iter().all(|method| engine::has_method(value, method))
}

/// `(string $name)` as in Phalcon 3 and 4, with a container behind it or not; `(ManagerInterface
/// $session, string $name)` as in 5.
fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let object_at =
        |call: &Call<'_>, index| call.value(index).filter(|value| value.is_object()).map(Zval::shallow_clone);
    let is_absent = |call: &Call<'_>, index| call.value(index).is_none_or(Zval::is_null);
    if let Some(session) = object_at(call, 0) {
        if !is_session(&session) {
            return Err(call.wrong_type(0, "an object with get(), set() and remove(), or string"));
        }
        if is_absent(call, 1) {
            return Err(call.wrong_type(1, "string"));
        }
        let name = engine::string(call.string(1)?);
        call.set_property(CONTAINER, Zval::null())?;
        call.set_property(NAME, name)?;
        return call.set_property(SESSION, session);
    }
    let container = object_at(call, 1);
    // By its name the argument may come alone: `new Bag(name: 'user')`.
    let position = usize::from(is_absent(call, 0));
    if position == 1 && (container.is_some() || is_absent(call, 1)) {
        return Err(call.wrong_type(0, "string"));
    }
    if container.is_none() && position == 0 && !is_absent(call, 1) {
        return Err(call.wrong_type(1, "object"));
    }
    let name = engine::string(call.string(position)?);
    call.set_property(NAME, name)?;
    call.set_property(SESSION, Zval::null())?;
    call.set_property(CONTAINER, container.unwrap_or_else(Zval::null))
}

/// The bag's own, else that of its session.
fn get_container(call: &mut Call<'_>) -> Result<(), Thrown> {
    let mut container = call.property(CONTAINER)?.shallow_clone();
    let session = call.property(SESSION)?.shallow_clone();
    if !container.is_object() && engine::has_method(&session, "getDI") {
        let bag = call.object_number()?;
        container = ask(bag, &session, "getDI", &mut [])?;
    }
    *call.result() = if container.is_object() { container } else { Zval::null() };
    Ok(())
}

/// As in Phalcon, a session that was found before stays.
fn set_container(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(container) = call.value(0).filter(|value| value.is_object()).map(Zval::shallow_clone) else {
        return Err(call.wrong_type(0, "object"));
    };
    call.set_property(CONTAINER, container)
}

fn initialize(call: &mut Call<'_>) -> Result<(), Thrown> {
    session(call).map(drop)
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    if call.hand_over("clear")?.is_some() { Ok(()) } else { session(call)?.remove() }
}

fn remove(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = call.string(0)?;
    let removed = collection::remove_entry(call, name)?;
    call.result().set_bool(removed);
    Ok(())
}

/// For `var_dump()`: the name, and the values as far as the session was found already.
fn debug_info(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = call.property(NAME)?.shallow_clone();
    let mut values = Zval::new_array();
    if name.is_string() && call.property(SESSION)?.is_object() {
        session(call)?.look(|found| {
            if found.is_array() {
                values = found.shallow_clone();
            }
        })?;
    }
    *call.result() = array_of([("name", name), ("data", values)]);
    Ok(())
}

/// The name alone: the values are the session's, and the session is found again.
fn magic_serialize(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = call.property(NAME)?.shallow_clone();
    *call.result() = array_of([("name", name)]);
    Ok(())
}

fn magic_unserialize(call: &mut Call<'_>) -> Result<(), Thrown> {
    let name = call.value(0).and_then(|data| entry(data, b"name")).filter(|name| name.is_string());
    let name = name.map_or_else(Zval::null, Zval::shallow_clone);
    call.set_property(NAME, name)
}
