--TEST--
Strict mode keeps an id that names a session
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    ini_set('session.use_strict_mode', '1');
    $face->plant('known', 'n|i:1;');
    says('starts', $face->start('known'));
    says('keeps the id', session_id() === 'known');
    says('finds', $_SESSION['n']);
    $_SESSION['n'] = 2;
    session_write_close();
    says('stored', $face->peek('known'));
});
--EXPECT--
starts: yes
keeps the id: yes
finds: 1
stored: 'n|i:2;'
