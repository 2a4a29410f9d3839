--TEST--
What a missing table's error prints, and Schema::sql(), create the table that the store then works with
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
pdo_sqlite
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-reference.inc';
require __DIR__ . '/../include/skip-without-mariadb.inc';
if (!getenv('SESHAT_HANDLERSOCKET_PORT')) die('skip no handlersocket');
?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.save_handler=seshat
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/mariadb.inc';
require __DIR__ . '/../include/database.inc';

ob_start();
tell_warnings();
$database = new MariaDb();
$folder = Face::scratch();
// A database without tables gets one unasked.
(new Seshat\Handler("sqlite://$folder/shop.db"))->read('visitor');
$handlersocket = 'handlersocket://127.0.0.1:' . getenv('SESHAT_HANDLERSOCKET_PORT') . "/$database->name?persistent=0&table=";
$stores = [
    'mysql' => [$database->dsn() . '?table=', ['seshat', 'phalcon', 'phalcon&timestamps=datetime', 'dalmp', 'handlersocket', 'symfony', 'laravel']],
    'sqlite' => ["sqlite://$folder/shop.db?table=", ['seshat', 'phalcon', 'phalcon&timestamps=datetime', 'dalmp', 'handlersocket', 'symfony', 'laravel']],
    'handlersocket' => [$handlersocket, ['handlersocket', 'seshat', 'dalmp', 'laravel']],
];
foreach ($stores as $store => [$dsn, $schemas]) {
    // SQLite's file is opened by nobody else in this process: its statements are run by a process of their own.
    $run = fn(string $sql) => $store === 'sqlite' ? elsewhere("$folder/shop.db", $sql) : $database->pdo([PDO::ATTR_EMULATE_PREPARES => true])->exec($sql);
    foreach ($schemas as $number => $schema) {
        $table = "in_{$store}_$number";
        $place = "$dsn$table&schema=$schema";
        ini_set('session.save_path', $place);
        $told = null;
        set_error_handler(function (int $level, string $message) use (&$told) {
            $told ??= $message;
            return true;
        });
        session_id('visitor');
        $started = session_start();
        restore_error_handler();
        $statements = substr($told, (int) strpos($told, 'CREATE TABLE'));
        $schema_says = rtrim(strtr(Seshat\Schema::sql($place), [";\n" => '; ']), '; ');
        $run($statements);
        $run("DROP TABLE $table");
        $run(Seshat\Schema::sql($place));
        // From now on the columns say whose it is; HandlerSocket cannot ask.
        ini_set('session.save_path', $store === 'handlersocket' ? $place : "$dsn$table");
        foreach ([1, 2] as $visit) {
            session_id('visitor');
            session_start();
            $_SESSION['bytes'] = ($_SESSION['bytes'] ?? '') . "\0\xff'\"\\";
            session_write_close();
        }
        session_start(['read_and_close' => true]);
        echo "$store, $schema: ", implode(', ', [
            $started ? 'started' : 'told',
            $statements === $schema_says ? 'the same statements' : "$statements\n$schema_says",
            $_SESSION['bytes'] === "\0\xff'\"\\\0\xff'\"\\" ? 'stored' : 'altered',
        ]), "\n";
        $_SESSION = [];
    }
}

function elsewhere(string $file, string $sql): void
{
    $code = '$pdo = new PDO("sqlite:" . $argv[1]); $pdo->exec($argv[2]);';
    $php = getenv('TEST_PHP_EXECUTABLE') . ' ' . getenv('TEST_PHP_EXTRA_ARGS');
    echo shell_exec("$php -r " . escapeshellarg($code) . ' -- ' . escapeshellarg($file) . ' ' . escapeshellarg($sql) . ' 2>&1');
}
--EXPECT--
mysql, seshat: told, the same statements, stored
mysql, phalcon: told, the same statements, stored
mysql, phalcon&timestamps=datetime: told, the same statements, stored
mysql, dalmp: told, the same statements, stored
mysql, handlersocket: told, the same statements, stored
mysql, symfony: told, the same statements, stored
mysql, laravel: told, the same statements, stored
sqlite, seshat: told, the same statements, stored
sqlite, phalcon: told, the same statements, stored
sqlite, phalcon&timestamps=datetime: told, the same statements, stored
sqlite, dalmp: told, the same statements, stored
sqlite, handlersocket: told, the same statements, stored
sqlite, symfony: told, the same statements, stored
sqlite, laravel: told, the same statements, stored
handlersocket, handlersocket: told, the same statements, stored
handlersocket, seshat: told, the same statements, stored
handlersocket, dalmp: told, the same statements, stored
handlersocket, laravel: told, the same statements, stored
