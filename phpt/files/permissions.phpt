--TEST--
A session's file is its owner's alone, whatever the umask says
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
foreach ([0, 022, 077] as $i => $mask) {
    umask($mask);
    $handler = new Seshat\Handler("files://$folder");
    $handler->write("id$i", 'n|i:1;');
    printf("%04o\n", fileperms("$folder/sess_id$i") & 07777);
}
umask(0);
(new Seshat\Handler("files://$folder?mode=0640"))->write('shared', 'n|i:1;');
printf("%04o\n", fileperms("$folder/sess_shared") & 07777);
--EXPECT--
0600
0600
0600
0640
