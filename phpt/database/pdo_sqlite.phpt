--TEST--
Adapter\Database on a PDO of the application: what Phalcon 3 stored is found, and the other way round
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
$pdo = sqlite();
$rows = fn () => json_encode($pdo->query('SELECT session_id, data, created_at, modified_at FROM session_data')->fetchAll(PDO::FETCH_NUM));
$times = fn () => preg_replace("/\d{10}/", 'TIME', $rows());

// As Phalcon 3 stored it: never changed, and changed.
$now = time();
$pdo->exec("INSERT INTO session_data VALUES ('old', 'customer_id|s:7:\"somekey\";', $now - 100, NULL), ('changed', 'a|i:1;', 5, $now - 100), ('expired', 'a|i:1;', 5, $now - 1441)");
$session = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data']);
says('is a session and a handler', $session instanceof Phalcon\Session\AdapterInterface && $session instanceof SessionHandlerInterface);
foreach (['old', 'changed', 'expired'] as $id) {
    says($id, $session->read($id));
}
says('known', array_map($session->validateId(...), ['old', 'changed', 'expired', 'never']));

session_id('old');
says('starts', $session->start());
says('found', $session->get('customer_id'));
$session->set('customer_id', 'other');
session_write_close();
$pdo->exec("DELETE FROM session_data WHERE session_id = 'changed'");
says('stored', $times());

// Unchanged: its lifetime is extended.
$pdo->exec("UPDATE session_data SET modified_at = 1700000000 + 95000000 WHERE session_id = 'old'");
ini_set('session.gc_maxlifetime', 200000000);
says('starts again', $session->start());
session_write_close();
says('extended', $pdo->query("SELECT modified_at FROM session_data WHERE session_id = 'old'")->fetchColumn() >= $now);
ini_set('session.gc_maxlifetime', 1440);

says('removes the expired one', $session->gc(1440));
says('starts', $session->start());
$old = session_id();
$session->regenerateId();
says('another id', session_id() !== $old && $session->read($old) === '');
says('bytes', ($session->bytes = "\0\xff") === "\0\xff");
session_write_close();
says('bytes are stored', str_contains($session->read(session_id()), "s:2:\"\0\xff\";"));
says('starts', $session->start());
says('ends', $session->destroy());
says('nothing left', $rows());
says('options', $session->getOptions());

// A handler for the manager.
$manager = (new Phalcon\Session\Manager())->setAdapter(new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => 'session_data']));
$manager->setId('managed')->start();
$manager->set('a', 1);
session_write_close();
says('managed', $times());
says('by the factory', Phalcon\Session\Factory::load(['adapter' => 'database', 'db' => $pdo, 'table' => 'session_data'])->read('managed'));
--EXPECT--
is a session and a handler: yes
old: 'customer_id|s:7:"somekey";'
changed: 'a|i:1;'
expired: ''
known: array (
  0 => true,
  1 => true,
  2 => false,
  3 => false,
)
starts: yes
found: 'somekey'
stored: '[["old","customer_id|s:5:\\"other\\";",TIME,TIME],["expired","a|i:1;",5,TIME]]'
starts again: yes
extended: yes
removes the expired one: 1
starts: yes
another id: yes
bytes: yes
bytes are stored: yes
starts: yes
ends: yes
nothing left: '[]'
options: array (
  'table' => 'session_data',
)
managed: '[["managed","a|i:1;",TIME,null]]'
by the factory: 'a|i:1;'
