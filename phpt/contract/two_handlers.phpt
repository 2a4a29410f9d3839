--TEST--
Two handlers at once keep two sessions apart
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
    mkdir("$face->folder/other");
    $other = new Seshat\Handler("files://$face->folder/other");
    $face->start('mine');
    $_SESSION['n'] = 1;
    $other->write('mine', 'n|i:2;');
    says('ours', $face->peek('mine'));
    session_write_close();
    says('ours', $face->peek('mine'));
    says('the other', $other->read('mine'));

    // And one after the other as the session's handler.
    session_set_save_handler($other, true);
    $face->start('mine');
    says('the other', $_SESSION['n']);
    $_SESSION['n'] = 3;
    session_write_close();
    says('the other', $other->read('mine'));
    says('ours', $face->peek('mine'));
});
--EXPECT--
ours: NULL
ours: 'n|i:1;'
the other: 'n|i:2;'
the other: 2
the other: 'n|i:3;'
ours: 'n|i:1;'
