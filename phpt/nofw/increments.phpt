--TEST--
Many processes on one session in Symfony's Redis cache: with a lock no update is lost
--EXTENSIONS--
igbinary
redis
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-libraries.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
// SESHAT_LONG=1 plays it with many more.
require __DIR__ . '/../include/caches.inc';
library('Symfony/Component/Cache');

use Symfony\Component\Cache\Adapter\RedisAdapter;

[$role, $arguments] = role();
if ($role === '') {
    [$workers, $times] = getenv('SESHAT_LONG') ? [12, 500] : [4, 25];
    $name = strtr(basename(Face::scratch()), '.', '-');
} else {
    [$times, $name, $store] = $arguments;
}
$server = 'redis://127.0.0.1:' . getenv('SESHAT_REDIS_PORT');
$pool = new RedisAdapter(RedisAdapter::createConnection($server), $name);
if ($role === 'add') {
    ob_start();
    $lock = new Seshat\Lock($store);
    session_set_save_handler(new Nofw\Session\CacheSessionHandler($pool, null, ['lock' => $lock]), true);
    while ($times-- > 0) {
        session_id('counter');
        session_start();
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        // Half of them leave it to PHP to end the session.
        $times === 0 && getmypid() % 2 ? exit : session_write_close();
    }
    exit;
}
$folder = Face::scratch();
foreach (['Redis' => "$server/0?prefix=$name-lock:&lock_wait=60", 'files' => "files://$folder?lock_wait=60"] as $where => $store) {
    $pool->clear();
    $processes = array_map(fn () => again('add', $times, $name, $store), range(1, $workers));
    foreach ($processes as $process) {
        echo $process->rest(90);
    }
    $stored = $pool->getItem('counter')->get();
    says("locks in $where, nothing lost", $stored === 'n|i:' . $workers * $times . ';');
}
--EXPECT--
locks in Redis, nothing lost: yes
locks in files, nothing lost: yes
