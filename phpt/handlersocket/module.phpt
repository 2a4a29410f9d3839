--TEST--
HandlerSocket behind session.save_handler and Seshat\Handler: a visit, strict mode, regeneration, gc, mistakes
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-mariadb.inc';
if (!getenv('SESHAT_HANDLERSOCKET_PORT')) die('skip no handlersocket');
?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
session.save_handler=seshat
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/mariadb.inc';
require __DIR__ . '/../include/database.inc';

ob_start();
tell_warnings();
$database = new MariaDb();
$database->ask('CREATE TABLE php_session (id VARCHAR(256) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, modified DATETIME NOT NULL,
    data LONGBLOB NOT NULL, KEY modified (modified))');
// A connection that stays open would keep the database from being dropped.
$dsn = 'handlersocket://127.0.0.1:' . getenv('SESHAT_HANDLERSOCKET_PORT') . "/$database->name?persistent=0";
$rows = fn() => json_encode($database->ask('SELECT id, data FROM php_session ORDER BY id'));
ini_set('session.save_path', $dsn);

session_id('visitor');
foreach ([1, 2] as $visit) {
    session_start();
    $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
    session_write_close();
}
echo $rows(), "\n";

echo "--- unchanged: the time of the last use moves\n";
$database->ask("UPDATE php_session SET modified = modified - INTERVAL 10 MINUTE");
session_start();
session_write_close();
says('moved', $database->ask('SELECT modified > UTC_TIMESTAMP() - INTERVAL 1 MINUTE FROM php_session')[0][0]);

echo "--- vanished meanwhile\n";
session_start();
$database->ask('DELETE FROM php_session');
session_write_close();
echo $rows(), "\n";

echo "--- expired\n";
$database->ask("UPDATE php_session SET modified = UTC_TIMESTAMP() - INTERVAL 2 HOUR");
session_start();
says('session', $_SESSION);
session_abort();

echo "--- strict\n";
ini_set('session.use_strict_mode', 1);
session_id('stranger');
session_start();
says('another id', session_id() !== 'stranger');
$_SESSION['a'] = 1;
$old = session_id();
session_regenerate_id(true);
says('a new one', session_id() !== $old);
$new = session_id();
session_write_close();
says('stored', $database->ask('SELECT id = ?, data FROM php_session WHERE data LIKE ?', $new, 'a|%'));
session_start();
says('gc', session_gc());
session_destroy();
echo $rows(), "\n";

echo "--- bytes that are no characters, in a column of text\n";
$database->ask('ALTER TABLE php_session MODIFY data TEXT CHARACTER SET utf8mb4');
ini_set('session.use_strict_mode', 0);
session_id('visitor');
session_start();
$_SESSION['name'] = 'café';
session_write_close();
session_start();
$_SESSION['name'] = "caf\xe9";
session_write_close();
echo $rows(), "\n";

echo "--- mistakes\n";
foreach (['&table=a`b', '&table=x%09y', '&column_id=a%0Ab', '&column_data=a%00', '&locking=1', '&schema=phalcon', '&tabel=x'] as $more) {
    try {
        new Seshat\Handler($dsn . $more);
    } catch (Seshat\Exception $e) {
        echo preg_replace('/use one of .*/', 'use one of ...', $e->getMessage()), "\n";
    }
}
try {
    (new Seshat\Handler("$dsn&table=nothing"))->read('visitor');
} catch (Seshat\Exception $e) {
    echo preg_replace(['/at 127\S+:/', "/$database->name/"], ['at 127.0.0.1:1:', 'shop'], $e->getMessage()), "\n";
}
try {
    (new Seshat\Lock($dsn))->acquire('visitor');
} catch (Seshat\Exception $e) {
    echo preg_replace('/at 127\S+:/', 'at 127.0.0.1:1:', $e->getMessage()), "\n";
}
echo preg_replace('/at 127[.\d]+:\d+/', 'at ...', ob_get_clean());
--EXPECT--
[["visitor","n|i:2;"]]
--- unchanged: the time of the last use moves
moved: 1
--- vanished meanwhile
[["visitor","n|i:2;"]]
--- expired
session: array (
)
--- strict
another id: yes
a new one: yes
stored: array (
  0 => 
  array (
    0 => 1,
    1 => 'a|i:1;',
  ),
)
gc: 0
[["visitor","n|i:2;"]]
--- bytes that are no characters, in a column of text
! handlersocket write at ...: the column data of the table php_session is text, and not all bytes of the session are characters there; make it LONGBLOB
[["visitor","name|s:5:\"caf\u00e9\";"]]
--- mistakes
option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
option "table" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
option "column_id" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
option "column_data" must be an identifier: letters, digits and _, at most 64, not beginning with a digit or "sqlite_"
option "locking" is on, and the store handlersocket cannot lock sessions; say locking=0, or use one of ...
option "schema" must be one of handlersocket, seshat, dalmp and laravel: the others have several times in a row, which HandlerSocket cannot keep in step; the store mysql can
unknown option "tabel"; did you mean "table"?
handlersocket read at ...: the database shop has no table nothing, or it cannot be opened; HandlerSocket creates none, so have it created: CREATE TABLE `nothing` (`id` VARCHAR(256) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, `modified` DATETIME NOT NULL, `data` LONGBLOB NOT NULL, KEY `modified` (`modified`))
handlersocket lock at ...: this store cannot lock sessions here
