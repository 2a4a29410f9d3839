--TEST--
What Phalcon 3's own tests ask of the adapters that are the session, and its known mistakes, put right
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; require __DIR__ . '/../include/skip-without-memcached.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Memcache')) die('skip there is no Memcache'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\{Libmemcached, Memcache, Redis};
use Phalcon\Session\AdapterInterface;
use Phalcon\Session\Factory;

ob_start();
set_error_handler(fn (int $level, string $message) => print("told: $message\n"));
$port = (int) Face::memcached(1)[0];
$prefix = 'p' . bin2hex(random_bytes(8)) . '-';
$month = 31 * 86400;
$common = ['uniqueId' => 'session', 'prefix' => $prefix, 'lifetime' => $month];
$adapters = [
    'Libmemcached' => fn () => new Libmemcached(['servers' => [['host' => '127.0.0.1', 'port' => $port, 'weight' => 1]]] + $common),
    'Memcache' => fn () => new Memcache(['port' => $port] + $common),
    'Redis' => fn () => new Redis(['port' => (int) getenv('SESHAT_REDIS_PORT')] + $common),
];
foreach ($adapters as $name => $make) {
    echo "-- $name\n";
    $session = $make();
    says('is a session', $session instanceof AdapterInterface && $session->getLifetime() === $month);

    // Without a start, as a handler.
    $bytes = "any bytes: \0\xff\r\n, and \"s:1:\"";
    says('writes and reads', $session->write('id-one', $bytes) && $session->read('id-one') === $bytes);
    says('destroys by id', $session->destroy('id-one') && $session->read('id-one') === '');
    says('what is not there', $session->destroy('id-one') && $session->read('nobody') === '');

    // More than thirty days: for memcached that would be a date long ago.
    $id = 'id' . bin2hex(random_bytes(8));
    $session->setId($id);
    says('starts', [$session->start(), $session->start(), $session->isStarted()] === [true, false, true]);
    $session->set('test1', 'value');
    $_SESSION['theirs'] = 1;
    session_write_close();
    says('is there again', $session->start() && $session->get('test1') === 'value');

    $session->regenerateId(true);
    says('another id, the same values', $session->getId() !== $id && isset($_SESSION['session#test1']) && $session->read($id) === '');

    // Of its own values alone, and nothing is stored again at the end of the request.
    $id = $session->getId();
    says('destroys', $session->destroy());
    says('its values', [isset($_SESSION['session#test1']), isset($_SESSION['theirs'])] === [false, true]);
    says('is over', session_status() === PHP_SESSION_NONE && $session->read($id) === '' && !$session->isStarted());
}

echo "-- the factory\n";
$options = ['uniqueId' => 'my-private-app', 'host' => '127.0.0.1', 'port' => $port, 'persistent' => true, 'lifetime' => 3600, 'prefix' => 'my_'];
$config = new class(['adapter' => 'memcache'] + $options) {
    public function __construct(private array $options)
    {
    }

    public function toArray(): array
    {
        return $this->options;
    }
};
foreach ([$config, $config->toArray()] as $given) {
    $session = Factory::load($given);
    says($session::class, $session->getOptions() === $options && !$session->isStarted());
}
says('filled in', Factory::load(['adapter' => 'memcache'])->getOptions() === ['host' => '127.0.0.1', 'port' => 11211, 'persistent' => 0]);
--EXPECT--
-- Libmemcached
is a session: yes
writes and reads: yes
destroys by id: yes
what is not there: yes
starts: yes
is there again: yes
another id, the same values: yes
destroys: yes
its values: yes
is over: yes
-- Memcache
is a session: yes
writes and reads: yes
destroys by id: yes
what is not there: yes
starts: yes
is there again: yes
another id, the same values: yes
destroys: yes
its values: yes
is over: yes
-- Redis
is a session: yes
writes and reads: yes
destroys by id: yes
what is not there: yes
starts: yes
is there again: yes
another id, the same values: yes
destroys: yes
its values: yes
is over: yes
-- the factory
Phalcon\Session\Adapter\Memcache: yes
Phalcon\Session\Adapter\Memcache: yes
filled in: yes
