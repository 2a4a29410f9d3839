--TEST--
Ids and names, and when they may be set
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
function attempt(callable $work): void
{
    try {
        $work();
        echo "accepted\n";
    } catch (Phalcon\Session\Exception $e) {
        echo $e->getMessage(), "\n";
    }
}
$session = (new Manager())->setAdapter(new Noop());
says('id', $session->getId());
says('name', $session->getName());
says('fluent', $session->setId('phalcon-id') === $session && $session->setName('phalcon-app') === $session);
foreach (['%-gga34', 'a b', "a\n", '', 'ünicode'] as $name) {
    attempt(fn () => $session->setName($name));
}
$session->setName('phalcon-app');
$session->start();
says('id', $session->getId());
says('name', [$session->getName(), session_name()]);
attempt(fn () => $session->setId('another'));
attempt(fn () => $session->setName('another'));
attempt(fn () => $session->setName('%-gga34'));
says('id', $session->getId());
says('regenerates', $session->regenerateId() === $session && $session->getId() !== 'phalcon-id');
--EXPECT--
id: ''
name: 'PHPSESSID'
fluent: yes
The name contains non alphanum characters
The name contains non alphanum characters
The name contains non alphanum characters
The name contains non alphanum characters
accepted
id: 'phalcon-id'
name: array (
  0 => 'phalcon-app',
  1 => 'phalcon-app',
)
The session has already been started. To change the id, use regenerateId()
Cannot set session name after a session has started
Cannot set session name after a session has started
id: 'phalcon-id'
regenerates: yes
