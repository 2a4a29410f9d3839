//! `Phalcon\Storage\AdapterFactory`: storage adapters by name.

use crate::php::engine::{self, Call, Class, Initial, Parent, Property, Thrown, method};
use crate::php::exceptions;
use crate::php::storage::factory;
use crate::php::storage::serializer::factory::SERIALIZER_FACTORY;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The position of `$this->serializerFactory`, behind the parent's three properties.
const SERIALIZERS: usize = 3;

/// The class.
pub(in crate::php) static ADAPTER_FACTORY: Class = Class {
    name: "Phalcon\\Storage\\AdapterFactory",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Factory\\AbstractFactory")),
    interfaces: &[],
    constants: &[],
    properties: &[Property { name: "serializerFactory", private: false, initial: Initial::Null }],
    methods: &[
        method!(
            "public function __construct(Phalcon\\Storage\\SerializerFactory $factory, array $services = [])",
            construct
        ),
        method!("public function newInstance(string $name, array $options = [])", new_instance, sensitive[1]),
        method!("protected function getAdapters()", get_adapters),
        method!("protected function getExceptionClass()", exception_class),
    ],
    native: false,
};

const REDIS: &str = "Phalcon\\Storage\\Adapter\\Redis";

const SERVICES: &[(&str, &str)] = &[
    ("apcu", "Phalcon\\Storage\\Adapter\\Apcu"),
    ("libmemcached", "Phalcon\\Storage\\Adapter\\Libmemcached"),
    ("memory", "Phalcon\\Storage\\Adapter\\Memory"),
    ("redis", REDIS),
    ("stream", "Phalcon\\Storage\\Adapter\\Stream"),
];

/// Whether a session adapter's native store may stand in for what this factory would make: it is our
/// class itself, no subclass, and the service was not replaced.
pub(in crate::php) fn is_native_factory(candidate: &Zval, service: &str) -> bool {
    let Some(object) = candidate.object() else { return false };
    let usual = SERVICES.iter().find(|(name, _)| *name == service).map(|(_, class)| class.as_bytes());
    object.get_class_name().is_ok_and(|name| name == ADAPTER_FACTORY.name)
        && engine::arrays::entry(engine::property_of(object, factory::MAPPER), service.as_bytes())
            .is_none_or(|class| class.zend_str().map(|class| class.as_bytes()) == usual)
}

fn get_adapters(call: &mut Call<'_>) -> Result<(), Thrown> {
    factory::return_services(call, SERVICES)
}

fn exception_class(call: &mut Call<'_>) -> Result<(), Thrown> {
    factory::return_exception_class(call, exceptions::STORAGE.name)
}

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(serializers) = call.value(0).filter(|value| engine::is_a(value, SERIALIZER_FACTORY.name)) else {
        return Err(call.wrong_type(0, SERIALIZER_FACTORY.name));
    };
    let serializers = serializers.shallow_clone();
    call.set_property(SERIALIZERS, serializers)?;
    factory::note_services(call, 1)
}

fn new_instance(call: &mut Call<'_>) -> Result<(), Thrown> {
    let options = match call.value(1) {
        None => Zval::new_array(),
        Some(options) if options.is_array() => options.shallow_clone(),
        Some(_) => return Err(call.wrong_type(1, "array")),
    };
    let serializers = call.property(SERIALIZERS)?.shallow_clone();
    factory::make(call, &mut [serializers, options])
}
