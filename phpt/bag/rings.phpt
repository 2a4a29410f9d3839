--TEST--
Bags whose session is found by way of themselves
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
ob_start();

use Phalcon\Session\Adapter\Noop;
use Phalcon\Session\Bag;
use Phalcon\Session\Exception;
use Phalcon\Session\Manager;

function outcome(callable $work): mixed
{
    try {
        return $work();
    } catch (Exception $exception) {
        return $exception->getMessage();
    }
}

$bag = new Bag('a');
$bag->__construct($bag, 'b');
says('its own session', outcome(fn () => $bag->get('x')));
says('set', outcome(fn () => $bag->set('x', 1)) === outcome(fn () => $bag->get('x')));
says('clear', outcome(fn () => $bag->clear()) === outcome(fn () => $bag->get('x')));
says('container', outcome(fn () => $bag->getDI()) === outcome(fn () => $bag->get('x')));
$bag = new Bag('c');
$bag->setDI($bag);
says('its own container', outcome(fn () => $bag->get('x')) === outcome(fn () => (new Bag($bag, 'd'))->get('x')));

// A service that is made with the bag, and with new ones.
$container = new class {
    public ?Closure $make = null;

    public function get(string $name): object
    {
        return ($this->make)();
    }
};
$bag = new Bag('e', $container);
$container->make = fn () => $bag->get('x');
says('service', outcome(fn () => $bag->get('x')) === outcome(fn () => $bag->get('x')));
$container->make = fn () => (new Bag('f', $container))->get('x');
says('new bags', str_contains(outcome(fn () => $bag->get('x')), 'without an end'));

// Not every bag over a bag is one.
$manager = new Manager();
$manager->setAdapter(new Noop())->start();
$bag = new Bag($manager, 'outer');
for ($depth = 1; $depth < 20; $depth++) {
    $bag = new Bag($bag, "inner$depth");
}
$bag->x = 'deep';
says('deep', [$bag->x, array_keys($_SESSION), substr_count(json_encode($_SESSION), 'inner')]);
$container->make = fn () => $manager;
$bag = new Bag('g', $container);
$bag->x = 1;
says('after all', $_SESSION['g']);

// A session whose get() returns a reference keeps what else is there.
$session = new class {
    public array $data = ['h' => ['kept' => 1]];

    public function &get(string $name): mixed
    {
        return $this->data[$name];
    }

    public function set(string $name, mixed $value): void
    {
        $this->data[$name] = $value;
    }

    public function remove(string $name): void
    {
        unset($this->data[$name]);
    }
};
$bag = new Bag($session, 'h');
$bag->x = 2;
says('by reference', $session->data['h'] === ['kept' => 1, 'x' => 2]);

// A reference with a declared type: what is driven out leaves when the array is there already.
final class Leaves
{
    public function __destruct()
    {
        echo json_encode($_SESSION['i']), "\n";
        $_SESSION = [];
        unset($GLOBALS['typed']);
    }
}
final class Typed
{
    public Leaves|array $value;
    public string $text = 'text';
}
$typed = new Typed();
$typed->value = new Leaves();
$_SESSION['i'] = &$typed->value;
$bag = new Bag($manager, 'i');
$bag->x = 1;
says('emptied by it', $_SESSION);

// And one whose new value is made a string by code that takes the reference away.
$typed = new Typed();
$_SESSION['text'] = &$typed->text;
$manager->set('text', new class {
    public function __toString(): string
    {
        unset($_SESSION['text'], $GLOBALS['typed']);
        return str_repeat('new', 3);
    }
});
says('gone', $_SESSION);
--EXPECT--
its own session: 'The way to the bag\'s session leads through bags without an end; is the bag part of its own session?'
set: yes
clear: yes
container: yes
its own container: yes
service: yes
new bags: yes
deep: array (
  0 => 'deep',
  1 => 
  array (
    0 => 'outer',
  ),
  2 => 19,
)
after all: array (
  'x' => 1,
)
by reference: yes
{"x":1}
emptied by it: array (
)
gone: array (
)
