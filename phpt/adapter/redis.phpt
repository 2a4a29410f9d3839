--TEST--
Adapter\Redis: keys, values and lifetimes as Phalcon 4 stores them
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Redis;
use Phalcon\Session\Manager;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

require __DIR__ . '/../include/redis.inc';
ob_start();
$server = new RawRedis();
$factory = new AdapterFactory(new SerializerFactory());
$options = ['host' => '127.0.0.1', 'port' => (int) getenv('SESHAT_REDIS_PORT'), 'index' => 1];
$id = 'id' . bin2hex(random_bytes(8));
$server->ask('SELECT', '1');
foreach ([[], ['prefix' => 'app-', 'lifetime' => 120]] as $more) {
    $adapter = new Redis($factory, $options + $more);
    $session = (new Manager())->setAdapter($adapter)->setId($id);
    says('starts', $session->start());
    $session->set('n', 1);
    session_write_close();
    $key = ($more['prefix'] ?? 'sess-reds-') . $id;
    says('stored', $server->ask('GET', $key));
    $ttl = $server->ask('TTL', $key);
    says('lives for its lifetime', $ttl <= ($more['lifetime'] ?? 3600) && $ttl > ($more['lifetime'] ?? 3600) - 30);
    says('reads', $adapter->read($id));
    // Others wrote it without the wrapping.
    $server->ask('SET', $key, 'n|i:2;');
    says('reads what is bare', $adapter->read($id));
    says('destroys', [$adapter->destroy($id), $server->ask('EXISTS', $key), $adapter->destroy($id)]);
    says('reads nothing', $adapter->read($id));
    says('writes', $adapter->write($id, '') && $server->ask('GET', $key) === 's:0:"";');
    says('gc', $adapter->gc(1) !== false);
    $server->ask('DEL', $key);
}
--EXPECT--
starts: yes
stored: 's:6:"n|i:1;";'
lives for its lifetime: yes
reads: 'n|i:1;'
reads what is bare: 'n|i:2;'
destroys: array (
  0 => true,
  1 => 0,
  2 => true,
)
reads nothing: ''
writes: yes
gc: yes
starts: yes
stored: 's:6:"n|i:1;";'
lives for its lifetime: yes
reads: 'n|i:1;'
reads what is bare: 'n|i:2;'
destroys: array (
  0 => true,
  1 => 0,
  2 => true,
)
reads nothing: ''
writes: yes
gc: yes
