--TEST--
Fatal errors, memory limits, re-entrance and many rounds: no crash, no leak, no lock left behind
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/caches.inc';

[$role, $arguments] = role();
if ($role === 'end') {
    [$folder, $end] = $arguments;
    ob_start();
    ini_set('display_errors', '0');
    $cache = new RecordingSimpleCache();
    session_set_save_handler(new Nofw\Session\SimpleCacheSessionHandler($cache, null, ['lock' => new Seshat\Lock("files://$folder")]), (bool) ($arguments[2] ?? true));
    session_id('known');
    session_start();
    $_SESSION['n'] = 1;
    tell('started');
    hear();
    register_shutdown_function(function () use ($cache) {
        register_shutdown_function(fn () => tell($cache->told()));
    });
    match ($end) {
        'exit' => exit,
        'exception' => throw new Exception('not shown'),
        'fatal error' => eval('function tell() {}'),
        'memory limit' => ini_set('memory_limit', '4M') && str_repeat('x', 100_000_000),
        'in the cache' => $cache->instead['set'] = fn () => eval('function tell() {}'),
        'killed' => null,
    };
    session_write_close();
    exit;
}

ob_start();
$scratch = Face::scratch();
foreach (['exit', 'exception', 'fatal error', 'memory limit', 'in the cache', 'killed'] as $end) {
    foreach ([true, false] as $registered) {
        $process = again('end', $scratch, $end, $registered);
        $process->line();
        $lock = new Seshat\Lock("files://$scratch", ['lock_wait' => '100ms']);
        $held = !$lock->acquire('known');
        if ($end === 'killed') {
            $process->kill();
        } else {
            $process->say('go on');
            $process->rest();
        }
        $lock = new Seshat\Lock("files://$scratch", ['lock_wait' => '10s']);
        says($end . ($registered ? '' : ', without a shutdown function'), [$held, $lock->acquire('known')] === [true, true]);
        $lock->release();
    }
}

complaints();
echo "== a cache that calls back\n";
foreach (recorders() as $class => $cache) {
    $handler = new $class($cache, $logger = new RecordingLogger(), ['lock' => $lock = new Seshat\Lock('memory:')]);
    session_set_save_handler($handler, false);
    $inner = [];
    $back = function () use (&$inner, $handler, $cache, $lock, &$back) {
        $cache->instead = [];
        $inner[] = $handler->read('other') . '|' . $handler->validateId('other') . '|' . $handler->close();
        $handler->setLogger(new RecordingLogger());
        // The object begins anew while it works.
        $handler->__construct($cache, null, ['lock' => $lock]);
        return session_start();
    };
    foreach (['get', 'getItem', 'fetch'] as $method) {
        $cache->instead[$method] = $back;
    }
    session_id('known');
    $started = session_start();
    echo "$class: ", $started ? 'started' : 'not started', ' ', json_encode($inner), ' ', implode('; ', complaints()), "\n";
    session_abort();
    says('free', !$lock->isHeld());
}

echo "== many rounds\n";
$lock = new Seshat\Lock('memory:');
foreach (recorders() as $class => $cache) {
    $handler = new $class($cache, null, ['lock' => $lock, 'ttl' => 60, 'prefix' => 'p.', 'encode_keys' => true, 'strict' => true]);
    session_set_save_handler($handler, false);
    $rounds = function (int $rounds) use ($cache, $handler, $class) {
        for ($i = 0; $i < $rounds; $i++) {
            session_id('known-with-a-dash');
            session_start();
            $_SESSION['n'] = str_repeat('x', 1000) . $i;
            session_write_close();
            $handler->read('known-with-a-dash');
            $handler->validateId(str_repeat('long', 30));
            $cache->instead = array_fill_keys(['get', 'getItem', 'fetch'], fn () => throw new RuntimeException('no'));
            try {
                session_id('known-with-a-dash');
                session_start();
            } catch (RuntimeException) {
            }
            $cache->instead = [];
            try {
                new $class($cache, null, ['tll' => 1]);
            } catch (ValueError) {
            }
            $cache->calls = [];
            complaints();
        }
        gc_collect_cycles();
    };
    $rounds(50);
    $before = memory_get_usage();
    $rounds(300);
    $grown = memory_get_usage() - $before;
    says("$class leaks", $grown > 2000 ? $grown : false);
}
--EXPECT--
exit: yes
exit, without a shutdown function: yes
exception: yes
exception, without a shutdown function: yes
fatal error: yes
fatal error, without a shutdown function: yes
memory limit: yes
memory limit, without a shutdown function: yes
in the cache: yes
in the cache, without a shutdown function: yes
killed: yes
killed, without a shutdown function: yes
== a cache that calls back
Nofw\Session\CacheSessionHandler: not started ["|1|1"] session_start(): Ignoring session_start() because a session is already active; session_start(): Failed to read session data
free: yes
Nofw\Session\SimpleCacheSessionHandler: not started ["|1|1"] session_start(): Ignoring session_start() because a session is already active; session_start(): Failed to read session data
free: yes
Nofw\Session\DoctrineCacheSessionHandler: not started ["|1|1"] session_start(): Ignoring session_start() because a session is already active; session_start(): Failed to decode session object. Session has been destroyed
free: yes
== many rounds
Nofw\Session\CacheSessionHandler leaks: no
Nofw\Session\SimpleCacheSessionHandler leaks: no
Nofw\Session\DoctrineCacheSessionHandler leaks: no
