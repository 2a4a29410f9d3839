--TEST--
The ways to make a bag, and the mistakes
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
use Phalcon\Session\Manager;

final class Container
{
    public function __construct(public ?object $session = null)
    {
    }

    public function getShared(string $name): ?object
    {
        return $this->$name;
    }
}
$manager = new Manager(['uniqueId' => 'm']);
$manager->setAdapter(new Noop());
session_set_save_handler(new Noop());
session_start();
$container = new Container($manager);
$manager->setDI($container);

$bags = [
    '3 and 4' => new Bag('a', $container),
    '5' => new Bag($manager, 'a'),
    'names' => new Bag(session: $manager, name: 'a'),
    'name alone' => new Bag(name: 'a'),
    'number' => new Bag($manager, 5),
];
$bags['name alone']->setDI($container);
foreach ($bags as $way => $bag) {
    $bag->set($way, 1);
    says($way, $bag->getDI() === $container);
}
says('stored', $_SESSION);
says('again', $bags['5']->__construct($manager, 'again') ?? $bags['5']->toArray());
$mistakes = [
    fn () => new Bag(),
    fn () => new Bag(null),
    fn () => new Bag([]),
    fn () => new Bag('a', 'b'),
    fn () => new Bag($manager),
    fn () => new Bag($manager, []),
    fn () => new Bag(new stdClass(), 'a'),
    fn () => new Bag(null, $container),
    fn () => new Bag('a', $container, 1),
    fn () => (new Bag('a'))->setDI('container'),
];
foreach ($mistakes as $mistake) {
    try {
        $mistake();
        echo "accepted\n";
    } catch (TypeError $error) {
        echo $error->getMessage(), "\n";
    }
}
--EXPECT--
3 and 4: yes
5: yes
names: yes
name alone: yes
number: yes
stored: array (
  'm#a' => 
  array (
    '3 and 4' => 1,
    5 => 1,
    'names' => 1,
    'name alone' => 1,
  ),
  'm#5' => 
  array (
    'number' => 1,
  ),
)
again: array (
)
Phalcon\Session\Bag::__construct(): Argument #1 ($session) must be of type string, null given
Phalcon\Session\Bag::__construct(): Argument #1 ($session) must be of type string, null given
Phalcon\Session\Bag::__construct(): Argument #1 ($session) must be of type string, array given
Phalcon\Session\Bag::__construct(): Argument #2 ($name) must be of type object, string given
Phalcon\Session\Bag::__construct(): Argument #2 ($name) must be of type string, null given
Phalcon\Session\Bag::__construct(): Argument #2 ($name) must be of type string, array given
Phalcon\Session\Bag::__construct(): Argument #1 ($session) must be of type an object with get(), set() and remove(), or string, stdClass given
Phalcon\Session\Bag::__construct(): Argument #1 ($session) must be of type string, null given
Phalcon\Session\Bag::__construct() expects at most 2 arguments, 3 given
Phalcon\Session\Bag::setDI(): Argument #1 ($container) must be of type object, string given
