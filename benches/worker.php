<?php
/*
 * One candidate, one scenario: runs session cycles when the driver says so.
 *
 *     worker.php JSON [CYCLES]
 *
 * The JSON says what the driver knows: scenario, kind of handler, where the sessions are, how many
 * ids, which payload. A line with a number of cycles comes in, a line with the nanoseconds that they
 * took goes out. With CYCLES it runs that many once, between two
 * calls of umask that a counting tool can see, and ends. After each batch
 * a session is read back: a candidate that is quick because it stores nothing fails, but for Noop, which says so.
 */
declare(strict_types=1);

set_error_handler(static function (int $level, string $message): never {
    fwrite(STDERR, "worker: $message\n");
    exit(1);
});

/** A handler as an application writes it over PDO: kept connection, prepared statements, no lock. */
final class PdoHandler implements SessionHandlerInterface, SessionUpdateTimestampHandlerInterface
{
    private PDO $db;

    public function __construct(string $dsn)
    {
        $this->db = new PDO($dsn, null, null, [PDO::ATTR_PERSISTENT => true, PDO::ATTR_EMULATE_PREPARES => false]);
    }

    public static function prepare(string $dsn): void
    {
        (new PDO($dsn, null, null, [PDO::ATTR_PERSISTENT => true]))->exec(
            'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; '
            . 'CREATE TABLE IF NOT EXISTS s(id TEXT PRIMARY KEY, data BLOB, expires INT) WITHOUT ROWID',
        );
    }

    /** Milliseconds: within one second a lifetime would be as before, and SQLite would write nothing. */
    private static function now(): int
    {
        return (int) (microtime(true) * 1000);
    }

    public function open(string $path, string $name): bool
    {
        return true;
    }

    public function close(): bool
    {
        return true;
    }

    public function read(string $id): string
    {
        $statement = $this->db->prepare('SELECT data FROM s WHERE id=? AND expires>?');
        $statement->execute([$id, self::now()]);
        return (string) $statement->fetchColumn();
    }

    public function write(string $id, string $data): bool
    {
        $statement = $this->db->prepare(
            'INSERT INTO s VALUES(?,?,?) ON CONFLICT(id) DO UPDATE SET data=excluded.data, expires=excluded.expires',
        );
        $statement->bindValue(1, $id);
        $statement->bindValue(2, $data, PDO::PARAM_LOB);
        $statement->bindValue(3, self::now() + 1_440_000, PDO::PARAM_INT);
        return $statement->execute();
    }

    public function updateTimestamp(string $id, string $data): bool
    {
        return $this->db->prepare('UPDATE s SET expires=? WHERE id=?')->execute([self::now() + 1_440_000, $id]);
    }

    public function validateId(string $id): bool
    {
        $statement = $this->db->prepare('SELECT 1 FROM s WHERE id=? AND expires>?');
        $statement->execute([$id, self::now()]);
        return $statement->fetchColumn() !== false;
    }

    public function destroy(string $id): bool
    {
        return $this->db->prepare('DELETE FROM s WHERE id=?')->execute([$id]);
    }

    public function gc(int $max_lifetime): int|false
    {
        return $this->db->exec('DELETE FROM s WHERE expires<' . self::now());
    }
}

/**
 * A handler in the style of Symfony's PdoSessionHandler, with its table and SQLite's default settings: a connection and
 * statements of its own in each request. Locked, a transaction is open from read to close.
 */
final class SymfonyStyleHandler implements SessionHandlerInterface, SessionUpdateTimestampHandlerInterface
{
    private ?PDO $db = null;
    private bool $inTransaction = false;

    public function __construct(private string $dsn, private bool $locked)
    {
    }

    public static function prepare(string $dsn): void
    {
        (new PDO($dsn))->exec('CREATE TABLE IF NOT EXISTS sessions (sess_id TEXT NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL, '
            . 'sess_lifetime INTEGER NOT NULL, sess_time INTEGER NOT NULL); '
            . 'CREATE INDEX IF NOT EXISTS sess_lifetime_idx ON sessions (sess_lifetime)');
    }

    public function open(string $path, string $name): bool
    {
        $this->db ??= new PDO($this->dsn);
        return true;
    }

    public function read(string $id): string
    {
        if ($this->locked && !$this->inTransaction) {
            $this->db->exec('BEGIN IMMEDIATE TRANSACTION');
            $this->inTransaction = true;
        }
        $statement = $this->db->prepare('SELECT sess_data, sess_lifetime FROM sessions WHERE sess_id = :id');
        $statement->execute(['id' => $id]);
        $row = $statement->fetch(PDO::FETCH_NUM);
        return $row && $row[1] >= time() ? $row[0] : '';
    }

    public function validateId(string $id): bool
    {
        return $this->read($id) !== '';
    }

    public function write(string $id, string $data): bool
    {
        $statement = $this->db->prepare('INSERT OR REPLACE INTO sessions (sess_id, sess_data, sess_lifetime, sess_time) '
            . 'VALUES (:id, :data, :expiry, :time)');
        $statement->bindValue('id', $id);
        $statement->bindValue('data', $data, PDO::PARAM_LOB);
        $statement->bindValue('expiry', time() + 1440, PDO::PARAM_INT);
        $statement->bindValue('time', time(), PDO::PARAM_INT);
        return $statement->execute();
    }

    public function updateTimestamp(string $id, string $data): bool
    {
        $statement = $this->db->prepare('UPDATE sessions SET sess_lifetime = :expiry, sess_time = :time WHERE sess_id = :id');
        return $statement->execute(['expiry' => time() + 1440, 'time' => time(), 'id' => $id]);
    }

    public function destroy(string $id): bool
    {
        return $this->db->prepare('DELETE FROM sessions WHERE sess_id = ?')->execute([$id]);
    }

    public function close(): bool
    {
        if ($this->inTransaction) {
            $this->db->exec('COMMIT');
            $this->inTransaction = false;
        }
        $this->db = null;
        return true;
    }

    public function gc(int $max_lifetime): int|false
    {
        return 0;
    }
}

/**
 * A handler in the style of Symfony's PdoSessionHandler on MySQL: the row or a name is locked from read to close. With
 * a connection for each request, as it is by default, or a kept one.
 */
final class PdoMysqlHandler implements SessionHandlerInterface, SessionUpdateTimestampHandlerInterface
{
    private PDO $db;
    private string $held = '';

    public function __construct(string $dsn, private readonly string $lock, bool $persistent)
    {
        $this->db = new PDO($dsn, 'root', 'secret', [PDO::ATTR_PERSISTENT => $persistent]);
    }

    public static function prepare(string $dsn): void
    {
        (new PDO($dsn, 'root', 'secret', [PDO::ATTR_PERSISTENT => true]))->exec(
            'CREATE TABLE IF NOT EXISTS pdo (sess_id VARBINARY(128) NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL, '
            . 'sess_lifetime INTEGER UNSIGNED NOT NULL, sess_time INTEGER UNSIGNED NOT NULL, INDEX (sess_lifetime))',
        );
    }

    public function open(string $path, string $name): bool
    {
        return true;
    }

    public function close(): bool
    {
        if ($this->held !== '' && $this->lock === 'transaction') {
            $this->db->commit();
        } elseif ($this->held !== '') {
            $statement = $this->db->prepare('DO RELEASE_LOCK(:key)');
            $statement->execute(['key' => $this->held]);
        }
        $this->held = '';
        return true;
    }

    public function read(string $id): string
    {
        $for = '';
        if ($this->lock === 'transaction') {
            $this->db->exec('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
            $this->db->beginTransaction();
            $this->held = $id;
            $for = ' FOR UPDATE';
        } elseif ($this->lock === 'advisory') {
            $this->held = substr($id, 0, 64);
            $statement = $this->db->prepare('SELECT GET_LOCK(:key, 50)');
            $statement->execute(['key' => $this->held]);
        }
        $statement = $this->db->prepare("SELECT sess_data, sess_lifetime FROM pdo WHERE sess_id = :id$for");
        $statement->execute(['id' => $id]);
        $rows = $statement->fetchAll(PDO::FETCH_NUM);
        return $rows !== [] && $rows[0][1] >= time() ? $rows[0][0] : '';
    }

    public function write(string $id, string $data): bool
    {
        $statement = $this->db->prepare(
            'INSERT INTO pdo (sess_id, sess_data, sess_lifetime, sess_time) VALUES (:id, :data, :expiry, :time) '
            . 'ON DUPLICATE KEY UPDATE sess_data = VALUES(sess_data), sess_lifetime = VALUES(sess_lifetime), '
            . 'sess_time = VALUES(sess_time)',
        );
        $statement->bindValue('id', $id);
        $statement->bindValue('data', $data, PDO::PARAM_LOB);
        $statement->bindValue('expiry', time() + 1440, PDO::PARAM_INT);
        $statement->bindValue('time', time(), PDO::PARAM_INT);
        return $statement->execute();
    }

    public function updateTimestamp(string $id, string $data): bool
    {
        return $this->db->prepare('UPDATE pdo SET sess_lifetime = :expiry, sess_time = :time WHERE sess_id = :id')
            ->execute(['expiry' => time() + 1440, 'time' => time(), 'id' => $id]);
    }

    public function validateId(string $id): bool
    {
        $statement = $this->db->prepare('SELECT 1 FROM pdo WHERE sess_id = :id AND sess_lifetime >= :time');
        $statement->execute(['id' => $id, 'time' => time()]);
        return $statement->fetchColumn() !== false;
    }

    public function destroy(string $id): bool
    {
        return $this->db->prepare('DELETE FROM pdo WHERE sess_id = :id')->execute(['id' => $id]);
    }

    public function gc(int $max_lifetime): int|false
    {
        return $this->db->exec('DELETE FROM pdo WHERE sess_lifetime < ' . time());
    }
}

/** @var array{scenario: string, kind: string, where: mixed, ids: int, payload: string} $job */
$job = json_decode($argv[1], true, 16, JSON_THROW_ON_ERROR);
$payload = require $job['payload'];
$changes = !str_contains($job['scenario'], 'unchanged');
$fresh = str_contains($job['scenario'], 'new');
$ids = [];
for ($i = 1; $i <= $job['ids']; $i++) {
    $ids[] = sprintf('%032x', $i);
}

// What an application does at the start of each request, before session_start().
$where = $job['where'];
$begin = match ($job['kind']) {
    'ini' => null,
    'handler' => static fn () => session_set_save_handler(new Seshat\Handler($where['dsn'], $where['options']), true),
    'pdo' => static fn () => session_set_save_handler(new PdoHandler($where), true),
    'symfony' => static fn () => session_set_save_handler(new SymfonyStyleHandler($where['dsn'], $where['locked']), true),
    'pdo-mysql' => static fn () => session_set_save_handler(new PdoMysqlHandler($where['dsn'], $where['lock'], $where['persistent']), true),
    'phalcon-stream' => static fn () => (new Phalcon\Session\Manager())->setAdapter(
        new Phalcon\Session\Adapter\Stream($where),
    )->start(),
    'phalcon-noop' => static fn () => (new Phalcon\Session\Manager())->setAdapter(new Phalcon\Session\Adapter\Noop())->start(),
    'phalcon-redis' => static fn () => (new Phalcon\Session\Manager())->setAdapter(
        new Phalcon\Session\Adapter\Redis(
            new Phalcon\Storage\AdapterFactory(new Phalcon\Storage\SerializerFactory()),
            $where,
        ),
    )->start(),
};
$starts = str_starts_with($job['kind'], 'phalcon');
// The end of a request puts the handler down. Without this the next one is made while the former is in use.
$rest = new SessionHandler();
$end = $begin === null ? null : static fn () => session_set_save_handler($rest, false);
match ($job['kind']) {
    'pdo' => PdoHandler::prepare($where),
    'symfony' => SymfonyStyleHandler::prepare($where['dsn']),
    'pdo-mysql' => PdoMysqlHandler::prepare($where['dsn']),
    default => null,
};

$count = 1_000_000;
$next = 0;
$run = static function (int $cycles) use ($ids, $begin, $end, $starts, $changes, $fresh, $payload, &$count, &$next): int {
    $last = count($ids);
    $time = hrtime(true);
    for ($i = 0; $i < $cycles; $i++) {
        session_id($fresh ? '' : $ids[$next]);
        if ($begin !== null) {
            $begin();
        }
        if (!$starts) {
            session_start();
        }
        if ($fresh) {
            $_SESSION = $payload;
        }
        if ($changes) {
            $_SESSION['n'] = ++$count;
        }
        session_write_close();
        $end && $end();
        if (++$next === $last) {
            $next = 0;
        }
    }
    return hrtime(true) - $time;
};

$look = static function (string $id) use ($begin, $end, $starts): mixed {
    session_id($id);
    if ($begin !== null) {
        $begin();
    }
    if (!$starts) {
        session_start();
    }
    $found = $_SESSION['n'] ?? null;
    session_abort();
    $end && $end();
    return $found;
};

// In strict mode PHP would put ids of its own in the place of these, which nobody knows yet.
$strict = ini_set('session.use_strict_mode', '0');
foreach ($ids as $id) {
    session_id($id);
    if ($begin !== null) {
        $begin();
    }
    if (!$starts) {
        session_start();
    }
    $_SESSION = $payload;
    $_SESSION['n'] = $count;
    session_write_close();
    $end && $end();
}
ini_set('session.use_strict_mode', $strict);

if (isset($argv[2])) {
    $run(2 * count($ids));
    umask(0o77);
    $run((int) $argv[2]);
    umask(0o77);
    exit(0);
}

// Not echo: output would be the end of the headers, and session_start() minds.
fwrite(STDOUT, "ready\n");
while (($line = fgets(STDIN)) !== false) {
    $time = $run((int) $line);
    $id = session_id();
    if (!$fresh && !in_array($id, $ids, true)) {
        fwrite(STDERR, "worker: PHP replaced the id\n");
        exit(1);
    }
    $found = $look($id);
    if ($found !== $count && $job['kind'] !== 'phalcon-noop') {
        fwrite(STDERR, 'worker: the last session holds ' . var_export($found, true) . ", not $count\n");
        exit(1);
    }
    fwrite(STDOUT, "$time\n");
}
