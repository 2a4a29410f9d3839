--TEST--
After lock_wait the session does not start, and the stored one is untouched
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
    $face->install(['lock_wait' => '700ms']);
    $began = microtime(true);
    set_error_handler(function (int $level, string $message) {
        says('E_WARNING', $level === E_WARNING);
        // The store's reason, and PHP's own consequence of it.
        if (!str_contains($message, 'Failed to read session data')) {
            says('names store, operation and option', preg_match('/(files|sqlite|redis) lock .*busy|bu\.\.\..*lock_wait/', $message) === 1);
            says('shows the whole id', str_contains($message, '"busy"'));
        }
        return true;
    });
    says('starts', $face->start('busy'));
    $took = microtime(true) - $began;
    says('waited as long as it was told', $took >= 0.65 && $took < 3);
    says('active', session_status() === PHP_SESSION_ACTIVE);
    restore_error_handler();
    $holder->say('go on');
    echo $holder->rest();
    says('stored', $face->peek('busy'));
    says('starts now', $face->start('busy') && $_SESSION['n'] === 2);
});
--EXPECT--
the other process: 'held'
E_WARNING: yes
names store, operation and option: yes
shows the whole id: no
E_WARNING: yes
starts: no
waited as long as it was told: yes
active: no
stored: 'n|i:2;'
starts now: yes
