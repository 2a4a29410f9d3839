--TEST--
The constructor takes a DSN, a DSN with options, or options alone, and connects to nothing
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

$folder = Face::scratch();
$handlers = [
    new Seshat\Handler("files://$folder"),
    new Seshat\Handler("files://$folder?locking=1", ['locking' => false]),
    new Seshat\Handler(['dsn' => "files://$folder", 'lock_wait' => '2s']),
    new Seshat\Handler(['store' => 'files', 'path' => $folder, 'lock_expire' => 10]),
    new Seshat\Handler(['store' => 'files', 'path' => $folder], ['lifetime' => 60]),
];
$handlers[0]->write('one', 'n|i:1;');
foreach ($handlers as $handler) {
    echo $handler->read('one'), "\n";
}
// Nobody listens there, and nobody asked yet.
new Seshat\Handler('redis://127.0.0.1:1/0');
new Seshat\Handler("sqlite://$folder/missing/sessions.db");
echo file_exists("$folder/missing") ? 'made a folder' : 'nothing happened', "\n";
--EXPECT--
n|i:1;
n|i:1;
n|i:1;
n|i:1;
n|i:1;
nothing happened
