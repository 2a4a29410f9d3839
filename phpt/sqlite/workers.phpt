--TEST--
Eight workers at once on one database: nothing is lost, and nobody hears that it is locked
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=1
session.gc_divisor=10
session.use_strict_mode=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// Whatever is printed here is a warning, or a session that is not what it should be.
Face::role('work', function (Face $face, int $worker, int $rounds) {
    mt_srand($worker);
    for ($round = 1; $round <= $rounds; $round++) {
        $own = "worker-$worker-" . mt_rand(1, 5);
        switch (mt_rand(0, 9)) {
            case 0:
                $face->start($own);
                session_destroy();
                break;
            case 1:
                $face->start($own);
                $_SESSION['kept'] = $round;
                session_regenerate_id(true);
                $id = session_id();
                session_write_close();
                $face->start($id);
                echo $_SESSION['kept'] === $round ? '' : "lost at regeneration\n";
                session_destroy();
                break;
            case 2:
                $face->start('read', ['read_and_close' => true]);
                break;
            case 3:
                // Of that length a record has pages of its own.
                $face->start($own);
                $_SESSION = ['large' => str_repeat('x', mt_rand(1, 30_000))];
                session_write_close();
                break;
            case 4:
                $face->start($own);
                session_gc();
                session_write_close();
                break;
            default:
                $face->start($own);
                $_SESSION['round'] = $round;
                session_write_close();
                $face->start($own);
                echo $_SESSION['round'] === $round ? '' : "another round\n";
                session_write_close();
        }
        $face->start('shared');
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        session_write_close();
    }
});
Face::main(function (Face $face) {
    // Nothing is there yet: they race for the file, its mode and its table as well.
    $workers = [];
    for ($worker = 1; $worker <= 8; $worker++) {
        $workers[] = $face->spawn('work', $worker, 100);
    }
    foreach ($workers as $worker) {
        echo $worker->rest(60);
    }
    says('counted', $face->peek('shared'));
}, ['sqlite'], ['native']);
--EXPECT--
counted: 'n|i:800;'
