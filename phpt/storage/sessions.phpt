--TEST--
Session adapters over storages: a child of the factory, services of one's own, an adapter over any storage
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Storage\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/storage.inc';
require __DIR__ . '/../include/redis.inc';

use Phalcon\Session\Adapter\AbstractAdapter;
use Phalcon\Session\Adapter\Redis;
use Phalcon\Session\Manager;
use Phalcon\Storage\AdapterFactory;
use Phalcon\Storage\SerializerFactory;

ob_start();
set_error_handler(fn (int $level, string $message) => print("told: $message\n"));
final class Child extends AdapterFactory
{
}
final class Own
{
    public function newInstance(string $name, array $options): object
    {
        unset($options['host'], $options['port']);
        return (new AdapterFactory(new SerializerFactory()))->newInstance('memory', $options);
    }
}
/** As people write one over a storage. */
final class Adapter extends AbstractAdapter
{
    public function __construct(AdapterFactory $factory, array $options)
    {
        $this->adapter = $factory->newInstance('stream', $options);
    }
}
$server = new RawRedis();
$options = storage_options('redis');
$serializers = new SerializerFactory();
$own = ['storageDir' => Face::scratch()];
foreach ([
    'ours' => new Redis(new AdapterFactory($serializers), $options),
    'ours, the service named' => new Redis(new AdapterFactory($serializers, ['redis' => Phalcon\Storage\Adapter\Redis::class]), $options),
    'a child' => new Redis(new Child($serializers), $options),
    'a service of one\'s own' => new Redis(new AdapterFactory($serializers, ['redis' => Phalcon\Storage\Adapter\Memory::class]), $options),
    'a factory of one\'s own' => new Redis(new Own(), $options),
    'an adapter of one\'s own' => new Adapter(new AdapterFactory($serializers), $own),
] as $what => $adapter) {
    $id = 'id' . bin2hex(random_bytes(8));
    $session = (new Manager())->setAdapter($adapter)->setId($id);
    $locked = null;
    echo "$what\n";
    shows('starts', $session->start());
    $session->set('n', 1);
    if (str_starts_with($what, 'ours') || $what === 'a child') {
        shows('locked', $server->ask('EXISTS', $options['prefix'] . $id . '-lock') === 1);
    }
    session_write_close();
    shows('reads', [$adapter->read($id), $adapter->read('none'), $adapter->validateId($id), $adapter->validateId('none')]);
    shows('at the server', $server->ask('GET', $options['prefix'] . $id));
    shows('again', [$session->start(), $session->get('n')]);
    session_write_close();
    shows('writes', [$adapter->write($id, ''), $adapter->read($id), $adapter->updateTimestamp($id, 'n|i:2;'), $adapter->gc(1) !== false]);
    shows('destroys', [$adapter->destroy($id), $adapter->read($id), $adapter->destroy($id)]);
    $server->ask('DEL', $options['prefix'] . $id);
}
// An id that begins like the prefix is another one than the rest of it.
foreach (['ours' => new AdapterFactory($serializers), 'a child' => new Child($serializers)] as $what => $factory) {
    $adapter = new Redis($factory, $options);
    $adapter->write('short', 'a|i:1;');
    $adapter->write($options['prefix'] . 'short', 'b|i:2;');
    shows($what, [$adapter->read('short'), $adapter->read($options['prefix'] . 'short')]);
    shows('gone', [$adapter->destroy($options['prefix'] . 'short'), $adapter->read('short'), $adapter->destroy('short')]);
}
--EXPECT--
ours
starts: yes
locked: yes
reads: ["n|i:1;","",true,false]
at the server: "s:6:\"n|i:1;\";"
again: [true,1]
writes: [true,"",true,true]
destroys: [true,"",true]
ours, the service named
starts: yes
locked: yes
reads: ["n|i:1;","",true,false]
at the server: "s:6:\"n|i:1;\";"
again: [true,1]
writes: [true,"",true,true]
destroys: [true,"",true]
a child
starts: yes
locked: no
reads: ["n|i:1;","",true,false]
at the server: "s:6:\"n|i:1;\";"
again: [true,1]
writes: [true,"",true,true]
destroys: [true,"",true]
a service of one's own
starts: yes
reads: ["n|i:1;","",true,false]
at the server: null
again: [true,1]
writes: [true,"",true,true]
destroys: [true,"",true]
a factory of one's own
starts: yes
reads: ["n|i:1;","",true,false]
at the server: null
again: [true,1]
writes: [true,"",true,true]
destroys: [true,"",true]
an adapter of one's own
starts: yes
reads: ["n|i:1;","",true,false]
at the server: null
again: [true,1]
writes: [true,"",true,true]
destroys: [true,"",true]
ours: ["a|i:1;","b|i:2;"]
gone: [true,"a|i:1;",true]
a child: ["a|i:1;","b|i:2;"]
gone: [true,"a|i:1;",true]
