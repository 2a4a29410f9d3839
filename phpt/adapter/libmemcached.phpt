--TEST--
Phalcon's memcached adapters: where Phalcon has its sessions, in each version's way, read by the class Memcached
--EXTENSIONS--
igbinary
msgpack
memcached
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-memcached.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Libmemcached;
use Phalcon\Session\Adapter\Memcache;
use Phalcon\Session\Manager;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

ob_start();
$ports = array_map('intval', Face::memcached(3));
$servers = array_map(fn (int $port, int $weight) => ['host' => '127.0.0.1', 'port' => $port, 'weight' => $weight], $ports, [1, 2, 3]);
$run = bin2hex(random_bytes(4));
$client = function (array $options) use ($ports): Memcached {
    $client = new Memcached();
    $client->setOptions($options);
    $client->addServers(array_map(fn (int $port, int $weight) => ['127.0.0.1', $port, $weight], $ports, [1, 2, 3]));
    return $client;
};
$factory = fn () => new AdapterFactory(new SerializerFactory());
$handlers = [
    'no options' => [],
    'consistent' => [Memcached::OPT_DISTRIBUTION => Memcached::DISTRIBUTION_CONSISTENT],
    'ketama, md5' => [Memcached::OPT_LIBKETAMA_COMPATIBLE => true, Memcached::OPT_HASH => Memcached::HASH_MD5],
    'by name' => ['OPT_PREFIX_KEY' => "$run-", 'Memcached::OPT_COMPRESSION_TYPE' => 1],
];
$long = str_repeat('a long text, ', 500);

echo "Phalcon 4 and 5\n";
foreach ($handlers as $name => $options) {
    $theirs = $client($name === 'by name' ? [Memcached::OPT_PREFIX_KEY => "$run-", Memcached::OPT_COMPRESSION_TYPE => 1] : $options);
    $adapter = new Libmemcached($factory(), ['servers' => $servers, 'client' => $options]);
    $right = 0;
    for ($n = 0; $n < 10; $n++) {
        $key = 'sess-memc-' . ($id = "$run-$n");
        // libmemcached finds the server by the key behind its own prefix, which is Phalcon's.
        $theirs->setOption(Memcached::OPT_PREFIX_KEY, ($name === 'by name' ? "$run-" : '') . 'sess-memc-');
        $adapter->write($id, $long . $n);
        $right += $theirs->get($id) === $long . $n;
        $theirs->set($id, "theirs|i:$n;");
        $right += $adapter->read($id) === "theirs|i:$n;";
        $theirs->set($id, serialize("five|i:$n;"));
        $right += $adapter->read($id) === "five|i:$n;";
        $adapter->destroy($id);
        $right += $theirs->get($id) === false;
    }
    echo "$name: $right\n";
}
$manager = new Manager();
$manager->setAdapter(new Libmemcached($factory(), ['servers' => $servers]))->setId("$run-manager");
var_dump($manager->start());
$manager->set('user', 12);
session_write_close();
$theirs = $client([Memcached::OPT_PREFIX_KEY => 'sess-memc-']);
var_dump($theirs->get("$run-manager"));

echo "Phalcon 3\n";
// There the prefix is a part of the key, and so of what chooses the server.
$theirs = $client([]);
for ($n = 0, $right = 0; $n < 20; $n++) {
    (new Libmemcached(['servers' => $servers, 'prefix' => "three$n.", 'client' => []]))->write("$run-many", "mine|i:$n;");
    $right += $theirs->get("three$n.$run-many") === serialize("mine|i:$n;");
}
var_dump($right);
$session = new Libmemcached(['servers' => $servers, 'prefix' => 'three.', 'uniqueId' => 'app', 'client' => []]);
$session->setId("$run-three");
var_dump($session->start());
$session->set('user', 12);
var_dump($session->get('user'), $session->getLifetime(), $session->user);
session_write_close();
var_dump($theirs->get("three.$run-three"), $session->getLibmemcached()->get("three.$run-three") === $theirs->get("three.$run-three"));

$one = new Memcached();
$one->addServer('127.0.0.1', $ports[0]);
$session = new Memcache(['port' => $ports[0], 'prefix' => 'old.', 'lifetime' => 100]);
$session->setId("$run-old");
$session->start();
$session->set('user', 13);
var_dump($session->getLifetime());
session_write_close();
var_dump($one->get("old.$run-old"));
try {
    var_dump($session->getMemcache()->get("old.$run-old") === $one->get("old.$run-old"));
} catch (Phalcon\Session\Exception $e) {
    // This test is run without that extension.
    var_dump($e->getMessage() === 'getMemcache() needs the PHP extension memcache, which is not loaded; sessions do not');
}

echo "Mistakes\n";
foreach ([
    fn () => new Libmemcached([]),
    fn () => new Libmemcached(5),
    fn () => new Libmemcached($factory(), ['servers' => 'h:port']),
    fn () => new Libmemcached($factory(), ['servers' => $servers, 'client' => [Memcached::OPT_HASH => 8]]),
    fn () => new Libmemcached($factory(), ['servers' => $servers, 'client' => [4711 => true]]),
    fn () => new Libmemcached($factory(), ['servers' => $servers, 'lockExpiry' => 'soon']),
    fn () => new Memcache(['port' => 0]),
] as $try) {
    try {
        $try();
    } catch (Phalcon\Session\Exception $e) {
        echo $e->getMessage(), "\n";
    }
}
new Libmemcached($factory(), ['servers' => $servers, 'prefx' => 'a']);
--EXPECTF--
Phalcon 4 and 5
no options: 40
consistent: 40
ketama, md5: 40
by name: 40
bool(true)
string(10) "user|i:12;"
Phalcon 3
int(20)
bool(true)
int(12)
int(8600)
int(12)
string(22) "s:14:"app#user|i:12;";"
bool(true)
int(100)
string(18) "s:10:"user|i:13;";"
bool(true)
Mistakes
No servers given in options
Phalcon\Session\Adapter\Libmemcached takes an array of options, or a Phalcon\Storage\AdapterFactory and an array of options
a server's port must be a number from 1 to 65535
option "client": this hash function of libmemcached is not known here
option "client": 4711 is no option of Memcached
option "lockExpiry" must be a time such as 30, 1.5, "500ms" or "2m", "soon" given
option "port" must be a whole number from 1 to 65535, 0 given

Warning: %s: unknown option "prefx"; did you mean "prefix"? in %s on line %d
