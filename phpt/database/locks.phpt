--TEST--
Requests on connections to MySQL wait for each other, by named locks
--EXTENSIONS--
mysqlnd
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

function session(string $database, array $options = []): Database
{
    $pdo = (new MariaDb($database))->pdo();
    return new Database(['db' => $pdo, 'table' => 'session_data'] + $options);
}

Face::role('add', function (Face $face, string $database, int $times) {
    $session = session($database);
    for ($i = 0; $i < $times; $i++) {
        session_id('counter');
        $session->start();
        $session->n++;
        session_write_close();
    }
});
Face::role('hold', function (Face $face, string $database) {
    $session = session($database);
    session_id('held');
    $session->start();
    tell('holds');
    hear();
    $session->n = 'by the holder';
    session_write_close();
    tell('wrote');
    hear();
});
Face::main(function (Face $face) {
    tell_warnings();
    $database = new MariaDb();
    $database->ask(session_table());
    $workers = [];
    for ($i = 0; $i < 4; $i++) {
        $workers[] = $face->spawn('add', $database->name, 25);
    }
    says('workers', implode('', array_map(fn ($worker) => $worker->rest(), $workers)));
    says('counted', $database->ask('SELECT data FROM session_data')[0][0]);

    $holder = $face->spawn('hold', $database->name);
    says('another', $holder->line());
    $session = session($database->name, ['lock_wait' => 1]);
    session_id('held');
    says('starts', $session->start());
    $native = new Database(['db' => $database->dsn(), 'table' => 'session_data', 'lock_wait' => 1]);
    session_id('held');
    says('Seshat\'s own store starts', @$native->start());
    $reading = session($database->name, ['lock_wait' => 0, 'on_lock_timeout' => 'readonly']);
    session_id('held');
    says('starts without it', $reading->start());
    $reading->a = 1;
    session_write_close();
    session_id('held');
    says('reads and closes', session_start(['read_and_close' => true]));
    says('a direct call', $session->read('held'));
    $holder->say('go on');
    says('another', $holder->line());
    session_id('held');
    says('starts', $session->start());
    says('finds', $session->n);
    session_write_close();
    $holder->say('end');
    $holder->rest();

    // Freed by the end of a connection.
    $holder = $face->spawn('hold', $database->name);
    $holder->line();
    $holder->kill();
    $session = session($database->name);
    session_id('held');
    says('after a crash', $session->start());
    session_write_close();

    // The application gives all its locks away, and another request takes the session.
    $pdo = $database->pdo();
    foreach (['taken and changed' => 'n|i:7;', 'only lost' => null] as $what => $change) {
        $session = new Database(['db' => $pdo, 'table' => 'session_data']);
        session_id('lost');
        $session->start();
        $session->n = 1;
        $pdo->query('SELECT RELEASE_ALL_LOCKS()')->fetchAll();
        if ($change !== null) {
            session($database->name)->write('lost', $change);
        }
        session_write_close();
        says($what, $session->read('lost'));
        session_set_save_handler(new SessionHandler());
    }

    // An open transaction has an old view of the table; the session is read as it is now.
    $database->ask('DELETE FROM session_data');
    session($database->name)->write('one', 'n|i:1;');
    $pdo->beginTransaction();
    $pdo->query('SELECT * FROM session_data')->fetchAll();
    session($database->name)->write('one', 'n|i:2;');
    $session = new Database(['db' => $pdo, 'table' => 'session_data']);
    session_id('one');
    $session->start();
    says('in a transaction', $session->n);
    session_write_close();
    $pdo->commit();

    // A transaction of somebody else's has the row.
    $pdo->exec('SET innodb_lock_wait_timeout = 1');
    $other = $database->pdo();
    $other->beginTransaction();
    $other->exec('UPDATE session_data SET modified_at = modified_at + 1');
    session_id('one');
    says('starts', $session->start());
    $other->rollBack();
    session_id('one');
    says('and then', [$session->start(), $session->n]);
    session_write_close();
}, ['files'], ['class']);
--EXPECT--
workers: ''
counted: 'n|i:100;'
another: 'holds'
! database lock at session_data of PDO: session he... is held; it was not free within 1 s (lock_wait); on_lock_timeout=readonly would read it without the lock
starts: no
Seshat's own store starts: no
starts without it: yes
! database write at session_data of PDO: session he... was opened without its lock and is read-only in this request
reads and closes: yes
a direct call: ''
another: 'wrote'
starts: yes
finds: 'by the holder'
after a crash: yes
! Session save handler cannot be changed when a session is active
! database write at session_data of PDO: session lo... lost its lock on the application's connection, and was changed by another request since; this write was refused, and what is stored stays as it is
taken and changed: 'n|i:7;'
only lost: 'n|i:1;'
in a transaction: 2
! database read at session_data of PDO: Lock wait timeout exceeded; try restarting transaction; another transaction has the session's row, and innodb_lock_wait_timeout is the limit
starts: no
and then: array (
  0 => true,
  1 => 2,
)
