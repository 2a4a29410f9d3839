--TEST--
Every option of a constructor with a value of a wrong type is refused by its name, in each way of construction
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-redis.inc';
foreach (['Redis', 'Stream', 'Libmemcached', 'Memcache'] as $adapter) {
    if (!class_exists("Phalcon\\Session\\Adapter\\$adapter")) {
        die("skip there is no $adapter");
    }
}
?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\{Files, Libmemcached, Memcache, Noop, Redis, Stream};
use Phalcon\Session\Manager;
use Phalcon\Storage\{AdapterFactory, SerializerFactory};

// Adapters that are the session register themselves, which PHP allows only before anything is sent.
ob_start();
$factory = new AdapterFactory(new SerializerFactory());
$path = ['savePath' => Face::scratch()];
$servers = ['servers' => [['host' => '127.0.0.1', 'port' => 11211, 'weight' => 1]]];
$text = [[], new stdClass()];
$number = ['soon', [], new stdClass()];
$switch = ['perhaps', [], 7];
$lock = ['lockingEnabled' => $switch, 'lockExpiry' => $number, 'lockRetries' => $number, 'lockWaitTime' => $number];
$redis = ['host' => $text, 'port' => $number, 'index' => $number, 'auth' => [new stdClass(), [1, 2, 3]], 'socket' => $text,
    'persistent' => $switch, 'ssl' => ['on', ['hunter2/' => 1], ['cafile' => []]], 'lifetime' => $number, 'timeout' => $number, 'readTimeout' => $number, 'prefix' => $text] + $lock;
$memcached = ['servers' => [5, [['host' => []]], [['port' => 'x']], [['weight' => []]]], 'client' => ['fast', new stdClass()],
    'saslAuthData' => ['user'], 'lifetime' => $number, 'prefix' => $text] + $lock;
$cases = [
    'Manager' => [['uniqueId' => $text], fn ($o) => new Manager($o)],
    'Noop' => [['uniqueId' => $text, 'prefix' => $text], fn ($o) => new Noop($o)],
    'Stream' => [['uniqueId' => $text, 'savePath' => [5, ...$text], 'prefix' => $text], fn ($o) => new Stream($o + $path)],
    'Files' => [['uniqueId' => $text, 'savePath' => [5, ...$text], 'prefix' => $text], fn ($o) => new Files($o + $path)],
    'Redis, 4 and 5' => [$redis, fn ($o) => new Redis($factory, $o)],
    'Redis, 3' => [['uniqueId' => $text, 'statsKey' => $text] + $redis, fn ($o) => new Redis($o)],
    'Libmemcached, 4 and 5' => [$memcached, fn ($o) => new Libmemcached($factory, $o + $servers)],
    'Libmemcached, 3' => [['uniqueId' => $text] + $memcached, fn ($o) => new Libmemcached($o + $servers)],
    'Memcache' => [['uniqueId' => $text, 'host' => $text, 'port' => $number, 'lifetime' => $number, 'prefix' => $text], fn ($o) => new Memcache($o)],
];
set_error_handler(function (int $level, string $message) {
    echo "told: $message\n";
    return true;
});
foreach ($cases as $class => [$options, $make]) {
    $refused = 0;
    foreach ($options as $name => $values) {
        foreach ($values as $value) {
            $given = "$class, $name " . (is_object($value) ? 'object' : json_encode($value));
            try {
                $make([$name => $value]);
                echo "$given: accepted\n";
            } catch (Phalcon\Session\Exception $e) {
                str_contains($e->getMessage(), $name) ? $refused++ : print("$given: {$e->getMessage()}\n");
            } catch (Throwable $e) {
                echo "$given: ", $e::class, ": {$e->getMessage()}\n";
            }
        }
    }
    says("$class refuses", $refused > 0);
}
?>
--EXPECT--
Manager refuses: yes
Noop refuses: yes
Stream refuses: yes
Files refuses: yes
Redis, 4 and 5 refuses: yes
Redis, 3 refuses: yes
Libmemcached, 4 and 5 refuses: yes
Libmemcached, 3 refuses: yes
Memcache refuses: yes
