--TEST--
Storages and serializers by the thousand leave PHP's memory as it was, garbage in circles included
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

set_error_handler(fn () => true);
define('ROUNDS', (int) (getenv('SESHAT_ROUNDS') ?: 1500));
$serializers = new SerializerFactory();
$factory = new AdapterFactory($serializers);
$failing = function (Closure $act): void {
    try {
        $act();
        echo "did not fail\n";
    } catch (Throwable) {
    }
};
$storages = [];
foreach (['memory', 'stream', 'redis'] as $name) {
    $storages[$name] = storage_options($name);
}
$acts = [];
foreach ($storages as $name => $options) {
    $storage = $factory->newInstance($name, $options);
    $acts["$name in use"] = function (int $i) use ($storage) {
        $storage->set('k' . $i % 10, ['list', $i]);
        $storage->set('o', new ArrayObject([$i]), new DateInterval('PT1H'));
        $storage->get('k' . $i % 10);
        $storage->get('none', [1]);
        $storage->set('n', $i);
        $storage->increment('n');
        $storage->deleteMultiple(['k1', 'none', $i]);
        $storage->setForever('f', str_repeat('x', 1000));
        $i % 100 || $storage->getKeys();
    };
    $acts["$name made"] = function () use ($factory, $name, $options) {
        $made = $factory->newInstance($name, $options);
        $made->getSerializer();
        $made->setDefaultSerializer('json');
        $made->get('none');
    };
    $acts["$name failing"] = function (int $i) use ($factory, $name, $options, $storage, $failing) {
        $failing(fn () => $factory->newInstance($name, ['lifetime' => []] + $options));
        $failing(fn () => $factory->newInstance($name, ['defaultSerializer' => "none$i"] + $options));
        $failing(fn () => $storage->set('k', fn () => 1));
        $failing(fn () => $storage->set('k', 1, 'soon'));
        $failing(fn () => $storage->get([]));
    };
}
$acts['circles'] = function (int $i) use ($factory) {
    // Before the collector makes room for more.
    $i % 100 || gc_collect_cycles();
    $storage = $factory->newInstance('memory', ['defaultSerializer' => 'none']);
    $storage->set('self', $storage);
    $storage->set('more', [$storage, new ArrayObject([$storage])]);
};
$acts['serializers'] = function () use ($serializers, $failing) {
    foreach (['php', 'json', 'base64', 'none'] as $name) {
        $serializer = $serializers->newInstance($name);
        $serializer->setData('text');
        $serializer->unserialize($serializer->serialize());
        unserialize(serialize($serializer));
    }
    $php = $serializers->newInstance('php');
    $php->unserialize('a:1:{i:0;O:8:"stdClass":1:{s:1:"a');
    $failing(fn () => $php->unserialize([]));
    $failing(fn () => $serializers->newInstance('json')->unserialize('{'));
};
$acts['factories'] = function () use ($serializers, $failing) {
    $factory = new AdapterFactory(new SerializerFactory(['mine' => 'M']), ['memory' => 'No\\Such']);
    $failing(fn () => $factory->newInstance('memory'));
    $failing(fn () => $factory->newInstance('none'));
};
foreach ($acts as $what => $act) {
    for ($i = 0; $i < 100; $i++) {
        $act($i);
    }
    gc_collect_cycles();
    $before = memory_get_usage();
    for ($i = 0; $i < ROUNDS; $i++) {
        $act($i);
    }
    gc_collect_cycles();
    $grown = memory_get_usage() - $before;
    // A leak grows by the round.
    echo $what, ': ', $grown < ROUNDS ? 'flat' : "grew by $grown bytes", "\n";
}
foreach ($storages as $name => $options) {
    $factory->newInstance($name, $options)->clear();
}
--EXPECT--
memory in use: flat
memory made: flat
memory failing: flat
stream in use: flat
stream made: flat
stream failing: flat
redis in use: flat
redis made: flat
redis failing: flat
circles: flat
serializers: flat
factories: flat
