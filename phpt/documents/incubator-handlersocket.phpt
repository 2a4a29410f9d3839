--TEST--
The samples of the page on Phalcon 3's add-on adapters for HandlerSocket run word for word
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-mariadb.inc';
if (!class_exists('Phalcon\\Session\\Adapter\\HandlerSocket')) die('skip the family is not there');
?>
--FILE--
<?php
// Host, port and database are this test's own; nothing else of the samples is changed.
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/sample.inc';
require __DIR__ . '/../include/mariadb.inc';

// What this test's own process needs of the database the samples do without.
putenv('TEST_PHP_EXTRA_ARGS=' . preg_replace('~-d "extension=[^"]*(mysqlnd|pdo\w*)(\.so)?"~', '', getenv('TEST_PHP_EXTRA_ARGS')));
$database = new MariaDb();
$samples = Sample::of(__DIR__ . '/incubator-handlersocket.txt');
$database->ask($samples[1][1]);
$sample = new Sample(Face::scratch(), [
    "'port'    => 9999" => "'port'    => " . getenv('SESHAT_HANDLERSOCKET_PORT'),
    "'localhost'" => "'127.0.0.1'",
    "'dbname'  => 'session'" => "'dbname'  => '$database->name'",
]);
$before = 'require "' . dirname(__DIR__) . '/include/polyfill.inc"; session_id("visitor"); $di = new Phalcon\Di();';
foreach ([1, 2] as $visit) {
    echo $sample->run("<?php $before ?><?php {$samples[2][1]}" . '
        $session = $di->get("session");
        $session->set("visits", 1 + $session->get("visits", 0));
        session_write_close();
        echo $session->read(session_id()), "\n", implode(", ", array_keys($session->getOptions())), "\n";');
}
says('stored', $database->ask('SELECT id, data, ABS(TIMESTAMPDIFF(SECOND, modified, UTC_TIMESTAMP())) < 60 FROM php_session'));
--EXPECT--
visits|i:1;
cookie_path, cookie_domain, lifetime, server
visits|i:2;
cookie_path, cookie_domain, lifetime, server
stored: array (
  0 => 
  array (
    0 => 'visitor',
    1 => 'visits|i:2;',
    2 => 1,
  ),
)
