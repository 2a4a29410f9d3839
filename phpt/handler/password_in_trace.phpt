--TEST--
A password in a DSN does not show in traces, messages or dumps
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

function connect(string $dsn): void
{
    try {
        new Seshat\Handler($dsn);
        echo "made\n";
    } catch (Seshat\Exception $e) {
        // The frame of the constructor alone: our own function's argument is our own affair.
        $frame = $e->getTrace()[0];
        says($frame['function'], $frame['args'][0] instanceof SensitiveParameterValue);
        says('in the message', str_contains($e->getMessage(), 'hunter2'));
    }
}
ini_set('zend.exception_ignore_args', '0');
connect('redis://u:hunter2@127.0.0.1:1/0?nonsense=1');
connect('redis://u:hunter2@127.0.0.1:port/0');
connect('redisss://u:hunter2@h');
ob_start();
var_dump($handler = new Seshat\Handler('redis://u:hunter2@127.0.0.1:1/0'));
echo json_encode((array) $handler), "\n";
try {
    $handler->read('one');
} catch (Seshat\Exception $e) {
    echo $e, "\n";
}
says('in a dump', str_contains(ob_get_flush(), 'hunter2'));
--EXPECTF--
__construct: yes
in the message: no
__construct: yes
in the message: no
__construct: yes
in the message: no
object(Seshat\Handler)#%d (0) {
}
[]
Seshat\Exception: redis read at 127.0.0.1:1: %a
#1 {main}
in a dump: no
