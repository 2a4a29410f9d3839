--TEST--
Adapter\Mongo and the manager's Incubator\...\Mongo: a DSN, options, a described collection
--EXTENSIONS--
mongodb
--SKIPIF--
<?php require __DIR__ . '/../include/skip-without-mongodb.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Mongo')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';
require __DIR__ . '/../include/mongodb.inc';

use Phalcon\Incubator\Session\Adapter\Mongo as AddOn;
use Phalcon\Session\Adapter\Mongo;
use Phalcon\Session\Manager;

/** What the polyfill's collection says of itself. */
final class Described
{
    public function __construct(private string $server, private string $name)
    {
    }

    public function getDescriptor(): array
    {
        return ['server' => $this->server, 'options' => ['connect' => false], 'db' => 'test', 'collection' => $this->name];
    }
}

ob_start();
$name = 'adapter_' . bin2hex(random_bytes(6));
$port = (int) getenv('SESHAT_MONGODB_PORT');
$collection = new Collection(mongodb(), 'test', $name);
$ways = [
    'a DSN' => "mongodb://127.0.0.1:$port/test?collection=$name",
    'options' => ['host' => '127.0.0.1', 'port' => $port, 'database' => 'test', 'collection' => $name],
    'described' => new Described("mongodb://127.0.0.1:$port", $name),
    'without a scheme' => new Described("127.0.0.1:$port", $name),
];
foreach ($ways as $way => $place) {
    echo "-- $way\n";
    $id = 'id' . bin2hex(random_bytes(8));
    $session = new Mongo(['collection' => $place, 'uniqueId' => 'app', 'lifetime' => 100]);
    session_id($id);
    says('starts', $session->start());
    $session->set('n', 1);
    session_write_close();
    says('reads', $session->read($id));
    $stored = $collection->findOne(['_id' => $id], ['typeMap' => ['root' => 'array']]);
    says('data', $stored['data']);
    $lives = (string) $stored['expires_at'] - (string) $stored['modified'];
    says('dates', $lives === 100_000 && abs((string) $stored['modified'] / 1000 - time()) < 60);
    says('no lock is left', !isset($stored['lock']));
    says('bytes', [$session->write($id, "\xff\0"), $session->read($id) === "\xff\0"]);
    says('destroys', [$session->destroy($id), $session->destroy($id), $session->read($id)]);
    unset($session);
    $manager = (new Manager())->setAdapter(new AddOn($place))->setId($id);
    says('the manager starts', $manager->start());
    $manager->set('n', 2);
    session_write_close();
    says('reads', (new AddOn(['collection' => $place]))->read($id));
}
--EXPECT--
-- a DSN
starts: yes
reads: 'app#n|i:1;'
data: 'app#n|i:1;'
dates: yes
no lock is left: yes
bytes: array (
  0 => true,
  1 => true,
)
destroys: array (
  0 => true,
  1 => true,
  2 => '',
)
the manager starts: yes
reads: 'n|i:2;'
-- options
starts: yes
reads: 'app#n|i:1;'
data: 'app#n|i:1;'
dates: yes
no lock is left: yes
bytes: array (
  0 => true,
  1 => true,
)
destroys: array (
  0 => true,
  1 => true,
  2 => '',
)
the manager starts: yes
reads: 'n|i:2;'
-- described
starts: yes
reads: 'app#n|i:1;'
data: 'app#n|i:1;'
dates: yes
no lock is left: yes
bytes: array (
  0 => true,
  1 => true,
)
destroys: array (
  0 => true,
  1 => true,
  2 => '',
)
the manager starts: yes
reads: 'n|i:2;'
-- without a scheme
starts: yes
reads: 'app#n|i:1;'
data: 'app#n|i:1;'
dates: yes
no lock is left: yes
bytes: array (
  0 => true,
  1 => true,
)
destroys: array (
  0 => true,
  1 => true,
  2 => '',
)
the manager starts: yes
reads: 'n|i:2;'
