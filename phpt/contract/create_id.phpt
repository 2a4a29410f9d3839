--TEST--
session_create_id() while a session is active disturbs nothing
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    foreach (['0', '1'] as $strict) {
        ini_set('session.use_strict_mode', $strict);
        $face->plant('mine', 'n|i:1;');
        $face->start('mine');
        $_SESSION['n'] = 2;
        $other = session_create_id();
        says('a new id', strlen($other) === 32 && $other !== 'mine');
        says('with a prefix', preg_match('/^cart-[0-9a-v]{32}$/', session_create_id('cart-')) === 1);
        says('still mine', session_id() === 'mine' && $_SESSION['n'] === 2);
        session_write_close();
        says('stored', $face->peek('mine'));
        says('the other is only a name', $face->peek($other));
    }
});
--EXPECT--
a new id: yes
with a prefix: yes
still mine: yes
stored: 'n|i:2;'
the other is only a name: NULL
a new id: yes
with a prefix: yes
still mine: yes
stored: 'n|i:2;'
the other is only a name: NULL
