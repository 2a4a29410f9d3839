--TEST--
A key of another type is an error that leaves it alone
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
    $server = new RawRedis();
    $port = getenv('SESHAT_REDIS_PORT');
    $prefix = basename(dirname($face->folder)) . ':other:' . $face->way . ':';
    $dsn = "redis://127.0.0.1:$port/0?prefix=$prefix";
    $server->ask('RPUSH', "{$prefix}list", 'one', 'two');
    $face->way === 'class'
        ? session_set_save_handler(new Seshat\Handler($dsn), true)
        : ini_set('session.save_path', $dsn);
    $warnings = 0;
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        $warnings += str_contains($message, 'redis read at');
        return true;
    });
    says('starts', $face->start('list'));
    says('warnings', $warnings);
    says('untouched', $server->ask('LRANGE', "{$prefix}list", '0', '-1') === ['one', 'two']);
    says('another id works', $face->start('good'));
}, ['redis']);
--EXPECT--
starts: no
warnings: 1
untouched: yes
another id works: yes
