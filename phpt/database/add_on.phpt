--TEST--
Phalcon\Incubator\Session\Adapter\Database, on timestamps, with the manager
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

use Phalcon\Incubator\Session\Adapter\Database;
use Phalcon\Session\Manager;

ob_start();
tell_warnings();
date_default_timezone_set('Pacific/Kiritimati');
$database = new MariaDb();
$database->ask('CREATE TABLE session_data (session_id VARCHAR(35) NOT NULL PRIMARY KEY, data TEXT NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, modified_at TIMESTAMP NULL)');
$database->ask('CREATE TABLE renamed (id VARCHAR(35) NOT NULL PRIMARY KEY, payload TEXT NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, seen TIMESTAMP NULL)');
$pdo = $database->pdo();
says('table', Database::DEFAULT_TABLE_NAME);
foreach (['+00:00', '-11:00', '+13:00'] as $zone) {
    ob_start();
    $pdo->exec("SET time_zone = '$zone'");
    $database->ask('DELETE FROM session_data');
    // By the column's default, as the package stored it.
    $pdo->exec("INSERT INTO session_data (session_id, data) VALUES ('new', 'a|i:1;')");
    $pdo->exec("INSERT INTO session_data VALUES ('old', 'a|i:1;', NOW() - INTERVAL 2 HOUR, NOW() - INTERVAL 25 MINUTE), ('used', 'a|i:1;', NOW() - INTERVAL 2 HOUR, NOW() - INTERVAL 23 MINUTE)");
    $adapter = new Database($pdo);
    says('reads', [$adapter->read('new'), $adapter->read('old'), $adapter->read('used')]);
    $manager = (new Manager())->setAdapter($adapter);
    says('starts', $manager->setId('new')->start());
    $manager->set('a', 2);
    session_write_close();
    says('stored', $database->ask("SELECT data, ABS(TIMESTAMPDIFF(SECOND, modified_at, NOW())) < 60 FROM session_data WHERE session_id = 'new'")[0]);
    says('unchanged', $manager->setId('used')->start());
    session_write_close();
    says('extended', $database->ask("SELECT ABS(TIMESTAMPDIFF(SECOND, modified_at, NOW())) < 60 FROM session_data WHERE session_id = 'used'")[0][0]);
    says('collects', $adapter->gc(1440));
    session_set_save_handler(new SessionHandler());
    $text = ob_get_clean();
    $first ??= $text;
    echo $text === $first ? "$zone: the same\n" : "$zone:\n$text";
}
echo $first;

echo "--- as the package was tested\n";
$adapter = new Database($pdo, 'renamed', ['session_id' => 'id', 'data' => 'payload', 'modified_at' => 'seen']);
says('an adapter', $adapter instanceof Phalcon\Session\Adapter\AbstractAdapter && $adapter instanceof SessionHandlerInterface);
says('a write before open', $adapter->write('id1', 'x'));
says('opens', $adapter->open());
says('reads what is missing', $adapter->read('id1'));
says('writes', $adapter->write('id1', 'first'));
says('reads', $adapter->read('id1'));
$seen = fn () => $database->ask('SELECT seen FROM renamed')[0][0];
says('never changed', $seen());
ini_set('session.lazy_write', '1');
says('the same again', $adapter->write('id1', 'first'));
says('never changed', $seen());
ini_set('session.lazy_write', '0');
says('the same again', $adapter->write('id1', 'first'));
says('changed', $seen() !== null);
says('collects', $adapter->gc(0) !== false);
$adapter->write('id1', 'second');
says('destroys', $adapter->destroy('id1'));
says('gone', $adapter->read('id1'));
says('a write after that', $adapter->write('id1', 'x'));
says('closes', $adapter->close());
ini_set('session.lazy_write', '1');
says('starts by itself', $adapter->start());
session_write_close();
says_or_throws('a column', fn () => new Database($pdo, 'renamed', ['sesion_id' => 'id']));
says_or_throws('no connection', fn () => new Database(new stdClass()));
says_or_throws('a name', fn () => new Database($pdo, 'a b'));
--EXPECT--
table: 'session_data'
+00:00: the same
-11:00: the same
+13:00: the same
reads: array (
  0 => 'a|i:1;',
  1 => '',
  2 => 'a|i:1;',
)
starts: yes
stored: array (
  0 => 'a|i:2;',
  1 => 1,
)
unchanged: yes
extended: 1
collects: 1
--- as the package was tested
an adapter: yes
a write before open: no
opens: yes
reads what is missing: ''
writes: yes
reads: 'first'
never changed: NULL
the same again: yes
never changed: NULL
the same again: yes
changed: yes
collects: yes
destroys: yes
gone: ''
a write after that: no
closes: yes
starts by itself: yes
a column: Phalcon\Session\Exception: in the names of the columns: unknown column "sesion_id"; did you mean "session_id"?
no connection: Phalcon\Session\Exception: Parameter "db" is required and it must be an instance of Phalcon\Db\AdapterInterface; or a PDO or mysqli object, a DSN or an array of options; stdClass given
a name: Phalcon\Session\Exception: option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
