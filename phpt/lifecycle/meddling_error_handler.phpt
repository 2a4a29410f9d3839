--TEST--
An error handler that starts, aborts or ends things in the middle of session_start()
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('leave', function (Face $face) {
    set_error_handler(fn () => exit('left'));
    $face->start('../outside');
    echo 'not reached';
});
Face::main(function (Face $face) {
    $meddle = function (Closure $act) use ($face): void {
        $depth = 0;
        set_error_handler(function () use ($act, &$depth) {
            if ($depth++ === 0) {
                $level = error_reporting(0);
                $act();
                error_reporting($level);
            }
            return true;
        });
        $face->start('../outside');
        restore_error_handler();
        session_status() === PHP_SESSION_ACTIVE && session_abort();
        $face->start('visitor');
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        says('works afterwards', session_write_close() && $face->peek('visitor'));
    };
    $meddle(fn () => session_start());
    $meddle(fn () => session_abort());
    $meddle(fn () => session_write_close());
    $meddle(fn () => session_destroy());
    $meddle(fn () => session_abort() && session_id('visitor') && session_start());
    $meddle(fn () => ini_set('seshat.session.lock_expire', '40'));
    says('stored', $face->peek('visitor'));
    says('exit', $face->run('leave'));
    says('and now', $face->start('visitor') && $_SESSION['n'] === 6);
});
--EXPECT--
works afterwards: yes
works afterwards: yes
works afterwards: yes
works afterwards: yes
works afterwards: yes
works afterwards: yes
stored: 'n|i:6;'
exit: 'left'
and now: yes
