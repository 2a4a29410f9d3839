--TEST--
A cache that answers nonsense: an empty session, or none and one warning; what is stored stays
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/caches.inc';

ob_start();
complaints();
$junk = [
    'null' => null,
    'false' => false,
    'true' => true,
    'int' => 7,
    'float' => 1.5,
    'array' => ['n' => 1],
    'object' => new stdClass(),
    'text' => new class () {
        public function __toString()
        {
            return 'n|i:3;';
        }
    },
];
foreach (recorders() as $class => $cache) {
    echo "== $class\n";
    $handler = new $class($cache);
    session_set_save_handler($handler, false);
    foreach ($junk as $name => $value) {
        session_id('known');
        $cache->data = ['known' => $value];
        $cache->instead = ['isHit' => fn () => true];
        $started = session_start();
        echo "read $name: ", $started ? json_encode($_SESSION) : 'not started', ' ', implode(' ', complaints());
        session_abort();
        echo ' | directly: ', var_export($handler->read('known'), true), '; ', implode(' ', complaints()), "\n";
    }
    foreach ($junk as $name => $value) {
        $cache->data = [];
        $cache->instead = array_fill_keys(['save', 'set', 'delete', 'deleteItem'], fn () => $value);
        session_id('known');
        session_start();
        $_SESSION['n'] = 1;
        $written = session_write_close();
        session_start();
        $destroyed = session_destroy();
        echo "write and destroy $name: ", implode(' | ', complaints()) ?: 'well', "\n";
        $cache->told();
    }
}
echo "== a pool without items\n";
foreach ($junk as $name => $value) {
    $pool = new RecordingPool();
    $pool->instead['getItem'] = fn () => $value;
    $handler = new Nofw\Session\CacheSessionHandler($pool);
    session_set_save_handler($handler, false);
    try {
        echo "$name: ";
        echo var_export(session_start(), true), ' ', implode(' ', complaints());
        session_abort();
        echo ' | ', var_export($handler->write('id', 'data'), true);
    } catch (Error $error) {
        echo $error->getMessage();
    }
    echo '; ', implode(' ', complaints()), "\n";
}
--EXPECT--
== Nofw\Session\CacheSessionHandler
read null: []  | directly: ''; 
read false: []  | directly: ''; 
read true: not started session_start(): Failed to read session data | directly: false; Nofw\Session\CacheSessionHandler::read(): the cache holds no session data under this id, but bool
read int: not started session_start(): Failed to read session data | directly: false; Nofw\Session\CacheSessionHandler::read(): the cache holds no session data under this id, but int
read float: not started session_start(): Failed to read session data | directly: false; Nofw\Session\CacheSessionHandler::read(): the cache holds no session data under this id, but float
read array: not started session_start(): Failed to read session data | directly: false; Nofw\Session\CacheSessionHandler::read(): the cache holds no session data under this id, but array
read object: not started session_start(): Failed to read session data | directly: false; Nofw\Session\CacheSessionHandler::read(): the cache holds no session data under this id, but stdClass
read text: not started session_start(): Failed to read session data | directly: false; Nofw\Session\CacheSessionHandler::read(): the cache holds no session data under this id, but class@anonymous
write and destroy null: session_write_close(): Failed to write session data using user defined save handler. | session_destroy(): Session object destruction failed
write and destroy false: session_write_close(): Failed to write session data using user defined save handler. | session_destroy(): Session object destruction failed
write and destroy true: well
write and destroy int: well
write and destroy float: well
write and destroy array: well
write and destroy object: well
write and destroy text: well
== Nofw\Session\SimpleCacheSessionHandler
read null: []  | directly: ''; 
read false: []  | directly: ''; 
read true: not started session_start(): Failed to read session data | directly: false; Nofw\Session\SimpleCacheSessionHandler::read(): the cache holds no session data under this id, but bool
read int: not started session_start(): Failed to read session data | directly: false; Nofw\Session\SimpleCacheSessionHandler::read(): the cache holds no session data under this id, but int
read float: not started session_start(): Failed to read session data | directly: false; Nofw\Session\SimpleCacheSessionHandler::read(): the cache holds no session data under this id, but float
read array: not started session_start(): Failed to read session data | directly: false; Nofw\Session\SimpleCacheSessionHandler::read(): the cache holds no session data under this id, but array
read object: not started session_start(): Failed to read session data | directly: false; Nofw\Session\SimpleCacheSessionHandler::read(): the cache holds no session data under this id, but stdClass
read text: not started session_start(): Failed to read session data | directly: false; Nofw\Session\SimpleCacheSessionHandler::read(): the cache holds no session data under this id, but class@anonymous
write and destroy null: session_write_close(): Failed to write session data using user defined save handler. | session_destroy(): Session object destruction failed
write and destroy false: session_write_close(): Failed to write session data using user defined save handler. | session_destroy(): Session object destruction failed
write and destroy true: well
write and destroy int: well
write and destroy float: well
write and destroy array: well
write and destroy object: well
write and destroy text: well
== Nofw\Session\DoctrineCacheSessionHandler
read null: []  | directly: ''; 
read false: []  | directly: ''; 
read true: not started session_start(): Failed to decode session object. Session has been destroyed | directly: ''; 
read int: not started session_start(): Failed to decode session object. Session has been destroyed | directly: ''; 
read float: not started session_start(): Failed to decode session object. Session has been destroyed | directly: ''; 
read array: not started session_start(): Failed to read session data | directly: false; Nofw\Session\DoctrineCacheSessionHandler::read(): the cache holds no session data under this id, but array
read object: not started session_start(): Failed to read session data | directly: false; Nofw\Session\DoctrineCacheSessionHandler::read(): the cache holds no session data under this id, but stdClass
read text: {"n":3}  | directly: 'n|i:3;'; 
write and destroy null: session_write_close(): Failed to write session data using user defined save handler. | session_destroy(): Session object destruction failed
write and destroy false: session_write_close(): Failed to write session data using user defined save handler. | session_destroy(): Session object destruction failed
write and destroy true: well
write and destroy int: well
write and destroy float: well
write and destroy array: well
write and destroy object: well
write and destroy text: well
== a pool without items
null: false session_start(): Failed to read session data | false; 
false: false session_start(): Failed to read session data | false; 
true: false session_start(): Failed to read session data | false; 
int: false session_start(): Failed to read session data | false; 
float: false session_start(): Failed to read session data | false; 
array: false session_start(): Failed to read session data | false; 
object: Call to undefined method stdClass::isHit(); 
text: Call to undefined method class@anonymous::isHit();
