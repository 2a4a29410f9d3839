--TEST--
What Phalcon 5's own tests ask of a session's lock in Redis: who waits, who gets it, and whose it stays
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/redis.inc';

use Phalcon\Session\Adapter\Redis;
use Phalcon\Session\Manager;
use Phalcon\Storage\{AdapterFactory, SerializerFactory};

ob_start();
$server = new RawRedis();
$prefix = 'p' . bin2hex(random_bytes(8)) . '-';
$lock = "{$prefix}visitor-lock";
$manager = function (array $options) use ($prefix): Manager {
    $options += ['host' => '127.0.0.1', 'port' => (int) getenv('SESHAT_REDIS_PORT'), 'prefix' => $prefix];
    return (new Manager())->setAdapter(new Redis(new AdapterFactory(new SerializerFactory()), $options))->setId('visitor');
};
$warnings = 0;
set_error_handler(function () use (&$warnings) {
    return (bool) ++$warnings;
});
$impatient = ['lockingEnabled' => true, 'lockExpiry' => 30, 'lockRetries' => 2, 'lockWaitTime' => 1000];

$session = $manager($impatient);
says('taken with the read', $session->start() && $server->ask('EXISTS', $lock) === 1);
says('for as long as was said', $server->ask('TTL', $lock) <= 30);
$session->set('n', 1);
session_write_close();
says('given back with the close', $server->ask('EXISTS', $lock) === 0);

$session->start();
$session->destroy();
says('given back with the end of the session', $server->ask('EXISTS', $lock) === 0);

$session = $manager($impatient);
$session->start();
$session->set('n', 2);
$server->ask('SET', $lock, "somebody else's", 'EX', '30');
session_write_close();
says('not written without the lock', $server->ask('EXISTS', "{$prefix}visitor") === 0);
says('a foreign lock stays', $server->ask('GET', $lock) === "somebody else's");

// Phalcon throws AdapterRuntimeError out of session_start().
$warnings = 0;
$session = $manager($impatient);
says('whoever waits in vain has no session', !$session->start() && $warnings > 0);
says('a foreign lock stays', $server->ask('GET', $lock) === "somebody else's");

$session = $manager(['lockingEnabled' => false]);
says('unless it is off', $session->start());
$session->set('n', 3);
session_write_close();
says('stored', $server->ask('GET', "{$prefix}visitor"));

// A call of the handler's methods takes no lock, so that none is left behind.
says('a direct read does not wait', $manager($impatient)->getAdapter()->read('visitor'));
$server->ask('DEL', $lock, "{$prefix}visitor");
--EXPECT--
taken with the read: yes
for as long as was said: yes
given back with the close: yes
given back with the end of the session: yes
not written without the lock: yes
a foreign lock stays: yes
whoever waits in vain has no session: yes
a foreign lock stays: yes
unless it is off: yes
stored: 's:6:"n|i:3;";'
a direct read does not wait: 'n|i:3;'
