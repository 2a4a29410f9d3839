<?php
/*
 * Many clients, one session, some work under its lock: how many requests a second, how long each waited,
 * and whether updates were lost. Called by `measure.php`; the clients are this file again.
 *
 *     contention.php JSON    one client: {"ini": ..., "id": ..., "work": us, "seconds": s}
 */
declare(strict_types=1);

/** A candidate's clients, run at the same time. */
final class Contention
{
    public const CLIENTS = 8;
    /** The work under the lock, in microseconds. */
    public const WORK = 5000;

    public function __construct(private readonly float $seconds)
    {
    }

    /** @return array<string, float|int>|string a text says why there are no numbers */
    public function of(Candidate $candidate): array|string
    {
        $job = ['id' => 'contended', 'work' => self::WORK, 'seconds' => $this->seconds];
        $command = static fn (array $job): array => [
            ...array_slice($candidate->command, 0, (int) array_search(__DIR__ . '/worker.php', $candidate->command, true)),
            __FILE__, json_encode($job),
        ];
        $clients = [];
        for ($i = 0; $i < self::CLIENTS; $i++) {
            $pipes = [];
            $process = proc_open($command($job), [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes);
            $clients[] = [$process, $pipes];
        }
        foreach ($clients as [, $pipes]) {
            if (trim((string) fgets($pipes[1])) !== 'ready') {
                return 'a client did not start';
            }
        }
        $began = hrtime(true);
        foreach ($clients as [, $pipes]) {
            fwrite($pipes[0], "go\n");
        }
        $waits = [];
        $failed = $done = $last = 0;
        foreach ($clients as [$process, $pipes]) {
            $said = json_decode((string) stream_get_contents($pipes[1]), true);
            proc_close($process);
            if (!is_array($said)) {
                return 'a client died';
            }
            $waits = [...$waits, ...$said['waits']];
            $failed += $said['failed'];
            $done += count($said['waits']);
            $last = max($last, $said['ended']);
        }
        $lost = $done - $this->counted($command($job + ['look' => true]));
        sort($waits);
        $at = static fn (float $share): float => $waits === [] ? NAN : $waits[(int) floor($share * (count($waits) - 1))] / 1000;
        return [
            'per_second' => $done / (($last - $began) / 1e9),
            'p50' => $at(0.5), 'p99' => $at(0.99), 'max' => $at(1.0),
            'failed' => $failed, 'lost' => $lost,
        ];
    }

    /** How many updates the session holds. */
    private function counted(array $command): int
    {
        $process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes);
        $count = (int) stream_get_contents($pipes[1]);
        proc_close($process);
        return $count;
    }
}

if (realpath($argv[0]) !== __FILE__) {
    return;
}

/** @var array{id: string, work: int, seconds: float, look?: bool} $job */
$job = json_decode($argv[1], true, 8, JSON_THROW_ON_ERROR);
if (isset($job['look'])) {
    session_id($job['id']);
    session_start(['read_and_close' => true]);
    fwrite(STDOUT, (string) ($_SESSION['n'] ?? 0));
    exit(0);
}
// A connection, and nothing else.
session_id('warm' . getmypid());
session_start();
session_write_close();
fwrite(STDOUT, "ready\n");
fgets(STDIN);
$waits = [];
$failed = 0;
$until = hrtime(true) + (int) ($job['seconds'] * 1e9);
while (($asked = hrtime(true)) < $until) {
    session_id($job['id']);
    if (!@session_start()) {
        $failed++;
        continue;
    }
    $waited = intdiv(hrtime(true) - $asked, 1000);
    $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
    // Work, not sleep: the system wakes sleepers late.
    for ($end = hrtime(true) + $job['work'] * 1000 - 200_000; hrtime(true) < $end; usleep(200)) {
    }
    for ($end += 200_000; hrtime(true) < $end;) {
    }
    @session_write_close() ? $waits[] = $waited : $failed++;
}
fwrite(STDOUT, json_encode(['waits' => $waits, 'failed' => $failed, 'ended' => hrtime(true)]));
