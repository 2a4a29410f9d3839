--TEST--
A connection in any error mode, with any attributes: one warning for a failure, and nothing of it is changed
--EXTENSIONS--
pdo
pdo_sqlite
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists("Phalcon\\Session\\Adapter\\Database")) die('skip the family is not there'); ?>
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
$modes = ['exceptions' => PDO::ERRMODE_EXCEPTION, 'warnings' => PDO::ERRMODE_WARNING, 'silence' => PDO::ERRMODE_SILENT];
foreach ($modes as $name => $mode) {
    echo "=== $name\n";
    $pdo = sqlite([PDO::ATTR_ERRMODE => $mode, PDO::ATTR_CASE => PDO::CASE_UPPER, PDO::ATTR_STRINGIFY_FETCHES => true,
        PDO::ATTR_ORACLE_NULLS => PDO::NULL_EMPTY_STRING, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_OBJ]);
    $session = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data']);
    session_id('one');
    $session->start();
    session_write_close();
    says('an empty one is known', $session->validateId('one'));
    $session->start();
    $session->a = 1;
    $pdo->exec('PRAGMA query_only = 1');
    session_write_close();
    says('stays', $session->read('one'));
    $pdo->exec('PRAGMA query_only = 0');
    $session->start();
    $session->a = 1;
    session_write_close();
    says('stored', $session->read('one'));
    $pdo->exec('DROP TABLE session_data');
    says_or_throws('a direct call', fn () => $session->write('one', ''));
    $pdo->exec('CREATE TABLE session_data (session_id, data)');
    $broken = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data']);
    says('another table', $broken->start());
    says('attributes', [$pdo->getAttribute(PDO::ATTR_ERRMODE) === $mode, $pdo->getAttribute(PDO::ATTR_CASE) === PDO::CASE_UPPER, $pdo->getAttribute(PDO::ATTR_DEFAULT_FETCH_MODE) === PDO::FETCH_OBJ]);
}
--EXPECT--
=== exceptions
an empty one is known: yes
! database write at session_data of PDO: attempt to write a readonly database
stays: ''
stored: 'a|i:1;'
a direct call: Phalcon\Session\Exception: database write at session_data of PDO: no such table: session_data
! database read at session_data of PDO: the table "session_data" has no column created_at, modified_at (if it has another name, say it with column_created, column_modified); expected: CREATE TABLE "session_data" ("session_id" TEXT NOT NULL PRIMARY KEY, "data" BLOB NOT NULL, "created_at" INTEGER NOT NULL, "modified_at" INTEGER); CREATE INDEX "session_data_modified_at" ON "session_data" ("modified_at", "created_at")
another table: no
attributes: array (
  0 => true,
  1 => true,
  2 => true,
)
=== warnings
an empty one is known: yes
! database write at session_data of PDO: attempt to write a readonly database
stays: ''
stored: 'a|i:1;'
a direct call: Phalcon\Session\Exception: database write at session_data of PDO: no such table: session_data
! database read at session_data of PDO: the table "session_data" has no column created_at, modified_at (if it has another name, say it with column_created, column_modified); expected: CREATE TABLE "session_data" ("session_id" TEXT NOT NULL PRIMARY KEY, "data" BLOB NOT NULL, "created_at" INTEGER NOT NULL, "modified_at" INTEGER); CREATE INDEX "session_data_modified_at" ON "session_data" ("modified_at", "created_at")
another table: no
attributes: array (
  0 => true,
  1 => true,
  2 => true,
)
=== silence
an empty one is known: yes
! database write at session_data of PDO: attempt to write a readonly database
stays: ''
stored: 'a|i:1;'
a direct call: Phalcon\Session\Exception: database write at session_data of PDO: no such table: session_data
! database read at session_data of PDO: the table "session_data" has no column created_at, modified_at (if it has another name, say it with column_created, column_modified); expected: CREATE TABLE "session_data" ("session_id" TEXT NOT NULL PRIMARY KEY, "data" BLOB NOT NULL, "created_at" INTEGER NOT NULL, "modified_at" INTEGER); CREATE INDEX "session_data_modified_at" ON "session_data" ("modified_at", "created_at")
another table: no
attributes: array (
  0 => true,
  1 => true,
  2 => true,
)
