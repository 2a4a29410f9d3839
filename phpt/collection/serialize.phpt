--TEST--
Serialized collections: ours, Phalcon's, and forged ones
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Collection;

$data = ['One' => 'two', 'list' => [1, 2]];
$collection = new Collection($data);
says('text', $collection->serialize() === serialize($data));
$other = new Collection(['three' => 'four']);
$other->unserialize($collection->serialize());
says('merged', $other->toArray() === ['three' => 'four'] + $data);
$copy = unserialize(serialize($collection));
says('copy', [$copy->toArray() === $data, $copy->get('ONE'), $copy::class]);
$strict = unserialize(serialize(new Collection(['A' => null], false, false, 'null')));
says('settings', [$strict->has('a'), $strict->get('A', 'default'), $strict->getType()]);

// What Phalcon 5 wrote: the elements alone up to 5.12, with the settings since. A collection may have elements of
// these names.
$written = fn (array $of) => 'O:26:"Phalcon\Support\Collection":' . substr(serialize($of), 2);
says('5.0', unserialize($written($data))->toArray() === $data);
says('5.13', unserialize($written(['data' => $data, 'insensitive' => false, 'strictNull' => true, 'type' => null]))->has('one'));
says('an element "data"', unserialize($written(['data' => [1], 'more' => 2]))->get('more'));
$other->clear();
$other->unserialize(serialize(['data' => ['x' => 1], 'insensitive' => true, 'strictNull' => true, 'type' => null]));
says('its text', $other->toArray());

foreach ([['data' => 5, 'insensitive' => [], 'strictNull' => 0, 'type' => 7], ['type' => 'int', 'data' => ['x' => 1], 'insensitive' => 1, 'strictNull' => 1], []] as $forged) {
    echo json_encode(unserialize($written($forged))), "\n";
}
try {
    unserialize($written(['type' => 'int', 'data' => ['x' => 'text'], 'insensitive' => 1, 'strictNull' => 1]));
} catch (Phalcon\Collection\Exception $exception) {
    echo $exception->getMessage(), "\n";
}
$other->unserialize(serialize('no array'));
says('no array', count($other));
says('cloned', [clone $collection == $collection, (clone $collection)->set('x', 1), $collection->has('x')]);
--EXPECT--
text: yes
merged: yes
copy: array (
  0 => true,
  1 => 'two',
  2 => 'Phalcon\\Collection',
)
settings: array (
  0 => false,
  1 => 'default',
  2 => 'null',
)
5.0: yes
5.13: no
an element "data": 2
its text: array (
  'x' => 1,
)
{"data":5,"insensitive":[],"strictNull":0,"type":7}
{"x":1}
[]
The collection holds values of the type int, string given
no array: 1
cloned: array (
  0 => true,
  1 => NULL,
  2 => false,
)
