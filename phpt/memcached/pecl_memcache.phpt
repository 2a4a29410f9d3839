--TEST--
Sessions of pecl-memcache are read, and pecl-memcache reads ours
--EXTENSIONS--
memcache
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-memcached.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
memcache.session_redundancy=1
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
function visit(string $handler, string $path, string $id, string $more = ''): array
{
    ini_set('session.save_handler', $handler);
    ini_set('session.save_path', $path);
    session_id($id);
    session_start();
    $_SESSION['by'][] = $handler;
    $_SESSION['more'] = $more;
    session_write_close();
    return $_SESSION['by'];
}
$port = Face::memcached()[0];
$run = bin2hex(random_bytes(4));
foreach (['ascii', 'binary'] as $protocol) {
    ini_set('memcache.protocol', $protocol);
    foreach (['small' => 'abc', 'compressed' => str_repeat('abc', 10000)] as $size => $more) {
        foreach (['off', 'pecl'] as $compression) {
            $right = 0;
            for ($n = 0; $n < 5; $n++) {
                $id = "$run-$protocol-$size-$compression-$n";
                visit('memcache', "tcp://127.0.0.1:$port", $id, $more);
                visit('seshat', "memcached://127.0.0.1:$port?prefix=&compression=$compression", $id, $more);
                $right += visit('memcache', "tcp://127.0.0.1:$port", $id, $more) === ['memcache', 'seshat', 'memcache'];
            }
            echo "$protocol, $size, compression $compression: $right\n";
        }
    }
}
// The save path as it is, behind the store's name, is its default: also the choice of the server.
ini_set('memcache.protocol', 'ascii');
$servers = fn (array $weights) => implode(', ', array_map(
    fn ($i) => 'tcp://127.0.0.1:' . Face::memcached(3)[$i] . "?persistent=1&weight=$weights[$i]&timeout=5", [0, 1, 2]
));
foreach ([[1, 1, 1], [1, 3, 2]] as $turn => $weights) {
    $path = $servers($weights);
    $right = 0;
    for ($n = 0; $n < 20; $n++) {
        visit('memcache', $path, "$run-path-$turn-$n");
        visit('seshat', "memcache:$path", "$run-path-$turn-$n");
        $right += visit('memcache', $path, "$run-path-$turn-$n") === ['memcache', 'seshat', 'memcache'];
    }
    echo "three servers: $right\n";
}
--EXPECT--
ascii, small, compression off: 5
ascii, small, compression pecl: 5
ascii, compressed, compression off: 5
ascii, compressed, compression pecl: 5
binary, small, compression off: 5
binary, small, compression pecl: 5
binary, compressed, compression off: 5
binary, compressed, compression pecl: 5
three servers: 20
three servers: 20
