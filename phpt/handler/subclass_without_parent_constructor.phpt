--TEST--
A subclass that forgets its parent's constructor gets a clear error
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

class Forgetful extends Seshat\Handler
{
    public function __construct()
    {
    }
}
try {
    (new Forgetful())->read('one');
} catch (Throwable $e) {
    echo get_class($e), ': ', $e->getMessage(), "\n";
}
--EXPECTF--
Error: Forgetful is not ready: its constructor was not called%s
