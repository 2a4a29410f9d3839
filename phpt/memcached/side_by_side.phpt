--TEST--
Workers of php-memcached and of Seshat count on one session and lose nothing
--EXTENSIONS--
igbinary
msgpack
memcached
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-memcached.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
memcached.sess_lock_wait_min=2
memcached.sess_lock_wait_max=5
memcached.sess_lock_retries=100000
memcached.sess_lock_expire=30
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// The two save handlers by turns, in several processes.
Face::role('add', function (Face $face, int $times, int $first) {
    $path = '127.0.0.1:' . Face::memcached()[0];
    ini_set('memcached.sess_prefix', $prefix = basename($face->folder) . '.');
    while ($times-- > 0) {
        [$handler, $where] = ($times + $first) % 2 ? ['memcached', $path] : ['seshat', "memcached://$path?prefix=$prefix"];
        ini_set('session.save_handler', $handler);
        ini_set('session.save_path', $where);
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
}, ['memcached'], ['native']);
--EXPECT--
counted: 120
