--TEST--
No id: a new one is made, long enough and never twice
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('visit', function () {
    session_start();
    tell(session_id());
    $_SESSION['who'] = session_id();
});
Face::main(function (Face $face) {
    $ids = [];
    for ($i = 0; $i < 3; $i++) {
        $ids[] = trim($face->run('visit'));
    }
    says('different', count(array_unique($ids)) === 3);
    foreach ($ids as $id) {
        says('32 characters', preg_match('/^[0-9a-v]{32}$/', $id) === 1);
        says('stored', $face->peek($id) === 'who|s:32:"' . $id . '";');
    }
});
--EXPECT--
different: yes
32 characters: yes
stored: yes
32 characters: yes
stored: yes
32 characters: yes
stored: yes
