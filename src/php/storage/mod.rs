//! `Phalcon\Storage` and `Phalcon\Factory`, as far as the session adapters' constructors need them.

use super::engine::{self, Call, Class, Initial, Parent, Property, Thrown, method};
use super::exceptions;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The positions of the factories' properties.
const MAPPER: usize = 0;
const SERIALIZERS: usize = 2;

/// `Phalcon\Factory\AbstractFactory`: names that stand for classes.
pub(super) static ABSTRACT_FACTORY: Class = Class {
    name: "Phalcon\\Factory\\AbstractFactory",
    flags: ClassFlags::Abstract,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[
        Property { name: "mapper", private: false, initial: Initial::EmptyArray },
        Property { name: "services", private: false, initial: Initial::EmptyArray },
    ],
    methods: &[
        method!("protected function init(array $services = []): void", init),
        method!("protected function getService(string $name)", get_service),
    ],
    native: false,
};

/// `Phalcon\Storage\SerializerFactory`.
pub(super) static SERIALIZER_FACTORY: Class = Class {
    name: "Phalcon\\Storage\\SerializerFactory",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Factory\\AbstractFactory")),
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("public function __construct(array $services = [])", init),
        method!("public function newInstance(string $name)", new_serializer),
    ],
    native: false,
};

/// `Phalcon\Storage\AdapterFactory`.
pub(super) static ADAPTER_FACTORY: Class = Class {
    name: "Phalcon\\Storage\\AdapterFactory",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Factory\\AbstractFactory")),
    interfaces: &[],
    constants: &[],
    properties: &[Property { name: "serializerFactory", private: false, initial: Initial::Null }],
    methods: &[
        method!(
            "public function __construct(Phalcon\\Storage\\SerializerFactory $factory, array $services = [])",
            construct_adapters
        ),
        method!("public function newInstance(string $name, array $options = [])", new_adapter),
    ],
    native: false,
};

/// The services that Phalcon's factories know.
const PHALCONS: [&str; 11] =
    ["apcu", "libmemcached", "memory", "redis", "stream", "base64", "igbinary", "json", "msgpack", "none", "php"];

/// Whether the native store may stand in for what this factory would make: it is our class itself,
/// no subclass, and the service was not replaced.
pub(super) fn is_native_factory(factory: &Zval, service: &str) -> bool {
    let Some(object) = factory.object() else { return false };
    object.get_class_name().is_ok_and(|name| name == ADAPTER_FACTORY.name)
        && engine::property_of(object, MAPPER).array().is_none_or(|mapper| mapper.get(service).is_none())
}

/// Notes the services that replace or extend the built-in ones.
fn init(call: &mut Call<'_>) -> Result<(), Thrown> {
    note_services(call, 0)
}

fn note_services(call: &mut Call<'_>, index: usize) -> Result<(), Thrown> {
    match call.value(index) {
        None => Ok(()),
        Some(services) if services.is_array() => {
            let services = services.shallow_clone();
            call.set_property(MAPPER, services)
        }
        Some(_) => Err(call.wrong_type(index, "array")),
    }
}

/// The class that a service's name stands for.
fn service(call: &mut Call<'_>) -> Result<String, Thrown> {
    let [name] = call.strings()?;
    let name = String::from_utf8_lossy(name).into_owned();
    let class = call
        .property(MAPPER)?
        .array()
        .and_then(|mapper| mapper.get(name.as_str()))
        .and_then(|class| class.dereference().zend_str())
        .map(|class| String::from_utf8_lossy(class.as_bytes()).into_owned());
    class.ok_or_else(|| {
        let mut message = format!("Service {name} is not registered");
        if PHALCONS.contains(&name.as_str()) {
            message.push_str(
                " (this version of Seshat has no storage classes of its own; \
                 the session adapters take the factory itself)",
            );
        }
        engine::throw(exceptions::FACTORY.name, &message)
    })
}

fn get_service(call: &mut Call<'_>) -> Result<(), Thrown> {
    let class = service(call)?;
    call.return_bytes(class.as_bytes());
    Ok(())
}

fn new_serializer(call: &mut Call<'_>) -> Result<(), Thrown> {
    let class = service(call)?;
    let made = engine::new_object(&class, &mut [])?;
    *call.result() = made;
    Ok(())
}

fn construct_adapters(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(factory) = call.value(0).filter(|value| engine::is_a(value, SERIALIZER_FACTORY.name)) else {
        return Err(call.wrong_type(0, SERIALIZER_FACTORY.name));
    };
    let factory = factory.shallow_clone();
    call.set_property(SERIALIZERS, factory)?;
    note_services(call, 1)
}

fn new_adapter(call: &mut Call<'_>) -> Result<(), Thrown> {
    let class = service(call)?;
    let options = match call.value(1) {
        None => Zval::new_array(),
        Some(options) if options.is_array() => options.shallow_clone(),
        Some(_) => return Err(call.wrong_type(1, "array")),
    };
    let serializers = call.property(SERIALIZERS)?.shallow_clone();
    let made = engine::new_object(&class, &mut [serializers, options])?;
    *call.result() = made;
    Ok(())
}
