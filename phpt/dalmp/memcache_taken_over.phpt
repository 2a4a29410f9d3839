--TEST--
DALMP\Sessions\Memcache: sessions and references of the original go on
--INI--
session.gc_maxlifetime=1440
error_reporting=E_ALL
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-memcached.inc'; if (!class_exists('DALMP\\Sessions\\Memcache')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/servers.inc';
require __DIR__ . '/../include/polyfill.inc';

const DALMP_SESSIONS_KEY = '/srv/app/vendor/dalmp/src/DALMP/Sessions/Memcache.php';

$server = Server::memcached();
$socket = fsockopen('127.0.0.1', $server->port);
stream_set_timeout($socket, 10);
$store = function (string $key, int $flags, int $lifetime, string $value) use ($socket): void {
    fwrite($socket, "set $key $flags $lifetime " . strlen($value) . "\r\n$value\r\n");
    fgets($socket) === "STORED\r\n" || says('not stored', $key);
};
$there = function (string $key) use ($socket): bool {
    fwrite($socket, "get $key\r\n");
    $lines = [];
    while (!in_array($line = fgets($socket), ["END\r\n", false], true)) {
        $lines[] = $line;
    }
    return $lines !== [];
};
$key = fn (string $id): string => 'DALMP_' . sha1("UID$id");
$index = 'DALMP_REF_' . sha1('UID' . DALMP_SESSIONS_KEY);

// As the original leaves them behind, through pecl-memcache.
$end = time() + 1000;
$noted = [];
foreach (['first' => 42, 'second' => 'a|b', 'third' => '42'] as $id => $reference) {
    $store($key($id), 0, 1000, 'u|i:1;');
    $noted[$key($id)] = [$reference => $end];
}
$noted[$key('expired')] = [42 => time() - 10];
$noted['not a key'] = ['of ours' => $end];
$store($index, 1, 3600, serialize($noted));

$handler = new DALMP\Sessions\Memcache(new DALMP\Cache\Memcache('127.0.0.1', $server->port));
says('read', $handler->read('first'));
$found = $handler->getSessionRef(42);
ksort($found);
$expected = [$key('first') => 42, $key('third') => 42];
ksort($expected);
says('in its shape', array_map(key(...), $found) === $expected);
says('until then', array_filter($found, fn ($entry) => is_int(current($entry)) && abs(current($entry) - $end) <= 5) === $found);
says('with a bar', array_keys($handler->getSessionRef('a|b')) === [$key('second')]);
says('all', count($handler->getSessionsRefs()));
says('the item is still there', $there($index));

// A program of the original's that still runs, with compression.
$store($key('later'), 2, 1000, gzcompress('u|i:2;'));
$store($index, 3, 3600, gzcompress(serialize([$key('later') => ['42' => $end], $key('second') => [42 => $end]])));
says('still taken over', count($handler->getSessionRef('42')));
says('what a session has it keeps', count($handler->getSessionRef('a|b')));
says('the item is still there', $there($index));

// What is no such array stays.
$store($index, 1, 3600, serialize([$key('later') => new ArrayObject([42])]));
says('something else', [count($handler->getSessionsRefs()), $there($index)]);
$store($index, 3, 3600, "\x78\x9cdamaged");
says('damaged', [count($handler->getSessionsRefs()), $there($index)]);

says('ended', $handler->delSessionRef(42));
says('gone', [$handler->read('first'), $handler->read('later'), $handler->read('second')]);
?>
--EXPECT--
read: 'u|i:1;'
in its shape: yes
until then: yes
with a bar: yes
all: 3
the item is still there: no
still taken over: 3
what a session has it keeps: 1
the item is still there: no
something else: array (
  0 => 4,
  1 => true,
)
damaged: array (
  0 => 4,
  1 => true,
)
ended: yes
gone: array (
  0 => '',
  1 => '',
  2 => 'u|i:1;',
)
