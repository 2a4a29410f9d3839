--TEST--
Adapter\Noop keeps nothing
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

final class Seen extends Noop
{
    public function name(string $name): string
    {
        return $this->getPrefixedName($name);
    }
}
$adapter = new Seen(['prefix' => 'app-']);
says('open', $adapter->open('', ''));
says('write', $adapter->write('one', 'n|i:1;'));
says('read', $adapter->read('one'));
says('destroy', $adapter->destroy('one'));
says('gc', $adapter->gc(1) !== false);
says('close', $adapter->close());
says('prefixed', $adapter->name('one'));
new Noop();
--EXPECT--
open: yes
write: yes
read: ''
destroy: yes
gc: yes
close: yes
prefixed: 'app-one'
