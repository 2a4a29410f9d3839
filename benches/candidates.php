<?php
/*
 * Who is measured: the limit clients, the peers that are installed, and Seshat's faces, for each store.
 */
declare(strict_types=1);

/** What the driver found on this machine. */
final class Machine
{
    /** @var array<string, list<string>> PHP arguments that load an extension */
    private array $loads = [];

    public function __construct(
        public readonly string $php,
        public readonly string $build,
        public readonly string $extension,
        public readonly string $folder,
        public readonly string $socket,
        public readonly string $port,
        public readonly string $memcached,
        public readonly string $mysql,
    ) {
    }

    /** PHP arguments that load an extension without php.ini, or null if it is not installed. */
    public function load(string $name): ?array
    {
        if (!array_key_exists($name, $this->loads)) {
            $this->loads[$name] = null;
            $needs = ['redis' => ['igbinary', 'msgpack'], 'memcached' => ['igbinary', 'msgpack'], 'pdo_sqlite' => ['pdo'], 'pdo_mysql' => ['mysqlnd', 'pdo']][$name] ?? [];
            foreach ([[], array_slice($needs, 0, 1), $needs] as $before) {
                $arguments = [];
                foreach ([...$before, $name] as $extension) {
                    array_push($arguments, '-d', "extension=$extension");
                }
                if (in_array($name, $this->modules($arguments), true)) {
                    $this->loads[$name] = in_array($name, $this->modules([]), true) ? [] : $arguments;
                    break;
                }
            }
        }
        return $this->loads[$name];
    }

    /** @return list<string> */
    private function modules(array $arguments): array
    {
        $command = implode(' ', array_map(escapeshellarg(...), [$this->php, '-n', ...$arguments, '-m']));
        return array_map(strtolower(...), preg_split('/\R/', (string) shell_exec("$command 2>/dev/null")));
    }

    /** A new folder for one candidate. */
    public function room(): string
    {
        static $count = 0;
        mkdir($room = "$this->folder/" . ++$count);
        return $room;
    }

    public function has(string $limit): bool
    {
        return is_executable("$this->build/$limit");
    }
}

/** A scenario: its name says what happens in it. */
final class Scenario
{
    public readonly bool $locked;
    public readonly bool $strict;
    public readonly string $payload;

    public function __construct(public readonly string $name)
    {
        $this->locked = str_starts_with($name, 'locked');
        $this->strict = str_contains($name, 'strict');
        $this->payload = str_starts_with($name, 'big') ? 'big' : 'small';
    }

    /** Whether the session is as it was when it ends: then one that vanished meanwhile is stored again. */
    public function restores(): bool
    {
        return str_contains($this->name, 'unchanged');
    }

    /** The same without a lock. */
    public function unlocked(): self
    {
        return new self(preg_replace('/^locked /', '', $this->name));
    }
}

/** One that is measured: how to start it, and what it is measured against. */
final class Candidate
{
    /** @param list<string> $command without the number of cycles */
    public function __construct(
        public readonly string $name,
        public readonly array $command,
        public readonly bool $isLimit = false,
        /** Why it cannot run. */
        public readonly string $missing = '',
    ) {
    }
}

final class Candidates
{
    /** Session settings that all share: nothing of the web, no lottery. */
    private const INI = [
        'error_reporting' => '22527', // E_ALL & ~(E_DEPRECATED | E_USER_DEPRECATED)
        'display_errors' => 'stderr',
        'session.use_cookies' => '0',
        'session.cache_limiter' => '',
        'session.gc_probability' => '0',
        'session.gc_maxlifetime' => '1440',
        'session.lazy_write' => '1',
        'session.serialize_handler' => 'php',
    ];

    public function __construct(private readonly Machine $machine, private readonly int $ids)
    {
    }

    /** @return list<Candidate> the first one is what the others are compared with */
    public function of(string $section, Scenario $scenario): array
    {
        return match ($section) {
            'module' => $this->module($scenario),
            'files' => $this->files($scenario),
            'redis' => $this->redis($scenario, "unix:{$this->machine->socket}"),
            'redis-tcp' => $this->redis($scenario, "tcp:{$this->machine->port}"),
            'memcached' => $this->memcached($scenario),
            'sqlite' => $this->sqlite($scenario),
            'mysql' => $this->mysql($scenario),
            'phalcon' => $this->phalcon($scenario),
        };
    }

    /** @return list<Candidate> whose clients contend for one session; the usual locking of each, and the best */
    public function contending(): array
    {
        $locked = new Scenario('locked changed');
        $files = fn (): string => $this->machine->room();
        $all = [
            $this->php($locked, 'PHP files', 'ini', null, ['session.save_handler' => 'files', 'session.save_path' => $files()]),
            $this->native($locked, 'files://' . $files(), 'Seshat, files'),
        ];
        if ($this->machine->socket !== '') {
            $at = "unix://{$this->machine->socket}";
            // Tries until it has the lock, every millisecond.
            $tuned = ['redis.session.lock_wait_time' => '1000', 'redis.session.lock_retries' => '30000'];
            array_push(
                $all,
                $this->phpredis($locked, 'phpredis, default locking', "$at?prefix=c1:&persistent=1"),
                $this->phpredis($locked, 'phpredis, tuned locking', "$at?prefix=c2:&persistent=1", $tuned),
                $this->native($locked, "redis+unix://{$this->machine->socket}?prefix=c3:", 'Seshat, redis'),
            );
        }
        return $all;
    }

    public function floor(Scenario $scenario): Candidate
    {
        return $this->php($scenario, "PHP's session module alone", 'ini', null, [
            'extension' => "{$this->machine->build}/floor.so",
            'session.save_handler' => 'floor',
        ]);
    }

    private function module(Scenario $scenario): array
    {
        return [
            $this->floor($scenario),
            $this->native($scenario, 'memory://'),
            $this->handler($scenario, 'memory://'),
            $this->seshat($scenario, 'Seshat, Phalcon Noop', 'phalcon-noop', null),
        ];
    }

    /** Calls of the manager and of bags; the scenario is the call. */
    private function phalcon(Scenario $scenario): array
    {
        $ini = [...self::INI, 'extension' => $this->machine->extension, 'session.save_path' => $this->machine->room()];
        $command = [$this->machine->php, '-n', ...($this->machine->load('session') ?? []), ...$this->settings($ini)];
        $subjects = [
            '$_SESSION', 'manager in PHP', 'Manager', 'manager in PHP, uniqueId', 'Manager, uniqueId',
            'bag in PHP', 'Bag', 'bag in PHP, uniqueId', 'Bag, uniqueId', 'Bag, 10 000 values',
        ];
        return array_map(static fn (string $subject) => new Candidate($subject, [
            ...$command,
            __DIR__ . '/calls.php',
            json_encode(['subject' => $subject, 'call' => $scenario->name], JSON_THROW_ON_ERROR),
        ]), $subjects);
    }

    private function files(Scenario $scenario): array
    {
        $room = $this->machine->room();
        $all = [
            $this->limit($scenario, 'limit, in place', 'files', [$this->machine->room(), 'in-place']),
            $this->limit($scenario, 'limit, atomic', 'files', [$this->machine->room(), 'atomic']),
            $this->php($scenario, 'PHP files (always locked)', 'ini', null, [
                'session.save_handler' => 'files',
                'session.save_path' => $this->machine->room(),
            ]),
            $this->native($scenario, "files://$room"),
            $this->native($scenario, 'files://' . $this->machine->room() . '?atomic=0', 'Seshat, php.ini, atomic=0'),
            $this->handler($scenario, 'files://' . $this->machine->room()),
        ];
        $all[] = $this->seshat($scenario, 'Seshat, Phalcon Stream', 'phalcon-stream', [
            'savePath' => $this->machine->room(),
        ]);
        return $all;
    }

    private function redis(Scenario $scenario, string $at): array
    {
        [$kind, $place] = explode(':', $at, 2);
        $ours = $kind === 'unix' ? "redis+unix://$place" : "redis://127.0.0.1:$place";
        $theirs = $kind === 'unix' ? "unix://$place" : "tcp://127.0.0.1:$place";
        $tuned = ['redis.pconnect.echo_check_liveness' => '0', 'redis.session.early_refresh' => '1'];
        $all = $this->limits($scenario, 'redis', [$at]);
        if ($scenario->locked) {
            $all[] = $this->limit($scenario->unlocked(), 'limit, no lock', 'redis', [$at]);
        }
        $all[] = $this->phpredis($scenario, 'phpredis, as documented', "$theirs?prefix=p1:");
        $all[] = $this->phpredis($scenario, 'phpredis, persistent', "$theirs?prefix=p2:&persistent=1");
        $all[] = $this->phpredis($scenario, 'phpredis, best settings', "$theirs?prefix=p3:&persistent=1", $tuned);
        if ($scenario->locked) {
            $free = $scenario->unlocked();
            $all[] = $this->phpredis($free, 'phpredis, best, no lock', "$theirs?prefix=p4:&persistent=1", $tuned);
        }
        $all[] = $this->native($scenario, "$ours?prefix=s1:");
        $all[] = $this->handler($scenario, "$ours?prefix=s2:");
        $options = $kind === 'unix' ? ['host' => $place] : ['host' => '127.0.0.1', 'port' => (int) $place];
        $all[] = $this->seshat($scenario, 'Seshat, Phalcon Redis', 'phalcon-redis', $options);
        return $all;
    }

    private function memcached(Scenario $scenario): array
    {
        $port = $this->machine->memcached;
        $free = $scenario->unlocked();
        $all = $this->limits($scenario, 'memcached', [$port]);
        foreach (['binary' => '1', 'text' => '0'] as $protocol => $binary) {
            $all[] = $this->phpMemcached($scenario, "php-memcached, $protocol", $binary, "p$binary.");
            if ($scenario->locked) {
                $all[] = $this->phpMemcached($free, "php-memcached, $protocol, no lock", $binary, "f$binary.");
            }
        }
        $load = $this->machine->load('memcache');
        $all[] = $load === null
            ? new Candidate('pecl-memcache (always locked)', [], missing: 'no memcache extension (php-memcache)')
            : $this->php($scenario, 'pecl-memcache (always locked)', 'ini', null, [
                'session.save_handler' => 'memcache',
                'session.save_path' => "tcp://127.0.0.1:$port?persistent=1",
                'memcache.session_redundancy' => '1',
            ], $load);
        $all[] = $this->native($scenario, "memcached://127.0.0.1:$port?prefix=s1.");
        $all[] = $this->handler($scenario, "memcached://127.0.0.1:$port?prefix=s2.");
        return $all;
    }

    private function phpMemcached(Scenario $scenario, string $name, string $binary, string $prefix): Candidate
    {
        $load = $this->machine->load('memcached');
        if ($load === null) {
            return new Candidate($name, [], missing: 'no memcached extension (php-memcached)');
        }
        return $this->php($scenario, $name, 'ini', null, [
            'session.save_handler' => 'memcached',
            'session.save_path' => "127.0.0.1:{$this->machine->memcached}",
            'memcached.sess_persistent' => '1',
            'memcached.sess_binary_protocol' => $binary,
            'memcached.sess_prefix' => $prefix,
            'memcached.sess_locking' => $scenario->locked ? '1' : '0',
        ], $load);
    }

    private function sqlite(Scenario $scenario): array
    {
        $file = fn () => $this->machine->room() . '/sessions.db';
        $all = [$this->limit($scenario, 'limit', 'sqlite', [$file(), 'dated'])];
        if (str_contains($scenario->name, 'unchanged')) {
            $all[] = $this->limit($scenario, 'limit, lifetime not moved', 'sqlite', [$file(), 'undated']);
        }
        $pdo = $this->machine->load('pdo_sqlite');
        $name = $scenario->locked ? 'PDO handler (no lock)' : 'PDO handler';
        $all[] = $pdo === null
            ? new Candidate($name, [], missing: 'no pdo_sqlite (php-sqlite3)')
            : $this->php($scenario, $name, 'pdo', 'sqlite:' . $file(), [], $pdo);
        if ($pdo !== null) {
            $where = ['dsn' => 'sqlite:' . $file(), 'locked' => $scenario->locked];
            $all[] = $this->php($scenario, "PDO in Symfony's style", 'symfony', $where, [], $pdo);
        }
        $all[] = $this->native($scenario, 'sqlite://' . $file());
        $all[] = $this->handler($scenario, 'sqlite://' . $file());
        return $all;
    }

    private function mysql(Scenario $scenario): array
    {
        $socket = $this->machine->mysql;
        $at = ["unix:$socket", 'root', 'secret', 'test'];
        $all = $this->limits($scenario, 'mysql', $at);
        $pdo = $this->machine->load('pdo_mysql');
        // Symfony's handler locks by a transaction and connects in each request, unless told otherwise.
        $ways = $scenario->locked
            ? ['transaction, kept' => ['transaction', true], 'advisory, kept' => ['advisory', true], 'transaction' => ['transaction', false]]
            : ['no lock, kept' => ['none', true], 'no lock' => ['none', false]];
        foreach ($ways as $way => [$lock, $persistent]) {
            $name = "PDO handler, $way";
            $where = ['dsn' => "mysql:unix_socket=$socket;dbname=test;charset=utf8mb4", 'lock' => $lock, 'persistent' => $persistent];
            $all[] = $pdo === null
                ? new Candidate($name, [], missing: 'no pdo_mysql (php-mysql)')
                : $this->php($scenario, $name, 'pdo-mysql', $where, [], $pdo);
        }
        $dsn = "mysql+unix://root:secret@$socket?database=test&create_table=1&table=";
        $all[] = $this->native($scenario, "{$dsn}s1");
        $all[] = $this->handler($scenario, "{$dsn}s2");
        return $all;
    }

    /**
     * The limit on a server, and what it costs at least that an unchanged session which vanished is stored again.
     *
     * @return list<Candidate>
     */
    private function limits(Scenario $scenario, string $program, array $arguments): array
    {
        $all = [$this->limit($scenario, 'limit', $program, $arguments)];
        if ($scenario->restores()) {
            $restored = new Scenario("$scenario->name restored");
            $all[] = $this->limit($restored, 'limit, restores a vanished', $program, $arguments);
        }
        return $all;
    }

    private function limit(Scenario $scenario, string $name, string $program, array $arguments): Candidate
    {
        if (!$this->machine->has($program)) {
            return new Candidate($name, [], true, "the limit client $program was not built");
        }
        $payload = "{$this->machine->build}/$scenario->payload.payload";
        $command = ["{$this->machine->build}/$program", $scenario->name, $payload, (string) $this->ids, ...$arguments];
        return new Candidate($name, $command, true);
    }

    private function phpredis(Scenario $scenario, string $name, string $path, array $ini = []): Candidate
    {
        $load = $this->machine->load('redis');
        if ($load === null) {
            return new Candidate($name, [], missing: 'no redis extension (php-redis)');
        }
        $ini['session.save_handler'] = 'redis';
        $ini['session.save_path'] = $path;
        $ini['redis.session.locking_enabled'] = $scenario->locked ? '1' : '0';
        return $this->php($scenario, $name, 'ini', null, $ini, $load);
    }

    private function native(Scenario $scenario, string $dsn, string $name = 'Seshat, php.ini'): Candidate
    {
        return $this->seshat($scenario, $name, 'ini', null, [
            'session.save_handler' => 'seshat',
            'session.save_path' => $dsn,
        ]);
    }

    private function handler(Scenario $scenario, string $dsn): Candidate
    {
        return $this->seshat($scenario, 'Seshat\Handler', 'handler', ['dsn' => $dsn, 'options' => []]);
    }

    private function seshat(Scenario $scenario, string $name, string $kind, mixed $where, array $ini = []): Candidate
    {
        $ini['extension'] = $this->machine->extension;
        $ini['seshat.session.locking_enabled'] = $scenario->locked ? '1' : '0';
        return $this->php($scenario, $name, $kind, $where, $ini);
    }

    private function php(
        Scenario $scenario,
        string $name,
        string $kind,
        mixed $where,
        array $ini,
        array $load = [],
    ): Candidate {
        $job = [
            'scenario' => $scenario->name,
            'kind' => $kind,
            'where' => $where,
            'ids' => $this->ids,
            'payload' => __DIR__ . "/payloads/$scenario->payload.php",
        ];
        $command = [$this->machine->php, '-n', ...($this->machine->load('session') ?? []), ...$load];
        $ini['session.use_strict_mode'] = $scenario->strict ? '1' : '0';
        array_push($command, ...$this->settings([...self::INI, ...$ini]));
        array_push($command, __DIR__ . '/worker.php', json_encode($job, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES));
        return new Candidate($name, $command);
    }

    /** @return list<string> */
    private function settings(array $ini): array
    {
        $arguments = [];
        foreach ($ini as $key => $value) {
            array_push($arguments, '-d', $key === 'extension' ? "extension=$value" : "$key=\"$value\"");
        }
        return $arguments;
    }
}
