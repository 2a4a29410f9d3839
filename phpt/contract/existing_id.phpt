--TEST--
An existing id: its data is read, changed and stored again
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    says('first request starts', $face->start('visitor1'));
    says('it finds', $_SESSION);
    $_SESSION['n'] = 1;
    session_write_close();

    says('second request starts', $face->start('visitor1'));
    says('it finds', $_SESSION['n']);
    $_SESSION['n']++;
    session_write_close();

    says('stored', $face->peek('visitor1'));
    says('another id finds', $face->start('visitor2') && $_SESSION === []);
});
--EXPECT--
first request starts: yes
it finds: array (
)
second request starts: yes
it finds: 1
stored: 'n|i:2;'
another id finds: yes
