--TEST--
An error handler that throws: the exception arrives, and the session is closed
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
    set_error_handler(function (int $level, string $message) {
        throw new ErrorException($message, 0, $level);
    });
    try {
        $face->start('../outside');
        echo "started\n";
    } catch (ErrorException $e) {
        says('thrown', str_contains($e->getMessage(), 'the session id'));
    }
    restore_error_handler();
    says('active', session_status() === PHP_SESSION_ACTIVE);
    says('starts afterwards', $face->start('visitor'));
    $_SESSION['n'] = 1;
    session_write_close();
    says('stored', $face->peek('visitor'));
});
--EXPECT--
thrown: yes
active: no
starts afterwards: yes
stored: 'n|i:1;'
