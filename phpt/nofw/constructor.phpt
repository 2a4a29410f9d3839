--TEST--
What the constructors accept, and what they say of the rest
--FILE--
<?php
namespace Psr\SimpleCache {
    // As if the package were installed: its classes need no look at their methods.
    interface CacheInterface
    {
    }
}
namespace {
    require __DIR__ . '/../include/caches.inc';

    use Nofw\Session\{CacheSessionHandler, DoctrineCacheSessionHandler, SimpleCacheSessionHandler};

    function attempt(string $class, mixed ...$arguments): void
    {
        try {
            new $class(...$arguments);
            echo "accepted\n";
        } catch (Error $error) {
            echo get_class($error), ': ', strstr($error->getMessage(), 'Argument ') ?: $error->getMessage(), "\n";
        }
    }

    echo "caches\n";
    attempt(SimpleCacheSessionHandler::class, new class () implements Psr\SimpleCache\CacheInterface {
    });
    attempt(SimpleCacheSessionHandler::class, new RecordingSimpleCache());
    attempt(CacheSessionHandler::class, new class () {
        public function __call($name, $arguments)
        {
        }
    });
    attempt(CacheSessionHandler::class);
    attempt(CacheSessionHandler::class, 'redis://127.0.0.1');
    attempt(CacheSessionHandler::class, null);
    attempt(CacheSessionHandler::class, new RecordingSimpleCache());
    attempt(SimpleCacheSessionHandler::class, new RecordingPool());
    attempt(DoctrineCacheSessionHandler::class, new RecordingSimpleCache());

    echo "loggers\n";
    $cache = new RecordingSimpleCache();
    attempt(SimpleCacheSessionHandler::class, $cache, null);
    attempt(SimpleCacheSessionHandler::class, $cache, new RecordingLogger());
    attempt(SimpleCacheSessionHandler::class, $cache, 'error_log');
    attempt(SimpleCacheSessionHandler::class, $cache, new stdClass());
    try {
        (new SimpleCacheSessionHandler($cache))->setLogger(new stdClass());
    } catch (TypeError $error) {
        echo $error->getMessage(), "\n";
    }

    echo "options\n";
    foreach ([
        'none',
        [],
        ['ttl' => null, 'prefix' => null, 'lock' => null],
        ['ttl' => 3600, 'prefix' => 'sess.', 'encode_keys' => true, 'strict' => 1, 'update_timestamp' => 'on', 'catch_cache_exceptions' => 'yes'],
        ['ttl' => '30m'],
        ['ttl' => 'gc_maxlifetime'],
        ['ttl' => 0],
        ['ttl' => -5],
        ['ttl' => 1.5],
        ['ttl' => 'soon'],
        ['ttl' => '500ms'],
        ['ttl' => PHP_INT_MAX],
        ['prefix' => 'sess:'],
        ['prefix' => ['a']],
        ['prefix' => 'sess-', 'encode_keys' => true],
        ['prefix' => str_repeat('x', 19), 'encode_keys' => true],
        ['prefix' => str_repeat('x', 20), 'encode_keys' => true],
        ['strict' => 'perhaps'],
        ['lock' => 'redis://127.0.0.1'],
        ['lock' => new stdClass()],
        ['lock' => new Seshat\Lock('memory:')],
        ['tll' => 3, 'stict' => true, 'update_timestamp' => 7],
        [1, 2],
    ] as $options) {
        attempt(SimpleCacheSessionHandler::class, $cache, null, $options);
    }
    attempt(DoctrineCacheSessionHandler::class, new RecordingDoctrineCache(), null, ['prefix' => 'any:{thing}']);
    attempt(DoctrineCacheSessionHandler::class, new class () {
        public function fetch()
        {
        }
        public function save()
        {
        }
        public function delete()
        {
        }
    }, null, ['strict' => true]);

    echo "objects\n";
    $handler = new SimpleCacheSessionHandler($cache);
    foreach ([
        'cloned' => fn () => clone $handler,
        'serialized' => fn () => serialize($handler),
        'unserialized' => fn () => unserialize('O:38:"Nofw\Session\SimpleCacheSessionHandler":0:{}'),
        'without its constructor' => fn () => (new ReflectionClass($handler))->newInstanceWithoutConstructor()->read('id'),
        'extended' => fn () => (new ReflectionClass($handler))->isFinal(),
        'an array as id' => fn () => $handler->read([]),
    ] as $what => $do) {
        try {
            says($what, $do());
        } catch (Throwable $error) {
            echo "$what: ", $error->getMessage(), "\n";
        }
    }
    // A second call of the constructor begins anew.
    $handler->__construct($other = new RecordingSimpleCache(), null, ['prefix' => 'p.']);
    $handler->read('id');
    echo $other->told(), "\n";
    // The cache holds the handler: the collector of cycles finds that.
    $cache->holder = new SimpleCacheSessionHandler($cache);
    $gone = WeakReference::create($cache);
    unset($cache, $handler);
    gc_collect_cycles();
    says('collected', $gone->get() === null);
}
--EXPECT--
caches
accepted
accepted
accepted
ArgumentCountError: Nofw\Session\CacheSessionHandler::__construct() expects at least 1 argument, 0 given
TypeError: Argument #1 ($pool) must be of type Psr\Cache\CacheItemPoolInterface, string given
TypeError: Argument #1 ($pool) must be of type Psr\Cache\CacheItemPoolInterface, null given
TypeError: Argument #1 ($pool) must be of type Psr\Cache\CacheItemPoolInterface, or an object with getItem(), save(), deleteItem(); getItem() is missing, RecordingSimpleCache given
TypeError: Argument #1 ($cache) must be of type Psr\SimpleCache\CacheInterface, or an object with get(), set(), delete(); get() is missing, RecordingPool given
TypeError: Argument #1 ($cache) must be of type Doctrine\Common\Cache\Cache, or an object with fetch(), save(), delete(); fetch() is missing, RecordingSimpleCache given
loggers
accepted
accepted
TypeError: Argument #2 ($logger) must be of type Psr\Log\LoggerInterface, string given
TypeError: Argument #2 ($logger) must be of type Psr\Log\LoggerInterface, or an object with error(); error() is missing, stdClass given
Nofw\Session\SimpleCacheSessionHandler::setLogger(): Argument #1 ($logger) must be of type Psr\Log\LoggerInterface, or an object with error(); error() is missing, stdClass given
options
TypeError: Argument #3 ($options) must be of type array, string given
accepted
accepted
accepted
accepted
accepted
ValueError: Argument #3 ($options) is not valid: option "ttl" must be whole seconds from 1 to 315360000, a time such as "30m", or "gc_maxlifetime", 0 given
ValueError: Argument #3 ($options) is not valid: option "ttl" must be whole seconds from 1 to 315360000, a time such as "30m", or "gc_maxlifetime", -5 given
ValueError: Argument #3 ($options) is not valid: option "ttl" must be whole seconds from 1 to 315360000, a time such as "30m", or "gc_maxlifetime", float given
ValueError: Argument #3 ($options) is not valid: option "ttl" must be whole seconds from 1 to 315360000, a time such as "30m", or "gc_maxlifetime", string given
ValueError: Argument #3 ($options) is not valid: option "ttl" must be whole seconds from 1 to 315360000, a time such as "30m", or "gc_maxlifetime", string given
ValueError: Argument #3 ($options) is not valid: option "ttl" must be whole seconds from 1 to 315360000, a time such as "30m", or "gc_maxlifetime", 9223372036854775807 given
ValueError: Argument #3 ($options) is not valid: option "prefix" must not hold any of {}()/\@: which PSR-6 and PSR-16 forbid in keys
ValueError: Argument #3 ($options) is not valid: option "prefix" must be a string, array given
ValueError: Argument #3 ($options) is not valid: option "prefix" must be at most 19 of A-Z, a-z, 0-9, "_" and "." when encode_keys is on
accepted
ValueError: Argument #3 ($options) is not valid: option "prefix" must be at most 19 of A-Z, a-z, 0-9, "_" and "." when encode_keys is on
ValueError: Argument #3 ($options) is not valid: option "strict" must be a switch (1 or 0), "perhaps" given
ValueError: Argument #3 ($options) is not valid: option "lock" must be a Seshat\Lock, string given
ValueError: Argument #3 ($options) is not valid: option "lock" must be a Seshat\Lock, stdClass given
accepted
ValueError: Argument #3 ($options) is not valid: option "update_timestamp" must be a switch (1 or 0), 7 given; unknown option "tll"; did you mean "ttl"?; unknown option "stict"; did you mean "strict"?
ValueError: Argument #3 ($options) is not valid: unknown option "0"; unknown option "1"
accepted
TypeError: Argument #1 ($cache) must be of type Doctrine\Common\Cache\Cache, or an object with fetch(), save(), delete(), contains(); contains() is missing, class@anonymous given
objects
cloned: Trying to clone an uncloneable object of class Nofw\Session\SimpleCacheSessionHandler
serialized: Serialization of 'Nofw\Session\SimpleCacheSessionHandler' is not allowed
unserialized: Unserialization of 'Nofw\Session\SimpleCacheSessionHandler' is not allowed
without its constructor: Class Nofw\Session\SimpleCacheSessionHandler is an internal class marked as final that cannot be instantiated without invoking its constructor
extended: yes
an array as id: Nofw\Session\SimpleCacheSessionHandler::read(): Argument #1 ($id) must be of type string, array given
get('p.id')
collected: yes
