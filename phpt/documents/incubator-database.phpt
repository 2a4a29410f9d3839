--TEST--
The sample of the page on Phalcon 3's add-on adapters for databases runs word for word
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-reference.inc';
require __DIR__ . '/../include/skip-without-mariadb.inc';
if (!class_exists('Phalcon\\Session\\Adapter\\Database')) die('skip the family is not there');
?>
--FILE--
<?php
// Host, port and database are this test's own; nothing else of the sample is changed. Played twice: with a
// connection that is only described, and with one that stands for Phalcon's own.
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/mariadb.inc';
require __DIR__ . '/../include/sample.inc';

$database = new MariaDb();
$port = MariaDb::port();
$samples = Sample::of(__DIR__ . '/incubator-database.txt');
$sample = new Sample(Face::scratch(), [
    "'localhost'" => "'127.0.0.1', 'port' => $port",
    "'test'" => "'$database->name'",
]);
$described = 'require "' . dirname(__DIR__) . '/include/polyfill.inc";';
$real = '
    namespace Phalcon\Db\Adapter\Pdo {
        class Mysql
        {
            private \PDO $pdo;
            private \PDOStatement $statement;
            public function __construct(array $d) { $this->pdo = new \PDO("mysql:host={$d["host"]};port={$d["port"]};dbname={$d["dbname"]}", $d["username"], $d["password"]); }
            public function getType(): string { return "mysql"; }
            public function escapeIdentifier($name): string { return "`$name`"; }
            public function fetchOne(string $sql, $mode = 2, $values = [], $types = []): array { return $this->run($sql, $values)->fetch($mode) ?: []; }
            public function execute(string $sql, $values = [], $types = []): bool { $this->run($sql, $values); return true; }
            public function affectedRows(): int { return $this->statement->rowCount(); }
            private function run(string $sql, array $values): \PDOStatement { $this->statement = $this->pdo->prepare($sql); $this->statement->execute($values); return $this->statement; }
        }
    }
    namespace { ' . $described;
foreach (['described' => [$described, ''], 'real' => [$real, '}']] as $what => [$before, $after]) {
    $database->ask('DROP TABLE IF EXISTS session_data');
    $database->ask($samples[2][1]);
    foreach ([1, 2] as $visit) {
        $code = $before . ' session_id("visitor"); $di = new Phalcon\Di();' . strtr($samples[1][1], ['use Phalcon\Db\Adapter\Pdo\Mysql;' => '', 'use Phalcon\Session\Adapter\Database;' => '']) . '
            $session = $di->getShared("session");
            $session->set("visits", 1 + $session->get("visits", 0));
            session_write_close();
            echo $session->read(session_id()), " ", implode(", ", array_keys($session->getOptions())), "\n";' . $after;
        $uses = ' use Phalcon\Db\Adapter\Pdo\Mysql; use Phalcon\Session\Adapter\Database; ';
        $told = $sample->run('<?php ' . ($after === '' ? $uses . $code : str_replace('namespace {', "namespace { $uses", $code)));
        // Of the extensions that both this test and the system's php.ini load.
        echo "$what: ", preg_replace('/^\s*Warning: Module "\w+" is already loaded.*\s*/m', '', $told);
    }
    says('stored', $database->ask('SELECT session_id, data FROM session_data'));
}
--EXPECT--
described: visits|i:1; table
described: visits|i:2; table
stored: array (
  0 => 
  array (
    0 => 'visitor',
    1 => 'visits|i:2;',
  ),
)
real: visits|i:1; table
real: visits|i:2; table
stored: array (
  0 => 
  array (
    0 => 'visitor',
    1 => 'visits|i:2;',
  ),
)
