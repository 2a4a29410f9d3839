--TEST--
Replacing values leaves $_SESSION a sound array
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.save_handler=seshat
session.save_path=memory:
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
session_start();
$session = new Phalcon\Session\Manager();
for ($round = 0; $round < 3; $round++) {
    for ($i = 0; $i < 100; $i++) {
        $session->set("key$i", $i + $round);
        $session->set($i, $round);
    }
}
// Keys that share a place in the table with the replaced ones, stored or not.
set_time_limit(10);
$found = $missing = 0;
for ($i = 0; $i < 1000; $i++) {
    $found += $session->get("key$i") === $i + 2 && isset($_SESSION["key$i"]);
    $found += $session->get($i) === 2;
    $missing += !$session->has("other$i") && !isset($_SESSION["other$i"]);
}
says('found', $found);
says('missing', $missing);
for ($i = 0; $i < 100; $i += 2) {
    $session->remove("key$i");
}
says('left', count($_SESSION));
// PHP's default serializer has no keys that are numbers.
session_abort();
--EXPECT--
found: 200
missing: 1000
left: 150
