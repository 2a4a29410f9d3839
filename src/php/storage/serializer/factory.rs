//! `Phalcon\Storage\SerializerFactory`: serializers by name.

use crate::php::engine::{Call, Class, Parent, Thrown, method};
use crate::php::exceptions;
use crate::php::storage::factory;
use ext_php_rs::flags::ClassFlags;

/// The class.
pub(in crate::php) static SERIALIZER_FACTORY: Class = Class {
    name: "Phalcon\\Storage\\SerializerFactory",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Factory\\AbstractFactory")),
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("public function __construct(array $services = [])", factory::init),
        method!("public function newInstance(string $name)", new_instance),
        method!("protected function getAdapters()", get_adapters),
        method!("protected function getExceptionClass()", exception_class),
    ],
    native: false,
};

const SERVICES: &[(&str, &str)] = &[
    ("base64", "Phalcon\\Storage\\Serializer\\Base64"),
    ("igbinary", "Phalcon\\Storage\\Serializer\\Igbinary"),
    ("json", "Phalcon\\Storage\\Serializer\\Json"),
    ("memcached_igbinary", "Phalcon\\Storage\\Serializer\\MemcachedIgbinary"),
    ("memcached_json", "Phalcon\\Storage\\Serializer\\MemcachedJson"),
    ("memcached_php", "Phalcon\\Storage\\Serializer\\MemcachedPhp"),
    ("msgpack", "Phalcon\\Storage\\Serializer\\Msgpack"),
    ("none", "Phalcon\\Storage\\Serializer\\None"),
    ("php", "Phalcon\\Storage\\Serializer\\Php"),
    ("redis_igbinary", "Phalcon\\Storage\\Serializer\\RedisIgbinary"),
    ("redis_json", "Phalcon\\Storage\\Serializer\\RedisJson"),
    ("redis_msgpack", "Phalcon\\Storage\\Serializer\\RedisMsgpack"),
    ("redis_none", "Phalcon\\Storage\\Serializer\\RedisNone"),
    ("redis_php", "Phalcon\\Storage\\Serializer\\RedisPhp"),
];

fn get_adapters(call: &mut Call<'_>) -> Result<(), Thrown> {
    factory::return_services(call, SERVICES)
}

fn exception_class(call: &mut Call<'_>) -> Result<(), Thrown> {
    factory::return_exception_class(call, exceptions::STORAGE.name)
}

fn new_instance(call: &mut Call<'_>) -> Result<(), Thrown> {
    factory::make(call, &mut [])
}
