--TEST--
Storage\Adapter\Libmemcached: what it does, where its values are, what it refuses, and children
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-memcached.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Libmemcached')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';
require __DIR__ . '/../include/caches.inc';

use Phalcon\Storage\Adapter\Libmemcached;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

error_reporting(E_ALL);
set_error_handler(fn (int $level, string $message) => print("told: $message\n"));
// clear() empties the server: this one is nobody else's.
$socket = memcached(Face::scratch());
$servers = ['servers' => [['host' => $socket, 'port' => 0, 'weight' => 1]]];
/** One command of the text protocol, and the answer in one line. */
function raw(string $command): string
{
    global $socket;
    $stream = stream_socket_client("unix://$socket");
    stream_set_timeout($stream, 10);
    fwrite($stream, "$command\r\n");
    $answer = '';
    while (!preg_match('/(END|STORED|OK|DELETED|NOT_FOUND|ERROR.*)\r\n$/', $answer) && ($line = fgets($stream)) !== false) {
        $answer .= $line;
    }
    return trim(str_replace("\r\n", ' ', $answer));
}

$storage = storage('libmemcached', $servers);
shows('made', [$storage::class, $storage->getPrefix(), $storage->getLifetime(), $storage->getDefaultSerializer()]);

echo "Values and layouts\n";
foreach (['text', '', 'näh"s:1:";', 0, -5, PHP_INT_MAX, 1.5, 0.1 + 0.2, -1e300, INF, true, false, null, [], ['a' => [1, null]], new ArrayObject([1]), str_repeat('long ', 5000)] as $value) {
    $done = $storage->set('k', $value);
    $back = $storage->get('k', 'default');
    $stored = raw('get ph-memc-k');
    echo $done && $storage->has('k') && (is_object($value) ? $back == $value : $back === $value) ? 'same' : 'OTHER ' . var_export($back, true), ': ', strlen($stored) > 200 ? substr($stored, 0, 22) . '...' : $stored, "\n";
}
foreach (['none', 'json', 'base64', 'memcached_php', 'memcached_json'] as $serializer) {
    $other = storage('libmemcached', ['defaultSerializer' => $serializer, 'prefix' => 'o-'] + $servers);
    $values = ['none' => ['text', 7, 2.5, true, null, [1]], 'base64' => ['text']][$serializer] ?? ['text', 7, [1, 'b']];
    foreach ($values as $value) {
        $other->set('k', $value);
        echo "$serializer: ", $other->get('k') === $value ? 'same' : 'OTHER ' . var_export($other->get('k'), true), ': ', raw('get o-k'), "\n";
    }
}
echo "Phalcon 4's\n";
foreach ([['plain text', 0], ['', 0], ['s:2:"ab";', 0], ['12', 1], ['9 ', 1], ['1.5', 2], ['1', 3], ['', 3], ['a:1:{i:0;i:1;}', 4], ['[1]', 6], ['no value', 4]] as [$bytes, $flags]) {
    raw("set ph-memc-old $flags 0 " . strlen($bytes) . "\r\n$bytes");
    echo json_encode($storage->get('old', 'default')), "\n";
}

echo "Deleting and counting\n";
shows('missing', [$storage->get('none'), $storage->get('none', 'd'), $storage->has('none'), $storage->delete('none'), $storage->increment('none'), $storage->decrement('none')]);
shows('delete', [$storage->set('d', 1), $storage->delete('d'), $storage->has('d'), $storage->delete('d')]);
$storage->set('a', 1);
$storage->set('b', 2);
shows('several', [$storage->deleteMultiple(['a', 'none']), $storage->has('a'), $storage->deleteMultiple(['b'])]);
$storage->set('n', 10);
shows('counts', [$storage->increment('n'), $storage->increment('n', 5), $storage->decrement('n', 7), $storage->get('n'), $storage->decrement('n', 100), $storage->increment('n', -3), $storage->decrement('n', -4), $storage->get('n')]);
$storage->set('text', 'x');
$storage->set('below', -5);
shows('no numbers', [$storage->increment('text'), $storage->get('text'), $storage->increment('below'), $storage->get('below')]);
shows('the whole key', [$storage->set('w', 1), $storage->get('ph-memc-w')]);

echo "Time\n";
$left = function (string $key): int {
    // An answer to mg tells the seconds that are left; -1 is for ever.
    global $socket;
    $stream = stream_socket_client("unix://$socket");
    fwrite($stream, "mg $key t\r\n");
    return (int) preg_replace('/^HD t/', '', fgets($stream));
};
foreach (['usual' => null, 'short' => 60, 'interval' => new DateInterval('PT2M'), 'a month' => 30 * 86400, 'a year' => 365 * 86400] as $what => $ttl) {
    $storage->set('t', 1, $ttl);
    $wanted = ['usual' => 3600, 'interval' => 120][$what] ?? $ttl;
    shows($what, abs($left('ph-memc-t') - $wanted) <= 30);
}
shows('for ever', [$storage->setForever('t', 1), $left('ph-memc-t')]);
shows('no time', [$storage->set('t', 1, 0), $storage->has('t')]);
$storage->set('t', 1, 1);
shows('over', [$storage->has('t'), await(fn () => !$storage->has('t')), $storage->get('t', 'd')]);

echo "Refused\n";
foreach (['a b', "a\r\nflush_all", "a\0", str_repeat('k', 243)] as $key) {
    attempt(substr(json_encode($key), 0, 20), fn () => $storage->set($key, 1));
}
shows('the longest', [$storage->set($long = str_repeat('k', 242), 1), $storage->get($long)]);
try {
    $storage->set('k', random_bytes(2 << 20));
} catch (Phalcon\Storage\Exceptions\StorageError $e) {
    shows('too large', str_replace($socket, 'SOCKET', $e->getMessage()));
}
shows('goes on', [$storage->set('k', 'v'), $storage->get('k')]);
attempt('keys', fn () => $storage->getKeys());
foreach ([['servers' => 'here'], ['servers' => []], ['servers' => [['host' => 'h', 'port' => 'x']]], ['client' => 5], ['saslAuthData' => 'hunter2'], ['client' => [2 => 99]], ['lifetime' => 'long'], ['defaultSerializer' => 'yaml']] as $wrong) {
    attempt(json_encode($wrong), fn () => storage('libmemcached', $wrong + $servers)::class);
}
attempt('misspelt', fn () => storage('libmemcached', ['persistendId' => 'a'] + $servers)::class);
attempt('all known', fn () => storage('libmemcached', ['persistentId' => 'a', 'saslAuthData' => [], 'client' => [], 'adapter' => 'libmemcached', 'statsKey' => '', 'uniqueId' => '', 'stripPrefix' => true] + $servers)::class);
$nobody = storage('libmemcached', ['servers' => [['host' => '127.0.0.1', 'port' => 1]]]);
foreach (['get' => ['k'], 'set' => ['k', 'v'], 'has' => ['k'], 'delete' => ['k'], 'deleteMultiple' => [['k']], 'increment' => ['k'], 'clear' => [], 'setForever' => ['k', 'v']] as $method => $arguments) {
    attempt($method, fn () => $nobody->$method(...$arguments));
}
// PHP's extension memcached may be part of this PHP.
$without = function () use ($nobody): bool {
    try {
        return $nobody->getAdapter() instanceof Memcached;
    } catch (Phalcon\Storage\Exception $e) {
        return !extension_loaded('memcached') && str_contains($e->getMessage(), 'the PHP extension memcached is not loaded');
    }
};
shows('a client, if there is the class', $without());
attempt('clone', fn () => clone $storage);
attempt('serialize', fn () => serialize($storage));

echo "Children\n";
final class Early extends Libmemcached
{
    public function get(string $key, $defaultValue = null)
    {
        return parent::get($key, $defaultValue) . ' by a child';
    }

    public function set(string $key, $value, $ttl = null): bool
    {
        return parent::set($key, strtoupper($value), $ttl);
    }
}
$child = new Early(new SerializerFactory(), $servers);
shows('early', [$child->set('c', 'value'), $child->get('c'), $storage->get('c')]);
final class Client
{
    public array $values = [];
    private int $code = 0;

    public function get($key)
    {
        $this->code = isset($this->values[$key]) ? 0 : 16;
        return $this->values[$key] ?? false;
    }

    public function set($key, $value, $ttl)
    {
        $this->values[$key] = $value;
        return true;
    }

    public function delete($key)
    {
        $there = isset($this->values[$key]);
        unset($this->values[$key]);
        return $there;
    }

    public function increment($key, $by)
    {
        return isset($this->values[$key]) ? $this->values[$key] += $by : false;
    }

    public function getAllKeys()
    {
        return ['ph-memc-one', 'other'];
    }

    public function getResultCode()
    {
        return $this->code;
    }

    public function flush()
    {
        $this->values = [];
        return true;
    }
}
final class Own extends Libmemcached
{
    private ?Client $client = null;

    public function getAdapter()
    {
        return $this->client ??= new Client();
    }
}
$own = new Own(new SerializerFactory(), ['servers' => [['host' => '127.0.0.1', 'port' => 1]]]);
shows('its own client', [$own->set('a', ['x']), $own->getAdapter()->values, $own->get('a'), $own->has('a'), $own->get('b', 'd'), $own->delete('a'), $own->set('n', 1), $own->increment('n', 2), $own->getKeys(), $own->clear(), $own->has('n')]);
final class Forgetful extends Libmemcached
{
    public function __construct()
    {
    }
}
attempt('without its parent\'s constructor', fn () => (new Forgetful())->get('k'));

echo "A session over it\n";
final class Factory extends AdapterFactory
{
}
$session = new Phalcon\Session\Adapter\Libmemcached(new Factory(new SerializerFactory()), $servers);
shows('child of the factory', [$session->write('abc', 'a|i:1;'), $session->read('abc'), raw('get sess-memc-abc'), $session->destroy('abc'), $session->read('abc')]);
$session = new Phalcon\Session\Adapter\Libmemcached(new AdapterFactory(new SerializerFactory()), $servers);
shows('the factory itself', [$session->write('abc', 'a|i:1;'), $session->read('abc'), raw('get sess-memc-abc')]);

restore_error_handler();
raw("set foreign 0 0 1\r\nx");
shows('clear', [$storage->clear(), $storage->has('k'), raw('get foreign')]);
--EXPECT--
made: ["Phalcon\\Storage\\Adapter\\Libmemcached","ph-memc-",3600,"php"]
Values and layouts
same: VALUE ph-memc-k 0 11 s:4:"text"; END
same: VALUE ph-memc-k 0 7 s:0:""; END
same: VALUE ph-memc-k 0 19 s:11:"näh"s:1:";"; END
same: VALUE ph-memc-k 1 1 0 END
same: VALUE ph-memc-k 1 2 -5 END
same: VALUE ph-memc-k 1 19 9223372036854775807 END
same: VALUE ph-memc-k 2 3 1.5 END
same: VALUE ph-memc-k 2 19 0.30000000000000004 END
same: VALUE ph-memc-k 2 6 -1e300 END
same: VALUE ph-memc-k 2 8 Infinity END
same: VALUE ph-memc-k 3 1 1 END
same: VALUE ph-memc-k 3 0  END
same: VALUE ph-memc-k 4 2 N; END
same: VALUE ph-memc-k 0 6 a:0:{} END
same: VALUE ph-memc-k 0 34 a:1:{s:1:"a";a:2:{i:0;i:1;i:1;N;}} END
same: VALUE ph-memc-k 0 65 O:11:"ArrayObject":4:{i:0;i:0;i:1;a:1:{i:0;i:1;}i:2;a:0:{}i:3;N;} END
same: VALUE ph-memc-k 80 307...
none: same: VALUE o-k 0 4 text END
none: same: VALUE o-k 1 1 7 END
none: same: VALUE o-k 2 3 2.5 END
none: same: VALUE o-k 3 1 1 END
none: same: VALUE o-k 4 2 N; END
none: same: VALUE o-k 4 14 a:1:{i:0;i:1;} END
json: same: VALUE o-k 0 6 "text" END
json: same: VALUE o-k 1 1 7 END
json: same: VALUE o-k 0 7 [1,"b"] END
base64: same: VALUE o-k 0 8 dGV4dA== END
memcached_php: same: VALUE o-k 0 4 text END
memcached_php: same: VALUE o-k 1 1 7 END
memcached_php: same: VALUE o-k 4 26 a:2:{i:0;i:1;i:1;s:1:"b";} END
memcached_json: same: VALUE o-k 0 4 text END
memcached_json: same: VALUE o-k 1 1 7 END
memcached_json: same: VALUE o-k 6 7 [1,"b"] END
Phalcon 4's
"plain text"
""
"ab"
12
9
1.5
true
false
[1]
[1]
"default"
Deleting and counting
missing: [null,"d",false,false,false,false]
delete: [true,true,false,false]
several: [false,false,true]
counts: [11,16,9,9,0,0,4,4]
no numbers: [false,"x",false,-5]
the whole key: [true,1]
Time
usual: yes
short: yes
interval: yes
a month: yes
a year: yes
for ever: [true,-1]
no time: [true,false]
over: [true,true,"d"]
Refused
"a b": Phalcon\Storage\Exceptions\StorageError: memcached write: a key has 1 to 250 bytes with its prefix, and neither spaces nor control characters; this one has not
"a\r\nflush_all": Phalcon\Storage\Exceptions\StorageError: memcached write: a key has 1 to 250 bytes with its prefix, and neither spaces nor control characters; this one has not
"a\u0000": Phalcon\Storage\Exceptions\StorageError: memcached write: a key has 1 to 250 bytes with its prefix, and neither spaces nor control characters; this one has not
"kkkkkkkkkkkkkkkkkkk: Phalcon\Storage\Exceptions\StorageError: memcached write: a key has 1 to 250 bytes with its prefix, and neither spaces nor control characters; this one has not
the longest: [true,1]
too large: "memcached write at SOCKET: the value is larger than the server stores in one item; start it with a larger -I (1 MB by default), as in memcached -I 8m"
goes on: [true,"v"]
keys: Phalcon\Storage\Exception: getKeys() is not possible: a memcached server cannot list its keys; keep those that are needed as a group in a value of their own
{"servers":"here"}: "Phalcon\\Storage\\Adapter\\Libmemcached"
{"servers":[]}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "servers" must be a list of [HOST, PORT, WEIGHT] or of maps with these names
{"servers":[{"host":"h","port":"x"}]}: Phalcon\Storage\Exceptions\InvalidConfiguration: a server's port must be a number from 1 to 65535
{"client":5}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "client" must be an array, int given
{"saslAuthData":"hunter2"}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "saslAuthData" must be an array with "user" and "pass", string given
{"client":{"2":99}}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "client": this hash function of libmemcached is not known here
{"lifetime":"long"}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "lifetime" must be a number of seconds, 0 or more, string given
{"defaultSerializer":"yaml"}: Phalcon\Storage\Exception: Service yaml is not registered
told: Phalcon\Storage\Adapter\Libmemcached::__construct(): unknown option "persistendId"; did you mean "persistentId"?
misspelt: "Phalcon\\Storage\\Adapter\\Libmemcached"
all known: "Phalcon\\Storage\\Adapter\\Libmemcached"
get: Phalcon\Storage\Exceptions\ConnectionFailed: memcached read at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
set: Phalcon\Storage\Exceptions\ConnectionFailed: memcached write at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
has: Phalcon\Storage\Exceptions\ConnectionFailed: memcached validate at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
delete: Phalcon\Storage\Exceptions\ConnectionFailed: memcached destroy at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
deleteMultiple: Phalcon\Storage\Exceptions\ConnectionFailed: memcached destroy at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
increment: Phalcon\Storage\Exceptions\ConnectionFailed: memcached count at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
clear: Phalcon\Storage\Exceptions\ConnectionFailed: memcached destroy at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
setForever: Phalcon\Storage\Exceptions\ConnectionFailed: memcached write at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
a client, if there is the class: yes
clone: Error: Trying to clone an uncloneable object of class Phalcon\Storage\Adapter\Libmemcached
serialize: Exception: Serialization of 'Phalcon\Storage\Adapter\Libmemcached' is not allowed
Children
early: [true,"VALUE by a child","VALUE"]
its own client: [true,{"a":"a:1:{i:0;s:1:\"x\";}"},["x"],true,"d",true,true,3,["ph-memc-one"],true,false]
without its parent's constructor: Error: Forgetful is not ready: its constructor was not called, or it is busy
A session over it
child of the factory: [true,"a|i:1;","VALUE sess-memc-abc 0 13 s:6:\"a|i:1;\"; END",true,""]
the factory itself: [true,"a|i:1;","VALUE sess-memc-abc 0 6 a|i:1; END"]
clear: [true,false,"END"]
