--TEST--
A record that vanishes in mid-request is stored again
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    foreach (['changed' => 2, 'unchanged' => 1] as $id => $n) {
        $face->plant($id, 'n|i:1;');
        $face->start($id);
        $face->remove($id);
        says('removed', $face->peek($id));
        $_SESSION['n'] = $n;
        session_write_close();
        // A store may send this without waiting for the answer.
        await(fn () => $face->peek($id) !== null, 5);
        says($id, $face->peek($id));
    }
});
--EXPECT--
removed: NULL
changed: 'n|i:2;'
removed: NULL
unchanged: 'n|i:1;'
