--TEST--
Bags over sessions of other kinds
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

// As simple as a session can be.
final class Memory
{
    public array $calls = [];
    private array $values = [];

    public function get($name)
    {
        $this->calls[] = "get $name";
        return $this->values[$name] ?? null;
    }

    public function set($name, $value)
    {
        $this->calls[] = "set $name " . json_encode($value);
        $this->values[$name] = $value;
    }

    public function remove($name)
    {
        $this->calls[] = "remove $name";
        unset($this->values[$name]);
    }
}
$memory = new Memory();
$bag = new Bag($memory, 'b');
$bag->Name = 'Ada';
$bag->name = 'Bob';
says('get', [$bag->NAME, $bag->has('x'), count($bag)]);
says('remove', [$bag->remove('nAme'), $bag->remove('name')]);
$bag->init(['a' => 1]);
$bag->clear();
echo implode("\n", $memory->calls), "\n";

// Managers whose methods mean something else are asked, others are passed by.
class Counting extends Manager
{
    public int $calls = 0;

    public function get(string $key, $defaultValue = null, bool $remove = false)
    {
        $this->calls++;
        return parent::get($key, $defaultValue, $remove);
    }
}
class Other extends Manager
{
    public function other(): void
    {
    }
}
class Upper extends Manager
{
    public function set(string $key, $value): void
    {
        parent::set(strtoupper($key), $value);
    }
}
class WithoutParent extends Manager
{
    public function __construct()
    {
        $this->setAdapter(new Noop());
    }
}
foreach ([new Counting(['uniqueId' => 'c']), new Other(['uniqueId' => 'o']), new Upper(['uniqueId' => 'u']), new WithoutParent(), new Manager(['uniqueId' => '0'])] as $manager) {
    $manager->setAdapter(new Noop())->start();
    $bag = new Bag($manager, 'bag');
    $bag->set('x', 1);
    says($manager::class, [$bag->x, $_SESSION, $manager->calls ?? null]);
    $_SESSION = [];
}

// Its methods may do anything with the bag meanwhile.
final class Meddling
{
    public ?Bag $bag = null;
    public array $values = ['x' => 'old'];

    public function get($name)
    {
        $values = $this->values;
        $this->bag?->__construct(new self(), 'other');
        return $values;
    }

    public function set($name, $value)
    {
        echo "set $name\n";
        $this->values = $value;
    }

    public function remove($name)
    {
        throw new LogicException("remove $name");
    }
}
$session = new Meddling();
$session->bag = new Bag($session, 'meddled');
$session->bag->x = 'new';
says('meddled', $session->values);
try {
    $session->bag->__construct($session, 'b');
    $session->bag->clear();
} catch (LogicException $exception) {
    echo $exception->getMessage(), "\n";
}
--EXPECT--
get: array (
  0 => 'Bob',
  1 => false,
  2 => 1,
)
remove: array (
  0 => true,
  1 => false,
)
get b
set b {"Name":"Ada"}
get b
set b {"name":"Bob"}
get b
get b
get b
get b
set b []
get b
set b []
get b
get b
set b {"a":1}
remove b
Counting: array (
  0 => 1,
  1 => 
  array (
    'c#bag' => 
    array (
      'x' => 1,
    ),
  ),
  2 => 2,
)
Other: array (
  0 => 1,
  1 => 
  array (
    'o#bag' => 
    array (
      'x' => 1,
    ),
  ),
  2 => NULL,
)
Upper: array (
  0 => NULL,
  1 => 
  array (
    'u#BAG' => 
    array (
      'x' => 1,
    ),
  ),
  2 => NULL,
)
WithoutParent: array (
  0 => 1,
  1 => 
  array (
    'bag' => 
    array (
      'x' => 1,
    ),
  ),
  2 => NULL,
)
Phalcon\Session\Manager: array (
  0 => 1,
  1 => 
  array (
    'bag' => 
    array (
      'x' => 1,
    ),
  ),
  2 => NULL,
)
set meddled
meddled: array (
  'x' => 'new',
)
remove b
