--TEST--
Sessions of php-memcached are read, and php-memcached reads ours: both protocols, every distribution
--EXTENSIONS--
igbinary
msgpack
memcached
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-memcached.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
memcached.sess_lock_wait_min=10
memcached.sess_lock_wait_max=10
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

ob_start();
function visit(string $handler, string $path, string $id): array
{
    ini_set('session.save_handler', $handler);
    ini_set('session.save_path', $path);
    session_id($id);
    session_start();
    $_SESSION['by'][] = $handler;
    session_write_close();
    return $_SESSION['by'];
}
$ports = Face::memcached(3);
$run = bin2hex(random_bytes(4));
$settings = [
    'modula' => ['sess_consistent_hash' => '0'],
    'ketama' => ['sess_consistent_hash' => '1', 'sess_consistent_hash_type' => 'ketama'],
    'ketama_weighted' => ['sess_consistent_hash' => '1', 'sess_consistent_hash_type' => 'ketama_weighted'],
];
foreach ($settings as $distribution => $ini) {
    foreach (['0' => 'text', '1' => 'binary'] as $binary => $protocol) {
        foreach ([1, 3] as $count) {
            foreach (['memc.sess.key.', 'shop.'] as $prefix) {
                foreach ($ini + ['sess_binary_protocol' => $binary, 'sess_prefix' => $prefix] as $name => $value) {
                    ini_set("memcached.$name", $value);
                }
                $list = implode(',', array_map(fn ($i) => "127.0.0.1:{$ports[$i]}:" . ($i + 1), range(0, $count - 1)));
                $right = 0;
                for ($n = 0; $n < 12; $n++) {
                    $id = "$run-" . strtr($distribution, '_', '-') . "-$protocol-$count-" . strlen($prefix) . "-$n";
                    visit('memcached', $list, $id);
                    visit('seshat', "memcached://$list?distribution=$distribution&prefix=$prefix", $id);
                    $right += visit('memcached', $list, $id) === ['memcached', 'seshat', 'memcached'];
                }
                echo "$distribution, $protocol, $count, $prefix: $right\n";
            }
        }
    }
}
// The save path as it is, behind the store's name, is its default.
ini_set('memcached.sess_consistent_hash_type', 'ketama');
ini_set('memcached.sess_prefix', 'memc.sess.key.');
for ($n = $right = 0; $n < 12; $n++) {
    visit('memcached', $list, "$run-path-$n");
    $right += visit('seshat', "memcached:$list", "$run-path-$n") === ['memcached', 'seshat'];
}
echo "memcached: and the save path: $right\n";
--EXPECT--
modula, text, 1, memc.sess.key.: 12
modula, text, 1, shop.: 12
modula, text, 3, memc.sess.key.: 12
modula, text, 3, shop.: 12
modula, binary, 1, memc.sess.key.: 12
modula, binary, 1, shop.: 12
modula, binary, 3, memc.sess.key.: 12
modula, binary, 3, shop.: 12
ketama, text, 1, memc.sess.key.: 12
ketama, text, 1, shop.: 12
ketama, text, 3, memc.sess.key.: 12
ketama, text, 3, shop.: 12
ketama, binary, 1, memc.sess.key.: 12
ketama, binary, 1, shop.: 12
ketama, binary, 3, memc.sess.key.: 12
ketama, binary, 3, shop.: 12
ketama_weighted, text, 1, memc.sess.key.: 12
ketama_weighted, text, 1, shop.: 12
ketama_weighted, text, 3, memc.sess.key.: 12
ketama_weighted, text, 3, shop.: 12
ketama_weighted, binary, 1, memc.sess.key.: 12
ketama_weighted, binary, 1, shop.: 12
ketama_weighted, binary, 3, memc.sess.key.: 12
ketama_weighted, binary, 3, shop.: 12
memcached: and the save path: 12
