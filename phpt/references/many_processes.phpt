--TEST--
Eight processes create, write and end the sessions of a hundred users: index and sessions agree exactly
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
// For a second and a half; SESHAT_TORTURE=60 does it for a minute.
require __DIR__ . '/../include/face.inc';

const SESSIONS = 300;
const USERS = 100;

Face::role('worker', function (Face $face, int $seed) {
    mt_srand($seed);
    $face->install(['ref' => 'user', 'lock_wait' => 10]);
    $handler = $face->handler(['ref' => 'user']);
    tell('ready');
    hear();
    $until = microtime(true) + (float) (getenv('SESHAT_TORTURE') ?: 1.5);
    $done = 0;
    ob_start();
    while (microtime(true) < $until) {
        $id = 'session-' . mt_rand(1, SESSIONS);
        $user = mt_rand(1, USERS);
        switch (mt_rand(0, 9)) {
            case 0:
                $handler->destroyAllOf($user);
                break;
            case 1:
                $handler->destroy($id);
                break;
            case 2:
                $face->start($id);
                session_destroy();
                break;
            case 3:
                $face->start($id);
                unset($_SESSION['user']);
                session_write_close();
                break;
            default:
                $face->start($id);
                $_SESSION['user'] = $user;
                $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
                session_write_close();
        }
        $done++;
    }
    // A write of a session that was ended meanwhile is refused. Nothing else goes wrong.
    $said = preg_grep('/^Warning: (?!.*(was ended by another request|Failed to write session data))/m', explode("\n", strip_tags((string) ob_get_clean())));
    tell($done > 0 ? 'worked' : 'did nothing');
    tell(implode(' | ', $said) ?: 'nothing said');
});
Face::main(function (Face $face) {
    $workers = array_map(fn (int $seed) => $face->spawn('worker', $seed), range(1, 8));
    array_map(fn ($worker) => $worker->line(), $workers);
    array_map(fn ($worker) => $worker->say('go'), $workers);
    foreach ($workers as $worker) {
        foreach (['worked', 'nothing said'] as $wanted) {
            $line = $worker->line((float) (getenv('SESHAT_TORTURE') ?: 0) + Face::DEADLINE);
            echo $line === $wanted ? '' : "$line\n";
        }
        echo $worker->rest();
    }
    $handler = $face->handler();
    $stored = $listed = [];
    for ($number = 1; $number <= SESSIONS; $number++) {
        $data = $face->peek("session-$number");
        if ($data !== null && preg_match('/user\|i:(\d+);/', $data, $found)) {
            $stored[$found[1]][] = "session-$number";
        }
    }
    foreach ($handler->allReferences() as $user) {
        $listed[$user] = array_column($handler->sessionsOf($user), 'id');
    }
    foreach ([&$stored, &$listed] as &$side) {
        array_walk($side, fn (array &$ids) => sort($ids));
        ksort($side);
    }
    says('sessions', array_sum(array_map(count(...), $stored)) > 0);
    says('agree', $stored === $listed);
}, ['files', 'sqlite', 'redis']);
--EXPECT--
sessions: yes
agree: yes
