--TEST--
A session too large for memory_limit ends the request, and the record stays
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.use_only_cookies=0
session.cache_limiter=
session.gc_probability=0
memory_limit=512M
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('burst', function (Face $face) {
    ini_set('memory_limit', '16M');
    $face->start('big');
});
Face::main(function (Face $face) {
    $face->plant('big', $data = 'blob|s:20971520:"' . str_repeat('x', 20 << 20) . '";');
    says('ends with a fatal error', str_contains($face->run('burst'), 'Allowed memory size'));
    says('untouched', md5((string) $face->peek('big')) === md5($data));
    ini_set('memory_limit', '512M');
    $began = microtime(true);
    says('free', $face->start('big'));
    says('at once', microtime(true) - $began < 5);
    session_abort();
});
--EXPECT--
ends with a fatal error: yes
untouched: yes
free: yes
at once: yes
