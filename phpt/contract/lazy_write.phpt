--TEST--
An unchanged session is kept alive, with and without lazy_write
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    foreach (['1', '0'] as $lazy) {
        ini_set('session.lazy_write', $lazy);
        ini_set('session.gc_maxlifetime', '3');
        $began = microtime(true);
        foreach (['used', 'unused'] as $id) {
            $face->start($id);
            $_SESSION['n'] = $id;
            session_write_close();
        }
        says('later', await(fn () => microtime(true) - $began > 1.8));
        $face->start('used');
        session_write_close();
        says('the unused one expires', await(function () use ($face) {
            $face->start('collector', ['gc_maxlifetime' => 3]);
            session_gc();
            session_write_close();
            return $face->peek('unused') === null;
        }));
        says('the used one stays', $face->peek('used'));
        $face->remove('used');
    }
});
--EXPECT--
later: yes
the unused one expires: yes
the used one stays: 'n|s:4:"used";'
later: yes
the unused one expires: yes
the used one stays: 'n|s:4:"used";'
