--TEST--
session_regenerate_id(true) removes the old session
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
    says('regenerates', session_regenerate_id(true));
    $new = session_id();
    says('the old one is gone at once', $face->peek('old'));
    says('the data came along', $_SESSION['n']);
    session_write_close();
    // Nothing changed since, and yet the new session must be stored: there was none.
    says('stored', $face->peek($new));
    says('the old one stays gone', $face->peek('old'));
    says('twice in a request', $face->start($new) && session_regenerate_id(true) && session_regenerate_id(true));
    $last = session_id();
    session_write_close();
    says('stored', $face->peek($last));
    says('before that', $face->peek($new));
});
--EXPECT--
regenerates: yes
the old one is gone at once: NULL
the data came along: 1
stored: 'n|i:1;'
the old one stays gone: NULL
twice in a request: yes
stored: 'n|i:1;'
before that: NULL
