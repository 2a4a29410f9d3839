--TEST--
max_sessions_per_ref: the oldest ends, or the new one is refused and keeps what was stored
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('login', function (Face $face, string $id) {
    $face->install(['ref' => 'user', 'max_sessions_per_ref' => 1]);
    tell('ready');
    hear();
    $face->start($id);
    $_SESSION['user'] = 7;
    session_write_close();
});
Face::main(function (Face $face) {
    $logIn = function (string $id, array $options) use ($face) {
        $face->install(['ref' => 'user'] + $options);
        $face->start($id);
        $_SESSION['user'] = 42;
        ob_start();
        session_write_close();
        return str_contains((string) ob_get_clean(), 'max_sessions_per_ref') ? 'refused' : 'in';
    };
    $left = function () use ($face) {
        $ids = array_column($face->handler()->sessionsOf(42), 'id');
        sort($ids);
        return implode(' ', $ids);
    };
    says('first', $logIn('first', ['max_sessions_per_ref' => 1]));
    says('second', $logIn('second', ['max_sessions_per_ref' => 1]));
    says('left', $left());
    $face->plant('third', 'cart|i:3;');
    says('third', $logIn('third', ['max_sessions_per_ref' => 1, 'on_max_sessions' => 'refuse']));
    says('left', $left());
    says('stored', $face->peek('third'));
    says('second again', $logIn('second', ['max_sessions_per_ref' => 1, 'on_max_sessions' => 'refuse']));
    says('third, of two', $logIn('third', ['max_sessions_per_ref' => 2, 'on_max_sessions' => 'refuse']));
    says('left', $left());

    // At the same time.
    $logins = array_map(fn (string $id) => $face->spawn('login', $id), ['a1', 'b2', 'c3']);
    array_map(fn ($login) => $login->line(), $logins);
    array_map(fn ($login) => $login->say('go'), $logins);
    array_map(fn ($login) => print($login->rest()), $logins);
    says('one stays', $face->handler()->countOf(7));
}, ['files', 'sqlite', 'redis']);
--EXPECT--
first: 'in'
second: 'in'
left: 'second'
third: 'refused'
left: 'second'
stored: 'cart|i:3;'
second again: 'in'
third, of two: 'in'
left: 'second third'
one stays: 1
