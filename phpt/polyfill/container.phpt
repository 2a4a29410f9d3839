--TEST--
The container of the polyfill: definitions, sharing, names of all versions, what it refuses
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/polyfill.inc';

use Phalcon\Di;
use Phalcon\Di\FactoryDefault;

function takes(\Phalcon\DiInterface $container): string
{
    return $container::class;
}

says('no default yet', Di::getDefault());
$container = new FactoryDefault();
says('default', Di::getDefault() === $container && \Phalcon\Di\Di::getDefault() === $container);
says('older name', takes($container));
says('newer name', $container instanceof \Phalcon\Di\Di && $container instanceof \Phalcon\Di\DiInterface);

$container->set('counter', fn () => new ArrayObject());
$container->setShared('once', fn () => new ArrayObject());
$container->set('class', ArrayObject::class);
$container->set('object', $object = new ArrayObject());
$container->set('bound', function () { return (object) ['container' => $this]; });
$container->set('static', static fn (int $n) => (object) ['n' => $n]);
says('anew', $container->get('counter') !== $container->get('counter'));
says('once', $container->get('once') === $container->get('once'));
says('once asked for', $container->getShared('counter') === $container->getShared('counter'));
says('class', $container->get('class', [[1, 2]])->count());
says('any class', $container->get('ArrayObject')->count());
says('object', $container->get('object') === $object);
says('closure', $container->get('bound')->container === $container);
says('parameters', $container->get('static', [3])->n);
$container['array'] = $object;
says('array', [isset($container['array']), $container['array'] === $object, isset($container['other'])] === [true, true, false]);
unset($container['array']);
says('gone', $container->has('array'));
foreach (['nothing', 'number'] as $name) {
    $container->set('number', 5);
    try {
        $container->get($name);
    } catch (Phalcon\Di\Exception $exception) {
        echo get_parent_class($exception), ': ', $exception->getMessage(), "\n";
    }
}

// A component that is told its container, with the types of either version.
final class Aware implements Phalcon\Di\InjectionAwareInterface
{
    private Phalcon\Di\DiInterface $container;

    public function setDI(Phalcon\Di\DiInterface $container): void
    {
        $this->container = $container;
    }

    public function getDI(): Phalcon\Di\DiInterface
    {
        return $this->container;
    }
}
$container->set('aware', Aware::class);
says('aware', $container->get('aware')->getDI() === $container);
says('bags', $container->get('sessionBag', ['user']) instanceof Phalcon\Session\Bag);

// Nothing here takes the name of a class that is there already.
$own = array_filter(get_declared_classes(), fn ($class) => (new ReflectionClass($class))->getExtensionName() === 'seshat');
foreach ($own as $class) {
    $file = dirname(__DIR__, 2) . '/polyfill/' . strtr($class, '\\', '/') . '.php';
    if (is_file($file)) {
        echo "$class is in both\n";
    }
}
Di::reset();
says('reset', Di::getDefault());
try {
    (new class extends Phalcon\Mvc\Controller {})->session;
} catch (Phalcon\Di\Exception $exception) {
    echo $exception->getMessage(), "\n";
}
--EXPECT--
no default yet: NULL
default: yes
older name: 'Phalcon\\Di\\FactoryDefault'
newer name: yes
anew: yes
once: yes
once asked for: yes
class: 2
any class: 0
object: yes
closure: yes
parameters: 3
array: yes
gone: no
Phalcon\Exception: Service 'nothing' was not found in the dependency injection container
Phalcon\Exception: Service 'number' cannot be resolved: it is no object, closure or class
aware: yes
bags: yes
reset: NULL
A dependency injection container is required to access 'session'
