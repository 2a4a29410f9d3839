--TEST--
In a transaction that began earlier a session is read as it is now, and the transaction goes on
--EXTENSIONS--
mysqlnd
mysqli
pdo
pdo_mysql
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

use Phalcon\Session\Adapter\Database;

ob_start(); // Headers stay unsent.
tell_warnings();
$database = new MariaDb();
$database->ask(session_table());
$database->ask('CREATE TABLE orders (number INT)');
$kinds = [
    'PDO' => $database->pdo(),
    'PDO that prepares' => $database->pdo([PDO::ATTR_EMULATE_PREPARES => false]),
    'mysqli' => new mysqli('127.0.0.1', MariaDb::USER, MariaDb::PASSWORD, $database->name, MariaDb::port()),
];
foreach ($kinds as $kind => $connection) {
    echo "-- $kind\n";
    $database->ask('DELETE FROM orders');
    $database->ask('DELETE FROM session_data');
    $elsewhere = new Database(['db' => $database->pdo(), 'table' => 'session_data']);
    foreach (['looked', 'changed', 'ended', 'expired'] as $id) {
        $elsewhere->write($id, 'n|i:1;');
    }
    $connection instanceof PDO ? $connection->beginTransaction() : $connection->begin_transaction();
    $connection->query('INSERT INTO orders VALUES (1)');
    $rows = $connection->query('SELECT * FROM session_data');
    says('the view has', count($connection instanceof PDO ? $rows->fetchAll() : $rows->fetch_all()));
    foreach (['looked', 'changed', 'ended'] as $id) {
        $elsewhere->write($id, 'n|i:2;');
    }
    $database->ask('UPDATE session_data SET modified_at = 5, created_at = 5 WHERE session_id = ?', 'expired');

    $session = new Database(['db' => $connection, 'table' => 'session_data']);
    session_id('looked');
    says('starts', $session->start());
    says('finds', $session->n);
    session_write_close();
    session_id('changed');
    $session->start();
    $session->n++;
    session_write_close();
    session_id('ended');
    $session->start();
    says('ends', $session->destroy());
    // PDO tells that a transaction is open, and gc does nothing.
    says('collects', $session->gc(1440) === ($connection instanceof PDO ? 0 : 1));
    session_set_save_handler(new SessionHandler());

    says('commits', $connection->commit());
    says('orders', (int) $database->ask('SELECT count(*) FROM orders')[0][0]);
    foreach ($database->ask("SELECT session_id, data FROM session_data WHERE session_id <> 'expired' ORDER BY session_id") as $row) {
        echo implode(': ', $row), "\n";
    }
}
?>
--EXPECT--
-- PDO
the view has: 4
starts: yes
finds: 2
! database write at session_data of PDO: a transaction of the application's is open on this connection: what was done to the session counts when it is committed, and is lost when it is rolled back; end it before the session
ends: yes
collects: yes
commits: yes
orders: 1
changed: n|i:3;
looked: n|i:2;
-- PDO that prepares
the view has: 4
starts: yes
finds: 2
! database write at session_data of PDO: a transaction of the application's is open on this connection: what was done to the session counts when it is committed, and is lost when it is rolled back; end it before the session
ends: yes
collects: yes
commits: yes
orders: 1
changed: n|i:3;
looked: n|i:2;
-- mysqli
the view has: 4
starts: yes
finds: 2
ends: yes
collects: yes
commits: yes
orders: 1
changed: n|i:3;
looked: n|i:2;
