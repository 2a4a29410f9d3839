--TEST--
Options that make no sense are refused by name; unknown ones are warned of once; setId() and setName() as PHP says
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis') || !class_exists('Phalcon\\Session\\Adapter\\Files')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
html_errors=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Files;
use Phalcon\Session\Adapter\Redis;

ob_start();
$folder = Face::scratch();
ini_set('session.save_path', $folder);
set_error_handler(function (int $level, string $message) {
    global $folder;
    // Newer versions of PHP say where the session was started, and what else a name must not be.
    echo 'warning: ', preg_replace(['/ \(started from .*\)/', '/(session.name "12") .*/'], ['', '$1 ...'], str_replace($folder, 'FOLDER', $message)), "\n";
    return true;
});
function attempt(string $what, callable $make): void
{
    global $folder;
    try {
        $made = $make();
        echo "$what: ", is_object($made) ? 'made' : var_export($made, true), "\n";
    } catch (Throwable $e) {
        echo "$what: ", get_class($e), ': ', str_replace($folder, 'FOLDER', $e->getMessage()), "\n";
    }
}
final class Child extends Phalcon\Session\Adapter
{
}

attempt('nothing', fn () => new Redis());
foreach (['text', 5, true, new stdClass()] as $options) {
    attempt('options ' . get_debug_type($options), fn () => new Redis($options));
}
$wrong = [
    'host' => [[], true, 'tcp://h', 'user@h'], 'port' => ['much', 0, 65536, 1.5, []], 'index' => ['one', -1, []],
    'auth' => [new stdClass(), ['a', 'b', 'c'], true], 'lifetime' => ['soon', [], 0.5], 'timeout' => ['soon', -1], 'prefix' => [[], "\xff"],
    'statsKey' => [[], true], 'uniqueId' => [[], new stdClass()], 'socket' => [[], 'relative/'], 'locking' => ['perhaps'],
];
foreach ($wrong as $name => $values) {
    foreach ($values as $value) {
        attempt("$name " . json_encode($value, JSON_INVALID_UTF8_SUBSTITUTE), fn () => new Redis([$name => $value]));
    }
}
attempt('unknown', fn () => new Redis(['prefx' => 'a', 'port' => 6379]));
attempt('unknown', fn () => new Redis(['something' => 'a']));

$port = (int) getenv('SESHAT_REDIS_PORT');
foreach (['', 5, null, [], '/run/redis.sock', 'redis://h', 'tcp://h:0', 'tcp://h?wieght=1', 'tcp://h?database=x', 'tcp://a:1,tcp://b:2', "tcp://\xff", 'unix://'] as $path) {
    attempt('path ' . json_encode($path, JSON_INVALID_UTF8_SUBSTITUTE), fn () => new Redis(['path' => $path]));
}
attempt('with a path', fn () => new Redis(['path' => "tcp://127.0.0.1:$port", 'name' => [], 'lifetime' => 1.5]));
attempt('with a path', fn () => new Redis(['path' => "tcp://127.0.0.1:$port", 'cookie_livetime' => 1]));

foreach (['text', 5, new stdClass()] as $options) {
    attempt('options ' . get_debug_type($options), fn () => new Files($options));
    attempt('options ' . get_debug_type($options), fn () => new Child($options));
}
foreach (['', '/nowhere', 5, []] as $path) {
    attempt('savePath ' . json_encode($path), fn () => new Files(['savePath' => $path]));
}
attempt('prefix', fn () => new Files(['savePath' => $folder, 'prefix' => 'a/b']));
attempt('unknown', fn () => new Files(['uniqueid' => 'app']));
attempt('uniqueId', fn () => new Child(['uniqueId' => []]));
attempt('setOptions', fn () => (new Child())->setOptions('text'));
attempt('setOptions', fn () => (new Child())->setOptions());
ini_set('session.save_path', '/nowhere');
attempt('a session path that is not there', fn () => (new Files())->read('id'));
ini_set('session.save_path', $folder);
attempt('no server', fn () => (new Redis(['port' => 1]))->read('id'));
attempt('an id that leads elsewhere', fn () => (new Redis(['port' => $port]))->read('../id'));
attempt('an id that leads elsewhere', fn () => (new Files(['savePath' => $folder]))->destroy('../id'));
attempt('getRedis', fn () => (new Redis())->getRedis());
attempt('too many', fn () => (new Files())->destroy(1, 2));
attempt('too few', fn () => (new Files())->get());

session_set_save_handler(new SessionHandler());
$session = new Files();
$session->start();
attempt('setId', fn () => $session->setId('other'));
attempt('setName', fn () => $session->setName('other'));
$session->destroy();
attempt('a bad id', function () use ($session) {
    $session->setId('../id');
    return $session->start();
});
session_id('');
attempt('setName', fn () => $session->setName('12'));
attempt('regenerateId', fn () => $session->regenerateId());
attempt('destroy', fn () => $session->destroy());
--EXPECT--
nothing: made
options string: Phalcon\Session\Exception: Phalcon\Session\Adapter\Redis takes an array of options, or a Phalcon\Storage\AdapterFactory and an array of options
options int: Phalcon\Session\Exception: Phalcon\Session\Adapter\Redis takes an array of options, or a Phalcon\Storage\AdapterFactory and an array of options
options bool: Phalcon\Session\Exception: Phalcon\Session\Adapter\Redis takes an array of options, or a Phalcon\Storage\AdapterFactory and an array of options
options stdClass: Phalcon\Session\Exception: Phalcon\Session\Adapter\Redis needs a factory with a method newInstance()
host []: Phalcon\Session\Exception: option "host" must be a string, array given
host true: Phalcon\Session\Exception: option "host" must be a string, bool given
host "tcp:\/\/h": Phalcon\Session\Exception: the host must be a name or an address alone; user, password, port and path are options of their own
host "user@h": Phalcon\Session\Exception: the host must be a name or an address alone; user, password, port and path are options of their own
port "much": Phalcon\Session\Exception: option "port" must be a whole number from 1 to 65535, "much" given
port 0: Phalcon\Session\Exception: option "port" must be a whole number from 1 to 65535, 0 given
port 65536: Phalcon\Session\Exception: option "port" must be a whole number from 1 to 65535, 65536 given
port 1.5: Phalcon\Session\Exception: option "port" must be a whole number from 1 to 65535, 1.5 given
port []: Phalcon\Session\Exception: option "port" must be a whole number from 1 to 65535, array given
index "one": Phalcon\Session\Exception: option "index" must be a whole number from 0 to 65535, "one" given
index -1: Phalcon\Session\Exception: option "index" must be a whole number from 0 to 65535, -1 given
index []: Phalcon\Session\Exception: option "index" must be a whole number from 0 to 65535, array given
auth {}: Phalcon\Session\Exception: option "auth" must be a string, stdClass given
auth ["a","b","c"]: Phalcon\Session\Exception: option "auth" must be a password or [user, password]
auth true: Phalcon\Session\Exception: option "auth" must be a string, bool given
lifetime "soon": Phalcon\Session\Exception: option "lifetime" must be a time such as 30, 1.5, "500ms" or "2m", "soon" given
lifetime []: Phalcon\Session\Exception: option "lifetime" must be a time such as 30, 1.5, "500ms" or "2m", array given
lifetime 0.5: Phalcon\Session\Exception: option "lifetime" must be at least 1 second
timeout "soon": Phalcon\Session\Exception: option "timeout" must be a time such as 30, 1.5, "500ms" or "2m", "soon" given
timeout -1: Phalcon\Session\Exception: option "timeout" must be a time such as 30, 1.5, "500ms" or "2m", -1 given
prefix []: Phalcon\Session\Exception: option "prefix" must be a string, array given
prefix "\ufffd": Phalcon\Session\Exception: option "prefix" must be text in UTF-8, string given
statsKey []: Phalcon\Session\Exception: option "statsKey" must be a string, array given
statsKey true: Phalcon\Session\Exception: option "statsKey" must be a string, bool given
uniqueId []: Phalcon\Session\Exception: option "uniqueId" must be a string, array given
uniqueId {}: Phalcon\Session\Exception: option "uniqueId" must be a string, stdClass given
socket []: Phalcon\Session\Exception: option "socket" must be a string, array given
socket "relative\/": Phalcon\Session\Exception: the DSN of a unix socket needs its path: redis+unix:///run/redis/redis.sock
locking "perhaps": Phalcon\Session\Exception: option "lockingEnabled" must be a switch (1 or 0), "perhaps" given
warning: Phalcon\Session\Adapter\Redis::__construct(): unknown option "prefx"; did you mean "prefix"?
unknown: made
warning: Phalcon\Session\Adapter\Redis::__construct(): unknown option "something"
unknown: made
path "": Phalcon\Session\Exception: The parameter 'save_path' is required
path 5: Phalcon\Session\Exception: The parameter 'save_path' is required
path null: Phalcon\Session\Exception: The parameter 'save_path' is required
path []: Phalcon\Session\Exception: The parameter 'save_path' is required
path "\/run\/redis.sock": Phalcon\Session\Exception: option "path" must begin with one of tcp://, tls://, unix://
path "redis:\/\/h": Phalcon\Session\Exception: option "path" must begin with one of tcp://, tls://, unix://
path "tcp:\/\/h:0": Phalcon\Session\Exception: the DSN's port must be a number from 1 to 65535
path "tcp:\/\/h?wieght=1": Phalcon\Session\Exception: unknown option "wieght"; did you mean "weight"?
path "tcp:\/\/h?database=x": Phalcon\Session\Exception: option "database" must be a whole number from 0 to 2147483647, "x" given
path "tcp:\/\/a:1,tcp:\/\/b:2": made
path "tcp:\/\/\ufffd": Phalcon\Session\Exception: option "path" is not UTF-8
path "unix:\/\/": Phalcon\Session\Exception: the DSN of a unix socket needs its path: redis+unix:///run/redis/redis.sock
with a path: Phalcon\Session\Exception: option "name" must be a string or a number; option "lifetime" must be a string or a number
warning: Phalcon\Session\Adapter\Redis::__construct(): unknown option "cookie_livetime"; did you mean "cookie_lifetime"?
with a path: made
options string: TypeError: Phalcon\Session\Adapter\Files::__construct(): Argument #1 ($options) must be of type array, string given
options string: TypeError: Phalcon\Session\Adapter::__construct(): Argument #1 ($options) must be of type array, string given
options int: TypeError: Phalcon\Session\Adapter\Files::__construct(): Argument #1 ($options) must be of type array, int given
options int: TypeError: Phalcon\Session\Adapter::__construct(): Argument #1 ($options) must be of type array, int given
options stdClass: TypeError: Phalcon\Session\Adapter\Files::__construct(): Argument #1 ($options) must be of type array, stdClass given
options stdClass: TypeError: Phalcon\Session\Adapter::__construct(): Argument #1 ($options) must be of type array, stdClass given
savePath "": Phalcon\Session\Adapter\Exceptions\InvalidSavePath: The session save path cannot be empty
savePath "\/nowhere": Phalcon\Session\Adapter\Exceptions\SavePathUnavailable: The session save path [/nowhere] is not writable
savePath 5: Phalcon\Session\Adapter\Exceptions\InvalidSavePath: option "savePath" must be a string, int given
savePath []: Phalcon\Session\Adapter\Exceptions\InvalidSavePath: option "savePath" must be a string, array given
prefix: Phalcon\Session\Exception: option "prefix" must be at most 100 characters without a slash
warning: Phalcon\Session\Adapter\Files::__construct(): unknown option "uniqueid"; did you mean "uniqueId"?
unknown: made
uniqueId: Phalcon\Session\Exception: option "uniqueId" must be a string, array given
setOptions: TypeError: Phalcon\Session\Adapter::setOptions(): Argument #1 ($options) must be of type array, string given
setOptions: ArgumentCountError: Phalcon\Session\Adapter::setOptions() expects exactly 1 argument, 0 given
a session path that is not there: Phalcon\Session\Exception: files open at /nowhere: the folder does not exist; create it for the user that PHP runs as, with mode 0700 (ENOENT: No such file or directory)
no server: Phalcon\Session\Exception: redis read at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
an id that leads elsewhere: Phalcon\Session\Exception: session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
an id that leads elsewhere: Phalcon\Session\Exception: session destroy: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
getRedis: Phalcon\Session\Exception: getRedis() needs the PHP extension redis, which is not loaded; sessions do not
too many: ArgumentCountError: Phalcon\Session\Adapter\Files::destroy() expects at most 1 argument, 2 given
too few: ArgumentCountError: Phalcon\Session\Adapter\Noop::get() expects at least 1 argument, 0 given
warning: session_id(): Session ID cannot be changed when a session is active
setId: NULL
warning: session_name(): Session name cannot be changed when a session is active
setName: NULL
warning: SessionHandler::read(): Session ID is too long or contains illegal characters. Only the A-Z, a-z, 0-9, "-", and "," characters are allowed
warning: session_start(): Failed to read session data: user (path: FOLDER)
a bad id: false
warning: session_name(): session.name "12" ...
setName: NULL
warning: session_regenerate_id(): Session ID cannot be regenerated when there is no active session
regenerateId: made
destroy: true
