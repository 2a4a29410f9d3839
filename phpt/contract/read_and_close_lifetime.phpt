--TEST--
read_and_close extends the lifetime
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('look', function () {
    ini_set('session.gc_maxlifetime', '4');
    session_id('looked-at');
    session_start(['read_and_close' => true]);
    tell($_SESSION['n'] ?? 'nothing');
});
Face::main(function (Face $face) {
    ini_set('session.gc_maxlifetime', '4');
    $began = microtime(true);
    foreach (['looked-at', 'left-alone'] as $id) {
        $face->start($id);
        $_SESSION['n'] = $id;
        session_write_close();
    }
    $handler = $face->handler();
    // Late in the four seconds, so that a lifetime that was not extended ends soon after.
    says('later', await(fn () => microtime(true) - $began > 2.5));
    echo $face->run('look');
    says('the other one expires', await(fn () => !$handler->validateId('left-alone')));
    says('in time', microtime(true) - $began < 6.4);
    says('the one that was read lives', $handler->validateId('looked-at'));
});
--EXPECT--
later: yes
looked-at
the other one expires: yes
in time: yes
the one that was read lives: yes
