--TEST--
Storage adapters of one's own, written for Phalcon 4 and for Phalcon 5
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

use Phalcon\Storage\Adapter\AbstractAdapter;
use Phalcon\Storage\Adapter\AdapterInterface;
use Phalcon\Storage\Adapter\Redis;
use Phalcon\Storage\Adapter\Stream;
use Phalcon\Storage\SerializerFactory;

error_reporting(E_ALL);
set_error_handler(fn (int $level, string $message) => print("told: $message\n"));

/** Public methods, and no types, as Phalcon 4's. */
class Four extends AbstractAdapter
{
    protected $data = [];

    public function __construct(?SerializerFactory $factory = null, array $options = [])
    {
        parent::__construct($factory, $options);
        $this->initSerializer();
    }

    public function clear()
    {
        $this->data = [];
        return true;
    }

    public function decrement(string $key, int $value = 1)
    {
        return $this->increment($key, -$value);
    }

    public function delete(string $key)
    {
        $known = $this->has($key);
        unset($this->data[$this->getPrefixedKey($key)]);
        return $known;
    }

    public function get(string $key, $defaultValue = null)
    {
        return $this->getUnserializedData($this->data[$this->getPrefixedKey($key)] ?? false, $defaultValue);
    }

    public function getAdapter()
    {
        return $this->adapter;
    }

    public function getKeys(string $prefix = '')
    {
        return $this->getFilteredKeys(array_keys($this->data), $prefix);
    }

    public function has(string $key)
    {
        return isset($this->data[$this->getPrefixedKey($key)]);
    }

    public function increment(string $key, int $value = 1)
    {
        return $this->has($key) ? $this->data[$this->getPrefixedKey($key)] += $value : false;
    }

    public function set(string $key, $value, $ttl = null)
    {
        $this->data[$this->getPrefixedKey($key)] = $this->getSerializedData($value);
        echo "kept for {$this->getTtl($ttl)} s\n";
        return true;
    }
}

/** Protected methods, and types, as from Phalcon 5.8 on. */
class Five extends AbstractAdapter
{
    protected array $data = [];
    protected $prefix = 'five-';

    public function __construct(SerializerFactory $factory, array $options = [])
    {
        parent::__construct($factory, $options);
        $this->initSerializer();
    }

    public function clear(): bool
    {
        $this->data = [];
        return true;
    }

    public function getKeys(string $prefix = ''): array
    {
        return $this->getFilteredKeys(array_keys($this->data), $prefix);
    }

    public function setForever(string $key, mixed $value): bool
    {
        return $this->doSet($key, $value);
    }

    protected function doDecrement(string $key, int $value = 1): int|false
    {
        return $this->doIncrement($key, -$value);
    }

    protected function doDelete(string $key): bool
    {
        $known = $this->doHas($key);
        unset($this->data[$this->getPrefixedKey($key)]);
        return $known;
    }

    protected function doGetData(string $key): mixed
    {
        return $this->data[$this->getPrefixedKey($key)];
    }

    protected function doHas(string $key): bool
    {
        return isset($this->data[$this->getPrefixedKey($key)]);
    }

    protected function doIncrement(string $key, int $value = 1): int|false
    {
        return $this->doHas($key) ? $this->data[$this->getPrefixedKey($key)] += $value : false;
    }

    protected function doSet(string $key, mixed $value, mixed $ttl = null): bool
    {
        $this->data[$this->getPrefixedKey($key)] = $this->getSerializedData($value);
        echo "kept for {$this->getTtl($ttl)} s\n";
        return true;
    }
}

/** One that does nothing of what it should. */
final class Lazy extends AbstractAdapter
{
    public function __construct()
    {
    }

    public function clear(): bool
    {
        return true;
    }

    public function getKeys(string $prefix = ''): array
    {
        return [];
    }
}

foreach ([new Four(new SerializerFactory(), ['lifetime' => 60]), new Five(new SerializerFactory(), ['lifetime' => 60])] as $storage) {
    echo $storage::class, ' ', $storage->getPrefix(), "\n";
    shows('sets', [$storage->set('a', ['x']), $storage->set('n', 1, 5), $storage->set('i', 'y', new DateInterval('PT1M30S')), $storage->setForever('ever', 1)]);
    shows('gets', [$storage->get('a'), $storage->get('b', 'default'), $storage->has('a'), $storage->has('b')]);
    shows('counts', [$storage->increment('n', 4), $storage->decrement('n'), $storage->increment('none')]);
    shows('keys', [$storage->getKeys(), $storage->getKeys('e')]);
    shows('deletes', [$storage->delete('a'), $storage->delete('a'), $storage->deleteMultiple(['n', 'i']), $storage->clear(), $storage->getKeys()]);
    shows('is', [$storage instanceof AdapterInterface, $storage->getAdapter(), $storage->getSerializer()::class]);
}
$lazy = new Lazy();
foreach (['get', 'has', 'delete', 'increment', 'decrement'] as $method) {
    attempt($method, fn () => $lazy->$method('key'));
}
attempt('set', fn () => $lazy->set('key', 1));
attempt('setForever', fn () => $lazy->setForever('key', 1));
shows('the rest', [$lazy->getPrefix(), $lazy->getLifetime(), $lazy->getDefaultSerializer(), $lazy->getAdapter(), $lazy->clear()]);
attempt('getSerializer', fn () => $lazy->getSerializer());

// Children of the concrete ones.
class RedisFour extends Redis
{
    public function __construct(SerializerFactory $factory, array $options = [])
    {
        $options['prefix'] = ($options['prefix'] ?? '') . 'four-';
        parent::__construct($factory, $options);
    }

    public function get(string $key, $defaultValue = null)
    {
        return parent::get($key, "no $key");
    }

    public function set(string $key, $value, $ttl = null)
    {
        return parent::set($key, [$value], $ttl);
    }

    public function has(string $key)
    {
        return parent::has($key);
    }
}
class RedisFive extends Redis
{
    protected function doGet(string $key, mixed $defaultValue = null): mixed
    {
        return parent::doGet($key, "no $key");
    }

    protected function doSet(string $key, mixed $value, mixed $ttl = null): bool
    {
        return parent::doSet($key, [$value], $ttl);
    }

    protected function getPrefixedKey(mixed $key): string
    {
        return parent::getPrefixedKey(strtoupper((string) $key));
    }

    protected function getTtl(mixed $ttl): int
    {
        return min(parent::getTtl($ttl), 100);
    }
}
require __DIR__ . '/../include/redis.inc';
$server = new RawRedis();
foreach ([RedisFour::class, RedisFive::class] as $class) {
    $options = storage_options('redis');
    $storage = new $class(new SerializerFactory(), $options);
    shows($class, [$storage->set('k', 'v'), $storage->get('k'), $storage->get('none'), $storage->has('k'), $storage->has('none')]);
    $key = substr($storage->getKeys()[0], strlen($options['prefix']));
    $ttl = $server->ask('TTL', $storage->getKeys()[0]);
    shows('stored', [$key, $server->ask('GET', $storage->getKeys()[0]), $ttl > 100 ? 'long' : 'short', $storage->clear(), $storage->getKeys()]);
}
final class StreamOwn extends Stream
{
    protected $storageDir;

    public function getKeys(string $prefix = ''): array
    {
        return array_map('strtoupper', parent::getKeys($prefix));
    }
}
$stream = new StreamOwn(new SerializerFactory(), storage_options('stream'));
shows('stream', [$stream->set('k', 'v'), $stream->getKeys(), $stream->get('k'), $stream->clear()]);

final class Unready extends Redis
{
    public function __construct()
    {
    }
}
attempt('without its parent\'s constructor', fn () => (new Unready())->get('k'));
final class UnreadyStream extends Stream
{
    public function __construct()
    {
    }
}
attempt('without it, too', fn () => (new UnreadyStream())->get('k'));
attempt('abroad', fn () => clone storage('redis'));
attempt('asleep', fn () => serialize(storage('redis')));

// A client of one's own does the work, as in Phalcon.
final class Client
{
    public array $asked = [];

    public function __call(string $name, array $arguments): mixed
    {
        $this->asked[] = [$name, ...$arguments];
        return ['exists' => 1, 'get' => 's:1:"v";', 'set' => true, 'del' => 1, 'incrBy' => 7, 'keys' => ['p-b', 'x', 'p-a']][$name];
    }
}
final class OwnClient extends Redis
{
    public function getAdapter(): mixed
    {
        return $this->adapter ??= new Client();
    }
}
$own = new OwnClient(new SerializerFactory(), ['port' => 1, 'prefix' => 'p-']);
shows('own', [$own->get('k'), $own->has('p-k'), $own->set('k', 'v', 5), $own->set('k', 'v', 0), $own->setForever('k', 'v'), $own->delete('k'), $own->increment('n', 2), $own->decrement('n'), $own->getKeys(), $own->clear()]);
foreach ($own->getAdapter()->asked as $asked) {
    echo implode(' ', $asked), "\n";
}
--EXPECT--
Four ph-memo-
kept for 60 s
kept for 5 s
kept for 90 s
kept for 315360000 s
sets: [true,true,true,true]
gets: [["x"],"default",true,false]
counts: [5,4,false]
keys: [["ph-memo-a","ph-memo-n","ph-memo-i","ph-memo-ever"],["ph-memo-ever"]]
deletes: [true,false,true,true,[]]
is: [true,null,"Phalcon\\Storage\\Serializer\\Php"]
Five five-
kept for 60 s
kept for 5 s
kept for 90 s
kept for 60 s
sets: [true,true,true,true]
gets: [["x"],"default",true,false]
counts: [5,4,false]
keys: [["five-a","five-n","five-i","five-ever"],["five-ever"]]
deletes: [true,false,true,true,[]]
is: [true,null,"Phalcon\\Storage\\Serializer\\Php"]
get: Phalcon\Storage\Exception: Lazy has neither has() nor doHas() of its own
has: Phalcon\Storage\Exception: Lazy has neither has() nor doHas() of its own
delete: Phalcon\Storage\Exception: Lazy has neither delete() nor doDelete() of its own
increment: Phalcon\Storage\Exception: Lazy has neither increment() nor doIncrement() of its own
decrement: Phalcon\Storage\Exception: Lazy has neither decrement() nor doDecrement() of its own
set: Phalcon\Storage\Exception: Lazy has neither set() nor doSet() of its own
setForever: Phalcon\Storage\Exception: Lazy has neither set() nor doSet() of its own
the rest: ["ph-memo-",3600,"php",null,true]
getSerializer: Phalcon\Storage\Exception: A valid serializer is required
RedisFour: [true,["v"],"no none",true,false]
stored: ["four-k","a:1:{i:0;s:1:\"v\";}","long",true,[]]
RedisFive: [true,["v"],"no none",true,false]
stored: ["K","a:1:{i:0;s:1:\"v\";}","short",true,[]]
stream: [true,["PH-STRMK"],"v",true]
without its parent's constructor: Error: Unready is not ready: its constructor was not called, or it is busy
without it, too: Phalcon\Storage\Exceptions\InvalidConfiguration: the adapter has no folder: its constructor was not called
abroad: Error: Trying to clone an uncloneable object of class Phalcon\Storage\Adapter\Redis
asleep: Exception: Serialization of 'Phalcon\Storage\Adapter\Redis' is not allowed
own: ["v",true,true,true,true,true,7,7,["p-a","p-b"],true]
exists k
get k
exists k
set k s:1:"v"; 5
del k
set k s:1:"v";
del k
incrBy n 2
incrBy n -1
keys *
keys *
del a
del b
