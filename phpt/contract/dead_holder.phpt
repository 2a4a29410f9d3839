--TEST--
The lock of a process that was killed becomes free
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('die', function (Face $face) {
    $face->install(['lock_expire' => 2]);
    $face->start('orphan');
    $_SESSION['n'] = 99;
    tell('holds');
    hear();
});
Face::main(function (Face $face) {
    $face->plant('orphan', 'n|i:1;');
    $holder = $face->spawn('die');
    says('the other process', $holder->line());
    $holder->kill();
    $began = microtime(true);
    says('we get the session', $face->start('orphan'));
    says('soon', microtime(true) - $began < 8);
    says('as it was', $_SESSION['n']);
    $_SESSION['n'] = 2;
    session_write_close();
    says('stored', $face->peek('orphan'));
});
--EXPECT--
the other process: 'holds'
we get the session: yes
soon: yes
as it was: 1
stored: 'n|i:2;'
