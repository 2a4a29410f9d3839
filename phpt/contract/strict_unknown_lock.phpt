--TEST--
Strict mode takes no lock for an id that names no session
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
    ini_set('session.use_strict_mode', '1');
    $face->start('forged');
    tell('in');
    hear();
});
Face::main(function (Face $face) {
    $stranger = $face->spawn('hold');
    says('a stranger', $stranger->line());
    $other = $face->spawn('hold');
    says('another with the same forged id', $other->line(5));
    foreach ([$stranger, $other] as $process) {
        $process->say('go on');
        echo $process->rest();
    }
});
--EXPECT--
a stranger: 'in'
another with the same forged id: 'in'
