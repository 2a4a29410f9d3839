--TEST--
Columns that are too short, and text that does not take every byte: an error in any mode, and nothing is lost
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

ob_start();
tell_warnings();
$database = new MariaDb();
foreach (['text' => 'text', 'latin1' => 'text CHARACTER SET latin1', 'bytes' => 'blob', 'short' => 'varchar(20)'] as $name => $type) {
    $database->ask("CREATE TABLE $name (session_id VARCHAR(35) PRIMARY KEY, data $type NOT NULL, created_at INT UNSIGNED NOT NULL, modified_at INT UNSIGNED)");
}
foreach (['', 'STRICT_TRANS_TABLES'] as $mode) {
    foreach ([true, false] as $emulated) {
        ob_start();
        $pdo = $database->pdo([PDO::ATTR_EMULATE_PREPARES => $emulated]);
        $pdo->exec("SET sql_mode = '$mode'");
        foreach (['text', 'latin1', 'bytes', 'short'] as $table) {
            echo "=== $table\n";
            $session = new Phalcon\Session\Adapter\Database(['db' => $pdo, 'table' => $table]);
            $session->write('one', 'a|i:1;');
            foreach (['letters' => "é€", 'bytes' => "\xff\0\xfe", 'long' => str_repeat('x', 70_000)] as $what => $data) {
                session_id('one');
                $session->start();
                $session->b = $data;
                session_write_close();
                says($what, $session->read('one') === 'a|i:1;' ? 'as it was' : $session->read('one') === 'a|i:1;b|' . serialize($data));
                $session->write('one', 'a|i:1;');
            }
        }
        says('the mode stays', $pdo->query('SELECT @@sql_mode')->fetchColumn());
        $text = str_replace([$database->name, "'$mode'"], ['DATABASE', 'MODE'], ob_get_clean());
        $first ??= $text;
        echo $text === $first ? "the same\n" : $text;
        session_set_save_handler(new SessionHandler());
    }
}
echo $first;
--EXPECT--
the same
the same
the same
the same
=== text
letters: yes
! database write at text of PDO: Incorrect string value: ... for column `DATABASE`.`text`.`data` at row 1; the column of the data is text that does not take every byte, and nothing was stored; make it LONGBLOB
bytes: 'as it was'
! database write at text of PDO: Data too long for column data at row 1; nothing was stored; make the column longer (VARCHAR(256) for the id, LONGBLOB)
long: 'as it was'
=== latin1
letters: yes
! database write at latin1 of PDO: Incorrect string value: ... for column `DATABASE`.`latin1`.`data` at row 1; the column of the data is text that does not take every byte, and nothing was stored; make it LONGBLOB
bytes: 'as it was'
! database write at latin1 of PDO: Data too long for column data at row 1; nothing was stored; make the column longer (VARCHAR(256) for the id, LONGBLOB)
long: 'as it was'
=== bytes
letters: yes
bytes: yes
! database write at bytes of PDO: Data too long for column data at row 1; nothing was stored; make the column longer (VARCHAR(256) for the id, LONGBLOB)
long: 'as it was'
=== short
letters: yes
! database write at short of PDO: Incorrect string value: ... for column `DATABASE`.`short`.`data` at row 1; the column of the data is text that does not take every byte, and nothing was stored; make it LONGBLOB
bytes: 'as it was'
! database write at short of PDO: Data too long for column data at row 1; nothing was stored; make the column longer (VARCHAR(256) for the id, LONGBLOB)
long: 'as it was'
the mode stays: MODE
