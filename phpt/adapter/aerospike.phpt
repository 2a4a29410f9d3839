--TEST--
Phalcon's Aerospike adapter: the session itself, where the incubator has it
--SKIPIF--
<?php
require __DIR__ . '/../include/skip-without-aerospike.inc';
if (!class_exists('Phalcon\\Session\\Adapter\\Aerospike')) die('skip the family is not there');
?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
session.serialize_handler=php
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Aerospike;

ob_start();
$port = (int) getenv('SESHAT_AEROSPIKE_PORT');
$hosts = [['addr' => '127.0.0.1', 'port' => $port]];
$prefix = bin2hex(random_bytes(6)) . '-';
$handler = new Seshat\Handler("aerospike://127.0.0.1:$port/test/session?prefix=$prefix");

echo "A session\n";
$session = new Aerospike(['hosts' => $hosts, 'prefix' => $prefix, 'uniqueId' => 'app', 'namespace' => 'test', 'set' => 'session']);
says('is', [$session instanceof Phalcon\Session\Adapter, $session instanceof Phalcon\Session\AdapterInterface, $session instanceof SessionHandlerInterface]);
says('options', implode(', ', array_keys($session->getOptions())));
session_id('first');
says('starts', $session->start());
says('starts again', $session->start());
$session->set('user', "\0\xff");
$session->cart = [1];
says('entries', array_keys($_SESSION));
session_write_close();
says('stored', bin2hex($handler->read('first')) === bin2hex("app#user|s:2:\"\0\xff\";app#cart|a:1:{i:0;i:1;}"));
says('read directly', $session->read('first') === $handler->read('first'));
says('missing', $session->read('nobody'));
says('open, close, gc', [$session->open(), $session->open('path', 'name'), $session->close(), $session->gc(1)]);
says('written directly', [$session->write('second', 'a|i:1;'), $session->read('second'), $handler->read('second')]);
says('destroyed directly', [$session->destroy('second'), $session->destroy('second'), $handler->read('second')]);

echo "Its end\n";
$session->start();
$old = session_id();
$session->regenerateId();
says('another id, the same data', [session_id() !== $old, $session->get('cart'), $handler->read($old)]);
$_SESSION['theirs'] = 1;
$last = session_id();
says('destroys', $session->destroy());
says('what is left', [array_keys($_SESSION), session_status() === PHP_SESSION_NONE, $handler->read($last)]);
says('destroys what is not there', $session->destroy());

echo "Mistakes\n";
$says = function (callable $what): void {
    try {
        $what();
        echo "nothing\n";
    } catch (Throwable $e) {
        echo get_class($e), ': ', str_replace((string) getenv('SESHAT_AEROSPIKE_PORT'), 'PORT', $e->getMessage()), "\n";
    }
};
foreach ([
    null, [], ['hosts' => 'h'], ['hosts' => []], ['hosts' => [['port' => 3000]]], ['hosts' => [['addr' => 'h', 'port' => 99999]]],
    ['hosts' => $hosts, 'lifetime' => 'long'], ['hosts' => $hosts, 'options' => 5], ['hosts' => $hosts, 'options' => [1 => 'soon']],
    ['hosts' => $hosts, 'lockExpiry' => 'never'], ['hosts' => $hosts, 'namespace' => 'a:b'],
] as $options) {
    $says(fn () => new Aerospike($options));
}
$says(fn () => $session->getDb());
$says(fn () => (new Aerospike(['hosts' => $hosts, 'namespace' => 'nowhere']))->write('a', 'b'));
$says(fn () => (new Aerospike(['hosts' => [['addr' => '127.0.0.1', 'port' => 1]]]))->read('a') );
$says(fn () => (new ReflectionClass(Aerospike::class))->newInstanceWithoutConstructor()->read('a'));
class Child extends Aerospike
{
    public function __construct() {}
    public function destroy($id = null) { return parent::destroy($id); }
}
$says(fn () => (new Child())->read('a'));
$says(fn () => clone $session);
$says(fn () => serialize($session));
set_error_handler(fn (int $level, string $message) => print("$message\n"));
new Aerospike(['hosts' => $hosts, 'prefx' => 'a', 'persistent' => 1, 'options' => [4 => 1, 7 => 'x']]);
--EXPECT--
A session
is: array (
  0 => true,
  1 => true,
  2 => true,
)
options: 'hosts, prefix, uniqueId'
starts: yes
starts again: no
entries: array (
  0 => 'app#user',
  1 => 'app#cart',
)
stored: yes
read directly: yes
missing: ''
open, close, gc: array (
  0 => true,
  1 => true,
  2 => true,
  3 => 0,
)
written directly: array (
  0 => true,
  1 => 'a|i:1;',
  2 => 'a|i:1;',
)
destroyed directly: array (
  0 => true,
  1 => true,
  2 => '',
)
Its end
another id, the same data: array (
  0 => true,
  1 => 
  array (
    0 => 1,
  ),
  2 => '',
)
destroys: yes
what is left: array (
  0 => 
  array (
    0 => 'theirs',
  ),
  1 => true,
  2 => '',
)
destroys what is not there: yes
Mistakes
Phalcon\Session\Exception: No hosts given in options
Phalcon\Session\Exception: No hosts given in options
Phalcon\Session\Exception: No hosts given in options
Phalcon\Session\Exception: option "hosts" is an empty list
Phalcon\Session\Exception: option "hosts" must be a list of maps with "addr" and "port", or of texts HOST:PORT
Phalcon\Session\Exception: option "hosts" must be a list of maps with "addr" and "port", or of texts HOST:PORT
Phalcon\Session\Exception: option "lifetime" must be a time such as 30, 1.5, "500ms" or "2m", "long" given
Phalcon\Session\Exception: option "options" must be an array, int given
Phalcon\Session\Exception: option "options": a limit of time is a number of milliseconds, string given
Phalcon\Session\Exception: option "lockExpiry" must be a time such as 30, 1.5, "500ms" or "2m", "never" given
Phalcon\Session\Exception: a namespace has 1 to 31 characters, and neither ":" nor ";" nor "/"
Phalcon\Session\Exception: getDb() needs the PHP extension aerospike, which is not loaded; sessions do not
Phalcon\Session\Exception: aerospike write at 127.0.0.1:PORT/nowhere/session: the cluster has no namespace "nowhere"; namespaces are made in the server's configuration
Phalcon\Session\Exception: aerospike read at 127.0.0.1:1/test/session: connection refused: no server listens there
Error: Phalcon\Session\Adapter\Aerospike is not ready: its constructor was not called, or it is busy
Error: Child is not ready: its constructor was not called, or it is busy
Error: Trying to clone an uncloneable object of class Phalcon\Session\Adapter\Aerospike
Exception: Serialization of 'Phalcon\Session\Adapter\Aerospike' is not allowed
Phalcon\Session\Adapter\Aerospike::__construct(): unknown option "prefx"; did you mean "prefix"?
