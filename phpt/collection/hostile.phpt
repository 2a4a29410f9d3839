--TEST--
Collections of themselves, deep ones, items whose properties are made when they are read
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Collection;

// Values that are in no object, but made by the class when they are asked for.
$times = new Collection(['one' => new DateInterval('P1Y'), 'three' => new DateInterval('P3Y')]);
says('made', $times->column('y') === ['one' => 1, 'three' => 3]);
says('found', $times->where('y', 3)->getKeys() === ['three']);

function complaint(callable $work): string
{
    try {
        return gettype($work());
    } catch (InvalidArgumentException $exception) {
        return $exception->getMessage();
    }
}

// A ring.
$collection = new Collection(['name' => 'ring']);
$collection->self = $collection;
says('text', complaint(fn () => $collection->toJson()));
says('partly', complaint(fn () => $collection->toJson(JSON_PARTIAL_OUTPUT_ON_ERROR)));
says('encoded', json_encode($collection));
says('array', $collection->jsonSerialize()['self'] === $collection);
$other = new Collection(['first' => $collection]);
$collection->self = $other;
says('of two', complaint(fn () => $other->toJson()));

// A chain: as deep as json_encode() goes, and deeper than the processor's stack.
$chain = static function (int $length): Collection {
    for ($chain = new Collection(['end' => 1]); $length > 1; $length--) {
        $chain = new Collection(['n' => $chain]);
    }
    return $chain;
};
says('allowed', $chain(512)->toJson() === str_repeat('{"n":', 511) . '{"end":1}' . str_repeat('}', 511));
says('too deep', complaint(fn () => $chain(20000)->toJson()));

// References within it are not what is encoded.
final class WithReference extends Collection
{
    public function refer(mixed &$value): void
    {
        $this->data['x'] = &$value;
    }
}
$value = new Collection(['kept' => true]);
$collection = new WithReference();
$collection->refer($value);
says('references', [$collection->toJson(), $value instanceof Collection]);
--EXPECT--
made: yes
found: yes
text: 'json_encode error: Recursion detected'
partly: 'string'
encoded: no
array: yes
of two: 'json_encode error: Recursion detected'
allowed: yes
too deep: 'json_encode error: Maximum stack depth exceeded'
references: array (
  0 => '{"x":{"kept":true}}',
  1 => true,
)
