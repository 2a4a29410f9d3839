--TEST--
Connections and users that mean no good: exceptions in mid-call, calls from within, names, ids, copies
--EXTENSIONS--
pdo
pdo_sqlite
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Database')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/database.inc';

ob_start();
tell_warnings();

/** With the methods that Phalcon 3's adapter calls, and no more. Runs a callback in front of a call. */
final class Connection
{
    public ?Closure $before = null;
    public array $calls = [];

    public function __construct(private PDO $pdo)
    {
    }

    public function escapeIdentifier(string $name): string
    {
        return "\"$name\"";
    }

    public function fetchOne(string $sql, int $mode = 2, array $values = [], array $types = []): array|false
    {
        return $this->run('fetchOne', $sql, $values, $types)->fetch($mode);
    }

    public function execute(string $sql, array $values = [], array $types = []): bool
    {
        $this->run('execute', $sql, $values, $types);
        return true;
    }

    private function run(string $method, string $sql, array $values, array $types): PDOStatement
    {
        $this->calls[] = $method;
        if ($this->before !== null) {
            ($this->before)($method);
        }
        $statement = $this->pdo->prepare($sql);
        foreach ($values as $i => $value) {
            $statement->bindValue($i + 1, $value, $types[$i]);
        }
        $statement->execute();
        return $statement;
    }
}

class Adapter extends Phalcon\Session\Adapter\Database
{
    public function let(string $what): void
    {
        match ($what) {
            'unset' => (function () { unset($this->connection); })(),
            'null' => $this->connection = null,
            'junk' => $this->connection = new stdClass(),
        };
    }
}

final class Late extends Phalcon\Session\Adapter\Database
{
    public function __construct()
    {
    }
}

$pdo = sqlite();
$connection = new Connection($pdo);
$session = new Adapter(['db' => $connection, 'table' => 'session_data']);
const ID = '0123456789abcdefghijklmnop';
session_id(ID);
says('a contract of three methods', $session->start());
$session->a = 1;
session_write_close();
says('stored', $session->read(ID));
says('changes are counted', $session->gc(0));

// One that knows no types: everything is a text.
$untyped = new class($pdo) {
    public function __construct(private PDO $pdo)
    {
    }

    public function escapeIdentifier(string $name): string
    {
        return "\"$name\"";
    }

    public function fetchOne(string $sql, int $mode, array $values): array|false
    {
        $statement = $this->pdo->prepare($sql);
        $statement->execute($values);
        return $statement->fetch($mode);
    }

    public function execute(string $sql, array $values): bool
    {
        return $this->pdo->prepare($sql)->execute($values);
    }
};
session_set_save_handler(new Adapter(['db' => $untyped, 'table' => 'session_data']));
session_id(ID);
session_start();
$_SESSION['a'] = 'untyped';
session_write_close();
says('without types', $session->read(ID));
$session->write(ID, 'a|i:1;');
session_set_save_handler($session);

echo "--- exceptions\n";
$connection->before = fn () => throw new LogicException("not '" . ID . "' nor '\$_SESSION' near 'secret'");
session_id(ID);
says('starts', $session->start());
says_or_throws('reads', fn () => $session->read(ID));
$connection->before = fn ($method) => $method === 'execute' ? throw new Error('late') : null;
session_id(ID);
says('starts', $session->start());
$session->a = 2;
says('closes', session_write_close());
$connection->before = null;
says('as it was', $session->read(ID));

echo "--- calls from within\n";
$connection->before = function () use ($session, &$inside) {
    try {
        $session->read(ID);
    } catch (Throwable $exception) {
        $inside = get_class($exception) . ': ' . $exception->getMessage();
    }
};
session_id(ID);
says('starts', $session->start());
says('inside', $inside);
session_write_close();
$connection->before = function () use (&$inside) {
    $inside = session_start() ?: 'no session in a session';
};
set_error_handler(fn () => true);
session_id(ID);
says('starts', $session->start());
says('inside', $inside);
restore_error_handler();
$connection->before = fn () => $session->__construct(['db' => 'sqlite::memory:', 'table' => 'session_data']);
$session->a = 3;
session_write_close();
$connection->before = null;
says('made anew inside, and still the same', $session->read(ID));

echo "--- objects\n";
says_or_throws('clone', fn () => clone $session);
says_or_throws('serialize', fn () => serialize($session));
foreach (['unset', 'null', 'junk'] as $what) {
    $other = new Adapter(['db' => $pdo, 'table' => 'session_data']);
    $other->let($what);
    says_or_throws($what, fn () => $other->read(ID));
}
says_or_throws('without a constructor', fn () => (new Late())->read(ID));

// A ring of objects is collected, and does not call the connection any more.
$ring = new Connection(sqlite());
$adapter = new Adapter(['db' => $ring, 'table' => 'session_data']);
$ring->before = fn () => $adapter;
$weak = WeakReference::create($adapter);
session_set_save_handler(new SessionHandler());
unset($ring, $adapter);
gc_collect_cycles();
says('collected', $weak->get() === null);

echo "--- names and ids\n";
foreach (['session_data; DROP TABLE session_data', '"', "a\0b", 'sqlite_master', str_repeat('x', 65), 'ä'] as $name) {
    says_or_throws('table', fn () => new Adapter(['db' => $pdo, 'table' => $name]));
}
says_or_throws('column', fn () => new Adapter(['db' => $pdo, 'table' => 'session_data', 'column_data' => 'data, (SELECT 1)']));
foreach (["' OR 1=1 --", '../etc', "one\0", '', 'one%'] as $id) {
    says_or_throws('id', fn () => $session->read($id));
}
says('still there', $pdo->query('SELECT count(*) FROM session_data')->fetchColumn());
--EXPECT--
a contract of three methods: yes
stored: 'a|i:1;'
changes are counted: 0
without types: 'a|s:7:"untyped";'
--- exceptions
! database read at session_data of a connection of the application: not ... nor ...
starts: no
reads: Phalcon\Session\Exception: database read at session_data of a connection of the application: not ... nor ...
starts: yes
! database write at session_data of a connection of the application: late
closes: yes
as it was: 'a|i:1;'
--- calls from within
starts: yes
inside: 'Error: Adapter is not ready: its constructor was not called, or it is busy'
starts: yes
inside: yes
! Session save handler cannot be changed when a session is active
! Session save handler cannot be changed when a session is active
made anew inside, and still the same: 'a|i:3;'
--- objects
clone: Error: Trying to clone an uncloneable object of class Adapter
serialize: Exception: Serialization of 'Adapter' is not allowed
unset: Phalcon\Session\Exception: database read at session_data of PDO: the adapter has no connection any more
null: Phalcon\Session\Exception: database read at session_data of PDO: the adapter has no connection any more
junk: Phalcon\Session\Exception: database read at session_data of PDO: the adapter has no connection any more
without a constructor: Error: Late is not ready: its constructor was not called, or it is busy
collected: yes
--- names and ids
table: Phalcon\Session\Exception: option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
table: Phalcon\Session\Exception: option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
table: Phalcon\Session\Exception: option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
table: Phalcon\Session\Exception: option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
table: Phalcon\Session\Exception: option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
table: Phalcon\Session\Exception: option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
column: Phalcon\Session\Exception: option "column_data" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
id: Phalcon\Session\Exception: session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
id: Phalcon\Session\Exception: session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
id: Phalcon\Session\Exception: session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
id: Phalcon\Session\Exception: session read: the session id is empty
id: Phalcon\Session\Exception: session read: the session id contains characters other than a-z, A-Z, 0-9, "," and "-"
still there: 1
