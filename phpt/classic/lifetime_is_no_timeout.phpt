--TEST--
Adapter\Redis: a long lifetime does not make it wait long for a server that does not answer
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Redis;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

ob_start();
function reads(callable $make): void
{
    global $port;
    try {
        $make()->read('id');
        echo "read\n";
    } catch (Phalcon\Session\Exception $e) {
        echo str_replace($port, 'PORT', $e->getMessage()), "\n";
    }
}
// A server that lets two connect and no more: who comes later waits for as long as he likes. One for
// each, since a server that did not answer is not asked again at once.
$kept = [];
function full(): int
{
    global $kept;
    $kept[] = $server = stream_socket_server('tcp://127.0.0.1:0', $code, $reason, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, stream_context_create(['socket' => ['backlog' => 1]]));
    $port = (int) substr(strrchr(stream_socket_get_name($server, false), ':'), 1);
    for ($clients = 0; $clients < 10 && $client = @stream_socket_client("tcp://127.0.0.1:$port", $code, $reason, 0.3); $clients++) {
        $kept[] = $client;
    }
    says('it is full', $clients < 10);
    return $port;
}
$port = full();
reads(fn () => new Redis(['port' => $port, 'lifetime' => 3600]));
$port = full();
reads(fn () => new Redis(new AdapterFactory(new SerializerFactory()), ['port' => $port, 'lifetime' => 3600, 'timeout' => 0.2]));
// A short lifetime is no short limit, either.
$port = (int) getenv('SESHAT_REDIS_PORT');
$session = new Redis(['port' => $port, 'lifetime' => 1, 'prefix' => basename(Face::scratch())]);
says('writes', $session->write('id', 'n|i:1;') && $session->read('id') === 'n|i:1;');
$session->destroy('id');
--EXPECT--
it is full: yes
redis read at 127.0.0.1:PORT: no connection within 5 s (connect_timeout) (connection timed out)
it is full: yes
redis read at 127.0.0.1:PORT: no connection within 0.2 s (connect_timeout) (connection timed out)
writes: yes
