//! `Phalcon\Factory\AbstractFactory`: names that stand for classes.
//!
//! Phalcon 4 asks a factory for its map with `getAdapters()`, Phalcon 5 with `getServices()`. Here the
//! second asks the first, so that a child may override either.

use crate::options::suggest;
use crate::php::engine::{self, Call, Class, Initial, Property, Thrown, method};
use crate::php::{convert, exceptions};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The positions of the factories' properties.
pub(super) const MAPPER: usize = 0;
const SERVICES: usize = 1;
const EXCEPTION: usize = 2;

/// The class.
pub(in crate::php) static ABSTRACT_FACTORY: Class = Class {
    name: "Phalcon\\Factory\\AbstractFactory",
    flags: ClassFlags::Abstract,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[
        Property { name: "mapper", private: false, initial: Initial::EmptyArray },
        Property { name: "services", private: false, initial: Initial::EmptyArray },
        Property { name: "exception", private: false, initial: Initial::Null },
    ],
    // No return types: children of Phalcon 4's time have none.
    methods: &[
        method!("protected function checkConfig($config)", check_config),
        method!("protected function getAdapters()", no_services),
        method!("protected function getException(string $message)", new_exception),
        method!("protected function getExceptionClass()", exception_class),
        method!("protected function getService(string $name)", get_service),
        method!("protected function getServices()", get_services),
        method!("protected function init(array $services = [])", init),
    ],
    native: false,
};

/// An array of names and classes.
pub(super) fn return_services(call: &mut Call<'_>, services: &[(&str, &str)]) -> Result<(), Thrown> {
    let mut array = Zval::new_array();
    for (name, class) in services {
        engine::set_entry(&mut array, name.as_bytes(), engine::string(class.as_bytes()));
    }
    *call.result() = array;
    Ok(())
}

fn no_services(call: &mut Call<'_>) -> Result<(), Thrown> {
    return_services(call, &[])
}

fn get_services(call: &mut Call<'_>) -> Result<(), Thrown> {
    let services = call.call_own_method("getadapters", &mut [])?;
    *call.result() = services;
    Ok(())
}

/// Notes the factory's own services and over them those of the argument.
pub(super) fn init(call: &mut Call<'_>) -> Result<(), Thrown> {
    note_services(call, 0)
}

pub(super) fn note_services(call: &mut Call<'_>, index: usize) -> Result<(), Thrown> {
    let more = call.value(index).map(Zval::shallow_clone);
    if more.as_ref().is_some_and(|more| !more.is_array()) {
        return Err(call.wrong_type(index, "array"));
    }
    let own = call.call_own_method("getservices", &mut [])?;
    for services in [Some(own), more].into_iter().flatten() {
        for (key, class) in services.array().into_iter().flatten() {
            let name = convert::key_bytes(key);
            call.set_in_property(MAPPER, &name, class.dereference().shallow_clone())?;
            call.remove_in_property(SERVICES, &name)?;
        }
    }
    Ok(())
}

fn get_service(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [name] = call.strings()?;
    match engine::arrays::entry(call.property(MAPPER)?, name).filter(|class| !class.is_null()) {
        Some(class) => {
            *call.result() = class.shallow_clone();
            Ok(())
        }
        None => {
            let name = String::from_utf8_lossy(name).into_owned();
            let known = call.property(MAPPER)?;
            let known: Vec<String> = known
                .array()
                .into_iter()
                .flatten()
                .map(|(key, _)| String::from_utf8_lossy(&convert::key_bytes(key)).into_owned())
                .collect();
            let hint = suggest::nearest(&name, known.iter().map(String::as_str))
                .map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
            Err(refuse(call, &format!("Service {name} is not registered{hint}")))
        }
    }
}

/// A new object of the class that the first argument names.
pub(super) fn make(call: &mut Call<'_>, arguments: &mut [Zval]) -> Result<(), Thrown> {
    let [name] = call.strings()?;
    let service = call.call_own_method("getservice", &mut [engine::string(name)])?;
    let class = engine::to_string(&service)?;
    let class =
        class.zend_str().map(|class| String::from_utf8_lossy(class.as_bytes()).into_owned()).unwrap_or_default();
    if !engine::class_can_be_found(&class) {
        if engine::has_exception() {
            return Err(Thrown);
        }
        let name = String::from_utf8_lossy(name).into_owned();
        let sentence = format!(
            "Service {name} stands for the class {class}, which does not exist{}",
            if class.starts_with("Phalcon\\") {
                ": this build of Seshat has none; register a class of your own under that name"
            } else {
                ""
            }
        );
        return Err(refuse(call, &sentence));
    }
    let made = engine::new_object(&class, arguments)?;
    *call.result() = made;
    Ok(())
}

/// Throws what `getException()` makes.
fn refuse(call: &mut Call<'_>, message: &str) -> Thrown {
    match call.call_own_method("getexception", &mut [engine::string(message.as_bytes())]) {
        Ok(exception) => engine::throw_object(exception),
        Err(thrown) => thrown,
    }
}

fn new_exception(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [message] = call.strings()?;
    let class = call.call_own_method("getexceptionclass", &mut [])?;
    let class =
        class.zend_str().map(|class| String::from_utf8_lossy(class.as_bytes()).into_owned()).unwrap_or_default();
    let made = engine::new_object(&class, &mut [engine::string(message)])?;
    *call.result() = made;
    Ok(())
}

/// Phalcon 4's children say it in a property, Phalcon 5's override the method.
fn exception_class(call: &mut Call<'_>) -> Result<(), Thrown> {
    return_exception_class(call, exceptions::FACTORY.name)
}

pub(super) fn return_exception_class(call: &mut Call<'_>, usual: &str) -> Result<(), Thrown> {
    let own = call.property(EXCEPTION)?;
    *call.result() = if own.is_string() { own.shallow_clone() } else { engine::string(usual.as_bytes()) };
    Ok(())
}

/// An array, or an object that becomes one, as Phalcon's `Config` does.
fn check_config(call: &mut Call<'_>) -> Result<(), Thrown> {
    let mut config = call.value(0).map_or_else(Zval::null, Zval::shallow_clone);
    if engine::has_method(&config, "toArray") {
        config = engine::call_method(&config, "toArray", &mut [])?;
    }
    if !config.is_array() {
        return Err(refuse(call, "Config must be array or Phalcon\\Config object"));
    }
    if engine::arrays::entry(&config, b"adapter").is_none_or(|adapter| adapter.is_null()) {
        return Err(refuse(call, "You must provide 'adapter' option in factory config parameter."));
    }
    *call.result() = config;
    Ok(())
}
