--TEST--
Several hosts in php.ini: the first that answers has the sessions
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
--FILE--
<?php
require __DIR__ . '/../include/redis.inc';

ob_start();
ini_set('session.save_handler', 'seshat');
// Nobody listens on port 1.
$port = getenv('SESHAT_REDIS_PORT');
$prefix = bin2hex(random_bytes(4)) . ':';
ini_set('session.save_path', "redis://127.0.0.1:1,127.0.0.1:$port/9?prefix=$prefix");
session_id('visitor');
session_start();
$_SESSION['n'] = 1;
session_write_close();
$redis = new RawRedis();
$redis->ask('SELECT', '9');
var_dump($redis->ask('GET', "{$prefix}visitor"));
ini_set('session.save_path', 'redis://127.0.0.1:1,127.0.0.1:2/9?retries=0');
var_dump(session_start());
--EXPECTF--
string(6) "n|i:1;"

Warning: session_start(): redis %s: none of the hosts is a master that answers (127.0.0.1:1: connection refused: no server listens there; 127.0.0.1:2: connection refused: no server listens there) in %s on line %d

Warning: session_start(): Failed to read session data: seshat (path: %s) in %s on line %d
bool(false)
