--TEST--
Adapter\Redis as Phalcon 3 had it: keys, values, lifetimes, the set of statsKey, what others wrote
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/redis.inc';

use Phalcon\Session\Adapter\Redis;

ob_start();
$server = new RawRedis();
$server->ask('SELECT', '1');
$own = basename(Face::scratch()) . ':';
$options = ['host' => '127.0.0.1', 'port' => (int) getenv('SESHAT_REDIS_PORT'), 'index' => 1, 'auth' => '', 'persistent' => false];
foreach ([['prefix' => $own], ['prefix' => $own, 'lifetime' => 120, 'uniqueId' => 'app', 'statsKey' => "{$own}all"]] as $more) {
    $session = new Redis($more + $options);
    $session->setId('id' . bin2hex(random_bytes(8)));
    says('is the session handler at once', session_start() && $server->ask('EXISTS', "_PHCR$own" . session_id() . '_LOCK') === 1);
    session_write_close();
    says('starts', $session->start());
    $session->set('n', 1);
    $session->text = "\0\xff";
    $id = $session->getId();
    session_write_close();
    $key = "_PHCR$own$id";
    says('stored', $server->ask('GET', $key) === (isset($more['uniqueId']) ? "app#n|i:1;app#text|s:2:\"\0\xff\";" : "n|i:1;text|s:2:\"\0\xff\";"));
    $lifetime = $more['lifetime'] ?? 8600;
    $ttl = $server->ask('TTL', $key);
    says('lives for its lifetime', $session->getLifetime() === $lifetime && $ttl <= $lifetime && $ttl > $lifetime - 60);
    says('members', str_replace($id, 'ID', json_encode($server->ask('SMEMBERS', "{$own}all"))) === (isset($more['statsKey']) ? json_encode(["{$own}ID"]) : '[]'));
    $server->ask('SET', $key, 's:8:"app#n|i:2";');
    says('a layer of serialize() that is none is left', $session->read($id) === 's:8:"app#n|i:2";');
    $server->ask('SET', $key, serialize('n|i:2;'));
    says('one that is one is taken off', $session->read($id) === 'n|i:2;');
    foreach (["\0\xff\r\n", 's:1:"a";', serialize('s:1:"a";'), ''] as $bytes) {
        if (!$session->write($id, $bytes) || $session->read($id) !== $bytes) {
            echo 'not read as written: ', json_encode($bytes), "\n";
        }
    }
    says('destroys', [$session->destroy($id), $server->ask('EXISTS', $key), $session->read($id), $session->destroy($id)] === [true, 0, '', true]);
    says('members', $server->ask('SMEMBERS', "{$own}all") === []);
}
$session = new Redis(['lifetime' => 0, 'prefix' => $own] + $options);
$session->write('forever', 'n|i:1;');
says('no lifetime is ten years', $server->ask('TTL', "_PHCR{$own}forever") > 9 * 365 * 86400);
$session->destroy('forever');
says('options', $session->getOptions() === ['lifetime' => 0, 'prefix' => $own] + $options);
says('filled in', (new Redis())->getOptions() === ['host' => '127.0.0.1', 'port' => 6379, 'persistent' => false]);
--EXPECT--
is the session handler at once: yes
starts: yes
stored: yes
lives for its lifetime: yes
members: yes
a layer of serialize() that is none is left: yes
one that is one is taken off: yes
destroys: yes
members: yes
is the session handler at once: yes
starts: yes
stored: yes
lives for its lifetime: yes
members: yes
a layer of serialize() that is none is left: yes
one that is one is taken off: yes
destroys: yes
members: yes
no lifetime is ten years: yes
options: yes
filled in: yes
