--TEST--
read_and_close neither waits for a lock nor takes one
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
    session_write_close();
    tell('stored');
});
Face::main(function (Face $face) {
    $face->plant('busy', 'n|i:1;');
    $holder = $face->spawn('hold');
    says('the other process', $holder->line());
    $began = microtime(true);
    says('starts', $face->start('busy', ['read_and_close' => true]));
    says('at once', microtime(true) - $began < 2);
    says('finds what is stored', $_SESSION['n']);
    $holder->say('go on');
    says('the other process', $holder->line());
    says('and now', $face->start('busy', ['read_and_close' => true]) && $_SESSION['n'] === 2);
    $holder->rest();

    // This process closed without a lock of its own: another gets it without waiting.
    $holder = $face->spawn('hold');
    says('the next process', $holder->line(5));
    $holder->say('go on');
    $holder->rest();
});
--EXPECT--
the other process: 'held'
starts: yes
at once: yes
finds what is stored: 1
the other process: 'stored'
and now: yes
the next process: 'held'
