--TEST--
The methods of Phalcon's collection
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Collection;

$data = ['one' => 'two', 'three' => 'four', 'five' => 'six'];
$collection = new Collection($data);

says('get', [$collection->get('three'), $collection->get('THREE'), $collection->get('unknown', 'default'), $collection->three, $collection['three'], $collection->offsetGet('three')]);
says('has', [$collection->has('one'), $collection->has('ONE'), $collection->has('unknown'), isset($collection->one), isset($collection['unknown']), $collection->offsetExists('five')]);
says('count', [count($collection), $collection->count(), $collection->isEmpty(), (new Collection())->isEmpty()]);
says('keys', [$collection->getKeys(), $collection->keys(false), $collection->getValues() === $collection->values()]);
says('first and last', [$collection->first(), $collection->last(), (new Collection())->first(), (new Collection())->last()]);
foreach ($collection as $name => $value) {
    echo "$name: $value\n";
}
$collection->set('Seven', 8);
$collection->nine = 10;
$collection['eleven'] = 12;
$collection->offsetSet('null', null);
says('set', $collection->toArray());
$collection->remove('SEVEN');
unset($collection->nine, $collection['ELEVEN'], $collection['unknown']);
says('removed', $collection->toArray());
says('null is there', [$collection->has('null'), $collection->get('null', 'default'), isset($collection->null)]);
says('null is not there', (new Collection(['null' => null], true, false))->get('null', 'default'));
$collection->init(['thirteen' => 14]);
says('init adds', count($collection));
$collection->replace(['a' => 1]);
says('replaced', $collection->toArray());
$collection->clear();
says('cleared', [$collection->toArray(), $collection->has('a')]);
$collection[] = 'no name';
says('no name', $collection->toArray());

class Listed
{
    public function toArray(): array
    {
        return ['listed'];
    }
}
$collection->replace(['number' => '12.5abc', 'list' => new Listed(), 'none' => null]);
foreach (['int', 'float', 'bool', 'string', 'array', 'null', ''] as $cast) {
    echo $cast, ': ', var_export(@$collection->get('number', 'default', $cast), true), "\n";
}
says('by its method', $collection->get('list', null, 'array'));
says('the default is not cast', $collection->get('nothing', 'default', 'int'));
says('by name', $collection->get(element: 'number', cast: 'int'));
try {
    $collection->get('number', null, 'integre');
} catch (ValueError $error) {
    echo $error->getMessage(), "\n";
}
says('other names', [new Phalcon\Support\Collection() instanceof Collection, $collection instanceof Phalcon\Support\Collection\CollectionInterface]);
says('interfaces', [$collection instanceof ArrayAccess, $collection instanceof Countable, $collection instanceof IteratorAggregate, $collection instanceof JsonSerializable, $collection instanceof Serializable]);
--EXPECT--
get: array (
  0 => 'four',
  1 => 'four',
  2 => 'default',
  3 => 'four',
  4 => 'four',
  5 => 'four',
)
has: array (
  0 => true,
  1 => true,
  2 => false,
  3 => true,
  4 => false,
  5 => true,
)
count: array (
  0 => 3,
  1 => 3,
  2 => false,
  3 => true,
)
keys: array (
  0 => 
  array (
    0 => 'one',
    1 => 'three',
    2 => 'five',
  ),
  1 => 
  array (
    0 => 'one',
    1 => 'three',
    2 => 'five',
  ),
  2 => true,
)
first and last: array (
  0 => 'two',
  1 => 'six',
  2 => NULL,
  3 => NULL,
)
one: two
three: four
five: six
set: array (
  'one' => 'two',
  'three' => 'four',
  'five' => 'six',
  'Seven' => 8,
  'nine' => 10,
  'eleven' => 12,
  'null' => NULL,
)
removed: array (
  'one' => 'two',
  'three' => 'four',
  'five' => 'six',
  'null' => NULL,
)
null is there: array (
  0 => true,
  1 => NULL,
  2 => true,
)
null is not there: 'default'
init adds: 5
replaced: array (
  'a' => 1,
)
cleared: array (
  0 => 
  array (
  ),
  1 => false,
)
no name: array (
  '' => 'no name',
)
int: 12
float: 12.5
bool: true
string: '12.5abc'
array: array (
  0 => '12.5abc',
)
null: NULL
: '12.5abc'
by its method: array (
  0 => 'listed',
)
the default is not cast: 'default'
by name: 12
settype(): Argument #2 ($type) must be a valid type
other names: array (
  0 => true,
  1 => true,
)
interfaces: array (
  0 => true,
  1 => true,
  2 => true,
  3 => true,
  4 => false,
)
