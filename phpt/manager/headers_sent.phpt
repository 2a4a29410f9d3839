--TEST--
Manager::start() says no when headers were sent
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

echo "a page begins\n";
flush();
$session = new Phalcon\Session\Manager();
var_dump($session->start());
--EXPECT--
a page begins
bool(false)
