--TEST--
What Phalcon 4's own tests ask of the manager and its adapters, and its known mistakes, put right
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-redis.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Redis')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\{Noop, Redis, Stream};
use Phalcon\Session\Manager;
use Phalcon\Storage\{AdapterFactory, SerializerFactory};

ob_start();
$folder = Face::scratch();
$elsewhere = Face::scratch();
ini_set('session.save_path', $elsewhere);
$factory = new AdapterFactory(new SerializerFactory());
$options = ['host' => '127.0.0.1', 'port' => (int) getenv('SESHAT_REDIS_PORT'), 'prefix' => 'p' . bin2hex(random_bytes(8)) . '-'];
$adapters = ['Noop' => new Noop(), 'Stream' => new Stream(['savePath' => $folder]), 'Redis' => new Redis($factory, $options)];

foreach ($adapters as $name => $adapter) {
    echo "-- $name\n";
    $keeps = $name !== 'Noop';
    $session = new Manager(['uniqueId' => 'aaa']);
    $session->setAdapter($adapter);
    says('the adapter', $session->getAdapter() === $adapter);
    $states = [$session->status()];
    $session->start();
    $states[] = $session->status();
    says('exists', $session->exists());
    $_SESSION['test1'] = 'outside';
    $session->set('test1', 'inside');
    says('entries', $_SESSION === ['test1' => 'outside', 'aaa#test1' => 'inside']);
    $id = $session->getId();
    $session->regenerateId(true);
    says('another id, the same values', $session->getId() !== $id && $session->get('test1') === 'inside');
    says('the old record is gone', $adapter->read($id));
    // Two requests, the second of which knows the new id alone.
    $new = $session->getId();
    session_write_close();
    says('reopened', $session->start() && $session->getId() === $new && $session->has('test1') === $keeps);
    // PHP's own call of the handler, which ends another session's record, leaves this one's values.
    $session->set('kept', 1);
    $adapter->destroy('other');
    says('values stay', $session->get('kept'));
    $session->destroy();
    $states[] = $session->status();
    says('destroyed', [$session->exists(), $_SESSION, $adapter->read($new)] === [false, [], '']);
    says('states', $states);
}
$stored = array_map(basename(...), array_filter(glob("$folder/*"), is_file(...)));
says('nothing is left', $stored);

echo "-- where it was said, not where php.ini says\n";
$adapters['Stream']->open($elsewhere, 'PHPSESSID');
$adapters['Stream']->write('visitor', 'a|i:1;');
says('file', [is_file("$folder/visitor"), glob("$elsewhere/*")]);

echo "-- a storage with the same prefix reads what the adapter wrote\n";
$adapters['Redis']->write('visitor', 'a|i:1;');
says('storage', $factory->newInstance('redis', $options)->get('visitor'));
$adapters['Redis']->destroy('visitor');
$untouched = new Redis($factory, ['port' => 1] + $options);
says('nothing connects before it is used', $untouched->open('', '') && $untouched->close());

echo "-- the manager\n";
$session = new Manager(['uniqueId' => 'a']);
says('name of php.ini', $session->getName());
says('container', [$session->getDI(), $session->setDI($di = new ArrayObject()), $session->getDI() === $di]);
$session->setOptions(['other' => 1]);
says('options', $session->getOptions());
$session->setAdapter(new Noop())->start();
$session->set('null', null);
$session->set('taken', 'once');
says('null', [$session->has('null'), $session->get('null', 'default'), isset($session->null)]);
says('taken', [$session->get('taken', null, true), $session->get('taken', 'default', true)]);
$session->list = [1];
$list = $session->list;
$list[] = 2;
says('by value', $session->list);
$session->destroy();
$session->destroy();
says('ended', [$session->get('taken', 'default'), $session->has('taken'), $session->regenerateId() === $session]);
--EXPECT--
-- Noop
the adapter: yes
exists: yes
entries: yes
another id, the same values: yes
the old record is gone: ''
reopened: yes
values stay: 1
destroyed: yes
states: array (
  0 => 1,
  1 => 2,
  2 => 1,
)
-- Stream
the adapter: yes
exists: yes
entries: yes
another id, the same values: yes
the old record is gone: ''
reopened: yes
values stay: 1
destroyed: yes
states: array (
  0 => 1,
  1 => 2,
  2 => 1,
)
-- Redis
the adapter: yes
exists: yes
entries: yes
another id, the same values: yes
the old record is gone: ''
reopened: yes
values stay: 1
destroyed: yes
states: array (
  0 => 1,
  1 => 2,
  2 => 1,
)
nothing is left: array (
)
-- where it was said, not where php.ini says
file: array (
  0 => true,
  1 => 
  array (
  ),
)
-- a storage with the same prefix reads what the adapter wrote
storage: 'a|i:1;'
nothing connects before it is used: yes
-- the manager
name of php.ini: 'PHPSESSID'
container: array (
  0 => NULL,
  1 => NULL,
  2 => true,
)
options: array (
  'other' => 1,
)
null: array (
  0 => false,
  1 => NULL,
  2 => false,
)
taken: array (
  0 => 'once',
  1 => 'default',
)
by value: array (
  0 => 1,
)
ended: array (
  0 => NULL,
  1 => false,
  2 => true,
)
