--TEST--
A request that runs out of memory in mid-session leaves no lock and no damage
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('burst', function (Face $face) {
    ini_set('memory_limit', '16M');
    $face->start('big');
    $_SESSION['n'] = 2;
    $_SESSION['blob'] = str_repeat('x', 64 << 20);
});
Face::main(function (Face $face) {
    $face->plant('big', 'n|i:1;');
    says('ends with a fatal error', str_contains($face->run('burst'), 'Allowed memory size'));
    $began = microtime(true);
    says('free', $face->start('big'));
    says('at once', microtime(true) - $began < 5);
    says('holds what was there', $_SESSION['n']);
});
--EXPECT--
ends with a fatal error: yes
free: yes
at once: yes
holds what was there: 2
