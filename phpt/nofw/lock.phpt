--TEST--
Seshat\Lock: one holder at a time over every store, given back however the holder ends
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--FILE--
<?php
require __DIR__ . '/../include/caches.inc';

[$role, $arguments] = role();
if ($role === 'hold') {
    [$dsn, $end] = $arguments;
    $lock = new Seshat\Lock($dsn);
    tell($lock->acquire('id') ? 'held' : 'not held');
    hear();
    match ($end) {
        'exit' => exit,
        'exception' => throw new Exception('not shown'),
        'fatal error' => eval('function tell() {}'),
        'memory limit' => ini_set('memory_limit', '4M') && str_repeat('x', 100_000_000),
        'release' => $lock->release(),
        'goes out of scope' => $lock = null,
    };
    if ($lock === null || $end === 'release') {
        tell('let go');
        hear();
    }
    exit;
}

function attempt(callable $do): void
{
    try {
        var_dump($do());
    } catch (Throwable $thrown) {
        echo get_class($thrown), ': ', $thrown->getMessage(), "\n";
    }
}

$scratch = Face::scratch();
$stores = [
    'files' => "files://$scratch",
    'sqlite' => "sqlite://$scratch/locks.db",
    'redis' => 'redis://127.0.0.1:' . getenv('SESHAT_REDIS_PORT') . '/0?prefix=' . basename($scratch) . ':',
];
foreach ($stores as $name => $dsn) {
    echo "== $name\n";
    foreach (['exit', 'exception', 'fatal error', 'memory limit', 'release', 'goes out of scope'] as $end) {
        $holder = again('hold', $dsn, $end);
        $said = $holder->line();
        $lock = new Seshat\Lock($dsn, ['lock_wait' => '200ms']);
        $refused = $lock->acquire('id') === false && $lock->acquire('another') && !$lock->release();
        $holder->say('go on');
        if (in_array($end, ['release', 'goes out of scope'], true)) {
            $holder->line();
        } else {
            $holder->rest();
        }
        $lock = new Seshat\Lock($dsn, ['lock_wait' => '10s']);
        says($end, [$said, $refused, $lock->acquire('id'), $lock->isHeld()] === ['held', true, true, true]);
        $lock->release();
    }
}
echo "== one object\n";
$lock = new Seshat\Lock('memory:', ['lock_wait' => 0, 'lock_expire' => 1]);
attempt(fn () => $lock->isHeld());
attempt(fn () => $lock->acquire('id'));
attempt(fn () => $lock->acquire('id'));
attempt(fn () => $lock->acquire('another'));
attempt(fn () => $lock->acquire('../id'));
attempt(fn () => $lock->acquire(''));
attempt(fn () => $lock->release());
attempt(fn () => $lock->release());
attempt(fn () => $lock->isHeld());
// A lease that ran out, and that somebody else took.
$lock->acquire('id');
$other = new Seshat\Lock('memory:', ['lock_wait' => 10]);
attempt(fn () => $other->acquire('id'));
attempt(fn () => $lock->isHeld());
$lock->release();
attempt(fn () => $other->isHeld());
attempt(fn () => $lock->acquire('id'));
$other->release();
attempt(fn () => $lock->acquire('id'));
attempt(fn () => clone $lock);
attempt(fn () => serialize($lock));
attempt(fn () => new Seshat\Lock('memory:', ['lock_wiat' => 1]));
attempt(fn () => new Seshat\Lock(['store' => 'memroy']));
try {
    (new Seshat\Lock('redis://127.0.0.1:1?connect_timeout=1'))->acquire('id');
} catch (Seshat\Exception) {
    echo "no server\n";
}
attempt(fn () => (new Seshat\Lock('memory:?locking=0'))->acquire('whoever-asks-wants-it'));
--EXPECT--
== files
exit: yes
exception: yes
fatal error: yes
memory limit: yes
release: yes
goes out of scope: yes
== sqlite
exit: yes
exception: yes
fatal error: yes
memory limit: yes
release: yes
goes out of scope: yes
== redis
exit: yes
exception: yes
fatal error: yes
memory limit: yes
release: yes
goes out of scope: yes
== one object
bool(false)
bool(true)
bool(true)
Seshat\Exception: memory lock at this process: this lock holds another session, and one at a time; release it first
Seshat\Exception: session lock: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
Seshat\Exception: session lock: the session id is empty
NULL
NULL
bool(false)
bool(true)
bool(false)
bool(true)
bool(false)
bool(true)
Error: Trying to clone an uncloneable object of class Seshat\Lock
Exception: Serialization of 'Seshat\Lock' is not allowed
Seshat\Exception: unknown option "lock_wiat"; did you mean "lock_wait"?
Seshat\Exception: unknown store "memroy"; did you mean "memory"?
no server
bool(true)
