--TEST--
Setting one value copies nothing, however many there are
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

foreach ([Manager::class, (new class extends Manager {
    public function other(): void
    {
    }
})::class] as $class) {
    $manager = new $class();
    $manager->setAdapter(new Noop())->start();
    foreach ([10, 10_000] as $number) {
        $bag = new Bag($manager, 'bag');
        for ($i = 0; $i < $number; $i++) {
            $values["Name$i"] = $i;
        }
        $bag->replace($values);
        unset($values);
        $bag->set('Name5', 'a');
        gc_collect_cycles();
        memory_reset_peak_usage();
        $before = memory_get_usage();
        for ($i = 0; $i < 1000; $i++) {
            $bag->set('Name5', $i);
            $bag->get('Name6');
            $bag->has('NAME9');
            $bag['name7'];
            count($bag);
            $bag->remove('none');
        }
        $copied = memory_get_peak_usage() - $before;
        echo $number, ' values: ', $copied < 4096 ? 'nothing is copied' : "$copied bytes are copied", "\n";
        $bag->clear();
    }
    session_destroy();
}
--EXPECT--
10 values: nothing is copied
10000 values: nothing is copied
10 values: nothing is copied
10000 values: nothing is copied
