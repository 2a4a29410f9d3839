--TEST--
Names in another case: ASCII and not, numbers, the same twice, and when case matters
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Collection;

$collection = new Collection(['Foo' => 1, 'bar' => 2]);
$collection->set('foo', 3);
says('the latest name', $collection->toArray());
$collection->set('foo', 4);
says('stays where it is', array_keys($collection->toArray()));
$collection->init(['FOO' => 5, 'Foo' => 6]);
says('within one array, too', $collection->toArray());
$collection->remove('fOO');
says('removed', [$collection->toArray(), $collection->has('foo')]);
says('from the start', (new Collection(['X' => 1, 'x' => 2]))->toArray());

$letters = new Collection(['Größe' => 1, 'ΑΘΗΝΑ' => 2, "\xffX" => 3, '12' => 4, 'K' => 5]);
says('letters', [$letters->get('GRÖßE'), $letters->get('Αθηνα'), $letters->get("\xffx"), $letters->get('12'), $letters->get('k')]);
says('the kelvin sign is a K', $letters->has("\u{212A}"));
says('numbers', [array_key_exists(12, $letters->toArray()), $letters->getKeys()[3]]);
$letters->set('-1', 'a');
$letters->set('007', 'b');
$letters->set('1.0', 'c');
says('looks like numbers', array_slice($letters->toArray(), 5, null, true));

$exact = new Collection(['Foo' => 1], false);
$exact->set('foo', 2);
says('case matters', [$exact->toArray(), $exact->get('FOO'), $exact->getKeys()]);

// Thousands, and each once more in another case.
$many = new Collection();
for ($i = 0; $i < 5000; $i++) {
    $many->set("Name$i", $i);
}
for ($i = 0; $i < 5000; $i++) {
    $many->set("name$i", -$i);
}
says('many', [count($many), $many->get('NAME4999'), array_key_first($many->toArray())]);
for ($i = 0; $i < 5000; $i++) {
    $many->remove("NAME$i");
}
says('none', count($many));
--EXPECT--
the latest name: array (
  'bar' => 2,
  'foo' => 3,
)
stays where it is: array (
  0 => 'bar',
  1 => 'foo',
)
within one array, too: array (
  'bar' => 2,
  'Foo' => 6,
)
removed: array (
  0 => 
  array (
    'bar' => 2,
  ),
  1 => false,
)
from the start: array (
  'x' => 2,
)
letters: array (
  0 => 1,
  1 => 2,
  2 => 3,
  3 => 4,
  4 => 5,
)
the kelvin sign is a K: yes
numbers: array (
  0 => true,
  1 => 12,
)
looks like numbers: array (
  -1 => 'a',
  '007' => 'b',
  '1.0' => 'c',
)
case matters: array (
  0 => 
  array (
    'Foo' => 1,
    'foo' => 2,
  ),
  1 => NULL,
  2 => 
  array (
    0 => 'Foo',
    1 => 'foo',
  ),
)
many: array (
  0 => 5000,
  1 => -4999,
  2 => 'name0',
)
none: 0
