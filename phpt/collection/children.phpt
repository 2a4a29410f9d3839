--TEST--
Children in the styles of all versions compile, and are obeyed
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Collection;

class Four extends Collection
{
    protected $data = ['preset' => 1];

    public function get(string $element, $defaultValue = null, ?string $cast = null)
    {
        return '4:' . parent::get($element, $defaultValue, $cast);
    }

    public function init(array $data = []): void
    {
        parent::init($data + ['init' => 4]);
    }

    public function set(string $element, $value): void
    {
        parent::set($element, $value . '!');
    }
}
class Five extends \Phalcon\Support\Collection
{
    public function get(string $element, mixed $defaultValue = null, ?string $cast = null): mixed
    {
        return '5:' . parent::get($element, $defaultValue, $cast);
    }

    public function init(array $data = []): void
    {
        parent::init($data);
    }

    public function has(string $element): bool
    {
        return $element === 'all' || parent::has($element);
    }

    public function remove(string $element): void
    {
        echo "removes $element\n";
        parent::remove($element);
    }

    public function getIterator(): Generator
    {
        yield 'own' => 'iterator';
    }

    public function count(): int
    {
        return 55;
    }

    public function offsetGet(mixed $offset): mixed
    {
        return "offset $offset";
    }

    public function jsonSerialize(): array
    {
        return ['own' => 'json'];
    }

    public function __serialize(): array
    {
        return ['own' => 'serialized'];
    }
}
class Untyped extends Collection
{
    public function init($data = [])
    {
        parent::init($data);
    }

    public function get($element, $defaultValue = null, $cast = null)
    {
        return 'u:' . parent::get($element, $defaultValue, $cast);
    }

    public function count()
    {
        return 77;
    }

    public function offsetExists($element)
    {
        return true;
    }

    public function getIterator()
    {
        return new ArrayIterator(['untyped']);
    }

    public function jsonSerialize()
    {
        return 'untyped';
    }

    public function toArray()
    {
        return ['untyped'];
    }
}
class Stores extends Collection
{
    protected function setData(string $element, $value): void
    {
        parent::setData("my-$element", $value);
    }
}
class Exact extends Collection
{
    protected $insensitive = false;
    protected $strictNull = false;
    protected $type = 'int';
}
class WithoutParent extends Collection
{
    public function __construct()
    {
    }
}
class Spoilt extends Collection
{
    public function spoil(): void
    {
        unset($this->data, $this->lowerKeys, $this->insensitive, $this->type, $this->strictNull);
    }

    public function bind(mixed &$data): void
    {
        $this->data = &$data;
    }
}
class Declared implements \Phalcon\Collection\CollectionInterface
{
    public function __get(string $element): mixed { return null; }
    public function __isset($element): bool { return false; }
    public function __set(string $element, mixed $value): void {}
    public function __unset(string $element) {}
    public function clear(): void {}
    public function get(string $element, mixed $defaultValue = null, ?string $cast = null): mixed { return null; }
    public function getKeys(bool $insensitive = true): array { return []; }
    public function getValues() { return []; }
    public function has(string $element): bool { return false; }
    public function init(array $data = []): void {}
    public function remove(string $element): void {}
    public function set(string $element, mixed $value): void {}
    public function toArray(): array { return []; }
    public function toJson(int $options = 79): string { return ''; }
}

$four = new Four(['a' => 1]);
$four->B = 2;
$four['c'] = 3;
says('four', [$four->a, $four['B'], $four->get('init'), $four->preset, $four->toArray()]);
$five = new Five(['a' => 1]);
unset($five->a, $five['b']);
says('five', [$five->x, $five['y'], count($five), isset($five->all), json_encode($five), iterator_to_array($five), serialize($five)]);
$untyped = new Untyped(['a' => 1]);
says('untyped', [$untyped->a, count($untyped), isset($untyped['none']), json_encode($untyped), iterator_to_array($untyped)]);
$stores = new Stores(['a' => 1]);
$stores->b = 2;
$stores->replace(['c' => 3] + $stores->toArray());
says('stores', $stores->toArray());
$exact = new Exact(['A' => 1]);
says('exact', [$exact->has('a'), $exact->getType(), (new Exact(['A' => 1], true))->has('a')]);
$without = new WithoutParent();
$without->A = 1;
says('without parent', [$without->a, count($without)]);
$spoilt = new Spoilt(['a' => 1]);
$spoilt->spoil();
says('spoilt', [$spoilt->a, count($spoilt), $spoilt->toArray(), $spoilt->getType()]);
$spoilt->X = 1;
says('and used', [$spoilt->X, $spoilt->x]);
$bound = ['y' => 1];
$spoilt->bind($bound);
$spoilt->z = 2;
says('bound', $bound);
says('a clone with other elements', get_class((new Four(['a' => 1]))->filter(fn () => true)));
says('implemented', new Declared() instanceof \Phalcon\Support\Collection\CollectionInterface);
says('no return types', array_filter((new ReflectionClass(Collection::class))->getMethods(), fn ($method) => $method->hasReturnType() && !str_contains($method->name, 'serialize')));
--EXPECT--
four: array (
  0 => '4:1',
  1 => '4:2!',
  2 => '4:4',
  3 => '4:1',
  4 => 
  array (
    'preset' => 1,
    'a' => 1,
    'init' => 4,
    'B' => '2!',
    'c' => '3!',
  ),
)
removes a
removes b
five: array (
  0 => '5:',
  1 => 'offset y',
  2 => 55,
  3 => true,
  4 => '{"own":"json"}',
  5 => 
  array (
    'own' => 'iterator',
  ),
  6 => 'O:4:"Five":1:{s:3:"own";s:10:"serialized";}',
)
untyped: array (
  0 => 'u:1',
  1 => 77,
  2 => true,
  3 => '"untyped"',
  4 => 
  array (
    0 => 'untyped',
  ),
)
stores: array (
  'my-c' => 3,
  'my-my-a' => 1,
  'my-my-b' => 2,
)
exact: array (
  0 => false,
  1 => 'int',
  2 => true,
)
without parent: array (
  0 => 1,
  1 => 1,
)
spoilt: array (
  0 => NULL,
  1 => 0,
  2 => 
  array (
  ),
  3 => NULL,
)
and used: array (
  0 => 1,
  1 => NULL,
)
bound: array (
  'y' => 1,
  'z' => 2,
)
a clone with other elements: 'Four'
implemented: yes
no return types: array (
)
