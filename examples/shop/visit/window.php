<?php
// Looks into a store from outside, without the extension: what is really there.

declare(strict_types=1);

interface Window
{
    /** @return array<string, array{bytes: int, expires: ?int}> by id; seconds until it expires */
    public function sessions(): array;

    public function has(string $id): bool;

    public function place(): string;
}

function window(string $savePath): Window
{
    return match (true) {
        str_starts_with($savePath, 'sqlite://') => TableWindow::ofSqlite($savePath),
        str_starts_with($savePath, 'mysql://') => TableWindow::ofMysql($savePath),
        str_starts_with($savePath, 'redis://') => new RedisWindow($savePath),
        str_starts_with($savePath, 'memcached://') => new MemcachedWindow($savePath),
        str_starts_with($savePath, 'mongodb://') => new MongoDbWindow($savePath),
        str_starts_with($savePath, 'aerospike://') => new AerospikeWindow($savePath),
        default => new FilesWindow(preg_replace('~^files://~', '', strtok($savePath, '?'))),
    };
}

/** Sessions in a table of Seshat's own. */
final class TableWindow implements Window
{
    private function __construct(
        private readonly string $place,
        private readonly string $table,
        private readonly string $dsn,
        private readonly ?string $user = null,
        private readonly ?string $password = null,
    ) {
    }

    public static function ofSqlite(string $savePath): self
    {
        $path = substr(strtok($savePath, '?'), strlen('sqlite://'));
        return new self("SQLite, $path", 'sessions', "sqlite:$path");
    }

    public static function ofMysql(string $savePath): self
    {
        $parts = parse_url($savePath);
        parse_str($parts['query'] ?? '', $options);
        $port = $parts['port'] ?? 3306;
        $dsn = "mysql:host={$parts['host']};port=$port;dbname=" . ltrim($parts['path'], '/');
        $user = rawurldecode($parts['user'] ?? 'root');
        return new self("MySQL, {$parts['host']}:$port", $options['table'] ?? 'sessions', $dsn, $user, rawurldecode($parts['pass'] ?? ''));
    }

    public function sessions(): array
    {
        $database = new PDO($this->dsn, $this->user, $this->password, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        $sessions = [];
        foreach ($database->query("SELECT id, length(data) AS bytes, expires_at FROM $this->table ORDER BY id") as $row) {
            $sessions[$row['id']] = ['bytes' => (int) $row['bytes'], 'expires' => (int) $row['expires_at'] - time()];
        }
        return $sessions;
    }

    public function has(string $id): bool
    {
        return isset($this->sessions()[$id]);
    }

    public function place(): string
    {
        return $this->place;
    }
}

final class FilesWindow implements Window
{
    public function __construct(private readonly string $folder)
    {
    }

    public function sessions(): array
    {
        clearstatcache();
        $sessions = [];
        foreach (glob("$this->folder/sess_*") as $path) {
            $expires = filemtime($path) + (int) (getenv('SHOP_LIFETIME') ?: 1800) - time();
            $sessions[substr(basename($path), strlen('sess_'))] = ['bytes' => filesize($path), 'expires' => $expires];
        }
        return $sessions;
    }

    public function has(string $id): bool
    {
        return isset($this->sessions()[$id]);
    }

    public function place(): string
    {
        return "files, $this->folder";
    }
}

/** Speaks just enough of the protocol to ask. */
final class RedisWindow implements Window
{
    private readonly array $parts;
    private readonly string $prefix;
    /** @var resource */
    private $socket;

    public function __construct(string $dsn)
    {
        $this->parts = parse_url($dsn);
        parse_str($this->parts['query'] ?? '', $options);
        $this->prefix = $options['prefix'] ?? '';
        $this->socket = stream_socket_client("tcp://{$this->parts['host']}:{$this->parts['port']}", timeout: 5);
        stream_set_timeout($this->socket, 5);
        $this->ask('SELECT', ltrim($this->parts['path'] ?? '/0', '/') ?: '0');
    }

    public function sessions(): array
    {
        $sessions = [];
        foreach ($this->ask('KEYS', "$this->prefix*") as $key) {
            // The lock of a session lies beside it, under a name that no id can have.
            if ($this->ask('TYPE', $key) === 'string' && preg_match('/^[a-zA-Z0-9,-]+$/', $id = substr($key, strlen($this->prefix)))) {
                $sessions[$id] = ['bytes' => $this->ask('STRLEN', $key), 'expires' => $this->ask('TTL', $key)];
            }
        }
        ksort($sessions);
        return $sessions;
    }

    public function has(string $id): bool
    {
        return $this->ask('EXISTS', $this->prefix . $id) === 1;
    }

    public function place(): string
    {
        return "Redis, {$this->parts['host']}:{$this->parts['port']}";
    }

    private function ask(string ...$words): mixed
    {
        $request = '*' . count($words) . "\r\n";
        foreach ($words as $word) {
            $request .= '$' . strlen($word) . "\r\n$word\r\n";
        }
        fwrite($this->socket, $request);
        return $this->answer();
    }

    private function answer(): mixed
    {
        $line = rtrim((string) fgets($this->socket), "\r\n");
        $rest = substr($line, 1);
        return match ($line[0] ?? '') {
            '+' => $rest,
            ':' => (int) $rest,
            '$' => $rest === '-1' ? null : substr((string) stream_get_contents($this->socket, (int) $rest + 2), 0, -2),
            '*' => (int) $rest < 1 ? [] : array_map(fn () => $this->answer(), range(1, (int) $rest)),
            default => throw new RuntimeException("redis says: $line"),
        };
    }
}

/** Asks one server, in memcached's own commands. */
final class MemcachedWindow implements Window
{
    private readonly string $address;
    private readonly string $prefix;
    /** @var resource */
    private $socket;

    public function __construct(string $dsn)
    {
        $parts = parse_url($dsn);
        parse_str($parts['query'] ?? '', $options);
        $this->prefix = $options['prefix'] ?? 'memc.sess.key.';
        $this->address = "{$parts['host']}:{$parts['port']}";
        $this->socket = stream_socket_client("tcp://$this->address", timeout: 5);
        stream_set_timeout($this->socket, 5);
    }

    public function sessions(): array
    {
        $sessions = [];
        $keys = [];
        // Over the hash table: the walk over the lists of items ("all") misses some that were just used.
        fwrite($this->socket, "lru_crawler metadump hash\r\n");
        while (($line = rtrim((string) fgets($this->socket))) !== 'END' && $line !== '') {
            $keys[] = rawurldecode(substr(strtok($line, ' '), strlen('key=')));
        }
        foreach ($keys as $key) {
            // The lock of a session lies beside it, under a name that no id can have.
            $id = str_starts_with($key, $this->prefix) ? substr($key, strlen($this->prefix)) : '';
            if (preg_match('/^[a-zA-Z0-9,-]+$/', $id) && preg_match('/^HD s(\d+) t(-?\d+)$/', $this->ask($id, 's t'), $told)) {
                $sessions[$id] = ['bytes' => (int) $told[1], 'expires' => (int) $told[2]];
            }
        }
        ksort($sessions);
        return $sessions;
    }

    public function has(string $id): bool
    {
        return str_starts_with($this->ask($id, 't'), 'HD');
    }

    public function place(): string
    {
        return "memcached, $this->address";
    }

    /** The first line of the answer to a meta get, which does not count as use. */
    private function ask(string $id, string $flags): string
    {
        fwrite($this->socket, "mg $this->prefix$id u $flags\r\n");
        return rtrim((string) fgets($this->socket));
    }
}

/** Asks by PHP's extension mongodb. */
final class MongoDbWindow implements Window
{
    private readonly string $address;
    private readonly string $collection;

    public function __construct(string $dsn)
    {
        $parts = parse_url($dsn);
        parse_str($parts['query'] ?? '', $options);
        $this->address = "{$parts['host']}:{$parts['port']}";
        $this->collection = ltrim($parts['path'] ?? '/test', '/') . '.' . ($options['collection'] ?? 'sessions');
    }

    public function sessions(): array
    {
        $server = new MongoDB\Driver\Manager("mongodb://$this->address/?directConnection=true");
        // One without data is a lock alone.
        $wanted = new MongoDB\Driver\Query(['data' => ['$exists' => true]], ['sort' => ['_id' => 1]]);
        $sessions = [];
        foreach ($server->executeQuery($this->collection, $wanted) as $document) {
            $expires = $document->expires_at->toDateTime()->getTimestamp() - time();
            $sessions[$document->_id] = ['bytes' => strlen($document->data->getData()), 'expires' => $expires];
        }
        return $sessions;
    }

    public function has(string $id): bool
    {
        return isset($this->sessions()[$id]);
    }

    public function place(): string
    {
        return "MongoDB, $this->address";
    }
}

/** Asks one node for single records: it cannot list, so that it shows what it was asked for before. */
final class AerospikeWindow implements Window
{
    private const EPOCH = 1262304000;

    private readonly array $parts;
    private readonly string $namespace;
    private readonly string $set;
    private readonly string $prefix;
    /** @var resource */
    private $socket;
    /** @var array<string, true> */
    private array $asked = [];

    public function __construct(string $dsn)
    {
        $this->parts = parse_url($dsn);
        parse_str($this->parts['query'] ?? '', $options);
        $path = explode('/', trim($this->parts['path'] ?? '', '/'));
        $this->namespace = $path[0] ?: 'test';
        $this->set = $path[1] ?? 'session';
        $this->prefix = $options['prefix'] ?? '';
        $this->socket = stream_socket_client("tcp://{$this->parts['host']}:{$this->parts['port']}", timeout: 5);
        stream_set_timeout($this->socket, 5);
    }

    public function sessions(): array
    {
        $sessions = array_map($this->record(...), array_combine(array_keys($this->asked), array_keys($this->asked)));
        return array_filter($sessions);
    }

    public function has(string $id): bool
    {
        $this->asked[$id] = true;
        return $this->record($id) !== null;
    }

    public function place(): string
    {
        return "Aerospike, {$this->parts['host']}:{$this->parts['port']}";
    }

    /** @return array{bytes: int, expires: int}|null nothing, too, for a record that is a lock alone */
    private function record(string $id): ?array
    {
        $digest = hash('ripemd160', "$this->set\x03$this->prefix$id", true);
        $fields = '';
        foreach ([0 => $this->namespace, 1 => $this->set, 4 => $digest] as $type => $value) {
            $fields .= pack('NC', strlen($value) + 1, $type) . $value;
        }
        // Read all bins: a header of 22 bytes, three fields, no operation.
        $message = pack('CCCCCCNNNnn', 22, 3, 0, 0, 0, 0, 0, 0, 5000, 3, 0) . $fields;
        fwrite($this->socket, pack('CCnN', 2, 3, 0, strlen($message)) . $message);
        ['length' => $length] = unpack('Nhead/Nlength', (string) stream_get_contents($this->socket, 8));
        $answer = (string) stream_get_contents($this->socket, $length);
        ['code' => $code, 'void' => $void, 'count' => $count] = unpack('x5/Ccode/x4/Nvoid/x6/ncount', $answer);
        for ($at = 22; $code === 0 && $count-- > 0; $at += 4 + $size) {
            ['size' => $size, 'name' => $name] = unpack('Nsize/x3/Cname', $answer, $at);
            if (substr($answer, $at + 8, $name) === 'value') {
                return ['bytes' => $size - 4 - $name, 'expires' => self::EPOCH + $void - time()];
            }
        }
        return null;
    }
}
