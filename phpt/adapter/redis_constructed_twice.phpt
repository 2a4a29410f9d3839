--TEST--
Redis::__construct() called again with a factory of the user's
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the class is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Redis;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

final class Mine
{
    public function newInstance(string $name, array $options): object
    {
        return new class ($options) {
            public function __construct(private array $options)
            {
            }

            public function get(string $key): string
            {
                return $this->options['prefix'] . $key;
            }
        };
    }
}
const OPTIONS = ['host' => '127.0.0.1', 'lifetime' => 5];
$adapter = new Redis(new AdapterFactory(new SerializerFactory()), OPTIONS);
$adapter->__construct(new Mine(), OPTIONS);
says('asks the user\'s', $adapter->read('id'));
says('the constant stays', OPTIONS === ['host' => '127.0.0.1', 'lifetime' => 5]);
--EXPECT--
asks the user's: 'sess-reds-id'
the constant stays: yes
