--TEST--
Workers of phpredis and of Seshat count on one session and lose nothing
--EXTENSIONS--
igbinary
redis
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
redis.session.locking_enabled=1
redis.session.lock_expire=30
redis.session.lock_retries=-1
redis.session.lock_wait_time=1000
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// The two save handlers by turns, in several processes.
Face::role('add', function (Face $face, int $times, int $first) {
    $port = getenv('SESHAT_REDIS_PORT');
    ini_set('session.save_path', "tcp://127.0.0.1:$port?database=8&persistent=1&prefix=" . basename($face->folder) . ':');
    while ($times-- > 0) {
        ini_set('session.save_handler', ($times + $first) % 2 ? 'redis' : 'seshat');
        session_id('counter');
        session_start();
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        session_write_close();
    }
    tell((string) $_SESSION['n']);
});
Face::main(function (Face $face) {
    $workers = [];
    for ($i = 0; $i < 4; $i++) {
        $workers[] = $face->spawn('add', 30, $i);
    }
    $last = 0;
    foreach ($workers as $worker) {
        $last = max($last, ...array_map('intval', explode("\n", trim($worker->rest()))));
    }
    says('counted', $last);
}, ['redis'], ['native']);
--EXPECT--
counted: 120
