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

ob_start();
/** A cluster of one node with a password, in a folder of its own. */
function cluster(string $folder): array
{
    mkdir($folder);
    for ($tries = 0; $tries < 5; $tries++) {
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
        fclose($probe);
        $process = proc_open(
            ['redis-server', '--port', (string) $port, '--bind', '127.0.0.1', '--save', '', '--dir', $folder,
                '--cluster-enabled', 'yes', '--cluster-port', '0', '--cluster-announce-ip', '127.0.0.1', '--requirepass', 'secret'],
            [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']],
            $pipes,
        );
        $up = fn () => @fsockopen('127.0.0.1', $port, $code, $reason, 1) || !proc_get_status($process)['running'];
        if (await($up) && proc_get_status($process)['running']) {
            break;
        }
    }
    $node = new RawRedis($port);
    $node->ask('AUTH', 'secret');
    $node->ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await(fn () => str_contains($node->ask('CLUSTER', 'INFO'), 'cluster_state:ok'));
    return [$process, $port, $node];
}
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
$folder = getenv('SESHAT_SCRATCH') . '/cluster' . bin2hex(random_bytes(4));
[$process, $port, $node] = cluster($folder);
try {
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
    // The same in words of our own.
    visit('rediscluster', "seed[]=127.0.0.1:$port&auth=secret", 'one');
    echo visit('seshat', "redis+cluster://:secret@127.0.0.1:$port", 'one'), "\n";
} finally {
    proc_terminate($process, 9);
    proc_close($process);
}
--EXPECT--
rediscluster seshat rediscluster
rediscluster seshat rediscluster
rediscluster seshat rediscluster
rediscluster seshat
