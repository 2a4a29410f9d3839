--TEST--
However a request ends, the session of an adapter is stored once and nothing is left behind
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/visit.inc';
require __DIR__ . '/../include/redis.inc';

$folder = Face::scratch();
$own = basename($folder) . ':';
$server = new RawRedis();
$adapters = [
    'Files' => 'Phalcon\Session\Adapter\Files()',
    'Files with a path' => "Phalcon\\Session\\Adapter\\Files(['savePath' => '$folder'])",
    'Redis' => 'Phalcon\Session\Adapter\Redis([\'port\' => ' . getenv('SESHAT_REDIS_PORT') . ", 'prefix' => '$own'])",
];
$endings = [
    'the end' => '',
    'exit' => 'exit(3);',
    'exit in a function' => '(function () { exit; })();',
    'an exception' => 'throw new Exception("uncaught");',
    'a fatal error' => 'set_error_handler(null); (function () { $f = "undefined_function"; $f(); })();',
    'memory' => 'ini_set("memory_limit", "8M"); $text = str_repeat("x", 100 << 20);',
    'unset' => 'unset($session);',
    'a cycle' => '$session = [$session]; $session[] = &$session; unset($session); gc_collect_cycles();',
    'in the session' => '$_SESSION["self"] = null; $keep = new class($session) { public $kept; function __construct($s) { $this->kept = $s; } function __destruct() { $this->kept->late = 1; } };',
    'clone' => 'try { clone $session; } catch (Error $e) { }',
];
foreach ($adapters as $name => $adapter) {
    foreach ($endings as $ending => $code) {
        $make = "ini_set('session.save_path', '$folder'); session_id('visitor');\n\$session = new $adapter; \$session->start();\n";
        $said = visit("$make \$session->n = (\$session->n ?? 0) + 1;\n$code");
        $said = preg_replace('/^(PHP )?(Fatal error): .*/ms', '$2', trim($said));
        echo "$name, $ending: ", $said, $said === '' ? '' : ' ', visit("$make echo json_encode(\$_SESSION); \$session->destroy(true);"), "\n";
    }
}
says('locks', $server->ask('KEYS', "*$own*"));
says('files', array_map(basename(...), array_filter(glob("$folder/*"), 'is_file')));
--EXPECT--
Files, the end: {"n":1}
Files, exit: {"n":1}
Files, exit in a function: {"n":1}
Files, an exception: Fatal error {"n":1}
Files, a fatal error: Fatal error {"n":1}
Files, memory: Fatal error {"n":1}
Files, unset: {"n":1}
Files, a cycle: {"n":1}
Files, in the session: {"n":1,"self":null,"late":1}
Files, clone: {"n":1}
Files with a path, the end: {"n":1}
Files with a path, exit: {"n":1}
Files with a path, exit in a function: {"n":1}
Files with a path, an exception: Fatal error {"n":1}
Files with a path, a fatal error: Fatal error {"n":1}
Files with a path, memory: Fatal error {"n":1}
Files with a path, unset: {"n":1}
Files with a path, a cycle: {"n":1}
Files with a path, in the session: {"n":1,"self":null}
Files with a path, clone: {"n":1}
Redis, the end: {"n":1}
Redis, exit: {"n":1}
Redis, exit in a function: {"n":1}
Redis, an exception: Fatal error {"n":1}
Redis, a fatal error: Fatal error {"n":1}
Redis, memory: Fatal error {"n":1}
Redis, unset: {"n":1}
Redis, a cycle: {"n":1}
Redis, in the session: {"n":1,"self":null}
Redis, clone: {"n":1}
locks: array (
)
files: array (
)
