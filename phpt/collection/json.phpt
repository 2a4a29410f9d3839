--TEST--
A collection as JSON
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Collection;

$data = ['one' => '<two>', 'quote' => '"\'&/', 'seven' => 8];
$collection = new Collection($data);
says('79', $collection->toJson() === json_encode($data, 79));
says('options', $collection->toJson(JSON_PRETTY_PRINT) === json_encode($data, JSON_PRETTY_PRINT));
says('of Phalcon 5', $collection->toJson(4194383) === json_encode($data, 79));
says('encoded', json_encode($collection) === json_encode($data));
says('serialized', $collection->jsonSerialize() === $data);
$nested = new Collection(['inner' => $collection, 'time' => new class implements JsonSerializable {
    public function jsonSerialize(): mixed
    {
        return 'now';
    }
}]);
says('nested', $nested->jsonSerialize() === ['inner' => $data, 'time' => 'now']);
says('nested text', $nested->toJson(0) === json_encode(['inner' => $data, 'time' => 'now']));
says('empty', (new Collection())->toJson());
$broken = new Collection(['x' => "\xff"]);
foreach ([79, 4194383] as $options) {
    try {
        $broken->toJson($options);
    } catch (Exception $exception) {
        echo $exception::class, ': ', $exception->getMessage(), "\n";
    }
}
says('partly', $broken->toJson(JSON_PARTIAL_OUTPUT_ON_ERROR));
--EXPECT--
79: yes
options: yes
of Phalcon 5: yes
encoded: yes
serialized: yes
nested: yes
nested text: yes
empty: '[]'
InvalidArgumentException: json_encode error: Malformed UTF-8 characters, possibly incorrectly encoded
JsonException: Malformed UTF-8 characters, possibly incorrectly encoded
partly: '{"x":null}'
