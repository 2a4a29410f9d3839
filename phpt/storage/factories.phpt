--TEST--
Factories: what they make, what they refuse, and children of both of Phalcon's times
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

use Phalcon\Factory\AbstractFactory;
use Phalcon\Storage\Adapter\AbstractAdapter;
use Phalcon\Storage\Adapter\Memory;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

error_reporting(E_ALL);
set_error_handler(fn (int $level, string $message) => print("told: $message\n"));
$serializers = new SerializerFactory();
$factory = new AdapterFactory($serializers);
shows('makes', [$factory->newInstance('memory')::class, $factory->newInstance('memory') === $factory->newInstance('memory'), $serializers->newInstance('php') === $serializers->newInstance('php')]);
attempt('unknown', fn () => $factory->newInstance('memroy'));
attempt('not lower case', fn () => $factory->newInstance('Memory'));
attempt('a serializer', fn () => $serializers->newInstance('yaml'));
// Phalcon 4 threw one class, Phalcon 5 the other.
foreach ([Phalcon\Factory\Exception::class, Phalcon\Storage\Exception::class, Phalcon\Exception::class] as $class) {
    try {
        $factory->newInstance('none');
    } catch (Throwable $e) {
        shows($class, $e instanceof $class);
    }
}
attempt('no options', fn () => $factory->newInstance('stream'));
attempt('wrong options', fn () => $factory->newInstance('memory', 'x'));
attempt('no serializers', fn () => new AdapterFactory(new stdClass()));
attempt('wrong services', fn () => new AdapterFactory($serializers, 'x'));
attempt('abstract', fn () => new AbstractFactory());

// Services of one's own.
class Mine extends Memory
{
}
final class Memcached4 extends Memory
{
}
$own = new AdapterFactory($serializers, ['memory' => Mine::class, 'libmemcached' => Memcached4::class, 'gone' => 'No\\Such', 'many' => AbstractAdapter::class]);
shows('own', [$own->newInstance('memory')::class, $own->newInstance('libmemcached', ['prefix' => 'p'])->getPrefix(), $own->newInstance('redis')::class]);
attempt('no such class', fn () => $own->newInstance('gone'));
attempt('an abstract class', fn () => $own->newInstance('many'));
shows('own serializer', (new SerializerFactory(['php' => 'Phalcon\\Storage\\Serializer\\Json']))->newInstance('php')::class);
shows('it is used', storage_with(new SerializerFactory(['php' => 'Phalcon\\Storage\\Serializer\\Json'])));
function storage_with(SerializerFactory $factory): string
{
    return (new AdapterFactory($factory))->newInstance('memory')->getSerializer()::class;
}

// Children of Phalcon 4's time and of 5's.
final class Four extends AbstractFactory
{
    protected $exception = DomainException::class;

    public function __construct(array $services = [])
    {
        $this->init($services);
    }

    protected function getAdapters(): array
    {
        return ['a' => ArrayObject::class, 'b' => stdClass::class];
    }

    public function load($config)
    {
        $config = $this->checkConfig($config);
        return $this->getService($config['adapter']);
    }
}
final class Five extends AbstractFactory
{
    public function __construct(array $services = [])
    {
        $this->init($services);
    }

    protected function getServices(): array
    {
        return ['a' => ArrayObject::class];
    }

    protected function getExceptionClass(): string
    {
        return RangeException::class;
    }

    public function load($config)
    {
        return $this->getService($this->checkConfig($config)['adapter']);
    }
}
final class Untyped extends AbstractFactory
{
    public function __construct()
    {
        $this->init();
    }

    protected function getAdapters()
    {
        return ['a' => 'A'];
    }

    public function load($config)
    {
        return $this->getService($this->checkConfig($config)['adapter']);
    }
}
final class Config
{
    public function toArray(): array
    {
        return ['adapter' => 'a'];
    }
}
foreach ([new Four(['b' => Mine::class, '12' => 'C']), new Five(), new Untyped()] as $child) {
    echo $child::class, "\n";
    attempt('an array', fn () => $child->load(['adapter' => 'a']));
    attempt('a config', fn () => $child->load(new Config()));
    attempt('b', fn () => $child->load(['adapter' => 'b']));
    attempt('12', fn () => $child->load(['adapter' => '12']));
    attempt('no adapter', fn () => $child->load([]));
    attempt('no config', fn () => $child->load('a'));
}

// Children of the storage factories.
final class MoreFour extends AdapterFactory
{
    protected function getAdapters(): array
    {
        return ['mine' => Mine::class] + parent::getAdapters();
    }
}
final class MoreFive extends AdapterFactory
{
    protected function getServices(): array
    {
        return ['mine' => Mine::class] + parent::getServices();
    }

    protected function getExceptionClass(): string
    {
        return LengthException::class;
    }
}
foreach ([new MoreFour($serializers), new MoreFive($serializers)] as $child) {
    shows($child::class, [$child->newInstance('mine')::class, $child->newInstance('memory')::class]);
    attempt('unknown', fn () => $child->newInstance('yours'));
}
final class Unready extends AdapterFactory
{
    public function __construct()
    {
    }
}
attempt('without its parent\'s constructor', fn () => (new Unready())->newInstance('memory'));
--EXPECT--
makes: ["Phalcon\\Storage\\Adapter\\Memory",false,false]
unknown: Phalcon\Storage\Exception: Service memroy is not registered; did you mean "memory"?
not lower case: Phalcon\Storage\Exception: Service Memory is not registered; did you mean "memory"?
a serializer: Phalcon\Storage\Exception: Service yaml is not registered
Phalcon\Factory\Exception: yes
Phalcon\Storage\Exception: yes
Phalcon\Exception: yes
no options: Phalcon\Storage\Exceptions\InvalidConfiguration: The 'storageDir' must be specified in the options
wrong options: TypeError: Phalcon\Storage\AdapterFactory::newInstance(): Argument #2 ($options) must be of type array, string given
no serializers: TypeError: Phalcon\Storage\AdapterFactory::__construct(): Argument #1 ($factory) must be of type Phalcon\Storage\SerializerFactory, stdClass given
wrong services: TypeError: Phalcon\Storage\AdapterFactory::__construct(): Argument #2 ($services) must be of type array, string given
abstract: Error: Cannot instantiate abstract class Phalcon\Factory\AbstractFactory
own: ["Mine","p","Phalcon\\Storage\\Adapter\\Redis"]
no such class: Phalcon\Storage\Exception: Service gone stands for the class No\Such, which does not exist
an abstract class: Error: Cannot instantiate abstract class Phalcon\Storage\Adapter\AbstractAdapter
own serializer: "Phalcon\\Storage\\Serializer\\Json"
it is used: "Phalcon\\Storage\\Serializer\\Json"
Four
an array: "ArrayObject"
a config: "ArrayObject"
b: "Mine"
12: "C"
no adapter: DomainException: You must provide 'adapter' option in factory config parameter.
no config: DomainException: Config must be array or Phalcon\Config object
Five
an array: "ArrayObject"
a config: "ArrayObject"
b: RangeException: Service b is not registered; did you mean "a"?
12: RangeException: Service 12 is not registered
no adapter: RangeException: You must provide 'adapter' option in factory config parameter.
no config: RangeException: Config must be array or Phalcon\Config object
Untyped
an array: "A"
a config: "A"
b: Phalcon\Factory\Exception: Service b is not registered; did you mean "a"?
12: Phalcon\Factory\Exception: Service 12 is not registered
no adapter: Phalcon\Factory\Exception: You must provide 'adapter' option in factory config parameter.
no config: Phalcon\Factory\Exception: Config must be array or Phalcon\Config object
MoreFour: ["Mine","Phalcon\\Storage\\Adapter\\Memory"]
unknown: Phalcon\Storage\Exception: Service yours is not registered
MoreFive: ["Mine","Phalcon\\Storage\\Adapter\\Memory"]
unknown: LengthException: Service yours is not registered
without its parent's constructor: Phalcon\Storage\Exception: Service memory is not registered
