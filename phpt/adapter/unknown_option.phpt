--TEST--
A key that nobody knows: one warning, and the adapter works
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Stream;

$folder = Face::scratch();
$adapter = new Stream(['savePath' => $folder, 'savepath' => '/elsewhere']);
says('works', $adapter->write('one', 'n|i:1;') && is_file("$folder/one"));
--EXPECTF--

Warning: %sunknown option "savepath"%S in %s on line %d
works: yes
