--TEST--
A server is killed and started again while processes change one session and one of them is killed: what was stored stays
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/redis.inc';

const WORKERS = 4;
const TIMES = 150;

function use_server(Face $face, int $port): void
{
    $dsn = "redis://127.0.0.1:$port/0?lock_expire=1";
    $face->way === 'class'
        ? session_set_save_handler(new Seshat\Handler($dsn), true)
        : ini_set('session.save_path', $dsn);
}
// Counts up its own place in the session until so many were stored.
Face::role('add', function (Face $face, int $port, int $number, bool $dies) {
    use_server($face, $port);
    $stored = $unknown = 0;
    for ($deadline = microtime(true) + Face::DEADLINE; $stored < TIMES && microtime(true) < $deadline;) {
        ob_start();
        if (!$face->start('counter')) {
            ob_end_clean();
            usleep(10_000);
            continue;
        }
        $before = $_SESSION["w$number"] ?? 0;
        if ($before < $stored || $before > $stored + $unknown) {
            tell("worker $number found $before after $stored to " . ($stored + $unknown));
        }
        $_SESSION["w$number"] = $before + 1;
        if ($dies && $stored === 20) {
            // As a crash, with the lock in its hands.
            shell_exec('kill -9 ' . getmypid());
        }
        session_write_close();
        ob_get_clean() === '' ? $stored++ : $unknown++;
        usleep(1000);
    }
    tell("$stored $unknown");
});
Face::main(function (Face $face) {
    $server = new OwnRedis($face->folder);
    $workers = [];
    for ($i = 0; $i < WORKERS; $i++) {
        $workers[] = $face->spawn('add', $server->port, $i, $i === 0);
    }
    $looking = new RawRedis($server->port);
    for ($kill = 1; $kill <= 2; $kill++) {
        await(fn () => (int) $looking->ask('STRLEN', 'PHPREDIS_SESSION:counter') > 0);
        usleep(150_000);
        $server->stop(9);
        $server->start();
        $looking = new RawRedis($server->port);
    }
    $told = array_map(fn ($worker) => trim($worker->rest()), $workers);
    use_server($face, $server->port);
    $began = microtime(true);
    says('nobody is stuck', $face->start('counter') && microtime(true) - $began < 5);
    says('the killed one', $told[0] . ' with ' . $_SESSION['w0']);
    for ($i = 1; $i < WORKERS; $i++) {
        [$stored, $unknown] = sscanf($told[$i], '%d %d') ?: [0, 0];
        $found = $_SESSION["w$i"] ?? 0;
        says('all that was stored counts', $stored === TIMES && $found >= $stored && $found <= $stored + $unknown
            ?: "$told[$i], found $found");
    }
    session_write_close();
}, ['redis']);
--EXPECT--
nobody is stuck: yes
the killed one: '[ended by signal 9] with 20'
all that was stored counts: yes
all that was stored counts: yes
all that was stored counts: yes
