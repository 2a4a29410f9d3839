--TEST--
Adapter\Mongo over an object of the application's with the methods of MongoDB\Collection
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

use MongoDB\BSON\UTCDateTime;
use Phalcon\Incubator\Session\Adapter\Mongo as AddOn;
use Phalcon\Session\Adapter\Mongo;

/** The server refuses, and says whose session it was. */
final class Refusing extends Collection
{
    public function updateOne($filter, $update, array $options = []): MongoDB\Driver\WriteResult
    {
        throw new RuntimeException('no ' . $filter['_id'] . ' ' . json_encode($update), 13);
    }
}

ob_start();
foreach ([OlderCollection::class, Collection::class] as $class) {
    echo "-- $class\n";
    $name = 'object_' . bin2hex(random_bytes(6));
    $collection = new $class(mongodb(), 'test', $name);
    $session = new Mongo(['collection' => $collection]);
    $id = 'id' . bin2hex(random_bytes(8));
    says('nothing is asked', $collection->called());
    session_id($id);
    says('starts', $session->start());
    $session->set('n', 1);
    says('locked', isset($collection->findOne(['_id' => $id], ['typeMap' => ['root' => 'array']])['lock']));
    session_write_close();
    $collection->called();
    session_start();
    $_SESSION['n']++;
    session_write_close();
    says('changed', $collection->called());
    session_start();
    session_write_close();
    says('unchanged', $collection->called());
    $stored = $collection->findOne(['_id' => $id], ['typeMap' => ['root' => 'array']]);
    ksort($stored);
    says('fields', implode(' ', array_keys($stored)));
    says('data', $stored['data']);
    // What the adapters of the incubator stored.
    $collection->insertOne(['_id' => 'ofThreeFour', 'modified' => new UTCDateTime(time()), 'data' => 'a|i:1;']);
    $collection->insertOne(['_id' => 'ofTheAddOn', 'modified' => null, 'data' => 'a|i:2;']);
    $collection->insertOne(['_id' => 'old', 'modified' => new UTCDateTime(time() - 5000), 'data' => 'a|i:3;']);
    says('reads', [$session->read('ofThreeFour'), $session->read('ofTheAddOn'), $session->read('old')]);
    says('bytes', [$session->write('b', "\xff\0"), $session->read('b') === "\xff\0"]);
    says('gc', $session->gc(1440));
    says('old is gone', $collection->findOne(['_id' => 'old']) === null);
    session_id($id);
    session_start();
    says('destroys', [$session->destroy(), $collection->findOne(['_id' => $id])]);
    $add_on = new AddOn($collection);
    says('same data twice is no failure', [$add_on->write('x', 'y'), $add_on->write('x', 'y')]);
    says('nor is to destroy nothing', $add_on->destroy('nobody'));
    unset($session, $add_on);
}
$refusing = new Mongo(['collection' => new Refusing(mongodb(), 'test', 'refused')]);
try {
    $refusing->write('secretid', 'a|s:6:"secret";');
} catch (Phalcon\Session\Exception $e) {
    echo $e->getMessage(), "\n";
}
foreach ([null, 5, new stdClass(), 'redis://127.0.0.1', ['dsn' => 'sqlite::memory:'], 'mongodb://u:secret@h/?colection=a'] as $wrong) {
    try {
        new Mongo(['collection' => $wrong]);
        echo "taken\n";
    } catch (Phalcon\Session\Exception $e) {
        echo $e->getMessage(), "\n";
    }
}
--EXPECT--
-- OlderCollection
nothing is asked: ''
starts: yes
locked: yes
changed: 'updateOne findOne updateOne'
unchanged: 'updateOne findOne updateOne updateOne'
fields: '_id data expires_at modified'
data: 'n|i:2;'
reads: array (
  0 => 'a|i:1;',
  1 => 'a|i:2;',
  2 => '',
)
bytes: array (
  0 => true,
  1 => true,
)
gc: 1
old is gone: yes
destroys: array (
  0 => true,
  1 => NULL,
)
same data twice is no failure: array (
  0 => true,
  1 => true,
)
nor is to destroy nothing: yes
-- Collection
nothing is asked: ''
starts: yes
locked: yes
changed: 'findOneAndUpdate updateOne'
unchanged: 'findOneAndUpdate updateOne updateOne'
fields: '_id data expires_at modified'
data: 'n|i:2;'
reads: array (
  0 => 'a|i:1;',
  1 => 'a|i:2;',
  2 => '',
)
bytes: array (
  0 => true,
  1 => true,
)
gc: 1
old is gone: yes
destroys: array (
  0 => true,
  1 => NULL,
)
same data twice is no failure: array (
  0 => true,
  1 => true,
)
nor is to destroy nothing: yes
mongodb write at test.refused: the user may not do this on that collection; it needs the role readWrite
The parameter 'collection' is required
The parameter 'collection' must be a MongoDB\Collection object, a DSN that begins with mongodb:, or an array of options; int given
The parameter 'collection' must be a MongoDB\Collection object, a DSN that begins with mongodb:, or an array of options; stdClass given
The parameter 'collection' names no MongoDB: a DSN begins with mongodb:// or mongodb+srv://
The parameter 'collection' names no MongoDB: a DSN begins with mongodb:// or mongodb+srv://
unknown option "colection"; did you mean "collection"?
