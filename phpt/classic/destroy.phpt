--TEST--
destroy() ends the session: it is not stored again when the request ends; regenerateId() keeps $_SESSION
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/visit.inc';

$folder = Face::scratch();
$own = basename($folder) . ':';
$adapters = [
    'base' => 'new class(OPTIONS) extends Phalcon\Session\Adapter {}',
    'Files' => 'new Phalcon\Session\Adapter\Files(OPTIONS)',
    'Files with a path' => "new Phalcon\\Session\\Adapter\\Files(['savePath' => '$folder'] + OPTIONS)",
    'Redis' => "new Phalcon\\Session\\Adapter\\Redis(['port' => " . getenv('SESHAT_REDIS_PORT') . ", 'prefix' => '$own'] + OPTIONS)",
];
foreach ($adapters as $name => $adapter) {
    foreach (['[]', "['uniqueId' => 'app']"] as $options) {
        $make = "ini_set('session.save_path', '$folder'); session_id('visitor');\n\$session = " . str_replace('OPTIONS', $options, $adapter) . ";\n";
        echo "$name, $options:\n";
        foreach (['', 'null', 'false', 'true'] as $argument) {
            visit("$make \$session->start(); \$session->mine = 1; \$_SESSION['theirs'] = 2;");
            echo "  destroy($argument): ", visit("$make \$session->start();
                \$before = \$session->mine;
                echo json_encode([\$before, \$session->destroy($argument), \$session->isStarted(), session_status() === PHP_SESSION_NONE, \$_SESSION]);"),
                ' then ', visit("$make \$session->start(); echo json_encode(\$_SESSION); \$session->destroy();"), "\n";
        }
        foreach (['true', 'false'] as $delete) {
            echo "  regenerateId($delete): ", visit("$make \$session->start(); \$session->mine = 1; \$_SESSION['theirs'] = 2;
                \$session->regenerateId($delete);
                echo json_encode([session_id() !== 'visitor', \$_SESSION]);
                session_write_close();
                \$new = session_id();
                session_id('visitor'); session_start(); echo ' old ', json_encode(\$_SESSION); session_destroy();
                session_id(\$new); session_start(); echo ' new ', json_encode(\$_SESSION); session_destroy();"), "\n";
        }
        echo '  closed before: ', visit("$make \$session->start(); \$session->mine = 1; session_write_close(); echo json_encode([\$session->destroy(), \$_SESSION]);"),
            ' then ', visit("$make \$session->start(); echo json_encode(\$_SESSION); \$session->destroy();"), "\n";
        echo '  never started: ', visit("$make session_id(''); echo json_encode([\$session->destroy(), isset(\$_SESSION)]);"), "\n";
    }
}
--EXPECT--
base, []:
  destroy(): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(null): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(false): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(true): [1,true,false,true,[]] then []
  regenerateId(true): [true,{"mine":1,"theirs":2}] old [] new {"mine":1,"theirs":2}
  regenerateId(false): [true,{"mine":1,"theirs":2}] old {"mine":1,"theirs":2} new {"mine":1,"theirs":2}
  closed before: [false,{"mine":1}] then {"mine":1}
  never started: [false,false]
base, ['uniqueId' => 'app']:
  destroy(): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(null): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(false): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(true): [1,true,false,true,{"theirs":2}] then []
  regenerateId(true): [true,{"app#mine":1,"theirs":2}] old [] new {"app#mine":1,"theirs":2}
  regenerateId(false): [true,{"app#mine":1,"theirs":2}] old {"app#mine":1,"theirs":2} new {"app#mine":1,"theirs":2}
  closed before: [false,{"app#mine":1}] then {"app#mine":1}
  never started: [false,false]
Files, []:
  destroy(): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(null): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(false): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(true): [1,true,false,true,[]] then []
  regenerateId(true): [true,{"mine":1,"theirs":2}] old [] new {"mine":1,"theirs":2}
  regenerateId(false): [true,{"mine":1,"theirs":2}] old {"mine":1,"theirs":2} new {"mine":1,"theirs":2}
  closed before: [true,{"mine":1}] then []
  never started: [true,false]
Files, ['uniqueId' => 'app']:
  destroy(): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(null): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(false): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(true): [1,true,false,true,{"theirs":2}] then []
  regenerateId(true): [true,{"app#mine":1,"theirs":2}] old [] new {"app#mine":1,"theirs":2}
  regenerateId(false): [true,{"app#mine":1,"theirs":2}] old {"app#mine":1,"theirs":2} new {"app#mine":1,"theirs":2}
  closed before: [true,{"app#mine":1}] then []
  never started: [true,false]
Files with a path, []:
  destroy(): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(null): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(false): [1,true,false,true,{"mine":1,"theirs":2}] then []
  destroy(true): [1,true,false,true,[]] then []
  regenerateId(true): [true,{"mine":1,"theirs":2}] old [] new {"mine":1,"theirs":2}
  regenerateId(false): [true,{"mine":1,"theirs":2}] old {"mine":1,"theirs":2} new {"mine":1,"theirs":2}
  closed before: [true,{"mine":1}] then []
  never started: [true,false]
Files with a path, ['uniqueId' => 'app']:
  destroy(): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(null): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(false): [1,true,false,true,{"app#mine":1,"theirs":2}] then []
  destroy(true): [1,true,false,true,{"theirs":2}] then []
  regenerateId(true): [true,{"app#mine":1,"theirs":2}] old [] new {"app#mine":1,"theirs":2}
  regenerateId(false): [true,{"app#mine":1,"theirs":2}] old {"app#mine":1,"theirs":2} new {"app#mine":1,"theirs":2}
  closed before: [true,{"app#mine":1}] then []
  never started: [true,false]
Redis, []:
  destroy(): [1,true,false,true,[]] then []
  destroy(null): [1,true,false,true,[]] then []
  destroy(false): [1,true,false,true,[]] then []
  destroy(true): [1,true,false,true,[]] then []
  regenerateId(true): [true,{"mine":1,"theirs":2}] old [] new {"mine":1,"theirs":2}
  regenerateId(false): [true,{"mine":1,"theirs":2}] old {"mine":1,"theirs":2} new {"mine":1,"theirs":2}
  closed before: [true,[]] then []
  never started: [true,false]
Redis, ['uniqueId' => 'app']:
  destroy(): [1,true,false,true,{"theirs":2}] then []
  destroy(null): [1,true,false,true,{"theirs":2}] then []
  destroy(false): [1,true,false,true,{"theirs":2}] then []
  destroy(true): [1,true,false,true,{"theirs":2}] then []
  regenerateId(true): [true,{"app#mine":1,"theirs":2}] old [] new {"app#mine":1,"theirs":2}
  regenerateId(false): [true,{"app#mine":1,"theirs":2}] old {"app#mine":1,"theirs":2} new {"app#mine":1,"theirs":2}
  closed before: [true,[]] then []
  never started: [true,false]
