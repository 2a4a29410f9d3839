--TEST--
Requests at the same time lose nothing
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('add', function (Face $face, int $times) {
    while ($times-- > 0) {
        $face->start('counter');
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        session_write_close();
    }
});
Face::main(function (Face $face) {
    $workers = [];
    for ($i = 0; $i < 5; $i++) {
        $workers[] = $face->spawn('add', 20);
    }
    foreach ($workers as $worker) {
        echo $worker->rest();
    }
    says('stored', $face->peek('counter'));
});
--EXPECT--
stored: 'n|i:100;'
