--TEST--
uniqueId keeps applications apart
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
use Phalcon\Session\Manager;

ob_start();
$one = new Manager(['uniqueId' => 'one']);
$two = new Manager(['uniqueId' => 'two', 'other' => true]);
$none = new Manager();
$zero = new Manager(['uniqueId' => '0']);
$one->setAdapter(new Stream(['savePath' => Face::scratch()]));
$one->start();
$one->set('key', 1);
$two->set('key', 2);
$none->set('key', 3);
$zero->set('zero', 4);
says('in $_SESSION', $_SESSION);
says('each its own', [$one->get('key'), $two->get('key'), $none->get('key')]);
says('options', $two->getOptions());
$two->setOptions(['uniqueId' => 'one']);
says('changed', $two->get('key'));
$two->setOptions([]);
says('none', $two->get('key'));
// Another application's data goes too: that is how it always was.
$one->destroy();
says('in $_SESSION', $_SESSION);
--EXPECT--
in $_SESSION: array (
  'one#key' => 1,
  'two#key' => 2,
  'key' => 3,
  'zero' => 4,
)
each its own: array (
  0 => 1,
  1 => 2,
  2 => 3,
)
options: array (
  'uniqueId' => 'two',
  'other' => true,
)
changed: 1
none: 3
in $_SESSION: array (
)
