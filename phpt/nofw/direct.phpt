--TEST--
Called directly, each method does what the original's own tests ask for
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

    final class PoolRefuses extends Exception implements Psr\Cache\InvalidArgumentException
    {
    }
    final class SimpleRefuses extends Exception implements Psr\SimpleCache\InvalidArgumentException
    {
    }

    foreach (recorders() as $class => $cache) {
        echo "== $class\n";
        $handler = new $class($cache, $logger = new RecordingLogger());
        says('a handler', $handler instanceof SessionHandlerInterface);
        says('open, close, gc', [$handler->open('/path', 'name'), $handler->close(), $handler->gc(1440)] === [true, true, true]);
        says('nothing asked', $cache->told());
        says('miss', $handler->read('id'));
        says('asked', $cache->told());
        says('write', $handler->write('id', "a|b"));
        says('asked', $cache->told());
        says("hit", $handler->read('id'));
        says('asked', $cache->told());
        says('destroy', $handler->destroy('id'));
        says('asked', $cache->told());
        foreach (['save', 'set', 'delete', 'deleteItem'] as $method) {
            if (!($method === 'set' && $cache instanceof RecordingPool)) {
                $cache->instead[$method] = fn () => false;
            }
        }
        says('write that fails', $handler->write('id', 'data'));
        says('destroy that fails', $handler->destroy('id'));

        foreach ([PoolRefuses::class, SimpleRefuses::class, LogicException::class] as $exception) {
            foreach (['getItem', 'get', 'fetch', 'set', 'save', 'delete', 'deleteItem'] as $method) {
                $cache->instead[$method] = fn () => throw new $exception("no $method");
            }
            foreach (['read' => ['id'], 'write' => ['id', 'data'], 'destroy' => ['id']] as $operation => $arguments) {
                try {
                    $answer = var_export($handler->$operation(...$arguments), true);
                } catch (Exception $passed) {
                    $answer = 'passed on';
                }
                echo rtrim("$exception in $operation: $answer, logged: " . $logger->told()), "\n";
            }
        }
        $cache->told();
        $cache->instead = [];
    }
    // Without a logger, and with one that came later.
    $handler = new Nofw\Session\CacheSessionHandler($cache = new RecordingPool());
    $cache->instead['getItem'] = fn () => throw new PoolRefuses();
    says('without a logger', $handler->read('id'));
    says('setLogger', $handler->setLogger($logger = new RecordingLogger()));
    $handler->read('later');
    echo $logger->told(), "\n";
    // A logger that throws is nobody's to catch.
    $handler->setLogger(new class () {
        public function error($message, array $context)
        {
            throw new RuntimeException('the disk is full');
        }
    });
    try {
        $handler->read('id');
    } catch (RuntimeException $passed) {
        echo $passed->getMessage(), ', caused by ', get_class($passed->getPrevious() ?? $passed), "\n";
    }
}
--EXPECT--
== Nofw\Session\CacheSessionHandler
a handler: yes
open, close, gc: yes
nothing asked: ''
miss: ''
asked: 'getItem(\'id\') isHit()'
write: yes
asked: 'getItem(\'id\') set(\'a|b\') save()'
hit: 'a|b'
asked: 'getItem(\'id\') isHit() get()'
destroy: yes
asked: 'deleteItem(\'id\')'
write that fails: no
destroy that fails: no
PoolRefuses in read: '', logged: PoolRefuses read id
PoolRefuses in write: false, logged: PoolRefuses write id
PoolRefuses in destroy: false, logged: PoolRefuses destroy id
SimpleRefuses in read: passed on, logged:
SimpleRefuses in write: passed on, logged:
SimpleRefuses in destroy: passed on, logged:
LogicException in read: passed on, logged:
LogicException in write: passed on, logged:
LogicException in destroy: passed on, logged:
== Nofw\Session\SimpleCacheSessionHandler
a handler: yes
open, close, gc: yes
nothing asked: ''
miss: ''
asked: 'get(\'id\')'
write: yes
asked: 'set(\'id\', \'a|b\')'
hit: 'a|b'
asked: 'get(\'id\')'
destroy: yes
asked: 'delete(\'id\')'
write that fails: no
destroy that fails: no
PoolRefuses in read: passed on, logged:
PoolRefuses in write: passed on, logged:
PoolRefuses in destroy: passed on, logged:
SimpleRefuses in read: '', logged: SimpleRefuses read id
SimpleRefuses in write: false, logged: SimpleRefuses write id
SimpleRefuses in destroy: false, logged: SimpleRefuses destroy id
LogicException in read: passed on, logged:
LogicException in write: passed on, logged:
LogicException in destroy: passed on, logged:
== Nofw\Session\DoctrineCacheSessionHandler
a handler: yes
open, close, gc: yes
nothing asked: ''
miss: ''
asked: 'fetch(\'id\')'
write: yes
asked: 'save(\'id\', \'a|b\')'
hit: 'a|b'
asked: 'fetch(\'id\')'
destroy: yes
asked: 'delete(\'id\')'
write that fails: no
destroy that fails: no
PoolRefuses in read: passed on, logged:
PoolRefuses in write: passed on, logged:
PoolRefuses in destroy: passed on, logged:
SimpleRefuses in read: passed on, logged:
SimpleRefuses in write: passed on, logged:
SimpleRefuses in destroy: passed on, logged:
LogicException in read: passed on, logged:
LogicException in write: passed on, logged:
LogicException in destroy: passed on, logged:
without a logger: ''
setLogger: NULL
PoolRefuses read later
the disk is full, caused by RuntimeException
