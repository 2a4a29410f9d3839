--TEST--
References, destructors and recursion inside a bag
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

$manager = new Manager();
$manager->setAdapter(new Noop())->start();
$bag = new Bag($manager, 'b');

// A reference to a value, to the bag's array, to the session.
$value = 'old';
$_SESSION['b'] = ['x' => &$value];
$bag->x = 'new';
says('to a value', $value);
unset($bag->x);
says('unset breaks it', $value);
$array = ['y' => 1];
$_SESSION['b'] = &$array;
$bag->Y = 2;
$bag->z = 3;
says('to the array', $array);
$bag->clear();
says('cleared', [$array, $_SESSION]);
$session = ['b' => ['before' => 1]];
$_SESSION = &$session;
$bag->x = 1;
says('to the session', $session);
unset($session);

final class Typed
{
    public int $number = 1;
    public array $list = [];
}
$typed = new Typed();
$_SESSION['b'] = ['n' => &$typed->number];
$bag->n = '5';
says('typed', $typed->number);
try {
    $bag->n = 'text';
} catch (TypeError $error) {
    echo $error->getMessage(), "\n";
}
$_SESSION['b'] = &$typed->list;
$bag->x = 1;
$bag->replace(['y' => 2]);
says('typed array', $typed->list);
unset($_SESSION['b']);
unset($typed);

// A copy that somebody holds stays as it is.
$bag->init(['a' => 1]);
$copy = $_SESSION;
$part = $_SESSION['b'];
$bag->a = 2;
$bag->remove('x');
says('copies', [$copy, $part, $bag->a]);
unset($copy, $part);

// Destructors of what leaves a bag.
final class Leaves
{
    public function __construct(private string $what, private Closure $then)
    {
    }

    public function __destruct()
    {
        echo $this->what, ' leaves ', json_encode($_SESSION['b'] ?? null), "\n";
        ($this->then)();
    }
}
$bag->clear();
$leave = fn (string $what, Closure $then) => new Leaves($what, $then);
$bag->x = $leave('replaced', fn () => $bag->clear());
$bag->x = 1;
$bag->y = $leave('removed', fn () => $_SESSION = []);
$bag->remove('Y');
$bag->z = $leave('renamed', fn () => $bag->init(['many' => 1]));
$bag->Z = 2;
$bag->w = $leave('cleared', fn () => $bag->v = 1);
$bag->clear();
$bag->w = $leave('thrown away', function () { unset($_SESSION); });
$bag->replace(['new' => 1]);
says('no session array', $bag->toArray());
$_SESSION = ['b' => ['o' => $leave('throwing', fn () => throw new LogicException('from a destructor'))]];
try {
    $bag->o = 'next';
} catch (LogicException $exception) {
    echo $exception->getMessage(), "\n";
}
says('stored all the same', $bag->o);

// The bag within itself.
$bag->clear();
$bag->self = $bag;
says('itself', [$bag->self->self === $bag, $bag->get('self')->has('SELF')]);
$bag->clear();

// Deep inside a walk over its values.
$bag->init(['a' => 1, 'b' => 2, 'c' => 3]);
foreach ($bag as $name => $value) {
    $bag->remove($name);
    $bag->{"new$name"} = $value;
}
says('walked', $bag->toArray());
says('names with anything in them', (function () use ($bag) {
    $bag->clear();
    foreach (["\0*\0x", '', '0', '-0', '9223372036854775808', "\xff\xfe", str_repeat('n', 300)] as $name) {
        $bag->set($name, $name);
    }
    return array_filter($bag->toArray(), fn ($value, $name) => $bag->get((string) $name) !== $value, ARRAY_FILTER_USE_BOTH) === [] && count($bag) === 7;
})());
--EXPECT--
to a value: 'new'
unset breaks it: 'new'
to the array: array (
  'Y' => 2,
  'z' => 3,
)
cleared: array (
  0 => 
  array (
    'Y' => 2,
    'z' => 3,
  ),
  1 => 
  array (
  ),
)
to the session: array (
  'b' => 
  array (
    'before' => 1,
    'x' => 1,
  ),
)
typed: 5
Cannot assign string to reference held by property Typed::$number of type int
typed array: array (
  'y' => 2,
)
copies: array (
  0 => 
  array (
    'b' => 
    array (
      'a' => 1,
    ),
  ),
  1 => 
  array (
    'a' => 1,
  ),
  2 => 2,
)
replaced leaves {"x":1}
removed leaves []
renamed leaves {"Z":2}
cleared leaves null
thrown away leaves {"new":1}
no session array: array (
)
throwing leaves {"o":"next"}
from a destructor
stored all the same: 'next'
itself: array (
  0 => true,
  1 => true,
)
walked: array (
  'newa' => 1,
  'newb' => 2,
  'newc' => 3,
)
names with anything in them: yes
