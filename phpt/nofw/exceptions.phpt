--TEST--
Exceptions of the cache leave through PHP's session functions, or are caught; no lock stays behind
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
namespace Psr\Cache {
    interface CacheException extends \Throwable
    {
    }
    interface InvalidArgumentException extends CacheException
    {
    }
}
namespace Psr\SimpleCache {
    interface CacheException extends \Throwable
    {
    }
    interface InvalidArgumentException extends CacheException
    {
    }
}
namespace {
    require __DIR__ . '/../include/caches.inc';

    final class PoolFails extends Exception implements Psr\Cache\CacheException
    {
    }
    final class PoolRefuses extends Exception implements Psr\Cache\InvalidArgumentException
    {
    }
    final class SimpleFails extends Exception implements Psr\SimpleCache\CacheException
    {
    }
    final class SimpleRefuses extends Exception implements Psr\SimpleCache\InvalidArgumentException
    {
    }

    function attempt(string $what, callable $do): void
    {
        try {
            $answer = var_export($do(), true);
        } catch (Throwable $thrown) {
            $answer = get_class($thrown) . ' "' . $thrown->getMessage() . '"';
        }
        global $logger, $other;
        $free = $other->acquire('known');
        $other->release();
        echo "$what: $answer", session_status() === PHP_SESSION_ACTIVE ? ', open' : ', closed', $free ? '' : ', locked';
        $more = array_filter([...complaints(), $logger->told() === '' ? '' : 'logged']);
        echo $more ? ' (' . implode('; ', $more) . ')' : '', "\n";
    }

    function play(string $class, Recorder $cache, string $exception, array $options): void
    {
        global $logger;
        echo "== $class, $exception", isset($options['catch_cache_exceptions']) ? ', caught' : '', "\n";
        $logger = new RecordingLogger();
        $handler = new $class($cache, $logger, $options + ['lock' => new Seshat\Lock('memory:')]);
        session_set_save_handler($handler, false);
        $fail = array_fill_keys(['getItem', 'get', 'fetch', 'save', 'set', 'delete', 'deleteItem', 'hasItem', 'has', 'contains'], fn () => throw new $exception('no'));
        $cache->data['known'] = 'n|i:1;';
        session_id('known');
        $cache->instead = $fail;
        attempt('start', fn () => session_start());
        $cache->instead = [];
        session_abort();
        // After a failure PHP has forgotten the id.
        session_id('known');
        attempt('start again', fn () => session_start());
        $_SESSION['n'] = 2;
        $cache->instead = $fail;
        attempt('write', fn () => session_write_close());
        $cache->instead = [];
        session_id('known');
        attempt('start again', fn () => session_start());
        $cache->instead = $fail;
        attempt('destroy', fn () => session_destroy());
        $cache->instead = [];
        says('stored', $cache->data['known']);
        ini_set('session.use_strict_mode', '1');
        session_id('known');
        $cache->instead = $fail;
        attempt('strict', fn () => session_start() && session_id() === 'known');
        $cache->instead = [];
        session_abort();
        ini_set('session.use_strict_mode', '0');
    }

    ob_start();
    complaints();
    $logger = new RecordingLogger();
    $other = new Seshat\Lock('memory:', ['lock_wait' => 0]);
    [$pool, $simple, $doctrine] = array_keys(recorders());
    $caught = ['catch_cache_exceptions' => true, 'strict' => true];
    play($pool, new RecordingPool(), PoolFails::class, ['strict' => true]);
    play($pool, new RecordingPool(), PoolFails::class, $caught);
    play($pool, new RecordingPool(), PoolRefuses::class, $caught);
    play($simple, new RecordingSimpleCache(), SimpleFails::class, []);
    play($simple, new RecordingSimpleCache(), SimpleFails::class, $caught);
    play($simple, new RecordingSimpleCache(), SimpleRefuses::class, []);
    play($simple, new RecordingSimpleCache(), Error::class, $caught);
    play($doctrine, new RecordingDoctrineCache(), RuntimeException::class, []);
    play($doctrine, new RecordingDoctrineCache(), RuntimeException::class, $caught);
    play($doctrine, new RecordingDoctrineCache(), TypeError::class, $caught);
}
--EXPECT--
== Nofw\Session\CacheSessionHandler, PoolFails
start: PoolFails "no", closed
start again: true, open, locked
write: PoolFails "no", closed
start again: true, open, locked
destroy: PoolFails "no", closed
stored: 'n|i:1;'
strict: PoolFails "no", closed
== Nofw\Session\CacheSessionHandler, PoolFails, caught
start: false, closed (session_start(): Failed to read session data; logged)
start again: true, open, locked
write: true, closed (session_write_close(): Failed to write session data using user defined save handler.; logged)
start again: true, open, locked
destroy: false, closed (session_destroy(): Session object destruction failed; logged)
stored: 'n|i:1;'
strict: false, closed (session_start(): Failed to read session data; logged)
== Nofw\Session\CacheSessionHandler, PoolRefuses, caught
start: true, open, locked (logged)
start again: true, open, locked
write: true, closed (session_write_close(): Failed to write session data using user defined save handler.; logged)
start again: true, open, locked
destroy: false, closed (session_destroy(): Session object destruction failed; logged)
stored: 'n|i:1;'
strict: false, open (logged)
== Nofw\Session\SimpleCacheSessionHandler, SimpleFails
start: SimpleFails "no", closed
start again: true, open, locked
write: SimpleFails "no", closed
start again: true, open, locked
destroy: SimpleFails "no", closed
stored: 'n|i:1;'
strict: SimpleFails "no", closed
== Nofw\Session\SimpleCacheSessionHandler, SimpleFails, caught
start: false, closed (session_start(): Failed to read session data; logged)
start again: true, open, locked
write: true, closed (session_write_close(): Failed to write session data using user defined save handler.; logged)
start again: true, open, locked
destroy: false, closed (session_destroy(): Session object destruction failed; logged)
stored: 'n|i:1;'
strict: false, closed (session_start(): Failed to read session data; logged)
== Nofw\Session\SimpleCacheSessionHandler, SimpleRefuses
start: true, open, locked (logged)
start again: true, open, locked
write: true, closed (session_write_close(): Failed to write session data using user defined save handler.; logged)
start again: true, open, locked
destroy: false, closed (session_destroy(): Session object destruction failed; logged)
stored: 'n|i:1;'
strict: true, open, locked (logged)
== Nofw\Session\SimpleCacheSessionHandler, Error, caught
start: Error "no", closed
start again: true, open, locked
write: Error "no", closed
start again: true, open, locked
destroy: Error "no", closed
stored: 'n|i:1;'
strict: Error "no", closed
== Nofw\Session\DoctrineCacheSessionHandler, RuntimeException
start: RuntimeException "no", closed
start again: true, open, locked
write: RuntimeException "no", closed
start again: true, open, locked
destroy: RuntimeException "no", closed
stored: 'n|i:1;'
strict: RuntimeException "no", closed
== Nofw\Session\DoctrineCacheSessionHandler, RuntimeException, caught
start: false, closed (session_start(): Failed to read session data; logged)
start again: true, open, locked
write: true, closed (session_write_close(): Failed to write session data using user defined save handler.; logged)
start again: true, open, locked
destroy: false, closed (session_destroy(): Session object destruction failed; logged)
stored: 'n|i:1;'
strict: false, closed (session_start(): Failed to read session data; logged)
== Nofw\Session\DoctrineCacheSessionHandler, TypeError, caught
start: TypeError "no", closed
start again: true, open, locked
write: TypeError "no", closed
start again: true, open, locked
destroy: TypeError "no", closed
stored: 'n|i:1;'
strict: TypeError "no", closed
