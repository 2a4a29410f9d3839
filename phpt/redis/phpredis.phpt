--TEST--
Sessions of phpredis are read, and phpredis reads ours
--EXTENSIONS--
igbinary
redis
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
function visit(string $handler, string $path, string $id): array
{
    ini_set('session.save_handler', $handler);
    ini_set('session.save_path', $path);
    session_id($id);
    session_start();
    $_SESSION['by'][] = $handler;
    session_write_close();
    return $_SESSION['by'];
}
ini_set('session.serialize_handler', 'php');
$port = getenv('SESHAT_REDIS_PORT');
$id = 'id' . bin2hex(random_bytes(8));
visit('redis', "tcp://127.0.0.1:$port", $id);
visit('seshat', "redis://127.0.0.1:$port", $id);
echo implode(' ', visit('redis', "tcp://127.0.0.1:$port", $id)), "\n";
// Both lock, and under the same name.
ini_set('redis.session.locking_enabled', '1');
echo implode(' ', visit('redis', "tcp://127.0.0.1:$port", $id)), "\n";
--EXPECT--
redis seshat redis
redis seshat redis redis
