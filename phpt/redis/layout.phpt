--TEST--
Keys, values and lifetimes are phpredis's
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
ob_start();
$server = new RawRedis();
$port = getenv('SESHAT_REDIS_PORT');
$id = 'id' . bin2hex(random_bytes(8));
foreach (["redis://127.0.0.1:$port" => 'PHPREDIS_SESSION:', "redis://127.0.0.1:$port?prefix=app%26:" => 'app&:'] as $dsn => $prefix) {
    ini_set('session.save_handler', 'seshat');
    ini_set('session.save_path', $dsn);
    ini_set('session.gc_maxlifetime', '120');
    session_id($id);
    session_start();
    $_SESSION['n'] = 1;
    says('locked', $server->ask('EXISTS', "$prefix{$id}_LOCK"));
    session_write_close();
    says('stored', $server->ask('GET', $prefix . $id));
    $ttl = $server->ask('TTL', $prefix . $id);
    says('for session.gc_maxlifetime', $ttl > 100 && $ttl <= 120);
    says('lock gone', await(fn () => $server->ask('EXISTS', "$prefix{$id}_LOCK") === 0, 5));
    session_start();
    session_destroy();
    says('destroyed', $server->ask('EXISTS', $prefix . $id));
}
--EXPECT--
locked: 1
stored: 'n|i:1;'
for session.gc_maxlifetime: yes
lock gone: yes
destroyed: 0
locked: 1
stored: 'n|i:1;'
for session.gc_maxlifetime: yes
lock gone: yes
destroyed: 0
