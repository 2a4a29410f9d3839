--TEST--
Adapter\Database without a connection: a DSN, options, and connections that are only described
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
require __DIR__ . '/../include/polyfill.inc';
require __DIR__ . '/../include/database.inc';

use Phalcon\Db\Adapter\Pdo\Mysql;
use Phalcon\Db\Adapter\Pdo\Sqlite;
use Phalcon\Session\Adapter\Database;

ob_start();
tell_warnings();
$path = Face::scratch() . '/sessions.db';
$pdo = new PDO("sqlite:$path");
$pdo->exec(session_table());
session_id('one');
$ways = [
    'DSN' => "sqlite://$path",
    'DSN in an array' => ['dsn' => "sqlite://$path?busy_timeout=1"],
    'options' => ['store' => 'sqlite', 'path' => $path],
    'described' => new Sqlite(['dbname' => $path]),
    'described by an array' => ['adapter' => 'sqlite', 'dbname' => $path],
    'described by a configuration' => new Phalcon\Config(['adapter' => 'Sqlite', 'dbname' => $path]),
    'connection' => $pdo,
];
foreach ($ways as $way => $db) {
    $session = new Database(['db' => $db, 'table' => 'session_data', 'uniqueId' => 'app', 'lock_wait' => '1s']);
    says($way, $session->start());
    $session->n = $session->get('n', 0) + 1;
    session_write_close();
}
says('one row', $pdo->query('SELECT session_id, data FROM session_data')->fetchAll(PDO::FETCH_NUM));
says('the add-on', (new Phalcon\Incubator\Session\Adapter\Database("sqlite://$path"))->read('one'));
says('no password is shown', !str_contains(print_r(new Database(['db' => new Sqlite(['dbname' => $path]), 'table' => 'session_data']), true), $path));

echo "--- mistakes\n";
$mistakes = [
    'nothing' => [[], []],
    'no table' => [['db' => $pdo], []],
    'an empty one' => [['db' => $pdo, 'table' => ''], []],
    'a wrong database and no table' => [['db' => 'sqlit:///tmp/s.db'], []],
    'a number' => [['db' => 1], ['table' => 't']],
    'an object' => [['db' => new ArrayObject()], ['table' => 't']],
    'a wrapper' => [['db' => new class { public function getNativeConnection() { } }], ['table' => 't']],
    'another store' => [['db' => 'redis://127.0.0.1'], ['table' => 't']],
    'a path' => [['db' => $path], ['table' => 't']],
    'an unknown option' => [['db' => "sqlite://$path"], ['table' => 't', 'tabel' => 1]],
    'beside a connection' => [['db' => $pdo], ['table' => 't', 'tabel' => 1]],
    'create_table' => [['db' => $pdo], ['table' => 't', 'create_table' => 1]],
    'a second store' => [['db' => $pdo], ['table' => 't', 'on_unavailable' => 'files:///tmp']],
    'described, unknown' => [['db' => new Sqlite(['dbnam' => $path])], ['table' => 't']],
    'described for PDO' => [['db' => new Mysql(['dbname' => 'app', 'options' => [PDO::ATTR_TIMEOUT => 1]])], ['table' => 't']],
    'described otherwise' => [['db' => ['adapter' => 'postgresql', 'dbname' => 'app']], ['table' => 't']],
];
foreach ($mistakes as $mistake => [$db, $others]) {
    says_or_throws($mistake, fn () => get_class(new Database($db + $others)));
}
--EXPECT--
DSN: yes
DSN in an array: yes
options: yes
described: yes
described by an array: yes
described by a configuration: yes
connection: yes
one row: array (
  0 => 
  array (
    0 => 'one',
    1 => 'app#n|i:7;',
  ),
)
the add-on: 'app#n|i:7;'
no password is shown: yes
--- mistakes
nothing: Phalcon\Session\Exception: Parameter "db" is required and it must be an instance of Phalcon\Db\AdapterInterface
no table: Phalcon\Session\Exception: Parameter 'table' is required and it must be a non empty string
an empty one: Phalcon\Session\Exception: Parameter 'table' is required and it must be a non empty string
a wrong database and no table: Phalcon\Session\Exception: Parameter "db" names no SQL database: a DSN begins with one of sqlite, mysql, mariadb, an array has it as "store"; did you mean "sqlite"?
a number: Phalcon\Session\Exception: Parameter "db" is required and it must be an instance of Phalcon\Db\AdapterInterface; or a PDO or mysqli object, a DSN or an array of options; int given
an object: Phalcon\Session\Exception: Parameter "db" is required and it must be an instance of Phalcon\Db\AdapterInterface; or a PDO or mysqli object, a DSN or an array of options; ArrayObject given
a wrapper: Phalcon\Session\Exception: Parameter "db" is required and it must be an instance of Phalcon\Db\AdapterInterface; or a PDO or mysqli object, a DSN or an array of options; class@anonymous given, whose getNativeConnection() returns one
another store: Phalcon\Session\Exception: Parameter "db" names no SQL database: a DSN begins with one of sqlite, mysql, mariadb, an array has it as "store"
a path: Phalcon\Session\Exception: Parameter "db" names no SQL database: a DSN begins with one of sqlite, mysql, mariadb, an array has it as "store"; a file of SQLite is sqlite:// and its path
an unknown option: Phalcon\Session\Exception: unknown option "tabel"; did you mean "table"?
! unknown option "tabel"; did you mean "table"?
beside a connection: 'Phalcon\\Session\\Adapter\\Database'
create_table: Phalcon\Session\Exception: option "create_table" is for our own connections: on this one it could end a transaction of the application's; create the table beforehand
a second store: Phalcon\Session\Exception: option "on_unavailable" cannot name a second store for a connection of the application's
described, unknown: Phalcon\Session\Exception: unknown option "dbnam"; did you mean "dbname"?
described for PDO: Phalcon\Session\Exception: option "options" of the described connection is for PDO, and is not understood here; give a PDO object
described otherwise: Phalcon\Session\Exception: the connection is described for a database that sessions cannot be kept in; mysql and sqlite can
