--TEST--
Settings, and connections that are only described
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Bag') || class_exists('MongoClient') || class_exists('Aerospike')) die('skip the family is not there, or the real clients are'); ?>
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/polyfill.inc';

use Phalcon\Config;

$settings = ['session' => ['adapter' => 'memcache', 'options' => ['host' => '127.0.0.1', 'port' => 11211]], 'debug' => false];
$config = new Config($settings);
says('nested', $config->session->options->port);
says('array', $config['session']['adapter']);
says('back', $config->toArray() === $settings && $config->session->toArray() === $settings['session']);
says('newer name', new Config\Config([]) instanceof Config);
says('path', [$config->path('session.options.host'), $config->path('session.nothing', 'none')]);
$config->merge(['session' => ['options' => ['port' => 1]], 'new' => 1]);
says('merged', [$config->session->options->toArray(), $config->new, $config->debug]);

$connection = new Phalcon\Db\Adapter\Pdo\Mysql(['host' => 'localhost', 'username' => 'root', 'password' => 'secret', 'dbname' => 'test']);
says('descriptor', $connection->getDescriptor()['password']);
says('type', [$connection->getType(), (new Phalcon\Db\Adapter\Pdo\Sqlite(['dbname' => ':memory:']))->getType()]);
says('no password is shown', str_contains(print_r($connection, true), 'secret'));

$mongo = new \Mongo('mongodb://user:secret@localhost:27017');
$collection = $mongo->test->session_data;
says('collection', [(string) $collection, $collection->getName(), (string) $collection->db]);
says('server', $collection->getDescriptor());
says('no server is shown', str_contains(print_r($collection, true), 'secret'));
says('client', $mongo instanceof MongoClient && $mongo->selectCollection('a', 'b') == $mongo->selectDB('a')->selectCollection('b'));
says('options', [\Aerospike::OPT_CONNECT_TIMEOUT => 1250, \Aerospike::OPT_WRITE_TIMEOUT => 1500]);
--EXPECT--
nested: 11211
array: 'memcache'
back: yes
newer name: yes
path: array (
  0 => '127.0.0.1',
  1 => 'none',
)
merged: array (
  0 => 
  array (
    'host' => '127.0.0.1',
    'port' => 1,
  ),
  1 => 1,
  2 => false,
)
descriptor: 'secret'
type: array (
  0 => 'mysql',
  1 => 'sqlite',
)
no password is shown: no
collection: array (
  0 => 'test.session_data',
  1 => 'session_data',
  2 => 'test',
)
server: array (
  'server' => 'mongodb://user:secret@localhost:27017',
  'options' => 
  array (
  ),
  'db' => 'test',
  'collection' => 'session_data',
)
no server is shown: no
client: yes
options: array (
  1 => 1250,
  3 => 1500,
)
