--TEST--
session_reset() reads again what is stored and keeps the session
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('wait', function (Face $face) {
    tell('asks');
    $face->start('form');
    tell($_SESSION['n']);
});
Face::main(function (Face $face) {
    $face->plant('form', 'n|i:1;');
    $face->start('form');
    $_SESSION['n'] = 50;
    says('resets', session_reset());
    says('finds', $_SESSION['n']);
    // Reading again must neither wait for our own lock nor give it away.
    $other = $face->spawn('wait');
    says('another process', $other->line());
    says('waits', $other->isSilent());
    $_SESSION['n'] = 2;
    session_write_close();
    says('and then finds', $other->line());
    $other->rest();
    says('stored', $face->peek('form'));
});
--EXPECT--
resets: yes
finds: 1
another process: 'asks'
waits: yes
and then finds: '2'
stored: 'n|i:2;'
