--TEST--
Adapter\Redis in each of its ways goes on where phpredis stored, and phpredis goes on where it stored
--EXTENSIONS--
igbinary
redis
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

ob_start();
$port = (int) getenv('SESHAT_REDIS_PORT');
$own = basename(Face::scratch()) . ':';
$phpredis = new \Redis();
$phpredis->connect('127.0.0.1', $port);

// Phalcon 3 wrote with phpredis: SET and EXPIRE.
$session = new Redis(['port' => $port, 'prefix' => $own]);
foreach (['user|s:3:"old";', serialize('user|s:3:"old";')] as $stored) {
    $phpredis->set("_PHCR{$own}one", $stored);
    $session->setId('one');
    says('Phalcon 3', [$session->start(), $session->get('user')] === [true, 'old']);
    $session->set('user', 'new');
    session_write_close();
    says('and back', $phpredis->get("_PHCR{$own}one"));
}

// Phalcon 4 and 5 wrote with phpredis's serializer, or Phalcon 3's way without one.
$adapter = new Redis(new AdapterFactory(new SerializerFactory()), ['port' => $port, 'prefix' => $own]);
$manager = (new Manager())->setAdapter($adapter);
$serializing = new \Redis();
$serializing->connect('127.0.0.1', $port);
$serializing->setOption(\Redis::OPT_SERIALIZER, \Redis::SERIALIZER_PHP);
foreach ([$serializing, $phpredis] as $writer) {
    $writer->set("{$own}two", 'user|s:3:"old";');
    says('Phalcon 4 and 5', [$manager->setId('two')->start(), $manager->get('user')] === [true, 'old']);
    $manager->set('user', 'new');
    session_write_close();
    says('and back', $serializing->get("{$own}two"));
}

// Phalcon's first add-on: phpredis's own save handler.
$path = "tcp://127.0.0.1:$port?weight=1&prefix=$own&database=1";
function visitWithPhpredis(callable $work, string $id = 'three'): void
{
    global $path;
    ini_set('session.save_handler', 'redis');
    ini_set('session.save_path', $path);
    session_id($id);
    session_start();
    $work();
    session_write_close();
}
visitWithPhpredis(fn () => $_SESSION['user'] = 'old');
$session = new Redis(['path' => $path, 'uniqueId' => '', 'name' => 'visit', 'lifetime' => 77, 'cookie_lifetime' => '5', 'cookie_secure' => true]);
says('settings', array_map(ini_get(...), ['session.name', 'session.gc_maxlifetime', 'session.cookie_lifetime', 'session.cookie_secure']));
$session->setId('three');
says('phpredis', [$session->start(), $session->get('user')] === [true, 'old']);
$session->set('user', 'new');
session_write_close();
visitWithPhpredis(fn () => says('and back', $_SESSION));

$client = $session->getRedis();
says('a client of the same server and database', [get_class($client), $client === $session->getRedis(), $client->keys("$own*")] === ['Redis', true, ["{$own}three"]]);

// Several servers, of which each has its part of the sessions.
$path = "tcp://127.0.0.1:$port?weight=1&prefix=$own&database=2, tcp://127.0.0.1:$port?weight=3&prefix=$own&database=3";
$ids = ['four', 'five', 'six', 'seven', 'eight', 'nine'];
foreach ($ids as $id) {
    visitWithPhpredis(fn () => $_SESSION['id'] = $id, $id);
}
$session = new Redis(['path' => $path]);
$found = [];
foreach ($ids as $id) {
    $session->setId($id);
    $session->start();
    $found[] = $session->get('id');
    session_write_close();
}
says('several servers', $found === $ids);
try {
    $session->getRedis();
} catch (Phalcon\Session\Exception $e) {
    echo $e->getMessage(), "\n";
}
--EXPECT--
Phalcon 3: yes
and back: 'user|s:3:"new";'
Phalcon 3: yes
and back: 'user|s:3:"new";'
Phalcon 4 and 5: yes
and back: 'user|s:3:"new";'
Phalcon 4 and 5: yes
and back: 'user|s:3:"new";'
settings: array (
  0 => 'visit',
  1 => '77',
  2 => '5',
  3 => '1',
)
phpredis: yes
and back: array (
  'user' => 'new',
)
a client of the same server and database: yes
several servers: yes
getRedis() cannot be a client of several servers; make one for each
