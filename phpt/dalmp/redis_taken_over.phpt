--TEST--
DALMP\Sessions\Redis: sessions and references of the original go on; where the server is, said in every way
--INI--
session.gc_maxlifetime=1440
error_reporting=E_ALL
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('DALMP\\Sessions\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/servers.inc';
require __DIR__ . '/../include/redis.inc';
require __DIR__ . '/../include/polyfill.inc';

const DALMP_SESSIONS_KEY = '/srv/app/vendor/dalmp/src/DALMP/Sessions/Redis.php';

$server = Server::redis();
$redis = new RawRedis($server->port);
$key = fn (string $id): string => 'DALMP_' . sha1("UID$id");
$index = 'DALMP_REF_' . sha1('UID' . DALMP_SESSIONS_KEY);

// As the original leaves them behind.
$end = time() + 1000;
foreach (['first' => '42', 'second' => 'a|b', 'third' => '42'] as $id => $reference) {
    $redis->ask('SETEX', $key($id), '1000', 's:6:"u|i:1;";');
    $redis->ask('HSET', $index, $key($id), "$reference|$end");
}
$redis->ask('HSET', $index, $key('expired'), '42|' . (time() - 10));
$redis->ask('HSET', $index, 'not a key', 'of ours');
$redis->ask('EXPIRE', $index, '3600');

$handler = new DALMP\Sessions\Redis(new DALMP\Cache\Redis('127.0.0.1', $server->port));
says('read', $handler->read('first'));
$found = $handler->getSessionRef(42);
ksort($found);
$expected = [$key('first') => ['42' => (string) $end], $key('third') => ['42' => (string) $end]];
ksort($expected);
// The time is that of the record, which the server counts.
says('in its shape', array_keys($found) === array_keys($expected)
    && array_map(key(...), array_values($found)) === [42, 42]
    && array_filter($found, fn ($entry) => is_string(current($entry)) && abs(current($entry) - $end) <= 2) === $found);
says('with a bar', array_keys($handler->getSessionRef('a|b')) === [$key('second')]);
says('all', count($handler->getSessionsRefs()));
says('nothing is left of the index', $redis->ask('EXISTS', $index));
says('lifetimes stay', abs($redis->ask('TTL', $key('first')) - 1000) <= 5);

// A program of the original's that still runs.
$redis->ask('SETEX', $key('later'), '1000', 's:6:"u|i:2;";');
$redis->ask('HSET', $index, $key('later'), "42|$end");
says('still taken over', count($handler->getSessionRef('42')));

// It reads what we write.
$UID = 'ann';
says('written', $handler->write('fourth', "n|s:2:\"\0\xff\";"));
says('as the original reads it', unserialize($redis->ask('GET', $key('fourth'))) === "n|s:2:\"\0\xff\";");
says('for as long', abs($redis->ask('TTL', $key('fourth')) - 1440) <= 5);

// Another site on the same server, which has the same ids.
$site = new DALMP\Sessions\Redis("redis://127.0.0.1:$server->port", 'CUSTOMER');
says('another name of the reference', $site->read('first'));

// Every way to say where the server is.
final class Hidden
{
    protected string $host = '127.0.0.1';

    public function __construct(private int $port)
    {
    }
}
final class Client
{
    public function __construct(private int $number)
    {
    }

    public function getHost(): string
    {
        return '127.0.0.1';
    }

    public function getPort(): int
    {
        return $this->number;
    }

    public function getAuth(): mixed
    {
        return null;
    }

    public function getDbNum(): int
    {
        return 0;
    }
}
final class Cache
{
    public function __construct(private object $client)
    {
    }

    public function X(): object
    {
        return $this->client;
    }
}
foreach ([
    'DSN' => "redis://127.0.0.1:$server->port",
    'options' => ['host' => '127.0.0.1', 'port' => $server->port, 'lock_wait' => 5],
    'properties' => new Hidden($server->port),
    'client' => new Client($server->port),
    'X()' => new Cache(new Client($server->port)),
] as $way => $given) {
    says($way, (new DALMP\Sessions\Redis($given))->read('first'));
}
foreach ([new stdClass(), null, 5, new Cache(new stdClass()), ['host' => 'h', 'lockng' => 1]] as $given) {
    try {
        new DALMP\Sessions\Redis($given);
    } catch (RuntimeException $exception) {
        echo $exception->getMessage(), "\n";
    }
}
$dumped = print_r(new DALMP\Sessions\Redis('redis://user:sesame@127.0.0.1'), true);
says('no password in a dump', !str_contains($dumped, 'sesame'));
?>
--EXPECT--
read: 'u|i:1;'
in its shape: yes
with a bar: yes
all: 3
nothing is left of the index: 0
lifetimes stay: yes
still taken over: 3
written: yes
as the original reads it: yes
for as long: yes
another name of the reference: ''
DSN: 'u|i:1;'
options: 'u|i:1;'
properties: 'u|i:1;'
client: 'u|i:1;'
X(): 'u|i:1;'
a DSN, an array of options, or an object that tells where its Redis server is must be given; stdClass does not tell
a DSN, an array of options, or an object that tells where its Redis server is must be given; null does not tell
a DSN, an array of options, or an object that tells where its Redis server is must be given; int does not tell
a DSN, an array of options, or an object that tells where its Redis server is must be given; Cache does not tell
unknown option "lockng"; did you mean "locking"?
no password in a dump: yes
