--TEST--
session_destroy() removes the record and lets the id go
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('take', function (Face $face) {
    $face->start('leaving');
    tell(json_encode($_SESSION));
});
Face::main(function (Face $face) {
    $face->plant('leaving', 'n|i:1;');
    $face->start('leaving');
    says('destroys', session_destroy());
    says('stored', $face->peek('leaving'));
    says('active', session_status() === PHP_SESSION_ACTIVE);
    says('another process finds', trim($face->run('take')));
    $face->start('never-stored');
    says('destroys what was never stored', session_destroy());
    says('stored', $face->peek('never-stored'));
});
--EXPECT--
destroys: yes
stored: NULL
active: no
another process finds: '[]'
destroys what was never stored: yes
stored: NULL
