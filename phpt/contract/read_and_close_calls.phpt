--TEST--
read_and_close is seen however session_start() is called, and read as PHP reads it
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
namespace App {
    function start(mixed $value): bool
    {
        session_id('busy');
        return session_start(['read_and_close' => $value]);
    }
}

namespace {
require __DIR__ . '/../include/face.inc';

Face::role('hold', function (Face $face) {
    $face->start('busy');
    tell('held');
    hear();
});

Face::main(function (Face $face) {
    $face->plant('busy', 'n|i:1;');
    $holder = $face->spawn('hold');
    $holder->line();
    $face->install(['lock_wait' => '1ms']);
    session_id('busy');
    $options = ['read_and_close' => true];
    says('named', session_start(options: $options));
    says('call_user_func', call_user_func('session_start', $options));
    says('call_user_func_array', call_user_func_array('session_start', [$options]));
    says('by name', ('session_start')($options));
    says('array_map', array_map('session_start', [$options]) === [true]);
    says('fromCallable', Closure::fromCallable('session_start')($options));
    says('first class', session_start(...)($options));
    says('reflection', (new ReflectionFunction('session_start'))->invoke($options));
    says('spread', session_start(...['options' => $options]));
    says('namespaced', App\start(true));
    $fiber = new Fiber(fn () => session_start($options));
    $fiber->start();
    says('fiber', $fiber->getReturn());
    $generator = (fn () => yield session_start($options))();
    says('generator', $generator->current());
    foreach ([1, '1', '777', -1] as $value) {
        says(var_export($value, true), App\start($value));
    }
    // None of these closes the session, so it is locked like any other.
    foreach (['true', 'yes', '', '0', 0, false] as $value) {
        says(var_export($value, true), @App\start($value));
    }
    $holder->say('go on');
    $holder->rest();
});
}
--EXPECT--
named: yes
call_user_func: yes
call_user_func_array: yes
by name: yes
array_map: yes
fromCallable: yes
first class: yes
reflection: yes
spread: yes
namespaced: yes
fiber: yes
generator: yes
1: yes
'1': yes
'777': yes
-1: yes
'true': no
'yes': no
'': no
'0': no
0: no
false: no
