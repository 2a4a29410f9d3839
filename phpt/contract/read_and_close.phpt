--TEST--
read_and_close hands out the data and stores nothing
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    $face->plant('reader', 'n|i:1;');
    says('starts', $face->start('reader', ['read_and_close' => true]));
    says('active afterwards', session_status() === PHP_SESSION_ACTIVE);
    says('finds', $_SESSION['n']);
    $_SESSION['n'] = 99;
    session_write_close();
    says('stored', $face->peek('reader'));

    says('a missing session starts', $face->start('nobody', ['read_and_close' => true]));
    says('finds', $_SESSION);
});
--EXPECT--
starts: yes
active afterwards: no
finds: 1
stored: 'n|i:1;'
a missing session starts: yes
finds: array (
)
