--TEST--
Ten thousand sessions in one process use no more memory than one hundred
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
$resident = function (): int {
    gc_collect_cycles();
    preg_match('/^VmRSS:\s+(\d+)/m', (string) @file_get_contents('/proc/self/status'), $match);
    return (int) ($match[1] ?? 0);
};
$cycle = function (int $i): void {
    // A handler of its own now and then: objects come and go, connections are kept.
    if ($i % 10 === 0) {
        session_set_save_handler(new Seshat\Handler('memory:'), true);
    }
    session_id('id' . $i % 50);
    session_start();
    $_SESSION['n'] = str_repeat('x', $i % 1000);
    session_write_close();
    try {
        (new Seshat\Handler('memory:?nonsense=1'))->read('x');
    } catch (Seshat\Exception) {
    }
};
for ($i = 0; $i < 1000; $i++) {
    $cycle($i);
}
$before = $resident();
for ($i = 0; $i < 10_000; $i++) {
    $cycle($i);
}
$grown = $resident() - $before;
says('grown by less than 512 kB', $grown < 512 ?: "$grown kB");
--EXPECT--
grown by less than 512 kB: yes
