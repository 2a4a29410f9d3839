--TEST--
session_set_save_handler($handler, false) stores at the request's end too
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('visit', function (Face $face) {
    session_set_save_handler($face->handler(), false);
    $face->start('late');
    $_SESSION['n'] = 1;
});
Face::main(function (Face $face) {
    echo $face->run('visit');
    says('stored', $face->peek('late'));
    says('free', $face->start('late') && $_SESSION['n'] === 1);
}, ways: ['class']);
--EXPECT--
stored: 'n|i:1;'
free: yes
