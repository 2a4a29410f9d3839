--TEST--
Adapter\Files: over PHP's own handler, as a handler itself, and in a manager, the same files
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Adapter\\Files')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Files;
use Phalcon\Session\Manager;

ob_start();
$folder = Face::scratch();
ini_set('session.save_path', $folder);
function stored(string $id): string
{
    global $folder;
    return (string) file_get_contents("$folder/sess_$id");
}

// As Phalcon's own tests use it.
$session = new Files();
says('options', $session->getOptions());
$session->setName('visit');
says('name', [$session->getName(), session_name()] === ['visit', 'visit']);
says('starts', [$session->start(), $session->isStarted(), $session->status() === $session::SESSION_ACTIVE, $session->start()]);
$session->set('some', 'write-value');
foreach ([0, false, '', null] as $value) {
    $session->set('falsy', $value);
    says(json_encode($value), [$session->get('falsy', 'default') === $value, $session->has('falsy'), isset($session->falsy)]);
}
says('get and remove', [$session->get('falsy', 1, true), $session->get('falsy', 1), $session->has('falsy')]);
says('missing', [$session->get('missing'), $session->get('missing', 2)]);
$id = $session->getId();
unset($session);
says('the end of the object is the end of the session', session_status() === PHP_SESSION_NONE);
echo stored($id), "\n";

// PHP's files handler alone, then with savePath, then in a manager.
session_id($id);
session_start();
$_SESSION['by'] = ['php'];
session_write_close();
$session = new Files(['savePath' => $folder]);
says('with a save path', $session->start());
$session->by = [...$session->by, 'adapter'];
session_write_close();
$adapter = new Files();
$manager = (new Manager())->setAdapter($adapter);
$manager->start();
$manager->set('by', [...$manager->get('by'), 'manager']);
session_write_close();
echo stored($id), "\n";
says('no lock stays', json_encode(glob("$folder/*")) === json_encode(["$folder/sess_$id"]));

// In PHP's form of the save path, with folders for the first characters of the id.
mkdir("$folder/d");
ini_set('session.save_path', "1;0600;$folder");
$adapter = new Files();
says('writes', [$adapter->write('deep', 'n|i:1;'), file_get_contents("$folder/d/sess_deep"), $adapter->read('deep'), $adapter->destroy('deep')]);
--EXPECT--
options: array (
)
name: yes
starts: array (
  0 => true,
  1 => true,
  2 => true,
  3 => false,
)
0: array (
  0 => true,
  1 => true,
  2 => true,
)
false: array (
  0 => true,
  1 => true,
  2 => true,
)
"": array (
  0 => true,
  1 => true,
  2 => true,
)
null: array (
  0 => true,
  1 => false,
  2 => false,
)
get and remove: array (
  0 => NULL,
  1 => 1,
  2 => false,
)
missing: array (
  0 => NULL,
  1 => 2,
)
the end of the object is the end of the session: yes
some|s:11:"write-value";
with a save path: yes
some|s:11:"write-value";by|a:3:{i:0;s:3:"php";i:1;s:7:"adapter";i:2;s:7:"manager";}
no lock stays: yes
writes: array (
  0 => true,
  1 => 'n|i:1;',
  2 => 'n|i:1;',
  3 => true,
)
