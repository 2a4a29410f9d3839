--TEST--
Handlers inside handlers: a session's error handler may use a handler of its own
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
    $log = $face->handler();
    set_error_handler(function (int $level, string $message) use ($log) {
        $log->write('log', $log->read('log') . substr($message, 0, 1));
        return true;
    });
    says('starts', $face->start('../outside'));
    says('written', strlen($log->read('log')) > 0);
});
--EXPECT--
starts: no
written: yes
