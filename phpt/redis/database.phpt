--TEST--
The database of the DSN, and nothing in another
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

require __DIR__ . '/../include/redis.inc';
$server = new RawRedis();
$port = getenv('SESHAT_REDIS_PORT');
$socket = getenv('SESHAT_REDIS_SOCKET');
$id = 'id' . bin2hex(random_bytes(8));
foreach (["redis://127.0.0.1:$port/3", "redis://127.0.0.1:$port?database=3", "redis+unix://$socket?database=3"] as $dsn) {
    $handler = new Seshat\Handler($dsn);
    $handler->write($id, 'n|i:1;');
    foreach (['0', '3'] as $database) {
        $server->ask('SELECT', $database);
        says("in $database", $server->ask('EXISTS', "PHPREDIS_SESSION:$id"));
    }
    $handler->destroy($id);
}
// Two databases in one request do not mix.
$three = new Seshat\Handler("redis://127.0.0.1:$port/3");
$four = new Seshat\Handler("redis://127.0.0.1:$port/4");
$three->write($id, 'three');
$four->write($id, 'four');
says('each its own', [$three->read($id), $four->read($id)]);
$three->destroy($id);
says('still there', $four->read($id));
$four->destroy($id);
--EXPECT--
in 0: 0
in 3: 1
in 0: 0
in 3: 1
in 0: 0
in 3: 1
each its own: array (
  0 => 'three',
  1 => 'four',
)
still there: 'four'
