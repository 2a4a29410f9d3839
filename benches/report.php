<?php
/*
 * The tables: printed as they come, and kept for build/bench.txt and build/bench.json.
 */
declare(strict_types=1);

final class Report
{
    private string $text = '';
    private array $data;

    /** @param array<string, string> $facts */
    public function __construct(array $facts)
    {
        $this->data = ['facts' => $facts, 'times' => [], 'counts' => [], 'skipped' => []];
        $this->say('What a session cycle costs: open, read, change it or not, close.');
        foreach ($facts as $name => $fact) {
            $this->say(sprintf('  %-24s %s', $name, $fact));
        }
        $this->say('Times are microseconds per cycle, or as the section says: median (first to third quartile). "x limit" is the ratio');
        $this->say('to the first row, taken round by round. docs/benchmarks.md says what the limits do.');
    }

    public function section(string $title): void
    {
        $this->say("\n=== $title");
    }

    public function skip(string $what, string $why): void
    {
        $this->data['skipped'][$what] = $why;
        $this->say("skipped: $what, because of: $why");
    }

    /**
     * @param array<string, list<float>|string> $times nanoseconds per cycle, the limit first
     * @param 'us'|'ns' $unit
     */
    public function times(string $section, string $scenario, array $times, string $unit): void
    {
        $base = reset($times);
        $part = $unit === 'us' ? 1000 : 1;
        $this->say(sprintf("\n%-28s %8s  %-17s %8s  %s", $scenario, $unit, '(quartiles)', 'x limit', '(quartiles)'));
        foreach ($times as $name => $rounds) {
            if (!is_array($rounds)) {
                $this->say(sprintf('  %-26s skipped: %s', $name, $rounds));
                $this->data['times'][$section][$scenario][$name] = ['skipped' => $rounds];
                continue;
            }
            [$q1, $median, $q3] = self::quartiles($rounds);
            $row = [$unit => $median / $part, "{$unit}_quartiles" => [$q1 / $part, $q3 / $part]];
            $line = sprintf('  %-26s %8.2f  %-17s', $name, $median / $part, sprintf('(%.2f - %.2f)', $q1 / $part, $q3 / $part));
            if (is_array($base)) {
                [$q1, $median, $q3] = self::quartiles(array_map(static fn (float $time, float $limit) => $time / $limit, $rounds, $base));
                $row += ['ratio' => $median, 'ratio_quartiles' => [$q1, $q3]];
                $line .= sprintf(' %8.2f  (%.2f - %.2f)', $median, $q1, $q3);
            }
            $this->say($line);
            $this->data['times'][$section][$scenario][$name] = $row;
        }
    }

    public function contention(int $clients, int $work): void
    {
        $this->section('contention: many clients, one session');
        $ideal = 1e6 / $work;
        $this->say(sprintf('%d clients, %d ms of work under the lock: %d a second at best, each waiting %d ms.', $clients, $work / 1000, $ideal, ($clients - 1) * $work / 1000));
        $this->say(sprintf("\n%-28s %8s %8s %8s %8s %8s %8s", '', '1/s', 'p50 ms', 'p99 ms', 'max ms', 'failed', 'lost'));
    }

    /** @param array<string, float|int>|string $numbers */
    public function contended(string $name, array|string $numbers): void
    {
        $this->data['contention'][$name] = is_array($numbers) ? $numbers : ['skipped' => $numbers];
        $this->say(is_array($numbers)
            ? sprintf('  %-26s %8.1f %8.1f %8.1f %8.1f %8d %8d', $name, ...array_values($numbers))
            : sprintf('  %-26s skipped: %s', $name, $numbers));
    }

    /**
     * @param list<string> $keys section, scenario and candidate, with NUL between them
     * @param array<string, float|string> $instructions
     * @param array<string, array<string, float>|string> $calls
     */
    public function counts(array $keys, array $instructions, array $calls): void
    {
        $this->say("\n=== Counted per cycle (exact, whatever else the machine does)");
        $this->say('Instructions are user-space, by callgrind; "above" is what is above PHP\'s session module alone.');
        $last = '';
        foreach ($keys as $key) {
            [$section, $scenario, $name] = explode("\0", $key);
            if ("$section, $scenario" !== $last) {
                $last = "$section, $scenario";
                $this->say(sprintf("\n%-28s %12s %8s %8s", $last, 'instructions', 'above', 'syscalls'));
            }
            $floor = $instructions['floor' . "\0" . preg_replace('/^locked /', '', $scenario) . "\0"] ?? null;
            $count = $instructions[$key] ?? null;
            $row = [];
            if (is_float($count) || is_int($count)) {
                $row['instructions'] = round($count);
                if (is_float($floor) || is_int($floor)) {
                    $row['above_floor'] = round($count - $floor);
                }
            }
            $what = $calls[$key] ?? null;
            if (is_array($what)) {
                $row['system_calls'] = round(array_sum($what), 2);
                $row['which'] = array_map(static fn (float $number) => round($number, 2), $what);
            }
            $trouble = is_string($count) ? $count : (is_string($what) ? $what : null);
            if ($row === [] && $trouble !== null) {
                $this->say(sprintf('  %-26s skipped: %s', $name, $trouble));
                $row['skipped'] = $trouble;
            } else {
                $names = [];
                foreach ($row['which'] ?? [] as $call => $number) {
                    $names[] = abs($number - 1) < 0.1 ? $call : sprintf('%s %s', rtrim(rtrim(sprintf('%.1f', $number), '0'), '.'), $call);
                }
                $this->say(rtrim(sprintf(
                    '  %-26s %12s %8s %8s  %s',
                    $name,
                    $row['instructions'] ?? '',
                    $row['above_floor'] ?? '',
                    isset($row['system_calls']) ? sprintf('%.1f', $row['system_calls']) : '',
                    implode(', ', $names),
                )));
            }
            $this->data['counts'][$section][$scenario][$name] = $row;
        }
    }

    /** Writes NAME.txt and NAME.json. */
    public function save(string $name): void
    {
        file_put_contents("$name.txt", $this->text);
        file_put_contents("$name.json", json_encode($this->data, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_PARTIAL_OUTPUT_ON_ERROR) . "\n");
        echo "\nalso in $name.txt and $name.json\n";
    }

    /** @return array{float, float, float} */
    private static function quartiles(array $values): array
    {
        sort($values);
        $at = static function (float $part) use ($values): float {
            $place = $part * (count($values) - 1);
            $low = (int) floor($place);
            $high = min($low + 1, count($values) - 1);
            return $values[$low] + ($place - $low) * ($values[$high] - $values[$low]);
        };
        return [$at(0.25), $at(0.5), $at(0.75)];
    }

    private function say(string $line): void
    {
        $this->text .= "$line\n";
        echo "$line\n";
    }
}
