--TEST--
A second request waits for the first and sees what it stored
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('second', function (Face $face) {
    tell('asks');
    $face->start('shared');
    tell($_SESSION['n']);
    $_SESSION['n'] = 3;
});
Face::main(function (Face $face) {
    $face->plant('shared', 'n|i:1;');
    $face->start('shared');
    $second = $face->spawn('second');
    says('the second', $second->line());
    says('waits', $second->isSilent());
    $_SESSION['n'] = 2;
    session_write_close();
    says('then finds', $second->line());
    $second->rest();
    says('stored', $face->peek('shared'));
});
--EXPECT--
the second: 'asks'
waits: yes
then finds: '2'
stored: 'n|i:3;'
