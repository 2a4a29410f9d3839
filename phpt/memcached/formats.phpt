--TEST--
Values of the class Memcached are read, and it reads ours: compressed, serialized, on rings with weights
--EXTENSIONS--
igbinary
msgpack
memcached
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-memcached.inc'; ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$ports = Face::memcached(3);
$list = implode(',', array_map(fn ($i) => "127.0.0.1:{$ports[$i]}:" . ($i + 1), range(0, 2)));
$prefix = bin2hex(random_bytes(4)) . '-';
$client = function (array $options) use ($ports, $prefix): Memcached {
    $client = new Memcached();
    $client->setOptions($options + [Memcached::OPT_PREFIX_KEY => $prefix]);
    $client->addServers(array_map(fn ($i) => ['127.0.0.1', (int) $ports[$i], $i + 1], range(0, 2)));
    return $client;
};
// Long enough for a match far away, and for fastlz's second level.
$values = [
    'short' => 'user|i:7;',
    'long' => str_repeat('name|s:5:"alice";', 400),
    'longer' => str_repeat(implode(',', range(0, 3000)) . ';', 8) . str_repeat('x', 100000),
    'dense' => random_bytes(5000),
    'empty' => '',
];
$rings = [
    'modula' => [],
    'consistent&hash=default' => [Memcached::OPT_DISTRIBUTION => Memcached::DISTRIBUTION_CONSISTENT],
    'consistent' => [Memcached::OPT_LIBKETAMA_COMPATIBLE => true],
    'modula&hash=fnv1a_32' => [Memcached::OPT_HASH => Memcached::HASH_FNV1A_32],
];
$compressions = [
    'off' => [Memcached::OPT_COMPRESSION => false],
    'fastlz' => [Memcached::OPT_COMPRESSION => true, Memcached::OPT_COMPRESSION_TYPE => Memcached::COMPRESSION_FASTLZ],
    'zlib' => [Memcached::OPT_COMPRESSION => true, Memcached::OPT_COMPRESSION_TYPE => Memcached::COMPRESSION_ZLIB],
];
foreach ($rings as $ring => $ringOptions) {
    foreach ($compressions as $compression => $compressionOptions) {
        foreach ([false, true] as $binary) {
            $memcached = $client($ringOptions + $compressionOptions + [Memcached::OPT_BINARY_PROTOCOL => $binary]);
            $seshat = new Seshat\Handler("memcached://$list?distribution=$ring&compression=$compression&prefix=$prefix");
            $wrong = [];
            foreach ($values as $name => $value) {
                $memcached->set("theirs-$name", $value, 60);
                $wrong[] = $seshat->read("theirs-$name") === $value ? '' : "read $name";
                $seshat->write("ours-$name", $value);
                $wrong[] = $memcached->get("ours-$name") === $value ? '' : "write $name";
            }
            echo "$ring, $compression: ", implode(' ', array_filter($wrong)) ?: 'both ways', "\n";
        }
    }
}
// What was serialized once more, by the client or by a layer above it.
$plain = new Seshat\Handler("memcached://$list?distribution=modula&prefix=$prefix");
$wrapped = new Seshat\Handler("memcached://$list?distribution=modula&serialize=1&compression=zlib&prefix=$prefix");
$memcached = $client([]);
$memcached->set('wrapped', serialize($values['long']), 60);
var_dump($wrapped->read('wrapped') === $values['long'], $plain->read('wrapped') === serialize($values['long']));
$wrapped->write('wrapped', 'again');
var_dump($memcached->get('wrapped'));
// And what is no session.
$memcached->set('array', ['a' => 1], 60);
try {
    $plain->read('array');
} catch (Seshat\Exception $e) {
    echo preg_replace('/:\d+/', ':PORT', $e->getMessage()), "\n";
}
--EXPECT--
modula, off: both ways
modula, off: both ways
modula, fastlz: both ways
modula, fastlz: both ways
modula, zlib: both ways
modula, zlib: both ways
consistent&hash=default, off: both ways
consistent&hash=default, off: both ways
consistent&hash=default, fastlz: both ways
consistent&hash=default, fastlz: both ways
consistent&hash=default, zlib: both ways
consistent&hash=default, zlib: both ways
consistent, off: both ways
consistent, off: both ways
consistent, fastlz: both ways
consistent, fastlz: both ways
consistent, zlib: both ways
consistent, zlib: both ways
modula&hash=fnv1a_32, off: both ways
modula&hash=fnv1a_32, off: both ways
modula&hash=fnv1a_32, fastlz: both ways
modula&hash=fnv1a_32, fastlz: both ways
modula&hash=fnv1a_32, zlib: both ways
modula&hash=fnv1a_32, zlib: both ways
bool(true)
bool(true)
string(12) "s:5:"again";"
memcached read at 127.0.0.1:PORT: the item was stored with Memcached's serializer igbinary, json or msgpack; sessions are strings
