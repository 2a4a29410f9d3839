--TEST--
Real caches: Symfony's PSR-6 and PSR-16 and Doctrine's over Redis, memcached and files
--EXTENSIONS--
igbinary
msgpack
redis
memcached
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-libraries.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.gc_maxlifetime=1440
--FILE--
<?php
require __DIR__ . '/../include/caches.inc';
library('Symfony/Component/Cache');
library('Psr/SimpleCache');
library('Doctrine/Common/Cache');

use Symfony\Component\Cache\Adapter\{FilesystemAdapter, MemcachedAdapter, RedisAdapter};
use Symfony\Component\Cache\Psr16Cache;

ob_start();
complaints();
$scratch = Face::scratch();
$redis = RedisAdapter::createConnection('redis://127.0.0.1:' . getenv('SESHAT_REDIS_PORT'));
$memcached = new Memcached();
$memcached->addServer(memcached($scratch), 0);
$name = strtr(basename($scratch), '.', '-');
$pools = [
    'Redis' => fn (string $kind) => new RedisAdapter($redis, "$name-$kind"),
    'memcached' => fn (string $kind) => new MemcachedAdapter($memcached, "$name-$kind"),
    'files' => fn (string $kind) => new FilesystemAdapter($kind, 0, $scratch),
];
foreach ($pools as $where => $pool) {
    $handlers = [
        'PSR-6' => fn ($options) => new Nofw\Session\CacheSessionHandler($pool('6'), null, $options),
        'PSR-16' => fn ($options) => new Nofw\Session\SimpleCacheSessionHandler(new Psr16Cache($pool('16')), null, $options),
        'Doctrine' => fn ($options) => new Nofw\Session\DoctrineCacheSessionHandler(
            Doctrine\Common\Cache\Psr6\DoctrineProvider::wrap($pool('doctrine')),
            null,
            $options,
        ),
    ];
    foreach ($handlers as $kind => $make) {
        foreach ([
            'plain' => [],
            'all options' => ['ttl' => 'gc_maxlifetime', 'prefix' => 'app.', 'encode_keys' => true, 'strict' => true, 'update_timestamp' => true, 'catch_cache_exceptions' => true, 'lock' => new Seshat\Lock('memory:')],
        ] as $how => $options) {
            $heard = [];
            session_set_save_handler($make($options), false);
            ini_set('session.use_strict_mode', $options ? '1' : '0');
            session_id('');
            $heard[] = session_start() && $_SESSION === [];
            $_SESSION['bytes'] = "\0\xff{}" . str_repeat('x', 20_000);
            $id = session_id();
            session_write_close();
            // Another request: a handler of its own.
            session_set_save_handler($make($options), false);
            $heard[] = session_start() && session_id() === $id && strlen($_SESSION['bytes']) === 20_004;
            session_write_close();
            $heard[] = session_start() && session_regenerate_id(true) && session_id() !== $id && strlen($_SESSION['bytes']) === 20_004;
            $new = session_id();
            session_write_close();
            $handler = $make($options);
            $heard[] = $handler->read($id) === '' && strlen($handler->read($new)) > 20_000;
            session_start();
            session_destroy();
            $heard[] = $handler->read($new) === '';
            echo "$where, $kind, $how: ", array_unique($heard) === [true] ? 'well' : json_encode($heard), ' ', implode(' ', complaints()), "\n";
        }
        // What a strict cache does not take as a key, and how it takes it.
        foreach (['plain' => [], 'encoded' => ['encode_keys' => true]] as $how => $options) {
            $handler = $make($options);
            $written = $handler->write('a:b', 'data');
            echo "  the id \"a:b\", $how: ", $written ? 'written' : 'refused', ', ', var_export($handler->read('a:b'), true), "\n";
        }
    }
}
// Symfony's Redis caches keep a lifetime.
$handler = new Nofw\Session\CacheSessionHandler(new RedisAdapter($redis, "$name-ttl"), null, ['ttl' => 1000]);
$handler->write('id', 'data');
$keys = $redis->keys("$name-ttl*");
says('lifetime', count($keys) === 1 && abs($redis->ttl($keys[0]) - 1000) < 100);
--EXPECT--
Redis, PSR-6, plain: well 
Redis, PSR-6, all options: well 
  the id "a:b", plain: refused, ''
  the id "a:b", encoded: written, 'data'
Redis, PSR-16, plain: well 
Redis, PSR-16, all options: well 
  the id "a:b", plain: refused, ''
  the id "a:b", encoded: written, 'data'
Redis, Doctrine, plain: well 
Redis, Doctrine, all options: well 
  the id "a:b", plain: written, 'data'
  the id "a:b", encoded: written, 'data'
memcached, PSR-6, plain: well 
memcached, PSR-6, all options: well 
  the id "a:b", plain: refused, ''
  the id "a:b", encoded: written, 'data'
memcached, PSR-16, plain: well 
memcached, PSR-16, all options: well 
  the id "a:b", plain: refused, ''
  the id "a:b", encoded: written, 'data'
memcached, Doctrine, plain: well 
memcached, Doctrine, all options: well 
  the id "a:b", plain: written, 'data'
  the id "a:b", encoded: written, 'data'
files, PSR-6, plain: well 
files, PSR-6, all options: well 
  the id "a:b", plain: refused, ''
  the id "a:b", encoded: written, 'data'
files, PSR-16, plain: well 
files, PSR-16, all options: well 
  the id "a:b", plain: refused, ''
  the id "a:b", encoded: written, 'data'
files, Doctrine, plain: well 
files, Doctrine, all options: well 
  the id "a:b", plain: written, 'data'
  the id "a:b", encoded: written, 'data'
lifetime: yes
