--TEST--
Adapter\Database on MariaDB, on every kind of connection
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
mysqli
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; require __DIR__ . '/../include/skip-without-mariadb.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Database')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/mariadb.inc';
require __DIR__ . '/../include/database.inc';

ob_start();
tell_warnings();
mysqli_report(MYSQLI_REPORT_OFF);
$database = new MariaDb();
$database->ask(session_table());

/** A connection in the way of Phalcon's. */
final class Connection
{
    private int $affected = 0;

    public function __construct(private PDO $pdo)
    {
    }

    public function getType(): string
    {
        return 'mysql';
    }

    public function escapeIdentifier($name): string
    {
        return "`$name`";
    }

    public function fetchOne(string $sql, $mode = 2, array $values = [], array $types = []): array
    {
        return $this->run($sql, $values, $types)->fetch($mode) ?: [];
    }

    public function execute(string $sql, array $values = [], array $types = []): bool
    {
        $this->affected = $this->run($sql, $values, $types)->rowCount();
        return true;
    }

    public function affectedRows(): int
    {
        return $this->affected;
    }

    public function isUnderTransaction(): bool
    {
        return $this->pdo->inTransaction();
    }

    private function run(string $sql, array $values, array $types): PDOStatement
    {
        $statement = $this->pdo->prepare($sql);
        foreach ($values as $i => $value) {
            $statement->bindValue($i + 1, $value, $types[$i]);
        }
        $statement->execute();
        return $statement;
    }
}

$mysqli = function (int $report, string $charset) use ($database) {
    mysqli_report($report);
    $mysqli = new mysqli('127.0.0.1', MariaDb::USER, MariaDb::PASSWORD, $database->name, MariaDb::port());
    $mysqli->set_charset($charset);
    return $mysqli;
};
$kinds = [
    'emulated' => $database->pdo(),
    'prepared' => $database->pdo([PDO::ATTR_EMULATE_PREPARES => false]),
    'texts, nulls, capitals' => $database->pdo([PDO::ATTR_STRINGIFY_FETCHES => true, PDO::ATTR_ORACLE_NULLS => PDO::NULL_EMPTY_STRING, PDO::ATTR_CASE => PDO::CASE_UPPER]),
    'silent' => $database->pdo([PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT]),
    'warning' => $database->pdo([PDO::ATTR_ERRMODE => PDO::ERRMODE_WARNING]),
    'unbuffered' => $database->pdo([PDO::MYSQL_ATTR_USE_BUFFERED_QUERY => false]),
    'found rows' => $database->pdo([PDO::MYSQL_ATTR_FOUND_ROWS => true]),
    'no autocommit' => $database->pdo([PDO::ATTR_AUTOCOMMIT => 0]),
    'other modes' => $database->pdo([PDO::MYSQL_ATTR_INIT_COMMAND => "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'"]),
    'mysqli' => $mysqli(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT, 'utf8mb4'),
    'silent mysqli' => $mysqli(MYSQLI_REPORT_OFF, 'utf8mb4'),
    'Phalcon' => new Connection($database->pdo()),
];
$holder = fn () => $database->ask("SELECT IS_USED_LOCK(CONCAT('seshat.', LEFT(SHA2(CONCAT(DATABASE(), CHAR(0), 'session_data', CHAR(0), 'one'), 256), 40)))")[0][0];
foreach ($kinds as $kind => $connection) {
    ob_start();
    $database->ask('DELETE FROM session_data');
    $session = new Phalcon\Session\Adapter\Database(['db' => $connection, 'table' => 'session_data', 'lock_wait' => 1]);
    session_id('one');
    says('starts', $session->start());
    says('locked', $holder() !== null);
    $session->quotes = "é'\"\\`";
    session_write_close();
    says('free', $holder() === null);
    says('stored', $database->ask('SELECT data, modified_at FROM session_data')[0]);
    says('again', $session->start() && $session->quotes === "é'\"\\`");
    $session->more = '';
    session_write_close();
    says('changed', $database->ask('SELECT data, modified_at - created_at < 60 FROM session_data')[0][0]);
    // Twice within a second, unchanged.
    says('unchanged', [$session->start(), session_write_close(), $session->start(), session_write_close()]);
    $session->start();
    $session->bytes = "\xff\0";
    session_write_close();
    $session->start();
    $session->long = str_repeat('x', 70_000);
    session_write_close();
    says('stays', strlen($session->read('one')));
    says_or_throws('a long id', fn () => $session->write(str_repeat('i', 40), 'a|i:1;'));
    $session->start();
    $session->regenerateId();
    says('moved', [$session->read('one'), strlen($session->read(session_id()))]);
    says('ends', $session->destroy());
    says('gone', $database->ask('SELECT count(*) FROM session_data')[0][0] == 0);
    $database->ask('INSERT INTO session_data VALUES (?, ?, 5, NULL), (?, ?, 5, 6), (?, ?, 5, ?)', 'a', '', 'b', '', 'c', '', time());
    says('collects', $session->gc(1440));
    says('validates', [$session->validateId('a'), $session->validateId('c'), $session->validateId('d')]);
    says_or_throws('no such table', fn () => (new Phalcon\Session\Adapter\Database(['db' => $connection, 'table' => 'nothing', 'locking' => 0]))->read('a'));
    unset($session);
    session_set_save_handler(new SessionHandler());
    $text = preg_replace('/ of (PDO|mysqli|a connection of the application)\b/', '', ob_get_clean());
    $text = str_replace($database->name, 'DATABASE', $text);
    $first ??= $text;
    echo $text === $first ? "$kind: the same\n" : "$kind:\n$text";
}
echo $first;
--EXPECT--
emulated: the same
prepared: the same
texts, nulls, capitals: the same
silent: the same
warning: the same
unbuffered: the same
found rows: the same
no autocommit: the same
other modes: the same
mysqli: the same
silent mysqli: the same
Phalcon: the same
starts: yes
locked: yes
free: yes
stored: array (
  0 => 'quotes|s:6:"é\'"\\`";',
  1 => NULL,
)
again: yes
changed: 'quotes|s:6:"é\'"\\`";more|s:0:"";'
unchanged: array (
  0 => true,
  1 => true,
  2 => true,
  3 => true,
)
! database write at session_data: Incorrect string value: ... for column `DATABASE`.`session_data`.`data` at row 1; the column of the data is text that does not take every byte, and nothing was stored; make it LONGBLOB
! database write at session_data: Data too long for column data at row 1; nothing was stored; make the column longer (VARCHAR(256) for the id, LONGBLOB)
stays: 32
a long id: Phalcon\Session\Exception: database write at session_data: Data too long for column session_id at row 1; nothing was stored; make the column longer (VARCHAR(256) for the id, LONGBLOB)
moved: array (
  0 => '',
  1 => 0,
)
ends: yes
gone: yes
collects: 2
validates: array (
  0 => false,
  1 => true,
  2 => false,
)
no such table: Phalcon\Session\Exception: database read at nothing: there is no table "nothing"; create it: CREATE TABLE `nothing` (`session_id` VARCHAR(256) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, `data` LONGBLOB NOT NULL, `created_at` INT UNSIGNED NOT NULL, `modified_at` INT UNSIGNED NULL, KEY `modified_at` (`modified_at`, `created_at`))
