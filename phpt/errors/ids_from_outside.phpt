--TEST--
An id that could leave its place is refused before it becomes a path or a key
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
    file_put_contents("$face->folder/outside", 'n|i:666;');
    file_put_contents(dirname($face->folder) . '/sess_outside-' . basename($face->folder), 'n|i:666;');
    foreach (['../outside', '../../etc/passwd', 'a/b', '/etc/passwd', 'a.b', 'under_score', 'x_LOCK', 'a:b', '*', str_repeat('x', 257)] as $id) {
        $warnings = [];
        set_error_handler(function (int $level, string $message) use (&$warnings) {
            $warnings[] = $message;
            return true;
        });
        says(substr($id, 0, 20), $face->start($id));
        restore_error_handler();
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_abort();
        }
        says('   warned of the id', (bool) preg_grep('/the session id/', $warnings));
        says('   repeats it', (bool) preg_grep('/' . preg_quote($id, '/') . '/', $warnings));
    }
    says('a good one works afterwards', $face->start('good-1,Z'));
    $_SESSION['n'] = 1;
    says('and stores', session_write_close());
});
--EXPECT--
../outside: no
   warned of the id: yes
   repeats it: no
../../etc/passwd: no
   warned of the id: yes
   repeats it: no
a/b: no
   warned of the id: yes
   repeats it: no
/etc/passwd: no
   warned of the id: yes
   repeats it: no
a.b: no
   warned of the id: yes
   repeats it: no
under_score: no
   warned of the id: yes
   repeats it: no
x_LOCK: no
   warned of the id: yes
   repeats it: no
a:b: no
   warned of the id: yes
   repeats it: no
*: no
   warned of the id: yes
   repeats it: no
xxxxxxxxxxxxxxxxxxxx: no
   warned of the id: yes
   repeats it: no
a good one works afterwards: yes
and stores: yes
