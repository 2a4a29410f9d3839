--TEST--
Cycles of containers, managers and bags are collected, their destructors run, memory stays flat
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

final class Container
{
    public static int $destroyed = 0;
    public array $services = [];

    public function getShared(string $name): mixed
    {
        return $this->services[$name];
    }

    public function __destruct()
    {
        self::$destroyed++;
    }
}
function round_trip(): void
{
    $container = new Container();
    $manager = new Manager(['uniqueId' => 'u']);
    $manager->setAdapter(new Noop())->start();
    $manager->setDI($container);
    $bag = new Bag('bag', $container);
    $container->services = ['session' => $manager, 'bag' => $bag, 'other' => new Bag($manager, 'other')];
    $bag->list = range(1, 10);
    $bag->Name = str_repeat('x', 100);
    $bag->name = str_repeat('y', 100);
    $bag->get('NAME', null, 'string');
    $bag->init(['a' => 1]);
    $bag->filter(fn ($value) => is_array($value))->map(fn ($value) => count($value))->sort()->toJson();
    $bag->remove('list');
    unserialize(serialize($bag))->has('a');
    clone $bag;
    foreach ($bag as $value) {
    }
    try {
        $bag->get('a', null, 'no type');
    } catch (ValueError) {
    }
    session_write_close();
    $_SESSION = [];
}
for ($i = 0; $i < 500; $i++) {
    round_trip();
}
gc_collect_cycles();
$before = memory_get_usage();
Container::$destroyed = 0;
for ($i = 0; $i < 500; $i++) {
    round_trip();
}
gc_collect_cycles();
says('destroyed', Container::$destroyed);
$grown = memory_get_usage() - $before;
says('grown', abs($grown) < 1024 ? 'not at all' : $grown);
--EXPECT--
destroyed: 500
grown: 'not at all'
