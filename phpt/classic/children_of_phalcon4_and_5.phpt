--TEST--
Classes written for Phalcon 4.1 and 5 compile and work under the same parents, with each version's types
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
ob_start();

use Phalcon\Session\Adapter\AbstractAdapter;
use Phalcon\Session\Adapter\Noop;
use Phalcon\Session\Adapter\Redis;
use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Manager;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

trait Overrides41
{
    public array $calls = [];

    public function close(): bool
    {
        return parent::close();
    }

    public function destroy($id): bool
    {
        $this->calls[] = 'destroy';
        return parent::destroy($id);
    }

    public function gc($maxlifetime): bool
    {
        return (bool) parent::gc($maxlifetime);
    }

    public function open($savePath, $sessionName): bool
    {
        return parent::open($savePath, $sessionName);
    }

    public function read($id): string
    {
        $this->calls[] = 'read';
        return parent::read($id);
    }

    public function write($id, $data): bool
    {
        $this->calls[] = 'write';
        return parent::write($id, $data);
    }
}

trait Overrides5
{
    public array $calls = [];

    public function close(): bool
    {
        return parent::close();
    }

    public function destroy($id): bool
    {
        $this->calls[] = 'destroy';
        return parent::destroy($id);
    }

    public function gc(int $max_lifetime): int|false
    {
        return parent::gc($max_lifetime);
    }

    public function open(string $path, string $name): bool
    {
        return parent::open($path, $name);
    }

    public function read(string $id): string|false
    {
        $this->calls[] = 'read';
        return parent::read($id);
    }

    public function write(string $id, string $data): bool
    {
        $this->calls[] = 'write';
        return parent::write($id, $data);
    }

    public function validateId(string $id): bool
    {
        return parent::validateId($id);
    }

    public function updateTimestamp(string $id, string $data): bool
    {
        $this->calls[] = 'write';
        return parent::updateTimestamp($id, $data);
    }
}

class Noop41 extends Noop { use Overrides41; }
class Noop5 extends Noop { use Overrides5; }
class Stream41 extends Stream { use Overrides41; }
class Stream5 extends Stream implements SessionHandlerInterface { use Overrides5; }
class Redis41 extends Redis { use Overrides41; }
class Redis5 extends Redis implements SessionUpdateTimestampHandlerInterface { use Overrides5; }

final class Shelf
{
    private array $kept = [];
    public function get($key) { return $this->kept[$key] ?? null; }
    public function set($key, $value) { $this->kept[$key] = $value; return true; }
    public function has($key) { return isset($this->kept[$key]); }
    public function delete($key) { unset($this->kept[$key]); return true; }
}

class Own41 extends AbstractAdapter
{
    use Overrides41;

    public function __construct()
    {
        $this->adapter = new Shelf();
    }
}

class Own5 extends AbstractAdapter
{
    use Overrides5;

    public function __construct()
    {
        $this->adapter = new Shelf();
    }
}

// Written today, with the types of PHP's own interface.
class OwnToday extends AbstractAdapter
{
    public function destroy(string $id): bool
    {
        return parent::destroy($id);
    }
}

$folder = Face::scratch();
$factory = new AdapterFactory(new SerializerFactory());
$server = ['port' => (int) getenv('SESHAT_REDIS_PORT'), 'prefix' => basename($folder)];
$adapters = [
    new Noop41(), new Noop5(), new Stream41(['savePath' => $folder]), new Stream5(['savePath' => $folder]),
    new Redis41($factory, $server), new Redis5($factory, $server), new Own41(), new Own5(),
];
foreach ($adapters as $adapter) {
    $manager = (new Manager())->setAdapter($adapter);
    $manager->start();
    $manager->set('a', 1);
    session_write_close();
    session_start();
    $kept = $manager->get('a');
    $manager->regenerateId(true);
    echo get_class($adapter), ': ', implode(', ', $adapter->calls), ', ', json_encode([$kept, $manager->get('a')]), "\n";
    $manager->destroy();
}

// A property of the child's own stays the child's: it does not get into the session.
#[AllowDynamicProperties]
class WithLogger extends Redis
{
    public function log(): array
    {
        $this->logger = 'mine';
        unset($this->nothing);
        return [$this->logger, isset($this->logger), isset($this->other)];
    }
}
$adapter = new WithLogger($factory, $server);
$adapter->start();
$adapter->from = 'outside';
says('own properties', [$adapter->log(), $adapter->logger, $adapter->from, $_SESSION] === [['mine', true, false], 'mine', 'outside', []]);
foreach (['read' => fn () => $adapter->_lifetime, 'write' => fn () => $adapter->_lifetime = 1] as $what => $try) {
    try {
        $try();
        echo "$what: allowed\n";
    } catch (Error $e) {
        echo $e->getMessage(), "\n";
    }
}
--EXPECT--
Noop41: read, write, read, destroy, read, [null,null]
Noop5: read, write, read, destroy, read, [null,null]
Stream41: read, write, read, destroy, read, [1,1]
Stream5: read, write, read, destroy, read, [1,1]
Redis41: read, write, read, destroy, read, [1,1]
Redis5: read, write, read, destroy, read, [1,1]
Own41: read, write, read, destroy, read, [1,1]
Own5: read, write, read, destroy, read, [1,1]
own properties: yes
Cannot access protected property WithLogger::$_lifetime
Cannot access protected property WithLogger::$_lifetime
