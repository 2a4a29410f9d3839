--TEST--
A collection whose methods free, replace, call and leave the adapter that called them
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/memory_collection.inc';

use Phalcon\Incubator\Session\Adapter\Mongo;

ob_start();

    class Open extends Mongo
    {
        public function put($collection): void
        {
            $this->collection = $collection;
        }

        public function &place()
        {
            return $this->collection;
        }

        public function drop(): void
        {
            unset($this->collection);
        }
    }

    function step(string $name, callable $work): void
    {
        echo "$name: ";
        try {
            echo json_encode($work()), "\n";
        } catch (Throwable $thrown) {
            echo get_class($thrown), ': ', $thrown->getMessage(), "\n";
        }
        gc_collect_cycles();
    }

    /** An adapter that nothing else holds. */
    function lone(?Memory &$memory): Open
    {
        $adapter = new Open($memory = new Memory());
        $adapter->write('id', 'a|i:1;');
        session_set_save_handler(new SessionHandler(), false);
        return $adapter;
    }

    step('frees the adapter', function () {
        $adapter = lone($memory);
        $memory->meddle = function () use (&$adapter) {
            $adapter = null;
            gc_collect_cycles();
        };
        return $adapter->read('id');
    });
    step('frees itself', function () {
        $adapter = lone($memory);
        $memory->meddle = fn () => $adapter->put(new stdClass());
        unset($memory);
        return $adapter->read('id');
    });
    step('calls the adapter', function () {
        $adapter = lone($memory);
        $memory->meddle = fn () => $adapter->read('other');
        return $adapter->read('id');
    });
    step('constructs it again', function () {
        $adapter = lone($memory);
        $memory->meddle = fn () => $adapter->__construct(new Memory());
        return [$adapter->read('id'), $adapter->read('id')];
    });
    step('is suspended meanwhile', function () {
        $adapter = lone($memory);
        $memory->meddle = fn () => Fiber::suspend();
        $fiber = new Fiber(fn () => $adapter->read('id'));
        $fiber->start();
        try {
            $adapter->read('id');
        } catch (Error $error) {
            echo get_class($error), ', ';
        }
        $fiber->resume();
        return $fiber->getReturn();
    });
    step('is never resumed', function () {
        $adapter = lone($memory);
        $memory->meddle = function () {
            try {
                Fiber::suspend();
            } finally {
                echo 'left, ';
            }
        };
        $fiber = new Fiber(fn () => $adapter->read('id'));
        $fiber->start();
        $fiber = null;
        gc_collect_cycles();
        return $adapter->read('id');
    });
    step('is gone', function () {
        $adapter = lone($memory);
        $adapter->drop();
        return $adapter->read('id');
    });
    step('became something else by reference', function () {
        $adapter = lone($memory);
        $place = &$adapter->place();
        $place = 5;
        return $adapter->read('id');
    });
    step('a ring of both', function () {
        $adapter = lone($memory);
        $memory->back = $adapter;
        $seen = WeakReference::create($adapter);
        unset($adapter, $memory);
        gc_collect_cycles();
        return $seen->get();
    });
    step('without its constructor', fn () => (new ReflectionClass(Open::class))->newInstanceWithoutConstructor()->read('id'));
    step('a closure of its method', function () {
        $read = lone($memory)->read(...);
        gc_collect_cycles();
        return $read('id');
    });
    step('destroys the session that is being written', function () {
        new Mongo($memory = new Memory());
        session_id('id');
        session_start();
        $_SESSION['a'] = 1;
        $memory->meddle = function () {
            @session_destroy();
            @session_regenerate_id(true);
        };
        @session_write_close();
        return session_status() === PHP_SESSION_NONE;
    });
    step('throws while the session is being written', function () {
        new Mongo($memory = new Memory());
        session_id('id');
        session_start();
        $_SESSION['a'] = 1;
        $memory->meddle = fn () => throw new LogicException('not for messages');
        set_error_handler(function ($number, $message) {
            echo str_contains($message, 'not for messages') ? 'told, ' : '';
            return true;
        });
        session_write_close();
        restore_error_handler();
        return array_keys($memory->documents);
    });

    // Ends the script, and what comes after it in the call.
new Mongo($memory = new Memory());
session_id('id');
session_start();
$_SESSION['a'] = 1;
$memory->meddle = function () {
    echo "ends the script\n";
    exit;
};
session_write_close();
echo "not reached\n";
?>
--EXPECT--
frees the adapter: "a|i:1;"
frees itself: "a|i:1;"
calls the adapter: Phalcon\Session\Exception: mongodb read at a collection of the application: the collection threw Error
constructs it again: ["a|i:1;",""]
is suspended meanwhile: Error, "a|i:1;"
is never resumed: left, "a|i:1;"
is gone: Phalcon\Session\Exception: mongodb read at a collection of the application: the adapter has no collection any more
became something else by reference: Phalcon\Session\Exception: mongodb read at a collection of the application: the adapter has no collection any more
a ring of both: null
without its constructor: Error: Open is not ready: its constructor was not called, or it is busy
a closure of its method: "a|i:1;"
destroys the session that is being written: true
throws while the session is being written: ["id"]
ends the script
