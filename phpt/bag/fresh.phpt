--TEST--
A bag sees what becomes of the session
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

use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Bag;
use Phalcon\Session\Manager;

$adapter = new Stream(['savePath' => Face::scratch()]);
$manager = new Manager();
$manager->setAdapter($adapter);
$bag = new Bag($manager, 'user');
$twin = new Bag($manager, 'user');

says('before the start', [$bag->get('n', 'default'), $bag->has('n'), count($bag), $bag->toArray(), $bag->remove('n')]);
$bag->n = 'lost';
$bag->init(['lost' => 1]);
$bag->clear();
says('what is set is lost', [isset($_SESSION), $bag->n]);
$manager->setId('visitor')->start();
says('started', $bag->n);
$bag->n = 1;
$twin->N = 2;
says('a twin', [$bag->n, $bag->toArray(), $_SESSION['user']]);
session_write_close();
says('closed', [$bag->n, isset($bag->n), $bag->toArray()]);
$bag->n = 'lost';
$manager->start();
says('started again', $bag->n);
session_write_close();
$adapter->write('visitor', 'user|a:1:{s:1:"n";s:16:"from the outside";}');
$manager->start();
says('another request was here', $bag->n);
$bag->m = 2;
says('and is not overwritten', $_SESSION['user']);
$manager->regenerateId();
says('regenerated', $bag->n);
$_SESSION = ['user' => ['n' => 'replaced']];
says('replaced', [$bag->n, $twin->m]);
$_SESSION['user']['deep'] = 'changed';
says('changed', $bag->deep);
session_reset();
says('reset', isset($bag->n));
session_unset();
says('unset', [count($bag), $bag->n]);
$bag->n = 'after';
$manager->destroy();
says('destroyed', [$bag->n, $_SESSION]);
$manager->start();
says('a new one', $bag->n);
$manager->setOptions(['uniqueId' => 'app']);
$bag->n = 'mine';
says('the manager has another id now', $_SESSION);
unset($_SESSION);
$bag->n = 'nowhere';
says('no array at all', [$bag->n, isset($_SESSION)]);
$_SESSION = null;
$bag->n = 'again';
says('null in its place', $_SESSION);
$_SESSION = 'text';
$bag->n = 'kept out';
says('something else in its place', [$bag->n, $_SESSION]);
$_SESSION = ['app#user' => 'text'];
says('no array', [$bag->n, count($bag), $bag->toArray(), $bag->remove('n')]);
$bag->n = 'over it';
says('replaced by one', $_SESSION);
$_SESSION = [];
session_destroy();
--EXPECT--
before the start: array (
  0 => 'default',
  1 => false,
  2 => 0,
  3 => 
  array (
  ),
  4 => false,
)
what is set is lost: array (
  0 => false,
  1 => NULL,
)
started: NULL
a twin: array (
  0 => 2,
  1 => 
  array (
    'N' => 2,
  ),
  2 => 
  array (
    'N' => 2,
  ),
)
closed: array (
  0 => NULL,
  1 => false,
  2 => 
  array (
  ),
)
started again: 2
another request was here: 'from the outside'
and is not overwritten: array (
  'n' => 'from the outside',
  'm' => 2,
)
regenerated: 'from the outside'
replaced: array (
  0 => 'replaced',
  1 => NULL,
)
changed: 'changed'
reset: no
unset: array (
  0 => 0,
  1 => NULL,
)
destroyed: array (
  0 => NULL,
  1 => 
  array (
  ),
)
a new one: NULL
the manager has another id now: array (
  'app#user' => 
  array (
    'n' => 'mine',
  ),
)
no array at all: array (
  0 => NULL,
  1 => false,
)
null in its place: array (
  'app#user' => 
  array (
    'n' => 'again',
  ),
)
something else in its place: array (
  0 => NULL,
  1 => 'text',
)
no array: array (
  0 => NULL,
  1 => 0,
  2 => 
  array (
  ),
  3 => false,
)
replaced by one: array (
  'app#user' => 
  array (
    'n' => 'over it',
  ),
)
