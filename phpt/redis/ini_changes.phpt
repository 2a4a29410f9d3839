--TEST--
Settings that scripts change and put back do not multiply connections
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

require __DIR__ . '/../include/redis.inc';

ob_start();
$redis = new RawRedis();
$received = function () use ($redis): int {
    preg_match('/total_connections_received:(\d+)/', $redis->ask('INFO', 'stats'), $match);
    return (int) $match[1];
};
$dsn = 'redis://127.0.0.1:' . getenv('SESHAT_REDIS_PORT') . '/0?prefix=' . bin2hex(random_bytes(4)) . ':';
ini_set('session.save_handler', 'seshat');
ini_set('session.save_path', $dsn);
$before = $received();
for ($i = 0; $i < 20; $i++) {
    // As in one request after another.
    ini_set('seshat.session.lock_wait_time', '1000');
    session_id('one');
    session_start();
    session_write_close();
    (new Seshat\Handler($dsn))->read('one');
    ini_restore('seshat.session.lock_wait_time');
    session_id('two');
    session_start();
    session_destroy();
    (new Seshat\Handler($dsn))->destroy('one');
}
$connections = $received() - $before;
// Other tests may run beside this one, so the count is not exact.
says('few connections', $connections <= 15 ?: $connections);
--EXPECT--
few connections: yes
