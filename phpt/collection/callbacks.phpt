--TEST--
Callbacks: what they get, what comes out, and callbacks that meddle
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Collection;

$collection = new Collection(['b' => 2, 'A' => 1, 10 => 3]);
says('each', $collection->each(function ($value, $key) { echo "$key=$value "; }) === $collection);
says('filter', $collection->filter(fn ($value, $key) => $value > 1 && $key !== 'x')->toArray());
says('map', $collection->map(fn ($value, $key) => "$key$value")->toArray());
says('reduce', [$collection->reduce(fn ($sum, $value, $key) => $sum + $value, 10), (new Collection())->reduce('strlen', 'none')]);
says('sort', [array_keys($collection->sort()->toArray()), array_keys($collection->sort(null, SORT_DESC)->toArray()), array_keys($collection->sort(fn ($a, $b) => $b <=> $a)->toArray())]);
says('unchanged', array_keys($collection->toArray()));
says('names are found in results', [$collection->sort()->get('a'), $collection->map(fn () => 5)->get('a'), $collection->filter(fn ($value) => $value === 1)->has('B')]);

class Item
{
    public $public = 'p';
    protected $protected = 'x';

    public function method(): string
    {
        return 'm';
    }
}
$items = new Collection(['o' => new Item(), 'a' => ['public' => 'p', 'method' => 1], 's' => 'text']);
says('column', [$items->column('public'), $items->column('method'), $items->column('protected')]);
says('where', [array_keys($items->where('public', 'p')->toArray()), array_keys($items->where('method', '1')->toArray())]);

// Callbacks that change the collection see it change; the walk goes on over what was.
$seen = [];
$collection->each(function ($value, $key) use ($collection, &$seen) {
    $seen[] = $key;
    $collection->clear();
    $collection->set("new$key", $value);
});
says('meddled', [$seen, $collection->toArray()]);
$values = ['x' => 1, 'y' => 2];
$referring = new Collection(['x' => &$values['x'], 'y' => &$values['y']]);
says('references', $referring->map(function ($value) use (&$values) { $values['y'] = []; return $value; })->toArray());
foreach (['filter', 'map', 'each', 'reduce', 'sort'] as $method) {
    try {
        (new Collection(['a' => 1, 'b' => 2]))->$method(fn () => throw new LogicException("from $method"));
    } catch (LogicException $exception) {
        echo $exception->getMessage(), "\n";
    }
    try {
        $collection->$method('no_such_function');
    } catch (TypeError $error) {
        echo $error->getMessage(), "\n";
    }
}
// A destructor of what leaves the collection looks into it.
class Leaves
{
    public function __construct(private Collection $collection)
    {
    }

    public function __destruct()
    {
        echo 'leaves behind ', json_encode($this->collection), "\n";
        $this->collection->set('by destructor', 1);
    }
}
$collection = new Collection();
$collection->set('x', new Leaves($collection));
$collection->set('x', 2);
$collection->set('Y', new Leaves($collection));
$collection->set('y', 3);
$collection->set('z', new Leaves($collection));
$collection->remove('Z');
$collection->set('z', new Leaves($collection));
$collection->clear();
$collection->set('z', new Leaves($collection));
$collection->replace(['a' => 1]);
says('after all', $collection->toArray());
--EXPECT--
b=2 A=1 10=3 each: yes
filter: array (
  'b' => 2,
  10 => 3,
)
map: array (
  'b' => 'b2',
  'A' => 'A1',
  10 => '103',
)
reduce: array (
  0 => 16,
  1 => 'none',
)
sort: array (
  0 => 
  array (
    0 => 'A',
    1 => 'b',
    2 => 10,
  ),
  1 => 
  array (
    0 => 10,
    1 => 'b',
    2 => 'A',
  ),
  2 => 
  array (
    0 => 10,
    1 => 'b',
    2 => 'A',
  ),
)
unchanged: array (
  0 => 'b',
  1 => 'A',
  2 => 10,
)
names are found in results: array (
  0 => 1,
  1 => 5,
  2 => false,
)
column: array (
  0 => 
  array (
    'o' => 'p',
    'a' => 'p',
    's' => NULL,
  ),
  1 => 
  array (
    'o' => 'm',
    'a' => 1,
    's' => NULL,
  ),
  2 => 
  array (
    'o' => NULL,
    'a' => NULL,
    's' => NULL,
  ),
)
where: array (
  0 => 
  array (
    0 => 'o',
    1 => 'a',
  ),
  1 => 
  array (
  ),
)
meddled: array (
  0 => 
  array (
    0 => 'b',
    1 => 'A',
    2 => 10,
  ),
  1 => 
  array (
    'new10' => 3,
  ),
)
references: array (
  'x' => 1,
  'y' => 2,
)
from filter
Phalcon\Collection::filter(): Argument #1 ($callback) must be of type callable, string given
from map
Phalcon\Collection::map(): Argument #1 ($callback) must be of type callable, string given
from each
Phalcon\Collection::each(): Argument #1 ($callback) must be of type callable, string given
from reduce
Phalcon\Collection::reduce(): Argument #1 ($callback) must be of type callable, string given
from sort
Phalcon\Collection::sort(): Argument #1 ($callback) must be of type callable, string given
leaves behind {"x":2}
leaves behind {"x":2,"by destructor":1,"y":3}
leaves behind {"x":2,"by destructor":1,"y":3}
leaves behind []
leaves behind {"a":1}
after all: array (
  'a' => 1,
  'by destructor' => 1,
)
