--TEST--
A request that runs out of time stores its session and lets it go
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('dawdle', function (Face $face) {
    $face->start('slow');
    $_SESSION['n'] = 2;
    set_time_limit(1);
    while (true);
});
Face::main(function (Face $face) {
    $face->plant('slow', 'n|i:1;');
    // A second of the processor's time, which many share.
    $last = $face->spawn('dawdle')->rest(2.5 * Face::DEADLINE);
    says('ends with a fatal error', str_contains($last, 'Maximum execution time'));
    says('free', $face->start('slow'));
    says('stored', $_SESSION['n']);
});
--EXPECT--
ends with a fatal error: yes
free: yes
stored: 2
