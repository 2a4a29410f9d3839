--TEST--
Collections of values of one type
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Collection;
use Phalcon\Support\Collection\Exceptions\InvalidValueType;

$values = ['array' => [], 'bool' => true, 'callable' => 'strlen', 'float' => 1.5, 'int' => 1, 'null' => null, 'object' => new stdClass(), 'string' => 'text', 'Countable' => new ArrayObject(), 'ArrayObject' => new ArrayObject()];
foreach ($values as $type => $value) {
    $collection = new Collection([], true, true, $type);
    $allowed = array_keys(array_filter($values, function ($value) use ($collection) {
        try {
            $collection->set('x', $value);
            return true;
        } catch (InvalidValueType) {
            return false;
        }
    }));
    echo $collection->getType(), ': ', implode(' ', $allowed), "\n";
}
says('no type', (new Collection())->getType());
$numbers = new Collection(['a' => 1], type: 'int');
foreach ([fn () => $numbers->init(['b' => 2, 'c' => 'secret']), fn () => $numbers['b'] = new ArrayObject(), fn () => new Collection(['x' => 1.5], true, true, 'string')] as $attempt) {
    try {
        $attempt();
    } catch (InvalidValueType $exception) {
        echo get_parent_class($exception), ': ', $exception->getMessage(), "\n";
    }
}
says('nothing was set', $numbers->toArray());
says('a parent is caught by its name of Phalcon 5', new InvalidValueType() instanceof Phalcon\Support\Collection\Exception);
foreach ([fn () => new Collection('text'), fn () => (new Collection())->set([], 1), fn () => (new Collection())->init(null), fn () => (new Collection())->get(), fn () => $numbers[[]]] as $mistake) {
    try {
        $mistake();
    } catch (TypeError $error) {
        echo $error->getMessage(), "\n";
    }
}
--EXPECT--
array: array
bool: bool
callable: callable
float: float
int: int
null: null
object: object Countable ArrayObject
string: callable string
Countable: Countable ArrayObject
ArrayObject: Countable ArrayObject
no type: NULL
Phalcon\Collection\Exception: The collection holds values of the type int, string given
Phalcon\Collection\Exception: The collection holds values of the type int, ArrayObject given
Phalcon\Collection\Exception: The collection holds values of the type string, float given
nothing was set: array (
  'a' => 1,
)
a parent is caught by its name of Phalcon 5: yes
Phalcon\Collection::__construct(): Argument #1 ($data) must be of type array, string given
Phalcon\Collection::set(): Argument #1 ($element) must be of type string, array given
Phalcon\Collection::init(): Argument #1 ($data) must be of type array, null given
Phalcon\Collection::get() expects at least 1 argument, 0 given
Phalcon\Collection::offsetGet(): Argument #1 ($element) must be of type string, array given
