--TEST--
A wrong password: refused with a reason that does not repeat it
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

require __DIR__ . '/../include/redis.inc';
$server = new RawRedis();
$user = 'u' . bin2hex(random_bytes(4));
$server->ask('ACL', 'SETUSER', $user, 'on', '>right', '~*', '+@all');
$port = getenv('SESHAT_REDIS_PORT');
ob_start();
session_set_save_handler(new Seshat\Handler("redis://$user:hunter2@127.0.0.1:$port/0?prefix=$user:"), true);
session_id('visitor');
$started = session_start();
$said = ob_get_clean();
says('starts', $started);
says('says the password', str_contains($said, 'hunter2'));
says('says why', preg_match('/redis (read|open) at 127\.0\.0\.1:\d+: .*(WRONGPASS|password|refused)/i', $said) === 1);

$right = new Seshat\Handler("redis://$user:right@127.0.0.1:$port/0?prefix=$user:");
says('the right one works', $right->write('visitor', 'n|i:1;') && $right->read('visitor') === 'n|i:1;');
$array = new Seshat\Handler(['store' => 'redis', 'host' => '127.0.0.1', 'port' => (int) $port, 'user' => $user, 'password' => 'right', 'prefix' => "$user:"]);
says('also in an array', $array->read('visitor'));
try {
    (new Seshat\Handler("redis://$user:hunter2@127.0.0.1:$port/0?prefix=$user:"))->read('visitor');
} catch (Seshat\Exception $e) {
    says('the wrong one still does not', str_contains($e->getMessage(), 'hunter2'));
}
$server->ask('ACL', 'DELUSER', $user);
--EXPECT--
starts: no
says the password: no
says why: yes
the right one works: yes
also in an array: 'n|i:1;'
the wrong one still does not: no
