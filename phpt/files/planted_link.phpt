--TEST--
A planted symbolic link is neither read through nor written through
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
    $secret = "$face->folder-secret";
    file_put_contents($secret, 'n|i:666;');
    symlink($secret, "$face->folder/sess_planted");
    $warnings = [];
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        $warnings[] = $message;
        return true;
    });
    $found = $face->start('planted') ? ($_SESSION['n'] ?? 'nothing') : 'no session';
    says('finds what it points to', $found === 666);
    if (session_status() === PHP_SESSION_ACTIVE) {
        $_SESSION['n'] = 1;
        session_write_close();
    }
    says('what it points to', file_get_contents($secret));
    unlink($secret);
}, ['files']);
--EXPECT--
finds what it points to: no
what it points to: 'n|i:666;'
