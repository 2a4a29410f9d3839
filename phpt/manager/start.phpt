--TEST--
Manager::start(): once, and only with an adapter
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Noop;
use Phalcon\Session\Manager;

ob_start();
$session = new Manager();
says('exists', $session->exists());
says('status', $session->status() === Manager::SESSION_NONE);
try {
    $session->start();
} catch (Phalcon\Session\Exception $e) {
    echo get_class($e), ': ', $e->getMessage(), "\n";
}
says('the adapter', $session->getAdapter());
$adapter = new Noop();
says('fluent', $session->setAdapter($adapter) === $session);
says('the adapter', $session->getAdapter() === $adapter);
says('starts', $session->start());
says('starts again', $session->start());
says('exists', $session->exists());
says('status', $session->status() === Manager::SESSION_ACTIVE);
$session->destroy();
says('exists', $session->exists());
says('destroys nothing', $session->destroy());
--EXPECTF--
exists: no
status: yes
%s: The session adapter is not valid
the adapter: NULL
fluent: yes
the adapter: yes
starts: yes
starts again: yes
exists: yes
status: yes
exists: no
destroys nothing: NULL
