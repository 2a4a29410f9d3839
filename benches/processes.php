<?php
/*
 * Running candidates: as workers that run batches on demand, and under tools that count.
 */
declare(strict_types=1);

/** What a candidate could not do. */
final class Unable extends RuntimeException
{
}

/** A candidate's process, which runs batches when it is told to. */
final class Worker
{
    private const PATIENCE = 60;

    /** @var resource */
    private $process;
    /** @var array<int, resource> */
    private array $pipes = [];

    /** @param list<string> $prefix what pins it to a core */
    public function __construct(public readonly Candidate $candidate, array $prefix)
    {
        $process = proc_open([...$prefix, ...$candidate->command], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $this->pipes);
        if ($process === false) {
            throw new Unable('it cannot be started');
        }
        $this->process = $process;
        while (($line = $this->line()) !== 'ready') {
            if ($line === null) {
                throw new Unable($this->complaint());
            }
        }
    }

    /** Runs so many cycles and says how many nanoseconds one took. */
    public function run(int $cycles): float
    {
        fwrite($this->pipes[0], "$cycles\n");
        $line = $this->line();
        if ($line === null || !is_numeric($line)) {
            throw new Unable($this->complaint());
        }
        return (int) $line / $cycles;
    }

    public function __destruct()
    {
        if (!isset($this->process)) {
            return;
        }
        fclose($this->pipes[0]);
        $deadline = microtime(true) + 5;
        while (proc_get_status($this->process)['running']) {
            if (microtime(true) > $deadline) {
                proc_terminate($this->process, 9);
                break;
            }
            usleep(1000);
        }
        proc_close($this->process);
    }

    private function line(): ?string
    {
        $read = [$this->pipes[1]];
        $none = null;
        if (stream_select($read, $none, $none, self::PATIENCE) !== 1) {
            return null;
        }
        $line = fgets($this->pipes[1]);
        return $line === false ? null : rtrim($line);
    }

    private function complaint(): string
    {
        stream_set_blocking($this->pipes[2], false);
        return complaint(trim((string) stream_get_contents($this->pipes[2])));
    }
}

/** Counts what cycles cost. The candidate marks where they begin and end by a call of `umask`. */
final class Counting
{
    private const CYCLES = 300;

    /** @param list<list<string>> $cores what pins a process, for each of those that run at once */
    public function __construct(private readonly array $cores, private readonly string $folder)
    {
    }

    /**
     * User-space instructions per cycle.
     *
     * @param array<string, Candidate> $candidates
     * @return array<string, float|string> a text says why there is no number
     */
    public function instructions(array $candidates): array
    {
        $tool = static fn (string $log): array => [
            'valgrind', '-q', '--tool=callgrind', '--dump-before=umask', "--callgrind-out-file=$log",
        ];
        // PHP calls umask twice for each mark. Parts: before, between the calls, the cycles.
        return $this->each($candidates, $tool, static function (string $log): float {
            $part = is_file("$log.3") ? (string) file_get_contents("$log.3") : '';
            array_map(unlink(...), glob("$log*"));
            if (!preg_match('/^(?:totals|summary):\s*(\d+)/m', $part, $found)) {
                throw new Unable('callgrind said no number');
            }
            return (int) $found[1] / self::CYCLES;
        });
    }

    /**
     * System calls per cycle, by name.
     *
     * @param array<string, Candidate> $candidates
     * @return array<string, array<string, float>|string>
     */
    public function system_calls(array $candidates): array
    {
        return $this->each($candidates, static fn (string $log) => ['strace', '-f', '-o', $log], static function (string $log): array {
            // umask, umask, the cycles, umask, umask.
            $marks = 0;
            $counts = [];
            foreach (file($log) as $line) {
                if (!preg_match('/^\d+\s+([a-z0-9_]+)\(/', $line, $found)) {
                    continue;
                }
                if ($found[1] === 'umask') {
                    $marks++;
                } elseif ($marks === 2) {
                    $counts[$found[1]] = ($counts[$found[1]] ?? 0) + 1 / self::CYCLES;
                }
            }
            unlink($log);
            if ($marks < 4) {
                throw new Unable('strace saw no marks');
            }
            $counts = array_filter($counts, static fn (float $count) => $count >= 0.02);
            arsort($counts);
            return $counts;
        });
    }

    /** Runs each candidate under a tool, as many at once as there are cores. */
    private function each(array $candidates, Closure $tool, Closure $parse): array
    {
        $results = $running = [];
        $number = 0;
        while ($candidates !== [] || $running !== []) {
            foreach ($this->cores as $slot => $prefix) {
                if (isset($running[$slot]) || $candidates === []) {
                    continue;
                }
                $key = array_key_first($candidates);
                $log = "$this->folder/count-" . ++$number;
                $command = [...$prefix, ...$tool($log), ...$candidates[$key]->command, (string) self::CYCLES];
                unset($candidates[$key]);
                $streams = [['file', '/dev/null', 'r'], ['file', "$log-said", 'w'], ['file', "$log-said", 'a']];
                $running[$slot] = [$key, $log, proc_open($command, $streams, $pipes), microtime(true) + 60];
            }
            usleep(2000);
            foreach ($running as $slot => [$key, $log, $process, $deadline]) {
                $status = proc_get_status($process);
                if ($status['running'] && microtime(true) < $deadline) {
                    continue;
                }
                if ($status['running']) {
                    proc_terminate($process, 9);
                }
                proc_close($process);
                unset($running[$slot]);
                $said = trim((string) file_get_contents("$log-said"));
                unlink("$log-said");
                try {
                    $results[$key] = $status['running'] || $status['exitcode'] !== 0
                        ? throw new Unable(complaint($said))
                        : $parse($log);
                } catch (Unable $unable) {
                    $results[$key] = $unable->getMessage();
                }
            }
        }
        return $results;
    }
}

/** The line of a candidate's output that says what went wrong. */
function complaint(string $said): string
{
    foreach (preg_split('/\R/', $said) as $line) {
        if (preg_match('/^(?:worker|limit): (.*)|^(?:PHP )?(Fatal error: .*)/', $line, $found)) {
            return preg_replace('/ in \/\S+:\d+$/', '', end($found));
        }
    }
    return $said === '' ? 'no answer' : strtok($said, "\n");
}
