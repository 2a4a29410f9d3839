<?php
/*
 * What references cost, with few sessions and with a million: finding, counting and ending the ten sessions of one
 * user, and writing a session with and without a reference. Microseconds, medians, one client.
 *
 *     php -d extension=build/seshat.so benches/references.php DSN... (called by `run`)
 *
 * BENCH_SESSIONS=1000,1000000   how many there are at each look
 */
declare(strict_types=1);

const EACH = 10;
const ROUNDS = 200;

$sizes = array_map(intval(...), explode(',', getenv('BENCH_SESSIONS') ?: '1000,1000000'));
sort($sizes);
$payload = 'cart|a:1:{i:0;s:40:"' . str_repeat('x', 40) . '";}';
$id = static fn (int $number): string => substr(sha1("session $number"), 0, 32);

/** The median of what a call takes, in microseconds. */
$median = static function (callable $call): float {
    $took = [];
    for ($round = 0; $round < ROUNDS; $round++) {
        $began = hrtime(true);
        $call($round);
        $took[] = (hrtime(true) - $began) / 1000;
    }
    sort($took);
    return $took[ROUNDS >> 1];
};

printf("\nreferences: %d sessions for each user, microseconds\n", EACH);
printf("%-12s %10s %12s %10s %14s %14s %14s\n", 'store', 'sessions', 'sessionsOf', 'countOf', 'destroyAllOf', 'write', 'write, ref');
foreach (array_slice($argv, 1) as $dsn) {
    $plain = new Seshat\Handler($dsn);
    $handler = new Seshat\Handler($dsn, ['ref_global' => 'UID']);
    $fill = static function (int $number) use ($handler, $id, $payload): void {
        // A global variable that is empty, 0 too, is nobody.
        $GLOBALS['UID'] = 1 + intdiv($number, EACH);
        $handler->write($id($number), $payload);
    };
    $made = 0;
    foreach ($sizes as $size) {
        for (; $made < $size; $made++) {
            $fill($made);
        }
        $users = intdiv($size, EACH);
        $user = static fn (int $round): int => 1 + ($round * 7919) % $users;
        $found = $median(static fn (int $round) => count($handler->sessionsOf($user($round))) === EACH ?: throw new Exception('sessions are missing'));
        $counted = $median(static fn (int $round) => $handler->countOf($user($round)));
        // Each user is ended once, so that there are always ten to end.
        $ended = $median(static fn (int $round) => $handler->destroyAllOf(1 + intdiv($users * $round, ROUNDS)) || $users < ROUNDS ?: throw new Exception('nobody was ended'));
        for ($round = 0; $round < ROUNDS; $round++) {
            for ($number = 0; $number < EACH; $number++) {
                $fill(intdiv($users * $round, ROUNDS) * EACH + $number);
            }
        }
        $without = $median(static fn (int $round) => $plain->write("plain$round", $payload));
        $with = $median(static function (int $round) use ($handler, $payload): void {
            $GLOBALS['UID'] = 1_000_000_000 + $round;
            $handler->write("referred$round", $payload);
        });
        printf("%-12s %10d %12.1f %10.1f %14.1f %14.1f %14.1f\n", strtok($dsn, ':'), $size, $found, $counted, $ended, $without, $with);
    }
}
