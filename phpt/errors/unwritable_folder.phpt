--TEST--
A folder that may not be written to
--EXTENSIONS--
posix
--SKIPIF--
<?php require __DIR__ . '/../include/skip-reference.inc'; ?>
--INI--
session.use_cookies=0
session.cache_limiter=
session.gc_probability=0
--FILE--
<?php
require __DIR__ . '/../include/face.inc';

// Root may write everywhere, so that the work is done by somebody who may not.
Face::role('try', function (Face $face, string $dsn) {
    if (posix_geteuid() === 0) {
        posix_setgid(65534);
        posix_setuid(65534);
    }
    $warnings = [];
    set_error_handler(function (int $level, string $message) use (&$warnings) {
        $warnings[] = $message;
        return true;
    });
    try {
        $face->way === 'class'
            ? session_set_save_handler(new Seshat\Handler($dsn), true)
            : ini_set('session.save_path', $dsn);
        $face->start('visitor');
        $_SESSION['n'] = 1;
        session_write_close();
    } catch (Seshat\Exception $e) {
        $warnings[] = $e->getMessage();
    }
    tell($warnings === [] ? 'worked' : 'failed');
    tell(preg_grep("~$face->store .*locked-folder.*: ~", $warnings) ? 'and says where' : implode("\n", $warnings));
});
Face::main(function (Face $face) {
    $folder = sys_get_temp_dir() . '/' . basename($face->folder) . '-' . getmypid() . '-locked-folder';
    mkdir($folder);
    chmod($folder, 0555);
    echo $face->run('try', "$face->store://$folder" . ($face->store === 'sqlite' ? '/sessions.db' : ''));
    says('empty', scandir($folder) === ['.', '..']);
    rmdir($folder);
}, ['files', 'sqlite']);
--EXPECT--
failed
and says where
empty: yes
