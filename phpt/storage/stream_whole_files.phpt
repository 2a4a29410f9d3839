--TEST--
Storage\Adapter\Stream: no reader sees half of a value while others write it
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Stream')) die('skip the family is not there'); if (!function_exists('pcntl_fork')) die('skip no pcntl'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

$folder = Face::scratch();
$storage = storage('stream', ['storageDir' => $folder]);
$storage->set('value', str_repeat('0', 100_000));
$children = [];
for ($i = 1; $i <= 2; $i++) {
    $pid = pcntl_fork();
    if ($pid === 0) {
        $own = storage('stream', ['storageDir' => $folder]);
        for ($round = 0; $round < 150; $round++) {
            $own->set('value', str_repeat((string) (($round + $i) % 10), 100_000 + $round));
        }
        exit(0);
    }
    $children[] = $pid;
}
$half = $reads = 0;
$left = $children;
while ($left !== []) {
    $left = array_filter($left, fn (int $pid) => pcntl_waitpid($pid, $status, WNOHANG) === 0);
    $value = $storage->get('value', 'default');
    $reads++;
    if (!is_string($value) || strlen($value) < 100_000 || trim($value, $value[0]) !== '') {
        $half++;
    }
}
shows('read', $reads > 0);
shows('half values', $half);
shows('left behind', array_map(basename(...), glob("$folder/ph-strm/val/{,.}[!.]*", GLOB_BRACE)));
shows('one file', $storage->getKeys());
--EXPECT--
read: yes
half values: 0
left behind: []
one file: ["ph-strmvalue"]
