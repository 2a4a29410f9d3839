--TEST--
A server that stops in mid-request: the write fails with a warning; after its restart all is well
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

require __DIR__ . '/../include/redis.inc';
Face::main(function (Face $face) {
    $server = new OwnRedis($face->folder);
    $port = $server->port;
    // The killed server still remembers the lock when it comes back.
    $dsn = "redis://127.0.0.1:$port/0?lock_expire=2";
    $face->way === 'class'
        ? session_set_save_handler(new Seshat\Handler($dsn), true)
        : ini_set('session.save_path', $dsn);
    $warnings = [];
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        // Not those of this test's own attempts to connect.
        if (error_reporting() & $level) {
            $warnings[] = $message;
        }
        return true;
    });
    $face->start('visitor');
    $_SESSION['n'] = 1;
    says('stored', session_write_close());

    // Restarted between two requests: nobody notices.
    $server->stop(15);
    $server->start();
    says('starts after a restart', $face->start('visitor') && $_SESSION['n'] === 1);
    says('without a word', $warnings === []);

    $_SESSION['n'] = 2;
    $server->stop(9);
    session_write_close();
    says('says that it was not stored', str_contains($warnings[0] ?? '', "(): redis write at 127.0.0.1:$port: "));
    says('starts without a server', $face->start('visitor'));

    $server->start();
    says('starts when it is back', $face->start('visitor') && $_SESSION['n'] === 1);
}, ['redis']);
--EXPECT--
stored: yes
starts after a restart: yes
without a word: yes
says that it was not stored: yes
starts without a server: no
starts when it is back: yes
