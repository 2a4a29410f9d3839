--TEST--
session_regenerate_id(false) stores the old session and goes on under a new id
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    $face->plant('old', 'n|i:1;');
    $face->start('old');
    $_SESSION['n'] = 2;
    says('regenerates', session_regenerate_id(false));
    $new = session_id();
    says('a new id', $new !== 'old');
    says('the old one holds what was there by then', $face->peek('old'));
    $_SESSION['n'] = 3;
    session_write_close();
    says('the new one holds the end', $face->peek($new));
    says('the old one stays', $face->peek('old'));
    says('and is free', $face->start('old') && $_SESSION['n'] === 2);
});
--EXPECT--
regenerates: yes
a new id: yes
the old one holds what was there by then: 'n|i:2;'
the new one holds the end: 'n|i:3;'
the old one stays: 'n|i:2;'
and is free: yes
