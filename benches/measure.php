<?php
/*
 * The driver of `make bench`: starts the candidates of each scenario, lets them run short batches in
 * turn, counts instructions and system calls, and reports. Called by `run`, which builds what is
 * needed and starts the server.
 */
declare(strict_types=1);

require __DIR__ . '/candidates.php';
require __DIR__ . '/contention.php';
require __DIR__ . '/processes.php';
require __DIR__ . '/report.php';

const SECTIONS = [
    'module' => "PHP's session module alone, and sessions in memory",
    'files' => 'files',
    'redis' => 'redis, unix socket',
    'redis-tcp' => 'redis, TCP',
    'memcached' => 'memcached, TCP',
    'sqlite' => 'sqlite, WAL',
    'mysql' => 'MariaDB, unix socket',
    'phalcon' => "calls of Phalcon's manager and bags: nanoseconds per call",
];
const SCENARIOS = [
    'unchanged', 'changed', 'strict unchanged', 'strict changed', 'new',
    'locked unchanged', 'locked changed', 'locked strict changed', 'big changed',
];
// Of the section phalcon alone.
const CALLS = ['get', 'set', 'has'];
const QUICK = ['unchanged', 'changed', 'locked changed'];
const COUNTED = ['unchanged', 'changed', 'locked unchanged', 'locked changed'];
// Counting instructions takes a second for each: a quick run leaves these out.
const NOT_QUICK = '/as documented|persistent|no lock\)?$|Phalcon|PDO|pecl/';

$setting = static fn (string $name, string $default): string => getenv($name) ?: $default;
$quick = (bool) $setting('BENCH_QUICK', '');
$rounds = max(3, (int) $setting('BENCH_ROUNDS', $quick ? '11' : '31'));
$batch = max(1, (int) $setting('BENCH_BATCH_MS', $quick ? '2' : '4')) * 1e6;
$only = array_filter(explode(',', $setting('BENCH_ONLY', '')));
$wanted = array_filter(explode(',', $setting('BENCH_SCENARIOS', '')));
$servers = array_filter([
    'redis' => (int) $setting('BENCH_REDIS_PID', '0'),
    'memcached' => (int) $setting('BENCH_MEMCACHED_PID', '0'),
    'mysql' => (int) $setting('BENCH_MYSQL_PID', '0'),
]);

// Which cores: the candidates and the server on one, this driver out of their way.
$cores = [];
if (trim((string) shell_exec('command -v taskset')) !== '') {
    preg_match('/:\s*(\S+)/', (string) shell_exec('taskset -cp ' . getmypid()), $found);
    foreach (explode(',', $found[1] ?? '') as $range) {
        [$from, $to] = [...explode('-', $range), $range];
        array_push($cores, ...range((int) $from, (int) $to));
    }
}
$pin = static fn (int $core): array => $cores === [] ? [] : ['taskset', '-c', (string) $core];
$split = (bool) $setting('BENCH_SPLIT', '') && count($cores) > 1;
if (getenv('BENCH_SPLIT') && !$split) {
    echo "skipped: BENCH_SPLIT, because there is no second core or no taskset\n";
}
if ($cores !== []) {
    shell_exec('taskset -acp ' . $cores[count($cores) - 1] . ' ' . getmypid() . ' 2>&1');
    foreach ($servers as $server) {
        shell_exec('taskset -acp ' . $cores[$split ? 1 : 0] . " $server 2>&1");
    }
}
$regime = match (true) {
    $cores === [] => 'not pinned (no taskset): expect noise',
    $split => 'split: candidates on one core, server on another',
    default => 'same core: candidates and server pinned to one core',
};

$machine = new Machine(
    PHP_BINARY, $argv[1], $argv[2], $argv[3],
    $setting('BENCH_REDIS_SOCKET', ''), $setting('BENCH_REDIS_PORT', ''), $setting('BENCH_MEMCACHED_PORT', ''),
    $setting('BENCH_MYSQL_SOCKET', ''),
);
foreach (['small', 'big'] as $payload) {
    $encoded = encode(require __DIR__ . "/payloads/$payload.php");
    file_put_contents("$machine->build/$payload.payload", $encoded);
    $sizes[$payload] = strlen($encoded);
}
$candidates = new Candidates($machine, 1000);
$report = new Report(facts($machine, max(1, count($cores)), $regime, $rounds, $batch, $sizes));
$sections = array_intersect_key(SECTIONS, $only === [] ? SECTIONS : array_flip($only));
if (!isset($servers['redis'])) {
    unset($sections['redis'], $sections['redis-tcp']);
    $report->skip('redis', 'no redis-server');
}
if (!isset($servers['memcached'])) {
    unset($sections['memcached']);
    $report->skip('memcached', 'no memcached');
}

if (!isset($servers['mysql'])) {
    unset($sections['mysql']);
    $report->skip('mysql', 'no mariadbd');
}

foreach ($sections as $section => $title) {
    $report->section($title);
    foreach (chosen($wanted === [] ? [...($quick ? QUICK : SCENARIOS), ...CALLS] : $wanted, $section) as $name) {
        // SQLite moves its log into the database now and then: a batch is to hold several of these times.
        $length = in_array($section, ['sqlite', 'mysql'], true) ? 8 * $batch : $batch;
        $times = race($candidates->of($section, new Scenario($name)), $rounds, $length, $pin($cores[0] ?? 0));
        $report->times($section, $name, $times, $section === 'phalcon' ? 'ns' : 'us');
    }
}

// Counts do not depend on who shares a core with whom: as many at once as there are cores.
$counting = new Counting($cores === [] ? [[]] : array_map($pin, array_slice($cores, 0, 8)), $machine->folder);
$few = new Candidates($machine, 100);
$all = [];
foreach ($sections as $section => $title) {
    if ($section === 'redis-tcp') {
        continue;
    }
    foreach (array_intersect($wanted === [] ? [...($quick ? QUICK : COUNTED), ...CALLS] : $wanted, [...COUNTED, ...CALLS]) as $name) {
        if (!in_array($name, chosen([$name], $section), true)) {
            continue;
        }
        foreach ($few->of($section, new Scenario($name)) as $candidate) {
            if ($candidate->missing === '') {
                $all["$section\0$name\0$candidate->name"] = $candidate;
            }
        }
    }
}
$instructions = $calls = [];
if (trim((string) shell_exec('command -v valgrind')) === '') {
    $report->skip('instructions per cycle', 'no valgrind');
} else {
    $php = array_filter($all, static fn (Candidate $candidate) => !$candidate->isLimit
        && !($quick && preg_match(NOT_QUICK, $candidate->name)));
    foreach (array_keys($php) as $key) {
        [$section, $name] = explode("\0", $key);
        if ($section === 'phalcon') {
            continue;
        }
        $name = preg_replace('/^locked /', '', $name);
        $php["floor\0$name\0"] ??= $few->floor(new Scenario($name));
    }
    $instructions = $counting->instructions($php);
    foreach ($instructions as $key => $count) {
        // A cycle of these is a hundred calls.
        if (str_starts_with($key, "phalcon\0") && !is_string($count)) {
            $instructions[$key] = $count / 100;
        }
    }
}
if (trim((string) shell_exec('command -v strace')) === '') {
    $report->skip('system calls per cycle', 'no strace');
} else {
    $calls = $counting->system_calls(array_filter($all, static fn (string $key) => !str_starts_with($key, "phalcon\0"), ARRAY_FILTER_USE_KEY));
}
if ($all !== []) {
    $report->counts(array_keys($all), $instructions, $calls);
}
if ($only === [] || in_array('contention', $only, true)) {
    $report->contention(Contention::CLIENTS, Contention::WORK);
    $contention = new Contention($quick ? 1.0 : 4.0);
    foreach ($candidates->contending() as $candidate) {
        $report->contended($candidate->name, $candidate->missing ?: $contention->of($candidate));
    }
}
$report->save($setting('BENCH_OUT', 'build/bench'));

/** The scenarios that make sense in a section. */
function chosen(array $scenarios, string $section): array
{
    return array_values(array_filter($scenarios, static fn (string $name) => in_array($name, CALLS, true) === ($section === 'phalcon') && match ($section) {
        'module' => !str_contains($name, 'new'),
        'redis-tcp' => in_array($name, ['unchanged', 'changed', 'locked changed'], true),
        default => true,
    }));
}

/**
 * Runs the candidates in turn, a short batch each, round after round.
 *
 * @param list<Candidate> $candidates
 * @return array<string, list<float>|string> nanoseconds per cycle in each round; a text says why there are none
 */
function race(array $candidates, int $rounds, float $batch, array $prefix): array
{
    $workers = $cycles = $times = [];
    foreach ($candidates as $candidate) {
        $times[$candidate->name] = [];
        if ($candidate->missing !== '') {
            $times[$candidate->name] = $candidate->missing;
            continue;
        }
        try {
            $worker = new Worker($candidate, $prefix);
            // Once over all ids, then what fits into a batch.
            $time = min($worker->run(200), $worker->run(200), $worker->run(600));
            $cycles[] = max(1, min(5000, (int) round($batch / $time)));
            $workers[] = $worker;
        } catch (Unable $unable) {
            $times[$candidate->name] = $unable->getMessage();
        }
    }
    for ($round = 0; $round < $rounds; $round++) {
        foreach ($workers as $index => $worker) {
            if (!is_array($times[$worker->candidate->name])) {
                continue;
            }
            try {
                $times[$worker->candidate->name][] = $worker->run($cycles[$index]);
            } catch (Unable $unable) {
                $times[$worker->candidate->name] = $unable->getMessage();
            }
        }
    }
    return $times;
}

/** The payload as PHP's session module stores it. */
function encode(array $payload): string
{
    ini_set('session.use_cookies', '0');
    ini_set('session.cache_limiter', '');
    ini_set('session.serialize_handler', 'php');
    session_start(['read_and_close' => false]);
    $_SESSION = $payload;
    $encoded = session_encode();
    session_destroy();
    return $encoded;
}

/** @return array<string, string> */
function facts(Machine $machine, int $cores, string $regime, int $rounds, float $batch, array $sizes): array
{
    $cpu = is_readable('/proc/cpuinfo') && preg_match('/^model name\s*:\s*(.*)$/m', file_get_contents('/proc/cpuinfo'), $found) ? $found[1] : php_uname('m');
    $version = static function (string $extension) use ($machine): string {
        $load = $machine->load($extension);
        $code = 'echo phpversion($argv[1]);';
        $command = [$machine->php, '-n', ...($load ?? []), '-r', $code, $extension];
        return $load === null ? 'not installed' : trim((string) shell_exec(implode(' ', array_map(escapeshellarg(...), $command))));
    };
    $first = static fn (string $command, string $pattern): string => preg_match($pattern, (string) shell_exec("$command 2>/dev/null"), $found) ? $found[1] : 'not installed';
    return [
        'cpu' => "$cpu, $cores cores",
        'kernel' => php_uname('s') . ' ' . php_uname('r'),
        'folder of the sessions' => trim((string) shell_exec('stat -f -c %T ' . escapeshellarg($machine->folder) . ' 2>/dev/null')) ?: 'unknown file system',
        'php' => PHP_VERSION . (PHP_ZTS ? ' ZTS' : ' NTS'),
        'redis-server' => $first('redis-server --version', '/v=(\S+)/'),
        'phpredis' => $version('redis'),
        'memcached' => $first('memcached -V', '/ (\S+)/'),
        'php-memcached' => $version('memcached'),
        'pecl-memcache' => $version('memcache'),
        'mariadbd' => $first('mariadbd --version || /usr/sbin/mariadbd --version', '/Ver (\S+)/'),
        'sqlite of PDO' => $machine->load('pdo_sqlite') === null ? 'not installed' : trim((string) shell_exec(implode(' ', array_map(escapeshellarg(...), [$machine->php, '-n', ...$machine->load('pdo_sqlite'), '-r', "echo (new PDO('sqlite::memory:'))->query('select sqlite_version()')->fetchColumn();"])))),
        'regime' => $regime,
        'method' => sprintf('%d rounds of interleaved batches of about %d ms, 1000 ids', $rounds, $batch / 1e6),
        'payload' => "$sizes[small] bytes; in \"big\" scenarios $sizes[big] bytes, nested",
    ];
}
