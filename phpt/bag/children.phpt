--TEST--
Children of bags and managers: the types of a container, overridden methods, no parent constructor
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.use_strict_mode=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
ob_start();

use Phalcon\Session\Adapter\Noop;
use Phalcon\Session\Bag;
use Phalcon\Session\BagInterface;
use Phalcon\Session\Exception;
use Phalcon\Session\Manager;

interface DiInterface
{
}
interface InjectionAwareInterface
{
    public function setDI(DiInterface $container): void;

    public function getDI(): DiInterface;
}
final class Container implements DiInterface
{
}
class OwnManager extends Manager implements InjectionAwareInterface
{
    #[\Override]
    public function setDI(DiInterface $container): void
    {
        $this->container = $container;
    }

    public function getDI(): DiInterface
    {
        return $this->container;
    }

    public function set(string $key, $value): void
    {
        parent::set($key, "own $value");
    }
}
class Three extends Bag
{
    #[\Override]
    public function setDI(DiInterface $dependencyInjector)
    {
        parent::setDI($dependencyInjector);
    }

    #[\Override]
    public function getDI()
    {
        return parent::getDI();
    }

    public function initialize()
    {
        echo "initialize\n";
        return parent::initialize();
    }

    public function set($property, $value)
    {
        parent::set($property, "3 $value");
    }

    public function get($property, $defaultValue = null, $cast = null)
    {
        return parent::get($property, $defaultValue);
    }

    public function remove($property)
    {
        return parent::remove("my$property");
    }

    public function clear()
    {
        echo "clear\n";
        parent::clear();
    }
}
class Five extends Bag
{
    protected $insensitive = false;

    public function init(array $data = []): void
    {
        parent::init(['init' => 5] + $data);
    }

    public function get(string $element, mixed $defaultValue = null, ?string $cast = null): mixed
    {
        return parent::get($element, $defaultValue, $cast) ?? 'none';
    }

    public function remove(string $element): bool
    {
        return !parent::remove($element);
    }
}
class WithoutParent extends Bag
{
    public function __construct()
    {
    }
}
final class OfThree implements BagInterface
{
    public function initialize() {}
    public function destroy() {}
    public function set(string $property, $value) {}
    public function get(string $property, $defaultValue = null) {}
    public function has(string $property) {}
    public function __set(string $property, $value) {}
    public function __get(string $property) {}
    public function __isset(string $property) {}
}
final class OfFive implements BagInterface
{
    public function __get(string $element): mixed { return null; }
    public function __isset(string $element): bool { return false; }
    public function __set(string $element, mixed $value): void {}
    public function __unset(string $element): void {}
    public function init(array $data = []): void {}
    public function get(string $element, mixed $defaultValue = null, ?string $cast = null): mixed { return null; }
    public function set(string $element, mixed $value): void {}
    public function has(string $element): bool { return false; }
    public function remove(string $element): void {}
    public function clear(): void {}
}

$manager = new OwnManager();
$manager->setAdapter(new Noop())->start();
$manager->setDI($container = new Container());
says('manager', $manager->getDI() === $container);
$manager->x = 'x';
says('magic goes through the method', [$_SESSION['x'], $manager->x, isset($manager->x)]);
unset($manager->x);
says('unset', $_SESSION);

$plain = new Manager();
$three = new Three($plain, 'three');
$three->setDI($container);
$three->initialize();
$three->x = 'x';
$three['Y'] = 'y';
says('three', [$three->X, $three['y'], $_SESSION['three'], $three->getDI() === $container]);
$three->mygone = 1;
unset($three->gone);
$three->destroy();
says('destroyed', $_SESSION);
$five = new Five($plain, 'five');
$five->init(['Case' => 1]);
says('five', [$five->case, $five->Case, $five->remove('case'), $five->remove('Case'), $_SESSION['five']]);
says('interfaces', [new OfThree() instanceof BagInterface, new OfFive() instanceof BagInterface, $five instanceof BagInterface, $five instanceof Phalcon\Collection]);

$without = new WithoutParent();
foreach (['get' => ['x'], 'set' => ['x', 1], 'has' => ['x'], 'remove' => ['x'], 'clear' => [], 'count' => [], 'toArray' => [], 'init' => [[]], 'initialize' => [], 'jsonSerialize' => []] as $method => $arguments) {
    try {
        $without->$method(...$arguments);
        echo "$method works\n";
    } catch (Exception $exception) {
        echo "$method: {$exception->getMessage()}\n";
    }
}
var_dump($without);
$copy = clone $five;
$copy->x = 'by the copy';
says('clone', [$five->x, $copy == $five]);
var_dump($five);
$broken = unserialize('O:19:"Phalcon\Session\Bag":1:{s:4:"name";i:5;}');
try {
    $broken->x;
} catch (Exception $exception) {
    echo $exception->getMessage(), "\n";
}
(new ReflectionProperty(Manager::class, 'uniqueId'))->setValue($plain, 5);
$copy->y = 'as the manager has it';
says('a number as unique id', [$copy->y, array_keys($_SESSION), $plain->get('five')]);
foreach (['name', 'session', 'container'] as $name) {
    (new ReflectionProperty(Bag::class, $name))->setValue($five, new ArrayObject());
}
try {
    $five->x;
} catch (Throwable $throwable) {
    echo $throwable::class, ': ', $throwable->getMessage(), "\n";
}
--EXPECT--
manager: yes
magic goes through the method: array (
  0 => 'own x',
  1 => 'own x',
  2 => true,
)
unset: array (
)
initialize
three: array (
  0 => '3 x',
  1 => '3 y',
  2 => 
  array (
    'x' => '3 x',
    'Y' => '3 y',
  ),
  3 => true,
)
clear
destroyed: array (
)
five: array (
  0 => 'none',
  1 => 1,
  2 => true,
  3 => false,
  4 => 
  array (
    'init' => 5,
  ),
)
interfaces: array (
  0 => true,
  1 => true,
  2 => true,
  3 => true,
)
get: The bag has no name; was its constructor called?
set: The bag has no name; was its constructor called?
has: The bag has no name; was its constructor called?
remove: The bag has no name; was its constructor called?
clear: The bag has no name; was its constructor called?
count: The bag has no name; was its constructor called?
toArray: The bag has no name; was its constructor called?
init: The bag has no name; was its constructor called?
initialize: The bag has no name; was its constructor called?
jsonSerialize: The bag has no name; was its constructor called?
object(WithoutParent)#8 (2) {
  ["name"]=>
  NULL
  ["data"]=>
  array(0) {
  }
}
clone: array (
  0 => 'by the copy',
  1 => true,
)
object(Five)#7 (2) {
  ["name"]=>
  string(4) "five"
  ["data"]=>
  array(2) {
    ["init"]=>
    int(5)
    ["x"]=>
    string(11) "by the copy"
  }
}
The bag has no name; was its constructor called?
a number as unique id: array (
  0 => 'as the manager has it',
  1 => 
  array (
    0 => 'five',
    1 => '5#five',
  ),
  2 => 
  array (
    'y' => 'as the manager has it',
  ),
)
Phalcon\Session\Exception: The bag has no name; was its constructor called?
