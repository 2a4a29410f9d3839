--TEST--
Loading twice is refused by PHP, and dl() by us: save handlers cannot be taken back
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

preg_match('/extension=([^\s"\']+)/', (string) getenv('TEST_PHP_EXTRA_ARGS'), $match);
$library = $match[1];
$run = function (string $arguments, string $code): string {
    $php = getenv('TEST_PHP_EXECUTABLE') ?: PHP_BINARY;
    return (string) shell_exec(escapeshellarg($php) . " -n -d display_errors=1 -d html_errors=0 $arguments -r " . escapeshellarg($code) . ' 2>&1');
};
$twice = $run('-d extension=' . escapeshellarg($library) . ' -d extension=' . escapeshellarg($library), 'echo class_exists("Seshat\\Handler") ? "works" : "fails";');
says('says so', str_contains($twice, 'already loaded'));
says('works', str_ends_with($twice, 'works'));

$dl = $run('-d enable_dl=1 -d extension_dir=' . escapeshellarg(dirname($library)), 'dl("' . basename($library) . '"); echo "goes on";');
says('says why', str_contains($dl, 'cannot be loaded with dl()'));
says('refused', !str_contains($dl, 'goes on'));
--EXPECT--
says so: yes
works: yes
says why: yes
refused: yes
