--TEST--
Storage\Adapter\Redis: mistakes in options, a server that is not there, a wrong password
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis') || extension_loaded('redis')) die('skip the family is not there, or phpredis is part of this PHP'); ?>
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';
require __DIR__ . '/../include/redis.inc';

set_error_handler(fn (int $level, string $message) => print("told: $message\n"));
$options = storage_options('redis');
foreach ([
    ['port' => 'six'], ['port' => 0], ['port' => 70000], ['index' => -1], ['index' => 'one'], ['host' => []], ['host' => 'redis://h'], ['auth' => ['only one']], ['auth' => 1.5],
    ['auth' => [[], 'hunter2']], ['timeout' => 'soon'], ['timeout' => -1], ['readTimeout' => []], ['persistent' => 'perhaps'], ['ssl' => ['verify_peer' => false]], ['port' => 'x', 'index' => 'y'],
] as $wrong) {
    attempt(json_encode($wrong), fn () => storage('redis', $wrong + $options)::class);
}
foreach ([['prefx' => 'a'], ['lockingEnabled' => true], ['persistent' => true, 'persistentId' => 'x', 'retryInterval' => 5, 'connectTimeout' => 1, 'statsKey' => 's', 'uniqueId' => 'u', 'adapter' => 'redis', 'ssl' => [], 'auth' => '', 'socket' => '', 'timeout' => 0, 'readTimeout' => '0', 'host' => null]] as $odd) {
    attempt(json_encode(array_keys($odd)), fn () => storage('redis', $odd + $options)::class);
}

// Nothing is connected to before there is something to ask.
$nobody = storage('redis', ['port' => 1, 'timeout' => 2] + $options);
foreach (['get' => ['k'], 'set' => ['k', 'v'], 'has' => ['k'], 'delete' => ['k'], 'deleteMultiple' => [['k']], 'increment' => ['k'], 'decrement' => ['k'], 'clear' => [], 'getKeys' => [], 'setForever' => ['k', 'v']] as $method => $arguments) {
    attempt($method, fn () => $nobody->$method(...$arguments));
}
attempt('no such socket', fn () => storage('redis', ['socket' => '/nonexistent/redis.sock'] + $options)->get('k'));
attempt('phpredis is not loaded', fn () => $nobody->getAdapter());

$server = new RawRedis();
$user = 'u' . bin2hex(random_bytes(4));
$server->ask('ACL', 'SETUSER', $user, 'on', '>right', '~*', '+@all', '-unlink');
foreach ([[$user, 'hunter2'], 'hunter2'] as $auth) {
    try {
        storage('redis', ['auth' => $auth] + $options)->get('k');
    } catch (Phalcon\Storage\Exceptions\AuthenticationFailed $e) {
        shows('refused', [str_contains((string) $e, 'hunter2'), preg_replace('/:\d+:/', ':PORT:', $e->getMessage())]);
    }
}
$storage = storage('redis', ['auth' => [$user, 'right']] + $options);
shows('as the right user', [$storage->set('k', 'v'), $storage->get('k')]);
try {
    $storage->delete('k');
} catch (Phalcon\Storage\Exception $e) {
    shows('not allowed', [$e::class, str_contains($e->getMessage(), 'NOPERM'), str_contains($e->getMessage(), $options['prefix'])]);
}
try {
    storage('redis', ['index' => 60000] + $options)->get('k');
} catch (Phalcon\Storage\Exceptions\DatabaseSelectionFailed $e) {
    shows('no such database', preg_replace('/:\d+\b/', ':PORT', $e->getMessage()));
}
$server->ask('ACL', 'DELUSER', $user);

// Keys that hold something else.
$storage = storage('redis', $options);
$server->ask('RPUSH', $options['prefix'] . 'list', 'a');
try {
    $storage->get('list');
} catch (Phalcon\Storage\Exceptions\StorageError $e) {
    shows('a list', [str_contains($e->getMessage(), 'WRONGTYPE'), str_contains($e->getMessage(), $options['prefix'])]);
}
$storage->set('text', 'x');
shows('no number', [$storage->increment('text'), $storage->decrement('text'), $storage->get('text')]);
shows('and it goes on', [$storage->set('list', 'v'), $storage->get('list'), $storage->clear()]);

// A trace shows no password.
function make(#[SensitiveParameter] array $options): object
{
    return new Phalcon\Storage\Adapter\Redis(new Phalcon\Storage\SerializerFactory(), $options);
}
ini_set('zend.exception_ignore_args', '0');
try {
    make(['auth' => 'hunter2', 'port' => 'x']);
} catch (Phalcon\Storage\Exception $e) {
    shows('in a trace', str_contains($e->getTraceAsString() . print_r($e->getTrace(), true), 'hunter2'));
}
--EXPECT--
{"port":"six"}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "port" must be a whole number from 1 to 65535, "six" given
{"port":0}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "port" must be a whole number from 1 to 65535, 0 given
{"port":70000}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "port" must be a whole number from 1 to 65535, 70000 given
{"index":-1}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "index" must be a whole number from 0 to 65535, -1 given
{"index":"one"}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "index" must be a whole number from 0 to 65535, "one" given
{"host":[]}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "host" must be a string, array given
{"host":"redis:\/\/h"}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "host" must be a name or an address alone, or the path of a unix socket
{"auth":["only one"]}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "auth" must be a password or [user, password]
{"auth":1.5}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "auth" must be a password or [user, password]
{"auth":[[],"hunter2"]}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "auth" must be a password or [user, password]
{"timeout":"soon"}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "timeout" must be a time such as 30, 1.5, "500ms" or "2m", "soon" given
{"timeout":-1}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "timeout" must be a time such as 30, 1.5, "500ms" or "2m", -1 given
{"readTimeout":[]}: "Phalcon\\Storage\\Adapter\\Redis"
{"persistent":"perhaps"}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "persistent" must be a switch (1 or 0), "perhaps" given
{"ssl":{"verify_peer":false}}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "ssl": TLS is not supported by this adapter
{"port":"x","index":"y"}: Phalcon\Storage\Exceptions\InvalidConfiguration: option "port" must be a whole number from 1 to 65535, "x" given; option "index" must be a whole number from 0 to 65535, "y" given
told: Phalcon\Storage\Adapter\Redis::__construct(): unknown option "prefx"; did you mean "prefix"?
["prefx"]: "Phalcon\\Storage\\Adapter\\Redis"
told: Phalcon\Storage\Adapter\Redis::__construct(): unknown option "lockingEnabled"
["lockingEnabled"]: "Phalcon\\Storage\\Adapter\\Redis"
["persistent","persistentId","retryInterval","connectTimeout","statsKey","uniqueId","adapter","ssl","auth","socket","timeout","readTimeout","host"]: "Phalcon\\Storage\\Adapter\\Redis"
get: Phalcon\Storage\Exceptions\ConnectionFailed: redis read at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
set: Phalcon\Storage\Exceptions\ConnectionFailed: redis write at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
has: Phalcon\Storage\Exceptions\ConnectionFailed: redis validate at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
delete: Phalcon\Storage\Exceptions\ConnectionFailed: redis destroy at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
deleteMultiple: Phalcon\Storage\Exceptions\ConnectionFailed: redis destroy at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
increment: Phalcon\Storage\Exceptions\ConnectionFailed: redis count at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
decrement: Phalcon\Storage\Exceptions\ConnectionFailed: redis count at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
clear: Phalcon\Storage\Exceptions\ConnectionFailed: redis read at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
getKeys: Phalcon\Storage\Exceptions\ConnectionFailed: redis read at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
setForever: Phalcon\Storage\Exceptions\ConnectionFailed: redis write at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
no such socket: Phalcon\Storage\Exceptions\ConnectionFailed: redis read at /nonexistent/redis.sock: there is no such socket (No such file or directory (os error 2))
phpredis is not loaded: Phalcon\Storage\Exception: getAdapter() returns an object of phpredis, but the PHP extension redis is not loaded; the other methods work without it
refused: [false,"redis read at 127.0.0.1:PORT: the user or the password is wrong, or the user is disabled (WRONGPASS)"]
refused: [false,"redis read at 127.0.0.1:PORT: a password was given, but the server has none for its default user"]
as the right user: [true,"v"]
not allowed: ["Phalcon\\Storage\\Exceptions\\AuthenticationFailed",true,false]
no such database: "redis read at 127.0.0.1:PORT: the server has no database of that number (option \"index\")"
a list: [true,false]
no number: [false,false,"x"]
and it goes on: [true,"v",true]
in a trace: no
