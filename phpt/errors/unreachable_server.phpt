--TEST--
A server that is not there: one warning with the reason, and no session
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// A port that was free a moment ago.
$listener = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($listener, false), ':'), 1);
fclose($listener);
ob_start();
$began = microtime(true);
foreach (["redis://127.0.0.1:$port/0", 'redis+unix:///nowhere/redis.sock'] as $dsn) {
    session_set_save_handler(new Seshat\Handler($dsn), true);
    session_id('visitor');
    var_dump(session_start());
    var_dump(session_status() === PHP_SESSION_ACTIVE);
    try {
        (new Seshat\Handler($dsn))->read('visitor');
    } catch (Seshat\Exception $e) {
        echo $e->getMessage(), "\n";
    }
}
says('at once', microtime(true) - $began < 5);
--EXPECTF--

Warning: Seshat\Handler::read(): redis read at 127.0.0.1:%d: %s in %s on line %d

Warning: session_start(): Failed to read session data: user (path: %S) in %s on line %d
bool(false)
bool(false)
redis read at 127.0.0.1:%d: %s

Warning: Seshat\Handler::read(): redis read at /nowhere/redis.sock: %s in %s on line %d

Warning: session_start(): Failed to read session data: user (path: %S) in %s on line %d
bool(false)
bool(false)
redis read at /nowhere/redis.sock: %s
at once: yes
