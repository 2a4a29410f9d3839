--TEST--
Sessions beside the transactions of the application
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
$pdo = sqlite();
$pdo->exec('CREATE TABLE orders (id INTEGER)');
$session = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data']);
session_id('one');
$session->start();
$pdo->beginTransaction();
$pdo->exec('INSERT INTO orders VALUES (1)');
$session->cart = 'full';
says('closes', session_write_close());
says('still open', $pdo->inTransaction());
$pdo->rollBack();
says('lost with it', $session->read('one'));

$session->start();
$pdo->beginTransaction();
$pdo->exec('INSERT INTO orders VALUES (2)');
$session->cart = 'full';
session_write_close();
says('gc leaves it alone', $session->gc(0));
$pdo->commit();
says('kept with it', [$session->read('one'), $pdo->query('SELECT id FROM orders')->fetchColumn()]);

// A log-out, that a roll back would undo. Said once by each object.
$session = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data']);
$session->start();
$pdo->beginTransaction();
$session->destroy();
$pdo->commit();
says('gone', $session->read('one'));

// After the transaction as before it.
session_id('two');
$session->start();
$session->a = 1;
$pdo->beginTransaction();
$pdo->commit();
session_write_close();
says('no word', $session->read('two'));
--EXPECT--
! database write at session_data of PDO: a transaction of the application's is open on this connection: what was done to the session counts when it is committed, and is lost when it is rolled back; end it before the session
closes: yes
still open: yes
lost with it: ''
gc leaves it alone: 0
kept with it: array (
  0 => 'cart|s:4:"full";',
  1 => 2,
)
! database destroy at session_data of PDO: a transaction of the application's is open on this connection: what was done to the session counts when it is committed, and is lost when it is rolled back; end it before the session
gone: ''
no word: 'a|i:1;'
