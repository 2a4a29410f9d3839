--TEST--
Adapter\Stream: names, contents and permissions of its files
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; if (!class_exists('Phalcon\\Session\\Manager')) die('skip the family is not there'); ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

use Phalcon\Session\Adapter\Stream;
use Phalcon\Session\Manager;

ob_start();
$folder = Face::scratch();
foreach ([[], ['prefix' => 'app_']] as $more) {
    $adapter = new Stream(['savePath' => $folder] + $more);
    $session = (new Manager())->setAdapter($adapter)->setId('visitor');
    $session->start();
    $session->set('n', 1);
    session_write_close();
    says('reads', $adapter->read('visitor'));
}
foreach (['visitor', 'app_visitor'] as $name) {
    says($name, [file_get_contents("$folder/$name"), sprintf('%04o', fileperms("$folder/$name") & 0777)]);
}
// What was written by the library it replaces is read, and taken over.
file_put_contents("$folder/old", 'n|i:7;');
$adapter = new Stream(['savePath' => "$folder/"]);
says('old', $adapter->read('old'));
says('missing', $adapter->read('missing'));
says('destroys', [$adapter->destroy('old'), $adapter->destroy('old'), file_exists("$folder/old")]);
says('open and close', [$adapter->open('/elsewhere', 'x'), $adapter->close()]);
says('writes', $adapter->write('new', 'n|i:1;') && file_get_contents("$folder/new") === 'n|i:1;');
foreach (['/nowhere/at/all', ''] as $path) {
    try {
        new Stream(['savePath' => $path]);
        echo "accepted\n";
    } catch (Phalcon\Session\Exception $e) {
        echo $e->getMessage(), "\n";
    }
}
--EXPECTF--
reads: 'n|i:1;'
reads: 'n|i:1;'
visitor: array (
  0 => 'n|i:1;',
  1 => '0600',
)
app_visitor: array (
  0 => 'n|i:1;',
  1 => '0600',
)
old: 'n|i:7;'
missing: ''
destroys: array (
  0 => true,
  1 => true,
  2 => false,
)
open and close: array (
  0 => true,
  1 => true,
)
writes: yes
The session save path [/nowhere/at/all] is not writable
%s
