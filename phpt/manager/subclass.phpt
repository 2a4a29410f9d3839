--TEST--
A subclass may set up its adapter itself, without its parent's constructor
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

final class ShopSession extends Manager
{
    public function __construct()
    {
        $this->setAdapter(new Stream(['savePath' => Face::scratch(), 'prefix' => 'shop_']));
    }

    public function set(string $key, $value): void
    {
        parent::set($key, "shop:$value");
    }
}
ob_start();
$session = new ShopSession();
says('starts', $session->start());
$session->set('n', 1);
$session->m = 2;
says('n', $session->get('n'));
says('m', $session->m);
says('options', $session->getOptions());
session_write_close();
--EXPECTF--
starts: yes
n: 'shop:1'
m: %s
options: array (
)
