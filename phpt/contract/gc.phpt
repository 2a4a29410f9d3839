--TEST--
session_gc() runs now and answers with a number
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    ini_set('session.gc_maxlifetime', '1');
    foreach (['one', 'two'] as $id) {
        $face->start($id);
        $_SESSION['id'] = $id;
        session_write_close();
    }
    says('collects without a session', @session_gc());
    ini_set('session.gc_maxlifetime', '1440');
    $face->start('alive');
    $_SESSION['id'] = 'alive';
    says('a number', is_int(session_gc()));
    session_write_close();
    says('the living stay', $face->peek('alive'));

    ini_set('session.gc_maxlifetime', '1');
    says('the old go', await(function () use ($face) {
        $face->start('alive');
        $count = session_gc();
        session_write_close();
        return is_int($count) && $face->peek('one') === null && $face->peek('two') === null;
    }));
    says('and only they', $face->peek('alive'));
});
--EXPECT--
collects without a session: no
a number: yes
the living stay: 'id|s:5:"alive";'
the old go: yes
and only they: 'id|s:5:"alive";'
