--TEST--
session_abort() stores nothing and lets the session go
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('take', function (Face $face) {
    $face->start('draft');
    tell($_SESSION['n']);
});
Face::main(function (Face $face) {
    $face->plant('draft', 'n|i:1;');
    $face->start('draft');
    $_SESSION['n'] = 2;
    says('aborts', session_abort());
    says('stored', $face->peek('draft'));
    says('another process gets it', trim($face->run('take')));
});
--EXPECT--
aborts: yes
stored: 'n|i:1;'
another process gets it: '1'
