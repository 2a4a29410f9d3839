--TEST--
Nonsense in session.save_path: one warning, no session, and the script goes on
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
ini_set('session.save_handler', 'seshat');
foreach (['memry:', 'memory:?lokcing=1', 'redis://u:hunter2@h:0', "files:///tmp/\xff"] as $path) {
    ini_set('session.save_path', $path);
    session_id('visitor');
    var_dump(session_start());
    var_dump(session_status() === PHP_SESSION_ACTIVE);
}
// And then one that makes sense.
ini_set('session.save_path', 'memory:');
var_dump(session_start());
--EXPECTF--

Warning: session_start(): unknown store "memry"; did you mean "memory"? in %s on line %d

Warning: session_start(): Failed to initialize storage module: seshat (path: memry:) in %s on line %d
bool(false)
bool(false)

Warning: session_start(): unknown option "lokcing"; did you mean "locking"? in %s on line %d

Warning: session_start(): Failed to initialize storage module: seshat (path: memory:?lokcing=1) in %s on line %d
bool(false)
bool(false)

Warning: session_start(): the DSN's port must be a number from 1 to 65535 in %s on line %d

Warning: session_start(): Failed to initialize storage module: seshat (path: %s) in %s on line %d
bool(false)
bool(false)

Warning: session_start(): session.save_path is not UTF-8 in %s on line %d

Warning: session_start(): Failed to initialize storage module: seshat (path: %s) in %s on line %d
bool(false)
bool(false)
bool(true)
