--TEST--
A handler is neither copied nor serialized
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$handler = new Seshat\Handler('memory:');
foreach ([fn () => clone $handler, fn () => serialize($handler), fn () => unserialize('O:14:"Seshat\Handler":0:{}')] as $attempt) {
    try {
        $attempt();
        echo "worked\n";
    } catch (Throwable $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
--EXPECT--
Error: Trying to clone an uncloneable object of class Seshat\Handler
Exception: Serialization of 'Seshat\Handler' is not allowed
Exception: Unserialization of 'Seshat\Handler' is not allowed
