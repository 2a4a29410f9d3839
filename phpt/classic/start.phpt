--TEST--
start() is true once, registers an adapter that is a handler, and leaves a decorator in its place
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/redis.inc';

use Phalcon\Session\Adapter\AbstractAdapter;
use Phalcon\Session\Adapter\Files;
use Phalcon\Session\Adapter\Noop;
use Phalcon\Session\Adapter\Redis;
use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Manager;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

ob_start();
$folder = Face::scratch();
$own = basename($folder) . ':';
ini_set('session.save_path', $folder);
$server = new RawRedis();
$options = ['port' => (int) getenv('SESHAT_REDIS_PORT'), 'prefix' => $own];
function keys(): string
{
    global $server, $own, $folder;
    $keys = array_merge($server->ask('KEYS', "*$own*"), array_map('basename', array_filter(glob("$folder/*"), 'is_file')));
    $keys = str_replace($own, '', $keys);
    sort($keys);
    return implode(' ', $keys);
}

// Those that Phalcon 4 and 5 give to a manager.
$factory = new AdapterFactory(new SerializerFactory());
foreach ([new Redis($factory, $options), new Stream(['savePath' => $folder]), new Noop()] as $n => $session) {
    $session->setId("four-$n");
    says(get_class($session), [$session->start(), $session->start(), $session->isStarted(), $session->status()] === [true, false, true, 2]);
    $session->set('n', $n);
    session_write_close();
    says('again', [$session->isStarted(), $session->start(), $session->get('n')] === [true, true, $n === 2 ? null : $n]);
    session_write_close();
}
echo keys(), "\n";

// An add-on over a storage object, as its page starts it.
final class AddOn extends AbstractAdapter
{
    public function __construct(public array $kept = [])
    {
        $this->adapter = new class ($this->kept) {
            public function __construct(private array &$kept) {}
            public function get($key) { return $this->kept[$key] ?? null; }
            public function set($key, $value) { $this->kept[$key] = $value; return true; }
            public function has($key) { return isset($this->kept[$key]); }
            public function delete($key) { unset($this->kept[$key]); return true; }
        };
    }
}
$addOn = new AddOn();
session_id('add-on');
says('an add-on', $addOn->start());
$_SESSION['n'] = 1;
session_write_close();
says('keeps', $addOn->kept);

// The last one to be made is the handler, until another one is started.
$one = new Redis(['prefix' => "{$own}one:"] + $options);
$two = new Redis(['prefix' => "{$own}two:"] + $options);
$one->setId('first');
says('the first', $one->start());
$one->n = 1;
session_write_close();
$two->setId('second');
says('the second', $two->start());
$two->n = 2;
unset($one);
says('the end of the first is not the end of the second', session_status() === PHP_SESSION_ACTIVE);
session_write_close();
echo keys(), "\n";

// A manager with an adapter of its own comes between.
$session = new Redis(['prefix' => "{$own}mine:"] + $options);
(new Manager())->setAdapter(new Noop())->start();
session_write_close();
$session->setId('third');
$session->start();
$session->n = 3;
session_write_close();
echo keys(), "\n";

// A decorator around it, registered by the application.
final class Decorator extends SessionHandler
{
    public static int $reads = 0;

    public function __construct(private SessionHandlerInterface $inner) {}
    public function open(string $path, string $name): bool { return $this->inner->open($path, $name); }
    public function close(): bool { return $this->inner->close(); }
    public function read(string $id): string|false { self::$reads++; return $this->inner->read($id); }
    public function write(string $id, string $data): bool { return $this->inner->write($id, $data); }
    public function destroy(string $id): bool { return $this->inner->destroy($id); }
    public function gc(int $max_lifetime): int|false { return $this->inner->gc($max_lifetime); }
}
$session = new Redis($options);
session_set_save_handler(new Decorator($session));
says('a decorator', [$session->start(), Decorator::$reads]);
says('made while another one runs', [(new Redis($options))->start(), session_status()] === [false, 2]);
session_write_close();

// What somebody else started is neither begun nor ended by it.
session_set_save_handler(new SessionHandler());
$session = new Files();
session_start();
says('running', [$session->start(), $session->isStarted()] === [false, false]);
unset($session);
says('still running', session_status() === PHP_SESSION_ACTIVE);
session_write_close();
ob_end_flush();
flush();
$session = new Files();
says('headers are sent', [$session->start(), $session->isStarted()] === [false, false]);
--EXPECTF--
Phalcon\Session\Adapter\Redis: yes
again: yes
Phalcon\Session\Adapter\Stream: yes
again: yes
Phalcon\Session\Adapter\Noop: yes
again: yes
four-0 four-1
an add-on: yes
keeps: array (
  'add-on' => 'n|i:1;',
)
the first: yes
the second: yes
the end of the first is not the end of the second: yes
_PHCRone:first _PHCRtwo:second four-0 four-1
_PHCRmine:third _PHCRone:first _PHCRtwo:second four-0 four-1
a decorator: array (
  0 => true,
  1 => 1,
)

Warning: session_set_save_handler(): %s in %s on line %d
made while another one runs: yes
running: yes
still running: yes
headers are sent: yes
