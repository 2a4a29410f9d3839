--TEST--
A save path of phpredis's cluster handler works as it is, and nobody is logged out
--EXTENSIONS--
igbinary
redis
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
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
function visit(string $handler, string $path, string $id): string
{
    ini_set('session.save_handler', $handler);
    ini_set('session.save_path', $path);
    session_id($id);
    session_start();
    $_SESSION['by'][] = $handler;
    session_write_close();
    return implode(' ', $_SESSION['by']);
}
// A cluster of one node with a password.
$server = Server::redis('--cluster-enabled', 'yes', '--cluster-port', '0', '--cluster-announce-ip', '127.0.0.1', '--requirepass', 'secret');
$port = $server->port;
$node = new RawRedis($port);
$node->ask('AUTH', 'secret');
$node->ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
await(fn () => str_contains($node->ask('CLUSTER', 'INFO'), 'cluster_state:ok'));
foreach (['', '&prefix=shop%3A', '&failover=error&timeout=2&read_timeout=2&persistent=1'] as $rest) {
    $path = "seed[]=127.0.0.1:$port&seed[]=127.0.0.1:$port&auth=secret$rest";
    $spoken = [];
    for ($i = 0; $i < 10; $i++) {
        $id = 'visitor' . bin2hex(random_bytes(8));
        visit('rediscluster', $path, $id);
        visit('seshat', $path, $id);
        $spoken[visit('rediscluster', $path, $id)] = true;
    }
    echo implode(' | ', array_keys($spoken)), "\n";
}
// One seed, and the same in words of our own.
visit('rediscluster', "seed[]=127.0.0.1:$port&auth=secret", 'one');
echo visit('seshat', "seed[]=127.0.0.1:$port&auth=secret", 'one'), "\n";
echo visit('seshat', "redis+cluster://:secret@127.0.0.1:$port", 'one'), "\n";
--EXPECT--
rediscluster seshat rediscluster
rediscluster seshat rediscluster
rediscluster seshat rediscluster
rediscluster seshat
rediscluster seshat seshat
