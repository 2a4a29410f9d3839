--TEST--
lock_retries and lock_wait_time limit the wait as they do for phpredis
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('hold', function (Face $face) {
    $face->start('busy');
    tell('held');
    hear();
});
Face::main(function (Face $face) {
    $holder = $face->spawn('hold');
    says('the other process', $holder->line());
    ini_set('seshat.session.lock_retries', '10');
    ini_set('seshat.session.lock_wait_time', '50000');
    $face->install();
    $began = microtime(true);
    says('starts', @$face->start('busy'));
    $took = microtime(true) - $began;
    says('after half a second', $took > 0.45 && $took < 2.5);
    // A request may also do without.
    ini_set('seshat.session.locking_enabled', '0');
    $face->install();
    $began = microtime(true);
    says('starts', $face->start('busy'));
    says('at once', microtime(true) - $began < 0.4);
    session_abort();
    $holder->say('go on');
    echo $holder->rest();
});
--EXPECT--
the other process: 'held'
starts: no
after half a second: yes
starts: yes
at once: yes
