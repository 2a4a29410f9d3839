--TEST--
The methods of Phalcon's session bag, of all versions
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

use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Bag;
use Phalcon\Session\Manager;

$manager = new Manager();
$manager->setAdapter(new Stream(['savePath' => Face::scratch()]))->start();
$data = ['one' => 'two', 'Three' => 'four', 'five' => 'six'];

$bag = new Bag('bag');
says('nothing yet', [isset($_SESSION['bag']), count($bag), $bag->toArray(), $bag->get('one', 'default')]);
$bag->init($data);
says('init stores', $_SESSION['bag'] === $data);
$bag->init(['seven' => 8]);
says('and adds', $_SESSION['bag'] === $data + ['seven' => 8]);
$bag->remove('seven');
says('get', [$bag->get('three'), $bag->get('THREE'), $bag->Three, $bag['three'], $bag->offsetGet('ONE'), $bag->get('unknown', 'bar'), $bag->get('five', null, 'int')]);
says('has', [$bag->has('three'), $bag->has('THREE'), $bag->has('unknown'), isset($bag['three']), isset($bag->FIVE), $bag->offsetExists('unknown')]);
$bag->set('three', 1);
$bag->four = 2;
$bag['Five'] = 3;
$bag->offsetSet('Six', null);
says('set', $_SESSION['bag']);
says('null', [$bag->has('six'), $bag->get('six', 'default')]);
says('remove answers', [$bag->remove('SIX'), $bag->remove('six')]);
unset($bag->FOUR, $bag['unknown']);
$bag->offsetUnset('five');
says('removed', $_SESSION['bag']);
says('count', [count($bag), $bag->count(), $bag->isEmpty()]);
$bag->replace($data);
foreach ($bag as $key => $value) {
    echo "$key: $value\n";
}
says('iterator', $bag->getIterator()::class);
says('JSON', [$bag->jsonSerialize() === $data, json_encode($bag) === json_encode($data), $bag->toJson() === json_encode($data), $bag->toJson(JSON_PRETTY_PRINT) === json_encode($data, JSON_PRETTY_PRINT)]);
says('serialize', serialize($data) === $bag->serialize());
$other = new Bag('other');
$other->unserialize(serialize($data));
says('unserialize', $_SESSION['other'] === $data);
says('keys and values', [$bag->getKeys(), $bag->getKeys(false), $bag->getValues()]);
$filtered = $bag->filter(fn ($value) => $value === 'two');
says('a plain collection', [$filtered::class, $filtered->toArray(), $bag->map(fn ($value) => strtoupper($value))->get('ONE'), $bag->sort()->first(), count($bag)]);
$empty = new Bag('empty');
$empty->set('array', []);
says('an empty array', [$empty->array, $empty->has('array')]);
$empty->remove('array');
says('an empty bag stays', $_SESSION['empty']);
$empty->clear();
$other->destroy();
says('cleared', [array_keys($_SESSION), $empty->toArray(), $bag->toArray() === $data]);
$empty->clear();
$bag->initialize();
says('container', $bag->getDI());
$bag->setDI($container = new ArrayObject());
says('container', [$bag->getDI() === $container, $bag->get('one')]);
$kept = unserialize(serialize($bag));
$kept->remove('one');
says('a bag that was serialized', [$kept->toArray(), $bag->has('one'), serialize($kept)]);
$kept->replace(['Größe' => 1, "\u{212A}elvin" => 2, 'kK' => 3, "\xffX" => 4, 'ABC' => 5]);
says('letters', [$kept->get('GRÖSSE'), $kept->get('grÖße'), $kept->get('KELVIN'), $kept->get("K\u{212A}"), $kept->get("\xffx"), $kept->get('aBc'), $kept->get('ab'), $kept->get('abcd')]);
session_destroy();
--EXPECT--
nothing yet: array (
  0 => false,
  1 => 0,
  2 => 
  array (
  ),
  3 => 'default',
)
init stores: yes
and adds: yes
get: array (
  0 => 'four',
  1 => 'four',
  2 => 'four',
  3 => 'four',
  4 => 'two',
  5 => 'bar',
  6 => 0,
)
has: array (
  0 => true,
  1 => true,
  2 => false,
  3 => true,
  4 => true,
  5 => false,
)
set: array (
  'one' => 'two',
  'three' => 1,
  'four' => 2,
  'Five' => 3,
  'Six' => NULL,
)
null: array (
  0 => true,
  1 => NULL,
)
remove answers: array (
  0 => true,
  1 => false,
)
removed: array (
  'one' => 'two',
  'three' => 1,
)
count: array (
  0 => 2,
  1 => 2,
  2 => false,
)
one: two
Three: four
five: six
iterator: 'ArrayIterator'
JSON: array (
  0 => true,
  1 => true,
  2 => true,
  3 => true,
)
serialize: yes
unserialize: yes
keys and values: array (
  0 => 
  array (
    0 => 'one',
    1 => 'three',
    2 => 'five',
  ),
  1 => 
  array (
    0 => 'one',
    1 => 'Three',
    2 => 'five',
  ),
  2 => 
  array (
    0 => 'two',
    1 => 'four',
    2 => 'six',
  ),
)
a plain collection: array (
  0 => 'Phalcon\\Collection',
  1 => 
  array (
    'one' => 'two',
  ),
  2 => 'TWO',
  3 => 'four',
  4 => 3,
)
an empty array: array (
  0 => 
  array (
  ),
  1 => true,
)
an empty bag stays: array (
)
cleared: array (
  0 => 
  array (
    0 => 'bag',
  ),
  1 => 
  array (
  ),
  2 => true,
)
container: NULL
container: array (
  0 => true,
  1 => 'two',
)
a bag that was serialized: array (
  0 => 
  array (
    'Three' => 'four',
    'five' => 'six',
  ),
  1 => false,
  2 => 'O:19:"Phalcon\\Session\\Bag":1:{s:4:"name";s:3:"bag";}',
)
letters: array (
  0 => NULL,
  1 => 1,
  2 => 2,
  3 => 3,
  4 => 4,
  5 => 5,
  6 => NULL,
  7 => NULL,
)
