--TEST--
Storage\Adapter\Redis: keys, values and lifetimes are Phalcon's; only its own keys are listed and cleared
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';
require __DIR__ . '/../include/redis.inc';

$server = new RawRedis();
$base = storage_options('redis');
$own = $base['prefix'];
$storage = storage('redis', $base);
foreach (['text' => 'a', 'empty' => '', 'int' => 5, 'float' => 1.5, 'digits' => '007', 'true' => true, 'false' => false, 'null' => null, 'list' => [1]] as $key => $value) {
    $storage->set($key, $value);
    shows($key, [$server->ask('GET', $own . $key), $server->ask('TTL', $own . $key) > 3500]);
}
// What Phalcon 4 and 5 left, and what is no serialization at all.
foreach (['i:5;' => 5, 'b:1;' => true, 'N;' => null, 's:1:"a";' => 'a', '12' => '12', '' => '', 'raw text' => 'default', 'a:1:{i:0' => 'default'] as $stored => $value) {
    $server->ask('SET', $own . 'old', (string) $stored);
    shows("reads $stored", $storage->get('old', 'default') === $value);
}
$ttl = fn (string $key) => $server->ask('TTL', $own . $key);
$storage->set('t', 1, 100);
shows('a time', $ttl('t') > 90 && $ttl('t') <= 100);
$storage->set('t', 1, new DateInterval('PT2M'));
shows('an interval', $ttl('t') > 110 && $ttl('t') <= 120);
$storage->set('t', 1, PHP_INT_MAX);
shows('as long as can be', $ttl('t') === 100_000_000_000);
$storage->setForever('t', 1);
shows('for ever', $ttl('t'));
$storage->set('t', 1);
shows('an end again', $ttl('t') > 3500);
storage('redis', ['lifetime' => 0] + $base)->set('t', 1);
shows('a lifetime of 0', $ttl('t'));
storage('redis', ['lifetime' => '60'] + $base)->set('t', 1);
shows('a lifetime', $ttl('t') > 50 && $ttl('t') <= 60);
$storage->set('t', 1, 0);
shows('over', $ttl('t'));
$storage->set('n', 1, 100);
$storage->increment('n');
shows('counting keeps the end', [$server->ask('GET', $own . 'n'), $ttl('n') > 90]);

// The database, and the names of the client's serializers.
$second = storage('redis', ['index' => 2] + $base);
$second->set('k', 'two');
shows('databases', [$storage->has('k'), $second->has('k'), $second->clear()]);
foreach (['redis_none', 'redis_php', 'redis_json', 'none', 'json', 'base64', 'PHP'] as $name) {
    $named = storage('redis', ['defaultSerializer' => $name] + $base);
    $named->set('k', 'v');
    $text = $server->ask('GET', $own . 'k');
    shows($name, [$text, $named->get('k')]);
}
attempt('a list without a serializer', fn () => storage('redis', ['defaultSerializer' => 'none'] + $base)->set('k', [1]));

// Prefixes that a server could take for patterns, and many keys.
$storage->clear();
foreach (['*', 'a[b]c*?', 'x\\y', "nul\0"] as $odd) {
    $prefix = $own . $odd;
    $weird = storage('redis', ['prefix' => $prefix] + $base);
    $weird->set('k', 1);
    $near = storage('redis', ['prefix' => $own . 'ab'] + $base);
    $near->set('k', 1);
    shows(json_encode($odd), [$weird->getKeys() === [$prefix . 'k'], $weird->clear(), $near->has('k'), $near->clear()]);
}
for ($i = 0; $i < 1500; $i++) {
    $storage->set("many$i", $i);
}
$server->ask('SET', 'somebody:' . $own, 'else');
$keys = $storage->getKeys('many');
shows('many', [count($keys), count(array_unique($keys)), $storage->clear(), $storage->getKeys(), $server->ask('DEL', 'somebody:' . $own)]);

// A unix socket, in both of its options.
$socket = getenv('SESHAT_REDIS_SOCKET');
foreach ([['socket' => $socket], ['host' => $socket, 'port' => null]] as $way) {
    $local = storage('redis', $way + ['prefix' => $own]);
    shows('socket', [$local->set('k', 'v'), $local->get('k'), $local->clear()]);
}

// Connections outlive their objects, and a lost one is made anew.
$user = 'u' . bin2hex(random_bytes(4));
$server->ask('ACL', 'SETUSER', $user, 'on', '>word', '~*', '+@all');
$mine = ['auth' => [$user, 'word']] + $base;
for ($i = 0; $i < 50; $i++) {
    storage('redis', $mine)->get('k');
}
shows('connections', substr_count((string) $server->ask('CLIENT', 'LIST'), " user=$user "));
$storage = storage('redis', $mine);
$storage->get('k');
shows('closed', $server->ask('CLIENT', 'KILL', 'USER', $user));
shows('lost', [$storage->set('k', 'v'), $storage->get('k')]);
$server->ask('CLIENT', 'KILL', 'USER', $user);
// A connection that was used within the last millisecond is trusted; adding is not tried twice.
usleep(2_000);
shows('lost before counting', $storage->increment('new'));
$storage->clear();
$server->ask('ACL', 'DELUSER', $user);
--EXPECT--
text: ["s:1:\"a\";",true]
empty: ["s:0:\"\";",true]
int: ["5",true]
float: ["1.5",true]
digits: ["007",true]
true: ["b:1;",true]
false: ["b:0;",true]
null: ["N;",true]
list: ["a:1:{i:0;i:1;}",true]
reads i:5;: yes
reads b:1;: yes
reads N;: yes
reads s:1:"a";: yes
reads 12: yes
reads : yes
reads raw text: yes
reads a:1:{i:0: yes
a time: yes
an interval: yes
as long as can be: yes
for ever: -1
an end again: yes
a lifetime of 0: -1
a lifetime: yes
over: -2
counting keeps the end: ["2",true]
databases: [false,true,true]
redis_none: ["v","v"]
redis_php: ["s:1:\"v\";","v"]
redis_json: ["\"v\"","v"]
none: ["v","v"]
json: ["\"v\"","v"]
base64: ["dg==","v"]
PHP: ["s:1:\"v\";","v"]
a list without a serializer: Phalcon\Storage\Exceptions\StorageError: The serializer none stores strings and numbers alone; name another one (defaultSerializer)
"*": [true,true,true,true]
"a[b]c*?": [true,true,true,true]
"x\\y": [true,true,true,true]
"nul\u0000": [true,true,true,true]
many: [1500,1500,true,[],1]
socket: [true,"v",true]
socket: [true,"v",true]
connections: 1
closed: 1
lost: [true,"v"]
lost before counting: 1
