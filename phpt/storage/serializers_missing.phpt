--TEST--
igbinary and msgpack: without PHP's extension there is one clear exception
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there');
if (extension_loaded('igbinary') || extension_loaded('msgpack')) die('skip the extensions are part of this PHP'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

$factory = new Phalcon\Storage\SerializerFactory();
foreach (['igbinary', 'msgpack'] as $name) {
    attempt($name, fn () => $factory->newInstance($name));
    foreach (['memory', 'stream', 'redis'] as $storage) {
        attempt("$name over $storage", fn () => storage($storage, ['defaultSerializer' => $name]));
    }
    attempt("the client's $name", fn () => storage('redis', ['defaultSerializer' => "redis_$name"])->set('a', 1));
}
attempt('apcu', fn () => storage('apcu'));
--EXPECT--
igbinary: Phalcon\Storage\Exception: The serializer igbinary needs the PHP extension igbinary, which is not loaded
igbinary over memory: Phalcon\Storage\Exception: The serializer igbinary needs the PHP extension igbinary, which is not loaded
igbinary over stream: Phalcon\Storage\Exception: The serializer igbinary needs the PHP extension igbinary, which is not loaded
igbinary over redis: Phalcon\Storage\Exception: The serializer igbinary needs the PHP extension igbinary, which is not loaded
the client's igbinary: Phalcon\Storage\Exception: The serializer igbinary needs the PHP extension igbinary, which is not loaded
msgpack: Phalcon\Storage\Exception: The serializer msgpack needs the PHP extension msgpack, which is not loaded
msgpack over memory: Phalcon\Storage\Exception: The serializer msgpack needs the PHP extension msgpack, which is not loaded
msgpack over stream: Phalcon\Storage\Exception: The serializer msgpack needs the PHP extension msgpack, which is not loaded
msgpack over redis: Phalcon\Storage\Exception: The serializer msgpack needs the PHP extension msgpack, which is not loaded
the client's msgpack: Phalcon\Storage\Exception: The serializer msgpack needs the PHP extension msgpack, which is not loaded
apcu: Phalcon\Storage\Exception: Phalcon\Storage\Adapter\Apcu needs the PHP extension apcu, which is not loaded
