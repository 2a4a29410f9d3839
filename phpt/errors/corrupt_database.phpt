--TEST--
A file that is no database is an error that leaves it alone
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
    $path = "$face->folder/sessions.db";
    file_put_contents($path, $text = str_repeat("this is no database\n", 500));
    $warnings = [];
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        $warnings[] = $message;
        return true;
    });
    says('starts', $face->start('visitor'));
    says('says where', (bool) preg_grep('/sqlite (open|read|lock) at .*sessions\.db: /', $warnings));
    says('untouched', file_get_contents($path) === $text);
}, ['sqlite']);
--EXPECT--
starts: no
says where: yes
untouched: yes
