--TEST--
Storage\Adapter\Redis: phpredis reads what is stored, and the other way; getAdapter() is a connected client
--EXTENSIONS--
igbinary
redis
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';
require __DIR__ . '/../include/redis.inc';

// The session adapter below registers itself, which PHP refuses once something was sent.
ob_start();
$port = (int) getenv('SESHAT_REDIS_PORT');
$values = ['text', '', 'a' => ['x' => [1, null]], 5, 1.5, true, false, null, new ArrayObject([1]), "\0\xff", '007'];
foreach (['redis_php' => Redis::SERIALIZER_PHP, 'redis_igbinary' => Redis::SERIALIZER_IGBINARY, 'redis_json' => 4, 'redis_none' => Redis::SERIALIZER_NONE] as $name => $serializer) {
    $options = storage_options('redis') + ['defaultSerializer' => $name];
    $ours = storage('redis', $options);
    $theirs = new Redis();
    $theirs->connect('127.0.0.1', $port);
    $theirs->setOption(Redis::OPT_PREFIX, $options['prefix']);
    $theirs->setOption(Redis::OPT_SERIALIZER, $serializer);
    $lost = [];
    foreach ($values as $value) {
        if ($name === 'redis_none' && !is_string($value) || $name === 'redis_json' && (is_object($value) || $value === "\0\xff")) {
            continue;
        }
        $ours->set('k', $value);
        $theirs->set('t', $value, 100);
        if ($theirs->get('k') != $value || $ours->get('t', 'default') != $value || $theirs->rawCommand('GET', $options['prefix'] . 'k') !== $theirs->rawCommand('GET', $options['prefix'] . 't')) {
            $lost[] = get_debug_type($value);
        }
    }
    shows($name, $lost);
    $ours->clear();
}
// Phalcon 4's default was the client's serializer, Phalcon 5's is its own: one form for strings.
$options = storage_options('redis');
$ours = storage('redis', $options);
$theirs = new Redis();
$theirs->connect('127.0.0.1', $port);
$theirs->setOption(Redis::OPT_PREFIX, $options['prefix']);
$theirs->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_PHP);
foreach (['text', ['a' => 1], 5, true, null, false] as $value) {
    $theirs->set('k', $value, 100);
    $ours->set('o', $value);
    shows('php', [$ours->get('k', 'default') === $value, $theirs->get('o') == $value]);
}
shows('counted by both', [$ours->set('n', 1), $theirs->incr('n'), $ours->increment('n')]);

// The client that we make.
$client = $ours->getAdapter();
shows('client', [$client::class, $ours->getAdapter() === $client, $client->ping(), $client->get('o') === $theirs->rawCommand('GET', $options['prefix'] . 'o')]);
shows('its prefix', $client->getOption(Redis::OPT_PREFIX) === $options['prefix']);
shows('its serializer', [$client->getOption(Redis::OPT_SERIALIZER), storage('redis', ['defaultSerializer' => 'redis_php'] + $options)->getAdapter()->getOption(Redis::OPT_SERIALIZER)]);
shows('its database', storage('redis', ['index' => 3] + $options)->getAdapter()->getDbNum());
shows('over a socket', storage('redis', ['socket' => getenv('SESHAT_REDIS_SOCKET')] + $options)->getAdapter()->ping());
shows('persistent', storage('redis', ['persistent' => true] + $options)->getAdapter()->ping());
$server = new RawRedis();
$user = 'u' . bin2hex(random_bytes(4));
$server->ask('ACL', 'SETUSER', $user, 'on', '>secret-word', '~*', '+@all');
shows('as a user', storage('redis', ['auth' => [$user, 'secret-word']] + $options)->getAdapter()->ping());
foreach (['a wrong password' => ['auth' => [$user, 'hunter2']], 'nobody there' => ['port' => 1], 'no such database' => ['index' => 9999]] as $what => $wrong) {
    try {
        storage('redis', $wrong + $options)->getAdapter();
    } catch (Phalcon\Storage\Exception $e) {
        shows($what, [$e::class, $e->getMessage(), $e->getPrevious(), str_contains($e . print_r($e->getTrace(), true), 'hunter2')]);
    }
}
// The same client is behind Phalcon 3's method of the session adapter.
try {
    (new Phalcon\Session\Adapter\Redis(['port' => $port, 'auth' => [$user, 'hunter2']]))->getRedis();
} catch (Phalcon\Session\Exception $e) {
    shows('getRedis()', [$e->getMessage(), str_contains($e . print_r($e->getTrace(), true), 'hunter2')]);
}
// A child's client, made as Phalcon 4's children make theirs.
final class Child extends Phalcon\Storage\Adapter\Redis
{
    public function getAdapter()
    {
        if (null === $this->adapter) {
            $connection = new Redis();
            $connection->connect($this->options['host'], $this->options['port'], 2);
            $connection->setOption(Redis::OPT_PREFIX, $this->prefix);
            $connection->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_PHP);
            $this->defaultSerializer = '';
            $this->adapter = $connection;
        }
        return $this->adapter;
    }
}
$child = new Child(new Phalcon\Storage\SerializerFactory(), $options);
shows('a child', [$child->set('c', ['x']), $child->get('c'), $ours->get('c'), $child->has('c'), $child->delete('c'), $child->get('c', 'default'), $child->set('c', 1, -1), $child->increment('m'), $child->getKeys('m') === [$options['prefix'] . 'm'], $child->deleteMultiple(['m', 'x'])]);
shows('clears', [$child->clear(), $ours->getKeys()]);
$server->ask('ACL', 'DELUSER', $user);
--EXPECT--
redis_php: []
redis_igbinary: []
redis_json: []
redis_none: []
php: [true,true]
php: [true,true]
php: [true,true]
php: [true,true]
php: [true,true]
php: [true,true]
counted by both: [true,2,3]
client: ["Redis",true,true,true]
its prefix: yes
its serializer: [0,1]
its database: 3
over a socket: yes
persistent: yes
as a user: yes
a wrong password: ["Phalcon\\Storage\\Exceptions\\AuthenticationFailed","Failed to authenticate with the Redis server",null,false]
nobody there: ["Phalcon\\Storage\\Exceptions\\ConnectionFailed","Could not connect to the Redisd server [127.0.0.1:1]",null,false]
no such database: ["Phalcon\\Storage\\Exceptions\\DatabaseSelectionFailed","Redis server selected database failed",null,false]
getRedis(): ["Failed to authenticate with the Redis server",false]
a child: [true,["x"],["x"],true,true,"default",false,1,true,false]
clears: [true,[]]
