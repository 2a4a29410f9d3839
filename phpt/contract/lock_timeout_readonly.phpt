--TEST--
on_lock_timeout=readonly reads without the lock and refuses to write
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('hold', function (Face $face) {
    $face->start('busy');
    $_SESSION['n'] = 2;
    tell('held');
    hear();
});
Face::main(function (Face $face) {
    $face->plant('busy', 'n|i:1;');
    $holder = $face->spawn('hold');
    says('the other process', $holder->line());
    $face->install(['lock_wait' => '100ms', 'on_lock_timeout' => 'readonly']);

    says('starts', $face->start('busy'));
    says('finds', $_SESSION['n']);
    says('closes unchanged', session_write_close());

    $face->start('busy');
    $_SESSION['n'] = 99;
    $warnings = [];
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        $warnings[] = $message;
        return true;
    });
    session_write_close();
    restore_error_handler();
    says('says why a change is refused', str_contains($warnings[0] ?? '', 'read-only'));
    $holder->say('go on');
    echo $holder->rest();
    says('stored', $face->peek('busy'));
});
--EXPECT--
the other process: 'held'
starts: yes
finds: 1
closes unchanged: yes
says why a change is refused: yes
stored: 'n|i:2;'
