--TEST--
get, set, has, remove, and their magic
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
$session = new Manager();
$session->setAdapter(new Stream(['savePath' => Face::scratch()]));
// Before the start nothing works and nothing complains.
$session->set('early', 1);
says('early', $session->get('early', 'default'));
says('has', $session->has('early'));
$session->remove('early');

$session->start();
$session->set('one', 1);
$session->two = [2];
says('one', $session->get('one'));
says('two', $session->two);
says('has', $session->has('one') && isset($session->two));
says('missing', $session->get('missing'));
says('default', $session->get('missing', 'default'));
says('null is nothing', [$session->set('null', null), $session->has('null'), $session->get('null', 'default')]);
says('taken', $session->get('one', null, true));
says('and gone', $session->has('one'));
unset($session->two);
says('and gone', isset($session->two));
$session->set('three', 3);
$session->remove('three');
says('and gone', $session->has('three'));
says('in $_SESSION', $_SESSION);
session_write_close();
--EXPECT--
early: NULL
has: no
one: 1
two: array (
  0 => 2,
)
has: yes
missing: NULL
default: 'default'
null is nothing: array (
  0 => NULL,
  1 => false,
  2 => NULL,
)
taken: 1
and gone: no
and gone: no
and gone: no
in $_SESSION: array (
  'null' => NULL,
)
