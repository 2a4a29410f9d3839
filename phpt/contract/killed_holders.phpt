--TEST--
Processes are killed while they hold a session that others wait for: no acknowledged change is lost, nobody waits for long
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('add', function (Face $face, int $times, bool $dies) {
    $face->install(['lock_expire' => 1]);
    while ($times-- > 0) {
        $began = microtime(true);
        if (!$face->start('counter')) {
            tell('not started');
            continue;
        }
        // Two dead holders after each other, and a dead one that was next in line.
        if (microtime(true) - $began > 6) {
            tell('waited for too long');
        }
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        if ($dies && $times === 20) {
            // As a crash: nothing of this process's runs any more.
            shell_exec('kill -9 ' . getmypid());
        }
        ob_start();
        session_write_close();
        tell(ob_get_clean() === '' ? 'stored' : 'refused');
    }
});
Face::role('look', function (Face $face, int $times) {
    for ($last = 0; $times-- > 0; $last = $seen) {
        $began = microtime(true);
        $face->start('counter', ['read_and_close' => true]);
        $seen = $_SESSION['n'] ?? 0;
        if ($seen < $last || microtime(true) - $began > 3) {
            tell("read $seen after $last in " . (microtime(true) - $began) . ' s');
        }
    }
});
Face::main(function (Face $face) {
    $workers = [];
    for ($i = 0; $i < 5; $i++) {
        $workers[] = $face->spawn('add', 40, $i < 2);
    }
    $reader = $face->spawn('look', 100);
    $told = [];
    foreach ($workers as $worker) {
        array_push($told, ...explode("\n", trim($worker->rest())));
    }
    $told = array_count_values($told);
    $stored = $told['stored'] ?? 0;
    says('all that was stored counts', $face->peek('counter') === "n|i:$stored;");
    says('the survivors did all', $stored === 3 * 40 + 2 * 19);
    unset($told['stored']);
    says('and', json_encode($told));
    says('readers saw', $reader->rest());
});
--EXPECT--
all that was stored counts: yes
the survivors did all: yes
and: '{"[ended by signal 9]":2}'
readers saw: ''
