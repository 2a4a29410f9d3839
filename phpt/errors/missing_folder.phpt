--TEST--
A folder that is not there, or is a file
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

Face::main(function (Face $face) {
    file_put_contents("$face->folder/file", '');
    foreach (['missing/deeper', 'file'] as $name) {
        $dsn = "$face->store://$face->folder/$name" . ($face->store === 'sqlite' ? '/sessions.db' : '');
        $warnings = [];
        set_error_handler(function (int $level, string $message) use (&$warnings) {
            $warnings[] = $message;
            return true;
        });
        try {
            $face->way === 'class'
                ? session_set_save_handler(new Seshat\Handler($dsn), true)
                : ini_set('session.save_path', $dsn);
            says($name, $face->start('visitor') && session_write_close() && $warnings === []);
        } catch (Seshat\Exception $e) {
            $warnings[] = $e->getMessage();
            says($name, false);
        }
        says('   says where', (bool) preg_grep("~$face->store.*$name~", $warnings));
        restore_error_handler();
    }
}, ['files', 'sqlite']);
--EXPECT--
missing/deeper: no
   says where: yes
file: no
   says where: yes
