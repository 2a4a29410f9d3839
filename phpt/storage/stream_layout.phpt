--TEST--
Storage\Adapter\Stream: files are where Phalcon has them and hold what it reads, in both directions
--EXTENSIONS--
mbstring
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Stream')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';

$folder = Face::scratch();
umask(022);
$storage = storage('stream', ['storageDir' => "$folder/made/by/set//"]);
shows('made when needed', [is_dir("$folder/made"), $storage->get('k'), $storage->has('k'), $storage->delete('k'), $storage->getKeys(), $storage->clear(), is_dir("$folder/made")]);
$storage->set('abcdef.x', ['a' => 1], 60);
$file = "$folder/made/by/set/ph-strm/ab/cd/abcdef.x";
$payload = unserialize(file_get_contents($file));
shows('payload', [array_keys($payload), is_int($payload['created']) && abs(time() - $payload['created']) < 60, $payload['ttl'], $payload['content']]);
shows('written as Phalcon writes it', file_get_contents($file) === serialize(['created' => $payload['created'], 'ttl' => 60, 'content' => 'a:1:{s:1:"a";i:1;}']));
shows('permissions', [decoct(fileperms($file) & 0777), decoct(fileperms(dirname($file)) & 0777)]);
$storage->setForever('abcdef.x', 5);
shows('for ever', [file_get_contents($file) === serialize(['created' => unserialize(file_get_contents($file))['created'], 'ttl' => 'forever', 'content' => 5]), $storage->get('abcdef.x')]);
$storage->clear();

// The folders, from the rule: the name without its extension and its last two characters, by twos.
$where = function (string $key): string {
    $name = pathinfo($key, PATHINFO_FILENAME);
    $start = strtr(mb_substr($name, 0, -2), '.', '-');
    return implode('/', mb_str_split($start ?: mb_substr($name, 0, 1), 2));
};
$keys = ['a', 'ab', 'abc', 'abcd', 'abcde', 'sess-1234567890abcdef', 'a.b', 'a.b.c.d.e', 'x.', '.hidden', '0', '00', '000', '012', 'with space', 'ünïcödé-kéy', str_repeat('long', 60), '-', '-a', 'a..b..c', '..a', '...'];
$wrong = [];
foreach ($keys as $key) {
    $storage->set($key, "v$key");
    $path = preg_replace('~/\./|/+~', '/', "$folder/made/by/set/ph-strm/" . $where($key) . "/$key");
    if (!is_file($path) || $storage->get($key) !== "v$key" || !$storage->has($key)) {
        $wrong[$key] = $path;
    }
}
shows('elsewhere', $wrong);
sort($keys, SORT_STRING);
shows('keys', $storage->getKeys() === array_map(fn ($key) => "ph-strm$key", $keys));
shows('deletes', array_unique(array_map($storage->delete(...), $keys)));

// What Phalcon wrote.
$put = function (string $key, mixed $payload) use ($folder, $where) {
    $path = "$folder/made/by/set/ph-strm/" . $where($key);
    is_dir($path) || mkdir($path, 0777, true);
    file_put_contents("$path/$key", is_string($payload) ? $payload : serialize($payload), LOCK_EX);
};
$now = time();
foreach ([
    'alive' => ['created' => $now, 'ttl' => 3600, 'content' => 's:1:"v";'],
    'forever' => ['created' => $now - 100_000, 'ttl' => 'forever', 'content' => 's:1:"v";'],
    'number' => ['created' => $now, 'ttl' => 3600, 'content' => 5],
    'over' => ['created' => $now - 11, 'ttl' => 10, 'content' => 's:1:"v";'],
    'without ttl' => ['created' => $now - 3000, 'content' => 's:1:"v";'],
    'without ttl, old' => ['created' => $now - 4000, 'content' => 's:1:"v";'],
    'null' => ['created' => $now, 'ttl' => 3600, 'content' => null],
    'broken content' => ['created' => $now, 'ttl' => 3600, 'content' => 's:5:"v";'],
    'half' => substr(serialize(['created' => $now, 'ttl' => 3600, 'content' => 's:1:"v";']), 0, -10),
    'empty' => '',
    'no payload' => 'i:5;',
    'a list' => [1, 2, 3],
    'strange types' => ['created' => 'x', 'ttl' => [], 'content' => 's:1:"v";'],
] as $key => $payload) {
    $put($key, $payload);
    attempt($key, fn () => [$storage->get($key, 'default'), $storage->has($key), $storage->delete($key)]);
}
$put('over', ['created' => $now - 11, 'ttl' => 10, 'content' => 's:1:"v";']);
shows('an expired file goes with its deletion', [$storage->delete('over'), $storage->getKeys()]);
shows('counting', [$storage->set('n', 5, 10), $storage->increment('n'), unserialize(file_get_contents("$folder/made/by/set/ph-strm/n/n"))['ttl'], $storage->increment('none')]);

// Prefixes.
foreach (['p-', '', 'a/b', '/lead/'] as $prefix) {
    $own = storage('stream', ['storageDir' => "$folder/prefixes", 'prefix' => $prefix]);
    $own->set('k', 'v');
    shows("prefix '$prefix'", [is_file("$folder/prefixes/" . trim($prefix, '/') . '/k/k'), $own->getKeys(), $own->get('k'), $own->clear(), $own->has('k')]);
}
shows('relative', (function () use ($folder) {
    chdir($folder);
    $own = storage('stream', ['storageDir' => 'here']);
    $own->set('k', 'v');
    return [is_file("$folder/here/ph-strm/k/k"), $own->get('k')];
})());
--EXPECT--
made when needed: [false,null,false,false,[],true,false]
payload: [["created","ttl","content"],true,60,"a:1:{s:1:\"a\";i:1;}"]
written as Phalcon writes it: yes
permissions: ["644","755"]
for ever: [true,5]
elsewhere: []
keys: yes
deletes: [true]
alive: ["v",true,true]
forever: ["v",true,true]
number: [5,true,true]
over: ["default",false,false]
without ttl: ["v",true,true]
without ttl, old: ["default",false,false]
null: [null,true,true]
broken content: ["default",true,true]
half: ["default",false,false]
empty: ["default",false,false]
no payload: ["default",false,false]
a list: ["default",false,false]
strange types: ["default",false,false]
an expired file goes with its deletion: [false,[]]
counting: [true,6,3600,false]
prefix 'p-': [true,["p-k"],"v",true,false]
prefix '': [true,["k"],"v",true,false]
prefix 'a/b': [true,["a/bk"],"v",true,false]
prefix '/lead/': [true,["/lead/k"],"v",true,false]
relative: [true,"v"]
