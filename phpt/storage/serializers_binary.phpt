--TEST--
igbinary and msgpack: what PHP's extensions write, over every storage
--EXTENSIONS--
igbinary
msgpack
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

set_error_handler(function (int $level, string $message) {
    echo "told: $message\n";
    return true;
});
foreach (['igbinary' => igbinary_serialize(...), 'msgpack' => msgpack_pack(...)] as $name => $pack) {
    $serializer = (new Phalcon\Storage\SerializerFactory())->newInstance($name);
    $serializer->setData(['a' => [1, 'x']]);
    shows($name, $serializer->serialize() === $pack(['a' => [1, 'x']]));
    foreach ([$pack(['a' => 1]), $pack(null), $pack(false), '', 5, true] as $stored) {
        $serializer->unserialize($stored);
        shows('reads', [$serializer->getData(), $serializer->isSuccess()]);
    }
    $serializer->unserialize(substr($pack(['a' => 'long enough']), 0, -3));
    shows('broken', [$serializer->getData(), $serializer->isSuccess()]);
    each_storage(['memory', 'stream', 'redis'], function (string $store) use ($name) {
        $storage = storage($store, ['defaultSerializer' => $name]);
        $same = true;
        foreach (['text', '', [], ['a' => 1], true, false, null, new ArrayObject([1])] as $value) {
            $storage->set('k', $value);
            $same = $same && $storage->get('k', 'default') == $value && gettype($storage->get('k', 'default')) === gettype($value);
        }
        shows('all the same', $same);
        $storage->set('n', 5);
        shows('counts', $storage->increment('n'));
        $storage->clear();
    });
    $storage = storage('redis', ['defaultSerializer' => "redis_$name"]);
    shows('the client\'s', [$storage->set('k', 5), $storage->get('k'), $storage->set('k', [1]), $storage->get('k'), $storage->clear()]);
}
--EXPECT--
igbinary: yes
reads: [{"a":1},true]
reads: [null,true]
reads: [false,true]
reads: ["",true]
reads: [5,true]
reads: [true,true]
broken: [null,false]
all the same: yes
counts: 6
the client's: [true,5,true,[1],true]
msgpack: yes
reads: [{"a":1},true]
reads: [null,true]
reads: [false,true]
reads: ["",true]
reads: [5,true]
reads: [true,true]
broken: [null,false]
all the same: yes
counts: 6
the client's: [true,5,true,[1],true]
