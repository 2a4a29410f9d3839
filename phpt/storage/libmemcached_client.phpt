--TEST--
Storage\Adapter\Libmemcached and the class Memcached: both read what the other wrote, on the same servers, and getAdapter()
--EXTENSIONS--
igbinary
msgpack
memcached
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-memcached.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Libmemcached')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

set_error_handler(fn (int $level, string $message) => print("told: $message\n"));
$ports = array_map('intval', Face::memcached(3));
$weights = [1, 2, 3];
$servers = array_map(fn (int $port, int $weight) => ['host' => '127.0.0.1', 'port' => $port, 'weight' => $weight], $ports, $weights);
$prefix = 't' . bin2hex(random_bytes(6)) . '-';
$values = ['text', '', str_repeat('long ', 5000), 5, -5, 1.25, 1e300, INF, true, false, null, [1, ['a' => 'b']], new ArrayObject([1])];
$ways = [
    'no options' => [],
    'consistent' => [Memcached::OPT_DISTRIBUTION => Memcached::DISTRIBUTION_CONSISTENT],
    'ketama' => [Memcached::OPT_LIBKETAMA_COMPATIBLE => true, Memcached::OPT_COMPRESSION_TYPE => Memcached::COMPRESSION_ZLIB],
];
foreach ($ways as $name => $options) {
    // As Phalcon 5 does: what its serializer wrote goes to a client with a prefix.
    $theirs = new Memcached();
    $theirs->setOptions($options + [Memcached::OPT_PREFIX_KEY => $prefix]);
    $theirs->addServers(array_map(fn (array $server) => array_values($server), $servers));
    $ours = storage('libmemcached', ['servers' => $servers, 'client' => $options, 'prefix' => $prefix]);
    $wrong = [];
    foreach ($values as $n => $value) {
        $stored = is_scalar($value) && !is_string($value) || $value === null ? $value : serialize($value);
        $same = fn ($found, $wanted) => is_object($wanted) ? $found == $wanted : $found === $wanted;
        $ours->set("k$n", $value);
        if (!$same($theirs->get("k$n"), $stored)) {
            $wrong[] = "they do not read $n";
        }
        // Phalcon 5, then 4, where the client serializes.
        foreach ([$stored, $value] as $written) {
            foreach ([Memcached::SERIALIZER_PHP, Memcached::SERIALIZER_IGBINARY, Memcached::SERIALIZER_MSGPACK] as $serializer) {
                $theirs->setOption(Memcached::OPT_SERIALIZER, $serializer);
                $theirs->set("k$n", $written);
                if (!$same($ours->get("k$n"), $value)) {
                    $wrong[] = "we do not read $n with $serializer";
                }
            }
        }
        $theirs->setOption(Memcached::OPT_SERIALIZER, Memcached::SERIALIZER_PHP);
        if (!$ours->delete("k$n") || $theirs->get("k$n") !== false || $theirs->getResultCode() !== Memcached::RES_NOTFOUND) {
            $wrong[] = "not deleted: $n";
        }
    }
    foreach (['memcached_php' => Memcached::SERIALIZER_PHP, 'memcached_igbinary' => Memcached::SERIALIZER_IGBINARY, 'memcached_json' => Memcached::SERIALIZER_JSON_ARRAY] as $word => $serializer) {
        $with = storage('libmemcached', ['servers' => $servers, 'client' => $options, 'prefix' => $prefix, 'defaultSerializer' => $word]);
        if (!$theirs->setOption(Memcached::OPT_SERIALIZER, $serializer)) {
            continue;
        }
        $with->set('c', ['a' => [1, 2]]);
        if ($theirs->get('c') !== ['a' => [1, 2]]) {
            $wrong[] = "they do not read $word";
        }
        $theirs->set('c', ['b' => 1]);
        if ($with->get('c') !== ['b' => 1]) {
            $wrong[] = "we do not read $word";
        }
    }
    $theirs->set('n', 10);
    $counts = [$ours->increment('n', 2), $theirs->increment('n'), $ours->decrement('n', 4), $theirs->get('n'), $ours->get('n')];
    $theirs->setOption(Memcached::OPT_SERIALIZER, Memcached::SERIALIZER_PHP);
    $client = $ours->getAdapter();
    $ours->set('mine', 'value');
    shows($name, [$wrong, $counts, $client::class, $client === $ours->getAdapter(), count($client->getServerList()), $client->get('mine'), $client->getOption(Memcached::OPT_PREFIX_KEY) === $prefix]);
}
$named = storage('libmemcached', ['servers' => $servers, 'prefix' => $prefix, 'persistentId' => $prefix, 'client' => ['OPT_COMPRESSION' => false, 'Memcached::OPT_HASH' => Memcached::HASH_MD5, 'tcp_nodelay' => true]]);
$client = $named->getAdapter();
$other = storage('libmemcached', ['servers' => $servers, 'prefix' => "$prefix-other", 'persistentId' => $prefix])->getAdapter();
shows('persistent', [$client->isPersistent(), $client->getOption(Memcached::OPT_COMPRESSION), $client->getOption(Memcached::OPT_HASH) === Memcached::HASH_MD5, $client->getOption(Memcached::OPT_PREFIX_KEY) === $prefix, $other->getOption(Memcached::OPT_PREFIX_KEY) === "$prefix-other"]);
$named->set('mine', 'value');
shows('reads it', $client->get('mine'));
attempt('no such option', fn () => storage('libmemcached', ['servers' => $servers, 'client' => ['OPT_NONE' => 1]])->getAdapter());
--EXPECT--
no options: [[],[12,13,9,9,9],"Memcached",true,3,"s:5:\"value\";",true]
consistent: [[],[12,13,9,9,9],"Memcached",true,3,"s:5:\"value\";",true]
ketama: [[],[12,13,9,9,9],"Memcached",true,3,"s:5:\"value\";",true]
persistent: [true,false,true,true,true]
reads it: "s:5:\"value\";"
no such option: Phalcon\Storage\Exceptions\InvalidConfiguration: option "client": NONE is no option of the class Memcached
