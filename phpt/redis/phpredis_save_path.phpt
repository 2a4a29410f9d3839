--TEST--
A save path of phpredis's works as it is: both handlers find the same sessions on the same servers
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
require __DIR__ . '/../include/redis.inc';

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
$port = getenv('SESHAT_REDIS_PORT');
$socket = getenv('SESHAT_REDIS_SOCKET');
$server = "tcp://127.0.0.1:$port";
$mine = bin2hex(random_bytes(4));
$paths = [
    'one' => $server,
    'prefix' => "$server?prefix=p%3A+$mine:&timeout=2.5&read_timeout=2&persistent=1&persistent_id=a&retry_interval=100",
    'database' => "$server/9?database=3&weight=7",
    'socket' => "unix://$socket?weight=1&database=4",
    'list' => "$server?database=5&weight=1&persistent=1, $server?database=6&weight=3&prefix=six:&persistent=1,"
        . "unix://$socket?database=7&weight=2&persistent=1",
];
foreach ($paths as $name => $path) {
    $spoken = [];
    // Which server has a session follows from the first bytes of its id.
    foreach (range(1, $name === 'list' ? 24 : 2) as $number) {
        $id = chr(96 + $number) . chr(110 + $number % 7) . "-$mine-$number";
        visit('redis', $path, $id);
        visit('seshat', $path, $id);
        $spoken[visit('redis', $path, $id)] = true;
    }
    echo "$name: ", implode(' | ', array_keys($spoken)), "\n";
}
$redis = new RawRedis();
$shares = [];
foreach ([5, 6, 7] as $database) {
    $redis->ask('SELECT', (string) $database);
    $shares[] = count($redis->ask('KEYS', "*-$mine-*"));
}
echo 'all three have some: ', var_export(min($shares) > 0, true), ', together ', array_sum($shares), "\n";
ini_set('session.save_handler', 'seshat');
set_error_handler(function (int $code, string $message) {
    if (!str_contains($message, 'Failed to initialize')) {
        echo $message, "\n";
    }
    return true;
});
foreach (['tcp://h?wieght=1', 'tcp://a?weight=0, tcp://b', 'tcp://a?auth=one,two', 'tls://h?stream[capath]=/etc'] as $path) {
    ini_set('session.save_path', $path);
    session_start();
}
--EXPECT--
one: redis seshat redis
prefix: redis seshat redis
database: redis seshat redis
socket: redis seshat redis
list: redis seshat redis
all three have some: true, together 24
session_start(): unknown option "wieght"; did you mean "weight"?
session_start(): option "weight" must be a whole number from 1 to 2147483647, "0" given
session_start(): a list of servers has one that does not begin with tcp://, tls:// or unix://; a comma or a space in a password is written %2C or %20
session_start(): stream[capath] is not understood; of PHP's settings of TLS these are: verify_peer, verify_peer_name, cafile, local_cert, local_pk, peer_name
