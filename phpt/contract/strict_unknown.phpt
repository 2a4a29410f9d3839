--TEST--
Strict mode replaces an id that names no session, and leaves no trace of it
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    ini_set('session.use_strict_mode', '1');
    says('starts', $face->start('forged'));
    $new = session_id();
    says('a new id', $new !== 'forged' && strlen($new) === 32);
    says('finds', $_SESSION);
    $_SESSION['n'] = 1;
    session_write_close();
    says('stored under the new id', $face->peek($new));
    says('stored under the forged id', $face->peek('forged'));
    says('ids that fit no store', $face->start('../../etc/passwd') && preg_match('/^[0-9a-v]{32}$/', session_id()) === 1);
});
--EXPECT--
starts: yes
a new id: yes
finds: array (
)
stored under the new id: 'n|i:1;'
stored under the forged id: NULL
ids that fit no store: yes
