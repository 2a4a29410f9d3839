--TEST--
locking=0 lets requests overlap, and the last writer wins
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('second', function (Face $face) {
    $face->install(['locking' => 0]);
    $face->start('loose');
    tell($_SESSION['n']);
    $_SESSION['n'] = 2;
    session_write_close();
    tell('stored');
});
Face::main(function (Face $face) {
    $face->plant('loose', 'n|i:1;');
    $face->install(['locking' => 0]);
    $face->start('loose');
    $second = $face->spawn('second');
    says('the second finds', $second->line(5));
    says('and has', $second->line(5));
    $second->rest();
    $_SESSION['n'] = 3;
    session_write_close();
    says('stored', $face->peek('loose'));
});
--EXPECT--
the second finds: '1'
and has: 'stored'
stored: 'n|i:3;'
