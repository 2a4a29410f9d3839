--TEST--
The manager knows the status when session_status() is disabled
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.save_handler=seshat
session.save_path=memory:
disable_functions=session_status
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
$session = new Phalcon\Session\Manager();
says('there is session_status()', function_exists('session_status'));
says('before', $session->status() === Phalcon\Session\Manager::SESSION_NONE);
session_start();
$session->set('n', 1);
says('after', $session->status() === Phalcon\Session\Manager::SESSION_ACTIVE);
says('works', $session->get('n'));
session_abort();
says('closed', $session->exists());
--EXPECT--
there is session_status(): no
before: yes
after: yes
works: 1
closed: no
