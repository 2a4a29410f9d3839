--TEST--
Many processes on many sessions, some ended, some renamed: nobody ever sees another session's data
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('use', function (Face $face, int $seed, int $times) {
    mt_srand($seed);
    while ($times-- > 0) {
        $id = 'visitor' . mt_rand(0, 15);
        $way = mt_rand(0, 9);
        if (!$face->start($id, $way < 4 ? ['read_and_close' => true] : [])) {
            tell("$id did not start");
            continue;
        }
        $whole = str_repeat("$id|", intdiv(strlen($_SESSION['data'] ?? ''), strlen($id) + 1));
        if (($_SESSION['data'] ?? '') !== $whole) {
            tell("$id got " . substr($_SESSION['data'], 0, 40));
        }
        if ($way < 4) {
            continue;
        }
        if ($way === 4) {
            session_destroy();
            continue;
        }
        if ($way === 5) {
            session_regenerate_id(true);
            session_destroy();
            continue;
        }
        if ($way < 8) {
            $_SESSION['data'] = str_repeat("$id|", [1, 300, 3000, 20000][mt_rand(0, 3)]);
        }
        session_write_close();
    }
});
Face::main(function (Face $face) {
    $workers = array_map(fn (int $seed) => $face->spawn('use', $seed, 150), [1, 2, 3, 4]);
    foreach ($workers as $worker) {
        echo $worker->rest();
    }
    echo "done\n";
});
--EXPECT--
done
