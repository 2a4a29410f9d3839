--TEST--
Bytes are bytes: NUL and what is not UTF-8 survive
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    $all = '';
    for ($i = 0; $i < 256; $i++) {
        $all .= chr($i);
    }
    $values = ['all' => $all, 'nul' => "\0\0", 'latin' => "\xe9t\xe9", 'cut' => "\xf0\x9f"];
    $face->start('bytes');
    $_SESSION = $values;
    session_write_close();
    $face->start('bytes');
    says('the same', $_SESSION === $values);
    session_write_close();
    // Unchanged: kept alive with the same bytes.
    $face->start('bytes');
    says('the same', $_SESSION === $values);
});
--EXPECT--
the same: yes
the same: yes
