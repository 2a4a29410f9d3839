--TEST--
A session that was destroyed while its lock was lost does not come back
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('slow', function (Face $face) {
    $face->install(['lock_expire' => 1]);
    $face->start('leaving');
    $_SESSION['n'] = 99;
    tell('holds');
    hear();
    ob_start();
    session_write_close();
    tell(preg_match('/\(\): (redis|memcached|aerospike|mongodb) write at /', (string) ob_get_clean()) ? 'refused' : 'stored');
});
Face::role('log-out', function (Face $face) {
    $face->start('leaving');
    session_destroy();
    tell('logged out');
});
Face::main(function (Face $face) {
    $face->plant('leaving', 'n|i:1;');
    $slow = $face->spawn('slow');
    says('the slow request', $slow->line());
    $out = $face->spawn('log-out');
    says('the other, when the lock ran out', $out->line());
    $out->rest();
    $slow->say('go on');
    says('the slow request', $slow->line());
    echo $slow->rest();
    says('stored', $face->peek('leaving'));
}, ['redis', 'memcached', 'aerospike', 'mongodb']);
--EXPECT--
the slow request: 'holds'
the other, when the lock ran out: 'logged out'
the slow request: 'refused'
stored: NULL
