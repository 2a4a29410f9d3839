--TEST--
Sentinels in php.ini: the master that they name has the sessions
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/redis.inc';
require __DIR__ . '/../include/servers.inc';

ob_start();
$master = Server::redis();
$sentinel = new Server(function (int $port, string $folder) use ($master): array {
    $settings = "port $port\nbind 127.0.0.1\ndir $folder\nsentinel monitor shop 127.0.0.1 $master->port 1\n";
    file_put_contents("$folder/sentinel.conf", $settings);
    return ['redis-server', "$folder/sentinel.conf", '--sentinel'];
});
ini_set('session.save_handler', 'seshat');
// Nobody listens on port 1.
ini_set('session.save_path', "redis+sentinel://127.0.0.1:1,127.0.0.1:$sentinel->port/shop/3");
session_id('visitor');
session_start();
$_SESSION['n'] = 1;
session_write_close();
$redis = new RawRedis($master->port);
$redis->ask('SELECT', '3');
var_dump($redis->ask('GET', 'PHPREDIS_SESSION:visitor'));
ini_set('session.save_path', "redis+sentinel://127.0.0.1:$sentinel->port/shpo/3");
var_dump(session_start());
--EXPECTF--
string(6) "n|i:1;"

Warning: session_start(): redis read: no sentinel says where the master is (127.0.0.1:%d: the sentinel knows no master "shpo") in %s on line %d

Warning: session_start(): Failed to read session data: seshat (path: %s) in %s on line %d
bool(false)
