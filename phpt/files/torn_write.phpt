--TEST--
A reader sees the old record or the new one, never half
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('write', function (Face $face) {
    $handler = $face->handler();
    foreach ([1, 2] as $round) {
        for ($i = 0; $i < 150; $i++) {
            $handler->write('record', str_repeat(chr(97 + $i % 26), 200_000));
        }
    }
});
Face::main(function (Face $face) {
    $handler = $face->handler();
    $handler->write('record', str_repeat('a', 200_000));
    $writer = $face->spawn('write');
    $reads = $torn = 0;
    for ($end = microtime(true) + 0.8; microtime(true) < $end; $reads++) {
        $data = $handler->read('record');
        $torn += strlen($data) !== 200_000 || $data !== str_repeat($data[0], 200_000);
    }
    says('read', $reads > 10);
    says('torn', $torn);
    echo $writer->rest();
    says('nothing but the record is left', count(preg_grep('/^\./', scandir($face->folder), PREG_GREP_INVERT)) === 1);
}, ['files'], ['class']);
--EXPECT--
read: yes
torn: 0
nothing but the record is left: yes
