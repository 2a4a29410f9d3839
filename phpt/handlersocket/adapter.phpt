--TEST--
Phalcon\Session\Adapter\HandlerSocket: the session itself, its options, cookies, start() with options
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-mariadb.inc';
if (!class_exists('Phalcon\\Session\\Adapter\\HandlerSocket')) die('skip the family is not there');
?>
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

use Phalcon\Session\Adapter\HandlerSocket;

ob_start();
tell_warnings();
$database = new MariaDb();
$columns = '(id VARCHAR(32) NOT NULL DEFAULT "", modified DATETIME NOT NULL, data TEXT, PRIMARY KEY (id), KEY modified (modified)) CHARACTER SET utf8';
$database->ask("CREATE TABLE php_session $columns");
$database->ask("CREATE TABLE others $columns");
// A connection that stays open would keep the database from being dropped.
$server = ['host' => '127.0.0.1', 'port' => (int) getenv('SESHAT_HANDLERSOCKET_PORT'), 'dbname' => $database->name, 'persistent' => false];
$rows = fn(string $table = 'php_session') => json_encode($database->ask("SELECT id, data FROM $table ORDER BY id"));

session_id('one');
$session = new HandlerSocket(['cookie_path' => '/shop', 'cookie_domain' => 'example.org', 'lifetime' => 600, 'uniqueId' => 'app', 'server' => $server]);
says('is', [$session instanceof Phalcon\Session\Adapter, $session instanceof Phalcon\Session\AdapterInterface, $session instanceof SessionHandlerInterface]);
says('cookie', array_intersect_key(session_get_cookie_params(), ['path' => 1, 'domain' => 1, 'lifetime' => 1]));
says('table', $session->getOptions()['server']['dbtable']);
says('start', [$session->start(), $session->start(), $session->isStarted()]);
$session->set('n', 1);
$session->m = 'x';
session_write_close();
echo $rows(), "\n";

echo "--- its lifetime\n";
$database->ask('UPDATE php_session SET modified = UTC_TIMESTAMP() - INTERVAL 11 MINUTE');
says('read', $session->read('one'));
$database->ask('UPDATE php_session SET modified = UTC_TIMESTAMP() - INTERVAL 9 MINUTE');
says('read', $session->read('one'));
says('gc in the zone of nobody', $session->gc(60));

echo "--- the API ends the session, the handler deletes a record\n";
$session->start();
says('regenerated', $session->regenerateId() === $session && session_id() !== 'one' && $session->get('n') === 1);
says('destroy', $session->destroy(true));
says('left', [$_SESSION, $rows()]);
says('direct', [$session->write('two', 'a|i:1;'), $session->read('two'), $session->validateId('two'), $session->destroy('two'), $session->read('two')]);

echo "--- start() with options: this object, another table\n";
session_id('three');
says('start', $session->start(['server' => $server + ['dbtable' => 'others'], 'uniqueId' => '']));
$session->set('k', 'v');
says('while active', $session->start(['server' => $server]));
session_write_close();
echo $rows('others'), $rows(), "\n";

session_id('four');
$session->start();
$session->set('k', 'w');
session_write_close();
echo $rows('others'), "\n";

echo "--- factory\n";
$made = Phalcon\Session\Factory::load(['adapter' => 'handlersocket', 'server' => $server + ['dbtable' => 'others']]);
says('factory', [get_class($made), $made->read('four')]);

echo "--- what does not fit\n";
foreach (['five' => str_repeat('x', 70000), 'six' => "\xff", str_repeat('y', 33) => 'a'] as $id => $data) {
    try {
        $made->write($id, $data);
    } catch (Phalcon\Session\Exception $e) {
        echo preg_replace('/at \S+:/', 'at ...:', $e->getMessage()), "\n";
    }
}
echo $rows('others'), "\n";

echo "--- mistakes\n";
says('nothing said', (new HandlerSocket())->getOptions());
$mistakes = [
    ['server' => 'localhost'], ['server' => ['dbtable' => "a\tb"]], ['server' => ['dbname' => "a\nb"]], ['server' => ['dbtable' => "a\0"]],
    ['server' => ['port' => 'much']], ['server' => ['dbtabel' => 'x']], ['server' => ['host' => 'a/b']], ['lifetime' => 'soon'], ['locking' => true],
    ['cookie_path' => ['x']], ['server' => ['column_data' => "d\tD"]], ['liftime' => 1],
];
foreach ($mistakes as $options) {
    try {
        new HandlerSocket($options);
    } catch (Phalcon\Session\Exception $e) {
        echo preg_replace('/use one of .*/', 'use one of ...', $e->getMessage()), "\n";
    }
}
try {
    (new HandlerSocket(['server' => ['port' => 1] + $server]))->read('one');
} catch (Phalcon\Session\Exception $e) {
    echo preg_replace('~/test_\w+~', '/...', $e->getMessage()), "\n";
}
--EXPECT--
is: array (
  0 => true,
  1 => true,
  2 => true,
)
cookie: array (
  'lifetime' => 0,
  'path' => '/shop',
  'domain' => 'example.org',
)
table: 'php_session'
start: array (
  0 => true,
  1 => false,
  2 => true,
)
[["one","app#n|i:1;app#m|s:1:\"x\";"]]
--- its lifetime
read: ''
read: 'app#n|i:1;app#m|s:1:"x";'
gc in the zone of nobody: 0
--- the API ends the session, the handler deletes a record
regenerated: yes
destroy: yes
left: array (
  0 => 
  array (
  ),
  1 => '[]',
)
direct: array (
  0 => true,
  1 => 'a|i:1;',
  2 => true,
  3 => true,
  4 => '',
)
--- start() with options: this object, another table
start: yes
while active: no
[["three","k|s:1:\"v\";"]][]
[["four","k|s:1:\"w\";"],["three","k|s:1:\"v\";"]]
--- factory
factory: array (
  0 => 'Phalcon\\Session\\Adapter\\HandlerSocket',
  1 => 'k|s:1:"w";',
)
--- what does not fit
handlersocket write at ...: the column data of the table others holds only 65535 of the session's 70000 bytes; make it LONGBLOB
handlersocket write at ...: the column data of the table others is text, and not all bytes of the session are characters there; make it LONGBLOB
handlersocket write at ...: the column id of the table others holds only 32 of the id's 33 characters; make it VARCHAR(256) CHARACTER SET ascii COLLATE ascii_bin
[["four","k|s:1:\"w\";"],["three","k|s:1:\"v\";"]]
--- mistakes
nothing said: array (
  'cookie_path' => '/',
  'cookie_domain' => '',
  'lifetime' => 3600,
  'server' => 
  array (
    'host' => 'localhost',
    'port' => 9999,
    'dbname' => 'session',
    'dbtable' => 'php_session',
  ),
)
option "server" must be an array with host, port, dbname, dbtable; string given
option "dbtable" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
the database must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
option "dbtable" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
option "port" must be a whole number from 1 to 65535, "much" given
unknown option "dbtabel"
the host must be a name or an address alone; user, password, port and path are options of their own
option "lifetime" must be a time such as 30, 1.5, "500ms" or "2m", "soon" given
option "locking" is on, and the store handlersocket cannot lock sessions; say locking=0, or use one of ...
option "cookie_path" must be a string, array given
option "column_data" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
unknown option "liftime"; did you mean "lifetime"?
handlersocket read at 127.0.0.1:1: connection refused: no server listens there (Connection refused (os error 111))
