--TEST--
Adapter\Stream::gc() removes what is old and its own, and nothing else
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

$folder = Face::scratch();
$adapter = new Stream(['savePath' => $folder, 'prefix' => 'app_']);
foreach (['app_old', 'app_new', 'other_old'] as $name) {
    file_put_contents("$folder/$name", 'n|i:1;');
}
mkdir("$folder/app_folder");
foreach (['app_old', 'other_old', 'app_folder'] as $name) {
    touch("$folder/$name", time() - 10_000);
}
says('collects', $adapter->gc(1440) !== false);
// The lock file stays, for those who hold it.
echo implode(' ', preg_grep('/^\./', scandir($folder), PREG_GREP_INVERT)), "\n";
--EXPECT--
collects: yes
app_folder app_new other_old
