--TEST--
A collection whose method runs out of memory: what the adapter worked on is let go of after the request
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
memory_limit=64M
--FILE--
<?php
require __DIR__ . '/../include/memory_collection.inc';

register_shutdown_function(function () {
    echo "\nthe end\n";
});
$adapter = new Phalcon\Incubator\Session\Adapter\Mongo($memory = new Memory());
$memory->meddle = fn () => str_repeat('x', 1 << 30);
$adapter->read('id');
?>
--EXPECTF--
Fatal error: Allowed memory size of 67108864 bytes exhausted%s(tried to allocate %d bytes) in %s on line %d

the end
