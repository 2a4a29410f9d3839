--TEST--
An empty session is stored, and strict mode knows it afterwards
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    $face->start('visitor');
    session_write_close();
    says('stored', $face->peek('visitor'));
    ini_set('session.use_strict_mode', '1');
    says('known', $face->start('visitor') && session_id() === 'visitor');
    $_SESSION['n'] = 1;
    session_write_close();
    says('stored', $face->peek('visitor'));
    $face->start('visitor');
    $_SESSION = [];
    session_write_close();
    says('emptied again', $face->peek('visitor'));
});
--EXPECT--
stored: ''
known: yes
stored: 'n|i:1;'
emptied again: ''
