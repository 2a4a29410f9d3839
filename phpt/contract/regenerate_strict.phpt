--TEST--
session_regenerate_id() in strict mode
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    ini_set('session.use_strict_mode', '1');
    foreach ([false, true] as $delete) {
        $face->plant('old', 'n|i:1;');
        says('starts', $face->start('old'));
        says('regenerates', session_regenerate_id($delete));
        $new = session_id();
        $_SESSION['n'] = 2;
        session_write_close();
        says('new', $face->peek($new));
        says('old', $face->peek('old'));
        says('the new id is known now', $face->start($new) && session_id() === $new && $_SESSION['n'] === 2);
        session_write_close();
    }
});
--EXPECT--
starts: yes
regenerates: yes
new: 'n|i:2;'
old: 'n|i:1;'
the new id is known now: yes
starts: yes
regenerates: yes
new: 'n|i:2;'
old: NULL
the new id is known now: yes
