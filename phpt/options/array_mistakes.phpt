--TEST--
Mistakes in an array of options, and arguments of the wrong type
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$mistakes = [
    'nothing' => [[]],
    'no store' => [['host' => '127.0.0.1']],
    'an unknown store' => [['store' => 'memry']],
    'an unknown option' => [['store' => 'memory', 'lokcing' => true]],
    'a host that is an array' => [['store' => 'redis', 'host' => ['a', 'b']]],
    'a port that is a float' => [['store' => 'redis', 'port' => 6379.5]],
    'a port that is a word' => [['store' => 'redis', 'port' => 'redis']],
    'a password that is an object' => [['store' => 'redis', 'password' => new stdClass()]],
    'a switch that is a number' => [['store' => 'memory', 'locking' => 2]],
    'a time that is a list' => [['store' => 'memory', 'lock_wait' => [1]]],
    'a time that is INF' => [['store' => 'memory', 'lock_wait' => INF]],
    'a DSN that is an int' => [['dsn' => 5]],
    'a number for a name' => [['store' => 'memory', 'locking']],
    'null is as if not said' => [['store' => 'memory', 'locking' => null, 'lock_wait' => null]],
    'DSN object' => [new stdClass()],
    'options a string' => ['memory:', 'locking=1'],
    'options null' => ['memory:', null],
    'NUL in the DSN' => ["sqlite:///tmp/a\0b.db"],
    'not UTF-8' => ["files:///tmp/\xff"],
];
foreach ($mistakes as $what => $arguments) {
    try {
        new Seshat\Handler(...$arguments);
        echo "$what: accepted\n";
    } catch (Throwable $e) {
        echo "$what: ", get_class($e), ": {$e->getMessage()}\n";
    }
}
--EXPECTF--
nothing: Seshat\Exception: say which store: option "dsn", or option "store" with one of %s
no store: Seshat\Exception: say which store: option "dsn", or option "store" with one of %s
an unknown store: Seshat\Exception: unknown store "memry"; did you mean "memory"?
an unknown option: Seshat\Exception: unknown option "lokcing"; did you mean "locking"?
a host that is an array: Seshat\Exception: option "host" must be a string, array given
a port that is a float: Seshat\Exception: option "port" must be a whole number from 1 to 65535, 6379.5 given
a port that is a word: Seshat\Exception: option "port" must be a whole number from 1 to 65535, "redis" given
a password that is an object: Seshat\Exception: option "password" must be a string, stdClass given
a switch that is a number: Seshat\Exception: option "locking" must be a switch (1 or 0), 2 given
a time that is a list: Seshat\Exception: option "lock_wait" must be a time such as 30, 1.5, "500ms" or "2m", array given
a time that is INF: Seshat\Exception: option "lock_wait" must be a time such as 30, 1.5, "500ms" or "2m", inf given
a DSN that is an int: Seshat\Exception: option "dsn" must be a string, int given
a number for a name: Seshat\Exception: unknown option "0"%S
null is as if not said: accepted
DSN object: TypeError: Seshat\Handler::__construct(): Argument #1 ($dsn) must be of type %s, stdClass given
options a string: TypeError: Seshat\Handler::__construct(): Argument #2 ($options) must be of type array, string given
options null: TypeError: Seshat\Handler::__construct(): Argument #2 ($options) must be of type array, null given
NUL in the DSN: Seshat\Exception: %s
not UTF-8: Seshat\Exception: option "dsn" is not UTF-8
