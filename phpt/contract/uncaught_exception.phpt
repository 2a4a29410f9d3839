--TEST--
An uncaught exception still stores the session and lets it go
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('throw', function (Face $face) {
    $face->start('half-done');
    $_SESSION['n'] = 2;
    throw new LogicException('in the middle');
});
Face::role('exit', function (Face $face) {
    $face->start('half-done');
    $_SESSION['n']++;
    exit(0);
});
Face::role('fatal', function (Face $face) {
    $face->start('half-done');
    $_SESSION['n']++;
    missing_function();
});
Face::main(function (Face $face) {
    $face->plant('half-done', 'n|i:1;');
    foreach (['throw', 'exit', 'fatal'] as $role) {
        $said = $face->run($role);
        says($role, str_contains($said, 'Fatal error: Uncaught'));
        says('stored', $face->peek('half-done'));
    }
    says('free', $face->start('half-done') && $_SESSION['n'] === 4);
});
--EXPECT--
throw: yes
stored: 'n|i:2;'
exit: no
stored: 'n|i:3;'
fatal: yes
stored: 'n|i:4;'
free: yes
