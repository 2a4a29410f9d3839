--TEST--
open_basedir holds for sessions too
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::role('inside', function (Face $face) {
    tell($face->start('visitor') ? 'starts' : 'does not start');
});
Face::role('outside', function (Face $face) {
    ini_set('open_basedir', $face->folder . '/allowed:' . dirname(__DIR__));
    // From here on the folder is out of bounds; it may have been opened before.
    try {
        $dsn = "$face->store://$face->folder/forbidden" . ($face->store === 'sqlite' ? '.db' : '');
        $handler = new Seshat\Handler($dsn);
        $handler->write('visitor', 'n|i:1;');
        tell('written');
    } catch (Seshat\Exception $e) {
        tell(str_contains($e->getMessage(), 'open_basedir') ? 'refused' : $e->getMessage());
    }
});
Face::role('tightened', function (Face $face) {
    $face->start('visitor');
    session_write_close();
    $kept = $face->handler();
    unset($kept);
    ini_set('open_basedir', $face->folder . '/allowed:' . dirname(__DIR__));
    tell(@$face->start('visitor') ? 'starts' : 'does not start');
    try {
        $face->handler();
        tell('made');
    } catch (Seshat\Exception) {
        tell('not made');
    }
});
Face::main(function (Face $face) {
    mkdir("$face->folder/allowed");
    mkdir("$face->folder/forbidden");
    echo $face->run('inside');
    echo $face->run('outside');
    echo $face->run('tightened');
    says('nothing was made', glob("$face->folder/forbidden*/*") === [] && !file_exists("$face->folder/forbidden.db"));
}, ['files', 'sqlite'], ['native']);
--EXPECT--
starts
refused
does not start
not made
nothing was made: yes
