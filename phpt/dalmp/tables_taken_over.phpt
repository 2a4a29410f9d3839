--TEST--
DALMP\Sessions\SQLite and MySQL: the original's tables go on, sessions and references included
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
sqlite3
--INI--
session.gc_maxlifetime=1440
error_reporting=E_ALL
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-mariadb.inc'; if (!class_exists('DALMP\\Sessions\\MySQL')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/mariadb.inc';
require __DIR__ . '/../include/polyfill.inc';

$file = Face::scratch() . '/dalmp_sessions.db';
$sqlite = new SQLite3($file);
$sqlite->exec('CREATE TABLE dalmp_sessions (sid VARCHAR NOT NULL, expiry INTEGER NOT NULL, data TEXT, ref TEXT, PRIMARY KEY (sid))');
$sqlite->exec('CREATE INDEX dalmp_index ON dalmp_sessions (sid DESC, expiry DESC, ref DESC)');

$database = new MariaDb();
$database->ask("CREATE TABLE my_sessions (
    sid VARCHAR(128) CHARACTER SET utf8 COLLATE utf8_bin NOT NULL DEFAULT '',
    expiry INT UNSIGNED NOT NULL DEFAULT 0,
    data LONGTEXT CHARACTER SET utf8 COLLATE utf8_bin,
    ref VARCHAR(255) CHARACTER SET utf8 COLLATE utf8_bin DEFAULT NULL,
    ts TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (sid), KEY `index` (ref, sid, expiry)) ENGINE=InnoDB");
define('DALMP_SESSIONS_TABLE', 'my_sessions');

$end = time() + 1000;
foreach ([['one', $end, 'u|i:1;', '42'], ['two', $end, 'u|i:2;', null], ['old', time() - 5, 'u|i:3;', '42']] as $row) {
    $statement = $sqlite->prepare('INSERT INTO dalmp_sessions (sid, expiry, data, ref) VALUES (?, ?, ?, ?)');
    foreach ($row as $i => $value) {
        $statement->bindValue($i + 1, $value);
    }
    $statement->execute();
    $database->ask('REPLACE INTO my_sessions (sid, expiry, data, ref) VALUES (?, ?, ?, ?)', ...$row);
}
$row = [
    'SQLite' => fn (string $sid) => $sqlite->query("SELECT data, ref, expiry FROM dalmp_sessions WHERE sid = '$sid'")->fetchArray(SQLITE3_NUM),
    'MySQL' => fn (string $sid) => $database->ask('SELECT data, ref, expiry FROM my_sessions WHERE sid = ?', $sid)[0] ?? false,
];
foreach ([
    'SQLite' => fn () => new DALMP\Sessions\SQLite($file),
    'MySQL' => fn () => new DALMP\Sessions\MySQL(new DALMP\Database(
        'utf8://' . MariaDb::USER . ':' . MariaDb::PASSWORD . '@127.0.0.1:' . MariaDb::port() . "/$database->name",
    )),
] as $name => $make) {
    echo "== $name\n";
    unset($GLOBALS['UID']);
    $handler = $make();
    says('read', [$handler->read('one'), $handler->read('two'), $handler->read('old')]);
    says('found', $handler->getSessionRef('42') === ['one' => ['42' => $end]]);
    says('all', array_keys($handler->getSessionsRefs()));
    says('written', $handler->write('one', 'u|i:4;'));
    [$data, $reference, $expiry] = $row[$name]('one');
    // A little longer is granted, so that not every request has to write.
    says('as the original reads it', [$data, $reference, $expiry >= time() + 1435 && $expiry <= time() + 1510]);
    $UID = 7;
    says('a new one', $handler->write('new', 'u|s:2:"é";'));
    says('its row', array_slice($row[$name]('new'), 0, 2));
    says('gc', $handler->gc(1440));
    says('what is left', [$row[$name]('old'), $handler->read('one')]);
    says('ended', [$handler->delSessionRef(7), $row[$name]('new')]);
}

define('DALMP_SESSIONS_REF', 'CUSTOMER');
$CUSTOMER = 'c1';
says('the constant names another variable', [$make()->write('three', 'u|i:1;'), $row['MySQL']('three')[1]]);
foreach ([
    'utf8://u:sesame@127.0.0.1:1/db', 'mysql+unix:///nowhere/at/all?database=db', ['host' => '127.0.0.1', 'port' => 1, 'database' => 'db'],
    new stdClass(), null, 'utf8://host',
] as $given) {
    try {
        (new DALMP\Sessions\MySQL($given))->read('one');
    } catch (Exception $exception) {
        $message = $exception->getMessage();
        echo get_class($exception), ': ', preg_replace('/: [^:]*\(os error.*/', ': ...', $message), "\n";
        str_contains(print_r($exception->getTrace(), true), 'sesame') && print("the trace has the password\n");
    }
}
?>
--EXPECT--
== SQLite
read: array (
  0 => 'u|i:1;',
  1 => 'u|i:2;',
  2 => '',
)
found: yes
all: array (
  0 => 'one',
)
written: yes
as the original reads it: array (
  0 => 'u|i:4;',
  1 => '42',
  2 => true,
)
a new one: yes
its row: array (
  0 => 'u|s:2:"é";',
  1 => '7',
)
gc: 1
what is left: array (
  0 => false,
  1 => 'u|i:4;',
)
ended: array (
  0 => true,
  1 => false,
)
== MySQL
read: array (
  0 => 'u|i:1;',
  1 => 'u|i:2;',
  2 => '',
)
found: yes
all: array (
  0 => 'one',
)
written: yes
as the original reads it: array (
  0 => 'u|i:4;',
  1 => '42',
  2 => true,
)
a new one: yes
its row: array (
  0 => 'u|s:2:"é";',
  1 => '7',
)
gc: 1
what is left: array (
  0 => false,
  1 => 'u|i:4;',
)
ended: array (
  0 => true,
  1 => false,
)
the constant names another variable: array (
  0 => true,
  1 => 'c1',
)
RuntimeException: mysql read at 127.0.0.1:1: connection refused: ...
RuntimeException: mysql read at /nowhere/at/all: ...
RuntimeException: mysql read at 127.0.0.1:1: connection refused: ...
RuntimeException: a DSN, an array of options, or a DALMP\Database must be given; stdClass does not tell where its database is
RuntimeException: a DSN, an array of options, or a DALMP\Database must be given; null does not tell where its database is
RuntimeException: no database is named; write mysql://HOST/DATABASE, or say it with the option "database"
